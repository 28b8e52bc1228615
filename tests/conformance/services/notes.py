"""Notes: create, read, list, change and delete, behind a bearer token."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.conformance.backend.exchange import Ask
from tests.conformance.backend.messages import Answer, Refusal, Request, encoded, json_answer
from tests.conformance.backend.proof import shows
from tests.conformance.backend.shapes import Flag, Items, Number, Record, Shape, Text
from tests.conformance.backend.tokens import ADMIN
from tests.conformance.services.service import (
    JSON,
    Planted,
    Route,
    Service,
    fields,
    http_faults,
    query,
    take,
)

__all__ = ["Notes"]

LIST, MAKE, ONE = "GET /notes", "POST /notes", "GET /notes/{id}"
PUT, PATCH, DELETE = "PUT /notes/{id}", "PATCH /notes/{id}", "DELETE /notes/{id}"
COLOURS = ("red", "green", "blue")
CONTRACT = """
openapi: 3.0.3
info: {title: Notes, version: '1'}
security: [{key: []}]
components:
  securitySchemes: {key: {type: http, scheme: bearer}}
  parameters:
    id: {name: id, in: path, required: true, schema: {type: integer, minimum: 1}, example: 1}
  responses:
    refused:
      description: refused
      content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}
    note:
      description: the note
      content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
  schemas:
    Error: {type: object, required: [error], properties: {error: {type: string}}}
    Draft:
      type: object
      required: [title]
      properties: &properties
        title: {type: string, minLength: 1, maxLength: 40}
        text: {type: string}
        colour: {type: string, enum: [red, green, blue]}
        pinned: {type: boolean}
        tags: {type: array, items: {type: string}, maxItems: 3, uniqueItems: true}
        rank: {type: integer, minimum: 0, maximum: 9}
    Change: {type: object, minProperties: 1, properties: *properties}
    Note:
      type: object
      required: [id, title]
      properties: {id: {type: integer}, <<: *properties}
