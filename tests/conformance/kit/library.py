"""A correct deployment with things in things: shelves, and books that stand on them.

Each style of it is one that real ones have: what an id is, where a new one is named, what is said
of a name that is taken and of a thing that is gone.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import unquote_to_bytes

__all__ = ["CONTRACT", "Library"]

CONTRACT = """
paths:
  /shelves/{shelfId}/books/{id}:
    parameters:
      - &shelf {name: shelfId, in: path, required: true, schema: PATHID}
      - {name: id, in: path, required: true, schema: {type: string}}
    delete:
      responses:
        'DELETED': &gone {description: not there}
        '404': *gone
        '410': *gone
    patch:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              minProperties: 1
              properties: {title: {type: string, minLength: 1}}
      responses:
        '200': &book
          description: a book
          content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}
        '400': &no {description: no}
        '404': *gone
        '410': *gone
    get: {responses: {'200': *book, '404': *gone, '410': *gone}}
  /shelves/{shelfId}:
    parameters: [*shelf]
    delete: {responses: {'DELETED': *gone, '404': *gone, '410': *gone}}
    get:
      responses:
        '200': &one
          description: a shelf
          content: {application/json: {schema: {$ref: '#/components/schemas/Shelf'}}}
        '404': *gone
        '410': *gone
    put:
      requestBody: &draft
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Draft'}}}
      responses: {'200': *one, '400': *no, '404': *gone, '409': *no, '410': *gone}
  /shelves/{shelfId}/books:
    parameters: [*shelf]
    get:
      responses:
        '200':
          description: all
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Book'}}
        '404': *gone
        '410': *gone
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [title]
              properties: {title: {type: string, minLength: 1}}
      responses: {'201': *book, '400': *no, '404': *gone, '410': *gone}
  /shelves:
    get:
      responses:
        '200':
          description: all
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Shelf'}}
    post:
      requestBody: *draft
      responses: {'201': MADE, '400': *no, '409': *no}
components:
  schemas:
    Draft:
      type: object
      required: [name]
      properties: {name: {type: string, minLength: 1, example: fiction}}
    Shelf:
      type: object
      required: [id, name]
      properties: {id: {type: IDTYPE}, name: {type: string}}
    Book:
      type: object
      required: [id, title]
      properties: {id: {type: IDTYPE}, title: {type: string}}
