"""Titles: what was sent, or what is wrong with the answer, in words; no name of a clause."""

from __future__ import annotations

import re
from typing import Any

import pytest

from conformance.clauses import derive
from conformance.clauses.clause import Clause
from conformance.clauses.keyword_sentences import BROKEN, WORDS
from conformance.clauses.kinds import ClauseKind
from conformance.report.codes.finding_code import FindingCode as Code
from conformance.report.codes.run_codes import RUN_CODES
from conformance.run.places.scopes import scope_of
from conformance.run.places.titles import Cause, title
from tests.conformance.examination.platform import platforms

CHAT = ["POST /chat"]
_NAME_OF_A_CLAUSE = re.compile(
    r"\b(security|response|status|steady|state|http|media|accept|methods|answer|property)\.|syntax"
)


def scope(local: str, kind: ClauseKind = ClauseKind.RESPONSE) -> tuple[str, ...]:
    """The scope of a clause of the operation."""
    return scope_of(
        Clause(id=f"POST /chat {local}", operation="POST /chat", kind=kind, pointer="", promise="")
    )


def said(code: Code, local: str, **facts: Any) -> str:
    """The title of one clause, without its operation."""
    facts.setdefault("scope", scope(local))
    return title(Cause(code=code, operations=CHAT, **facts)).partition(": ")[2]


