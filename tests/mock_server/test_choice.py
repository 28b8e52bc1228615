"""Which answer it is: wish, condition, equal request, first named, single, schema, generated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mock_server import MockApp
from mock_server.answers.choice import same_json, success
from tests.mock_server.asking import ask, mock_of

CHAT = """
paths:
  /chat:
    post:
      requestBody:
        content:
          application/json:
            schema: {type: object}
            examples:
              weather: {value: {ask: weather, n: 1}}
              unheard: {value: {ask: nothing}}
      responses:
        '200':
          description: An answer
          content:
            application/json:
              schema: {type: object, properties: {say: {type: string}}}
              examples:
                long:
                  value: {say: long}
                  x-mock-when: {properties: {body: {required: [long]}}, required: [body]}
                hello: {value: {say: hello}}
                weather: {value: {say: sunny}}
            text/event-stream:
              schema: {type: string}
              examples:
                stream:
                  value: "data: one\\n\\ndata: two\\n\\n"
                  x-mock-when:
                    properties: {body: {properties: {stream: {const: true}}, required: [stream]}}
                    required: [body]
        '400': {description: Bad, content: {application/json: {example: {say: bad}}}}
        4XX:
          description: Other
          content: {application/json: {examples: {odd: {value: {say: odd}}}}}
        '500': {description: Broken}
        '503':
          description: Busy
          content:
            application/json: {schema: {type: object, properties: {at: {type: string, example: a}}}}
