"""The certificate and the key of HTTPS, read at the start and when they change."""

from __future__ import annotations

import logging
import os
import ssl
from pathlib import Path

from spec.reading.regular_files import bytes_of

__all__ = ["Certificate", "TlsError", "tls_context"]

_log = logging.getLogger("mock_server")


class TlsError(Exception):
    """The certificate or its key cannot be used: which file, why, and what to do."""


class Certificate:
    """What new connections are encrypted with; connections that are open keep what they have.

    Certificates are renewed under the same name, their key before or after them. Files that
    cannot be used are reported once, and the last valid ones stay in use.

    Raises TlsError: the files cannot be used at the start.
    """

    def __init__(self, certificate: Path, key: Path, *, is_watched: bool = True) -> None:
        self._files, self._is_watched = (certificate, key), is_watched
        self._read = self._stamps()
        self._context = tls_context(certificate, key)

    def context(self) -> ssl.SSLContext:
        """For the next connection."""
        if self._is_watched and (stamps := self._stamps()) != self._read:
            self._read = stamps
            try:
                self._context = tls_context(*self._files)
            except TlsError as problem:
                _log.warning("%s; the certificate that was read before serves on", problem)
        return self._context

    def _stamps(self) -> list[tuple[int, int, int] | None]:
        return [_stamp(file) for file in self._files]


def _stamp(file: Path) -> tuple[int, int, int] | None:
    """What changes when a file is written or exchanged; None where there is none."""
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """What a server needs to speak HTTPS (TLS 1.2 or later, HTTP/1.1). Raises TlsError."""
    for option, file in (("--tls-cert", certificate), ("--tls-key", key)):
        _refuse_unreadable(option, file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # RFC 8996 forbids the older ones; a default of OpenSSL may still allow them.
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Tells a client that offers HTTP/2 as well which of the two is spoken (RFC 7301).
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except ssl.SSLError as problem:
        raise TlsError(_explained(problem, certificate, key)) from None
    return context


def _refuse_unreadable(option: str, file: Path) -> None:
    """Raise TlsError for a file that is not there or not PEM: OpenSSL would not say which."""
    try:
        text = bytes_of(file)
    except OSError as problem:
        raise TlsError(f"{option} {file}: {problem.strerror}") from None
    if b"-----BEGIN " not in text:
        raise TlsError(
            f"{option} {file}: this is not a PEM file; convert it, for example with openssl"
        )


class _EncryptedKeyError(ssl.SSLError):
    """The key needs a password; the mock must not wait for input."""


def _no_password() -> str:
    raise _EncryptedKeyError


def _explained(problem: ssl.SSLError, certificate: Path, key: Path) -> str:
    if isinstance(problem, _EncryptedKeyError):
        return f"--tls-key {key}: the key is encrypted; decrypt it with: openssl pkey -in {key}"
    if problem.reason == "KEY_VALUES_MISMATCH":
        return f"--tls-key {key}: this is not the key of the certificate {certificate}"
    reason = (problem.reason or "unknown").replace("_", " ").lower()
    return f"--tls-cert {certificate}, --tls-key {key}: OpenSSL cannot use them: {reason}"
