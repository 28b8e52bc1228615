"""What is tested: an address, or an ASGI application."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from spec.text.secrets import masked_urls

__all__ = ["Target", "TargetError", "is_local", "parse_target"]


class TargetError(ValueError):
    """An address that nothing can be sent to: what is wrong, and how it should look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`prefix` is the path of the URL, without a slash at its end. `app` stands for a socket."""

    scheme: str = "http"
    host: str = "app"
    port: int = 80
    prefix: str = ""
    app: Any = field(default=None, compare=False)
    insecure: bool = False
    ca: Path | None = None

    @property
    def authority(self) -> str:
        """Host and port as they stand in `Host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = {"http": 80, "https": 443}[self.scheme]
        return host if self.port == default else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """The address without a path."""
        return f"{self.scheme}://{self.authority}"

    @property
    def local(self) -> bool:
        """Whether it is on this machine, so that nothing that is sent there leaves it."""
        return is_local(self.host)

    @property
    def url(self) -> str:
        """The address as reports show it."""
        return f"{self.origin}{self.prefix}"

    def below(self, bases: Iterable[str]) -> Target:
        """The same without the path of the contract's server at its end: it is sent once.

        A URL is copied from the contract's `servers`, path and all, as often as without it.
        `bases` are the paths of all operations' servers; only one that all have is meant.
        """
        first, *others = {*bases} or {""}
        base = "" if others else first
        doubled = bool(base) and self.prefix.endswith(base)
        return replace(self, prefix=self.prefix.removesuffix(base)) if doubled else self

    def tls(self) -> ssl.SSLContext | None:
        """What is trusted; None for plain HTTP. Raises TargetError for a bad `--ca`."""
        if self.scheme != "https":
            return None
        try:
            context = ssl.create_default_context(cafile=str(self.ca) if self.ca else None)
        except OSError as error:
            why = "none is in it" if isinstance(error, ssl.SSLError) else error.strerror
            raise TargetError(
                f"--ca {self.ca}: no certificate can be read: {why}; name a PEM file, which begins "
                f"with -----BEGIN CERTIFICATE-----"
            ) from error
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def is_local(host: str) -> bool:
    """Whether a host, as it stands in a URL, is this machine (RFC 6761 section 6.3)."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def parse_target(url: str, *, insecure: bool = False, ca: Path | None = None) -> Target:
    """Read `--url`. Its path stands before every path of the contract (see `Target.below`).

    Raises:
        TargetError: no URL of http or https that requests can be sent to.
    """
    text = url.strip()
    shown = masked_urls(text)
    if text.endswith((".yaml", ".yml", ".json")) and "://" not in text:
        raise TargetError(
            f"--url {shown}: this names a file; give it with --contract, and the address of the "
            "API with --url"
        )
    # Asked before it is parsed: `localhost:3000` has, by the grammar, the scheme `localhost`.
    if "://" not in text:
        meant = masked_urls(f"http://{text}")
        raise TargetError(f"--url: there is no scheme; did you mean {meant} ?")
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise TargetError(f"--url {shown}: this is no URL: {error}") from error
    if parts.scheme not in ("http", "https"):
        raise TargetError(f"--url {shown}: only http and https can be tested, not {parts.scheme}")
    if not parts.hostname:
        raise TargetError(f"--url {shown}: it has no host; try http://localhost:8000")
    if parts.username or parts.password:
        raise TargetError("--url: it must not contain a user name or password; use --credential")
    if parts.query or parts.fragment:
        raise TargetError(f"--url {shown}: remove everything after the path")
    # Of the line breaks that a URL must not have either, `urlsplit` says nothing.
    written = quote(parts.path, safe="/%:@!$&'()*+,;=~")
    if written != parts.path or any(letter in text for letter in "\r\n\t"):
        raise TargetError(f"--url {shown!r}: write its path in the characters of URLs: {written}")
    try:
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except ValueError as error:
        raise TargetError(f"--url {shown}: the port is not a number from 1 to 65535") from error
    return Target(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port,
        prefix=parts.path.rstrip("/"),
        insecure=insecure,
        ca=ca,
    )
