"""The corpus' judge sees what is right, what is told, and what it cannot judge."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path
from textwrap import dedent

import pytest

from spec import load
from tests.corpus import packages
from tests.corpus.answers import Judge, documents, tally_of
from tests.mock_server.asking import Answered

CONTRACTS = Path(__file__).parents[1] / "contracts"


def test_our_own_contracts() -> None:
    """Every answer that they document can be had, and none is wrong."""
    found = [tally_of(CONTRACTS / f"{name}.yaml") for name in ("everything", "everything31")]

    assert [one.wrong for one in found] == [[], []]
    assert all(one.counts["right"] >= 5 for one in found)
    assert all(one.requests["right"] >= 5 for one in found)


def test_outcomes(tmp_path: Path) -> None:
    """One answer of each kind that a mock without faults has."""
    (tmp_path / "note.yaml").write_text("a: b\n")
    file = tmp_path / "contract.yaml"
    file.write_text(
        dedent("""\
        openapi: 3.1.0
        info: {title: T, version: '1'}
        paths:
          /a/{id}:
            get:
              parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
              responses:
                '200': {description: d, content: {application/json: {schema: {type: integer}}}}
                '201': {description: d, content: {application/json: {schema: false}}}
                '202': {description: d, content: {text/plain: {schema: {type: string}}}}
                '204': {description: d}
        """)
    )

    assert list(documents(tmp_path)) == [file]
    assert tally_of(file).counts == {"right": 2, "told": 1, "unjudged": 1}


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [(200, b"1", "right"), (200, b'"x"', "wrong"), (500, b"1", "wrong")],
)
def test_a_wrong_answer_is_seen(tmp_path: Path, status: int, body: bytes, outcome: str) -> None:
    """One of another status, and one that breaks the schema."""
    file = tmp_path / "contract.yaml"
    content = "{application/json: {schema: {type: integer}}}"
    file.write_text(
        "openapi: 3.0.3\ninfo: {title: T, version: '1'}\n"
        "paths: {/a: {get: {responses: {'200': "
        f"{{description: d, content: {content}}}}}}}}}}}\n"
    )
    contract = load(file)
    medium = contract.operations[0].responses[0].content[0]
    answer = Answered(status=status, headers={}, body=body)

    assert Judge(contract, file).outcome(answer, "200", medium)[0] == outcome


@pytest.mark.parametrize(
    ("version", "more"),
    [
        ("swagger: '2.0'", "schema: {type: integer}"),
        ("openapi: 3.2.0", "content: {application/json: {schema: {type: integer}}}"),
    ],
)
def test_every_version(tmp_path: Path, version: str, more: str) -> None:
    """Swagger 2.0 and OpenAPI 3.2 are taken as well; each operation is asked plainly first."""
    file = tmp_path / "contract.yaml"
    file.write_text(
        f"{version}\ninfo: {{title: T, version: '1'}}\n"
        f"paths: {{/a: {{get: {{responses: {{'200': {{description: d, {more}}}}}}}}}}}\n"
    )

    assert list(documents(tmp_path)) == [file]
    found = tally_of(file)
    assert (found.counts, found.requests) == ({"right": 1}, {"right": 1})


def test_no_request_can_be_made(tmp_path: Path) -> None:
    """Where no valid request can be made the operation is told of, and not counted as taken."""
    file = tmp_path / "contract.yaml"
    file.write_text(
        dedent("""\
        openapi: 3.1.0
        info: {title: T, version: '1'}
        paths:
          /a:
            get:
              parameters: [{name: q, in: query, required: true, schema: false}]
              responses: {'200': {description: d}}
        """)
    )

    assert tally_of(file).requests == {"told": 1}


def test_what_is_write_only_is_required_of_requests_alone(tmp_path: Path) -> None:
    """Since 3.1 the validator looks at no direction: an answer without it is right."""
    file = tmp_path / "contract.yaml"
    schema = (
        "{type: object, required: [a, b], unevaluatedProperties: false, properties: "
        "{a: {type: string}, b: {type: string, writeOnly: true}}}"
    )
    content = f"content: {{application/json: {{schema: {schema}}}}}"
    file.write_text(
        "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n"
        f"paths: {{/a: {{post: {{requestBody: {{required: true, {content}}}, "
        f"responses: {{'200': {{description: d, {content}}}}}}}}}}}\n"
    )

    found = tally_of(file)

    assert (found.counts, found.requests) == ({"right": 1}, {"right": 1})


def test_an_example_may_fit_by_its_format_alone(tmp_path: Path) -> None:
    """With formats it is one of the alternatives; without them it would be both."""
    file = tmp_path / "contract.yaml"
    schema = "{oneOf: [{type: string, format: date}, {type: string, format: ipv4}]}"
    content = f"{{application/json: {{schema: {schema}, example: '2026-01-02'}}}}"
    operation = f"{{responses: {{'200': {{description: d, content: {content}}}}}}}"
    head = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n"
    file.write_text(f"{head}paths: {{/a: {{get: {operation}}}}}\n")

    assert tally_of(file).counts == {"right": 1}


def test_of_one_alternative_the_format_alone_may_be_wrong(tmp_path: Path) -> None:
    """An example that breaks a `format` is served, and told; also one of two alternatives."""
    file = tmp_path / "contract.yaml"
    one = "{type: object, required: [id], properties: {id: {type: string, format: uuid}}}"
    other = one.replace("[id]", "[id, x]")
    content = (
        f"{{application/json: {{schema: {{oneOf: [{one}, {other}]}}, example: {{id: a, x: 1}}}}}}"
    )
    operation = f"{{responses: {{'200': {{description: d, content: {content}}}}}}}"
    head = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\n"
    file.write_text(f"{head}paths: {{/a: {{get: {operation}}}}}\n")

    assert tally_of(file).counts == {"right": 1}


def test_the_version_may_be_the_last_key(tmp_path: Path) -> None:
    """Generators write it there, after a byte order mark too; an example of a document is none."""
    late, none = tmp_path / "late.json", tmp_path / "none.json"
    middle = tmp_path / "middle.json"
    middle.write_text(f'{{\n  "a": "{"x" * 30_000}",\n  "swagger": "2.0",\n"p": "{"x" * 30_000}"}}')
    late.write_text('\ufeff{"components": "' + "x" * 30_000 + '", "openapi": "3.0.1"}', "utf-8")
    none.write_text(
        f'{{"a": "{"x" * 30_000}", "b": {{"openapi": "3.0.1"}}, "c": "{"x" * 30_000}"}}'
    )

    assert list(documents(tmp_path)) == [late, middle]


def test_packages_are_unpacked_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A row for each package of the list; of one with many documents every Nth is taken."""
    head = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\n"
    document = f"{head}paths: {{/a: {{get: {{responses: {{'204': {{description: d}}}}}}}}}}\n"
    source = tmp_path / "source"
    source.mkdir()
    for name in "abcd":
        (source / f"{name}.yaml").write_text(document)
    archives = tmp_path / "corpus" / "archives"
    for name in ("npm-@x-specs-1.0.0", "pip-specs-2.0"):
        (archives / name).mkdir(parents=True)
    with tarfile.open(archives / "npm-@x-specs-1.0.0" / "x.tgz", "w:gz") as packed:
        packed.add(source, "package")
    with zipfile.ZipFile(archives / "pip-specs-2.0" / "specs.whl", "w") as wheel:
        for name in "ab":
            wheel.write(source / "a.yaml", f"specs/{name}.yaml")
    listed = tmp_path / "packages.txt"
    listed.write_text("# two\nnpm @x/specs 1.0.0 /2\n\npip specs 2.0 /a.yaml\n")

    status = packages.main(["--folder", str(tmp_path / "corpus"), "--list", str(listed)])

    printed = capsys.readouterr().out
    assert status == 0
    assert "| @x/specs 1.0.0 | 2 | 2 | 2 | 2 | 0 | 0 | 2 | 2 | 0 | 0 | 0 |" in printed
    assert "| specs 2.0 | 1 | 1 |" in printed
    assert "| all | 3 | 3 |" in printed


