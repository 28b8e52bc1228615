"""Explanations of common mistakes that make a run see no success.

A run without a success has often not reached the API: wrong address, proxy, redirect, certificate.
The received responses and one further connection show which of these it was.
"""

from __future__ import annotations

import socket
import ssl
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import SplitResult, urlsplit

import click

from conformance.http.single_request import single_request
from conformance.http.target import Target
from conformance.run.same_answers import status_everywhere
from conformance.run.session.answer_heads import AnswerHead
from conformance.run.whole_run import Run
from spec import Contract, Operation

__all__ = ["diagnoses", "refuse_repeated_path"]

_SECONDS = 5.0
"""Seconds until a connection is given up that is tried for a hint."""


def diagnoses(run: Run) -> list[str]:
    """Sentences on why nothing was seen to succeed; none where something was."""
    if run.ledger.succeeded or run.target.app is not None or run.session is None:
        return []
    if not run.session.answered:
        return list(_of_the_connection(run.target))
    status = status_everywhere(run.session.heads)
    answers = [one for one in run.session.heads if one.status == status]
    return list(_of_a_status(run, status, answers))


def _of_a_status(run: Run, status: int, answers: Sequence[AnswerHead]) -> Iterator[str]:
    if 300 <= status < 400:
        shown = [run.redactor.said(one.location) for one in answers]
        yield from _of_redirects(run.target, [urlsplit(one) for one in shown])
    elif status == 404:
        yield _of_nothing_found(run)
    elif status == 407:
        yield "every response is 407: a proxy asks for its own credential"
    elif status == 401 and not run.options.credentials.secrets:
        yield (
            "every response is 401 and no credential was given; give one with --token or "
            "--credential"
        )
    elif status in (502, 504):
        yield (
            f"every response is {status}: a gateway answers, and the server behind it does not; "
            "start the API itself"
        )
    elif status in (403, 503) and all(one.page for one in answers if not one.empty):
        yield (
            f"every response is {status} with the same kind of HTML page: a proxy, a firewall or "
            f"a login page answers instead of the API; run from a network that reaches the API "
            f"directly"
        )
    elif status == 400 and run.target.scheme == "http" and _speaks_tls(run.target):
        yield f"the port uses TLS: use --url {replace(run.target, scheme='https').url}"


def _of_redirects(target: Target, places: Sequence[SplitResult]) -> Iterator[str]:
    if target.scheme == "http" and any(one.scheme == "https" for one in places):
        host = next(one.netloc for one in places if one.scheme == "https")
        yield (
            "every request is redirected to https, and redirects are not followed: use "
            f"--url https://{host}{target.prefix}"
        )
        return
    origins = Counter(f"{one.scheme}://{one.netloc}" for one in places if one.netloc)
    # A whole URL may lead to another path of the same host.
    del origins[target.origin]
    if origins:
        where = origins.most_common(1)[0][0]
        yield (
            f"every request is redirected to {where}, and redirects are not followed: use "
            f"--url {where}"
        )
        return
    paths = Counter(one.path for one in places if one.path)
    where = f" to {paths.most_common(1)[0][0]}" if paths else ""
    yield (
        f"every request is redirected{where}, and redirects are not followed: check the path in "
        "--url, and the credential"
    )


def _of_nothing_found(run: Run) -> str:
    overlap = _overlap(run.target.prefix, run.operations)
    if overlap:
        shorter = replace(run.target, prefix=run.target.prefix.removesuffix(overlap)).url
        return (
            f"every response is 404: --url ends with {overlap}, and the contract's paths begin "
            f"with it too; try --url {shorter}"
        )
    paths = [
        urlsplit(server.url).path.rstrip("/") for one in run.operations for server in one.servers
    ]
    missing = next((one for one in paths if one and not run.target.prefix.endswith(one)), "")
    if missing:
        return (
            f"every response is 404: the contract's server has the path {missing}; try --url "
            f"{run.target.url}{missing}"
        )
    return (
        "every response is 404: is the URL wrong? Check the path in --url, and check that the "
        "deployment serves this API"
    )


def _overlap(prefix: str, operations: Sequence[Operation]) -> str:
    """The end of the URL's path that the contract's paths begin with as well; "" where none is."""
    parts = PurePosixPath(prefix).parts[1:]
    for start in range(len(parts)):
        end = "/" + "/".join(parts[start:])
        if any(f"{one.path}/".startswith(f"{end}/") for one in operations):
            return end
    return ""


def refuse_repeated_path(target: Target, contract: Contract) -> None:
    """Refuse a URL whose path is that of the contract once more, where the deployment agrees.

    Both spellings are asked for, without a credential: the repeated one must be 404, and the other
    one something else.

    Raises:
        click.UsageError: with the URL that was meant.
    """
    overlap = _overlap(target.prefix, contract.operations)
    if not overlap:
        return
    shorter = replace(target, prefix=target.prefix.removesuffix(overlap))
    path = next(one.path for one in contract.operations if f"{one.path}/".startswith(f"{overlap}/"))
    if "{" not in path and _status(target, path) == 404 and _status(shorter, path) not in (0, 404):
        raise click.UsageError(
            f"--url {target.url}: its path ends with {overlap}, and the contract's paths begin "
            f"with it too; {target.url}{path} responds with 404; use --url {shorter.url}"
        )


def _status(target: Target, path: str) -> int:
    """The status of a GET; 0 where there is no answer."""
    return single_request(target, path).status


def _of_the_connection(target: Target) -> Iterator[str]:
    """Why there was no answer, as the layers below HTTP tell it."""
    try:
        with socket.create_connection((target.host, target.port), timeout=_SECONDS) as plain:
            if target.scheme == "https":
                yield from _of_tls(target, plain)
        # A server may serve one connection at a time: the first one is closed by now.
        if target.scheme == "http" and _speaks_tls(target):
            yield f"the port uses TLS: use --url {replace(target, scheme='https').url}"
    except socket.gaierror:
        yield f"the host name {target.host} cannot be resolved: check its spelling and the network"
    except ConnectionRefusedError:
        yield (
            f"no server listens on port {target.port} of {target.host}; start it, or correct --url"
        )
    except OSError as error:
        yield f"{target.host}:{target.port} cannot be connected to: {error.strerror or error}"


def _of_tls(target: Target, plain: socket.socket) -> Iterator[str]:
    context = target.tls()
    assert context is not None
    try:
        context.wrap_socket(plain, server_hostname=target.host).close()
    except ssl.SSLCertVerificationError as error:
        yield (
            f"the certificate is not trusted ({error.verify_message}): name its certificate "
            f"authority with --ca FILE, or skip the check with --insecure"
        )
    except OSError:
        # Some servers say so, and others wait for the end of a line of text that never comes.
        plainly = replace(target, scheme="http")
        if _status(plainly, "/"):
            yield f"the port does not use TLS: use --url {plainly.url}"


def _speaks_tls(target: Target) -> bool:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection((target.host, target.port), timeout=_SECONDS) as plain:
            context.wrap_socket(plain, server_hostname=target.host).close()
            return True
    except OSError:
        return False
