"""Mottos, tables and rates: text, CSV and XML; no JSON at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree import ElementTree

from tests.conformance.backend.exchange import Ask
from tests.conformance.backend.messages import Answer, Refusal, Request
from tests.conformance.backend.proof import shows
from tests.conformance.services.service import (
    TEXT,
    Planted,
    Route,
    Service,
    http_faults,
    post,
    query,
    typed,
)

__all__ = ["Texts"]

GET, PUT, TABLE = "GET /motto", "PUT /motto", "POST /tables"
RATE, ONE = "POST /rates", "GET /rates/{currency}"
CSV, XML = "text/csv", "application/xml"
CURRENCIES = ("EUR", "USD")
CONTRACT = """
openapi: 3.0.3
info: {title: Texts, version: '1'}
components:
  responses:
    refused: {description: refused, content: {text/plain: {schema: {type: string}}}}
  schemas:
    Rate:
      type: object
      xml: {name: rate}
      required: [currency, amount]
      properties:
        currency: {type: string, enum: [EUR, USD]}
        amount: {type: number, minimum: 0}
paths:
  /motto:
    get:
      responses:
        '200': {description: the motto, content: {text/plain: {schema: {type: string}}}}
    put:
      x-conformance: {writes: false}
      requestBody:
        required: true
        content:
          text/plain: {schema: {type: string, minLength: 1, maxLength: 40}, example: Onward}
      responses:
        '204': {description: kept}
        '400': {$ref: '#/components/responses/refused'}
        '415': {$ref: '#/components/responses/refused'}
  /tables:
    post:
      x-conformance: {writes: false}
      parameters:
        - {name: X-Separator, in: header, schema: {type: string, enum: [comma, tab]}}
      requestBody:
        required: true
        content: {text/csv: {schema: {type: string}, example: "a,b\\r\\n1,2\\r\\n"}}
      responses:
        '200': {description: turned about, content: {text/csv: {schema: {type: string}}}}
        '400': {$ref: '#/components/responses/refused'}
        '415': {$ref: '#/components/responses/refused'}
  /rates:
    post:
      x-conformance: {writes: false}
      requestBody:
        required: true
        content:
          application/xml:
            schema: {$ref: '#/components/schemas/Rate'}
            example: {currency: EUR, amount: 1.5}
      responses:
        '200':
          description: as it was understood
          content: {application/xml: {schema: {$ref: '#/components/schemas/Rate'}}}
        '400': {$ref: '#/components/responses/refused'}
        '415': {$ref: '#/components/responses/refused'}
  /rates/{currency}:
    get:
      parameters:
        - {name: currency, in: path, required: true, schema: {type: string, enum: [EUR, USD]}}
        - {name: day, in: query, schema: {type: integer, minimum: 1, maximum: 31}}
      responses:
        '200':
          description: one rate
          content: {application/xml: {schema: {$ref: '#/components/schemas/Rate'}}}
        '400': {$ref: '#/components/responses/refused'}
