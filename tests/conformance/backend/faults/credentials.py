"""Who is let in, and how the others are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from urllib.parse import parse_qsl

from tests.conformance.backend import operations as op
from tests.conformance.backend.behaviour import Behaviour, Handler, challenge, role
from tests.conformance.backend.exchange import CONTROLS, get, image, key
from tests.conformance.backend.fault import Family, Fault, Patch
from tests.conformance.backend.messages import Answer, Refusal, Request, json_answer
from tests.conformance.backend.patching import after, before, instead, is_call, layer, server_error
from tests.conformance.backend.proof import shows
from tests.conformance.backend.tokens import ADMIN, CLIENT, TokenError, Tokens

__all__ = ["FAULTS"]

ALL = tuple(operation.label for operation in op.OPERATIONS)
ADMINS = tuple(operation.label for operation in op.OPERATIONS if operation.role == ADMIN)
TOKENS = Tokens()

fault = partial(Fault, family=Family.CREDENTIALS, operations=ALL)
anonymous = image().but(role="")


def unguarded(operation: str) -> Patch:
    """The guard was forgotten on one route."""

    def patch(behaviour: Behaviour) -> Behaviour:
        def admit(request: Request) -> Request:
            valid = f"Bearer {TOKENS.admin}"
            return (
                request.with_header("authorization", valid)
                if is_call(request, operation)
                else request
            )

        return before(admit)(behaviour)

    return patch


def roles(find: Callable[[Tokens, str], str]) -> Patch:
    """Another way to tell a token's role; TokenError and "" stand for nobody."""

    def lenient(tokens: Tokens, token: str) -> str:
        try:
            found = find(tokens, token)
        except TokenError:
            found = ""
        return found or role(tokens, token)

    return lambda behaviour: replace(behaviour, role=lenient)


def known(tokens: Tokens, fits: Callable[[str], bool]) -> str:
    """The role of the issued token that fits, if any does."""
    issued = {tokens.admin: ADMIN, tokens.client: CLIENT}
    return next((holder for token, holder in issued.items() if fits(token)), "")


def claimed(tokens: Tokens, token: str) -> str:
    """What a token claims, with nothing verified but that it is a JWT."""
    return ADMIN if token.count(".") == 2 and token.startswith("eyJ") else ""


def expired_too(tokens: Tokens, token: str) -> str:
    """A signature is enough."""
    return str(tokens.claims(token)["role"])


def algorithm_none(tokens: Tokens, token: str) -> str:
    """The token itself says that it needs no signature."""
    return CLIENT if claimed(tokens, token) and token.endswith(".") else ""


def carried(find: Callable[[Request], str]) -> Patch:
    """A token is also taken from another place."""

    def move(request: Request) -> Request:
        token = find(request)
        return request.with_header("authorization", f"Bearer {token}") if token else request

    return before(move)


def in_query(request: Request) -> str:
    """`?access_token=…`, `?token=…`, `?api_key=…`."""
    query = dict(parse_qsl(request.query))
    return next((query[name] for name in ("access_token", "token", "api_key") if name in query), "")


def in_cookie(request: Request) -> str:
    """A cookie of the usual names."""
    pairs = [part.strip().partition("=") for part in request.header("cookie").split(";")]
    names = ("token", "access_token", "session", "auth", "authorization", "jwt")
    return next((value for name, _, value in pairs if name.lower() in names), "")


def in_header(request: Request) -> str:
    """The headers that other services use."""
    names = ("x-api-key", "x-auth-token", "x-access-token", "api-key", "apikey")
    return next((request.header(name) for name in names if request.has(name)), "")


def any_scheme(request: Request) -> str:
    """`header.split()[-1]`: the scheme is never looked at."""
    words = request.header("authorization").split()
    return words[-1] if words else ""


def restatus(status: int, when: Callable[[Request], bool] = lambda request: True) -> Patch:
    """Another status than 401."""

    def change(request: Request, answer: Answer) -> Answer:
        wrong = answer.status == 401 and when(request)
        return replace(answer, status=status).without("www-authenticate") if wrong else answer

    return after(change)


def sent(request: Request) -> bool:
    """Whether a credential was sent at all."""
    return request.has("authorization")


def missing(request: Request) -> bool:
    """Whether none was."""
    return not request.has("authorization")


def words(*texts: str) -> Callable[[Tokens, str], str]:
    """Tokens that stand for a guest."""
    return lambda tokens, token: CLIENT if token in texts else ""


