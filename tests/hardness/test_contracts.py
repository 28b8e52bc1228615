"""Hostile contracts: none stalls, fetches, forges or executes anything."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent, indent

import pytest

from tests import processor
from tests.command import Mock, launched, ran
from tests.hardness.monsters import BOMBS, EVIL_PATTERNS, SCHEMAS
from tests.hardness.raw import Raw, ask, memory_of, request

pytestmark = pytest.mark.slow

SOON = 10.0
"""Seconds of processor time; generous, since what goes wrong here takes minutes or for ever."""
HEAD = "openapi: 3.1.0\ninfo: {title: Hostile, version: '1'}\n"


def written(folder: Path, text: str) -> Path:
    """A contract in a file; `openapi` and `info` are added."""
    file = folder / "contract.yaml"
    file.write_text(HEAD + dedent(text))
    return file


def of_schema(folder: Path, schema: str) -> Path:
    """A contract whose one operation takes and gives values of a schema, in flow style."""
    return written(
        folder,
        f"""\
        paths:
          /x:
            post:
              requestBody:
                content: {{application/json: {{schema: {{$ref: '#/components/schemas/X'}}}}}}
              responses:
                '200':
                  description: Fine
                  content: {{application/json: {{schema: {{$ref: '#/components/schemas/X'}}}}}}
        components:
          schemas:
            X: {schema}
        """,
    )


@contextmanager
def serving(contract: Path, *arguments: str) -> Iterator[Mock]:
    """A mock of a contract, which lives and answers at the end of the block."""
    with launched(contract, "--quiet", *arguments) as running:
        yield running
        assert ask(running.url, request(target="/__mock/health", method="GET")).status == 200


def posted(mock: Mock, value: object) -> tuple[Raw, float]:
    """The answer to a value, and the seconds of processor time that it took."""
    begin = processor.of_process(mock.process.pid)
    answer = ask(mock.url, request(json.dumps(value).encode(), target="/x"))
    return answer, processor.of_process(mock.process.pid) - begin


def test_a_pattern_does_not_stall_the_server(tmp_path: Path) -> None:
    """Patterns that take other engines years are decided, or given up, in a moment."""
    properties = "{" + ", ".join(
        f"p{n}: {{type: string, pattern: {json.dumps(pattern)}}}"
        for n, pattern in enumerate(EVIL_PATTERNS)
    )
    schema = (
        f"{{type: object, properties: {properties}}}, propertyNames: {{pattern: '^(p+)+[0-9]*$'}}}}"
    )
    with serving(of_schema(tmp_path, schema)) as mock:
        for number, (pattern, letter) in enumerate(EVIL_PATTERNS.items()):
            answer, seconds = posted(mock, {f"p{number}": letter * 30_000 + "!"})

            assert answer.status == 400, pattern
            assert seconds < SOON, pattern
        answer, seconds = posted(mock, {"p" * 30_000 + "!": 1})
        assert (answer.status, seconds < SOON) == (400, True)


def test_a_pattern_in_a_parameter_does_not_stall_the_server(tmp_path: Path) -> None:
    """Nor in the path, the query and a header."""
    schema = "{type: string, pattern: '^(a+)+$'}"
    contract = written(
        tmp_path,
        f"""\
        paths:
          /x/{{p}}:
            get:
              parameters:
                - {{name: p, in: path, required: true, schema: {schema}}}
                - {{name: q, in: query, schema: {schema}}}
                - {{name: X-H, in: header, schema: {schema}}}
              responses: {{'200': {{description: Fine}}}}
        """,
    )
    text = "a" * 15_000 + "!"
    with serving(contract) as mock:
        begin = processor.of_process(mock.process.pid)
        target = f"/x/{text}?q={text}"
        answer = ask(mock.url, request(b"", f"X-H: {text}", target=target, method="GET"))

        assert len(json.loads(answer.body)["errors"]) == 3
        assert processor.of_process(mock.process.pid) - begin < SOON


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_at_once(tmp_path: Path, name: str) -> None:
    """A few kilobytes that mean gigabytes are refused, with the limit named, in a moment."""
    begin = processor.of_children()
    ended = ran(written(tmp_path, BOMBS[name]))

    assert ended.returncode == 2
    assert "contract.yaml" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert processor.of_children() - begin < SOON


class _Counting(socketserver.StreamRequestHandler):
    asked = 0

    def handle(self) -> None:
        type(self).asked += 1


@pytest.fixture
def listener() -> Iterator[tuple[str, type[_Counting]]]:
    """A server that counts who comes, and its URL."""
    handler = type("Counting", (_Counting,), {"asked": 0})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", handler
        server.shutdown()
        thread.join()


@pytest.mark.slow
@pytest.mark.parametrize(
    "place",
    [
        "paths: {/x: {$ref: 'REF'}}",
        "paths: {/x: {get: {responses: {'200': {$ref: 'REF'}}}}}",
        "paths: {/x: {get: {parameters: [{$ref: 'REF'}], responses: {}}}}",
        "paths: {}\ncomponents: {schemas: {A: {items: {$ref: 'REF'}}}}",
    ],
)
def test_a_reference_is_not_fetched(
    tmp_path: Path, place: str, listener: tuple[str, type[_Counting]]
) -> None:
    """A URL in a `$ref` is refused, with its line, and nobody is called."""
    url, handler = listener
    ended = ran(written(tmp_path, place.replace("REF", f"{url}/a.yaml#/x")))

    assert ended.returncode == 2
    assert "contract.yaml:" in ended.stderr
    assert url in ended.stderr
    assert handler.asked == 0


OUTSIDE = (
    "../secret.yaml",
    "/etc/passwd",
    "file:///etc/passwd",
    "a/../../secret.yaml",
    "%2e%2e/secret.yaml",
)


@pytest.mark.parametrize("reference", OUTSIDE)
def test_a_reference_stays_in_the_folder(tmp_path: Path, reference: str) -> None:
    """Files outside of the contract's folder are neither read nor quoted."""
    (tmp_path / "secret.yaml").write_text("{type: string, default: hush-hush}")
    folder = tmp_path / "inside"
    folder.mkdir()
    ended = ran(
        written(folder, f"paths: {{}}\ncomponents: {{schemas: {{A: {{$ref: '{reference}'}}}}}}")
    )

    assert ended.returncode == 2
    assert "contract.yaml:" in ended.stderr
    assert "hush-hush" not in ended.stderr
    assert "root:" not in ended.stderr


