"""Names and values of a contract on the wire: escaped where they can be, and never a request."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Request, Trouble
from conformance.http.request_drafts import Draft
from conformance.http.target import parse_target
from conformance.http.transport import Client
from tests.conformance.kit.applications import objects
from tests.conformance.kit.running import contract_of, posting, run, verdicts
from tests.conformance.kit.targets import speaking

MORE = "x\r\n\r\nDELETE /things HTTP/1.1\r\nX: y"


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        pytest.param(Request(method="HEAD", target=f"/a?{MORE}"), "line break", id="target"),
        pytest.param(Request(method=MORE, target="/", wire=True), "line break", id="method"),
        pytest.param(
            Request(method="HEAD", target="/", headers=((MORE, "1"),)), "line break", id="name"
        ),
        pytest.param(
            Request(method="HEAD", target="/", headers=(("X-A", MORE),)), "line break", id="value"
        ),
        pytest.param(
            Request(method="GET", target="/", headers=(("X-→", "1"),)), "no name", id="not ASCII"
        ),
    ],
)
def test_what_would_be_read_as_another_request_is_not_sent(request_: Request, why: str) -> None:
    """Not on any way to the server: alone, or on a kept connection."""
    arrived = list[bytes]()

    async def listening(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.append(await reader.read(100))
        writer.close()

    async def send(url: str) -> None:
        async with Client(parse_target(url), timeout=1) as client:
            good = Request(method="GET", target="/")
            for answer in (await client.send(request_), *await client.send_kept((good, request_))):
                assert answer.trouble is Trouble.UNSENDABLE
                assert why in answer.detail

    with speaking(listening) as url:
        asyncio.run(send(url))

    assert not arrived


def test_a_name_is_escaped_in_the_target() -> None:
    """A space, a letter beyond ASCII or a sign of the query in a name is no reason not to send."""
    draft = Draft(
        method="GET",
        path="/größe/a b",
        query=(("größe", "1"), ("a b&c=#%+", "%2F"), ("filter[a]", "1"), ("$top", "2")),
        cookies=(("a;b", "1"),),
    )

    sent = draft.request()

    assert sent.target == (
        "/gr%C3%B6%C3%9Fe/a%20b?gr%C3%B6%C3%9Fe=1&a%20b%26c%3D%23%25%2B=%2F&filter%5Ba%5D=1&$top=2"
    )
    assert sent.header("cookie") == "a%3Bb=1"


@pytest.mark.parametrize(("folds", "verdict"), [(True, "broken"), (False, "held")])
def test_a_name_in_another_case_is_another_name(tmp_path: Path, folds: bool, verdict: str) -> None:
    """Go and .NET read `Item` for `item` unless they are told not to."""

    def answer(body: dict[str, Any]) -> tuple[int, Any]:
        names = {name.lower() if folds else name: value for name, value in body.items()}
        return (200 if isinstance(names.get("item"), str) else 400), {}

    schema = "{type: object, required: [item], properties: {item: {type: string}}}"
    contract = contract_of(tmp_path, posting("/orders", "200 400", schema))
    report = run(contract, objects(answer), families=frozenset({ClauseKind.BODY}))

    assert verdicts(report)["body.item.required"] == verdict
