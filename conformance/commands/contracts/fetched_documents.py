"""Contracts that are no files: what a URL answers, and standard input."""

from __future__ import annotations

import ssl
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass

from conformance.commands.contracts.opened_contract import SourceError
from spec.text.secrets import masked_urls

__all__ = ["FetchedDocument", "fetched_document", "is_fetched"]

_SECONDS = 30
"""Seconds until the server of a contract has to answer."""
_LARGEST = 64 * 1024 * 1024
"""Bytes of a contract that comes from a URL or from standard input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedDocument:
    """The bytes of a document, and what messages call it."""

    name: str
    data: bytes


def is_fetched(text: str) -> bool:
    """Whether a contract of this name is no file: it is a URL, or `-`."""
    return text == "-" or text.startswith(("http://", "https://"))


def fetched_document(text: str) -> FetchedDocument:
    """What a URL answers, or what standard input has for `-`.

    Raises:
        SourceError: no answer, or more than 64 MiB.
    """
    data = _standard_input() if text == "-" else _downloaded(text)
    name = "standard input" if text == "-" else masked_urls(text)
    if len(data) > _LARGEST:
        raise SourceError(
            f"{name} is larger than {_LARGEST // 1024 // 1024} MiB; choose a smaller file"
        )
    return FetchedDocument(name=name, data=data)


def _standard_input() -> bytes:
    return sys.stdin.buffer.read(_LARGEST + 1)


def _downloaded(url: str) -> bytes:
    asked = urllib.request.Request(
        url, headers={"Accept": "application/json, application/yaml, */*"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=_SECONDS) as answer:
            # One byte more than allowed shows that it is too large, without reading all of it.
            data: bytes = answer.read(_LARGEST + 1)
            return data
    except urllib.error.HTTPError as error:
        raise SourceError(
            f"{masked_urls(url)} responds with {error.code}; give the URL of the document itself"
        ) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "reason", error)
        remedy = "check the URL"
        if isinstance(why, ssl.SSLCertVerificationError):
            remedy = "name the certificates to trust in SSL_CERT_FILE, or download the contract"
        elif isinstance(why, ssl.SSLError):
            remedy = "write http:// if the server does not speak TLS"
        raise SourceError(f"{masked_urls(url)} cannot be fetched: {why}; {remedy}") from None