@pytest.mark.parametrize(
    ("text", "code", "local", "facts"),
    [
        ("a.b[].c is missing in the 200 response", Code.RESPONSE_SCHEMA,
         "response.200.a.b[].c.required", {}),
        ("[].c is of another type in the 200 response", Code.RESPONSE_SCHEMA,
         "response.200[].c.type", {}),
        ("the 200 response is of another type", Code.RESPONSE_SCHEMA, "response.200.type", {}),
        ("c is too long in the 200 response in text/csv", Code.RESPONSE_SCHEMA,
         "response.200(text/csv).c.maxLength", {}),
        ("the 200 response: a body that is not what its content type says",
         Code.RESPONSE_MALFORMED, "response.200.well-formed", {}),
        ("the header Location of the 201 response is missing or not of its schema",
         Code.RESPONSE_HEADER, "response.201.header.Location", {}),
        ("the header Location of the 201 response is missing", Code.RESPONSE_HEADER,
         "response.201.header.Location", {"absent": True}),
        ("the header Location of the 201 response is not of its schema", Code.RESPONSE_HEADER,
         "response.201.header.Location", {"absent": False}),
        ("the 200 response is text/plain, which the contract does not document",
         Code.UNDOCUMENTED_CONTENT_TYPE, "response.200.content-type",
         {"content_type": "text/plain"}),
        ("[].at is not of its format in the 200 response", Code.RESPONSE_SCHEMA,
         "response.200[].allOf[1].at.format", {}),
        ("a is of another type: the server fails (500)", Code.SERVER_ERROR,
         "body.allOf[0].a.type", {"status": 500}),
        ("an alternative of stop is refused (400)", Code.REFUSED_VALID, "body.stop.oneOf",
         {"status": 400, "forbidden": False}),
        ("a legal value of a (not) is refused (400)", Code.REFUSED_VALID, "body.a.not",
         {"status": 400, "forbidden": False}),
        ("a at its maximum is refused (400)", Code.REFUSED_VALID, "body.a.maximum",
         {"status": 400, "forbidden": False}),
        ("NUL in note: the server fails (500)", Code.SERVER_ERROR, "body.syntax.limits",
         {"status": 500, "forbidden": False, "called": "NUL in note"}),
        ("a valid request, sent again: the server fails (500)", Code.SERVER_ERROR,
         "steady.repeated", {"status": 500, "forbidden": False}),
        ("an invalid request: the server fails (500)", Code.SERVER_ERROR, "steady.repeated",
         {"status": 500}),
        ("an invalid request is accepted", Code.ACCEPTED_INVALID_BODY, "steady.repeated", {}),
        ("a generated invalid request is accepted", Code.ACCEPTED_INVALID_BODY,
         "property.invalid", {}),
        ("an altered credential is accepted", Code.ACCEPTED_CREDENTIAL, "security.altered", {}),
        ("an altered credential (its case changed) is accepted", Code.ACCEPTED_CREDENTIAL,
         "security.altered", {"partial": [True], "forms": ["its case changed"]}),
        ("a credential of no declared scheme (a; b and 2 more) is answered with 403, and not with "
         "401", Code.WRONG_CREDENTIAL_REFUSAL, "security.malformed",
         {"status": 403, "wanted": "401", "partial": [True], "forms": ["a", "b", "c", "d"]}),
        ("a missing or bad credential is answered with 401, and not with 403",
         Code.WRONG_CREDENTIAL_REFUSAL, "security",
         {"status": 401, "wanted": "403", "leaf": False}),
        ("every credential is accepted", Code.ACCEPTED_CREDENTIAL, "security", {"leaf": False}),
        ("a request without a credential: an error hidden in a 2xx", Code.ERROR_IN_SUCCESS,
         "security.missing", {}),
        ("a listed value of a.role is refused (400)", Code.REFUSED_VALID, "body.a.role.enum",
         {"status": 400, "forbidden": False}),
        ("a.role is none of the listed values: the server fails (500)", Code.SERVER_ERROR,
         "body.a.role.enum", {"status": 500}),
        ("a long text in model is answered with 413, which the contract does not document",
         Code.UNDOCUMENTED_STATUS, "body.model.long", {"status": 413, "forbidden": False}),
        ("a text of 1,001 characters in a.note is refused (400)", Code.REFUSED_FREE,
         "body.a.note.long", {"status": 400, "forbidden": False, "size": 1001}),
        ("sending role is refused (400)", Code.REFUSED_VALID, "body.role.optional",
         {"status": 400, "forbidden": False, "omitting": False}),
        ("omitting query parameter q is refused (400)", Code.REFUSED_VALID, "query.q.optional",
         {"status": 400, "forbidden": False, "omitting": True}),
        ("sending or omitting role is refused (400)", Code.REFUSED_VALID, "body.role.optional",
         {"status": 400, "forbidden": False}),
        ("an empty text in query parameter q is refused (400)", Code.REFUSED_FREE,
         "query.q.empty", {"status": 400, "forbidden": False}),
        ("query parameters are not checked", Code.ACCEPTED_INVALID_PARAMETER, "query.q.type",
         {"scope": ("request", "query"), "leaf": False}),
        ("an unknown property in the body is refused (400)", Code.REFUSED_VALID, "body.unknown",
         {"status": 400, "forbidden": False,
          "listed": [scope("body.unknown"), scope("body.allOf[0].unknown")]}),
        ("the body: presence is not checked", Code.ACCEPTED_INVALID_BODY, "body.missing", {}),
        ("role: enum is checked only in part", Code.ACCEPTED_INVALID_BODY, "body.role.enum",
         {"partial": [True]}),
        ("role: enum is not checked, or only in part", Code.ACCEPTED_INVALID_BODY,
         "body.role.enum", {"partial": [False], "refused": True}),
        ("role in application/merge-patch+json: type is not checked", Code.ACCEPTED_INVALID_BODY,
         "body(application/merge-patch+json).role.type", {}),
        ("every valid request: the server fails (500)", Code.SERVER_ERROR, "control",
         {"scope": (), "status": 500, "leaf": False}),
        ("a range in Accept is not understood", Code.FALSE_NEGOTIATION, "accept.range", {}),
        ("answered with 404, which the contract does not document", Code.UNDOCUMENTED_STATUS,
         "status.documented", {"status": 404}),
    ],
)  # fmt: skip
def test_a_title_says_what_was_seen(
    text: str, code: Code, local: str, facts: dict[str, Any]
) -> None:
    assert said(code, local, **facts) == text


