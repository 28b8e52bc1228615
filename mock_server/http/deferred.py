"""Connexion, imported without what the mock never uses of it.

Importing Connexion also imports two HTTP clients (for token introspection and for schemas at
URLs) and Starlette's test client, which take nearly half of its time. Here they are put off until
something asks them for an attribute, and then they are the real thing.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

__all__ = ["import_connexion"]


class _Deferred(ModuleType):
    """A module that is imported when it is first asked for something.

    importlib's LazyLoader does not do: up to Python 3.11 the import statement itself wakes it.
    """

    def __getattr__(self, name: str) -> Any:
        # Python itself asks a module for such names while it is being imported.
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        # While the stand-in is registered, `import_module` would return it instead of the module.
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


def import_connexion() -> None:
    """Import Connexion once, the quick way; later imports take no time."""
    if "connexion" in sys.modules:
        return
    test_client = _Deferred("starlette.testclient")
    # `from … import TestClient` asks for it at once; Connexion only ever calls it.
    vars(test_client)["TestClient"] = _test_client
    with (
        warnings.catch_warnings(),
        _stand_ins(_Deferred("httpx"), _Deferred("requests"), test_client),
    ):
        # It imports names that jsonschema deprecates; in a suite whose warnings are errors, that
        # must not fail the test that happens to start the mock.
        warnings.simplefilter("ignore", DeprecationWarning)
        import_module("connexion")


def _test_client(*arguments: Any, **named: Any) -> Any:
    return import_module("starlette.testclient").TestClient(*arguments, **named)


@contextmanager
def _stand_ins(*modules: ModuleType) -> Iterator[None]:
    """Let the modules stand in where the real ones are not imported yet, and go away again."""
    import starlette  # noqa: F401 - the parent of a module must be there before it

    absent = [module for module in modules if module.__name__ not in sys.modules]
    sys.modules.update({module.__name__: module for module in absent})
    try:
        yield
    finally:
        for module in absent:
            # Somebody may have imported the real module meanwhile; that one stays.
            if sys.modules.get(module.__name__) is module:
                del sys.modules[module.__name__]
