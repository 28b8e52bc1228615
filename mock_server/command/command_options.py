"""The options of `mock-server`, each declared once, and what they say together."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from spec.settings.sources import LINE

if TYPE_CHECKING:
    from mock_server.command.contract_source import Source
    from mock_server.model.mock_settings import Settings
    from mock_server.upstream.deployment import Upstream

__all__ = ["DECLARED", "Options", "read_options"]

_FILE = click.Path(path_type=Path, dir_okay=False)

_STRONGEST_FIRST = (
    ParameterSource.COMMANDLINE,
    ParameterSource.ENVIRONMENT,
    ParameterSource.DEFAULT_MAP,
    ParameterSource.DEFAULT,
    None,
)

DECLARED: tuple[Callable[[click.Command], click.Command], ...] = (
    click.argument("contract", nargs=-1, type=_FILE),
    click.option(
        "--host",
        default="127.0.0.1",
        show_default=True,
        metavar="ADDRESS",
        help="Address to listen on; 0.0.0.0 is every one of this machine.",
    ),
    click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=4010,
        show_default=True,
        envvar="PORT",
        metavar="PORT",
        help="Port to listen on; 0 takes a free one.",
    ),
    click.option(
        "--overlay",
        type=_FILE,
        metavar="FILE",
        help="OpenAPI Overlay to lay over the contract. Without it, NAME.overlay.yaml beside "
        "NAME.yaml is taken, if there is one.",
    ),
    click.option("--no-overlay", is_flag=True, help="Serve the contract alone."),
    click.option(
        "--root",
        type=click.Path(path_type=Path, file_okay=False, exists=True),
        metavar="DIR",
        help="The folder that the contract's $refs may lead to; else the contract's own.",
    ),
    click.option(
        "--remote-ref",
        "remote_ref",
        multiple=True,
        metavar="URL",
        help="A URL that the contract's $refs may lead to; any other is refused. Repeatable.",
    ),
    click.option("--strict", is_flag=True, help="Refuse to start on a contract that has faults."),
    click.option(
        "--auth",
        multiple=True,
        default=("any",),
        metavar="any|token=T|jwt|off",
        help="Credentials that are good: any well-formed one (the default), these tokens alone "
        "(repeatable), JWTs signed with --jwt-secret, or none needed.",
    ),
    click.option("--jwt-secret", default="", metavar="S", help="Secret that signs the JWTs."),
    click.option(
        "--seed", type=int, metavar="N", help="Seed of generated values; without it the plainest."
    ),
    click.option("--dynamic", is_flag=True, help="Generate every answer, examples or not."),
    click.option(
        "--max-body",
        type=click.IntRange(min=0),
        default=10 * 1024 * 1024,
        show_default=True,
        metavar="BYTES",
        help="Largest request body; beyond it the answer is 413.",
    ),
    click.option(
        "--admin-token",
        metavar="T",
        help="Opens what is under /__mock/ to other machines that send this bearer token.",
    ),
    click.option(
        "--scenarios",
        type=_FILE,
        metavar="FILE",
        help="YAML file of scenarios that wait from the start, and again when it changes.",
    ),
    click.option(
        "--stateful",
        is_flag=True,
        help="Let what a POST, PUT, PATCH or DELETE did show in later answers, until a reset.",
    ),
    click.option(
        "--upstream",
        metavar="URL",
        help="Forward requests to this deployment, and give its answers; wishes and scenarios go "
        "before.",
    ),
    click.option(
        "--upstream-for",
        multiple=True,
        type=LINE,
        metavar="SELECTOR",
        help="Forward these operations only, mock the others: `POST /api/x`, a path, a method, a "
        "tag, an operationId; * is anything. Repeatable.",
    ),
    click.option(
        "--fallback",
        is_flag=True,
        help="Mock the answer where the upstream gives none; else it is a 502.",
    ),
    click.option(
        "--record",
        type=_FILE,
        metavar="FILE",
        help="Keep the upstream's answers as examples of an overlay, redacted and judged.",
    ),
    click.option("--no-journal", is_flag=True, help="Keep no requests for /__mock/requests."),
    click.option(
        "--allow-page-scenarios",
        is_flag=True,
        help="Let pages of other origins play scenarios for the X-Mock-Key that they send.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(1, 64),
        default=1,
        show_default=True,
        metavar="N",
        help="Processes that share the port, and scenarios, journal and state as well.",
    ),
    click.option(
        "--state",
        metavar="URL",
        help="Share scenarios, journal and state through Redis (redis://HOST:PORT/DB) with mocks "
        "on other machines.",
    ),
    click.option(
        "--tls-cert",
        type=_FILE,
        metavar="FILE",
        help="Speak HTTPS with this certificate (PEM, its chain with it).",
    ),
    click.option("--tls-key", type=_FILE, metavar="FILE", help="Key of the certificate (PEM)."),
    click.option("--no-watch", is_flag=True, help="Do not reload files that change."),
    click.option(
        "--quiet", is_flag=True, help="Say nothing but errors, and the URL where --port is 0."
    ),
    click.option(
        "--log-format",
        type=click.Choice(["pretty", "json"]),
        default="pretty",
        show_default=True,
        help="Lines for people, or one JSON object a line.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a start was asked for; `port` 0 is any free one, `tls` a certificate and its key."""

    sources: tuple[Source, ...]
    settings: Settings
    host: str
    port: int
    strict: bool
    workers: int
    watch: bool
    quiet: bool
    json: bool
    scenarios: Path | None = None
    tls: tuple[Path, Path] | None = None
    state: str | None = field(default=None, repr=False)
    upstream: Upstream | None = None


