"""`conformance replay REPORT FINGERPRINT…`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from conformance.commands.contracts.reach import Reach
from conformance.commands.options.report_places import place_of, report_of
from conformance.commands.options.telling import tell
from conformance.commands.run import contract_of, target_of, with_options_of_run
from conformance.commands.running.run_inputs import given_headers
from conformance.report.formats.printable import one_line
from spec.settings.option_sources import configured

if TYPE_CHECKING:
    from conformance.run.replaying.replay import Replayed

__all__ = ["command"]

_OPTIONS = (
    "url", "contract", "overlay", "root", "remote_refs", "tokens", "token_commands",
    "expired_token", "credentials", "foreign", "headers", "harmless", "allow_writes",
    "max_response_time", "max_consistency_time", "ca", "insecure",
)  # fmt: skip
_HELPS = {
    "url": "Base URL of the deployment. Default: the one that the report names.",
    "contract": "The contract. Default: the file that the report names.",
}


@configured("conformance")
@with_options_of_run(*_OPTIONS, helps=_HELPS)
@click.command("replay")
@click.argument("report", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.argument("fingerprints", metavar="FINGERPRINT...", nargs=-1, required=True)
@click.pass_context
def command(
    ctx: click.Context, /, report: Path, fingerprints: tuple[str, ...], **given: Any
) -> None:
    """Send the stored requests of some places of a JSON report again, and judge each response.

    The requests go to the deployment that the report names, or to --url. The responses are judged
    by the contract of the report, or by --contract. A request that may change data needs
    --allow-writes.

    Exit codes: 0 all places hold now, 1 at least one is still broken, 2 wrong usage or input, or a
    place that could not be judged, 3 no response.
    """
    from conformance.run.replaying.replay import Replay, Standing
    from conformance.run.session.run_options import RunOptions

    told = report_of(report)
    places = [place_of(told, one) for one in dict.fromkeys(fingerprints)]
    named = given["contract"] or _file(told.contract.file)
    contract = contract_of(named, given["overlay"], Reach.of(given))
    if contract.sha256 != told.contract.sha256:
        tell("note: the contract has changed since the report was made")
    target = target_of({**given, "url": given["url"] or told.target})
    target = target.below(one.base_paths[0] for one in contract.operations)
    headers, credentials = given_headers(contract, given, target)
    options = RunOptions(
        credentials=credentials,
        headers=headers,
        harmless=given["harmless"],
        allow_writes=given["allow_writes"],
        max_response_time=given["max_response_time"],
        max_consistency_time=given["max_consistency_time"],
    )
    replay = Replay(contract, target, options)
    done = asyncio.run(replay.execute(places))
    _show(done, told.target, target.url)
    standings = {one.standing for one in done}
    # A connection that is dropped is what some places are about.
    if replay.sent and not replay.answered and Standing.BROKEN not in standings:
        tell(f"{replay.target.url} never answered; check the address")
        ctx.exit(3)
    ctx.exit(1 if Standing.BROKEN in standings else 2 if Standing.UNDECIDED in standings else 0)


def _file(name: str) -> Path:
    path = Path(name)
    if not name or not path.is_file():
        raise click.UsageError(
            f"the contract of the report ({name or 'unknown'}) was not found; give it with "
            f"--contract FILE"
        )
    return path


def _show(done: Sequence[Replayed], told: str, url: str) -> None:
    """Print the places; the commands of a report are for the deployment that it names."""
    for one in done:
        name = f"{one.standing.value}  {one.place.fingerprint}  {one.finding.code.value}"
        click.echo(f"{name}  {one_line(one.place.clause)}")
        facts = {
            "expected": one.expected,
            "got": one.said,
            "reproduce": _sent_to(one.place.curl, told, url),
        }
        for title, text in facts.items():
            if text:
                click.echo(f"  {title:<9}  {one_line(text)}")


def _sent_to(curl: str, told: str, url: str) -> str:
    """The command with another base URL; "" where it names the host in other ways as well."""
    moved = curl.replace(told, url)
    return moved if told == url or urlsplit(told).netloc not in moved.replace(url, "") else ""
