"""Parameters as text and back: `style`, `explode`, `allowReserved` and `content` (OpenAPI 4.8.12).

A codec is made once for a parameter and used for every request. Pairs are names with *raw* values:
percent-encoded as on the wire, since a comma divides a list and `%2C` does not (RFC 6570 section
3.2.1), unless the list is good only where it does. A path segment or a header is a single pair.

Text is read in every way that the schema's alternatives offer, and the first that it admits counts.
What text cannot tell apart is read as the plainer: where the schema admits both, `5` is a number
and not a string, `null` is null. An undelimited empty list is `[]`, never `[""]`; an exploded empty
list or object is an absent parameter; a list element with a comma in a header, or with the
delimiter of `spaceDelimited` and `pipeDelimited`, is two elements.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any
from urllib.parse import unquote

from spec.model.contract_model import Header, Parameter, Schema
from spec.schemas.alternatives import SchemaValue
from spec.schemas.shapes import ANYTHING, STRUCTURES, Shape, shape_of
from spec.text import media_types
from spec.text.brackets import bracket_keys, nested
from spec.text.json_values import StyleError, coerce, first_fit, loads
from spec.text.pairs import Pairs, unquote_query
from spec.text.style_writing import DELIMITERS, StyleWriter

__all__ = ["Absent", "Codec", "StyleError", "codec"]


_MOST_PARTS = 100_000
_JSON = re.compile(r"\s*[\[{]")
"""How a JSON document of a list or an object begins."""
_ESCAPED_COMMA = re.compile("%2C", re.IGNORECASE)


class Absent(Enum):
    """What a codec decodes to where the parameter was not sent; `null` is a value."""

    ABSENT = "absent"
    UNUSED = "unused"
    """Sent empty where `allowEmptyValue` allows it, which counts as left out."""
    UNJUDGED = "unjudged"
    """Sent in a form that nothing here can judge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec(StyleWriter):
    """How one parameter travels: what is written, and what the text of a request says.

    Make it with `codec`. `siblings` are the names of the other parameters in the same place, which
    an exploded object with additional properties must leave alone. `reads_json` has JSON read last,
    where nothing in the style is good.
    """

    shape: Shape
    siblings: frozenset[str]
    allow_empty: bool = False
    reads_json: bool = False

    def decode(self, pairs: Pairs) -> Any:
        """The value that the pairs say, `Absent.ABSENT` where they do not speak of it.

        Read is the first of all readings that the schema admits. Where it admits none it is the
        plainest, and text that is none of the schema's types stays text, so that validation names
        it. Raises StyleError where the text is not in the style at all.
        """
        found: Any = Absent.ABSENT
        if self.location in ("query", "cookie") and not self.json:
            if self.style == "deepObject":
                return self._from_brackets(pairs)
            if self.explode and self.shape.is_object:
                found = self._from_exploded_object(pairs)
                is_sure = self.shape.as_text is None or self.shape.admits(found)
                if found is not Absent.ABSENT and is_sure:
                    return found
        raws = self._own(pairs)
        if not raws:
            return found
        if self.json:
            return self._from_json(raws)
        read = self._from_text if self.location in ("path", "header") else self._from_pairs
        readings = [partial(read, raws, way) for way in self._ordered(raws)]
        if (late := self._unescaped_commas(raws)) != raws:
            divided = [way for way in self.shape.ways if not way.is_primitive]
            readings += [partial(read, late, way) for way in divided]
        if self.location == "cookie" and self.explode and len(raws) == 1:
            # Exploded cookies are the default, and few clients send one name twice (RFC 6265
            # section 4.2.2).
            lists = [way for way in self.shape.ways if way.is_array]
            readings += [partial(self._list, raws[0], ",", way) for way in lists]
        if (text := self.shape.as_text) is not None:
            readings.append(partial(read, raws, text))
        if self.reads_json and self._looks_like_json(raws):
            # No style has a form for lists of objects (OpenAPI, Style Values): people send JSON.
            readings += [partial(self._from_json, raws), partial(self._each_json, raws)]
        value = first_fit(self.shape, readings)
        if self.allow_empty and raws == [""] and not self.shape.admits(value):
            return Absent.UNUSED
        return value

    def _looks_like_json(self, raws: list[str]) -> bool:
        """Whether each of the values may be a list or an object in JSON, where one is wanted."""
        wanted = bool(self.shape.types & STRUCTURES)
        return wanted and all(_JSON.match(self._unquoted(raw)) for raw in raws)

    def _ordered(self, raws: list[str]) -> Sequence[Shape]:
        """The ways to read the text; where it is divided, a list and an object come first."""
        ways = self.shape.ways
        if len(ways) > 1 and any(re.search(self._dividers(), raw) for raw in raws):
            return sorted(ways, key=lambda way: way.is_primitive)
        return ways

    def _unescaped_commas(self, raws: list[str]) -> list[str]:
        """The values as one who unescapes before dividing reads them.

        Browsers write `%2C` (`URLSearchParams`, `encodeURIComponent`) where `,` was meant.
        """
        if self.location not in ("path", "query") or (self.explode and self.location == "query"):
            return raws
        return [_ESCAPED_COMMA.sub(",", raw) for raw in raws]

    def _dividers(self) -> str:
        if self.location in ("path", "header"):
            return self._pattern() if self.style in DELIMITERS else "[,;=]"
        return "(?!)" if self.explode else self._pattern()

    def _own(self, pairs: Pairs) -> list[str]:
        """The raw values of the pairs of this name; those of headers ignore case."""
        if self.location == "header":
            wanted = self.name.lower()
            return [raw for name, raw in pairs if name.lower() == wanted]
        return [raw for name, raw in pairs if name == self.name]

    def _from_json(self, raws: list[str]) -> Any:
        if len(raws) > 1 and self.location != "header":
            raise StyleError(f"is given {len(raws)} times, and may be given once")
        return loads(self._unquoted(",".join(raws)))

    def _each_json(self, raws: list[str]) -> list[Any]:
        return [loads(self._unquoted(raw)) for raw in raws]

    def _from_pairs(self, raws: list[str], way: Shape) -> Any:
        if len(raws) > 1:
            if not (self.explode and "array" in way.types):
                raise StyleError(f"is given {len(raws)} times, and may be given once")
            return [coerce(self._unquoted(raw), way.element) for raw in raws]
        raw = raws[0]
        if way.is_primitive:
            return coerce(self._unquoted(raw), way)
        if way.is_array:
            return self._list(raw, None if self.explode else self._pattern(), way)
        if way.is_object and not self.explode:
            return self._object(self._split(raw, self._pattern()), way)
        return coerce(self._unquoted(raw), way)

    def _from_text(self, raws: list[str], way: Shape) -> Any:
        """A path segment or a header."""
        # Repeated header lines are one list (RFC 9110 section 5.3).
        raw, prefix = ",".join(raws), self._prefix()
        if not raw.startswith(prefix):
            raise StyleError(f"does not begin with {prefix!r}, as the style {self.style} asks")
        text = raw[len(prefix) :]
        if way.is_primitive:
            return coerce(self._unquoted(self._unnamed(text)), way)
        if way.is_object:
            return self._object_from_text(text, way)
        return self._list_from_text(text, way)

    def _list_from_text(self, text: str, way: Shape) -> list[Any]:
        if self.style == "matrix":
            if self.explode:
                parts = [self._unnamed(part) for part in text.split(";")]
                parts = [] if parts == [""] else parts
                return [coerce(self._unquoted(part), way.element) for part in parts]
            text = self._unnamed(text)
        # OpenAPI up to 3.0.3 shows `.a.b` for lists that are not exploded, RFC 6570 `.a,b`.
        dotted = self.style == "label" and (self.explode or "," not in text)
        return self._list(text, r"\." if dotted else self._pattern(), way)

    def _object_from_text(self, text: str, way: Shape) -> dict[str, Any]:
        if not self.explode:
            bare = self._unnamed(text)
            return self._object(self._split(bare, self._pattern()), way)
        divider = {"label": ".", "matrix": ";"}.get(self.style, ",")
        parts = [part.partition("=") for part in text.split(divider)] if text else []
        if any(not equals for _, equals, _ in parts):
            raise StyleError(f"is not name=value, divided by {divider!r}")
        halves = [half.strip() for name, _, raw in parts for half in (name, raw)]
        return self._object(halves, way)

    def _unnamed(self, text: str) -> str:
        if self.style != "matrix":
            return text
        name, _, value = text.partition("=")
        if unquote(name) != self.name:
            raise StyleError(f"does not begin with ';{self.name}=', as the style matrix asks")
        return value

    def _pattern(self) -> str:
        return DELIMITERS.get(self.style, ("", ","))[1]

    def _split(self, raw: str, pattern: str) -> list[str]:
        parts = re.split(pattern, raw, maxsplit=_MOST_PARTS) if raw else []
        # Only a form of megabytes has so many, and dividing it would take all other threads' time.
        if len(parts) > _MOST_PARTS:
            raise StyleError(f"has more than {_MOST_PARTS} elements")
        return [part.strip() for part in parts]

    def _list(self, raw: str, pattern: str | None, way: Shape) -> list[Any]:
        parts = [raw] if pattern is None else self._split(raw, pattern)
        return [coerce(self._unquoted(part), way.element) for part in parts]

    def _object(self, halves: list[str], way: Shape) -> dict[str, Any]:
        if len(halves) % 2:
            raise StyleError("is not a list of names, each followed by its value")
        texts = [self._unquoted(half) for half in halves]
        names = texts[::2]
        return {
            name: coerce(text, way.member(name))
            for name, text in zip(names, texts[1::2], strict=True)
        }

    def _from_exploded_object(self, pairs: Pairs) -> Any:
        ways = [way for way in self.shape.ways if way.is_object]
        found = [read for way in ways if (read := self._fields(pairs, way))]
        if not found:
            return Absent.ABSENT
        return first_fit(self.shape, [partial(dict, one) for one in found])

    def _fields(self, pairs: Pairs, way: Shape) -> dict[str, Any]:
        """The pairs that are properties of the object, read."""
        found: dict[str, list[str]] = {}
        for name, raw in pairs:
            undeclared = way.additional is not None and name not in self.siblings
            if name in way.properties or undeclared:
                found.setdefault(name, []).append(self._unquoted(raw))
        return {name: _collected(texts, way.member(name)) for name, texts in found.items()}

    def _from_brackets(self, pairs: Pairs) -> Any:
        entries = [
            (keys, self._unquoted(raw))
            for name, raw in pairs
            if (keys := bracket_keys(name, self.name)) is not None
        ]
        return nested(entries, self.shape) if entries else Absent.ABSENT

    def _unquoted(self, raw: str) -> str:
        if self.location == "header" or self.style == "cookie":
            return raw
        return unquote_query(raw) if self.location == "query" else unquote(raw, errors="replace")


