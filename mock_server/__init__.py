"""The contract-first mock server: an ASGI application that answers as a contract promises."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_server.http.application import MockApp, create_app
    from mock_server.model.mock_settings import AuthPolicy, Settings
    from mock_server.model.request import Exchange
    from mock_server.model.scenarios import Scenario, ScenarioAnswer
    from mock_server.model.waiting_scenarios import Scenarios

__all__ = [
    "AuthPolicy",
    "Exchange",
    "MockApp",
    "Scenario",
    "ScenarioAnswer",
    "Scenarios",
    "Settings",
    "create_app",
]

_HOMES = {
    "AuthPolicy": ".model.mock_settings",
    "Exchange": ".model.request",
    "MockApp": ".http.application",
    "Scenario": ".model.scenarios",
    "ScenarioAnswer": ".model.scenarios",
    "Scenarios": ".model.waiting_scenarios",
    "Settings": ".model.mock_settings",
    "create_app": ".http.application",
}


def __getattr__(name: str) -> Any:
    # pytest imports this package in every project that has it installed, to find the plugin. The
    # half second that Connexion and the contract reader take is for those who use them.
    if name in _HOMES:
        if _HOMES[name] == ".http.application":
            import_module(".http.deferred", __name__).import_connexion()
        return getattr(import_module(_HOMES[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
