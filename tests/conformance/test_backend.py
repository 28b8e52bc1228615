"""The proof's own proof: the correct backend is correct, and every fault and variant is real."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from openapi_schema_validator import OAS30Validator

from spec import AI_CONTRACT
from tests.clock import run_by_clock
from tests.conformance.backend import (
    CONTROLS,
    FAULTS,
    VARIANTS,
    Ask,
    Backend,
    Family,
    Fault,
    Seen,
    Tokens,
    Variant,
    ask,
    play,
    serving,
)
from tests.conformance.backend import operations as op
from tests.conformance.backend.exchange import chat, config, embed, get, headers_of, image, key
from tests.conformance.backend.raw import raw_answers, status_of
from tests.conformance.backend.registry import ALL
from tests.conformance.backend.shapes import is_blank
from tests.yaml_files import read_yaml

pytestmark = pytest.mark.slow

CONTRACT = read_yaml(AI_CONTRACT)

USER = {"role": "user", "content": "Hello"}
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A request, and the status that it deserves."""

    name: str
    ask: Ask
    status: int


def cases(status: int, **asks: Ask) -> Iterator[Case]:
    """Several requests that deserve the same status."""
    return (Case(name=name, ask=question, status=status) for name, question in asks.items())


def typed(value: str) -> Ask:
    """An image generation under another Content-Type."""
    return image().header("content-type", value)


def raw_image(extra: str) -> Ask:
    """An image generation with one more property, written just as given."""
    return image(b'{"model": "m", "prompt": "p", "extra": ' + extra.encode() + b"}")


