"""Requests that are XML documents, judged by the names and values of their schema."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mock_server.asking import ask, mock_of

CONTRACT = """
paths:
  /orders:
    post:
      requestBody:
        required: true
        content:
          application/xml: {schema: {$ref: '#/components/schemas/Order'}}
          image/svg+xml: {schema: {type: string, format: binary}}
      responses: {'200': {description: ok}, '400': {description: no}, '415': {description: type}}
components:
  schemas:
    Order:
      type: object
      required: [count]
      properties:
        count: {type: integer, maximum: 9}
        at: {type: string, enum: [home], xml: {attribute: true}}
        tags: {type: array, maxItems: 2, xml: {wrapped: true}, items: {type: string}}
        no: {type: integer, xml: {attribute: true}}
"""


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("<Order><count>9</count></Order>", 200),
        ("<?xml version='1.0'?><o:Order xmlns:o='urn:o'><o:count> 1 </o:count></o:Order>", 200),
        ("<Order><count><![CDATA[1]]></count><tags/><other><a/></other></Order>", 200),
        ("<!DOCTYPE a [<!ENTITY one '1'>]><Order><count>&one;</count></Order>", 200),
        ("<Order at='home'><count>1</count><at>an element is no attribute</at></Order>", 200),
        ("<Order at='away'><count>1</count></Order>", 400),
        ("<Order><count>10</count></Order>", 400),
        ("<Order><count>many</count></Order>", 400),
        ("<Order><Count>1</Count></Order>", 400),
        ("<Order no='4'><count>1</count></Order>", 200),
        ("<Order no='x'><count>1</count></Order>", 400),
        ("<Order><count>1</count><no>x</no></Order>", 200),
        ("<Order><count>1</count><tags><a/><a/><a/></tags></Order>", 400),
        ("<Order><count>1</count>", 400),
        ("{}", 400),
    ],
)
def test_documents(tmp_path: Path, body: str, status: int) -> None:
    """What is well formed and of the schema is taken; a DOCTYPE may say anything."""
    app = mock_of(tmp_path, CONTRACT)
    headers = {"content-type": "application/xml"}

    assert ask(app, "POST", "/orders", body=body.encode(), headers=headers).status == status


def test_a_picture_is_taken_as_it_comes(tmp_path: Path) -> None:
    """Binary octets have no value, whatever they are written in."""
    app = mock_of(tmp_path, CONTRACT)
    headers = {"content-type": "image/svg+xml"}

    assert ask(app, "POST", "/orders", body=b"<svg", headers=headers).status == 200


def test_a_document_that_is_nested_too_deep(tmp_path: Path) -> None:
    """What cannot be read is refused, however deep it is."""
    deep = b"<Order><count>1</count>" + b"<a>" * 50_000 + b"</a>" * 50_000 + b"</Order>"
    answer = ask(
        mock_of(tmp_path, CONTRACT),
        "POST",
        "/orders",
        deep,
        headers={"content-type": "application/xml"},
    )

    assert answer.status == 400
