"""Files: uploads as multipart, downloads as bytes, and things that can be gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from tests.conformance.backend.exchange import Ask
from tests.conformance.backend.messages import Answer, Refusal, Request, json_answer
from tests.conformance.backend.negotiation import media_type
from tests.conformance.backend.proof import shows
from tests.conformance.services.service import (
    JSON,
    TEXT,
    Planted,
    Route,
    Service,
    fields,
    http_faults,
    post,
    query,
    typed,
)

__all__ = ["Files"]

LIST, MAKE, ONE = "GET /files", "POST /files", "GET /files/{id}"
CONTENT, DELETE = "GET /files/{id}/content", "DELETE /files/{id}"
MULTIPART, OCTETS = "multipart/form-data", "application/octet-stream"
FOLDERS = ("inbox", "archive")
CONTRACT = """
openapi: 3.0.3
info: {title: Files, version: '1'}
components:
  parameters:
    id: {name: id, in: path, required: true, schema: {type: string}, example: readme}
  responses:
    refused:
      description: refused
      content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}
  schemas:
    Error: {type: object, required: [error], properties: {error: {type: string}}}
    File:
      type: object
      required: [id, size, folder]
      properties:
        id: {type: string}
        title: {type: string}
        folder: {type: string, enum: [inbox, archive]}
        size: {type: integer, minimum: 0}
paths:
  /files:
    get:
      parameters:
        - {name: folder, in: query, schema: {type: string, enum: [inbox, archive]}}
      responses:
        '200':
          description: all of them
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/File'}}
        '400': {$ref: '#/components/responses/refused'}
    post:
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [file]
              properties:
                file: {type: string, format: binary}
                title: {type: string, maxLength: 30}
                folder: {type: string, enum: [inbox, archive]}
      responses:
        '201':
          description: kept
          content: {application/json: {schema: {$ref: '#/components/schemas/File'}}}
        '400': {$ref: '#/components/responses/refused'}
        '415': {$ref: '#/components/responses/refused'}
  /files/{id}:
    parameters: [{$ref: '#/components/parameters/id'}]
    get:
      responses:
        '200':
          description: about it
          content: {application/json: {schema: {$ref: '#/components/schemas/File'}}}
        '404': {$ref: '#/components/responses/refused'}
    delete:
      responses:
        '204': {description: gone}
        '404': {$ref: '#/components/responses/refused'}
  /files/{id}/content:
    parameters: [{$ref: '#/components/parameters/id'}]
    get:
      responses:
        '200':
          description: its bytes
          content: {application/octet-stream: {schema: {type: string, format: binary}}}
        '404': {$ref: '#/components/responses/refused'}
