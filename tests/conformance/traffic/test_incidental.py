"""What ordinary exchanges show besides, and what they do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conformance.traffic.recorded import entry
from tests.conformance.traffic.test_judge import BEARER, codes, judge, verdicts

LAMP = {"name": "desk"}
GET, POST = "GET /lamps", "POST /lamps"


def get(query: str = "", status: int = 200, **headers: str) -> dict[str, Any]:
    """A request for the lamps."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = [LAMP] if status == 200 else None
    return entry("GET", f"/lamps{query}", status, answer, headers=named)


def post(body: Any, status: int = 201, **headers: str) -> dict[str, Any]:
    """A lamp that is made; a header that is empty is left out."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {name: value for name, value in {**BEARER, **named}.items() if value}
    return entry("POST", "/lamps", status, body=body, headers=sent)


SHOWN: dict[str, list[dict[str, Any]]] = {
    f"{GET} http.query": [get("?utm_source=news")],
    f"{GET} http.escapes": [get("?limit=1&x=50%")],
    f"{GET} http.conditional": [get(if_none_match='"a"')],
    f"{GET} accept.range": [get(accept="application/*")],
    f"{GET} accept.other": [get(status=406, accept="image/bmp")],
    f"{GET} steady.repeated": [get()] * 3,
    f"{GET} steady.after-bad": [get("?limit=99", 400), get()],
    f"{GET} methods.undeclared": [entry("DELETE", "/lamps", 405)],
    f"{POST} media.spelling": [post(LAMP, content_type="Application/JSON; charset=utf-8")],
    f"{POST} body.syntax.spelling": [post('{\n"name": "desk"}')],
    f"{POST} body.unknown": [post({**LAMP, "more": 1})],
    f"{POST} body.name.free": [post({"name": "Grüße"})],
    f"{POST} body.name.empty": [post({"name": ""})],
    f"{POST} body.kind.optional": [post(LAMP), post({**LAMP, "kind": "desk"})],
    f"{POST} security.again": [post(LAMP), post(LAMP, 401, Authorization="")],
    f"{POST} security.malformed": [post(LAMP, 401, Authorization="Bearer")],
    f"{POST} security.scheme-case": [post(LAMP, Authorization="bearer abcdefgh")],
}
"""Each clause with traffic that shows it."""
UNSHOWN: dict[str, list[dict[str, Any]]] = {
    f"{GET} http.query": [get("?limit=1"), get("?utm_source=news", 400)],
    f"{GET} http.escapes": [get("?x=%20"), get("?x=50%", 500)],
    f"{GET} accept.range": [get(accept="application/json, */*")],
    f"{GET} accept.other": [get(accept="image/bmp, */*"), get(accept="application/json")],
    f"{GET} steady.repeated": [get(), get(), get("?limit=1")],
    f"{GET} steady.after-bad": [get(), get("?limit=99", 400)],
    f"{GET} methods.undeclared": [entry("DELETE", "/lamps", 200), entry("OPTIONS", "/lamps", 405)],
    f"{GET} methods.allow": [entry("DELETE", "/lamps", 405)],
    f"{POST} media.spelling": [post(LAMP)],
    f"{POST} body.unknown": [post({**LAMP, "more": 1}, 400), post({**LAMP, "kind": "desk"})],
    f"{POST} body.name.free": [post({"name": "desk"})],
    f"{POST} body.name.empty": [post({"name": "desk"}), post({"name": ""}, 400)],
    f"{POST} body.kind.optional": [post({**LAMP, "kind": "desk"}), post(LAMP, 400)],
    f"{POST} security.again": [post(LAMP, 401, Authorization=""), post(LAMP)],
    f"{POST} security.malformed": [post(LAMP, 401)],
    f"{POST} security.scheme-case": [post(LAMP)],
}
"""Each clause with traffic that comes near it."""


@pytest.mark.parametrize("clause", SHOWN)
def test_what_traffic_shows_by_chance(tmp_path: Path, clause: str) -> None:
    """A clause is held without a request that was made for it."""
    judge(tmp_path, *SHOWN[clause])

    assert clause in verdicts(tmp_path, "held")


@pytest.mark.parametrize("clause", UNSHOWN)
def test_what_it_does_not_show(tmp_path: Path, clause: str) -> None:
    """What comes near a clause holds nothing, and breaks nothing."""
    judge(tmp_path, *UNSHOWN[clause])

    assert clause in verdicts(tmp_path, "unobserved")


def test_allow_has_to_name_the_methods_that_there_are(tmp_path: Path) -> None:
    """And not the one that was refused."""
    one = entry("DELETE", "/lamps", 405)
    one["response"]["headers"] = [{"name": "Allow", "value": "GET, POST"}]
    judge(tmp_path, one)

    assert f"{GET} methods.allow" in verdicts(tmp_path, "held")


@pytest.mark.parametrize(
    "header",
    [("Preference-Applied", "code=500"), ("X-Mock-Source", "scenario:down")],
    ids=["preference", "scenario"],
)
def test_a_failure_that_a_mock_was_told_to_give(tmp_path: Path, header: tuple[str, str]) -> None:
    """It says nothing of the deployment's steadiness; what it is like is judged."""
    down = get(status=500)
    down["response"]["headers"] = [{"name": header[0], "value": header[1]}]
    wrong = get()
    wrong["response"] = entry("GET", "/lamps", 200, [{"name": "much too long"}])["response"]
    wrong["response"]["headers"].append({"name": header[0], "value": header[1]})
    judge(tmp_path, down, down, get())
    before = set(codes(tmp_path))
    judge(tmp_path, down, wrong, get())

    assert before <= {"canned-differs"}
    assert f"{GET} response.200[].name.maxLength" in verdicts(tmp_path, "broken")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ("\x1f\ufffd", {"Content-Encoding": "gzip"}),
        ('{"name": "a", "ki… (70,000 bytes)', {}),
        ('{"name": "$SECRET"}', {}),
    ],
    ids=["packed", "cut", "hidden"],
)
def test_a_body_that_is_not_what_was_sent(
    tmp_path: Path, body: str, headers: dict[str, str]
) -> None:
    """Neither client nor server is accused of what nobody sent."""
    judge(tmp_path, entry("POST", "/lamps", 201, body=body, headers={**BEARER, **headers}))

    assert codes(tmp_path) == []