CASES = (
    *cases(200, **{f"control of {label}": control for label, control in CONTROLS.items()}),
    *cases(
        401,
        **{f"no credential for {label}": ask.but(role="") for label, ask in CONTROLS.items()},
        empty_header=image().bearing(""),
        bare_scheme=image().bearing("Bearer"),
        other_scheme=image().bearing(f"Basic {Tokens().client}"),
        garbage=image().bearing("Bearer garbage"),
        two_dots=image().bearing("Bearer a.b.c"),
        non_ascii=image().bearing("Bearer t\xf6ken"),
        expired=image().bearing(f"Bearer {Tokens().expired()}"),
        forged=image().bearing(f"Bearer {Tokens().forged()}"),
        unsigned=image().bearing(f"Bearer {Tokens().unsigned()}"),
        cut=image().bearing(f"Bearer {Tokens().client[:-1]}"),
        other_case=image().bearing(f"Bearer {Tokens().client.swapcase()}"),
        client_for_admin=get("models").but(role="client"),
        before_body=image(b"{").but(role=""),
        before_type=typed("text/plain").but(role=""),
        in_query=image().but(role="", path=f"{image().path}?access_token={Tokens().client}"),
        twice=image().header("authorization", f"Bearer {Tokens().client}"),
    ),
    *cases(
        200,
        scheme_in_lower_case=image().bearing(f"bearer {Tokens().client}"),
        two_spaces=image().bearing(f"Bearer  {Tokens().client}"),
        admin_for_client=image().but(role="admin"),
    ),
    *cases(
        400,
        prompt_missing=image({"model": "m"}),
        prompt_number=image(prompt=1),
        prompt_null=image(prompt=None),
        body_null=image(b"null"),
        body_array=image([]),
        body_string=image(b'"m"'),
        body_empty=image(b""),
        body_missing=image().but(body=None, headers=()),
        malformed=image(b'{"model": '),
        trailing=image(b'{"model": "m", "prompt": "p"} x'),
        single_quotes=image(b"{'model': 'm', 'prompt': 'p'}"),
        nan=chat(b'{"model": "m", "messages": [], "temperature": NaN}'),
        invalid_utf8=image(b'{"model": "m", "prompt": "\xff"}'),
        utf16=image('{"model": "m", "prompt": "p"}'.encode("utf-16")),
        too_deep=image(b"[" * 100_000),
        too_many_digits=image(b'{"model": "m", "prompt": "p", "x": ' + b"1" * 5000 + b"}"),
        lone_surrogate=image(prompt="\ud800"),
        message_without_role=chat(messages=[{"content": "x"}]),
        role_in_capitals=chat(messages=[{"role": "USER"}]),
        second_message=chat(messages=[USER, {"role": "nobody"}]),
        temperature_boolean=chat(temperature=True),
        temperature_over=chat(temperature=2.0000001),
        temperature_string=chat(temperature="1"),
        temperature_huge=chat(b'{"model": "m", "messages": [], "temperature": 1e999}'),
        tokens_fraction=chat(maxTokens=1.5),
        tokens_boolean=chat(maxTokens=True),
        stream_number=chat(stream=1),
        results_zero=chat(webSearch={"enabled": True, "maxResults": 0}),
        tool_choice_word=chat(toolChoice="any"),
        tool_choice_half=chat(toolChoice={"type": "function"}),
        input_numbers=embed(input=[1]),
        dimensions_negative=embed(dimensions=-1),
        config_empty=config({}),
        config_blank=config(apiKey=" \t\ufeff\u00a0"),
        config_long=config(apiKey="k" * 513),
        config_null=config({"apiKey": None}),
        provider=key("anthropic"),
        provider_in_capitals=key("OpenRouter"),
        provider_malformed=key("%zz"),
        provider_not_utf8=key("%FF"),
        provider_encoded_twice=key("%256Fpenrouter"),
        provider_with_slash=key("a%2Fb"),
    ),
    *cases(
        200,
        prompt_empty=image(prompt=""),
        prompt_long=image(prompt="\U0001f308" * 65_537),
        odd_characters=image(prompt="/ : % ' \" \\ < & $ { } \n '' %% {{}} ${x}", model="模型\r\n"),
        nul=image(prompt="a\0b"),
        unknown=image(__proto__=1, constructor=None, images="x", count=[]),
        nested=raw_image("[" * 128 + "]" * 128),
        digits=raw_image("1" * 30),
        escapes=image(b'{"\\u006dodel": "m", "prompt": "\\ud83c\\udf08"}'),
        spaces=image(b' \r\n\t{"model":"m" ,\n"prompt": "p"}\n'),
        order=image(b'{"prompt": "p", "model": "m"}'),
        equal_names=image(b'{"model": 1, "model": "m", "prompt": "p"}'),
        chunked=image().but(chunked=True),
        charset=typed("application/json; charset=utf-8"),
        charset_quoted=typed('Application/JSON ; charset="UTF-8"'),
        identity=image().header("content-encoding", "identity"),
        no_messages=chat(messages=[]),
        content_null=chat(messages=[{"role": "assistant", "content": None}]),
        temperature_bounds=chat(temperature=2, topP=0),
        tokens_huge=chat(b'{"model": "m", "messages": [], "maxTokens": 1e400}'),
        tokens_whole=chat(maxTokens=2.0),
        tool_choice_object=chat(toolChoice={"type": "function", "function": {"name": ""}}),
        inputs=embed(input=[]),
        dimensions_zero=embed(dimensions=0),
        dimensions_huge=embed(dimensions=10**30),
        config_longest=config(apiKey="\U0001f511" * 512),
        config_unknown_alone=config({"other": 1}),
        provider_escaped=key("%6Fpenrouter"),
        unknown_query=get("models").but(path="/api/ai/models?q=%zz&q="),
        accept_anything=get("models").header("accept", "text/html, */*;q=0.1"),
        accept_malformed=get("models").header("accept", "json"),
        stream_or_json=chat(stream=True).header("accept", "application/json"),
        json_or_stream=chat().header("accept", "text/event-stream"),
        head=get("models").but(method="HEAD"),
        condition=get("models").header("if-none-match", "*"),
        range=get("models").header("range", "bytes=z"),
    ),
    *cases(
        415,
        text=typed("text/plain"),
        form=typed(FORM),
        untyped=image().without("content-type"),
        no_type=typed("json"),
        utf_16=typed("application/json; charset=utf-16"),
        gzip=image().header("content-encoding", "gzip"),
    ),
    *cases(
        406,
        html=get("models").header("accept", "text/html"),
        refused_json=get("models").header("accept", "application/json;q=0, text/plain"),
    ),
    *cases(
        405,
        delete=get("models").but(method="DELETE"),
        get_image=image().but(method="GET", body=None),
        head_image=image().but(method="HEAD", body=None),
        trace=get("config").but(method="TRACE"),
    ),
    *cases(204, options=get("models").but(method="OPTIONS", role="")),
    *cases(
        404,
        nowhere=get("nothing"),
        slash=get("models/"),
        no_provider=get("/api-key"),
        escaped_slash=get("config").but(path="/api%2Fai/config"),
    ),
)