ACCEPTED = ("*/*", "text/plain", "application/json")


def test_a_response_injects_no_header(tmp_path: Path) -> None:
    """Line breaks in header values, names, media types and example names stay inside their line."""
    contract = written(
        tmp_path,
        r"""
        paths:
          /x:
            get:
              responses:
                '200':
                  description: "Fine\r\nX-Injected: 0"
                  headers:
                    X-A: {schema: {type: string, example: "a\r\nX-Injected: 1"}}
                    "X-B: b\r\nX-Injected": {schema: {type: string, default: "2"}}
                    X-C: {content: {application/json: {example: "c\nX-Injected: 3"}}}
                    X-D: {schema: {type: array, items: {type: string, const: "d\r\n\r\n<script>"}}}
                  content:
                    "text/plain; a=\"b\r\nX-Injected: 4\"":
                      examples: {"e\r\nX-Injected: 5": {value: e}}
                    application/json:
                      examples: {"f\r\nX-Injected: 6": {value: f}}
          /y:
            post:
              security: [{g: ["h\r\nX-Injected: 7"]}]
              requestBody:
                content: {"text/plain; a=\"i\r\nX-Injected: 8\"": {}, "text\r\nX-Injected: 9/*": {}}
              responses: {'200': {description: Fine}}
        components:
          securitySchemes:
            g: {type: http, scheme: "j\r\nX-Injected: 10"}
        """,
    )
    with serving(contract) as mock:
        asked = [
            *(request(b"", f"Accept: {kind}", target="/x", method="GET") for kind in ACCEPTED),
            request(b"", target="/y"),
            request(b"x", "Content-Type: a/b", target="/y").replace(b"Bearer", b"j"),
        ]
        for one in asked:
            answer = ask(mock.url, one)

            assert answer.status in (200, 400, 401, 406, 415), answer.raw
            assert "\nx-injected" not in answer.head.lower()
            assert answer.raw.count(b"\r\n\r\n") == 1