def crashing_on_garbage(tokens: Tokens, token: str) -> str:
    """Nobody catches what the JWT library raises for what is no JWT."""
    if token not in tokens.opaque and token.count(".") != 2:
        raise Refusal(500, "Internal Server Error")
    return role(tokens, token)


def challenged_with(value: str) -> Patch:
    """Another challenge, or none."""

    def change(request: Request, answer: Answer) -> Answer:
        if answer.status != 401:
            return answer
        bare = answer.without("www-authenticate")
        return bare.having("www-authenticate", value) if value else bare

    return after(change)


def media_first(request: Request) -> bool:
    """A body of another media type."""
    kind = request.header("content-type")
    return bool(request.body) and not kind.lower().startswith("application/json")


def remembering(behaviour: Behaviour) -> Behaviour:
    """The session of an address is kept after its first good request."""
    seen: dict[str, str] = {}

    def wrap(handler: Handler) -> Handler:
        async def handle(request: Request) -> Answer:
            remembered = seen.get(request.client)
            if remembered and not sent(request):
                request = request.with_header("authorization", remembered)
            answer = await handler(request)
            if answer.status == 200 and sent(request):
                seen[request.client] = request.header("authorization")
            return answer

        return handle

    return layer(wrap)(behaviour)


def cached(behaviour: Behaviour) -> Behaviour:
    """Answers to GET are cached by path, before anyone asks who is calling."""
    seen: dict[str, Answer] = {}

    def wrap(handler: Handler) -> Handler:
        async def handle(request: Request) -> Answer:
            if request.method == "GET" and request.raw_path in seen:
                return seen[request.raw_path]
            answer = await handler(request)
            if request.method == "GET" and answer.status == 200:
                seen[request.raw_path] = answer
            return answer

        return handle

    return layer(wrap)(behaviour)


def case_sensitive(request: Request) -> str:
    """`startsWith("Bearer ")`."""
    value = request.header("authorization")
    if not value.startswith("Bearer "):
        challenge("A bearer token is needed.")
    return value.removeprefix("Bearer ").strip()


def failing(when: Callable[[Request], bool]) -> Patch:
    """An uncaught exception while the header is taken apart."""
    return instead(when, server_error)


def success_with_error(request: Request) -> Answer:
    """The HTTP layer is thought to be no place for errors."""
    return json_answer({"error": "Unauthorized", "code": "UNAUTHORIZED"})


def is_bare(request: Request) -> bool:
    """The scheme, and nothing after it."""
    return request.header("authorization").strip().lower() == "bearer"


def is_expired(request: Request) -> bool:
    """A token whose signature is ours and whose time has passed."""
    try:
        role(TOKENS, any_scheme(request))
    except Refusal as refusal:
        return sent(request) and "expired" in str(refusal.problems)
    return False


def is_lesser(request: Request) -> bool:
    """A good token after its scheme, whatever it may open."""
    try:
        scheme, _, token = request.header("authorization").partition(" ")
        return scheme.lower() == "bearer" and bool(role(TOKENS, token.strip()))
    except Refusal:
        return False


def cookie(token: str) -> str:
    return f"access_token={token}"


