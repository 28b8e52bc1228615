"""`$ref`s to other files end in one document, and nothing outside the folder is read."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from spec import Contract, ContractError, Direction, load
from tests.spec.conftest import HEAD

Load = Callable[..., Contract]

PATHS = """\
paths:
  /a:
    get:
      responses:
        '200':
          description: d
          content:
            application/json:
              schema: {$ref: 'REF'}
"""


def response_schema(contract: Contract) -> object:
    """The translated schema of the one response."""
    media_type = contract.operations[0].responses[0].content[0]
    assert media_type.schema is not None
    return contract.standalone(media_type.schema, Direction.RESPONSE)


def test_other_files_are_bundled(contract: Load) -> None:
    """References across files, and back, all become local; messages keep each file's lines."""
    read = contract(
        PATHS.replace("REF", "schemas.yaml#/A") + "components: {schemas: {C: {type: boolean}}}\n",
        schemas="A:\n  type: object\n  properties:\n    b: {$ref: '#/B'}\n"
        "    c: {$ref: 'api.yaml#/components/schemas/C'}\nB: {type: integer}\n",
    )

    assert response_schema(read)["$defs"] == {  # type: ignore[index]
        "A": {
            "type": "object",
            "properties": {"b": {"$ref": "#/$defs/B"}, "c": {"$ref": "#/$defs/C"}},
        },
        "B": {"type": "integer"},
        "C": {"type": "boolean"},
    }
    assert str(read.place("#/x-other-files/schemas.yaml/B")) == "schemas.yaml:6"
    assert [path.name for path in read.files] == ["api.yaml", "schemas.yaml"]


@pytest.mark.parametrize("written", ["#/Cat", "animals.yaml#/Cat", "./animals.yaml#/Cat"])
def test_a_mapping_in_another_file_is_read_from_there(contract: Load, written: str) -> None:
    """Its references are relative to the file that they stand in, as all others are."""
    read = contract(
        PATHS.replace("REF", "animals.yaml#/Animal"),
        animals="Animal:\n  type: object\n  properties: {kind: {type: string}}\n"
        f"  discriminator: {{propertyName: kind, mapping: {{cat: '{written}'}}}}\n"
        "  oneOf: [{$ref: '#/Cat'}]\nCat: {type: object}\n",
    )

    assert read.find("#/x-other-files/animals.yaml/Animal/discriminator/mapping") == {
        "cat": "#/x-other-files/animals.yaml/Cat"
    }
    assert not read.faults


def test_a_path_item_may_live_in_another_file(contract: Load) -> None:
    """A Path Item Object may be a reference (OpenAPI 3.0 section 4.7.9)."""
    read = contract(
        "paths: {/a: {$ref: 'paths.yaml#/a'}}\n",
        paths="a:\n  get:\n    responses: {'204': {description: d}}\n",
    )

    assert [operation.id for operation in read.operations] == ["GET /a"]


@pytest.mark.parametrize("file", ["../outside.yaml", "/etc/hostname", "sub/../../outside.yaml"])
def test_nothing_outside_the_folder_is_read(contract: Load, tmp_path: Path, file: str) -> None:
    """A contract from a stranger must not be able to pull in other files of the machine."""
    (tmp_path.parent / "outside.yaml").write_text("type: string")

    with pytest.raises(ContractError, match=r"api\.yaml:11: .*is outside the contract's folder"):
        contract(PATHS.replace("REF", file))


def test_a_link_out_of_the_folder_is_outside(contract: Load, tmp_path: Path) -> None:
    """A symbolic link does not move the fence."""
    outside = tmp_path.parent / "secret.yaml"
    outside.write_text("type: string")
    (tmp_path / "link.yaml").symlink_to(outside)

    with pytest.raises(ContractError, match="is outside the contract's folder"):
        contract(PATHS.replace("REF", "link.yaml"))


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("none.yaml", "$ref to none.yaml: there is no such file"),
        ("a" * 5000, "no file can have this name"),
        ("schemas.yaml#/Gone", "$ref to schemas.yaml#/Gone does not resolve"),
        ("#gone", "$ref to #gone does not resolve"),
        ("urn:x:y", "neither a file nor a web URL"),
        ("//[::1/x", "neither a file nor a web URL"),
    ],
)
def test_what_leads_nowhere_is_a_fault_at_its_line(contract: Load, file: str, told: str) -> None:
    """The line is that of the `$ref`; the operation is read all the same."""
    read = contract(PATHS.replace("REF", file), schemas="A: {type: integer}\n")

    (fault,) = read.faults
    assert (fault.code, fault.place.line) == ("unresolved-reference", 11)
    assert told in fault.what
    assert [operation.id for operation in read.operations] == ["GET /a"]


