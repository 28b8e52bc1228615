"""`make corpus-packages`: the corpus of packages that anyone can install, as a table.

Nothing of a package is run: npm packs archives, pip downloads wheels, and both are only unpacked.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tests.corpus.answers import Tally, documents
from tests.corpus.table import columns, line, of_document, title

_LIST = Path(__file__).with_name("packages.txt")
_LONGEST_DOWNLOAD = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package at one version. Of its documents every `step`th that ends so is taken."""

    registry: str
    name: str
    version: str
    step: int = 1
    end: str = ""

    def documents(self, folder: Path) -> Iterator[Path]:
        """Those that are taken, of a folder with all its files."""
        fitting = (one for one in documents(folder) if one.as_posix().endswith(self.end))
        yield from islice(fitting, 0, None, self.step)

    def unpacked(self, below: Path) -> Path:
        """The folder with its files, which is made where there is none."""
        folder = below / f"{self.name.strip('@').replace('/', '-')}-{self.version}"
        if not folder.exists():
            archive = self._archive(below / "archives")
            partial = folder.with_name(f"{folder.name}.partial")
            if archive.suffix == ".tgz":
                with tarfile.open(archive) as packed:
                    packed.extractall(partial, filter="data")
            else:
                with zipfile.ZipFile(archive) as packed_files:
                    packed_files.extractall(partial)
            partial.rename(folder)
        return folder

    def _archive(self, folder: Path) -> Path:
        own = folder / f"{self.registry}-{self.name.replace('/', '-')}-{self.version}"
        own.mkdir(parents=True, exist_ok=True)
        if not any(own.iterdir()):
            self._download(own)
        return next(one for one in own.iterdir() if one.suffix in (".tgz", ".whl"))

    def _download(self, folder: Path) -> None:
        if self.registry == "npm":
            command = ["npm", "pack", "--silent", f"{self.name}@{self.version}"]
        else:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            command += ["--disable-pip-version-check", "--only-binary", ":all:"]
            command += [f"{self.name}=={self.version}"]
        subprocess.run(command, cwd=folder, check=True, timeout=_LONGEST_DOWNLOAD)


def packages(text: str) -> Iterator[Package]:
    """The packages of a list: a registry, a name, a version, and perhaps which documents."""
    for written in text.splitlines():
        if not written.strip() or written.startswith("#"):
            continue
        registry, name, version, *which = written.split()
        taken = which[0].removeprefix("/") if which else "1"
        yield Package(
            registry=registry,
            name=name,
            version=version,
            step=int(taken) if taken.isdigit() else 1,
            end="" if taken.isdigit() else which[0],
        )


def main(given: Sequence[str] | None = None) -> int:
    """Print what is wrong, and a row for each package; the status is 1 where anything is wrong."""
    parser = argparse.ArgumentParser(prog="make corpus-packages", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/corpus"))
    parser.add_argument("--list", type=Path, default=_LIST)
    arguments = parser.parse_args(given)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    rows, total, served = [title("package")], Tally(), 0
    for package in packages(arguments.list.read_text()):
        try:
            folder = package.unpacked(arguments.folder.resolve())
        except (OSError, subprocess.SubprocessError, StopIteration) as error:
            print(f"not to be had: {package.name} {package.version}: {error}", flush=True)
            continue
        tally, count = Tally(), 0
        for file in package.documents(folder):
            found = of_document(file, folder)
            count += bool(found.operations)
            tally.add(found)
        rows.append(line(f"{package.name} {package.version}", columns(count, tally)))
        print(rows[-1], flush=True)
        served += count
        total.add(tally)
    print("", *rows, line("all", columns(served, total)), sep="\n")
    return 1 if total.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
