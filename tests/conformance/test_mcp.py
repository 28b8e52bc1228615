"""The kit as an agent meets it: the command at the other end of the SDK's own client."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import urllib.request
from base64 import b64encode
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import click
import pytest

from conformance.commands.agent.agent_answers import LIMIT, AgentAnswer
from conformance.commands.mcp import command
from tests.conformance.kit.deployment import CONTRACT, TOKEN, deployed
from tests.mock_server.upstreams import deployed as deployed_by

pytestmark = pytest.mark.slow

Call = Callable[..., Awaitable[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the contract."""
    (tmp_path / "openapi.yaml").write_text(CONTRACT, "utf-8")
    return tmp_path


def session(
    folder: Path, talk: Callable[[Call], Awaitable[None]], *options: str, **variables: str
) -> list[str]:
    """Every answer of a session, in order."""
    # The SDK takes half a second to import, and every worker imports this module.
    from mcp import Client, StdioServerParameters

    heard = list[str]()
    server = StdioServerParameters(
        command=sys.executable,
        args=["-P", "-m", "conformance", "mcp", *options],
        cwd=folder,
        env={**os.environ, "CONFORMANCE_MAX_EXAMPLES": "0", **variables},
    )

    async def whole() -> None:
        async with Client(server, read_timeout_seconds=90) as client:

            async def call(name: str, /, **arguments: Any) -> str:
                result = await client.call_tool(name, arguments)
                text = "".join(getattr(part, "text", "") for part in result.content)
                heard.append(text)
                return text

            await talk(call)

    asyncio.run(whole())
    return heard


def test_an_agent_serves_proves_mends_and_proves_again(folder: Path) -> None:
    """A mock to build against, the fault with its request, and both times the truth after it."""

    def get(url: str) -> int:
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {TOKEN}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)

    async def talk(call: Call) -> None:
        served = await call("serve")
        url = served.partition(" at ")[2].split()[0]
        assert await asyncio.to_thread(get, f"{url}/lamps") == 200
        assert await call("serve") == served

        broken = await call("prove", url=deployment.url)
        assert broken.startswith("breaks: ")
        assert "\n  reproduce: curl " in broken
        place = broken.rpartition('fingerprints=["')[2].partition('"')[0]
        assert "\nnext: correct the implementation, then call replay(" in broken
        assert (await call("replay", fingerprints=[place])).startswith("broken: ")
        assert place in (await call("explain", name=place)).splitlines()[0]

        deployment.faults.clear()
        assert (await call("replay", fingerprints=[place])).startswith("held: ")
        assert (await call("prove")).startswith("conforms: ")

    with deployed("state") as deployment:
        url = deployment.url
        heard = session(folder, talk, "--url", url, CONFORMANCE_TOKEN=TOKEN)

    assert all(0 < len(text) <= LIMIT and TOKEN not in text for text in heard)


def test_what_is_asked_without_a_deployment(folder: Path) -> None:
    """A break has its witness; a host that the server was not given is sent nothing.

    The contract is the one by --contract. All in one session: each takes a second to start.
    """
    (folder / "openapi.yaml").rename(folder / "api.yaml")
    changed = CONTRACT.replace("enum: [on_, off]", "enum: [on_, off, dim]")
    (folder / "new.yaml").write_text(changed, "utf-8")

    async def talk(call: Call) -> None:
        broken = await call("diff", old="api.yaml", new="new.yaml")
        assert broken.startswith("breaks: ")
        assert "dim" in broken
        assert (await call("diff", old="api.yaml", new="api.yaml")).startswith("conforms: ")
        assert "nowhere.yaml" in await call("diff", old="nowhere.yaml", new="new.yaml")

        away = await call("prove", url="http://192.0.2.1:9")
        assert "start it as `conformance mcp --url http://192.0.2.1:9`" in away
        assert "give the URL" in await call("prove")
        early = await call("replay", fingerprints=["0123456789abcdef"])
        assert "call prove(url=…) first" in early
        explained = await call("explain", name="undocumented-status")
        assert explained.startswith("undocumented-status")
        assert "no-such-code" in await call("explain", name="no-such-code")

        served = await call("serve")
        assert served.startswith("serving: ")
        assert await call("serve", contract="api.yaml") == served
        assert "name a file" in await call("serve", contract="-")

    session(folder, talk, "--contract", "api.yaml", CONFORMANCE_TOKEN=TOKEN)


