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
        help="Address to listen on; 0.0.0.0 listens on all addresses of this machine.",
    ),
    click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=4010,
        show_default=True,
        envvar="PORT",
        metavar="PORT",
        help="Port to listen on; 0 chooses a free port.",
    ),
    click.option(
        "--overlay",
        type=_FILE,
        metavar="FILE",
        help="OpenAPI Overlay to apply to the contract. Default: the file NAME.overlay.yaml in "
        "the folder of NAME.yaml, if it exists.",
    ),
    click.option("--no-overlay", is_flag=True, help="Do not apply an overlay."),
    click.option(
        "--root",
        type=click.Path(path_type=Path, file_okay=False, exists=True),
        metavar="DIR",
        help="Folder whose files the contract's $refs may name. Default: the contract's folder.",
    ),
    click.option(
        "--remote-ref",
        "remote_ref",
        multiple=True,
        metavar="URL",
        help="URL that the contract's $refs may name; all other URLs are refused. Repeatable.",
    ),
    click.option("--strict", is_flag=True, help="Refuse to start on a contract that has faults."),
    click.option(
        "--auth",
        multiple=True,
        default=("any",),
        metavar="any|token=T|jwt|off",
        help="Which credentials are accepted. any: every well-formed one (the default). token=T: "
        "only this token (repeatable). jwt: JWTs that are signed with --jwt-secret. off: no "
        "credential is needed.",
    ),
    click.option("--jwt-secret", default="", metavar="S", help="Secret that signs the JWTs."),
    click.option(
        "--seed",
        type=int,
        metavar="N",
        help="Seed of the generated values. Default: the simplest valid values.",
    ),
    click.option(
        "--dynamic",
        is_flag=True,
        help="Generate every response from its schema, even where the contract has an example.",
    ),
    click.option(
        "--max-body",
        type=click.IntRange(min=0),
        default=10 * 1024 * 1024,
        show_default=True,
        metavar="BYTES",
        help="Largest request body that is accepted; a larger one gets 413.",
    ),
    click.option(
        "--admin-token",
        metavar="T",
        help="Token that opens /__mock/ to other machines: they send it as a bearer token.",
    ),
    click.option(
        "--scenarios",
        type=_FILE,
        metavar="FILE",
        help="YAML file with scenarios. They are loaded at the start, and loaded again when the "
        "file changes.",
    ),
    click.option(
        "--stateful",
        is_flag=True,
        help="Keep state: a POST, PUT, PATCH or DELETE changes what later responses contain, "
        "until a reset.",
    ),
    click.option(
        "--upstream",
        metavar="URL",
        help="Forward requests to this deployment and return its responses. Prefer headers and "
        "scenarios take precedence.",
    ),
    click.option(
        "--upstream-for",
        multiple=True,
        type=LINE,
        metavar="SELECTOR",
        help="Forward only these operations and mock the others: `POST /api/x`, a path, a "
        "method, a tag or an operationId; * matches any text. Repeatable.",
    ),
    click.option(
        "--fallback",
        is_flag=True,
        help="Where the upstream does not answer, return the mock's response instead of a 502.",
    ),
    click.option(
        "--record",
        type=_FILE,
        metavar="FILE",
        help="Write the upstream's responses to this overlay as examples. Credentials are "
        "masked, and responses that break the contract are marked.",
    ),
    click.option("--no-journal", is_flag=True, help="Do not record requests for /__mock/requests."),
    click.option(
        "--allow-page-scenarios",
        is_flag=True,
        help="Allow pages of other origins to start scenarios for the X-Mock-Key that they send.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(1, 64),
        default=1,
        show_default=True,
        metavar="N",
        help="Number of processes. They share the port, the scenarios, the journal and the state.",
    ),
    click.option(
        "--state",
        metavar="URL",
        help="Redis (redis://HOST:PORT/DB) through which mocks on several machines share "
        "scenarios, journal and state.",
    ),
    click.option(
        "--tls-cert",
        type=_FILE,
        metavar="FILE",
        help="Serve HTTPS with this certificate (PEM, including its chain).",
    ),
    click.option(
        "--tls-key", type=_FILE, metavar="FILE", help="Private key of the certificate (PEM)."
    ),
    click.option(
        "--no-watch",
        is_flag=True,
        help="Do not reload the contract, overlay and scenarios when their files change.",
    ),
    click.option("--quiet", is_flag=True, help="Print only errors, and with --port 0 the URL."),
    click.option(
        "--log-format",
        type=click.Choice(["pretty", "json"]),
        default="pretty",
        show_default=True,
        help="Format of the log: text for people, or one JSON object per line.",
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
        raise click.UsageError(
            "--workers: this operating system cannot fork processes; leave the option out"
        )
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
                raise click.UsageError(f"{flag} needs an upstream; name it with --upstream URL")
        return None
    from mock_server.upstream.deployment import Upstream, UpstreamError, checked_url
    from mock_server.upstream.recording import Recorder

    if given["record"] and given["workers"] > 1:
        raise click.UsageError("--record works with one process only; leave out --workers")
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
        raise click.UsageError(
            "CONTRACT must be a file; download it first, for example with curl -O URL"
        )
    overlay: Path | None = given["overlay"]
    wanted = not given["no_overlay"] or bool(overlay and _outranks(ctx, "overlay", "no_overlay"))
    # A shell's *.yaml finds the overlays as well, which lie beside their contracts.
    contracts = [one for one in named if not (len(named) > 1 and _is_companion(one))]
    if wanted and overlay and len(contracts) > 1:
        raise click.UsageError(
            "--overlay works with one contract only; with several, put each overlay beside its "
            "contract as NAME.overlay.yaml"
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
