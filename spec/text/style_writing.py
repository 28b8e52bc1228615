"""Values as the text of a parameter: `style`, `explode`, `allowReserved` and `content`.

The styles are those of OpenAPI 3.2 section 4.12.3 and, below it, RFC 6570.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from spec.text.brackets import flattened
from spec.text.json_values import StyleError, text_of

__all__ = ["DELIMITERS", "LIST_STYLE", "StyleWriter"]

_RESERVED = ":/?@!$'()*,;=[]"
"""What `allowReserved` leaves alone; `#`, `&`, `+` and `%` would change what the query says."""
DELIMITERS = {
    "spaceDelimited": ("%20", r"%20|\+| "),
    "pipeDelimited": ("%7C", r"\||%7[Cc]"),
    "tabDelimited": ("%09", r"%09|\t"),  # of Swagger 2.0 alone
}
"""What stands between elements: as it is written, and a pattern for what is read as it."""
LIST_STYLE = "x-list-style"
"""The key of a style where OpenAPI 3 has no word for what Swagger 2.0 says: tabs in a query or a
form, and pipes, blanks or tabs in a path or a header."""
_COOKIE_TEXT = re.compile(r"[!#-+\--:<-\[\]-~]*")
"""A cookie's value of RFC 6265 section 4.1.1, and `%`, by which an author escapes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleWriter:
    """How the value of one parameter is written. `json` is for `content` of a JSON media type."""

    name: str
    location: str
    style: str
    explode: bool
    allow_reserved: bool
    json: bool

    def encode(self, value: Any) -> tuple[tuple[str, str], ...]:
        """The pairs that say `value`; none where the style says it by absence.

        Raises StyleError for a list in a list, and the like, which no style but `deepObject` has.
        """
        if self.json:
            # A header is ASCII (RFC 9110 section 5.5); elsewhere percent-encoding follows.
            text = json.dumps(value, ensure_ascii=self.location == "header")
            return ((self.name, self._quoted(text)),)
        if self.style == "deepObject":
            return tuple((name, self._quoted(text)) for name, text in flattened(self.name, value))
        if self._is_spread(value):
            return self._exploded(value)
        return ((self.name, self._prefix() + self._flat(value)),)

    def _is_spread(self, value: Any) -> bool:
        return (
            self.explode
            and self.location in ("query", "cookie")
            and isinstance(value, (list, dict))
        )

    def _exploded(self, value: Any) -> tuple[tuple[str, str], ...]:
        if isinstance(value, dict):
            return tuple((name, self._element(item)) for name, item in value.items())
        return tuple((self.name, self._element(item)) for item in value)

    def _flat(self, value: Any) -> str:
        delimiter = self._delimiter()
        if isinstance(value, list):
            repeated = f";{self.name}=" if self.style == "matrix" and self.explode else delimiter
            lead = f"{self.name}=" if self.style == "matrix" else ""
            return lead + repeated.join(self._element(item) for item in value)
        if isinstance(value, dict):
            between = "=" if self.explode else delimiter
            lead = f"{self.name}=" if self.style == "matrix" and not self.explode else ""
            members = (f"{self._element(k)}{between}{self._element(v)}" for k, v in value.items())
            return lead + delimiter.join(members)
        lead = f"{self.name}=" if self.style == "matrix" else ""
        return lead + self._quoted(text_of(value))

    def _delimiter(self) -> str:
        if self.explode and self.style in ("label", "matrix"):
            return "." if self.style == "label" else ";"
        delimiter = DELIMITERS.get(self.style, (",",))[0]
        return unquote(delimiter) if self.location == "header" else delimiter

    def _prefix(self) -> str:
        return {"label": ".", "matrix": ";"}.get(self.style, "")

    def _element(self, value: Any) -> str:
        return self._quoted(text_of(value), inside=True)

    def _quoted(self, text: str, inside: bool = False) -> str:
        if self.style == "cookie":
            # It escapes nothing (OpenAPI 3.2, Style Values), so that it cannot say all.
            if not _COOKIE_TEXT.fullmatch(text):
                raise StyleError("has a character that no cookie can have (RFC 6265 section 4.1.1)")
            return text
        if self.location == "header":
            return text
        if self.allow_reserved and self.location == "query":
            # A comma within an element would be read as the next one.
            return quote(text, safe=_RESERVED.replace(",", "") if inside else _RESERVED)
        # RFC 6570 leaves a dot as it is, which divides the elements of a label.
        quoted = quote(text, safe="")
        return quoted.replace(".", "%2E") if self.style == "label" else quoted