def read_options(ctx: click.Context, given: Mapping[str, Any]) -> Options:
    """Make sense of the options together. Raises click.UsageError where they contradict."""
    from mock_server.model.mock_settings import Settings

    if given["workers"] > 1 and not hasattr(os, "fork"):
        raise click.UsageError("--workers: this system cannot fork; leave it out, one is quick")
    return Options(
        sources=_sources(ctx, given),
        settings=Settings(
            auth=_auth(given),
            seed=given["seed"],
            dynamic=given["dynamic"],
            max_body=given["max_body"],
            admin_token=given["admin_token"],
            journal=not given["no_journal"],
            allow_page_scenarios=given["allow_page_scenarios"],
            stateful=given["stateful"],
        ),
        host=given["host"],
        port=given["port"],
        strict=given["strict"],
        workers=given["workers"],
        watch=not given["no_watch"],
        quiet=given["quiet"],
        json=given["log_format"] == "json",
        scenarios=given["scenarios"],
        tls=_tls(given),
        state=given["state"],
        upstream=_upstream(given),
    )


def _upstream(given: Mapping[str, Any]) -> Upstream | None:
    if not given["upstream"]:
        for name in ("upstream_for", "fallback", "record"):
            if given[name]:
                flag = f"--{name.replace('_', '-')}"
                raise click.UsageError(f"{flag}: there is no upstream; name it with --upstream URL")
        return None
    from mock_server.upstream.deployment import Upstream, UpstreamError, checked_url
    from mock_server.upstream.recording import Recorder

    if given["record"] and given["workers"] > 1:
        raise click.UsageError("--record: one process writes the file; leave out --workers")
    try:
        return Upstream(
            url=checked_url(given["upstream"]),
            selectors=given["upstream_for"],
            fallback=given["fallback"],
            recorder=Recorder(given["record"]) if given["record"] else None,
        )
    except UpstreamError as error:
        raise click.UsageError(f"--upstream: {error}") from None


def _tls(given: Mapping[str, Any]) -> tuple[Path, Path] | None:
    certificate, key = given["tls_cert"], given["tls_key"]
    if certificate is not None and key is not None:
        return certificate, key
    if certificate is not None:
        raise click.UsageError("--tls-cert: the certificate needs its key; give --tls-key FILE")
    if key is not None:
        raise click.UsageError("--tls-key: the key needs its certificate; give --tls-cert FILE")
    return None


def _sources(ctx: click.Context, given: Mapping[str, Any]) -> tuple[Source, ...]:
    from spec import AI_CONTRACT

    named: tuple[Path, ...] = given["contract"] or (AI_CONTRACT,)
    if any(str(one).startswith(("http:/", "https:/")) for one in named):
        raise click.UsageError("a contract is a file; download it, for example with curl -O URL")
    overlay: Path | None = given["overlay"]
    wanted = not given["no_overlay"] or bool(overlay and _outranks(ctx, "overlay", "no_overlay"))
    # A shell's *.yaml finds the overlays as well, which lie beside their contracts.
    contracts = [one for one in named if not (len(named) > 1 and _is_companion(one))]
    if wanted and overlay and len(contracts) > 1:
        raise click.UsageError(
            "--overlay is for one contract; of several, each has NAME.overlay.yaml beside it"
        )
    # A file that is named twice would only clash with itself.
    once = {one.resolve(): one for one in reversed(contracts or named)}
    return tuple(_source(one, given, overlay, wanted) for one in reversed(once.values()))


def _is_companion(file: Path) -> bool:
    return file.stem.endswith(".overlay")


def _source(contract: Path, given: Mapping[str, Any], overlay: Path | None, wanted: bool) -> Source:
    from mock_server.command.contract_source import Source
    from spec import companion_overlay

    return Source(
        contract=contract,
        overlay=(overlay or companion_overlay(contract)) if wanted else None,
        root=given["root"],
        remote_refs=given["remote_ref"],
        strict=given["strict"],
    )


def _outranks(ctx: click.Context, one: str, other: str) -> bool:
    """Whether an option was given by a stronger source than another: flag, variable, table."""
    first, second = ctx.get_parameter_source(one), ctx.get_parameter_source(other)
    if first == second:
        raise click.UsageError("--overlay and --no-overlay exclude one another; give one of them")
    return _STRONGEST_FIRST.index(first) < _STRONGEST_FIRST.index(second)


def _auth(given: Mapping[str, Any]) -> Any:
    from mock_server.model.mock_settings import AuthPolicy

    try:
        return AuthPolicy.parse(given["auth"], secret=given["jwt_secret"])
    except ValueError as problem:
        raise click.UsageError(f"--auth: {problem}") from None
