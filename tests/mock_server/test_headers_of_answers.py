"""Headers that the contract documents, and those that the overlay's dates decide."""

from __future__ import annotations

from pathlib import Path

from tests.mock_server.asking import ask, mock_of


def test_dates_go_before_examples(tmp_path: Path) -> None:
    """`Deprecation` (RFC 9745) and `Sunset` (RFC 8594) have the dates that are known, once."""
    app = mock_of(
        tmp_path,
        """
        paths:
          /a:
            get:
              deprecated: true
              x-deprecated-at: 2026-06-01
              responses:
                '200':
                  description: Good
                  headers:
                    Deprecation: {schema: {type: string}, example: '@1'}
                    Sunset: {schema: {type: string}, example: 'Thu, 01 Jan 2099 00:00:00 GMT'}
        """,
    )
    headers = ask(app, "GET", "/a").headers

    assert headers["deprecation"] == "@1780272000"
    assert headers["sunset"] == "Thu, 01 Jan 2099 00:00:00 GMT"


def test_fields_with_a_grammar_say_what_http_allows(tmp_path: Path) -> None:
    """A plain text is no date and no entity tag; what the schema bounds further stays."""
    app = mock_of(
        tmp_path,
        """
        paths:
          /a:
            get:
              responses:
                '200':
                  description: Good
                  headers:
                    ETag: {schema: {type: string}}
                    Last-Modified: {schema: {type: string}}
                    Expires: {schema: {type: string, format: date-time}}
                    X-Other: {schema: {type: string}}
          /b:
            get:
              responses:
                '200':
                  description: Good
                  headers:
                    ETag: {schema: {type: string, enum: ['"b"']}}
                    Last-Modified: {schema: {type: string}, example: yesterday}
        """,
    )
    made, given = ask(app, "GET", "/a").headers, ask(app, "GET", "/b").headers

    assert (made["etag"], made["last-modified"]) == ('"mock"', "Thu, 15 Jan 2026 09:30:00 GMT")
    assert made["expires"].startswith("2026-")
    assert made["x-other"] == "string"
    assert (given["etag"], given["last-modified"]) == ('"b"', "yesterday")