def answer_to(question: Ask, *faults: str) -> Seen:
    """What a backend with these faults answers."""
    return asyncio.run(ask(Backend(faults), question))


def complaints(label: str, value: Any) -> list[str]:
    """What is wrong with a 200, by a validator that has nothing to do with this project."""
    method, path = label.split()
    answer = CONTRACT["paths"][path][method.lower()]["responses"]["200"]
    schema = answer["content"]["application/json"]["schema"]
    rooted = {"allOf": [schema], "components": CONTRACT["components"]}
    return [error.message for error in OAS30Validator(rooted).iter_errors(whole(value))]


def whole(value: Any) -> Any:
    """1.0 as 1: the validator reads `integer` as Draft 4 did, the kit as 2020-12 does."""
    text = json.dumps(value)
    return json.loads(text, parse_float=lambda t: int(float(t)) if float(t) % 1 == 0 else float(t))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_correct_backend_answers_as_contract_and_http_demand(case: Case) -> None:
    """Each of these requests gets the status that it deserves."""
    seen = answer_to(case.ask)

    assert seen.status == case.status


@pytest.mark.parametrize("label", CONTROLS)
def test_answers_satisfy_the_contract(label: str) -> None:
    """The 200 of every operation is JSON that the contract's schema allows."""
    seen = answer_to(CONTROLS[label])

    assert seen.header("content-type") == "application/json"
    assert complaints(label, seen.json) == []


def test_refusals_say_what_http_wants_them_to_say() -> None:
    """A challenge with 401, the methods with 405, the media type with 415."""
    challenge = answer_to(image().but(role=""))
    allowed = answer_to(get("config").but(method="DELETE"))
    typed_wrongly = answer_to(typed("text/plain"))

    assert challenge.header("www-authenticate") == 'Bearer realm="ai"'
    assert allowed.header("allow") == "GET, HEAD, OPTIONS, PUT"
    assert typed_wrongly.header("accept") == "application/json"


def test_wrong_token_is_told_apart_and_never_repeated() -> None:
    """RFC 6750: error="invalid_token" where a token was sent."""
    seen = answer_to(image().bearing("Bearer secret-of-mine"))

    assert 'error="invalid_token"' in seen.header("www-authenticate")
    assert b"secret-of-mine" not in seen.body + repr(seen.headers).encode()


def test_every_violation_is_named() -> None:
    """A 400 lists all that is wrong, not the first."""
    seen = answer_to(chat({"messages": [{"role": 1}], "stream": 0}))

    assert seen.json["error"].split("; ") == [
        "/model is missing",
        "/messages[0]/role must be a string",
        "/stream must be true or false",
    ]


