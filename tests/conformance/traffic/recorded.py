"""Archives of a few exchanges, as browsers and proxies write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["CONTRACT", "archive", "entry", "written"]

CONTRACT = """
openapi: 3.0.3
info: {title: Lamps, version: '1'}
servers: [{url: https://api.example/v1}]
components:
  securitySchemes: {key: {type: http, scheme: bearer}}
  schemas:
    Lamp:
      type: object
      required: [name]
      properties:
        name: {type: string, maxLength: 5}
        kind: {type: string, enum: [desk, floor]}
        password: {type: string, format: password}
paths:
  /lamps:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer, maximum: 10}}]
      responses:
        '200':
          description: lamps
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Lamp'}}
              example: [{name: desk, kind: desk, colour: red}]
        '400': {description: no}
    post:
      security: [{key: []}]
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Lamp'}}}
      responses:
        '201': {description: made}
        '400': {description: no}
        '401': {description: who}
  /events:
    get:
      responses:
        '200':
          description: events
          content: {text/event-stream: {schema: {type: string}}}
"""
URL = "https://api.example/v1"


def entry(
    method: str,
    path: str,
    status: int,
    answer: Any = None,
    *,
    body: Any = None,
    headers: dict[str, str] | None = None,
    media: str = "application/json",
    origin: str = URL,
) -> dict[str, Any]:
    """One entry of an archive: a JSON value or text that was sent, and one that came back."""
    sent = dict(headers or {})
    request: dict[str, Any] = {"method": method, "url": f"{origin}{path}"}
    if body is not None:
        sent.setdefault("content-type", "application/json")
        text = body if isinstance(body, str) else json.dumps(body)
        request["postData"] = {"mimeType": sent["content-type"], "text": text}
    request["headers"] = [{"name": name, "value": value} for name, value in sent.items()]
    content: dict[str, Any] = {"size": 0, "text": ""}
    told = []
    if answer is not None:
        text = answer if isinstance(answer, str) else json.dumps(answer)
        content = {"size": len(text), "text": text, "mimeType": media}
        told = [{"name": "Content-Type", "value": media}]
    return {
        "startedDateTime": "2026-01-02T03:04:05.678Z",
        "time": 12.5,
        "request": request,
        "response": {"status": status, "headers": told, "content": content},
    }


def archive(*entries: dict[str, Any]) -> str:
    """The text of an archive."""
    return json.dumps({"log": {"version": "1.2", "creator": {}, "entries": list(entries)}})


def written(folder: Path, *entries: dict[str, Any]) -> Path:
    """An archive as a file, beside its contract."""
    (folder / "openapi.yaml").write_text(CONTRACT, "utf-8")
    file = folder / "traffic.har"
    file.write_text(archive(*entries), "utf-8")
    return file