"""


def rate(text: str) -> Ask:
    """A rate in XML."""
    return post("/rates", text.encode(), XML)


def motto(text: str, kind: str = TEXT) -> Ask:
    """A motto."""
    return post("/motto", text.encode(), kind, method="PUT")


FAULTS = (
    Planted(
        name="motto-long",
        what="A motto has no end.",
        operation=PUT,
        breaks=r"body\(text/plain\)\.maxLength",
        shows=shows(motto("m" * 41), was=400, becomes=204),
    ),
    Planted(
        name="motto-empty",
        what="An empty motto is kept.",
        operation=PUT,
        breaks=r"body\(text/plain\)\.minLength|body\.missing",
        shows=shows(motto(""), was=400, becomes=204),
    ),
    Planted(
        name="motto-any-type",
        what="The label is not looked at.",
        operation=PUT,
        breaks=r"media\.undeclared",
        also=r"media\.(encoding|charset)",
        level="warning",
        shows=shows(motto("m", "application/x-other"), was=415, becomes=204),
    ),
    Planted(
        name="motto-as-html",
        what="The motto comes with the wrong label.",
        operation=GET,
        breaks=r"response\.200\.content-type",
        shows=shows(query("/motto"), was=200, becomes=200),
    ),
    Planted(
        name="separator-any",
        what="Any separator is taken.",
        operation=TABLE,
        breaks=r"header\.X-Separator\.enum",
        shows=shows(
            post("/tables", b"a\r\n", CSV).header("x-separator", "dot"), was=400, becomes=200
        ),
    ),
    Planted(
        name="tab-crashes",
        what="The second separator is not wired.",
        operation=TABLE,
        breaks=r"header\.X-Separator\.(enum|optional)",
        code="server-error",
        shows=shows(
            post("/tables", b"a\r\n", CSV).header("x-separator", "tab"), was=200, becomes=500
        ),
    ),
    Planted(
        name="table-as-text",
        what="The table comes with the wrong label.",
        operation=TABLE,
        breaks=r"response\.200\.content-type",
        shows=shows(post("/tables", b"a\r\n", CSV), was=200, becomes=200),
    ),
    Planted(
        name="amount-negative",
        what="An amount below nothing is taken.",
        operation=RATE,
        breaks=r"body\(application/xml\)\.amount\.minimum",
        shows=shows(
            rate("<rate><currency>EUR</currency><amount>-1</amount></rate>"), was=400, becomes=200
        ),
    ),
    Planted(
        name="currency-any",
        what="Any currency is taken.",
        operation=RATE,
        breaks=r"body\(application/xml\)\.currency\.enum",
        also=r"response\.200\(application/xml\)",
        shows=shows(
            rate("<rate><currency>XXX</currency><amount>1</amount></rate>"), was=400, becomes=200
        ),
    ),
    Planted(
        name="amount-optional",
        what="A rate without an amount is taken.",
        operation=RATE,
        breaks=r"body\(application/xml\)\.amount\.required",
        shows=shows(rate("<rate><currency>EUR</currency></rate>"), was=400, becomes=200),
    ),
    Planted(
        name="malformed-xml-crashes",
        what="What is no XML is not caught.",
        operation=RATE,
        breaks=r"body\(application/xml\)\.|status\.no-failure|body\.missing",
        code="server-error",
        shows=shows(rate("<rate><currency>"), was=400, becomes=500),
    ),
    Planted(
        name="rate-cut",
        what="The answer's XML has no end.",
        operation=ONE,
        breaks=r"response\.200\(application/xml\)\.|answer\.well-formed",
        shows=shows(query("/rates/EUR"), was=200, becomes=200),
    ),
    Planted(
        name="any-rate",
        what="Any currency has a rate.",
        operation=ONE,
        breaks=r"path\.currency\.enum",
        also=r"response\.200\(application/xml\)",
        shows=shows(query("/rates/XXX"), was=400, becomes=200),
    ),
    Planted(
        name="any-day",
        what="A month has no end.",
        operation=ONE,
        breaks=r"query\.day\.maximum",
        shows=shows(query("/rates/EUR?day=32"), was=400, becomes=200),
    ),
    *http_faults("texts", GET),
)


class Texts(Service):
    """An API without JSON."""

    name, contract, faults = "texts", CONTRACT, FAULTS

    def __init__(self, on: Iterable[str] = ()) -> None:
        super().__init__(on)
        self.motto = "Onward"

    def routing(self) -> Mapping[str, Route]:
        return {
            GET: Route(handler=self.get, offers=(TEXT,)),
            PUT: Route(handler=self.put, offers=(TEXT,)),
            TABLE: Route(handler=self.table, offers=(CSV,)),
            RATE: Route(handler=self.rate, offers=(XML,)),
            ONE: Route(handler=self.one, offers=(XML,)),
        }

    def refused(self, refusal: Refusal) -> Answer:
        if refusal.status == 204:
            return Answer(status=204, headers=refusal.headers)
        text = "; ".join(refusal.problems).encode()
        headers = (("content-type", TEXT), *refusal.headers)
        return Answer(status=refusal.status, headers=headers, body=text)

    def get(self, request: Request) -> Answer:
        return _answer(self.motto, "text/html" if self.has("motto-as-html") else TEXT)

    def put(self, request: Request) -> Answer:
        if not self.has("motto-any-type"):
            typed(request, TEXT)
        text = _text(request)
        if (not text and not self.has("motto-empty")) or (
            len(text) > 40 and not self.has("motto-long")
        ):
            raise Refusal(400, "The motto is too short or too long.")
        self.motto = text
        return Answer(status=204)

    def table(self, request: Request) -> Answer:
        typed(request, CSV)
        separator = request.header("x-separator", "comma")
        if separator not in ("comma", "tab") and not self.has("separator-any"):
            raise Refusal(400, "X-Separator is neither comma nor tab")
        if separator == "tab" and self.has("tab-crashes"):
            return _answer("Internal Server Error", TEXT, 500)
        if not request.body and not request.has("content-length"):
            raise Refusal(400, "There is no table.")
        lines = _text(request).splitlines()
        turned = "".join(f"{line}\r\n" for line in reversed(lines))
        return _answer(turned, TEXT if self.has("table-as-text") else CSV)

    def rate(self, request: Request) -> Answer:
        typed(request, XML)
        try:
            root = ElementTree.fromstring(_text(request))
        except (ElementTree.ParseError, ValueError) as error:
            if self.has("malformed-xml-crashes"):
                return _answer("Internal Server Error", TEXT, 500)
            raise Refusal(400, "This is no XML.") from error
        if root.tag != "rate":
            raise Refusal(400, "The root is no rate.")
        currency, amount = root.findtext("currency"), root.findtext("amount")
        if amount is None and self.has("amount-optional"):
            amount = "0"
        if currency not in CURRENCIES and not (currency and self.has("currency-any")):
            raise Refusal(400, "currency is none of ours")
        if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?", amount or ""):
            raise Refusal(400, "amount is no number")
        if float(amount or 0) < 0 and not self.has("amount-negative"):
            raise Refusal(400, "amount is negative")
        return _answer(_rate(currency, abs(float(amount or 0))), XML)

    def one(self, request: Request, currency: str) -> Answer:
        day = request.parameters.get("day", "1")
        if currency not in CURRENCIES and not self.has("any-rate"):
            raise Refusal(400, "currency is none of ours")
        most = 10**9 if self.has("any-day") else 31
        if not (day.isascii() and day.isdigit()) or not 1 <= int(day[:9]) <= most:
            raise Refusal(400, "day is out of bounds")
        text = _rate(currency if currency in CURRENCIES else "EUR", 1.5)
        return _answer(text[:-3] if self.has("rate-cut") else text, XML)


def _text(request: Request) -> str:
    try:
        return request.body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(400, "The text is not UTF-8.") from error


def _rate(currency: Any, amount: float) -> str:
    root = ElementTree.Element("rate")
    for name, value in (("currency", currency), ("amount", amount)):
        ElementTree.SubElement(root, name).text = str(value)
    return ElementTree.tostring(root, encoding="unicode")


def _answer(text: str, kind: str, status: int = 200) -> Answer:
    return Answer(status=status, headers=(("content-type", kind),), body=text.encode())
