"""The scenarios that wait, as one text: exact, and safe to read from wherever it was kept.

How far each is on its way is not in it, but counted under the name that the text has.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any

from mock_server.model.scenarios import Delay, Scenario, ScenarioAnswer
from mock_server.model.waiting_scenarios import Scenarios, Waiting

__all__ = ["read_scenarios", "write_scenarios"]


def write_scenarios(scenarios: Scenarios) -> str | None:
    """The text; None where nothing waits and nothing ever did."""
    if not scenarios.count:
        return None
    waiting = [
        {
            "id": one.id,
            "group": one.group,
            "counter": one.counter,
            **_scenario(one.scenario),
        }
        for one in scenarios.waiting.values()
    ]
    groups = {name: [*map(_scenario, members)] for name, members in scenarios.groups.items()}
    return json.dumps({"count": scenarios.count, "waiting": waiting, "groups": groups})


def read_scenarios(text: str | None) -> Scenarios:
    """The scenarios of a text; a new set of them for None."""
    if text is None:
        return Scenarios()
    document = json.loads(text)
    waiting = {
        one["id"]: Waiting(
            id=one["id"],
            group=one["group"],
            counter=one["counter"],
            scenario=_read_scenario(one),
        )
        for one in document["waiting"]
    }
    groups = {
        name: tuple(map(_read_scenario, each)) for name, each in document.get("groups", {}).items()
    }
    return Scenarios(waiting=waiting, count=document["count"], groups=groups)


def _scenario(scenario: Scenario) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "operation": scenario.operation,
        "key": scenario.key,
        "repeat": scenario.repeat,
        "answers": [_answer(answer) for answer in scenario.answers],
    }


def _read_scenario(document: dict[str, Any]) -> Scenario:
    return Scenario(
        name=document["name"],
        operation=document["operation"],
        key=document["key"],
        repeat=document["repeat"],
        answers=tuple(map(_read_answer, document["answers"])),
    )


def _answer(answer: ScenarioAnswer) -> dict[str, Any]:
    return {
        "status": answer.status,
        "example": answer.example,
        "headers": [[name.decode("latin-1"), v.decode("latin-1")] for name, v in answer.headers],
        "body": None if answer.body is None else b64encode(answer.body).decode(),
        "media": answer.media,
        "delay": [answer.delay.least, answer.delay.most],
        "times": answer.times,
        "cut": answer.cut,
        "pace": answer.pace,
        "events": answer.events,
    }


def _read_answer(document: dict[str, Any]) -> ScenarioAnswer:
    least, most = document["delay"]
    body = document["body"]
    return ScenarioAnswer(
        **{
            **document,
            "headers": tuple(
                (name.encode("latin-1"), value.encode("latin-1"))
                for name, value in document["headers"]
            ),
            "body": None if body is None else b64decode(body),
            "delay": Delay(least=least, most=most),
        }
    )
