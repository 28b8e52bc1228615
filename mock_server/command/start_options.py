"""What the options of a start say together, and where they contradict one another.

What a start does not need is imported where it is asked for: `--help` answers at once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from mock_server.command.contract_source import Source
    from mock_server.model.mock_settings import AuthPolicy, Settings
    from mock_server.upstream.deployment import Upstream

__all__ = ["Options", "read_options"]

_STRONGEST_FIRST = (
    ParameterSource.COMMANDLINE,
    ParameterSource.ENVIRONMENT,
    ParameterSource.DEFAULT_MAP,
    ParameterSource.DEFAULT,
    None,
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
    if given["workers"] > 1 and not hasattr(os, "fork"):
        raise click.UsageError(
            "--workers: this operating system cannot fork processes; leave the option out"
        )
    return Options(
        sources=_sources(ctx, given),
        settings=_settings(given),
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


def _settings(given: Mapping[str, Any]) -> Settings:
    from mock_server.model.mock_settings import Settings

    auth = _auth(given)
    try:
        return Settings(
            auth=auth,
            seed=given["seed"],
            dynamic=given["dynamic"],
            max_body=given["max_body"],
            admin_token=given["admin_token"],
            journal=not given["no_journal"],
            journal_size=given["journal_size"],
            allow_page_scenarios=given["allow_page_scenarios"],
            stateful=given["stateful"],
        )
    except ValueError as problem:
        raise click.UsageError(f"--admin-token: {problem}") from None


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
    # One slash: the type of the option is a path, which has merged the two.
    if any(str(one).startswith(("http:/", "https:/")) for one in named):
        raise click.UsageError(
            "CONTRACT must be a file; download it first, for example with curl -O URL"
        )
    overlay: Path | None = given["overlay"]
    wanted = not given["no_overlay"] or bool(overlay and _overlay_outranks(ctx))
    # A shell's *.yaml finds the overlays as well, which lie beside their contracts.
    contracts = [one for one in named if not (len(named) > 1 and one.stem.endswith(".overlay"))]
    if wanted and overlay and len(contracts) > 1:
        raise click.UsageError(
            "--overlay works with one contract only; with several, put each overlay beside its "
            "contract as NAME.overlay.yaml"
        )
    # A file that is named twice would only clash with itself.
    once = {one.resolve(): one for one in reversed(contracts or named)}
    return tuple(_source(one, given, overlay, wanted) for one in reversed(once.values()))


def _source(contract: Path, given: Mapping[str, Any], overlay: Path | None, wanted: bool) -> Source:
    from mock_server.command.contract_source import Source
    from spec import overlay_of

    return Source(
        contract=contract,
        overlay=overlay_of(contract, overlay) if wanted else None,
        root=given["root"],
        remote_refs=given["remote_ref"],
        strict=given["strict"],
    )


def _overlay_outranks(ctx: click.Context) -> bool:
    """Whether --overlay was given by a stronger source than its opposite: flag, variable, table."""
    first, second = map(ctx.get_parameter_source, ("overlay", "no_overlay"))
    if first == second:
        raise click.UsageError("--overlay and --no-overlay exclude one another; give one of them")
    return _STRONGEST_FIRST.index(first) < _STRONGEST_FIRST.index(second)


def _auth(given: Mapping[str, Any]) -> AuthPolicy:
    from mock_server.model.mock_settings import AuthPolicy

    try:
        return AuthPolicy.parse(given["auth"], secret=given["jwt_secret"])
    except ValueError as problem:
        raise click.UsageError(f"--auth: {problem}") from None
