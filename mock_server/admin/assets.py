"""The pages under `/__mock/`: files in the package, so that they work offline.

`page_assets` is the page that steers and watches the mock.

`docs_assets` is the documentation; its `swagger_ui` is `swagger-ui-dist` from npm, unchanged;
`make docs-assets` refreshes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib.resources import files

__all__ = ["Asset", "find"]

Headers = tuple[tuple[bytes, bytes], ...]

_SCRIPTS = (
    "dom.js",
    "exchange.js",
    "journal.js",
    "operations.js",
    "page.js",
    "preview.js",
    "scenarios.js",
)
_FILES = {
    "/": "page_assets/index.html",
    "/page/page.css": "page_assets/page.css",
    **{f"/page/{name}": f"page_assets/{name}" for name in _SCRIPTS},
    "/docs": "docs_assets/index.html",
    "/docs/docs.css": "docs_assets/docs.css",
    "/docs/docs.js": "docs_assets/docs.js",
    "/docs/swagger_ui/swagger-ui.css": "docs_assets/swagger_ui/swagger-ui.css",
    "/docs/swagger_ui/swagger-ui-bundle.js": "docs_assets/swagger_ui/swagger-ui-bundle.js",
}
"""What is at a path below `/__mock`: only files that are listed here are ever opened."""
_MOVED = {"/docs/": b"../docs", "": b"__mock/"}
_TYPES = {
    "css": b"text/css; charset=utf-8",
    "html": b"text/html; charset=utf-8",
    "js": b"text/javascript; charset=utf-8",
}
# Swagger UI sets styles on elements and draws icons from data: URLs; it needs no more than that.
_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    b"img-src 'self' data: blob:; media-src 'self' data: blob:; connect-src 'self'; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_GUARDS: Headers = (
    (b"content-security-policy", _POLICY),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file as it is sent; `etag` is quoted and stands in `headers` too."""

    status: int = 200
    headers: Headers
    body: bytes = field(default=b"", repr=False)
    etag: bytes = b""


def find(path: str) -> Asset | None:
    """The file at a path below `/__mock`, or where it went; None where there is no such file."""
    if path in _MOVED:
        lines = ((b"location", _MOVED[path]), (b"content-length", b"0"))
        return Asset(status=308, headers=lines)
    return _read(_FILES[path]) if path in _FILES else None


@cache
def _read(file: str) -> Asset:
    body = files(str(__package__)).joinpath(file).read_bytes()
    etag = b'"' + sha256(body).hexdigest()[:32].encode() + b'"'
    own: Headers = (
        (b"content-type", _TYPES[file.rpartition(".")[2]]),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-cache"),
        (b"etag", etag),
    )
    return Asset(headers=own + _GUARDS, body=body, etag=etag)
