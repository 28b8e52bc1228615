"""`mock-server export`: a folder that any static host can serve in the place of the mock."""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from spec import Direction, load
from tests.command import ran, ran_here

pytestmark = pytest.mark.slow

NODE = shutil.which("node")
CONTRACT = """
openapi: 3.0.3
info: {title: Shop, version: "1"}
servers: [{url: /v1}]
components: {securitySchemes: {b: {type: http, scheme: bearer}}}
paths:
  /: {get: {responses: {"200": {description: ok, content: {text/plain: {example: home}}}}}}
  /items:
    get:
      security: [{b: []}]
      responses:
        "200":
          description: ok
          content:
            application/json: {examples: {few: {value: [1]}, none: {value: []}}}
            text/csv: {example: "a,b"}
        "401": {description: no, content: {application/json: {example: {error: no}}}}
    post:
      requestBody:
        content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}
      responses:
        "201":
          description: made
          headers: {Location: {schema: {type: string}, example: /v1/items/7}}
          content: {application/json: {example: {id: 7}}}
        "422": {description: no}
        default: {description: any, content: {application/json: {example: {error: any}}}}
  /Items: {get: {responses: {"200": {description: ok, content: {text/plain: {example: Two}}}}}}
  /items/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}, example: a/b}]
    get: {responses: {"200": {description: ok, content: {image/png: {}}}}}
    delete: {responses: {"204": {description: gone}}}
  /items/{id}/../../../{x}/.hidden:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
      - {name: x, in: path, required: true, schema: {type: string}}
    get: {responses: {"200": {description: ok, content: {text/event-stream: {example: "data: 1"}}}}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export of the contract; the contract lies beside it."""
    home = tmp_path_factory.mktemp("export")
    (home / "shop.yaml").write_text(CONTRACT)
    ended = ran("export", home / "out", home / "shop.yaml")
    assert ended.returncode == 0, ended.stderr
    assert "Exported " in ended.stdout
    return home / "out"


def _manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return found


