"""What is told of a request: which alternatives fit, every fault beside a part's, each line."""

from __future__ import annotations

from pathlib import Path

from tests.mock_server.asking import ask, mock_of


def test_alternatives_that_fit_at_once_are_named(tmp_path: Path) -> None:
    """Components by their names, others by their numbers."""
    app = mock_of(
        tmp_path,
        """
        components:
          schemas:
            Lamp: {type: object, required: [watt]}
            Desk: {type: object, required: [legs]}
        paths:
          /a:
            post:
              requestBody:
                content:
                  application/json:
                    schema:
                      oneOf:
                        - $ref: '#/components/schemas/Lamp'
                        - $ref: '#/components/schemas/Desk'
                        - {type: object, required: [shelf]}
              responses: {'204': {description: Done}}
        """,
    )
    got = ask(app, "POST", "/a", json_body={"watt": 4, "shelf": 1})

    assert got.status == 400
    assert "fits 'Lamp' and alternative 3" in got.body.decode()
    assert ask(app, "POST", "/a", json_body={"watt": 4}).status == 204


def test_a_faulty_part_hides_no_other_fault(tmp_path: Path) -> None:
    """The header of one part, the type of another and the value of a third are told together."""
    app = mock_of(
        tmp_path,
        """
        paths:
          /a:
            post:
              requestBody:
                content:
                  multipart/form-data:
                    schema:
                      type: object
                      required: [missing]
                      properties: {n: {type: integer}, note: {type: string}, pic: {type: string}}
                    encoding:
                      note: {headers: {X-N: {required: true, schema: {type: integer}}}}
                      pic: {contentType: image/png}
              responses: {'204': {description: Done}}
        """,
    )
    disposition = "--b\r\nContent-Disposition: form-data; name="
    body = (
        f'{disposition}"n"\r\n\r\nx\r\n{disposition}"note"\r\n\r\ny\r\n'
        f'{disposition}"pic"\r\nContent-Type: text/plain\r\n\r\nz\r\n--b--\r\n'
    )
    kind = {"content-type": "multipart/form-data; boundary=b"}
    told = ask(app, "POST", "/a", body.encode(), headers=kind).body.decode()

    for one in ("without its header X-N", "as text/plain", "/n", "/missing"):
        assert one in told


def test_each_line_of_json_lines_is_read_and_judged(tmp_path: Path) -> None:
    """By the schema of a line, or by that of the list; a line that is no JSON is named."""
    app = mock_of(
        tmp_path,
        """
        paths:
          /lines:
            post:
              requestBody:
                content:
                  application/x-ndjson:
                    schema: {type: object, properties: {n: {type: integer}}}
              responses: {'204': {description: Done}}
          /list:
            post:
              requestBody:
                content:
                  application/jsonl: {schema: {type: array, maxItems: 2, items: {type: integer}}}
              responses: {'204': {description: Done}}
        """,
    )

    def sent(path: str, kind: str, body: bytes) -> tuple[int, str]:
        got = ask(app, "POST", path, body, headers={"content-type": kind})
        return got.status, got.body.decode()

    assert sent("/lines", "application/x-ndjson", b'{"n": 1}\n\n{"n": 2}\n')[0] == 204
    status, told = sent("/lines", "application/x-ndjson", b'{"n": 1}\n{"n": "x"}\n')
    assert (status, "/1/n" in told) == (400, True)
    status, told = sent("/lines", "application/x-ndjson", b'{"n": 1}\n{"n": \n')
    assert (status, "line 2" in told) == (400, True)
    assert sent("/list", "application/jsonl", b"1\n2\n")[0] == 204
    assert sent("/list", "application/jsonl", b"1\n2\n3\n")[0] == 400
