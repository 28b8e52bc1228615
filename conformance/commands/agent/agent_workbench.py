"""What the calls of one session of `conformance mcp` share, and how they run a command.

Every command is a process of its own, as a person would start it: what it prints cannot get into
the protocol on standard output, a defect ends one call, and a call that is cancelled ends it.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import click
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError

from conformance.commands.agent.agent_answers import LIMIT
from conformance.commands.contracts.contract_choice import chosen_contract, named_contract
from conformance.commands.contracts.reach import Reach
from conformance.commands.processes.gate_processes import clean_environment, ours
from conformance.commands.processes.processes import Process, ProcessError, running
from conformance.http.masking import Secrets
from conformance.http.target import Target, TargetError, parse_target
from spec.settings.option_sources import variable
from spec.text.secrets import masked_urls

__all__ = ["Workbench"]

_PAUSE = 0.05
"""Seconds between two looks whether a process has ended."""
_TOLD_EVERY = 5.0
"""Seconds between two notifications of progress: a client gives up a call that says nothing."""
_PREFIX = 60
"""Characters that the SDK puts before the text of an error, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbench:
    """What the calls of one session share.

    `options` are those of a run, by name, as variables have them: credentials reach a command in
    its environment alone. `own` is the deployment for which they are meant.
    """

    contract: str | None
    overlay: Path | None
    reach: Reach
    own: Target | None
    options: Mapping[str, str] = field(repr=False)
    secrets: Secrets = field(repr=False)
    folder: Path
    running: ExitStack
    mocks: dict[tuple[Path, Path | None], str] = field(default_factory=dict)

    @property
    def report(self) -> Path:
        """Where the last proof was written."""
        return self.folder / "report.json"

    def file(self, contract: str) -> Path | str:
        """The contract of a call: a file or a URL."""
        named = contract or self.contract
        if named == "-":
            raise self.refusal("standard input carries the protocol; name a file")
        try:
            return named_contract(named) if named else chosen_contract(None)
        except click.UsageError as error:
            raise self.refusal(str(error)) from error

    def url(self, given: str) -> str:
        """The address of a call: one of this machine, or the deployment that the server was given.

        Whoever steers the agent must not send credentials, or thousands of requests, elsewhere.
        """
        if not given and self.own is None:
            raise self.refusal("give the URL of the implementation: prove(url=…)")
        try:
            target = parse_target(given) if given else self.own
        except TargetError as error:
            raise self.refusal(str(error)) from error
        assert target is not None
        if target.local or (self.own is not None and target.origin == self.own.origin):
            return target.url
        raise self.refusal(
            f"{target.origin} is neither this machine nor the deployment of this server; start it "
            f"as `conformance mcp --url {target.origin}` to allow that"
        )

    def hidden(self, text: str) -> str:
        """The text without the caller's credentials, nor those of URLs, within the limit."""
        return masked_urls(self.secrets.hide(text))[:LIMIT]

    def refusal(self, text: str) -> ToolError:
        """The error with which a call ends; the SDK puts the tool's name before it."""
        return ToolError(self.hidden(text)[: LIMIT - _PREFIX])

    async def done(
        self, ctx: Context, name: str, *arguments: str, options: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        """Exit status and output of a command of ours."""
        with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
            env = dict(clean_environment(Path(folder)))
            env |= {variable("conformance", key): text for key, text in (options or {}).items()}
            command = [*ours("conformance"), name, *arguments]
            try:
                with running(command, name=f"conformance {name}", env=env) as process:
                    return await _ended(process, ctx), self.hidden(process.output().strip())
            except ProcessError as error:
                raise self.refusal(str(error)) from error


async def _ended(process: Process, ctx: Context) -> int:
    """Its status once it has ended; the client hears of it meanwhile."""
    begun = told = time.monotonic()
    while process.handle.poll() is None:
        await asyncio.sleep(_PAUSE)
        if time.monotonic() - told >= _TOLD_EVERY:
            told = time.monotonic()
            await ctx.report_progress(told - begun, message=f"{process.name} is running")
    return process.wait()