BROKEN: dict[str, tuple[Callable[[Path], object], str, int]] = {
    "no YAML": (lambda file: file.write_text("a: 1\nb: [1\nc: 2\n"), "part.yaml", 3),
    "not UTF-8": (lambda file: file.write_bytes(b"a: 1\nb: \xff\n"), "part.yaml", 2),
    "empty": (lambda file: file.write_text(""), "part.yaml", 1),
    "a folder": (lambda file: file.mkdir(), "api.yaml", 12),
    "a pipe": (os.mkfifo, "api.yaml", 12),
}
"""How a file is made that cannot be read, and where that is told."""


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path, name: str) -> None:
    """The rest is read and has its own faults; by default that is an error."""
    make, file, line = BROKEN[name]
    make(tmp_path / "part.yaml")
    contract = tmp_path / "api.yaml"
    twice = "        '201': {description: d, headers: {X: {$ref: 'part.yaml#/X'}}}\n"
    contract.write_text(
        HEAD.format(version="3.0.3")
        + PATHS.replace("REF", "part.yaml")
        + twice
        + "components: []\n"
    )

    read = load(contract, leaves_out_broken_files=True)

    assert [one.code for one in read.faults].count("broken-file") == 1
    assert {one.code for one in read.faults} == {"broken-file", "malformed"}
    [told] = [one for one in read.faults if one.code == "broken-file"]
    assert (Path(told.place.file).name, told.place.line) == (file, line)
    assert told.remedy
    assert [operation.id for operation in read.operations] == ["GET /a"]
    assert tmp_path / "part.yaml" in read.files
    with pytest.raises(ContractError, match=re.escape(told.what)):
        load(contract)


def test_a_link_to_itself_is_a_fault(contract: Load, tmp_path: Path) -> None:
    """No file is at its end."""
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")

    (fault,) = contract(PATHS.replace("REF", "loop.yaml")).faults

    assert (fault.code, fault.place.line) == ("unresolved-reference", 11)
    assert "leads back to itself" in fault.what


def test_a_reference_that_leads_nowhere_in_another_file_is_told_there(contract: Load) -> None:
    """Faults of other files have their own file and line."""
    read = contract(PATHS.replace("REF", "schemas.yaml#/A"), schemas="A:\n  $ref: gone.yaml\n")

    assert [str(fault.place) for fault in read.faults] == ["schemas.yaml:2"]


@pytest.mark.parametrize(
    ("reference", "type_of"),
    [
        ("parts.yaml#room", "integer"),
        ("parts.yaml#/named", "boolean"),
        ("https://lamps.example/named", "boolean"),
        ("https://lamps.example/named#inner", "number"),
    ],
)
def test_names_that_schemas_give_themselves(contract: Load, reference: str, type_of: str) -> None:
    """`$anchor` and `$id` work through files, whichever is read first (JSON Schema Core 8.2)."""
    read = contract(
        PATHS.replace("REF", reference)
        + "components: {schemas: {Last: {$ref: 'parts.yaml#room'}}}\n",
        version="3.1.0",
        parts="""\
        room: {$anchor: room, type: integer}
        named:
          $id: https://lamps.example/named
          type: boolean
          $defs: {inner: {$anchor: inner, type: number}}
        """,
    )

    assert read.faults == ()
    media_type = read.operations[0].responses[0].content[0]
    assert media_type.schema is not None
    assert read.resolve(media_type.schema).value["type"] == type_of  # type: ignore[index]


def test_a_relative_reference_starts_from_the_id(contract: Load) -> None:
    """Below an `$id`, a name is that of a neighbour and a pointer that of the schema itself."""
    read = contract(
        PATHS.replace("REF", "#/components/schemas/Names")
        + """\
components:
  schemas:
    Names:
      $id: https://shelves.example/names
      $ref: list
      $defs:
        word: {type: string}
        list: {$id: list, items: {$ref: 'names#/$defs/word'}}
""",
        version="3.1.0",
    )
    media_type = read.operations[0].responses[0].content[0]
    assert media_type.schema is not None

    assert read.faults == ()
    assert not read.violations(media_type.schema, Direction.RESPONSE, ["a"])
    assert read.violations(media_type.schema, Direction.RESPONSE, [1])


@pytest.mark.parametrize(
    "body",
    [
        "paths: {/a: {get: {$ref: '#/x-list'}}}\nx-list: {responses: {'200': {$ref: '#/x-ok'}}}\n",
        "paths: {/a: {get: {responses: {$ref: '#/x-all'}}}}\nx-all: {'200': {$ref: '#/x-ok'}}\n",
        "paths: {/a: {get: {responses: {'200': {content: {$ref: 'x.yaml#/c'}}}}}}\n",
        "paths: {$ref: 'x.yaml#/p'}\n",
        "paths: {/a: {get: {responses: {'200': {content: {text/json: {$ref: x.yaml#/m}}}}}}}\n",
    ],
)
def test_a_reference_where_openapi_has_none_is_served_and_told(contract: Load, body: str) -> None:
    """Published documents have `$ref` in place of anything; what it names is meant."""
    read = contract(
        body + "x-ok: {content: {application/json: {schema: {type: integer}}}}\n",
        x="""\
        c: {application/json: {schema: {type: integer}}}
        m: {schema: {type: integer}}
        p: {/a: {get: {responses: {'200': {content: {$ref: '#/c'}}}}}}
        """,
    )

    media_type = read.operations[0].responses[0].content[0]
    assert media_type.schema is not None
    assert media_type.schema.value == {"type": "integer"}
    assert {fault.code for fault in read.faults} == {"misplaced-reference"}


