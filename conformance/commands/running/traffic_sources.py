"""Where commands have recorded traffic from: archives, and the journal of a running mock."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from conformance.commands.contracts.contract_choice import contract_option
from conformance.commands.options.help_texts import with_options
from conformance.commands.options.parameter_types import FiniteRange
from conformance.commands.options.telling import tell
from conformance.traffic.followed import UPSTREAM, FollowError, follow
from conformance.traffic.har import CutHarError, HarError, read_har
from conformance.traffic.traffic_judge import TrafficJudge

__all__ = ["taken_in", "traffic_options"]

_STEP = 32 * 1024 * 1024
"""Bytes after which progress is reported again."""
_Command = TypeVar("_Command", bound=Callable[..., Any])


def traffic_options(command: _Command) -> _Command:
    """`--contract`, `--url`, `--follow` and what belongs to them."""
    return with_options(
        command,
        (
            contract_option(),
            click.option(
                "--url",
                metavar="URL",
                help="Judge only requests to this base URL; its path is removed before they are "
                "matched. Default: every origin.",
            ),
            click.option(
                "--follow",
                metavar="URL",
                help="Follow the journal of a running mock-server that has --upstream, until "
                "Ctrl-C or --time-budget. Only the upstream's responses are judged.",
            ),
            click.option(
                "--admin-token",
                default="",
                metavar="T",
                help="The --admin-token of the mock that --follow names.",
            ),
            click.option(
                "--time-budget",
                type=FiniteRange(min=0),
                default=0,
                metavar="S",
                help="Follow for this many seconds; 0 means no limit.",
            ),
        ),
    )


def taken_in(
    judge: TrafficJudge, hars: Iterable[Path], given: Mapping[str, Any]
) -> tuple[list[str], bool]:
    """Give a judge all the traffic that the options name.

    Returns:
        What must be said of it, and whether somebody put an end to it.

    Raises:
        click.UsageError: an archive, or a mock, that cannot be read.
    """
    remarks = list[str]()
    try:
        for file in hars:
            remarks += _judge_archive(judge, file, quiet=given["quiet"])
    except KeyboardInterrupt:
        return remarks, True
    if given["follow"]:
        remarks += _follow(judge, given)
    return remarks, False


def _judge_archive(judge: TrafficJudge, file: Path, *, quiet: bool) -> Iterator[str]:
    """Judge the exchanges of an archive; gives what must be said of it."""
    size = file.stat().st_size
    told = 0

    def progress(count: int) -> None:
        nonlocal told
        if not quiet and count - told >= _STEP:
            told = count
            tell(f"{file}: {_read_of(count, size)} read")

    try:
        for seen in read_har(file, progress):
            judge.add(seen)
    except CutHarError as error:
        yield str(error)
    except HarError as error:
        raise click.UsageError(str(error)) from error


def _read_of(count: int, size: int) -> str:
    """How far an archive is read; what is unpacked is longer than its file."""
    return f"{100 * count // size}%" if size >= count else f"{count // (1024 * 1024)} MB"


def _follow(judge: TrafficJudge, given: Mapping[str, Any]) -> Iterator[str]:
    """Judge what comes, until the time is over or somebody ends it: that is how it ends."""
    budget = given["time_budget"]
    until = time.monotonic() + budget if budget else float("inf")
    others = Counter[str]()

    def lost() -> None:
        if not given["quiet"]:
            tell(f"{given['follow']} does not answer; waiting for it")

    try:
        for source, seen in follow(given["follow"], given["admin_token"], until, lost):
            if source == UPSTREAM:
                # What went through the mock has its address; the deployment's paths are the same.
                judge.add(replace(seen, origin=judge.base or seen.origin))
            else:
                others["the mock's own"] += 1
    except FollowError as error:
        raise click.UsageError(str(error)) from error
    except KeyboardInterrupt:
        pass
    if others:
        yield (
            f"{others.total()} responses came from the mock itself and prove nothing about the "
            f"deployment"
        )
