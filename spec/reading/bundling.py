"""`$ref`s to other files: their documents move into the contract, so that one document is left.

Other files are mounted under `#/x-bundled/FILE` and every `$ref` is rewritten to a local one.
Whatever reads the contract afterwards (validators, Schemathesis, a browser) needs one document.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote, urljoin, urlsplit

from spec.model.errors import ContractError, Place
from spec.model.pointers import escape
from spec.reading.documents import decoded, read_file, read_text
from spec.reading.limits import MAX_BYTES
from spec.reading.nodes import Node
from spec.reading.structure import objects

__all__ = ["Bundle", "bundle"]

MOUNT = "x-bundled"
REMOTE_TIMEOUT = 10.0


@dataclass(slots=True, kw_only=True)
class Bundle:
    """The one document, and the files that went into it."""

    root: Node
    files: tuple[Path, ...] = ()


def bundle(path: Path, name: str, remote_refs: tuple[str, ...] = ()) -> Bundle:
    """Read a contract with everything that it refers to.

    Args:
        path: the contract.
        name: how messages call it.
        remote_refs: the URLs that may be fetched, each of them whole.

    Raises:
        ContractError: a file cannot be read, lies outside the contract's folder, or is a URL
            that was not named.
    """
    bundler = _Bundler(folder=path.resolve().parent, remote_refs=remote_refs)
    root = read_file(path, name)
    if not isinstance(root.value, dict):
        raise ContractError(
            f"an OpenAPI document is a mapping, not {_kind(root)}",
            place=root.place,
            remedy="begin with `openapi: 3.0.3`",
        )
    bundler.home[path.resolve().as_posix()] = "#"
    bundler.localise(root, path.resolve().as_posix(), "#")
    if bundler.mounted:
        root = root.with_child(MOUNT, Node(bundler.mounted, name, 0), line=0)
    return Bundle(root=root, files=(path, *bundler.files))


def _kind(node: Node) -> str:
    return {list: "a list", str: "text", type(None): "nothing"}.get(type(node.value), "a scalar")


@dataclass(slots=True, kw_only=True)
class _Bundler:
    folder: Path
    remote_refs: tuple[str, ...]
    home: dict[str, str] = field(default_factory=dict)
    mounted: dict[str, Node] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)

    def localise(self, root: Node, base: str, prefix: str) -> None:
        """Rewrite every reference of a document that was just read, reading what it names."""
        everything = [node for _, node in objects(root)]
        own = _ids(everything)
        for reference in references(everything):
            target = str(reference.value)
            file, _, fragment = target.partition("#")
            if file in own:
                continue
            here = prefix if not file else self._mount(file, base, reference.place)
            anchored = fragment and not unquote(fragment).startswith("/")
            reference.value = target if anchored and here == "#" else here + fragment

    def _mount(self, file: str, base: str, place: Place) -> str:
        """Where a document stands in the bundle; it is read at its first mention."""
        source = self._source(file, base, place)
        if source not in self.home:
            name = self._name(source)
            self.home[source] = f"#/{MOUNT}/{quote(escape(name))}"
            document = self._read(source, name)
            self.mounted[name] = document
            self.localise(document, source, self.home[source])
        return self.home[source]

    def _source(self, file: str, base: str, place: Place) -> str:
        if urlsplit(file).scheme:
            source = file
        elif urlsplit(base).scheme in {"http", "https"}:
            source = urljoin(base, file)
        else:
            return self._inside(unquote(file), base, place)
        if source not in self.remote_refs:
            raise ContractError(
                f"$ref to the URL {source} is refused",
                place=place,
                remedy=f"copy it beside the contract, or: mock-server --remote-ref {source}",
            )
        return source

    def _inside(self, file: str, base: str, place: Place) -> str:
        path = (Path(base).parent / file).resolve()
        if not path.is_relative_to(self.folder):
            raise ContractError(
                f"$ref to {file} leads out of the contract's folder",
                place=place,
                remedy=f"keep what the contract refers to below {self.folder.name}/",
            )
        if not path.is_file():
            raise ContractError(
                f"$ref to {file}: there is no such file", place=place, remedy="correct the path"
            )
        return path.as_posix()

    def _name(self, source: str) -> str:
        if urlsplit(source).scheme in {"http", "https"}:
            return source
        return PurePosixPath(source).relative_to(self.folder.as_posix()).as_posix()

    def _read(self, source: str, name: str) -> Node:
        if name == source:
            return read_text(_fetched(source), source)
        self.files.append(Path(source))
        return read_file(Path(source), name)


def _fetched(url: str) -> str:
    import urllib.request

    place = Place(file=url, line=0)
    if urlsplit(url).scheme not in {"http", "https"}:
        raise ContractError(f"{url} is no http URL", remedy="only http and https are fetched")
    try:
        with urllib.request.urlopen(url, timeout=REMOTE_TIMEOUT) as answer:
            data: bytes = answer.read(MAX_BYTES + 1)
    except OSError as error:
        raise ContractError(f"cannot fetch it: {error}", place=place) from None
    if len(data) > MAX_BYTES:
        raise ContractError(f"the document is larger than {MAX_BYTES} bytes", place=place)
    return decoded(data, url)


def references(nodes: list[Node]) -> Iterator[Node]:
    """The scalar of each object's `$ref`."""
    for node in nodes:
        reference = node.child("$ref")
        if reference is not None and isinstance(reference.value, str):
            yield reference


def _ids(nodes: list[Node]) -> frozenset[str]:
    """What the schemas of a document call themselves (`$id`, OpenAPI 3.1): no file, no URL."""
    found = (node.child("$id") for node in nodes)
    return frozenset(str(one.value) for one in found if one is not None)