def test_a_list_says_of_how_many_each_is_true() -> None:
    """Places that are checked in part are no proof that the others are."""
    listed = [scope(f"body.{name}.type") for name in "abcde"]

    def told(*partial: bool) -> str:
        facts = {"listed": listed, "partial": partial, "refused": any(partial)}
        return said(Code.ACCEPTED_INVALID_BODY, "body", **facts)

    assert told(False, False) == "a, b, c and 2 more: type is not checked"
    assert told(True, True) == "a, b, c and 2 more: type is checked only in part"
    assert told(True, False) == "a, b, c and 2 more: type is not checked, or only in part"


def test_a_list_names_the_keywords_that_are_not_checked() -> None:
    """That a maximum is not checked says nothing of the type of its value."""
    names = ("body.a.minimum", "body.a.maximum", "body.b[].pattern", "body.c.missing")
    told = said(Code.ACCEPTED_INVALID_BODY, "body", listed=[scope(name) for name in names])

    assert told == "a (minimum, maximum), b[] (pattern) and c (presence) are not checked"


def test_a_list_of_an_answer_says_what_is_wrong_with_all_of_them() -> None:
    """Every sentence on a value has one on several."""
    pairs = [[scope(f"response.200.{name}.{one}") for name in ("a", "b[].c")] for one in BROKEN]
    told = [said(Code.RESPONSE_SCHEMA, "control", leaf=False, listed=pair) for pair in pairs]

    listed = [*pairs[list(BROKEN).index("required")], scope("response.200.required")]
    one = said(Code.RESPONSE_SCHEMA, "control", leaf=False, listed=listed)
    assert one == "a, b[].c and the body are missing in the 200 response"
    assert [text for text in told if not text.startswith("a and b[].c ")] == []
    assert [text for text in told if re.search(r" (is|has|does|fits|lacks) ", text[:20])] == []


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["200.a", "201.a"], "a is missing in the 200 and 201 responses"),
        (["200", "201"], "the 200 and 201 responses are missing"),
        (["200.a", "200(text/csv).a"],
         "a is missing in the 200 response and the 200 response in text/csv"),
    ],
)  # fmt: skip
def test_a_list_of_answers_names_each_of_them(names: list[str], text: str) -> None:
    """One keyword may be broken in several."""
    listed = [scope(f"response.{name}.required") for name in names]

    assert said(Code.RESPONSE_SCHEMA, "control", leaf=False, listed=listed) == text


def test_a_list_names_no_clause_that_every_request_speaks_of() -> None:
    listed = [scope("body.a.type"), scope("status.no-failure", ClauseKind.STATUS)]
    told = said(Code.SERVER_ERROR, "body", listed=listed, status=500)

    assert told == "a: the server fails (500)"


@pytest.mark.parametrize(
    ("count", "every", "text"),
    [
        (1, True, "GET /0"),
        (2, True, "GET /0 and GET /1"),
        (3, False, "3 operations"),
        (3, True, "all 3 operations"),
    ],
)
def test_a_title_names_its_operations(count: int, every: bool, text: str) -> None:
    operations = [f"GET /{number}" for number in range(count)]
    cause = Cause(code=Code.MISSING_CHALLENGE, operations=operations, scope=(), every=every)

    assert title(cause).startswith(f"{text}: a 401")


def test_every_keyword_has_words_for_what_breaks_it() -> None:
    assert set(WORDS) - set(BROKEN) == set()


def test_no_title_has_the_name_of_a_clause() -> None:
    """Whatever is found at whichever clause: a reader does not know the names."""
    clauses = {
        scope_of(clause): clause
        for platform in platforms().values()
        for clause in derive(platform.contract)
    }
    told = {
        title(Cause(code=one.code, operations=CHAT, scope=found, forbidden=forbidden))
        for found in clauses
        for one in RUN_CODES
        for forbidden in (True, False)
        if one.code is not Code.RESPONSE_HEADER or ".header." in found[0]
        if one.code is not Code.RESPONSE_SCHEMA or found[0].startswith("response.")
    }

    assert [one for one in told if _NAME_OF_A_CLAUSE.search(one)] == []
    assert [one for one in told if ": :" in one or "  " in one or "{" in one] == []