def test_a_contract_is_not_executed(tmp_path: Path) -> None:
    """Templates, tags and names of functions in a contract are text."""
    marks = [tmp_path / f"executed{number}" for number in range(4)]
    jinja = "{{ ''.__class__.__mro__[1].__subclasses__() }}{% for a in range(3) %}" + (
        f"{{{{ cycler.__init__.__globals__.os.system('touch {marks[0]}') }}}}"
    )
    contract = written(
        tmp_path,
        f"""\
        x-openapi-router-controller: os
        paths:
          /x:
            x-openapi-router-controller: subprocess
            get:
              operationId: os.abort
              x-body-name: __import__('os').system('touch {marks[1]}')
              security: [{{key: []}}]
              responses:
                '200':
                  description: {json.dumps(jinja)}
                  content: {{text/plain: {{example: {json.dumps(jinja)}}}}}
        components:
          securitySchemes:
            key: {{type: apiKey, in: header, name: X-K, x-apikeyInfoFunc: os.abort}}
        """,
    )
    with serving(contract) as mock:
        answer = ask(mock.url, request(b"", "X-K: k", target="/x", method="GET"))

    tagged = written(
        tmp_path, f"x: !!python/object/apply:os.system ['touch {marks[2]}']\npaths: {{}}"
    )
    ended = ran(tagged)
    assert answer.body.decode() == jinja
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert not [mark for mark in marks if mark.exists()]


@pytest.fixture(scope="module")
def monsters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mock]:
    """A mock of one contract with all the monsters, each behind its path."""
    paths, schemas = [], []
    for number, schema in enumerate(SCHEMAS.values()):
        content = (
            f"content: {{application/json: {{schema: {{$ref: '#/components/schemas/X{number}'}}}}}}"
        )
        responses = f"responses: {{'200': {{description: Fine, {content}}}}}"
        paths.append(f"  /x{number}: {{post: {{requestBody: {{{content}}}, {responses}}}}}")
        schemas.append(f"    X{number}: {schema}".replace("schemas/X'", f"schemas/X{number}'"))
    folder = tmp_path_factory.mktemp("monsters")
    text = "\n".join(["paths:", *paths, "components:", "  schemas:", *schemas, ""])
    with serving(written(folder, text)) as mock:
        assert mock.first_line.startswith("Mock server")
        assert processor.of_process(mock.process.pid) < 4 * SOON
        yield mock


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_monster_is_served_or_told(monsters: Mock, name: str) -> None:
    """A schema made to exhaust a server costs a little time and memory; the mock lives."""
    target = f"/x{list(SCHEMAS).index(name)}"
    begin = processor.of_process(monsters.process.pid)
    asked = [
        request(b'{"x": 1}', target=target),
        request(b"", "Prefer: code=200", target=target),
        request(b"", "Prefer: code=200, dynamic=true, seed=3", target=target),
    ]
    answers = [ask(monsters.url, one) for one in asked]

    assert {one.status for one in answers} <= {200, 400, 404, 501}, answers
    assert processor.of_process(monsters.process.pid) - begin < SOON
    assert memory_of(monsters.process.pid) < 300


def test_many_operations_with_many_parameters(tmp_path: Path) -> None:
    """A thousand operations start in seconds, and one more path does not slow the others."""
    lines = [
        f"/a{n}/{{id}}: {{get: {{parameters: [{{name: id, in: path, required: true, "
        f"schema: {{type: integer}}}}], responses: {{'200': {{description: Fine}}}}}}}}"
        for n in range(1000)
    ]
    contract = written(tmp_path, "paths:\n" + indent("\n".join(lines), "  ") + "\n")
    with serving(contract) as mock:
        assert processor.of_process(mock.process.pid) < 2 * SOON
        assert ask(mock.url, request(b"", target="/a999/7", method="GET")).status == 200
        assert ask(mock.url, request(b"", target="/a999/x", method="GET")).status == 400
