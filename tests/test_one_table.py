"""A new HTTP method, string format or credential case is a row of one table.

Each is added to its table in a process of its own, before anything else is imported; all that is
asked of a method, a format or a credential must know it then.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

pytestmark = pytest.mark.slow

CONTRACT = """
openapi: 3.2.0
info: {title: Tables, version: '1'}
paths:
  /teas:
    brew:
      responses: {'204': {description: brewed}}
  /plates:
    post:
      security: [{key: []}]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [plate]
              properties: {plate: {type: string, format: licence-plate}}
      responses: {'200': {description: ok}, '400': {description: no}, '401': {description: who}}
components: {securitySchemes: {key: {type: http, scheme: bearer}}}
"""
LOADED_FIRST = """
    import sys
    from importlib.util import module_from_spec, spec_from_file_location

    def loaded_first(name):
        # Importing `spec` imports what asks the table, so the table is loaded by itself.
        found = spec_from_file_location(name, name.replace(".", "/") + ".py")
        sys.modules[name] = module_from_spec(found)
        found.loader.exec_module(sys.modules[name])
        return sys.modules[name]

"""
METHOD = """
    table = loaded_first("spec.model.http_methods")
    row = table.HTTPMethod(name="BREW", safe=True, since="3.2")
    table.HTTP_METHODS = (*table.HTTP_METHODS, row)
    table.SAFE_METHODS = frozenset(one.name for one in table.HTTP_METHODS if one.safe)

    from mock_server import create_app
    from conformance.clauses import derive
    from conformance.http.methods import METHODS, is_safe
    from conformance.run.session.run_options import RunOptions
    from conformance.run.turns.undeclared_methods import undeclared_methods
    from spec import load

    contract = load(sys.argv[1])
    brew, plates = contract.operations
    assert (brew.id, brew.safe, contract.faults) == ("BREW /teas", True, ())
    assert any(one.id == "BREW /teas status.204" for one in derive(contract))
    assert is_safe("BREW") and "BREW" in METHODS
    options = RunOptions(allow_writes=True)
    assert "BREW" in undeclared_methods(contract, plates, options)
    assert "BREW" not in undeclared_methods(contract, brew, options)

    from tests.mock_server.asking import ask
    app = create_app(contract)
    assert ask(app, "BREW", "/teas").status == 204
    refused = ask(app, "GET", "/teas")
    assert (refused.status, refused.headers["allow"]) == (405, "BREW, OPTIONS")
"""
FORMAT = """
    table = loaded_first("spec.schemas.string_formats")
    table.STRING_FORMATS["licence-plate"] = table.StringFormat(
        make=lambda random, shortest: "AB-123",
        grammars=("[A-Z]{2}-[0-9]{3}",),
        broken=("no plate",),
        is_valid=lambda value: not isinstance(value, str) or value[2:3] == "-",
        known_to_engine=False,
    )

    from conformance.cases.scalar_faults import MALFORMED
    from conformance.diff.inclusion.inclusion import Contained, Escapes, inclusion
    from mock_server import create_app
    from spec import Direction, load
    from tests.mock_server.asking import ask

    contract = load(sys.argv[1])
    body = contract.operation("POST /plates").request_body.content[0].schema
    assert contract.sample(body, Direction.REQUEST) == {"plate": "AB-123"}
    (violation,) = contract.violations(body, Direction.REQUEST, {"plate": "no plate"})
    assert violation.keyword == "format"
    assert MALFORMED["licence-plate"] == ("no plate",)
    plate = {"type": "string", "format": "licence-plate"}
    assert isinstance(inclusion({**plate, "maxLength": 6}, plate), Contained)
    assert isinstance(inclusion({"type": "string"}, plate), Escapes)
    asked = {"headers": {"authorization": "Bearer a-token"}}
    app = create_app(contract)
    assert ask(app, "POST", "/plates", json_body={"plate": "AB-123"}, **asked).status == 200
    assert ask(app, "POST", "/plates", json_body={"plate": "no plate"}, **asked).status == 400
"""
CREDENTIAL = """
    import conformance.clauses.credential_aspects as table
    row = table.Aspect(name="borrowed", promise="a borrowed one is 401", sent="a loan",
                       unseen="nobody lent one")
    table.ASPECTS = (*table.ASPECTS, row)
    table.BAD = frozenset(one.name for one in table.ASPECTS if one.bad)

    from conformance.clauses import derive
    from conformance.report.codes.finding_code import FindingCode
    from conformance.run.places.evidence import Ledger
    from conformance.run.places.scopes import scope_of
    from conformance.run.places.titles import Cause, title
    from spec import load

    clauses = derive(load(sys.argv[1]))
    (found,) = [one for one in clauses if one.id == "POST /plates security.borrowed"]
    assert found.promise == "a borrowed one is 401"
    scope = scope_of(found)
    assert scope == ("security", "borrowed")
    cause = Cause(code=FindingCode.ACCEPTED_CREDENTIAL, operations=["POST /plates"], scope=scope)
    assert title(cause) == "POST /plates: a loan is accepted"
    (judged,) = [one for one in Ledger(clauses).verdicts() if one.id == found.id]
    assert judged.why == "nobody lent one"
"""


@pytest.mark.parametrize("script", [METHOD, FORMAT, CREDENTIAL], ids=["method", "format", "case"])
def test_a_row_is_all_that_it_takes(script: str, tmp_path: Path) -> None:
    """What the row says is read, served, judged, generated, tried and reported."""
    (tmp_path / "tables.yaml").write_text(CONTRACT, "utf-8")
    command = [sys.executable, "-c", dedent(LOADED_FIRST + script), str(tmp_path / "tables.yaml")]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120,
        cwd=Path(__file__).parents[1],
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
