"""A client that knows the contract: Schemathesis' requests, both good ones and wrong ones."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest import SkipTest

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok

from tests.fuzzing.random_bytes import FAILED

__all__ = ["send_by_schema"]

_EXAMPLES = 20
"""Requests for an operation before the next one has its turn."""
_WAIT = 20.0


def send_by_schema(url: str, contract: Path, seconds: float, number: int) -> tuple[int, list[str]]:
    """Send requests until the time is over: how many, and where the mock failed."""
    schema = schemathesis.openapi.from_path(str(contract))
    operations = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    end = time.monotonic() + seconds
    count, wrong = 0, list[str]()
    with requests.Session() as session:

        def ask(case: Case[Any]) -> None:
            nonlocal count
            if time.monotonic() > end:
                return
            count += 1
            try:
                answer = case.call(base_url=url, session=session, timeout=_WAIT)
            except requests.exceptions.InvalidHeader:
                return  # this client sends no such request
            except requests.RequestException as error:
                wrong.append(f"{case.method} {case.path}: {error!r:.300}")
                return
            if FAILED.search(answer.content):
                wrong.append(f"{case.as_curl_command()}: {answer.content[:300]!r}")

        while time.monotonic() < end and not wrong:
            number += 1
            for operation in operations:
                for mode in GenerationMode:
                    if time.monotonic() < end:
                        _tried(operation.as_strategy(generation_mode=mode), ask, number)
    return count, wrong


def _tried(cases: SearchStrategy[Case[Any]], ask: Callable[[Case[Any]], None], number: int) -> None:
    """Ask with some of the cases; those of one number are the same ones."""

    @seed(number)
    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def run(case: Case[Any]) -> None:
        ask(case)

    # Where there is no wrong request of an operation, there is nothing to ask.
    with suppress(Unsatisfiable, SkipTest):
        run()