def _collected(texts: list[str], shape: Shape) -> Any:
    """The value of a name that was given one or more times, each with a decoded text."""

    def read(way: Shape) -> Any:
        if len(texts) > 1 or way.kind == "array":
            return [coerce(text, way.element) for text in texts]
        return coerce(texts[0], way)

    return first_fit(shape, [partial(read, way) for way in shape.ways])


def codec(
    parameter: Parameter | Header,
    resolve: Callable[[Schema], SchemaValue],
    siblings: Iterable[str] = (),
    *,
    reads_json: bool = False,
) -> Codec:
    """The codec of a parameter, or of a response header.

    `resolve` makes the schema self-contained (`Contract.standalone` for one direction);
    `siblings` are the names of all the parameters in the same location. With `reads_json` a list
    or an object may come as JSON too: a mock takes that, but no contract with a style promises it.
    """
    if isinstance(parameter, Header):
        parameter = _as_parameter(parameter)
    content = parameter.content
    schema = parameter.schema if content is None else content.schema
    return Codec(
        name=parameter.name,
        location=parameter.location,
        style=parameter.style,
        explode=parameter.explode,
        allow_reserved=parameter.allow_reserved,
        allow_empty=parameter.allow_empty and parameter.location == "query",
        json=content is not None and media_types.is_json(content.name),
        shape=shape_of(resolve(schema)) if schema else ANYTHING,
        siblings=frozenset(siblings) - {parameter.name},
        reads_json=reads_json,
    )


def _as_parameter(header: Header) -> Parameter:
    return Parameter(
        name=header.name,
        location="header",
        required=header.required,
        schema=header.schema,
        content=header.content,
        style="simple",
        explode=header.explode,
        pointer=header.pointer,
    )
