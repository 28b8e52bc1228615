"""Things that requests name beside their path: in bodies, queries and headers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from conformance.clauses.collection_operations import collection_operations
from conformance.clauses.kinds import ClauseKind
from conformance.run.things.thing_references import references
from spec import Contract
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import codes, contract_of, run

SHOP = """
paths:
  /customers/{customerId}:
    parameters: [{name: customerId, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': &any {description: one, content: {application/json: {schema: {
      type: object, properties: {id: {type: string}, name: {type: string},
        customer_id: {type: string}, note: {type: string}}}}}}, '404': &no {description: no}}}
    delete: {responses: {'204': *no, '404': *no, '409': *no}}
  /invoices:
    get:
      parameters:
        - {name: orderId, in: query, required: true, schema: {type: string}}
        - {name: X-Customer-Id, in: header, required: true, schema: {type: string}}
      responses: {'200': &all {description: all, content: {application/json: {schema: {
        type: array, items: {type: object, properties: {order: {type: string}}}}}}},
        '400': *no, '422': *no}
  /orders/{orderId}:
    parameters: [{name: orderId, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': *any, '404': *no}}
    put:
      requestBody: &order
        required: true
        content: {application/json: {schema: {type: object, required: [customer_id, lines],
          properties: {customer_id: {type: string}, note: {type: string, example: quick},
            lines: {type: array, minItems: 1, items: {type: object, required: [product],
              properties: {product: {type: object, required: [id],
                properties: {id: {type: string}}}}}},
            couponIds: {type: array, items: {type: string}, example: [c-1]}}}}}
      responses: {'200': *any, '400': *no, '404': *no, '422': *no}
    delete: {responses: {'204': *no, '404': *no}}
  /orders:
    post: {requestBody: *order, responses: {'201': *any, '400': *no, '422': *no}}
  /coupons/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    delete: {responses: {'204': *no, '404': *no, '409': *no}}
  /coupons:
    post: {requestBody: &named {required: true, content: {application/json: {schema: {type: object,
      required: [name], properties: {name: {type: string, example: ten}}}}}},
      responses: {'201': *any, '400': *no}}
  /products/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    delete: {responses: {'204': *no, '404': *no, '409': *no}}
  /products:
    post: {requestBody: *named, responses: {'201': *any, '400': *no}}
  /customers:
    post: {requestBody: *named, responses: {'201': *any, '400': *no}}
"""


class Shop:
    """A shop that refuses what names a thing that is not there, and keeps what is named.

    `lost`: a PUT of an order changes nothing.
    """

    def __init__(self, *, lost: bool = False) -> None:
        self.things = dict[str, dict[str, Any]]()
        self.lost, self.made = lost, 0

    def __call__(self, asked: Asked) -> tuple[int, Any]:
        """One request."""
        if asked.path == "/invoices":
            return self._invoices(asked)
        found = re.fullmatch(r"/(customers|orders|coupons|products)(?:/([^/]+))?", asked.path)
        if found is None:
            return 404, None
        kind, key = found[1], found[2]
        if key is None:
            return self._created(kind, asked) if asked.method == "POST" else (405, None)
        if not key.startswith(kind) or key not in self.things:
            return 404, None
        return self._on(kind, key, asked)

    def _invoices(self, asked: Asked) -> tuple[int, Any]:
        order = parse_qs(asked.query).get("orderId", [""])[0]
        if asked.method != "GET" or not order or not asked.headers.get("x-customer-id"):
            return (400 if asked.method == "GET" else 405), None
        known = order in self.things and asked.headers["x-customer-id"] in self.things
        return (200, [{"order": order}]) if known else (422, None)

    def _created(self, kind: str, asked: Asked) -> tuple[int, Any]:
        status = self._judged(kind, asked.json)
        if status:
            return status, None
        self.made += 1
        key = f"{kind}-{self.made}"
        self.things[key] = {**asked.json, "id": key}
        return 201, self.things[key]

    def _on(self, kind: str, key: str, asked: Asked) -> tuple[int, Any]:
        if asked.method == "GET" and kind in ("customers", "orders"):
            return 200, self.things[key]
        if asked.method == "PUT" and kind == "orders":
            status = self._judged(kind, asked.json)
            if not status and not self.lost:
                self.things[key] = {**asked.json, "id": key}
            return status or 200, None if status else {**asked.json, "id": key}
        if asked.method != "DELETE":
            return 405, None
        if any(key in str(one) for other, one in self.things.items() if other != key):
            return 409, None
        del self.things[key]
        return 204, None

    def _judged(self, kind: str, body: Any) -> int:
        """The status of a refusal; 0 where the body is good."""
        if not isinstance(body, dict):
            return 400
        if kind != "orders":
            return 0 if isinstance(body.get("name"), str) else 400
        try:
            named = [body["customer_id"], *(one["product"]["id"] for one in body["lines"])]
            named += body.get("couponIds", [])
            good = all(isinstance(one, str) for one in named) and bool(body["lines"])
        except (KeyError, TypeError):
            return 400
        if not good or not isinstance(body.get("note", ""), str):
            return 400
        return 0 if all(one in self.things for one in named) else 422


@pytest.mark.parametrize(
    ("lost", "found"), [(False, []), (True, ["lost-change"])], ids=["right", "lost"]
)
def test_what_requests_name_is_made_for_them(tmp_path: Path, lost: bool, found: list[str]) -> None:
    """Whatever the order of the document; what names others is removed before them."""
    shop = Shop(lost=lost)
    families = frozenset({ClauseKind.STATE})

    report = run(
        contract_of(tmp_path, SHOP),
        Application(shop, "GET"),
        allow_writes=True,
        by_clock=True,
        families=families,
    )

    controls = {one.id: one.verdict.value for one in report.clauses if one.kind == "control"}
    assert codes(report) == found
    assert {key for key, verdict in controls.items() if verdict != "held"} == set()
    assert {one.verdict.value for one in report.clauses if "state.gone" in one.id} == {"held"}
    assert shop.things == {}


def test_one_operation_has_made_what_it_names(tmp_path: Path) -> None:
    """`--include` selects the consumer alone."""
    shop = Shop()
    families = frozenset({ClauseKind.STATE})

    report = run(
        contract_of(tmp_path, SHOP),
        Application(shop, "GET"),
        allow_writes=True,
        by_clock=True,
        families=families,
        include=("GET /invoices",),
    )

    assert codes(report) == []
    assert {one.verdict.value for one in report.clauses if one.kind == "control"} == {"held"}
    assert shop.things == {}


KNOWN = {"/customers": 7, "/products": "p-1", "/order-lines": "l-1", "/categories": "c-1"}


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ({"customerId": "x"}, {"customerId": "7"}),
        ({"customer_id": 1}, {"customer_id": 7}),
        ({"parentCustomerId": 1}, {"parentCustomerId": 7}),
        ({"customer": {"id": 1, "name": "n"}}, {"customer": {"id": 7, "name": "n"}}),
        ({"productIds": ["a", "b"]}, {"productIds": ["p-1"]}),
        ({"lines": [{"product_uuid": "x"}]}, {"lines": [{"product_uuid": "p-1"}]}),
        ({"orderLineId": "x"}, {"orderLineId": "l-1"}),
        ({"category_id": "x"}, {"category_id": "c-1"}),
        (
            {"data": {"relationships": {"customer": {"data": {"type": "customers", "id": "1"}}}}},
            {"data": {"relationships": {"customer": {"data": {"type": "customers", "id": "7"}}}}},
        ),
        (
            {"relationships": {"buyer": {"data": {"type": "customers", "id": "1"}}}},
            {"relationships": {"buyer": {"data": {"type": "customers", "id": "7"}}}},
        ),
        (
            {"relationships": {"made": {"data": [{"type": "products", "id": "1"}]}}},
            {"relationships": {"made": {"data": [{"type": "products", "id": "p-1"}]}}},
        ),
        ({"id": "x", "name": "customer"}, {"id": "x", "name": "customer"}),
        ({"customer": "x"}, {"customer": "x"}),
        ({"customer": 1}, {"customer": 7}),
        ({"customer": True}, {"customer": True}),
        ({"myCustomerIdea": "x"}, {"myCustomerIdea": "x"}),
    ],
)
def test_names_of_properties_name_things(tmp_path: Path, value: Any, named: Any) -> None:
    """By the noun of a collection, wherever it stands; the type stays."""
    contract: Contract = contract_of(
        tmp_path,
        "paths:"
        + "".join(
            f"""
  {collection}/{{id}}:
    parameters: [{{name: id, in: path, required: true, schema: {{type: string}}}}]
    get: {{responses: {{'200': {{description: one}}}}}}"""
            for collection in KNOWN
        ),
    )

    assert references(contract).referring(value, KNOWN.get) == named


ELSEWHERE = """
paths:
  /projects/{id}/exports: {post: {responses: {'202': &job {description: begun, content:
    {application/json: {schema: {$ref: '#/components/schemas/Job'}}}}}}}
  /projects/{id}/notes: {post: {responses: {'201': &note {description: made, content:
    {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}}}}
  /login: {post: {responses: {'201': &user {description: you, content:
    {application/json: {schema: {$ref: '#/components/schemas/User'}}}}}}}
  /carts/{cart}/items: {post: {responses: {'201': &cart {description: all, content:
    {application/json: {schema: {$ref: '#/components/schemas/Cart'}}}}}}}
  /carts/{cart}/pay: {post: {responses: {'202': *cart}}}
  /jobs/{id}: {get: {responses: {'200': *job}}}
  /notes/{id}: {get: {responses: {'200': *note}}}
  /users/{id}: {get: {responses: {'200': *user}}}
  /carts/{cart}: {get: {responses: {'200': *cart}}}
components: {schemas: {Job: {type: object}, Note: {type: object}, User: {type: object},
  Cart: {type: object}}}
"""


def test_what_is_made_on_another_path_is_told_by_what_is_answered(tmp_path: Path) -> None:
    """A login makes no user, and what is added to a cart no other cart."""
    contract = contract_of(tmp_path, ELSEWHERE)
    made = collection_operations(contract).made_by

    found = {one.path: made(one) for one in contract.operations if one.method == "POST"}
    assert {path: one for path, one in found.items() if one} == {
        "/projects/{id}/exports": "/jobs",
        "/projects/{id}/notes": "/notes",
    }


PLANS = """
paths:
  /teams/{teamId}:
    parameters: [&team {name: teamId, in: path, required: true, schema: {type: integer}}]
    delete: {responses: {'204': &no {description: no}, '404': *no, '409': *no}}
  /teams:
    post: {requestBody: &body {required: true, content: {application/json: {schema: {type: object,
      required: [plan], properties: {plan: {type: object, required: [title],
        properties: {title: {type: string}, lock_version: {type: integer}}}}}}}},
      responses: {'201': &one {description: one, content: {application/json: {schema: {
        type: object, properties: {id: {type: integer}, title: {type: string},
          lock_version: {type: integer}}}}}}, '400': *no}}
  /teams/{teamId}/plans:
    parameters: [*team]
    get: {responses: {'200': {description: all, content: {application/json: {schema: {type: array,
      items: {type: object, properties: {id: {type: integer}, title: {type: string},
        lock_version: {type: integer}}}}}}}, '404': *no}}
    post: {requestBody: *body, responses: {'201': *one, '400': *no, '404': *no}}
  /teams/{teamId}/plans/{planId}:
    parameters: [*team, {name: planId, in: path, required: true, schema: {type: integer}}]
    put:
      requestBody: {required: true, content: {application/json: {schema: {type: object,
        required: [title, lock_version],
        properties: {title: {type: string}, lock_version: {type: integer, minimum: 1}}}}}}
      responses: {'200': *one, '400': *no, '404': *no, '409': *no}
    delete: {responses: {'204': *no, '404': *no}}
"""


class Plans:
    """Plans of teams, sent in an envelope; a change must name the current version.

    A team with plans is not deleted. `lost`: another title is stored than the one that was sent.
    """

    def __init__(self, *, lost: bool = False) -> None:
        self.lost, self.made, self.things = lost, 0, dict[tuple[str, ...], dict[str, Any]]()

    def __call__(self, asked: Asked) -> tuple[int, Any]:
        """One request."""
        found = re.fullmatch(r"/teams(?:/(\d+)(?:/plans(?:/(\d+))?)?)?", asked.path)
        if found is None:
            return 404, None
        ids = tuple(one for one in found.groups() if one is not None)
        items = asked.path.endswith(("/teams", "/plans"))
        if any(ids[:number] not in self.things for number in range(1, len(ids) + 1)):
            return 404, None
        if not items:
            return self._on(ids, asked)
        if asked.method == "GET" and ids:
            return 200, [one for key, one in self.things.items() if key[:1] == ids and key[1:]]
        return self._created(ids, asked) if asked.method == "POST" else (405, None)

    def _created(self, ids: tuple[str, ...], asked: Asked) -> tuple[int, Any]:
        plan = asked.json.get("plan") if isinstance(asked.json, dict) else None
        if not isinstance(plan, dict) or not isinstance(plan.get("title"), str):
            return 400, None
        self.made += 1
        new = {"id": self.made, "title": plan["title"], "lock_version": 1}
        self.things[(*ids, str(self.made))] = {**new, "title": "other"} if self.lost else new
        return 201, new

    def _on(self, ids: tuple[str, ...], asked: Asked) -> tuple[int, Any]:
        if asked.method == "DELETE":
            if any(key[:1] == ids for key in self.things if key != ids):
                return 409, None
            del self.things[ids]
            return 204, None
        body = asked.json if isinstance(asked.json, dict) else {}
        if asked.method != "PUT" or len(ids) < 2:
            return 405, None
        if not isinstance(body.get("title"), str) or type(body.get("lock_version")) is not int:
            return 400, None
        now = self.things[ids]["lock_version"]
        if body["lock_version"] != now:
            return (409 if body["lock_version"] > 0 else 400), None
        self.things[ids] = {**self.things[ids], "title": body["title"], "lock_version": now + 1}
        return 200, self.things[ids]


@pytest.mark.parametrize("lost", [False, True])
def test_a_change_names_the_version_that_is_current(tmp_path: Path, lost: bool) -> None:
    """As optimistic locking has it; and what belongs to a thing is removed before it."""
    plans = Plans(lost=lost)
    families = frozenset({ClauseKind.STATE})

    report = run(
        contract_of(tmp_path, PLANS),
        Application(plans),
        allow_writes=True,
        by_clock=True,
        families=families,
    )

    broken = {one.id: one.verdict.value for one in report.clauses if one.kind == "state"}
    controls = {one.verdict.value for one in report.clauses if one.kind == "control"}
    assert controls == {"held"}
    assert broken == {
        "POST /teams/{teamId}/plans state.readable": "broken" if lost else "held",
        "PUT /teams/{teamId}/plans/{planId} state.changed": "held",
        "DELETE /teams/{teamId}/plans/{planId} state.gone": "held",
    }
    assert plans.things == {}