FAULTS = (
    fault(
        name="image-unguarded",
        operations=(op.IMAGE,),
        what="The guard was forgotten on image generation.",
        finds="credential: none",
        patch=unguarded(op.IMAGE),
        shows=shows(anonymous, was=401, becomes=200),
    ),
    fault(
        name="models-unguarded",
        operations=(op.MODELS,),
        what="The catalogue is thought to be public.",
        finds="credential: none",
        patch=unguarded(op.MODELS),
        shows=shows(get("models").but(role=""), was=401, becomes=200),
    ),
    fault(
        name="rotate-unguarded",
        operations=(op.ROTATE,),
        what="Anybody may rotate the provider's key.",
        finds="credential: none",
        patch=unguarded(op.ROTATE),
        shows=shows(CONTROLS[op.ROTATE].but(role=""), was=401, becomes=200),
    ),
    fault(
        name="any-bearer-accepted",
        what="The header is checked for being there, not for what it holds.",
        finds="credential: garbage",
        patch=roles(lambda tokens, token: ADMIN),
        shows=shows(image().bearing("Bearer garbage"), was=401, becomes=200),
    ),
    fault(
        name="signature-not-verified",
        what="The token's claims are decoded and believed: `jwt.decode` in the place of `verify`.",
        finds="credential: signed with another key",
        patch=roles(claimed),
        shows=shows(image().bearing(f"Bearer {TOKENS.forged()}"), was=401, becomes=200),
    ),
    fault(
        name="expired-accepted",
        what="The signature is verified, `exp` is not.",
        finds="credential: expired",
        patch=roles(expired_too),
        shows=shows(image().bearing(f"Bearer {TOKENS.expired()}"), was=401, becomes=200),
        options=("--expired-token", TOKENS.expired()),
    ),
    fault(
        name="algorithm-none-accepted",
        what="A token that says `alg: none` needs no signature.",
        finds="credential: unsigned",
        patch=roles(algorithm_none),
        shows=shows(image().bearing(f"Bearer {TOKENS.unsigned()}"), was=401, becomes=200),
    ),
    fault(
        name="token-without-case",
        what="Tokens are compared in lower case.",
        finds="credential: another case",
        patch=roles(lambda ts, given: known(ts, lambda token: token.lower() == given.lower())),
        shows=shows(image().bearing(f"Bearer {TOKENS.client.swapcase()}"), was=401, becomes=200),
    ),
    fault(
        name="token-prefix-accepted",
        what="`expected.startswith(given)`: a token that was cut short is taken.",
        finds="credential: cut short",
        patch=roles(lambda ts, given: known(ts, lambda token: token.startswith(given))),
        shows=shows(image().bearing(f"Bearer {TOKENS.client[:-1]}"), was=401, becomes=200),
    ),
    fault(
        name="last-character-ignored",
        what="A comparison that stops one character early.",
        finds="credential: last character changed",
        patch=roles(
            lambda ts, given: known(
                ts, lambda token: len(token) == len(given) and token[:-1] == given[:-1]
            )
        ),
        shows=shows(image().bearing(f"Bearer {TOKENS.client[:-1]}~"), was=401, becomes=200),
    ),
    fault(
        name="token-in-query",
        what="The token is also taken from the query, where it ends up in every log.",
        finds="credential: in the query",
        patch=carried(in_query),
        shows=shows(
            anonymous.but(path=f"{anonymous.path}?access_token={TOKENS.client}"),
            was=401,
            becomes=200,
        ),
    ),
    fault(
        name="token-in-cookie",
        what="The token is also taken from a cookie, which browsers send unasked.",
        finds="credential: in a cookie",
        patch=carried(in_cookie),
        shows=shows(anonymous.header("cookie", cookie(TOKENS.client)), was=401, becomes=200),
    ),
    fault(
        name="token-in-another-header",
        what="An older client's X-API-Key still opens everything.",
        finds="credential: in another header",
        patch=carried(in_header),
        shows=shows(anonymous.header("x-api-key", TOKENS.client), was=401, becomes=200),
    ),
    fault(
        name="scheme-ignored",
        what="The last word of Authorization is the token, whatever the scheme.",
        finds="credential: another scheme",
        patch=carried(any_scheme),
        shows=shows(image().bearing(f"Basic {TOKENS.client}"), was=401, becomes=200),
    ),
    fault(
        name="scheme-with-case",
        level="warning",
        what="`bearer` in lower case is refused.",
        finds="credential: the scheme's name in another case",
        patch=lambda behaviour: replace(behaviour, credential=case_sensitive),
        shows=shows(image().bearing(f"bearer {TOKENS.client}"), was=200, becomes=401),
    ),
    fault(
        name="forbidden-without-credential",
        what="403 where no credential was sent, as Spring and FastAPI's HTTPBearer do.",
        finds="credential: none",
        patch=restatus(403, missing),
        shows=shows(anonymous, was=401, becomes=403),
    ),
    fault(
        name="forbidden-for-bad-token",
        what="403 where the token is wrong.",
        finds="credential: garbage",
        patch=restatus(403, sent),
        shows=shows(image().bearing("Bearer garbage"), was=401, becomes=403),
    ),
    fault(
        name="bad-request-for-malformed-header",
        what="400 where Authorization is not of the expected form.",
        finds="credential: the bare scheme, another scheme",
        patch=restatus(400, lambda request: sent(request) and "." not in any_scheme(request)),
        shows=shows(image().bearing("Bearer"), was=401, becomes=400),
    ),
    fault(
        name="bare-scheme-crashes",
        what="`header.split(' ')[1]` where there is no second word.",
        finds="credential: the bare scheme",
        patch=failing(is_bare),
        shows=shows(image().bearing("Bearer"), was=401, becomes=500),
    ),
    fault(
        name="garbage-token-crashes",
        what="The JWT library's decode error is not caught.",
        finds="credential: garbage",
        patch=lambda behaviour: replace(behaviour, role=crashing_on_garbage),
        shows=shows(image().bearing("Bearer garbage"), was=401, becomes=500),
    ),
    fault(
        name="empty-authorization-accepted",
        what="An empty header is a guest: `if (header) verify(header)`.",
        finds="credential: empty",
        patch=before(
            lambda request: (
                request.with_header("authorization", f"Bearer {TOKENS.client}")
                if sent(request) and not request.header("authorization").strip()
                else request
            )
        ),
        shows=shows(image().bearing(""), was=401, becomes=200),
    ),
    fault(
        name="null-token-accepted",
        what="`Bearer null`, what JavaScript sends for a missing token, is a guest.",
        finds="credential: the word null",
        patch=roles(words("null")),
        shows=shows(image().bearing("Bearer null"), was=401, becomes=200),
    ),
    fault(
        name="undefined-token-accepted",
        what="`Bearer undefined` is a guest.",
        finds="credential: the word undefined",
        patch=roles(words("undefined")),
        shows=shows(image().bearing("Bearer undefined"), was=401, becomes=200),
    ),
    fault(
        name="hidden-without-credential",
        what="404 where no credential was sent, so that nobody learns what exists.",
        finds="credential: none",
        patch=restatus(404, missing),
        shows=shows(anonymous, was=401, becomes=404),
    ),
    fault(
        name="redirect-to-login",
        what="A web framework's guard redirects to its login page.",
        finds="credential: none",
        patch=instead(
            missing,
            lambda request: Answer(status=302, headers=(("location", "/login?next=/api/ai"),)),
        ),
        shows=shows(anonymous, was=401, becomes=302),
    ),
    fault(
        name="success-without-credential",
        what="A 200 whose body says that it is none.",
        finds="credential: none",
        patch=instead(missing, success_with_error),
        shows=shows(anonymous, was=401, becomes=200),
    ),
    fault(
        name="no-challenge",
        level="warning",
        what="401 without WWW-Authenticate (RFC 9110 section 15.5.2).",
        finds="credential: challenge",
        patch=challenged_with(""),
        shows=shows(anonymous, was=401, becomes=401),
    ),
    fault(
        name="basic-challenge",
        level="warning",
        what="The challenge names Basic, so that browsers ask for a password.",
        finds="credential: challenge",
        patch=challenged_with('Basic realm="ai"'),
        shows=shows(anonymous, was=401, becomes=401),
    ),
    fault(
        name="odd-type-skips-guard",
        operations=(op.IMAGE,),
        what="The guard is bound to JSON requests; a body of another type passes it by.",
        finds="credential: none, with an odd content type",
        patch=instead(
            lambda request: (
                is_call(request, op.IMAGE) and media_first(request) and missing(request)
            ),
            lambda request: json_answer({"images": []}),
        ),
        shows=shows(anonymous.header("content-type", "text/plain"), was=401, becomes=200),
    ),
    fault(
        name="client-is-admin",
        level="warning",
        operations=ADMINS,
        beside=(op.IMAGE,),
        what="Any user's token opens the administrator's operations.",
        finds="credential: that of another tag",
        patch=lambda behaviour: replace(behaviour, admits=lambda role, operation: True),
        shows=shows(get("models").but(role=CLIENT), was=401, becomes=200),
    ),
    fault(
        name="forbidden-for-lesser-token",
        operations=ADMINS,
        what="403 for a good token that is not an administrator's; the contract knows 401 alone.",
        finds="credential: that of another tag",
        patch=restatus(403, is_lesser),
        shows=shows(get("models").but(role=CLIENT), was=401, becomes=403),
    ),
    fault(
        name="expired-is-forbidden",
        what="419, an invention of frameworks, for a token that has expired.",
        finds="credential: expired",
        patch=restatus(419, is_expired),
        shows=shows(image().bearing(f"Bearer {TOKENS.expired()}"), was=401, becomes=419),
        options=("--expired-token", TOKENS.expired()),
    ),
    fault(
        name="session-remembered",
        what="After one good request its address needs no credential any more.",
        finds="credential: none, after a good request",
        patch=remembering,
        shows=shows(image(), anonymous, was=401, becomes=200),
    ),
    fault(
        name="answers-cached-for-all",
        also=r"security\.other-tag",
        operations=tuple(label for label in ALL if label.startswith("GET")),
        what="A cache before the guard hands one caller's answer to everyone.",
        finds="credential: none, after a good request",
        patch=cached,
        shows=shows(key(), key().but(role=""), was=401, becomes=200),
    ),
    fault(
        name="non-ascii-token-crashes",
        what="A token outside of ASCII breaks the comparison.",
        finds="credential: garbage",
        patch=failing(lambda request: not any_scheme(request).isascii()),
        shows=shows(image().bearing("Bearer t\xf6ken"), was=401, becomes=500),
    ),
)
