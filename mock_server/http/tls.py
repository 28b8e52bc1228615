"""The certificate and the key of HTTPS, read at the start."""

from __future__ import annotations

import ssl
from pathlib import Path

__all__ = ["TlsError", "tls_context"]


class TlsError(Exception):
    """The certificate or its key cannot be used: which file, why, and what to do."""


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """What a server needs to speak HTTPS (TLS 1.2 or later, HTTP/1.1). Raises TlsError."""
    for option, file in (("--tls-cert", certificate), ("--tls-key", key)):
        _refuse_unreadable(option, file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except ssl.SSLError as problem:
        raise TlsError(_explained(problem, certificate, key)) from None
    return context


def _refuse_unreadable(option: str, file: Path) -> None:
    """Raise TlsError for a file that is not there or not PEM: OpenSSL would not say which."""
    try:
        text = file.read_bytes()
    except OSError as problem:
        raise TlsError(f"{option} {file}: {problem.strerror}") from None
    if b"-----BEGIN " not in text:
        raise TlsError(
            f"{option} {file}: this is no PEM file; convert it, for example with openssl"
        )


class _EncryptedKeyError(ssl.SSLError):
    """The key asks for a password, and nobody may be there to type one."""


def _no_password() -> str:
    raise _EncryptedKeyError


def _explained(problem: ssl.SSLError, certificate: Path, key: Path) -> str:
    if isinstance(problem, _EncryptedKeyError):
        return f"--tls-key {key}: the key is encrypted; decrypt it with: openssl pkey -in {key}"
    if problem.reason == "KEY_VALUES_MISMATCH":
        return f"--tls-key {key}: this is not the key of the certificate {certificate}"
    told = (problem.reason or "unknown").replace("_", " ").lower()
    return f"--tls-cert {certificate}, --tls-key {key}: OpenSSL cannot use them: {told}"