def test_stream_is_events_with_a_proper_end() -> None:
    """Chunks, then the usage, then the end, each in an event of its own."""
    seen = answer_to(chat(stream=True))

    events = [json.loads(event.removeprefix(b"data: ")) for event in seen.body.split(b"\n\n")[:-1]]
    assert seen.header("content-type") == "text/event-stream"
    assert [next(iter(event)) for event in events] == [*["chunk"] * 3, "tokenUsage", "done"]
    assert len(seen.pieces) == len(events)


def test_head_is_get_without_its_body() -> None:
    """Same headers, no body (RFC 9110 section 9.3.2)."""
    whole, bare = answer_to(get("models")), answer_to(get("models").but(method="HEAD"))

    assert (bare.status, bare.headers, bare.body) == (whole.status, whole.headers, b"")


def test_writes_change_the_state_and_refused_ones_do_not() -> None:
    """PUT and rotate are the only writes, and a refused PUT leaves everything as it was."""
    backend = Backend()
    before = backend.state

    asyncio.run(ask(backend, config(apiKey="sk-or-v1-something-new", managementKey="")))
    refused = backend.state
    asyncio.run(ask(backend, config(managementKey="sk-or-v1-management")))
    updated = backend.state
    asyncio.run(ask(backend, CONTROLS[op.ROTATE]))

    assert refused == before
    assert (updated.api_key, updated.management_key) == (before.api_key, "sk-or-v1-management")
    assert backend.state.rotations == 1
    assert backend.state.api_key != before.api_key


def test_ledger_counts_what_costs_money() -> None:
    """2xx of unsafe methods, by operation; refusals and reads are free."""
    backend = Backend()
    for question in (image(), image(), image(prompt=1), get("models"), embed(), get("nothing")):
        asyncio.run(ask(backend, question))

    assert backend.ledger.billable == {op.IMAGE: 2, op.EMBEDDINGS: 1}
    assert backend.ledger.accepted[op.MODELS] == 1
    assert [entry.status for entry in backend.ledger.entries] == [200, 200, 400, 200, 200, 404]


def test_answers_at_once_do_not_mix() -> None:
    """Twenty callers at once each get what they asked for."""

    async def at_once() -> list[Seen]:
        backend = Backend()
        return await asyncio.gather(*(ask(backend, image(model=str(n))) for n in range(20)))

    seen = asyncio.run(at_once())

    assert [answer.json["model"] for answer in seen] == [str(number) for number in range(20)]


def test_opaque_tokens_are_taken_beside_our_own() -> None:
    """A literal token opens what its role opens."""
    backend = Backend(tokens=Tokens(opaque={"t": "client"}))

    seen = [
        asyncio.run(ask(backend, q)).status for q in (image(), get("models").but(role="client"))
    ]

    assert headers_of(backend, image())[2] == ("authorization", "Bearer t")
    assert seen == [200, 401]


def test_blank_is_what_ecma_calls_blank() -> None:
    r"""\S of the contract's pattern is ECMA's: a BOM is white space, U+0085 is none."""
    assert [is_blank(text) for text in ("\ufeff\u00a0", "\u0085", "\x1c")] == [True, False, False]


def test_catalogue_is_large_and_unambiguous() -> None:
    """At least 150 faults over every family, 30 variants, and no name twice."""
    names = [known.name for known in ALL]

    assert {fault.family for fault in FAULTS} == set(Family)
    assert len(FAULTS) >= 150
    assert len(VARIANTS) >= 30
    assert len(set(names)) == len(names)


def test_unknown_fault_is_refused() -> None:
    """A misspelt name is an error that names its neighbour."""
    with pytest.raises(LookupError, match="did you mean: image-unguarded"):
        Backend({"image-ungarded"})


INSIDE = tuple(known for known in ALL if not known.raw)
RAW = tuple(known for known in ALL if known.raw)