def test_an_agent_writes_only_where_the_server_may(folder: Path) -> None:
    """The good request of an unsafe operation, which this deployment refuses, needs leave."""

    async def talk(call: Call) -> None:
        await call("prove", url=deployment.url, operation="POST /doors")

    with deployed() as deployment:
        (without,) = session(folder, talk, CONFORMANCE_TOKEN=TOKEN)
        (allowed,) = session(folder, talk, "--allow-writes", CONFORMANCE_TOKEN=TOKEN)

    assert "refused-control" not in without
    assert "refused-control" in allowed


def test_an_answer_keeps_its_verdict_and_its_next_call_whatever_is_cut() -> None:
    """Lines of the middle are given up, and counted."""
    text = AgentAnswer(
        verdict="breaks: " + "x" * 5000, body=["y" * 5000] * 40, then="again " * 900, whole="in r"
    ).text()

    assert len(text) <= LIMIT
    assert text.startswith("breaks: xxx")
    assert "more lines: in r)" in text
    assert text.splitlines()[-1].startswith("next: again")


def test_no_answer_has_a_credential_or_more_than_its_length(folder: Path) -> None:
    """Neither those of the server in any place, nor those that somebody writes into a call."""
    given = {"token": "tok-B3arer-AAA", "pair": "alice:pa55w0rd", "cookie": "c00kie-s3cret"}
    written = "wr1tten-s3cret"

    def echoing(one: Any) -> None:
        headers = {name.lower(): value for name, value in one.headers.items()}
        one.say_json(500, {"echo": headers, "hex": str(headers).encode().hex()})

    async def talk(call: Call) -> None:
        proof = await call("prove", url=deployment.url, operation="GET /lamps")
        for place in re.findall(r"\[([0-9a-f]{16})\]", proof)[:1]:
            await call("explain", name=place)
        await call("replay", fingerprints=re.findall(r"\[([0-9a-f]{16})\]", proof)[:1] * 900)
        for url in (f"http://a:{written}@127.0.0.1:9", f"http://127.0.0.1:9/?api_key={written}"):
            await call("prove", url=url)
            await call("diff", old=url, new="openapi.yaml")
            await call("serve", contract=url)
        long = f"{given['token']} " * 900
        await call("prove", url=long)
        await call("diff", old=long, new=long)
        await call("serve", contract=long)
        await call("explain", name=long)

    with deployed_by(echoing) as deployment:
        heard = session(
            folder,
            talk,
            CONFORMANCE_TOKEN=given["token"],
            CONFORMANCE_FOREIGN=f"t={given['pair']}",
            CONFORMANCE_HEADER=f"Cookie: a=b; sid={given['cookie']}",
        )
    secrets = [*given.values(), "pa55w0rd", written]
    secrets += [form for one in secrets for form in (b64encode(one.encode()).decode(), hexed(one))]

    assert len(heard) == 13
    assert [text for text in heard if not 30 < len(text) <= LIMIT] == []
    assert [(one, text) for text in heard for one in secrets if one in text] == []
    assert not any("a defect of conformance" in text for text in heard)


def hexed(text: str) -> str:
    """The bytes of a text as digits."""
    return text.encode().hex()


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence with the command that installs it."""
    for name in ("agent_tools", "agent_workbench"):
        monkeypatch.delitem(sys.modules, f"conformance.commands.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver", None)

    with pytest.raises(click.UsageError, match=r"pip install 'insforge-contract\[mcp\]'"):
        command.main(["--contract", "x.yaml"], standalone_mode=False)
