"""The contract-first mock server: an ASGI application that answers as a contract promises."""

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