@pytest.mark.parametrize("known", INSIDE, ids=lambda known: known.name)
def test_fault_or_variant_shows(known: Fault | Variant) -> None:
    """Its own requests are answered otherwise than by the correct backend, and as it says."""
    patience = 0.3 if known.shows.endless else 2.0
    correct, _ = run_by_clock(play(Backend(), known.shows))
    other, _ = run_by_clock(play(Backend({known.name}), known.shows, patience))

    assert (correct[-1].status, other[-1].status) == (known.shows.was, known.shows.becomes)
    assert other[-1].ended is not known.shows.endless
    assert other[-1].seconds - correct[-1].seconds >= 0.9 * known.shows.seconds or (
        not known.shows.seconds
    )
    assert known.shows.seconds or other != correct


@pytest.mark.parametrize("fault", [f for f in FAULTS if not f.raw], ids=lambda f: f.name)
def test_fault_leaves_other_operations_alone(fault: Fault) -> None:
    """The good requests of operations that a fault does not name are answered as ever."""
    others = [label for label in CONTROLS if label not in fault.operations]

    async def answers(backend: Backend) -> list[Seen]:
        return [await ask(backend, CONTROLS[label]) for label in others]

    assert asyncio.run(answers(Backend({fault.name}))) == asyncio.run(answers(Backend()))


@pytest.mark.parametrize("variant", [v for v in VARIANTS if not v.raw], ids=lambda v: v.name)
def test_variant_keeps_the_contract(variant: Variant) -> None:
    """Good requests get a 200 that the schema allows, bad ones the documented refusal."""
    backend = Backend({variant.name})
    bad = {
        401: [control.but(role="") for control in CONTROLS.values()],
        400: [image(prompt=1), chat(messages=1), embed({}), config({}), key("x"), image(b"{")],
    }

    async def refusals(status: int) -> list[Seen]:
        return [await ask(backend, question) for question in bad[status]]

    async def answers() -> dict[str, Seen]:
        return {label: await ask(backend, control) for label, control in CONTROLS.items()}

    good = asyncio.run(answers())
    wrong = {
        label: complaints(label, seen.json)
        for label, seen in good.items()
        if seen.header("content-encoding") != "gzip"
    }

    assert {seen.status for seen in good.values()} == {200}
    assert {label: found for label, found in wrong.items() if found} == {}
    assert {seen.status for seen in asyncio.run(refusals(401))} == {401}
    assert all(seen.header("www-authenticate") for seen in asyncio.run(refusals(401)))
    assert {seen.status for seen in asyncio.run(refusals(400))} == {400}


@pytest.mark.parametrize("known", RAW, ids=lambda known: known.name)
def test_raw_fault_or_variant_shows(known: Fault | Variant) -> None:
    """On a socket its requests get other bytes than the correct backend sends."""
    questions = tuple(known.shows.asks)
    correct, other = (
        raw_answers(Backend(), questions),
        raw_answers(Backend([known.name]), questions),
    )

    assert (status_of(correct[-1]), status_of(other[-1])) == (known.shows.was, known.shows.becomes)
    assert other != correct


@pytest.mark.parametrize("variant", [v for v in VARIANTS if v.raw], ids=lambda v: v.name)
def test_raw_variant_is_read_by_an_ordinary_client(variant: Variant) -> None:
    """A client library finds the same document in it."""
    backend = Backend({variant.name})
    bearer = {"authorization": f"Bearer {backend.tokens.admin}"}
    with serving(backend) as url, httpx2.Client(base_url=url, headers=bearer) as client:
        answers = [client.get("/api/ai/models") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answer_to(get("models")).json


def test_backend_serves_on_a_socket() -> None:
    """Under uvicorn an ordinary client gets what is answered within the process."""
    backend = Backend()
    with serving(backend) as url, httpx2.Client(base_url=url) as client:
        for label, question in CONTROLS.items():
            answer = client.request(
                question.method,
                question.path,
                content=question.body,
                headers=dict(headers_of(backend, question)[1:]),
            )

            assert answer.status_code == 200, label
            assert complaints(label, answer.json()) == []
