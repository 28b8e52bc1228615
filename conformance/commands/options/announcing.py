"""`--deprecation-days N`: how long what is deprecated is kept where no date is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from conformance.diff import Announcements

__all__ = ["announcement_option", "announcements_of"]

_Command = TypeVar("_Command", bound=Callable[..., Any])


def announcement_option(command: _Command) -> _Command:
    """The option, for every command that compares two contracts."""
    return click.option(
        "--deprecation-days",
        type=click.IntRange(min=0),
        metavar="N",
        help="Something deprecated without an x-sunset date may be removed N days after its "
        "x-deprecated-since date; 0 allows it at once.",
    )(command)


def announcements_of(given: Mapping[str, Any]) -> Announcements:
    """What makes a removal an announced one."""
    return Announcements(days=given["deprecation_days"])
