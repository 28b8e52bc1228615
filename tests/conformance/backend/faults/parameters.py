"""The provider in the path, and the query that the contract does not have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from urllib.parse import unquote

from tests.conformance.backend import operations as op
from tests.conformance.backend.answers import Call
from tests.conformance.backend.behaviour import Behaviour, known_provider
from tests.conformance.backend.exchange import get, image, key
from tests.conformance.backend.fault import Family, Fault, Patch
from tests.conformance.backend.messages import Answer, Refusal, Request, json_answer
from tests.conformance.backend.patching import after, before, instead, is_call, server_error
from tests.conformance.backend.proof import shows

__all__ = ["FAULTS"]

ALL = tuple(operation.label for operation in op.OPERATIONS)
KEYS = (op.API_KEY, op.ROTATE)

fault = partial(Fault, family=Family.PARAMETERS, operations=KEYS)


def providers(also: Callable[[str], bool]) -> Patch:
    """Other providers are let through."""

    def lenient(provider: str) -> None:
        if not also(provider):
            known_provider(provider)

    return lambda behaviour: replace(behaviour, provider=lenient)


def refused_with(status: int) -> Patch:
    """Another status than 400."""

    def strict(provider: str) -> None:
        if provider not in op.PROVIDERS:
            raise Refusal(status, "There is no such provider.")

    return lambda behaviour: replace(behaviour, provider=strict)


def segment(request: Request) -> str:
    """The provider as it was sent, escapes and all."""
    return request.raw_path.split("/")[3] if is_keyed(request) else ""


def is_keyed(request: Request) -> bool:
    """A path with a provider in it."""
    return any(is_call(request, label) for label in KEYS)


def crashing(when: Callable[[str], bool]) -> Patch:
    """An uncaught exception for some spellings of the provider."""
    return instead(
        lambda r: is_keyed(r) and r.has("authorization") and when(segment(r)), server_error
    )


def undecoded(behaviour: Behaviour) -> Behaviour:
    """The path is matched as it was sent."""

    def route(request: Request) -> Call:
        call = behaviour.route(request)
        return replace(call, provider=segment(request)) if call.provider else call

    return replace(behaviour, route=route)


def overridden(request: Request) -> Request:
    """Parameters of path and query share one dictionary, and the query wins."""
    provider = request.parameters.get("provider")
    if not provider or not is_keyed(request):
        return request
    parts = request.raw_path.split("/")
    return replace(request, raw_path="/".join([*parts[:3], provider, *parts[4:]]))


def malformed(text: str) -> bool:
    """A percent sign without two digits."""
    return any(
        len(part) < 2 or not all(c in "0123456789abcdefABCDEF" for c in part[:2])
        for part in text.split("%")[1:]
    )


def not_utf8(text: str) -> bool:
    """Escapes of bytes that are no UTF-8."""
    return "\ufffd" in unquote(text)


def queried(status: int, when: Callable[[str], bool]) -> Patch:
    """A good request becomes a bad one by its query."""

    def change(request: Request, answer: Answer) -> Answer:
        hit = answer.status == 200 and request.query and when(request.query)
        return json_answer({"error": "query"}, status) if hit else answer

    return after(change)


FAULTS = (
    fault(
        name="provider-unchecked",
        what="The provider in the path is ignored: there is only one.",
        finds="parameter: enum of provider",
        patch=providers(lambda provider: True),
        shows=shows(key("anthropic"), was=400, becomes=200),
    ),
    fault(
        name="provider-any-case",
        what="`OpenRouter` is as good as `openrouter`.",
        finds="parameter: enum of provider, another case",
        patch=providers(lambda provider: provider.lower() == "openrouter"),
        shows=shows(key("OPENROUTER"), was=400, becomes=200),
    ),
    fault(
        name="provider-prefix-accepted",
        what="A pattern without its end: whatever begins with openrouter.",
        finds="parameter: enum of provider, with more after it",
        patch=providers(lambda provider: provider.startswith("openrouter")),
        shows=shows(key("openrouterx"), was=400, becomes=200),
    ),
    fault(
        name="provider-trimmed",
        what="White space around the provider is cut off.",
        finds="parameter: enum of provider, with white space",
        patch=providers(lambda provider: provider.strip() == "openrouter"),
        shows=shows(key("openrouter%20"), was=400, becomes=200),
    ),
    fault(
        name="provider-cut-at-nul",
        what="A library in C ends the provider at its first NUL.",
        finds="parameter: enum of provider, with NUL",
        patch=providers(lambda provider: provider.split("\0")[0] == "openrouter"),
        shows=shows(key("openrouter%00"), was=400, becomes=200),
    ),
    fault(
        name="provider-decoded-twice",
        what="Gateway and framework both decode the path's escapes.",
        finds="parameter: doubly encoded",
        patch=providers(lambda provider: unquote(provider) == "openrouter"),
        shows=shows(key("%256Fpenrouter"), was=400, becomes=200),
    ),
    fault(
        name="provider-not-decoded",
        what="Escapes in the path are compared as they were sent.",
        finds="edge: percent-encoded path parameter",
        patch=undecoded,
        shows=shows(key("%6Fpenrouter"), was=200, becomes=400),
    ),
    fault(
        name="provider-not-found",
        what="404 where the contract documents 400 for an unsupported provider.",
        finds="parameter: status of a refusal",
        patch=refused_with(404),
        shows=shows(key("anthropic"), was=400, becomes=404),
    ),
    fault(
        name="provider-unprocessable",
        what="422 where the contract documents 400.",
        finds="parameter: status of a refusal",
        patch=refused_with(422),
        shows=shows(key("anthropic"), was=400, becomes=422),
    ),
    fault(
        name="provider-crashes",
        also=r"http\.escapes",
        what="`PROVIDERS[name]` of a name that is not there.",
        finds="parameter: enum of provider",
        patch=refused_with(500),
        shows=shows(key("anthropic"), was=400, becomes=500),
    ),
    fault(
        name="malformed-escape-crashes",
        what="`decodeURIComponent('%zz')`: URIError.",
        finds="parameter: malformed percent-escape",
        patch=crashing(malformed),
        shows=shows(key("%zz"), was=400, becomes=500),
    ),
    fault(
        name="escape-outside-utf8-crashes",
        what="%FF is not UTF-8: UnicodeDecodeError.",
        finds="parameter: malformed percent-escape",
        patch=crashing(not_utf8),
        shows=shows(key("%FF"), was=400, becomes=500),
    ),
    fault(
        name="escaped-slash-crashes",
        also=r"http\.escapes",
        what="The provider is the name of a file, and %2F leaves its folder.",
        finds="parameter: characters with a meaning elsewhere",
        patch=crashing(lambda text: "/" in unquote(text)),
        shows=shows(key("a%2Fb"), was=400, becomes=500),
    ),
    fault(
        name="long-provider-crashes",
        what="A provider of 300 characters is too long for a cache's key.",
        finds="parameter: long value",
        patch=crashing(lambda text: len(text) > 250),
        shows=shows(key("p" * 300), was=400, becomes=500),
    ),
    fault(
        name="query-overrides-path",
        what="`?provider=…` wins over the path.",
        finds="parameter: query named like a path parameter",
        patch=before(overridden),
        shows=shows(key("openrouter").but(path=f"{key().path}?provider=x"), was=200, becomes=400),
    ),
    fault(
        name="unknown-query-refused",
        operations=ALL,
        level="warning",
        what="An unknown query parameter (a cache buster, utm_source) is refused.",
        finds="parameter: unknown query parameter",
        patch=queried(400, lambda query: True),
        shows=shows(get("config").but(path="/api/ai/config?_=1"), was=200, becomes=400),
    ),
    fault(
        name="unknown-query-crashes",
        also=r"http\.escapes",
        operations=ALL,
        what="Unknown query parameters become keyword arguments: TypeError.",
        finds="parameter: unknown query parameter",
        patch=queried(500, lambda query: True),
        shows=shows(image().but(path=f"{image().path}?debug=1"), was=200, becomes=500),
    ),
    fault(
        name="malformed-query-crashes",
        operations=ALL,
        what="A malformed escape in the query is not caught.",
        finds="parameter: malformed percent-escape in the query",
        patch=queried(500, malformed),
        shows=shows(get("models").but(path="/api/ai/models?q=%zz"), was=200, becomes=500),
    ),
)
