"""Subscriptions: what HTML forms send, and a list with parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.conformance.backend.behaviour import parse
from tests.conformance.backend.messages import Answer, Refusal, Request, encoded, json_answer
from tests.conformance.backend.proof import shows
from tests.conformance.services.service import (
    FORM,
    JSON,
    Planted,
    Route,
    Service,
    fields,
    http_faults,
    post,
    query,
    typed,
)

__all__ = ["Forms"]

_ANY = r"(?:[^@\s\ufeff]|[\x1c-\x1f\x85])"
"""A character that is no space by ECMA-262, which the patterns of a contract follow."""
_EMAIL = re.compile(f"{_ANY}+@{_ANY}+")

MAKE, LIST = "POST /subscriptions", "GET /subscriptions"
PLANS = ("free", "team", "house")
GOOD = b"email=a%40b.example&plan=team"
CONTRACT = """
openapi: 3.0.3
info: {title: Subscriptions, version: '1'}
components:
  schemas:
    Error: {type: object, required: [error], properties: {error: {type: string}}}
    Subscription:
      type: object
      required: [email, plan, seats]
      properties:
        email: {type: string}
        plan: {type: string, enum: [free, team, house]}
        seats: {type: integer, minimum: 1}
        agree: {type: boolean}
        note: {type: string}
paths:
  /subscriptions:
    get:
      parameters:
        - {name: plan, in: query, schema: {type: string, enum: [free, team, house]}}
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 50}}
      responses:
        '200':
          description: all of them
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Subscription'}}
        '400': &refused
          description: refused
          content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}
    post:
      x-conformance: {writes: false}
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [email, plan]
              properties:
                email: {type: string, pattern: '^[^@\\s]+@[^@\\s]+$', maxLength: 60}
                plan: {type: string, enum: [free, team, house]}
                seats: {type: integer, minimum: 1, maximum: 100}
                agree: {type: boolean}
                note: {type: string, maxLength: 20}
            example: {email: a@b.example, plan: team, seats: 3, agree: true, note: hello}
      responses:
        '200':
          description: what was asked for
          content: {application/json: {schema: {$ref: '#/components/schemas/Subscription'}}}
        '400': *refused
        '415': *refused
