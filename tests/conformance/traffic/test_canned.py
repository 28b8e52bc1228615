"""What the mock says and the deployment never does, told by one run."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from spec import AI_CONTRACT, load, overlay_of
from tests.conformance.kit.applications import Application
from tests.conformance.kit.running import contract_of, run

PATH = "/api/ai/image/generation"
URL = "data:image/png;base64,iVBORw0KGgo="


async def _generate(request: Request) -> Response:
    if "authorization" not in request.headers:
        return JSONResponse({"error": "AUTH", "message": "who?", "statusCode": 401}, 401)
    asked = await request.json()
    if not isinstance(asked, dict) or not {"model", "prompt"} <= asked.keys():
        return JSONResponse({"error": "BAD", "message": "no", "statusCode": 400}, 400)
    images = [{"type": "imageUrl", "imageUrl": URL}]
    return JSONResponse({"model": asked["model"], "images": images})


def deployment() -> Starlette:
    """A backend that answers images in its own way."""
    return Starlette(routes=[Route(PATH, _generate, methods=["POST"])])


def test_a_deployment_that_answers_images_otherwise() -> None:
    """The canned answers have `image_url` and `count`, which no success had: notes, no more."""
    contract = load(AI_CONTRACT, overlay=overlay_of(AI_CONTRACT))
    report = run(contract, deployment(), token="t", include=(f"POST {PATH}",), max_billable=2)
    (told,) = [one for one in report.findings if one.code == FindingCode.CANNED_DIFFERS]

    assert {one.level for one in told.places} == {Level.NOTE}
    named = {name for one in told.places for name in re.findall("`(.+?)`", one.got)}
    assert named >= {"count", "images[].image_url"}
    assert "images[].imageUrl" not in named


MAPS = """
paths:
  /tags:
    get:
      responses:
        '200':
          description: all of them, by id
          content:
            application/json:
              schema:
                type: object
                properties: {total: {type: integer}}
                additionalProperties: {type: object, properties: {title: {type: string}}}
              example: {total: 1, 095be615: {title: Important}}
"""


def test_the_keys_of_a_map_are_data(tmp_path: Path) -> None:
    """That the deployment has other ids than the example is no difference; a property is one."""
    app = Application(lambda asked: (200, {"330e8400": {"title": "Travel"}}))
    report = run(contract_of(tmp_path, MAPS), app, by_clock=True)

    told = [one.got for one in report.findings if one.code == FindingCode.CANNED_DIFFERS]
    assert [re.findall("`(.+?)`", one) for one in told] == [["total"]]