"""


@pytest.fixture
def chat(tmp_path: Path) -> MockApp:
    """A mock of CHAT."""
    return mock_of(tmp_path, CHAT)


@pytest.mark.parametrize(
    ("body", "headers", "source"),
    [
        ({}, {}, "example:hello"),
        ({"ask": "weather", "n": 1}, {}, "example:weather"),
        ({"ask": "weather", "n": 1.0}, {}, "example:weather"),
        ({"ask": "weather", "n": True}, {}, "example:hello"),
        ({"ask": "weather", "n": 1, "more": 0}, {}, "example:hello"),
        ({"long": 1}, {}, "example:long"),
        ({"ask": "weather", "n": 1, "long": 1}, {}, "example:long"),
        ({"stream": True}, {}, "example:stream"),
        ({"stream": True}, {"accept": "application/json, text/plain, */*"}, "example:stream"),
        ({"stream": True}, {"accept": "application/json"}, "example:hello"),
        ({}, {"accept": "text/event-stream"}, "example:stream"),
        ({}, {"accept": "text/event-stream, application/json;q=0.5"}, "example:stream"),
        ({"ask": "weather", "n": 1}, {"accept": "application/*"}, "example:weather"),
        ({}, {"accept": "APPLICATION/json;q=0.1, image/png"}, "example:hello"),
        ({}, {"accept": "nonsense"}, "example:hello"),
        ({}, {"accept": "text/event-stream" + ", a/b" * 9000}, "example:stream"),
        ({}, {"accept": "x" * 9000}, "example:hello"),
    ],
)
def test_choice(chat: MockApp, body: Any, headers: dict[str, str], source: str) -> None:
    """Conditions, equal requests and Accept decide, in that order."""
    answer = ask(chat, "POST", "/chat", json_body=body, headers=headers)

    assert (answer.status, answer.headers["x-mock-source"]) == (200, source)


@pytest.mark.parametrize(
    ("wish", "status", "source", "applied"),
    [
        ("code=400", 400, "example", "code=400"),
        ("code=418", 418, "example:odd", "code=418"),
        ("example=weather", 200, "example:weather", "example=weather"),
        ("example=odd", 400, "example:odd", "example=odd"),
        ("code=200, example=long", 200, "example:long", "code=200, example=long"),
        ("code=500", 500, "problem", "code=500"),
        ("dynamic=true", 200, "generated:0", "dynamic=true"),
        ("seed=5", 200, "generated:5", "seed=5"),
        ("code=503", 503, "generated:0", "code=503"),
        ("code=503, dynamic=true, seed=7", 503, "generated:7", "code=503, dynamic=true, seed=7"),
    ],
)
@pytest.mark.parametrize("by", ["header", "query"])
def test_wishes(chat: MockApp, by: str, wish: str, status: int, source: str, applied: str) -> None:
    """A wish is granted and said to be, whether a header or the query string makes it."""
    query = "&".join(f"__{pair.strip()}" for pair in wish.split(",")) if by == "query" else ""
    headers = {"prefer": wish} if by == "header" else {}
    answer = ask(chat, "POST", f"/chat?{query}", json_body={}, headers=headers)
    said = answer.headers.get("preference-applied", "")

    assert (answer.status, answer.headers["x-mock-source"], said) == (status, source, applied)


def test_wishes_go_before_everything(chat: MockApp) -> None:
    """Neither a broken body nor another media type nor Accept keeps a wish from being granted."""
    headers = {"content-type": "text/html", "accept": "image/png", "prefer": "example=weather"}
    answer = ask(chat, "POST", "/chat", b"{", headers=headers)

    assert (answer.status, answer.json) == (200, {"say": "sunny"})


@pytest.mark.parametrize(
    ("wish", "detail"),
    [
        ("code=301", "POST /chat has no response '301'"),
        ("code=200, example=odd", "POST /chat has no response '200 odd'"),
        ("example=none", "POST /chat has no response 'none'"),
        ("code=xyz", "code='xyz' is not a status; write for example code=401"),
    ],
)
def test_unknown_wishes(chat: MockApp, wish: str, detail: str) -> None:
    """A wish for what the contract does not document is a 404 that lists what there is."""
    answer = ask(chat, "POST", "/chat", json_body={}, headers={"prefer": wish})

    assert answer.headers["content-type"] == "application/problem+json"
    assert "preference-applied" not in answer.headers
    assert (answer.status, answer.json["detail"]) == (404, detail)
    assert answer.json.get("available", ["code=400"])[-1:] in (["code=503"], ["code=400"])


def test_nothing_acceptable(tmp_path: Path) -> None:
    """A 406 lists what there is."""
    app = mock_of(
        tmp_path,
        """
        paths:
          /a:
            get:
              responses:
                '200':
                  description: Both
                  content: {application/json: {example: 1}, text/csv: {example: a}}
        """,
    )
    answer = ask(app, "GET", "/a", headers={"accept": "image/png, text/csv;q=0"})

    assert (answer.status, answer.headers["content-type"]) == (406, "application/problem+json")
    assert answer.json["available"] == ["application/json", "text/csv"]


def test_dynamic_values_repeat_and_vary(chat: MockApp) -> None:
    """A seed gives the same value each time, and another seed another one some time."""
    bodies = {
        seed: {
            ask(chat, "POST", f"/chat?__seed={seed}&__code=200&__dynamic", json_body={}).body
            for _ in range(2)
        }
        for seed in range(8)
    }

    assert all(len(one) == 1 for one in bodies.values())
    assert len(set.union(*bodies.values())) > 1


def test_dynamic_by_setting(tmp_path: Path) -> None:
    """`--dynamic` is the default of that preference; a wish can still turn it off."""
    app = mock_of(tmp_path, CHAT, dynamic=True, seed=3)
    sources = [
        ask(app, "POST", "/chat", json_body={}, headers=headers).headers["x-mock-source"]
        for headers in ({}, {"prefer": "dynamic=false"}, {"prefer": "example=weather"})
    ]

    assert sources == ["generated:3", "example:hello", "example:weather"]


@pytest.mark.parametrize(
    ("statuses", "chosen"),
    [
        (["500", "201", "200"], "200"),
        (["404", "204", "2XX"], "204"),
        (["2XX", "default"], "2XX"),
        (["404", "default"], "default"),
        (["404", "302"], "302"),
        (["404", "500"], None),
        ([], None),
    ],
)
def test_success(statuses: list[str], chosen: str | None) -> None:
    """What answers a good request."""
    assert success(statuses) == chosen


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1.0, True),
        (1, True, False),
        ([0], [False], False),
        ({"a": [1]}, {"a": [1]}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        (None, 0, False),
        ("1", 1, False),
    ],
)
def test_same_json(one: Any, other: Any, same: bool) -> None:
    """Equality is JSON's, and not Python's."""
    assert same_json(one, other) is same


def test_parameter_examples(tmp_path: Path) -> None:
    """A named example of a parameter selects the response example of the same name."""
    app = mock_of(
        tmp_path,
        """
        paths:
          /pets/{id}:
            get:
              parameters:
                - name: id
                  in: path
                  required: true
                  schema: {type: integer}
                  examples: {cat: {value: 1}, dog: {value: 2}}
              responses:
                '200':
                  description: A pet
                  content:
                    application/json:
                      examples: {cat: {value: Tom}, dog: {value: Rex}}
        """,
    )

    assert [ask(app, "GET", f"/pets/{n}").json for n in (1, 2, 3)] == ["Tom", "Rex", "Tom"]