"""


def made(form: bytes, becomes: int, was: int = 400) -> Any:
    """A form whose answer shows the fault."""
    return shows(post("/subscriptions", form, FORM), was=was, becomes=becomes)


def body(place: str) -> str:
    """The pattern of a clause of the form."""
    return rf"body\(application/x-www-form-urlencoded\)\.{place}"


FAULTS = (
    Planted(
        name="email-optional",
        what="Nobody is written to.",
        operation=MAKE,
        breaks=body(r"email\.required"),
        shows=made(b"plan=team", 200),
    ),
    Planted(
        name="email-any-text",
        what="The pattern is not looked at.",
        operation=MAKE,
        breaks=body(r"email\.pattern"),
        also=body(r"email\.maxLength"),
        shows=made(b"email=nobody&plan=team", 200),
    ),
    Planted(
        name="plan-any-text",
        what="Any plan is taken.",
        operation=MAKE,
        breaks=body(r"plan\.enum"),
        shows=made(b"email=a%40b.example&plan=gold", 200),
    ),
    Planted(
        name="plan-house-refused",
        what="The third plan came later, and nobody added it.",
        operation=MAKE,
        breaks=body(r"plan\.enum"),
        code="refused-valid",
        shows=made(b"email=a%40b.example&plan=house", 400, was=200),
    ),
    Planted(
        name="seats-over",
        what="There is no most of seats.",
        operation=MAKE,
        breaks=body(r"seats\.maximum"),
        shows=made(GOOD + b"&seats=101", 200),
    ),
    Planted(
        name="seats-words",
        what="What is no number is one seat.",
        operation=MAKE,
        breaks=body(r"seats\.type"),
        shows=made(GOOD + b"&seats=many", 200),
    ),
    Planted(
        name="agree-any-word",
        what="Every word means yes.",
        operation=MAKE,
        breaks=body(r"agree\.type"),
        shows=made(GOOD + b"&agree=perhaps", 200),
    ),
    Planted(
        name="note-long",
        what="A note has no end.",
        operation=MAKE,
        breaks=body(r"note\.maxLength"),
        shows=made(GOOD + b"&note=" + b"n" * 21, 200),
    ),
    Planted(
        name="seats-one-crashes",
        what="One seat less is none, and divides.",
        operation=MAKE,
        breaks=body(r"seats\.(minimum|type|optional)"),
        code="server-error",
        shows=made(GOOD + b"&seats=1", 500, was=200),
    ),
    Planted(
        name="json-taken",
        what="JSON is read as well.",
        operation=MAKE,
        breaks=r"media\.undeclared",
        level="warning",
        shows=shows(
            post("/subscriptions", b'{"email": "a@b.example", "plan": "team"}'),
            was=415,
            becomes=200,
        ),
    ),
    Planted(
        name="form-seats-text",
        what="The seats come back as text.",
        operation=MAKE,
        breaks=r"response\.200\.seats\.type",
        shows=made(GOOD, 200, was=200),
    ),
    Planted(
        name="list-any-plan",
        what="The filter takes any plan.",
        operation=LIST,
        breaks=r"query\.plan\.enum",
        shows=shows(query("/subscriptions?plan=gold"), was=400, becomes=200),
    ),
    Planted(
        name="list-limit-any",
        what="The limit has no most.",
        operation=LIST,
        breaks=r"query\.limit\.maximum",
        shows=shows(query("/subscriptions?limit=51"), was=400, becomes=200),
    ),
    Planted(
        name="list-limit-word-crashes",
        what="`int(limit)`, and nobody catches it.",
        operation=LIST,
        breaks=r"query\.limit\.type",
        code="server-error",
        shows=shows(query("/subscriptions?limit=many"), was=400, becomes=500),
    ),
    Planted(
        name="list-without-seats",
        what="The list leaves the seats out.",
        operation=LIST,
        breaks=r"response\.200\[\]\.seats\.required",
        shows=shows(query("/subscriptions"), was=200, becomes=200),
    ),
    *http_faults("forms", LIST),
)


class Forms(Service):
    """An API whose writes are forms."""

    name, contract, faults = "forms", CONTRACT, FAULTS

    def routing(self) -> Mapping[str, Route]:
        return {LIST: Route(handler=self.listed), MAKE: Route(handler=self.made)}

    def listed(self, request: Request) -> Answer:
        given = dict(fields(request.query))
        limit = given.get("limit", "20")
        if not self.has("list-any-plan") and given.get("plan", "free") not in PLANS:
            raise Refusal(400, "plan is none of ours")
        if not re.fullmatch("-?[0-9]{1,9}(\\.0+)?", limit):
            if self.has("list-limit-word-crashes"):
                return json_answer({"error": "Internal Server Error"}, 500)
            raise Refusal(400, "limit is no number")
        if float(limit) < 1 or (float(limit) > 50 and not self.has("list-limit-any")):
            raise Refusal(400, "limit is out of bounds")
        one = {"email": "a@b.example", "plan": "team", "seats": 3}
        if self.has("list-without-seats"):
            del one["seats"]
        return json_answer([one])

    def made(self, request: Request) -> Answer:
        given = self._given(request)
        problems = tuple(self._problems(given))
        if problems:
            raise Refusal(400, *problems)
        seats = self._seats(given)
        if seats == 1 and "seats" in given and self.has("seats-one-crashes"):
            return json_answer({"error": "Internal Server Error"}, 500)
        shown = str(seats) if self.has("form-seats-text") else seats
        return json_answer(
            {
                "email": given.get("email", ""),
                "plan": given["plan"],
                "seats": shown,
                "agree": given.get("agree") == "true",
            }
        )

    def _given(self, request: Request) -> dict[str, str]:
        kinds = (FORM, JSON) if self.has("json-taken") else (FORM,)
        if typed(request, *kinds) == JSON:
            value = parse(request.body)
            return {k: _text(v) for k, v in value.items()} if isinstance(value, dict) else {}
        try:
            return dict(fields(request.body.decode("utf-8")))
        except UnicodeDecodeError as error:
            raise Refusal(400, "The form is not UTF-8.") from error

    def _problems(self, given: dict[str, str]) -> list[str]:
        found = []
        email, plan = given.get("email"), given.get("plan")
        if email is None and not self.has("email-optional"):
            found.append("email is missing")
        fits = _EMAIL.fullmatch(email or "") and len(email or "") <= 60
        if email is not None and not fits and not self.has("email-any-text"):
            found.append("email is none")
        wrong = plan not in PLANS and not self.has("plan-any-text")
        if plan is None or wrong or (plan == "house" and self.has("plan-house-refused")):
            found.append("plan is none of ours")
        if given.get("agree", "true") not in ("true", "false") and not self.has("agree-any-word"):
            found.append("agree is neither true nor false")
        if len(given.get("note", "")) > 20 and not self.has("note-long"):
            found.append("note is too long")
        return found

    def _seats(self, given: dict[str, str]) -> int:
        text = given.get("seats", "1")
        if not re.fullmatch("-?[0-9]{1,15}(\\.0+)?", text):
            if self.has("seats-words"):
                return 1
            raise Refusal(400, "seats is no number")
        seats = int(float(text))
        if seats < 1 or (seats > 100 and not self.has("seats-over")):
            raise Refusal(400, "seats is out of bounds")
        return seats


def _text(value: Any) -> str:
    """A JSON value as a form would send it."""
    return value if isinstance(value, str) else encoded(value).decode()