def test_operations_that_a_query_tells_apart(tmp_path: Path) -> None:
    """The query of a path (or its fragment) is asked for with it; `OFF` is a text in YAML 1.2."""
    file = tmp_path / "contract.yaml"
    said = "{get: {responses: {'200': {description: d, content: {application/json: MEDIUM}}}}}"
    enums = {"/a": "OFF", "/a?b={b}": "b", "/a?b=1&c=2": "bc", "/a#Do=x": "2020-02-02"}
    written = [
        f"  '{path}': {said.replace('MEDIUM', f'{{schema: {{enum: [{one}]}}}}')}\n"
        for path, one in enums.items()
    ]
    head = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n"
    file.write_text(head + "".join(written))

    found = tally_of(file)

    assert (found.counts, found.requests) == ({"right": 4}, {"right": 4})


def test_the_judge_reads_references_as_openapi_3_0_does(tmp_path: Path) -> None:
    """Beside a `$ref` nothing counts; what it leads to may be of the other direction alone."""
    file = tmp_path / "contract.yaml"
    head = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\n"
    schemas = (
        "{I: {type: integer, readOnly: true}, N: {type: object}, "
        "O: {type: object, required: [i, j, n], properties: {i: {$ref: '#/components/schemas/I'}, "
        "j: {allOf: [{$ref: '#/components/schemas/I'}]}, "
        "n: {$ref: '#/components/schemas/N', type: string}}}, "
        "P: {required: [k, o], allOf: [{properties: {k: {type: integer, readOnly: true}}}], "
        "properties: {o: {$ref: '#/components/schemas/O'}}}}"
    )
    body = "content: {application/json: {schema: {$ref: '#/components/schemas/P'}}}"
    operation = f"{{requestBody: {{{body}}}, responses: {{'200': {{description: d, {body}}}}}}}"
    file.write_text(
        f"{head}paths: {{/a: {{post: {operation}}}}}\ncomponents: {{schemas: {schemas}}}\n"
    )

    found = tally_of(file)

    assert (found.counts, found.requests) == ({"right": 1}, {"right": 1})


def test_a_form_whose_example_is_another_text_is_told(tmp_path: Path) -> None:
    """The plainest valid request has no such body; what is valid is sent instead."""
    file = tmp_path / "contract.yaml"
    head = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\n"
    schema = "{type: object, required: [a], properties: {a: {type: string}}}"
    content = f"content: {{multipart/form-data: {{schema: {schema}, example: '<a/>'}}}}"
    operation = (
        f"{{requestBody: {{required: true, {content}}}, responses: {{'204': {{description: d}}}}}}"
    )
    file.write_text(f"{head}paths: {{/a: {{post: {operation}}}}}\n")

    assert "wrong" not in tally_of(file).requests