paths:
  /notes:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 50}}
        - {name: colour, in: query, schema: {type: string, enum: [red, green, blue]}}
      responses:
        '200':
          description: some of them
          content:
            application/json:
              schema:
                type: object
                required: [items, total]
                properties:
                  items: {type: array, items: {$ref: '#/components/schemas/Note'}}
                  total: {type: integer}
        '400': {$ref: '#/components/responses/refused'}
        '401': {$ref: '#/components/responses/refused'}
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Draft'}
            example: {title: Milk, text: two, colour: red, pinned: true, tags: [a], rank: 3}
      responses:
        '201':
          description: kept
          headers: {Location: {required: true, schema: {type: string}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
        '400': {$ref: '#/components/responses/refused'}
        '401': {$ref: '#/components/responses/refused'}
  /notes/{id}:
    parameters: [{$ref: '#/components/parameters/id'}]
    get:
      responses: &one
        '200': {$ref: '#/components/responses/note'}
        '400': {$ref: '#/components/responses/refused'}
        '401': {$ref: '#/components/responses/refused'}
        '404': {$ref: '#/components/responses/refused'}
    put:
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Draft'}}}
      responses: *one
    patch:
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Change'}}}
      responses: *one
    delete:
      responses:
        '204': {description: gone}
        '400': {$ref: '#/components/responses/refused'}
        '401': {$ref: '#/components/responses/refused'}
        '404': {$ref: '#/components/responses/refused'}
"""


def note(method: str = "POST", path: str = "/notes", /, **body: Any) -> Ask:
    """A note as it is sent."""
    headers = (("content-type", JSON),)
    return Ask(method=method, path=path, role=ADMIN, body=encoded(body), headers=headers)


def get(path: str) -> Ask:
    """A GET with the token."""
    return query(path, ADMIN)


def planted(name: str, operation: str, breaks: str, what: str, ask: Ask, **more: Any) -> Planted:
    """A fault that one request shows."""
    proof = shows(ask, was=more.pop("was", 400), becomes=more.pop("becomes", 201))
    return Planted(name=name, operation=operation, breaks=breaks, what=what, shows=proof, **more)


FAULTS = (
    planted("title-optional", MAKE, r"body\.title\.required", "No title.", note(text="t")),
    planted("title-blank", MAKE, r"body\.title\.minLength", "An empty one.", note(title="")),
    planted("title-endless", MAKE, r"body\.title\.maxLength", "No end.", note(title="t" * 41)),
    planted("colour-any", MAKE, r"body\.colour\.enum", "Any.", note(title="t", colour="pink")),
    planted("pinned-any", MAKE, r"body\.pinned\.type", "Any.", note(title="t", pinned="yes")),
    planted("tags-four", MAKE, r"body\.tags\.maxItems", "Four.", note(title="t", tags=[*"abcd"])),
    planted(
        "tags-twice", MAKE, r"body\.tags\.uniqueItems", "Twice.", note(title="t", tags=[*"aa"])
    ),
    planted("tag-number", MAKE, r"body\.tags\[\]\.type", "A number.", note(title="t", tags=[1])),
    planted("rank-ten", MAKE, r"body\.rank\.maximum", "Ten.", note(title="t", rank=10)),
    planted(
        "rank-zero-crashes",
        MAKE,
        r"body\.rank\.(minimum|optional|small|type)",
        "It divides.",
        note(title="t", rank=0),
        was=201,
        becomes=500,
        code="server-error",
    ),
    planted(
        "text-empty-refused",
        MAKE,
        r"body\.text\.(empty|optional|type)",
        "`if (!text)`",
        note(title="t", text=""),
        was=201,
        becomes=400,
        level="warning",
    ),
    planted(
        "made-is-200",
        MAKE,
        r"status\.documented|control",
        "Made, and answered with 200.",
        note(title="t"),
        was=201,
        becomes=200,
        code="undocumented-status",
    ),
    planted(
        "no-location",
        MAKE,
        r"response\.201\.header\.Location",
        "It does not say where.",
        note(title="t"),
        was=201,
    ),
    planted(
        "put-colour-any",
        PUT,
        r"body\.colour\.enum",
        "A change takes any colour.",
        note("PUT", "/notes/1", title="t", colour="pink"),
        becomes=200,
        also=r"response\.200\.colour\.enum",
    ),
    planted(
        "put-title-optional",
        PUT,
        r"body\.title\.required",
        "A note keeps its title where none is given.",
        note("PUT", "/notes/1", text="t"),
        becomes=200,
    ),
    planted(
        "patch-nothing",
        PATCH,
        r"body\.minProperties",
        "A change of nothing is a success.",
        note("PATCH", "/notes/1"),
        becomes=200,
    ),
    planted(
        "patch-rank-ten",
        PATCH,
        r"body\.rank\.maximum",
        "A change takes any rank.",
        note("PATCH", "/notes/1", rank=10),
        becomes=200,
    ),
    planted(
        "note-id-text",
        ONE,
        r"response\.200\.id\.type",
        "The id comes back as text.",
        get("/notes/1"),
        was=200,
        becomes=200,
    ),
    planted(
        "note-id-word-crashes",
        ONE,
        r"path\.id\.type",
        "`int(id)`, and nobody catches it.",
        get("/notes/one"),
        also=r"http\.escapes",
        becomes=500,
        code="server-error",
    ),
    planted(
        "notes-total-text",
        LIST,
        r"response\.200\.total\.type",
        "The number of all is text.",
        get("/notes"),
        was=200,
        becomes=200,
    ),
    planted(
        "notes-limit-any",
        LIST,
        r"query\.limit\.maximum",
        "The limit has no most.",
        get("/notes?limit=51"),
        becomes=200,
    ),
    planted(
        "notes-colour-any",
        LIST,
        r"query\.colour\.enum",
        "The filter takes any colour.",
        get("/notes?colour=pink"),
        becomes=200,
    ),
    planted(
        "notes-open",
        LIST,
        r"security\.(missing|malformed|wrong)",
        "The list is open to everybody.",
        query("/notes"),
        was=401,
        becomes=200,
        also=r"security\.",
    ),
    Planted(
        name="put-forgotten",
        operation=PUT,
        breaks=r"state\.changed",
        what="A new text is answered, and not kept.",
        shows=shows(note("PUT", "/notes/1", title="Other"), get("/notes/1"), was=200, becomes=200),
        code="lost-change",
    ),
    Planted(
        name="patch-forgotten",
        operation=PATCH,
        breaks=r"state\.changed",
        what="A change is answered, and not kept.",
        shows=shows(
            note("PATCH", "/notes/1", title="Other"), get("/notes/1"), was=200, becomes=200
        ),
        code="lost-change",
    ),
    Planted(
        name="delete-forgotten",
        operation=DELETE,
        breaks=r"state\.gone",
        what="A note is said to be gone, and is not.",
        shows=shows(
            Ask(method="DELETE", path="/notes/1", role=ADMIN),
            get("/notes/1"),
            was=404,
            becomes=200,
        ),
        code="still-there",
    ),
    *http_faults("notes", LIST),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlike:
    """An array without a member twice, and of at most so many."""

    most: int
    twice: bool

    def problems(self, value: Any, where: str = "") -> Iterable[str]:
        if isinstance(value, list) and len(value) > self.most:
            yield f"{where} has too many items"
        texts = [repr(one) for one in value] if isinstance(value, list) else []
        if not self.twice and len(set(texts)) < len(texts):
            yield f"{where} has an item twice"


class Notes(Service):
    """An API with a state."""

    name, contract, faults, secured = "notes", CONTRACT, FAULTS, True

    def __init__(self, on: Iterable[str] = ()) -> None:
        super().__init__(on)
        self.kept: dict[int, dict[str, Any]] = {1: {"title": "First", "colour": "red"}}
        self.next = 2

    def routing(self) -> Mapping[str, Route]:
        return {
            LIST: Route(handler=self.listed),
            MAKE: Route(handler=self.made),
            ONE: Route(handler=self.one),
            PUT: Route(handler=self.put),
            PATCH: Route(handler=self.patched),
            DELETE: Route(handler=self.gone),
        }

    def authorize(self, request: Request, operation: str) -> None:
        if not (operation == LIST and self.has("notes-open")):
            super().authorize(request, operation)

    def shape(self, *loose: str, change: bool = False) -> Record:
        """What a note is made of; `loose` are the faults that are not looked at here."""

        def on(name: str) -> bool:
            return name in loose and self.has(name)

        colour = Text() if on("colour-any") or on("put-colour-any") else Text(members=COLOURS)
        ten = on("rank-ten") or on("patch-rank-ten")
        optional = change or on("title-optional") or on("put-title-optional")
        shapes: dict[str, Shape] = {
            "title": Text(
                shortest=0 if on("title-blank") else 1,
                longest=None if on("title-endless") else 40,
            ),
            "text": Text(),
            "colour": colour,
            "rank": Number(whole=True, least=0, most=None if ten else 9),
            "tags": Items(of=Text()),
            "pinned": Flag(),
        }
        if on("pinned-any"):
            del shapes["pinned"]
        if on("tag-number"):
            del shapes["tags"]
        fewest = 1 if change and not self.has("patch-nothing") else 0
        return Record(required=() if optional else ("title",), fields=shapes, fewest=fewest)

    def _taken(self, request: Request, *loose: str, change: bool = False) -> dict[str, Any]:
        value: dict[str, Any] = take(request, self.shape(*loose, change=change))
        making = "tags-four" in loose
        tags = Unlike(
            most=99 if making and self.has("tags-four") else 3,
            twice=making and self.has("tags-twice"),
        )
        if problems := tuple(tags.problems(value.get("tags"), "/tags")):
            raise Refusal(400, *problems)
        if isinstance(value.get("tags", []), list):
            return value
        raise Refusal(400, "/tags must be an array")

    def _shown(self, number: int) -> dict[str, Any]:
        return {"id": number, **_plain(self.kept[number])}

    def _found(self, text: str) -> int:
        if not (text.isascii() and text.isdigit()) or int(text[:18]) < 1:
            raise Refusal(400, "id is no number")
        number = int(text[:18])
        if number not in self.kept:
            raise Refusal(404, "There is no such note.")
        return number

    def listed(self, request: Request) -> Answer:
        given = dict(fields(request.query))
        limit, colour = given.get("limit", "20"), given.get("colour")
        if colour not in (None, *COLOURS) and not self.has("notes-colour-any"):
            raise Refusal(400, "colour is none of ours")
        most = 10**9 if self.has("notes-limit-any") else 50
        if not (limit.isascii() and limit.isdigit()) or not 1 <= int(limit[:12]) <= most:
            raise Refusal(400, "limit is out of bounds")
        found = [self._shown(number) for number in self.kept]
        total = str(len(found)) if self.has("notes-total-text") else len(found)
        chosen = [one for one in found if colour in (None, one.get("colour"))]
        return json_answer({"items": chosen[: int(limit[:12])], "total": total})

    def made(self, request: Request) -> Answer:
        making = [one.name for one in FAULTS if one.operation == MAKE]
        value = self._taken(request, *making)
        if value.get("rank") == 0 and self.has("rank-zero-crashes"):
            return json_answer({"error": "Internal Server Error"}, 500)
        if value.get("text") == "" and self.has("text-empty-refused"):
            raise Refusal(400, "text is empty")
        number, self.next = self.next, self.next + 1
        self.kept[number] = _known(value)
        where = () if self.has("no-location") else (("location", f"/notes/{number}"),)
        status = 200 if self.has("made-is-200") else 201
        return json_answer(self._shown(number), status, where)

    def one(self, request: Request, text: str) -> Answer:
        if not text.lstrip("-").isdigit() and self.has("note-id-word-crashes"):
            return json_answer({"error": "Internal Server Error"}, 500)
        shown = self._shown(self._found(text))
        return json_answer({**shown, "id": text} if self.has("note-id-text") else shown)

    def put(self, request: Request, text: str) -> Answer:
        number = self._found(text)
        value = self._taken(request, "put-colour-any", "put-title-optional")
        changed = {"title": self.kept[number]["title"], **_known(value)}
        return self._changed(number, changed, keeps=not self.has("put-forgotten"))

    def patched(self, request: Request, text: str) -> Answer:
        number = self._found(text)
        value = self._taken(request, "patch-rank-ten", change=True)
        changed = {**self.kept[number], **_known(value)}
        return self._changed(number, changed, keeps=not self.has("patch-forgotten"))

    def _changed(self, number: int, note: dict[str, Any], *, keeps: bool) -> Answer:
        if keeps:
            self.kept[number] = note
        return json_answer({"id": number, **_plain(note)})

    def gone(self, request: Request, text: str) -> Answer:
        number = self._found(text)
        if not self.has("delete-forgotten"):
            del self.kept[number]
        return Answer(status=204)


NAMES = ("title", "text", "colour", "pinned", "tags", "rank")


def _known(value: dict[str, Any]) -> dict[str, Any]:
    return {name: value[name] for name in NAMES if name in value}


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    """What an answer may hold, whatever was let in: only faults of requests are planted there."""
    made = {name: one for name, one in value.items() if name in ("text",)}
    made["title"] = str(value.get("title") or "Untitled")[:40]
    return made | ({"colour": value["colour"]} if value.get("colour") in COLOURS else {})
