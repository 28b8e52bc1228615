"""Our packages under names that a repository may use as well: `spec`, `mock_server`, `conformance`.

A wheel holds this file as the top-level module `insforge_contract`, whose name is
ours alone. The console scripts, the pytest plugins and every child process begin here, so that a
folder with a `mock_server.py` or a `spec/` of its own neither stops nor changes them.

In a process of ours (`run`) the three names mean our packages, whatever the path says first. In
somebody else's process (pytest) the names stay theirs: where one of them is taken, ours is loaded
as `insforge_contract.NAME`, and the imports inside our code, and only those, lead there.

Nothing of our packages is imported at the top, and only the standard library: all this must run
before any of the names is decided. Run as a script, `import_names.py mock_server …` is the command.
"""

from __future__ import annotations

import builtins
import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["NAMES", "PRIVATE", "claim", "conformance", "hidden_by", "mock_server", "protect", "run"]

NAMES = ("spec", "mock_server", "conformance")
PRIVATE = "insforge_contract"
"""The package below which our packages are found under all circumstances."""


def _root() -> Path:
    """The folder that our three packages lie in: this file's, or that of an editable install."""
    here = Path(__file__).resolve()
    beside = here.parents[2] if here.parent.name == "settings" else here.parent
    for folder in (beside, *(Path(place) for place in sys.path)):
        ours = (folder / "spec/ai.yaml", *(folder / name / "cli.py" for name in NAMES[1:]))
        if all(file.is_file() for file in ours):
            return folder.resolve()
    raise ImportError("the installation of insforge-contract is incomplete; install it again")


_ROOT = _root()


def run(name: str) -> None:
    """The command of a package, in a process that is ours."""
    claim()
    importlib.import_module(f"{name}.cli").main()


def mock_server() -> None:
    """The console script `mock-server`."""
    run("mock_server")


def conformance() -> None:
    """The console script `conformance`."""
    run("conformance")


def claim() -> None:
    """Give the three names to our packages, for the whole process."""
    if not any(isinstance(finder, _Claiming) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Claiming())


def protect() -> None:
    """Make our packages work in a process where others may have the names."""
    # The finder looks for `insforge_contract.NAME` itself; a package is what has a `__path__`.
    sys.modules.setdefault(PRIVATE, sys.modules[__name__]).__path__ = []
    if not any(isinstance(finder, _Protecting) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Protecting())


def hidden_by(name: str) -> Path | None:
    """The file or folder that an import of the name finds instead of our package, if any."""
    loaded = sys.modules.get(name)
    found = PathFinder.find_spec(name) if loaded is None else loaded.__spec__
    if found is None:
        return None
    places = [found.origin] if found.has_location else list(found.submodule_search_locations or ())
    path = Path(next((str(place) for place in places if place), "")).resolve()
    return None if path.is_relative_to(_ROOT / name) else path


class _Claiming(MetaPathFinder):
    """Finds our three packages at once; what is in them is found by their `__path__`."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return _package(fullname, fullname) if fullname in NAMES else None


class _Protecting(MetaPathFinder):
    """Loads whatever is ours so that its imports lead to ours."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        head, _, rest = fullname.partition(".")
        if head == PRIVATE:
            found = _package(fullname, rest) if rest in NAMES else _below(fullname, path)
        elif head in NAMES and rest and any(map(_is_taken, NAMES)):
            found = _below(fullname, path)
        else:
            return None
        if found is None or found.origin is None or not found.has_location:
            return found
        if Path(found.origin).is_relative_to(_ROOT) and found.origin.endswith(".py"):
            found.loader = _Loader(fullname, found.origin)
        return found


def _package(fullname: str, name: str) -> ModuleSpec | None:
    folder = _ROOT / name
    return spec_from_file_location(
        fullname, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )


def _below(fullname: str, path: Sequence[str] | None) -> ModuleSpec | None:
    return PathFinder.find_spec(fullname, path)


class _Loader(SourceFileLoader):
    """Gives a module its own `__import__`: CPython asks the builtins of a module for it."""

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__builtins__"] = _BUILTINS
        super().exec_module(module)


def _import(
    name: str,
    globals: Mapping[str, object] | None = None,
    locals: Mapping[str, object] | None = None,
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> ModuleType:
    head = name.partition(".")[0]
    if level or head not in NAMES or not _is_taken(head):
        return builtins.__import__(name, globals, locals, fromlist or (), level)
    found = builtins.__import__(f"{PRIVATE}.{name}", globals, locals, fromlist or (), 0)
    return found if fromlist else sys.modules[f"{PRIVATE}.{head}"]


_BUILTINS = {**vars(builtins), "__import__": _import}
_TAKEN: dict[str, bool] = {}


def _is_taken(name: str) -> bool:
    """Whether the name belongs to another package; decided once, when our code first needs it.

    A second answer would load a package twice, and its classes would not be one another's.
    """
    if name not in _TAKEN:
        _TAKEN[name] = hidden_by(name) is not None
    return _TAKEN[name]


def __getattr__(name: str) -> Any:
    """The pytest plugins, `insforge_contract:…`, loaded without taking a name for them."""
    plugins: Mapping[str, Callable[[], Any]] = {
        "mock_server_plugin": lambda: _plugin("mock_server"),
        "conformance_plugin": lambda: _plugin("conformance"),
    }
    if name not in plugins:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return plugins[name]()


def _plugin(name: str) -> ModuleType:
    """`NAME/plugin.py` as a module of its own: its package is imported when a test asks for it."""
    protect()
    fullname = f"{PRIVATE}.{name}_plugin"
    if fullname not in sys.modules:
        found = spec_from_file_location(fullname, _ROOT / name / "plugin.py")
        assert found is not None
        loader = _Loader(fullname, str(_ROOT / name / "plugin.py"))
        module = module_from_spec(found)
        sys.modules[fullname] = module
        loader.exec_module(module)
    return sys.modules[fullname]


if __name__ == "__main__":
    sys.argv[0] = sys.argv.pop(1)
    run(sys.argv[0])