"""
_SILENT = "{description: made}"
_LOCATED = "{description: made, headers: {Location: {required: true, schema: {type: string}}}}"


@dataclass(kw_only=True)
class Library:
    """An ASGI application. `faults` are what it does wrong.

    `ids` is `integer`, `uuid`, `slug`, or `name`: the client's own. `located` names a new shelf in
    `Location` alone, `silent` nowhere; `numbered` says that the path has a number, and gives 1 as
    an example; `unique` refuses a name that is taken with 409; `gone`
    answers with 410 what was once there.
    """

    ids: str = "integer"
    silent: bool = False
    located: bool = False
    unique: bool = False
    gone: bool = False
    numbered: bool = False
    deleted: int = 204
    faults: frozenset[str] = frozenset()
    shelves: dict[str, dict[str, Any]] = field(default_factory=dict)
    books: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    made: int = 0
    asked: list[str] = field(default_factory=list)
    _ROUTES: ClassVar[tuple[tuple[str, str], ...]] = (
        ("shelves", r"/shelves"),
        ("shelf", r"/shelves/([^/]+)"),
        ("books", r"/shelves/([^/]+)/books"),
        ("book", r"/shelves/([^/]+)/books/([^/]+)"),
    )

    def __post_init__(self) -> None:
        self.shelves["1"] = {"id": self._typed("1"), "name": "of somebody"}
        self.books["1"] = {}

    @property
    def contract(self) -> str:
        """Its contract, without the head."""
        kind = "integer" if self.ids == "integer" else "string"
        text = CONTRACT.replace("IDTYPE", kind).replace("DELETED", str(self.deleted))
        made = _SILENT if self.silent else _LOCATED if self.located else "*one"
        number = "{type: integer, minimum: 1}, example: 1" if self.numbered else "{type: string}"
        return text.replace("MADE", made).replace("PATHID", number)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        given = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        status, value, headers = 415, None, list[tuple[bytes, bytes]]()
        if not body or _is_plain_json(given):
            status, value, headers = self._answer(scope["method"], scope["raw_path"].decode(), body)
        self.asked.append(f"{scope['method']} {scope['path']} {status}")
        content = b"" if value is None else json.dumps(value).encode()
        if content:
            headers.append((b"content-type", b"application/json"))
        headers.append((b"content-length", str(len(content)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def _answer(
        self, method: str, path: str, body: bytes
    ) -> tuple[int, Any, list[tuple[bytes, bytes]]]:
        for name, pattern in self._ROUTES:
            if found := re.fullmatch(pattern, path):
                handler = getattr(self, f"_{method.lower()}_{name}", None)
                if handler is None:
                    known = [m for m in METHODS if hasattr(self, f"_{m.lower()}_{name}")]
                    return 405, None, [(b"allow", ", ".join(known).encode())]
                return self._handled(handler, tuple(map(_name, found.groups())), body)
        return 404, None, []

    def _handled(
        self, handler: Callable[..., Any], ids: tuple[str, ...], body: bytes
    ) -> tuple[int, Any, list[tuple[bytes, bytes]]]:
        for at in range(1, len(ids) + 1):
            if at == 1 and ids[0] not in self.shelves:
                return self._missing(ids[0])
        if len(ids) == 2 and ids[1] not in self.books[ids[0]]:
            return self._missing(ids[1])
        answer = handler(*ids, body) if handler.__name__.startswith(WRITERS) else handler(*ids)
        return (*answer, []) if len(answer) == 2 else answer

    def _missing(self, name: str) -> tuple[int, Any, list[tuple[bytes, bytes]]]:
        return (410 if self.gone and name in self.removed else 404), None, []

    def _typed(self, name: str) -> Any:
        return int(name) if self.ids == "integer" else name

    def _new(self, name: str) -> str:
        self.made += 1
        if self.ids == "name":
            return name
        if self.ids == "slug":
            return f"{re.sub('[^a-z0-9]+', '-', name.lower())[:20]}-{self.made}"
        return str(uuid.uuid4()) if self.ids == "uuid" else str(1000 + self.made)

    def _get_shelves(self) -> tuple[int, Any]:
        return 200, list(self.shelves.values())

    def _post_shelves(self, body: bytes) -> Any:
        value = _read(body, "name", required=True)
        if value is None:
            return 400, None
        if self.unique and any(one["name"] == value["name"] for one in self.shelves.values()):
            return 409, None
        key = self._new(value["name"])
        if "lost" not in self.faults:
            self.shelves[key] = {"id": self._typed(key), "name": value["name"]}
        self.books[key] = {}
        if self.located:
            return 201, None, [(b"location", f"/shelves/{key}".encode())]
        made = {"id": self._typed(key), "name": value["name"]}
        return 201, None if self.silent else made

    def _get_shelf(self, shelf: str) -> tuple[int, Any]:
        return 200, self.shelves[shelf]

    def _put_shelf(self, shelf: str, body: bytes) -> tuple[int, Any]:
        value = _read(body, "name", required=True)
        if value is None:
            return 400, None
        others = [one for key, one in self.shelves.items() if key != shelf]
        if self.unique and any(one["name"] == value["name"] for one in others):
            return 409, None
        changed = {**self.shelves[shelf], "name": value["name"]}
        if "unchanged" not in self.faults:
            self.shelves[shelf] = changed
        return 200, changed

    def _delete_shelf(self, shelf: str) -> tuple[int, Any]:
        if self.faults & {"refuses", "loses"} and self.removed:
            return 403 if "refuses" in self.faults else 404, None
        if "kept" not in self.faults:
            del self.shelves[shelf]
            self.removed.add(shelf)
        return self.deleted, None

    def _get_books(self, shelf: str) -> tuple[int, Any]:
        return 200, list(self.books[shelf].values())

    def _post_books(self, shelf: str, body: bytes) -> tuple[int, Any]:
        value = _read(body, "title", required=True)
        if value is None:
            return 400, None
        key = self._new(value["title"])
        self.books[shelf][key] = {"id": self._typed(key), "title": value["title"]}
        return 201, self.books[shelf][key]

    def _get_book(self, shelf: str, book: str) -> tuple[int, Any]:
        return 200, self.books[shelf][book]

    def _patch_book(self, shelf: str, book: str, body: bytes) -> tuple[int, Any]:
        value = _read(body, "title", required=False)
        if not value:
            return 400, None
        self.books[shelf][book] |= {name: value[name] for name in ("title",) if name in value}
        return 200, self.books[shelf][book]

    def _delete_book(self, shelf: str, book: str) -> tuple[int, Any]:
        del self.books[shelf][book]
        self.removed.add(book)
        return self.deleted, None


METHODS = ("GET", "PUT", "PATCH", "POST", "DELETE")
WRITERS = ("_post", "_put", "_patch")


def _name(segment: str) -> str:
    """A segment's name; bytes that are no text name nothing that is there."""
    raw = unquote_to_bytes(segment)
    try:
        return raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return raw.decode("utf-8", "replace")


def _is_plain_json(headers: dict[str, str]) -> bool:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" and headers.get("content-encoding", "identity") == "identity"


def _read(body: bytes, name: str, *, required: bool) -> dict[str, Any] | None:
    """The object that a body says, where its text is one that the contract allows."""
    try:
        value = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or (required and name not in value):
        return None
    text = value.get(name, "a")
    return value if isinstance(text, str) and text else None


def _no_number(name: str) -> Any:
    raise ValueError(name)
