"""`conformance mcp`: the kit as tools of a coding agent."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from conformance.commands.contracts.reach import Reach
from conformance.commands.options.help_texts import SectionedCommand
from conformance.commands.run import command as run_command
from conformance.commands.run import handed_on, target_of
from conformance.commands.running.run_flags import SECTIONS
from conformance.http.handed_out import SHORTEST
from conformance.http.masking import Secrets
from spec.settings.option_sources import configured

__all__ = ["command"]

_ANSWERED = frozenset(
    {
        "baseline", "clauses", "exclude", "fail_on", "include", "min_observed", "quiet", "reports",
        "shard", "time_budget", "config",
    }
)  # fmt: skip
"""Options of `run` that a call decides, or that say nothing to an agent."""
_EXAMPLES = {
    "claude mcp add api -- conformance mcp --contract openapi.yaml": (
        "register the server with a coding agent"
    ),
    "CONFORMANCE_TOKEN=… conformance mcp --url https://staging.example.com": (
        "allow tests of a remote deployment, with a credential"
    ),
}


@configured("conformance")
@click.command("mcp", cls=SectionedCommand, sections=SECTIONS, examples=_EXAMPLES)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Serve the tools serve, prove, replay, diff and explain to a coding agent.

    This is a server of the Model Context Protocol (MCP) on standard input and output. Each result
    has a verdict, the smallest witness and the next call; it has at most 2,000 characters and
    never contains a credential. It tests only deployments on this machine and the one that --url
    names. It needs the extra `mcp`.
    """
    try:
        from conformance.commands.agent.agent_tools import agent_server
        from conformance.commands.agent.agent_workbench import Workbench
    except ModuleNotFoundError as error:
        # Any other module that is missing is a defect, which no extra mends.
        if (error.name or "").split(".")[0] not in ("mcp", "pydantic"):
            raise
        raise click.UsageError(
            "the Model Context Protocol needs an extra: pip install 'insforge-contract[mcp]'"
        ) from error
    if str(given["contract"]) == "-":
        raise click.UsageError(
            "--contract - is not possible here: standard input carries the protocol; name a file"
        )
    with ExitStack() as stack:
        bench = Workbench(
            contract=given["contract"] and str(given["contract"]),
            overlay=given["overlay"],
            reach=Reach.of(given),
            own=target_of(given) if given["url"] else None,
            options=dict(handed_on(ctx, given, _ANSWERED | {"url", "contract"})),
            secrets=Secrets(given=tuple(_credentials(given))),
            folder=Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="conformance-"))),
            running=stack,
        )
        agent_server(bench, version("insforge-contract")).run("stdio")


command.params.extend(param for param in run_command.params if param.name not in _ANSWERED)


def _credentials(given: Mapping[str, Any]) -> list[str]:
    """What the options have that no answer may show."""
    texts = (*given["tokens"], *given["credentials"], *given["foreign"])
    found = [*texts, given["expired_token"]]
    # `TAG=VALUE` and `SCHEME=USER:PASSWORD`; a value may have these signs itself.
    found += [text.partition("=")[2] for text in texts]
    found += [text.partition("=")[2].partition(":")[2] for text in given["credentials"]]
    for name, _, value in (text.partition(":") for text in given["headers"]):
        if name.strip().lower() == "cookie":
            found += [pair.partition("=")[2] for pair in value.split(";")]
        else:
            found += [value.strip(), value.strip().partition(" ")[2]]
    # What is short stands in many words, and is hidden only where it was given by itself.
    whole = {*given["tokens"], given["expired_token"]}
    return [one for one in found if one and (len(one) >= SHORTEST or one in whole)]
