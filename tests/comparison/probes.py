"""What a frontend developer wants of a mock, each as a request and what must come of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2

__all__ = ["PROBES", "TOKEN", "Probe"]

IMAGE = "/api/ai/image/generation"
CHAT = "/api/ai/chat/completion"
GOOD = {"model": "openai/dall-e-3", "prompt": "a lake"}
TOKEN = {"Authorization": "Bearer t"}
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One row of the table: `holds` sends what it has to and says whether the wish was granted."""

    title: str
    holds: Callable[[httpx2.Client], bool]


def _image(client: httpx2.Client, body: Any = GOOD, **facts: Any) -> httpx2.Response:
    """An image generation; `headers` and `params` are added to those of a good request."""
    headers = {**TOKEN, **JSON, **facts.pop("headers", {})}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(IMAGE, content=content, headers=headers, **facts)


def _is_refused(answer: httpx2.Response) -> bool:
    return 400 <= answer.status_code < 500


def _draws_an_image(client: httpx2.Client) -> bool:
    images = _image(client).json()["images"]
    return any(str(image["image_url"]["url"]).startswith("data:image/") for image in images)


def _echoes(client: httpx2.Client) -> bool:
    body = _image(client, {**GOOD, "model": "my/model"}).json()
    return bool(body["metadata"]["model"] == "my/model")


def _tells_every_fault(client: httpx2.Client) -> bool:
    answer = _image(client, {"model": 1})
    said = answer.text + json.dumps(dict(answer.headers))
    return _is_refused(answer) and "prompt" in said and "model" in said


def _refuses_no_credential(client: httpx2.Client) -> bool:
    return client.post(IMAGE, json=GOOD).status_code == 401


def _challenges(client: httpx2.Client) -> bool:
    return "www-authenticate" in client.post(IMAGE, json=GOOD).headers


def _refuses_another_scheme(client: httpx2.Client) -> bool:
    return _image(client, headers={"Authorization": "Basic dTpw"}).status_code == 401


def _forces_a_status(client: httpx2.Client) -> bool:
    header = _image(client, headers={"Prefer": "code=500"}).status_code
    return header == 500


def _forces_from_a_url(client: httpx2.Client) -> bool:
    return _image(client, params={"__code": "500"}).status_code == 500


def _gives_an_error_body(client: httpx2.Client) -> bool:
    answer = _image(client, headers={"Prefer": "code=500"})
    return answer.status_code == 500 and bool(answer.content) and "error" in answer.json()


def _names_an_example(client: httpx2.Client) -> bool:
    answer = _image(client, headers={"Prefer": "example=several"})
    return answer.status_code == 200 and len(answer.json()["images"]) > 1


def _waits(client: httpx2.Client) -> bool:
    started = time.perf_counter()
    answer = _image(client, headers={"Prefer": "wait=1"})
    return answer.status_code == 200 and time.perf_counter() - started >= 1


def _tells_the_methods(client: httpx2.Client) -> bool:
    answer = client.delete(IMAGE, headers=TOKEN)
    return answer.status_code == 405 and "POST" in answer.headers.get("allow", "")


def _refuses_a_media_type(client: httpx2.Client) -> bool:
    answer = _image(client, b"model=m&prompt=p", headers={"Content-Type": "text/csv"})
    return answer.status_code == 415


def _negotiates(client: httpx2.Client) -> bool:
    return _image(client, headers={"Accept": "image/png"}).status_code == 406


def _survives_malformed_json(client: httpx2.Client) -> bool:
    return _is_refused(_image(client, b'{"model": ')) and _is_refused(
        _image(client, b'{"model": "m", "prompt": NaN}')
    )


def _limits_bodies(client: httpx2.Client) -> bool:
    large = b'{"model":"m","prompt":"' + b"x" * (11 << 20) + b'"}'
    return _image(client, large).status_code == 413


def _streams(client: httpx2.Client) -> bool:
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": True}
    arrivals = []
    with client.stream("POST", CHAT, json=body, headers=TOKEN) as answer:
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            return False
        arrivals = [time.perf_counter() for chunk in answer.iter_raw() if chunk]
    return len(arrivals) > 2 and arrivals[-1] - arrivals[0] > 0.01


def _admits_credentials(client: httpx2.Client) -> bool:
    """`credentials: "include"` needs the very origin, on errors too (Fetch standard 3.2.5)."""
    origin = {"Origin": "https://app.test"}
    answers = [
        _image(client, headers=origin),
        client.post(IMAGE, json=GOOD, headers=origin),
        client.get("/nowhere", headers=origin),
    ]
    return all(
        answer.headers.get("access-control-allow-origin") == "https://app.test"
        and answer.headers.get("access-control-allow-credentials") == "true"
        for answer in answers
    )


def _answers_head(client: httpx2.Client) -> bool:
    answer = client.head("/api/ai/models", headers=TOKEN)
    return answer.status_code == 200 and not answer.content


PROBES = (
    Probe(title="an image that a browser draws", holds=_draws_an_image),
    Probe(title="the answer echoes the request (`metadata.model`)", holds=_echoes),
    Probe(title="a refusal names every fault, not the first", holds=_tells_every_fault),
    Probe(title="no credential: 401", holds=_refuses_no_credential),
    Probe(title="…with a challenge (RFC 9110)", holds=_challenges),
    Probe(title="a credential of another scheme: 401", holds=_refuses_another_scheme),
    Probe(title="force a status by header (`Prefer: code=500`)", holds=_forces_a_status),
    Probe(title="force a status by URL (`?__code=500`)", holds=_forces_from_a_url),
    Probe(title="a forced error has the backend's body", holds=_gives_an_error_body),
    Probe(title="choose an example by name", holds=_names_an_example),
    Probe(title="a slow answer on request", holds=_waits),
    Probe(title="a wrong method: 405 with `Allow`", holds=_tells_the_methods),
    Probe(title="a wrong media type: 415", holds=_refuses_a_media_type),
    Probe(title="nothing acceptable: 406", holds=_negotiates),
    Probe(title="malformed JSON and NaN are refused", holds=_survives_malformed_json),
    Probe(title="a body over a limit: 413", holds=_limits_bodies),
    Probe(title="server-sent events, one by one", holds=_streams),
    Probe(title='CORS with `credentials: "include"`, errors too', holds=_admits_credentials),
    Probe(title="HEAD where there is GET", holds=_answers_head),
)
