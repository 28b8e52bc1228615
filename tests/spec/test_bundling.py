"""`$ref`s to other files end in one document, and nothing outside the folder is read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from spec import Contract, ContractError, Direction, load

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
    assert str(read.place("#/x-bundled/schemas.yaml/B")) == "schemas.yaml:6"
    assert [path.name for path in read.files] == ["api.yaml", "schemas.yaml"]


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

    with pytest.raises(ContractError, match=r"api\.yaml:11: .*leads out of the contract's folder"):
        contract(PATHS.replace("REF", file))


def test_a_link_out_of_the_folder_is_outside(contract: Load, tmp_path: Path) -> None:
    """A symbolic link does not move the fence."""
    outside = tmp_path.parent / "secret.yaml"
    outside.write_text("type: string")
    (tmp_path / "link.yaml").symlink_to(outside)

    with pytest.raises(ContractError, match="leads out of the contract's folder"):
        contract(PATHS.replace("REF", "link.yaml"))


def test_a_missing_file_is_named_with_the_line_that_wants_it(contract: Load) -> None:
    """The line is that of the `$ref`."""
    with pytest.raises(ContractError, match=r"api\.yaml:11: \$ref to none\.yaml: there is no"):
        contract(PATHS.replace("REF", "none.yaml"))


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
