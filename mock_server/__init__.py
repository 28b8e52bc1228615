"""The contract-first mock server: an ASGI application that answers as a contract promises."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_server.app import MockApp, create_app
    from mock_server.exchange import Exchange
    from mock_server.scenarios import Scenario, Scenarios
    from mock_server.settings import AuthPolicy, Settings

__all__ = [
    "AuthPolicy",
    "Exchange",
    "MockApp",
    "Scenario",
    "Scenarios",
    "Settings",
    "create_app",
]

_HOMES = {
    "AuthPolicy": "settings",
    "Exchange": "exchange",
    "MockApp": "app",
    "Scenario": "scenarios",
    "Scenarios": "scenarios",
    "Settings": "settings",
    "create_app": "app",
}


def __getattr__(name: str) -> Any:
    # pytest imports this package in every project that has it installed, to find the plugin. The
    # half second that Connexion and the contract reader take is for those who use them.
    if name in _HOMES:
        if _HOMES[name] == "app":
            import_module("mock_server.deferred").import_connexion()
        return getattr(import_module(f"mock_server.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
