"""The flags of `conformance run`: each with its help, its default and its section, declared once.

One table, and as long as the flags are many: a reader looks one up, and `--help`, the variables,
the configuration file and other commands all take it from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from conformance.commands.contracts.contract_choice import (
    SingleOption,
    contract_option,
    waivers_option,
)
from conformance.commands.contracts.reach import reach_options
from conformance.commands.options.help_texts import with_options
from conformance.commands.options.level_option import level_option
from conformance.commands.options.parameter_types import FiniteRange
from conformance.commands.options.reporting import (
    baseline_option,
    fail_on_option,
    quiet_option,
    report_option,
)
from conformance.commands.running.run_inputs import Shard
from spec.settings.option_sources import LINE

__all__ = ["EXAMPLES", "SECTIONS", "flags_of_run"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_EXISTING = click.Path(path_type=Path, dir_okay=False, exists=True)


SECTIONS: Mapping[str, tuple[str, ...]] = {
    "Target": (
        "url", "contract", "overlay", "root", "remote_refs", "setup", "teardown", "ca", "insecure",
    ),
    "Requests and credentials": (
        "examples", "tokens", "token_commands", "credentials", "expired_token", "foreign",
        "headers",
    ),
    "Tests and limits": (
        "include", "exclude", "clauses", "shard", "harmless", "allow_writes", "max_billable",
        "max_examples", "time_budget", "max_response_time", "max_consistency_time", "rate", "seed",
    ),
    "Findings and reports": (
        "levels", "fail_on", "min_observed", "waivers", "baseline", "reports", "quiet", "log",
        "verbose",
    ),
}  # fmt: skip
"""The options by what they are about, for `--help`."""
EXAMPLES = {
    "conformance run --url http://127.0.0.1:3000 --contract openapi.yaml": (
        "an API without credentials"
    ),
    "CONFORMANCE_TOKEN=… conformance run --url https://staging.example.com/api": (
        "with the openapi.yaml of this folder and a credential"
    ),
    "conformance run --url URL --clause 'POST /api/chat body.model.required'": (
        "test one clause again after a change"
    ),
    "conformance run --url URL --include 'POST /api/chat' --example 'POST /api/chat=chat.json'": (
        "test one operation with your own valid request"
    ),
}
"""Command lines with what they are for, for `--help`."""

_FLAGS: tuple[Callable[[Callable[..., Any]], Callable[..., Any]], ...] = (
    click.option(
        "--url",
        cls=SingleOption,
        metavar="URL",
        help="Base URL of the deployment, including any path before the contract's paths. The path "
        "of the contract's server may be in it or not.",
    ),
    contract_option(),
    click.option(
        "--overlay",
        type=_FILE,
        metavar="FILE",
        help="OpenAPI Overlay with examples of valid requests and x-conformance marks. Default: "
        "NAME.overlay.yaml in the contract's folder.",
    ),
    reach_options,
    click.option(
        "--example",
        "examples",
        multiple=True,
        type=LINE,
        metavar="OPERATION=FILE",
        help="File with a valid request of an operation, as JSON or YAML: its body, or {path, "
        "query, headers, cookies, body}. Repeatable.",
    ),
    click.option(
        "--token",
        "tokens",
        multiple=True,
        type=LINE,
        metavar="[TAG=]TOKEN",
        help="The credential. TAG= limits it to the operations of a tag, or to one operation. "
        "Prefer the variable CONFORMANCE_TOKEN (one per line): other users of the machine can read "
        "a command line. Repeatable.",
    ),
    click.option(
        "--token-command",
        "token_commands",
        multiple=True,
        type=LINE,
        metavar="[TAG=]CMD",
        help="Shell command that prints the credential, within 30 seconds. It is run again when "
        "the credential expires. TAG= works as in --token; SCHEME= names a security scheme. "
        "Repeatable.",
    ),
    click.option(
        "--expired-token",
        metavar="TOKEN",
        help="A token that has expired; the deployment must refuse it.",
    ),
    click.option(
        "--credential",
        "credentials",
        multiple=True,
        type=LINE,
        metavar="SCHEME=VALUE",
        help="The credential of a security scheme: `user:password` for HTTP Basic; "
        "`client_credentials:ID:SECRET` to fetch a token with OAuth 2 from the contract's "
        "tokenUrl. Repeatable.",
    ),
    click.option(
        "--foreign",
        multiple=True,
        type=LINE,
        metavar="NAME=VALUE",
        help="A credential of another system. The deployment must refuse it alone, and must ignore "
        "it beside a valid one. NAME is a security scheme, a header, cookie:NAME or query:NAME. "
        "Repeatable.",
    ),
    click.option(
        "-H",
        "--header",
        "headers",
        multiple=True,
        type=LINE,
        metavar="'NAME: VALUE'",
        help="Header to send with every request; one of a security scheme is its credential. "
        "Repeatable.",
    ),
    click.option(
        "--include",
        multiple=True,
        type=LINE,
        metavar="SELECTOR",
        help="Test only these operations: `POST /api/x`, a path, a method, a tag or an "
        "operationId; * matches any text. Repeatable.",
    ),
    click.option(
        "--exclude",
        multiple=True,
        type=LINE,
        metavar="SELECTOR",
        help="Do not test these operations. Repeatable.",
    ),
    click.option(
        "--clause",
        "clauses",
        multiple=True,
        type=LINE,
        metavar="ID",
        help="Test only this clause and what it depends on; `conformance clauses` lists the IDs. "
        "Repeatable.",
    ),
    click.option(
        "--shard",
        type=Shard(),
        metavar="I/N",
        help="Test only the I-th of N parts of the operations; `conformance merge` combines the "
        "reports.",
    ),
    click.option(
        "--harmless",
        multiple=True,
        type=LINE,
        metavar="SELECTOR",
        help="Operations that change nothing, although their method is POST, PUT, PATCH or DELETE. "
        "Repeatable.",
    ),
    click.option("--allow-writes", is_flag=True, help="Also send requests that change data."),
    click.option(
        "--max-billable",
        type=click.IntRange(min=0),
        default=25,
        show_default=True,
        metavar="N",
        help="Budget: how many successful requests with an unsafe method each operation may get.",
    ),
    click.option(
        "--max-examples",
        type=click.IntRange(min=0),
        default=20,
        show_default=True,
        metavar="N",
        help="Maximum number of generated cases of each kind, per operation; 0 generates none.",
    ),
    click.option(
        "--min-observed",
        type=FiniteRange(0, 100),
        default=0,
        metavar="PERCENT",
        help="Exit with 2 if a smaller share of the clauses was observed (held or broken).",
    ),
    click.option(
        "--time-budget",
        type=FiniteRange(min=0),
        default=0,
        metavar="S",
        help="End the run after this many seconds and report the findings "
        "so far; 0 means no limit.",
    ),
    click.option(
        "--max-response-time",
        type=FiniteRange(min=0.1),
        default=10.0,
        show_default=True,
        metavar="S",
        help="Seconds after which a slow response is a finding.",
    ),
    click.option(
        "--max-consistency-time",
        type=FiniteRange(min=0),
        default=10.0,
        show_default=True,
        metavar="S",
        help="Seconds that a write may take to show in a GET.",
    ),
    click.option("--rate", metavar="N/s", help="Maximum request rate, such as 5/s or 100/m."),
    click.option(
        "--seed",
        type=int,
        default=1,
        show_default=True,
        metavar="N",
        help="Seed of generated values.",
    ),
    click.option(
        "--setup",
        metavar="CMD",
        help="A shell command to run before the first request; CONFORMANCE_URL is set. If it "
        "fails, nothing is sent.",
    ),
    click.option(
        "--teardown",
        metavar="CMD",
        help="A shell command to run after the last request, also if the run was interrupted.",
    ),
    click.option(
        "--ca", type=_EXISTING, metavar="FILE", help="PEM file of the certificates to trust."
    ),
    click.option("--insecure", is_flag=True, help="Do not verify the server's certificate."),
    waivers_option,
    baseline_option,
    quiet_option,
    level_option,
    fail_on_option,
    report_option,
)
"""In the order of `--help`."""


def flags_of_run(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function the flags of `conformance run`, as decorators would one by one."""
    return with_options(function, _FLAGS)
