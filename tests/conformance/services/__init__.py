"""Small correct APIs of many kinds, each with faults that can be planted together."""

from tests.conformance.services.events import Events
from tests.conformance.services.files import Files
from tests.conformance.services.forms import Forms
from tests.conformance.services.notes import Notes
from tests.conformance.services.search import Search
from tests.conformance.services.service import TOKEN, Licence, Planted, Service
from tests.conformance.services.texts import Texts

__all__ = ["SERVICES", "TOKEN", "Licence", "Planted", "Service"]

SERVICES: tuple[type[Service], ...] = (Forms, Files, Notes, Events, Texts, Search)
"""Every service."""
