"""HTTPS: requests over TLS, plain HTTP on its port, and certificates that cannot be used."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from mock_server.http.tls import TlsError, tls_context
from tests.command import launched, ran_here

pytestmark = pytest.mark.slow

KETTLE = """
openapi: 3.0.3
info: {title: Kettle, version: "1"}
paths:
  /kettle:
    post:
      requestBody: {content: {text/plain: {schema: {type: string}}}}
      responses: {"200": {description: ok, content: {text/plain: {example: hot}}}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A contract, an authority and a certificate of it, with its key."""
    (tmp_path / "kettle.yaml").write_text(KETTLE)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    for number, one in enumerate(certificate.cert_chain_pems):
        one.write_to_path(tmp_path / "cert.pem", append=bool(number))
    return tmp_path


def _options(folder: Path) -> tuple[str, ...]:
    return ("--tls-cert", str(folder / "cert.pem"), "--tls-key", str(folder / "key.pem"))


def _trusting(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / "authority.pem"))


def _plainly(url: httpx2.URL, sent: bytes) -> bytes:
    """What the port of a URL says to bytes that are no TLS, to its end."""
    said = b""
    with socket.create_connection((url.host, url.port or 0), timeout=10) as connection:
        connection.sendall(sent)
        while chunk := connection.recv(65536):
            said += chunk
    return said


def test_requests_over_tls(folder: Path) -> None:
    """The first line names an https URL; small and large bodies pass, on one connection too."""
    with (
        launched(folder / "kettle.yaml", *_options(folder), "--workers", "2") as mock,
        httpx2.Client(trust_env=False, verify=_trusting(folder), base_url=mock.url) as client,
    ):
        answers = [
            client.post("/kettle", content=b"x" * size, headers={"Content-Type": "text/plain"})
            for size in (1, 2_000_000, 1)
        ]
        journal = client.get("/__mock/health")

    assert mock.first_line.startswith("Mock server on https://127.0.0.1:")
    assert [(one.status_code, one.text) for one in answers] == [(200, "hot")] * 3
    assert journal.json()["status"] == "ok"


def _serial_at(url: str, folder: Path) -> int:
    """The serial number of the certificate that a new connection is shown."""
    host, port = httpx2.URL(url).host, httpx2.URL(url).port or 0
    with (
        socket.create_connection((host, port), timeout=10) as plain,
        _trusting(folder).wrap_socket(plain, server_hostname=host) as secure,
    ):
        found = secure.getpeercert()
        assert found
        return int(str(found["serialNumber"]), 16)


@pytest.mark.parametrize("watch", [True, False])
def test_a_renewed_certificate_is_read_again(folder: Path, watch: bool) -> None:
    """New connections get it; while its key is not there yet, the last good one serves on."""
    authority = trustme.CA()
    more = () if watch else ("--no-watch",)
    with launched(folder / "kettle.yaml", *_options(folder), *more) as mock:
        first = _serial_at(mock.url, folder)
        renewed = authority.issue_cert("localhost", "127.0.0.1")
        renewed.cert_chain_pems[0].write_to_path(folder / "cert.pem")
        between = _serial_at(mock.url, folder)
        renewed.private_key_pem.write_to_path(folder / "key.pem")
        with (folder / "authority.pem").open("ab") as trusted:
            trusted.write(authority.cert_pem.bytes())
        last = _serial_at(mock.url, folder)
        told = mock.stop()[1]

    assert between == first
    assert (last != first) is watch
    assert ("serves on" in told) is watch


def test_bytes_that_come_with_the_end_of_the_handshake(folder: Path) -> None:
    """A client sends its request in one piece with the end of its handshake: nothing is lost."""
    with launched(folder / "kettle.yaml", *_options(folder)) as mock:
        url = httpx2.URL(mock.url)
        coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = _trusting(folder).wrap_bio(coming, going, server_hostname="localhost")
        with socket.create_connection((url.host, url.port or 0), timeout=10) as connection:
            with pytest.raises(ssl.SSLWantReadError):
                tls.do_handshake()
            # The hello in two pieces: the first byte alone decides what it is.
            hello = going.read()
            connection.sendall(hello[:1])
            connection.sendall(hello[1:])
            while True:
                coming.write(connection.recv(65536))
                try:
                    tls.do_handshake()
                except ssl.SSLWantReadError:
                    continue
                break
            tls.write(
                b"GET /__mock/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            )
            connection.sendall(going.read())
            said = b""
            while b'"ok"' not in said:
                coming.write(connection.recv(65536))
                with suppress(ssl.SSLWantReadError):
                    while record := tls.read(65536):
                        said += record

    assert said.startswith(b"HTTP/1.1 200 OK")


def test_plain_http_is_told(folder: Path) -> None:
    """It gets an answer that it can read, and the log has a line for it."""
    with launched(folder / "kettle.yaml", *_options(folder)) as mock:
        url = httpx2.URL(mock.url)
        said = _plainly(url, b"GET /kettle HTTP/1.1\r\nHost: localhost\r\n\r\n")
        strange = _plainly(url, b"\x16\x03\x01\x00\x05hello" + b"\x00" * 100)
        line = mock.until("HTTPS")

    assert said.startswith(b"HTTP/1.1 400 ")
    assert b"urn:mock-server:problem:https-only" in said
    assert b"use https://" in said
    assert not strange.startswith(b"HTTP/")
    assert "400" in line


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--tls-cert", "cert.pem"), "--tls-cert: the certificate needs its key"),
        (("--tls-key", "key.pem"), "--tls-key: the key needs its certificate"),
        (("--tls-cert", "none.pem", "--tls-key", "key.pem"), "none.pem: No such file"),
    ],
)
def test_mistakes_are_told_in_one_message(
    folder: Path, options: tuple[str, ...], message: str
) -> None:
    """With the exit status of wrong usage, and the file or the option that is wrong."""
    ended = ran_here("kettle.yaml", *options, cwd=folder)

    assert ended.returncode == 2
    assert message in ended.stderr


def test_files_that_cannot_be_used(folder: Path) -> None:
    """A key of another certificate, one with a password, one that is no PEM, one that is cut."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    other = folder / "other.pem"
    trustme.CA().issue_cert("localhost").private_key_pem.write_to_path(other)
    with pytest.raises(TlsError, match=r"other\.pem: this is not the key of the certificate"):
        tls_context(cert, other)

    loaded = serialization.load_pem_private_key(key.read_bytes(), None)
    encrypted = loaded.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    other.write_bytes(encrypted)
    with pytest.raises(TlsError, match="the key is encrypted; decrypt it with"):
        tls_context(cert, other)

    other.write_bytes(b"\x30\x82binary")
    with pytest.raises(TlsError, match=r"--tls-key .*other\.pem: this is not a PEM file"):
        tls_context(cert, other)

    other.write_bytes(cert.read_bytes()[:200])
    with pytest.raises(TlsError, match="OpenSSL cannot use them"):
        tls_context(other, key)