def test_data_that_is_a_reference_to_something_is_that(contract: Load) -> None:
    """`example: {$ref: …}` is data by the letter and a reference in every published document."""
    read = contract(
        """\
        paths:
          /a:
            get:
              responses:
                '200':
                  content: {application/json: {example: {$ref: '#/components/examples/one'}}}
        components: {examples: {one: {value: [1]}}}
        """
    )

    assert read.operations[0].responses[0].content[0].examples[0].value == [1]


@pytest.mark.parametrize(
    "body",
    [
        "paths: {/a: {get: {$ref: '#/paths/~1a'}}}",
        "paths: {$ref: '#'}",
        "paths: {/a: {get: {$ref: '#/paths/~1b/get'}}, /b: {get: {$ref: '#/paths/~1a/get'}}}",
        "paths: {/a: {get: {responses: {$ref: '#/x'}}}}\nx: {'200': {content: {$ref: '#/x'}}}",
    ],
)
def test_a_misplaced_reference_to_its_own_surroundings_ends(contract: Load, body: str) -> None:
    """What would contain itself is told and left out."""
    read = contract(body)

    assert "unresolved-reference" in {fault.code for fault in read.faults}


def test_root_is_the_folder_that_every_file_is_in(tmp_path: Path) -> None:
    """`root` moves the fence; outside of it nothing is read all the same."""
    inner = tmp_path / "fence" / "apis"
    inner.mkdir(parents=True)
    head = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\n"
    (inner / "api.yaml").write_text(head + PATHS.replace("REF", "../shared.yaml#/A"))
    (tmp_path / "fence" / "shared.yaml").write_text("A: {$ref: ../out.yaml}")
    (tmp_path / "out.yaml").write_text("{type: string}")

    with pytest.raises(ContractError, match=r"is outside the contract's folder.*--root"):
        load(inner / "api.yaml")
    with pytest.raises(ContractError, match=r"shared\.yaml:1: .*is outside"):
        load(inner / "api.yaml", root=tmp_path / "fence")
    (tmp_path / "fence" / "shared.yaml").write_text("A: {type: string}")

    assert load(inner / "api.yaml", root=tmp_path / "fence").faults == ()


@pytest.fixture
def served() -> Iterator[tuple[str, list[str]]]:
    """A document behind a URL on this machine, and the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"A: {type: integer}")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/s.yaml", asked
        server.shutdown()
        thread.join()


def test_a_url_is_fetched_only_where_it_was_named(
    tmp_path: Path, contract: Load, served: tuple[str, list[str]]
) -> None:
    """All peers but one fetch whatever a contract names; here nothing leaves the machine."""
    url, asked = served
    with pytest.raises(
        ContractError, match=r"\$ref to the URL http.* is refused; .*--remote-ref http"
    ):
        contract(PATHS.replace("REF", f"{url}#/A"))
    assert asked == []

    read = load(tmp_path / "api.yaml", remote_refs=(url,))

    assert response_schema(read)["$defs"] == {"A": {"type": "integer"}}  # type: ignore[index]


def test_a_ref_in_an_example_refers_to_nothing(contract: Load) -> None:
    """Examples, defaults and extensions are data."""
    read = contract(
        """\
        paths:
          /a:
            get:
              x-note: {$ref: 'http://elsewhere/'}
              responses:
                '200':
                  description: d
                  content:
                    application/json: {example: {$ref: '/etc/passwd'}}
        """
    )

    assert read.operations[0].responses[0].content[0].examples[0].value == {"$ref": "/etc/passwd"}


def test_a_file_that_is_one_schema_has_the_base_of_its_id(contract: Load) -> None:
    """A name in it is that of a schema beside it, by the `$id` of both (JSON Schema Core 8.2.1)."""
    read = contract(
        PATHS.replace("REF", "leaf.yaml"),
        version="3.1.0",
        leaf="""\
        $id: https://leaves.example/dir/leaf
        type: object
        properties: {q: {$ref: other}}
        $defs: {o: {$id: other, const: 4}}
        """,
    )
    media_type = read.operations[0].responses[0].content[0]
    assert media_type.schema is not None

    assert read.faults == ()
    assert read.violations(media_type.schema, Direction.RESPONSE, {"q": 5})
    assert not read.violations(media_type.schema, Direction.RESPONSE, {"q": 4})