"""


def upload(**parts: str) -> Ask:
    """A form in parts; `file` has a name of its own."""
    lines = list[str]()
    for name, value in parts.items():
        named = '; filename="a.txt"' if name == "file" else ""
        lines += ["--cut", f'Content-Disposition: form-data; name="{name}"{named}', "", value]
    return post(
        "/files", "\r\n".join([*lines, "--cut--", ""]).encode(), f"{MULTIPART}; boundary=cut"
    )


def body(place: str) -> str:
    """The pattern of a clause of the parts."""
    return rf"body\(multipart/form-data\)\.{place}"


FAULTS = (
    Planted(
        name="file-optional",
        what="A form without a file is kept.",
        operation=MAKE,
        breaks=body(r"file\.required"),
        shows=shows(upload(title="t"), was=400, becomes=201),
    ),
    Planted(
        name="folder-any-text",
        what="Any folder is taken.",
        operation=MAKE,
        breaks=body(r"folder\.enum"),
        also=body(r"folder\.type"),
        shows=shows(upload(file="f", folder="attic"), was=400, becomes=201),
    ),
    Planted(
        name="title-long",
        what="A title has no end.",
        operation=MAKE,
        breaks=body(r"title\.maxLength"),
        shows=shows(upload(file="f", title="t" * 31), was=400, becomes=201),
    ),
    Planted(
        name="title-empty-crashes",
        what="`title[0]`",
        operation=MAKE,
        breaks=body(r"title\.(empty|optional|type|maxLength)"),
        code="server-error",
        shows=shows(upload(file="f", title=""), was=201, becomes=500),
    ),
    Planted(
        name="archive-refused",
        what="Nothing can be put into the archive.",
        operation=MAKE,
        breaks=body(r"folder\.enum"),
        code="refused-valid",
        shows=shows(upload(file="f", folder="archive"), was=201, becomes=400),
    ),
    Planted(
        name="upload-size-text",
        what="The size comes back as text.",
        operation=MAKE,
        breaks=r"response\.201\.size\.type",
        shows=shows(upload(file="f"), was=201, becomes=201),
    ),
    Planted(
        name="upload-octets-taken",
        what="Bare bytes are kept as well.",
        operation=MAKE,
        breaks=r"media\.undeclared",
        level="warning",
        shows=shows(post("/files", b"hello", TEXT), was=415, becomes=201),
    ),
    Planted(
        name="files-any-folder",
        what="The filter takes any folder.",
        operation=LIST,
        breaks=r"query\.folder\.enum",
        shows=shows(query("/files?folder=attic"), was=400, becomes=200),
    ),
    Planted(
        name="files-without-size",
        what="The list leaves the size out.",
        operation=LIST,
        breaks=r"response\.200\[\]\.size\.required",
        shows=shows(query("/files"), was=200, becomes=200),
    ),
    Planted(
        name="file-id-number",
        what="The id is a number.",
        operation=ONE,
        breaks=r"response\.200\.id\.type",
        shows=shows(query("/files/readme"), was=200, becomes=200),
    ),
    Planted(
        name="missing-file-crashes",
        what="What is not there is looked into.",
        operation=ONE,
        breaks=r"path\.id\.|property\.valid|status\.no-failure",
        also=r"http\.escapes",
        code="server-error",
        shows=shows(query("/files/nothing"), was=404, becomes=500),
    ),
    Planted(
        name="content-as-json",
        what="The bytes come with the wrong label.",
        operation=CONTENT,
        breaks=r"response\.200\.content-type",
        also=r"answer\.well-formed",
        shows=shows(query("/files/readme/content"), was=200, becomes=200),
    ),
    Planted(
        name="delete-answers-200",
        what="A file that is gone is answered with 200.",
        operation=DELETE,
        breaks=r"status\.documented|control",
        code="undocumented-status",
        shows=shows(Ask(method="DELETE", path="/files/readme", role=""), was=204, becomes=200),
    ),
    *http_faults("files", LIST),
)


class Files(Service):
    """An API that keeps what it is given, until it is told not to."""

    name, contract, faults = "files", CONTRACT, FAULTS

    def __init__(self, on: Iterable[str] = ()) -> None:
        super().__init__(on)
        self.kept: dict[str, dict[str, Any]] = {}
        self.bytes: dict[str, bytes] = {}
        self._keep("readme", b"hello", {"title": "Read me", "folder": "inbox"})

    def routing(self) -> Mapping[str, Route]:
        return {
            LIST: Route(handler=self.listed),
            MAKE: Route(handler=self.made),
            ONE: Route(handler=self.one),
            DELETE: Route(handler=self.gone),
            CONTENT: Route(handler=self.content, offers=(OCTETS,)),
        }

    def _keep(self, name: str, data: bytes, more: dict[str, str]) -> dict[str, Any]:
        self.bytes[name] = data
        self.kept[name] = {"id": name, "size": len(data), "folder": "inbox", **more}
        return self.kept[name]

    def _found(self, name: str) -> dict[str, Any]:
        if name not in self.kept:
            raise Refusal(404, "There is no such file.")
        return self.kept[name]

    def listed(self, request: Request) -> Answer:
        folder = dict(fields(request.query)).get("folder")
        if folder not in (None, *FOLDERS) and not self.has("files-any-folder"):
            raise Refusal(400, "folder is none of ours")
        found = [dict(one) for one in self.kept.values() if folder in (None, one["folder"])]
        if self.has("files-without-size"):
            for one in found:
                del one["size"]
        return json_answer(found)

    def one(self, request: Request, name: str) -> Answer:
        if name not in self.kept and self.has("missing-file-crashes"):
            return json_answer({"error": "Internal Server Error"}, 500)
        found = self._found(name)
        return json_answer({**found, "id": 7} if self.has("file-id-number") else found)

    def content(self, request: Request, name: str) -> Answer:
        self._found(name)
        kind = JSON if self.has("content-as-json") else OCTETS
        return Answer(status=200, headers=(("content-type", kind),), body=self.bytes[name])

    def gone(self, request: Request, name: str) -> Answer:
        self._found(name)
        del self.kept[name], self.bytes[name]
        return Answer(status=200) if self.has("delete-answers-200") else Answer(status=204)

    def made(self, request: Request) -> Answer:
        loose = (TEXT, OCTETS) if self.has("upload-octets-taken") else ()
        parts: dict[str, bytes] = {"file": request.body}
        if typed(request, MULTIPART, *loose) == MULTIPART:
            parts = self._parts(request)
        if "file" not in parts and not self.has("file-optional"):
            raise Refusal(400, "file is missing")
        try:
            more = {k: v.decode() for k, v in parts.items() if k in ("title", "folder")}
        except UnicodeDecodeError as error:
            raise Refusal(400, "A part is not UTF-8.") from error
        if more.get("title") == "" and self.has("title-empty-crashes"):
            return json_answer({"error": "Internal Server Error"}, 500)
        self._check(more)
        kept = self._keep(f"file-{len(self.bytes)}", parts.get("file", b""), more)
        size = str(kept["size"]) if self.has("upload-size-text") else kept["size"]
        folder = kept["folder"] if kept["folder"] in FOLDERS else "inbox"
        kept["folder"] = folder  # what was let in is a fault of the request alone
        return json_answer({**kept, "size": size}, 201)

    def _check(self, more: dict[str, str]) -> None:
        folder = more.get("folder", "inbox")
        if folder not in FOLDERS and not self.has("folder-any-text"):
            raise Refusal(400, "folder is none of ours")
        if folder == "archive" and self.has("archive-refused"):
            raise Refusal(400, "the archive is closed")
        if len(more.get("title", "")) > 30 and not self.has("title-long"):
            raise Refusal(400, "title is too long")

    def _parts(self, request: Request) -> dict[str, bytes]:
        boundary = media_type(request.header("content-type"))[1].get("boundary", "")
        if not boundary or f"--{boundary}--".encode() not in request.body:
            raise Refusal(400, "The parts have no end.")
        head = f"Content-Type: {request.header('content-type')}\r\n\r\n".encode()
        message = BytesParser(policy=HTTP).parsebytes(head + request.body)
        found = dict[str, bytes]()
        for part in message.iter_parts():
            name = part.get_param("name", header="content-disposition")
            data = part.get_payload(decode=True)
            if isinstance(name, str) and isinstance(data, bytes):
                found[name] = data
        return found
