"""The tools that `conformance mcp` offers: each runs a command and words its result."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from mcp.server.mcpserver import Context, MCPServer
from mcp.types import ToolAnnotations
from pydantic import Field

from conformance.commands.agent.agent_answers import AgentAnswer, compared, proved
from conformance.commands.agent.agent_workbench import Workbench
from conformance.commands.processes.gate_processes import mock_server
from conformance.commands.processes.processes import ProcessError
from conformance.report.fingerprint import is_fingerprint
from conformance.report.formats.json_reader import read_report
from spec import SpecError, overlay_of

__all__ = ["agent_server"]

_INSTRUCTIONS = (
    "Build an HTTP API, or a client of one, from its OpenAPI contract. serve() starts a mock of "
    "the contract. prove() tests an implementation against the contract, clause by clause. "
    "replay() sends the requests of broken places again. diff() finds what a contract change "
    "breaks. explain() explains a finding. Each result ends with the next call."
)
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_SENDS = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=True)

_Contract = Annotated[
    str,
    Field(
        description="OpenAPI file. Default: the server's --contract, else openapi.yaml in "
        "its folder"
    ),
]


def agent_server(bench: Workbench, version: str) -> MCPServer:
    """The server of the Model Context Protocol that has the five tools."""
    server = MCPServer(
        "conformance", version=version, instructions=_INSTRUCTIONS, log_level="WARNING"
    )
    tools = _Tools(bench)
    hints: Mapping[Callable[..., Awaitable[str]], ToolAnnotations] = {
        tools.serve: _SENDS,
        tools.prove: _SENDS,
        tools.replay: _SENDS,
        tools.diff: _READS,
        tools.explain: _READS,
    }
    for tool, hint in hints.items():
        server.add_tool(tool, annotations=hint, structured_output=False)
    return server


@dataclass(frozen=True, slots=True, eq=False)
class _Tools:
    """The docstrings are what the agent reads."""

    bench: Workbench

    async def serve(self, contract: _Contract = "") -> str:
        """Start a mock of the contract on a free port of this machine, until the session ends.

        It answers as the contract promises, errors included; a change of the file is served at
        once.
        """
        bench = self.bench
        try:
            path = bench.file(contract)
            if not isinstance(path, Path):
                raise bench.refusal("a mock serves a contract that is a file")
            overlay = overlay_of(path, bench.overlay)
            loaded = await asyncio.to_thread(bench.reach.load, path, overlay=overlay)
            # One mock for each file, however often an agent asks for it.
            key = (path.resolve(), overlay)
            if key not in bench.mocks:
                mock = mock_server(path, overlay, bench.reach, options=(), watch=True)
                bench.mocks[key] = await asyncio.to_thread(bench.running.enter_context, mock)
        except (SpecError, ProcessError) as error:
            raise bench.refusal(str(error)) from error
        url = bench.mocks[key]
        return AgentAnswer(
            verdict=f"serving: {loaded.title} {loaded.version} ({path}) at {url}",
            body=[
                "every well-formed credential is accepted; `Prefer: code=401` or `?__code=401` "
                "selects a status",
                f"scenarios, journal: {url}/__mock/",
                *(
                    f"{one.id}: {', '.join(each.status for each in one.responses)}"
                    for one in loaded.operations
                ),
            ],
            then=f'build against {url}; then prove(url="http://127.0.0.1:PORT") what you built',
            whole=f"GET {url}/__mock/operations",
        ).text()

    async def prove(
        self,
        ctx: Context,
        url: Annotated[
            str, Field(description="Base URL of the implementation. Default: the server's --url")
        ] = "",
        operation: Annotated[
            str,
            Field(
                description="Test only these operations: `POST /api/x`, a path, a tag; * "
                "matches any text"
            ),
        ] = "",
        clause: Annotated[str, Field(description="Test only the clause with this ID")] = "",
        contract: _Contract = "",
        seconds: Annotated[float, Field(description="Maximum seconds of the run", gt=0)] = 120,
    ) -> str:
        """Test an implementation against the contract, and list what it keeps and what it breaks.

        Nothing is written unless the server was started with --allow-writes. Credentials are the
        server's own (CONFORMANCE_TOKEN); never put one into a call.
        """
        bench = self.bench
        chosen = {"url": bench.url(url), "contract": str(bench.file(contract))}
        chosen |= {"include": operation, "clause": clause, "time_budget": str(seconds)}
        arguments = ["--quiet", "--report", f"json={bench.report}"]
        # A run that ends without a report must not be reported with that of the call before.
        bench.report.unlink(missing_ok=True)
        status, said = await bench.done(
            ctx,
            "run",
            *arguments,
            options={**bench.options, **{name: text for name, text in chosen.items() if text}},
        )
        if not bench.report.exists():
            raise bench.refusal(
                said or f"conformance run ended with exit status {status} and printed nothing"
            )
        return bench.hidden(proved(read_report(bench.report), bench.report))

    async def replay(self, ctx: Context, fingerprints: list[str]) -> str:
        """Send the requests of places of the last proof again, and judge the answers."""
        bench = self._with_report()
        for one in fingerprints:
            self._refuse_unknown(one)
        status, said = await bench.done(
            ctx, "replay", str(bench.report), *fingerprints, options=bench.options
        )
        verdicts = {0: "held: all places hold now", 1: "broken: not all places hold"}
        named = " ".join(fingerprints)
        return AgentAnswer(
            verdict=verdicts.get(status, f"undecided: exit {status}"),
            body=[said],
            then="call prove() for the whole contract again"
            if status == 0
            else "correct it, then the same again",
            whole=f"conformance replay {bench.report} {named}",
        ).text()

    async def diff(self, ctx: Context, old: str, new: str) -> str:
        """Find what a change of a contract breaks, with a witness for each claim.

        old and new are files, REF:PATH in git (`main:openapi.yaml`) or URLs.
        """
        written = self.bench.folder / "diff.json"
        written.unlink(missing_ok=True)
        arguments = ["--report", f"json={written}", "--", old, new]
        status, said = await self.bench.done(ctx, "diff", *arguments, options=self._of_contract())
        if written.exists():
            return self.bench.hidden(compared(read_report(written)))
        if status:
            raise self.bench.refusal(said)
        return AgentAnswer(
            verdict=f"conforms: {said}", then="prove(url=…) shows the other places"
        ).text()

    async def explain(self, ctx: Context, name: str) -> str:
        """Explain a finding code, or show the place of a fingerprint of the last proof."""
        arguments = ["--", name]
        if is_fingerprint(name):
            self._with_report()
            arguments = ["--report", str(self.bench.report), *arguments]
        status, said = await self.bench.done(ctx, "explain", *arguments)
        if status:
            raise self.bench.refusal(said)
        first, _, rest = said.partition("\n")
        again = f"correct it, then replay(fingerprints={json.dumps([name])})"
        then = again if is_fingerprint(name) else "prove(url=…)"
        return AgentAnswer(verdict=first, body=[rest.strip()], then=then).text()

    def _with_report(self) -> Workbench:
        if not self.bench.report.exists():
            raise self.bench.refusal("there is no proof yet: call prove(url=…) first")
        return self.bench

    def _refuse_unknown(self, fingerprint: str) -> None:
        if not is_fingerprint(fingerprint):
            raise self.bench.refusal(
                f"{fingerprint!r} is not a fingerprint; prove() prints fingerprints in brackets"
            )

    def _of_contract(self) -> Mapping[str, str]:
        names: Sequence[str] = ("root", "remote_ref", "level")
        return {key: self.bench.options[key] for key in names if key in self.bench.options}