@contextmanager
def _hosted(folder: Path) -> Iterator[str]:
    """A host that knows nothing but files."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_every_documented_answer_is_in_the_manifest(folder: Path) -> None:
    """Each operation with every status, media type and example, the plain answer first."""
    listed = {
        one["id"]: [(a["status"], a["media"], a["example"], a["default"]) for a in one["answers"]]
        for one in _manifest(folder)["operations"]
    }

    assert listed["GET /items"] == [
        (200, "application/json", "few", True),
        (200, "application/json", "none", False),
        (200, "text/csv; charset=utf-8", None, False),
        (401, "application/json", None, False),
    ]
    assert [one[:2] for one in listed["POST /items"]] == [
        (201, "application/json"),
        (422, "application/problem+json"),
        (500, "application/json"),
    ]
    assert listed["DELETE /items/{id}"] == [(204, "", None, True)]
    assert {one["path"] for one in _manifest(folder)["operations"]} >= {"/v1/", "/v1/items/{id}"}


def test_a_plain_host_serves_the_files(folder: Path) -> None:
    """Under the names of the manifest, with the type that the extension means to every host."""
    with _hosted(folder) as url, httpx2.Client(trust_env=False, base_url=url) as client:
        items = client.get("/v1/items.json")
        image = client.get("/v1/items/_id_.png")
        names = [a["file"] for one in _manifest(folder)["operations"] for a in one["answers"]]
        served = [client.get(f"/{name}").status_code for name in names if name]

    assert (items.json(), items.headers["content-type"]) == ([1], "application/json")
    assert image.headers["content-type"] == "image/png"
    assert image.content.startswith(b"\x89PNG")
    assert set(served) == {200}


def test_names_stay_in_the_folder_and_are_unique(folder: Path) -> None:
    """Whatever the paths are, and where a file system takes two cases for one."""
    manifest = _manifest(folder)
    names = [a["file"] for one in manifest["operations"] for a in one["answers"] if a["file"]]
    written = {str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()}

    assert len({name.casefold() for name in names}) == len(names)
    assert written == {*names, "manifest.json", "fetch.js", "_redirects", "_headers"}
    assert sorted(names) == manifest["mock-export"]["files"]
    assert sorted(one.name for one in folder.parent.iterdir()) == ["out", "shop.yaml"]


def test_the_redirects_serve_gets_at_their_own_paths(folder: Path) -> None:
    """With the placeholders of those hosts."""
    lines = (folder / "_redirects").read_text().splitlines()

    assert "/v1/items /v1/items.json 200" in lines
    assert "/v1/items/:id /v1/items/_id_.png 200" in lines


def test_the_answers_satisfy_the_contract(tmp_path: Path) -> None:
    """Every JSON answer of the packaged contract, judged by its schema; and the bytes stay."""
    ran("export", tmp_path / "one")
    ran_here("export", tmp_path / "two")
    contract, judged = load(), 0
    operations = {one.id: one for one in contract.operations}
    for one in _manifest(tmp_path / "one")["operations"]:
        for answer in one["answers"]:
            response = operations[one["id"]].response_for(answer["status"])
            assert response is not None
            schema = response.content[0].schema if response.content else None
            if schema is not None and answer["media"] == "application/json":
                value = json.loads((tmp_path / "one" / answer["file"]).read_bytes())
                assert contract.violations(schema, Direction.RESPONSE, value) == ()
                judged += 1
    same = [
        one.read_bytes() == (tmp_path / "two" / one.relative_to(tmp_path / "one")).read_bytes()
        for one in (tmp_path / "one").rglob("*")
        if one.is_file()
    ]

    assert judged > 20
    assert all(same)


def test_an_earlier_export_is_replaced_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    """Stale answers go, the person's own files stay; a folder of something else is refused."""
    shutil.copytree(folder, tmp_path / "out")
    (tmp_path / "out" / "CNAME").write_text("mine")
    (tmp_path / "keep.txt").write_text("outside")
    manifest = _manifest(tmp_path / "out")
    manifest["mock-export"]["files"] += ["../keep.txt", "CNAME/.."]
    (tmp_path / "out" / "manifest.json").write_text(json.dumps(manifest))
    small = CONTRACT[: CONTRACT.index("  /items:")]
    (tmp_path / "small.yaml").write_text(small)
    again = ran_here("export", tmp_path / "out", tmp_path / "small.yaml")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("mine")
    refused = ran_here("export", tmp_path / "other", tmp_path / "small.yaml")

    assert again.returncode == 0
    assert not (tmp_path / "out/v1/items.json").exists()
    assert (tmp_path / "out/CNAME").read_text() == "mine"
    assert (tmp_path / "keep.txt").read_text() == "outside"
    assert refused.returncode == 2
    assert "the folder is not empty and does not contain an earlier export" in refused.stderr
    assert [one.name for one in (tmp_path / "other").iterdir()] == ["mine.txt"]


@pytest.mark.skipif(NODE is None, reason="Node is not installed")
def test_the_script_answers_every_method_and_wish(folder: Path, tmp_path: Path) -> None:
    """From the files of a plain host: status, headers and body, templates and refusals."""
    script = """
    import { mockFetch } from "./fetch.mjs";
    const seen = [];
    const see = async (url, init) => {
      const answer = await mockFetch(url, init);
      const type = answer.headers.get("content-type");
      const text = (await answer.text()).slice(0, 40);
      seen.push([answer.status, type, text, answer.headers.get("location")]);
    };
    await see("/v1/items");
    await see("/v1/items", { headers: { Prefer: "code=401" } });
    await see("/v1/items", { headers: { Prefer: 'example="none"' } });
    await see("/v1/items", { method: "POST", body: "{}" });
    await see("/v1/items/7", { method: "DELETE" });
    await see("/v1/nothing");
    console.log(JSON.stringify(seen));
    """
    with _hosted(folder) as url:
        # Node imports no module over HTTP; a browser does. All else comes from the host.
        module = (folder / "fetch.js").read_text().replace("import.meta.url", f'"{url}/fetch.js"')
        (tmp_path / "fetch.mjs").write_text(module)
        (tmp_path / "run.mjs").write_text(script)
        said = subprocess.run(
            [str(NODE), "run.mjs"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert said.returncode == 0, said.stderr
    seen = json.loads(said.stdout)

    assert seen[0] == [200, "application/json", "[1]", None]
    assert seen[1][0] == 401
    assert seen[2][2] == "[]"
    assert (seen[3][0], seen[3][3]) == (201, "/v1/items/7")
    assert seen[4] == [204, None, "", None]
    assert seen[5][0] == 404
