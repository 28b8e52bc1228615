"""The contract as frozen data: what every other module reads instead of the document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal, TypeAlias

from spec.model.errors import Place
from spec.model.http_methods import SAFE_METHODS
from spec.model.path_templates import path_and_query

__all__ = [
    "SCHEME_TYPES",
    "Direction",
    "Example",
    "Header",
    "MediaType",
    "Operation",
    "Parameter",
    "ParameterLocation",
    "RequestBody",
    "Response",
    "Schema",
    "SecurityRequirement",
    "SecurityScheme",
    "Server",
    "Violation",
    "response_keys",
]

SCHEME_TYPES = frozenset({"apiKey", "http", "mutualTLS", "oauth2", "openIdConnect"})
"""The types of security schemes (OpenAPI 3.1 section 4.8.27)."""
ParameterLocation: TypeAlias = Literal["path", "query", "header", "cookie", "querystring"]


class Direction(Enum):
    """Which way a value travels: `readOnly` and `writeOnly` mean different things each way."""

    REQUEST = "request"
    RESPONSE = "response"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """A Schema Object where it is used; `value` is as written, `$ref` included."""

    pointer: str
    value: Mapping[str, Any] | bool = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One keyword that a value does not satisfy.

    `pointer` leads into the value ("" is the value itself), `schema_pointer` into the contract;
    `format` is the one that the value does not have.
    """

    pointer: str
    keyword: str
    message: str
    schema_pointer: str = ""
    format: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """An example value that was judged at load: a faulty one never becomes an `Example`.

    `name` is its key under `examples`; the single `example` and a schema's have none.
    `when` is `x-mock-when`: a JSON Schema for `{path, query, headers, body}`. `octets` are the
    file of an `externalValue` that is no text; `value` has a character for each of them.
    """

    name: str | None
    value: Any = field(compare=False)
    pointer: str
    summary: str = ""
    origin: Literal["examples", "example", "schema"] = "examples"
    octets: bytes | None = field(default=None, compare=False, repr=False)
    when: Mapping[str, Any] | bool | None = field(default=None, compare=False)
    extensions: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaType:
    """A key of `content`, lower-cased, with its parameters: `application/json`, `image/*`, …

    `item_schema` is that of each item of a sequence (OpenAPI 3.2, `itemSchema`).
    `part_headers` are what `encoding` says of the headers of the parts of a multipart body.
    `prefix_encoding` and `item_encoding` are the Encoding Objects of parts by their positions.
    """

    name: str
    schema: Schema | None
    examples: tuple[Example, ...]
    encoding: Mapping[str, Any] = field(default_factory=dict, compare=False)
    part_headers: Mapping[str, tuple[Header, ...]] = field(default_factory=dict, compare=False)
    item_schema: Schema | None = field(default=None, compare=False)
    prefix_encoding: tuple[Mapping[str, Any], ...] = field(default=(), compare=False)
    item_encoding: Mapping[str, Any] = field(default_factory=dict, compare=False)
    pointer: str
    extensions: Mapping[str, Any] = field(default_factory=dict, compare=False)


class _Valued:
    """What has a value whose schema stands under `schema`, or under the one key of `content`."""

    __slots__ = ()
    schema: Schema | None
    content: MediaType | None

    @property
    def value_schema(self) -> Schema | None:
        """The schema of the value, from `schema` or `content`; None where neither has one."""
        return self.content.schema if self.content else self.schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(_Valued):
    """A Parameter Object, path-level ones merged in. One of `schema` and `content` is given.

    `querystring` is the query as a whole, as one value (OpenAPI 3.2); it always has `content`.
    """

    name: str
    location: ParameterLocation
    required: bool
    schema: Schema | None
    content: MediaType | None
    style: str
    explode: bool
    allow_reserved: bool = False
    allow_empty: bool = False
    deprecated: bool = False
    examples: tuple[Example, ...] = ()
    pointer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Header(_Valued):
    """A documented response header; its style is always `simple` (OpenAPI 3.0 section 4.7.21)."""

    name: str
    required: bool
    schema: Schema | None
    content: MediaType | None = None
    explode: bool = False
    examples: tuple[Example, ...] = ()
    pointer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestBody:
    """A Request Body Object."""

    required: bool
    content: tuple[MediaType, ...]
    pointer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A documented response. `status` is a code, a range such as `4XX`, or `default`.

    `content` is what the contract promises; `mock_content` is `x-mock-content`, a body for the
    mock alone, and empty wherever `content` is not.
    """

    status: str
    description: str
    content: tuple[MediaType, ...]
    mock_content: tuple[MediaType, ...] = ()
    headers: tuple[Header, ...] = ()
    pointer: str
    extensions: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def served_content(self) -> tuple[MediaType, ...]:
        """What the mock answers with: what is promised, or else the overlay's body."""
        return self.content or self.mock_content


def response_keys(status: int) -> tuple[str, str, str]:
    """The keys of `responses` that may govern a status, the first that is there does.

    OpenAPI 3.0 section 4.7.16.
    """
    return str(status), f"{status // 100}XX", "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityScheme:
    """A Security Scheme Object. `type` is as written, so it may be unknown.

    `scheme` is lower-cased (RFC 9110 section 11.1); `location` and `parameter` belong to `apiKey`;
    `token_url` is that of the flow `clientCredentials`, "" where there is none.
    """

    name: str
    type: str
    scheme: str = ""
    bearer_format: str = ""
    location: str = ""
    parameter: str = ""
    scopes: tuple[str, ...] = ()
    token_url: str = ""
    pointer: str
    extensions: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def known(self) -> bool:
        """Whether OpenAPI says how its credential is sent. What nobody can send is not required."""
        return self.type in SCHEME_TYPES


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityRequirement:
    """One alternative: every scheme in it is needed. An empty one lets anybody in.

    `schemes` are known ones, with the scopes that are asked for: another one is a fault.
    """

    schemes: Mapping[str, tuple[str, ...]] = field(hash=False)
    pointer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A Server Object; `url` has its variables at their defaults, `base_path` is its path.

    `other_paths` are its paths with the other values that its variables may take.
    """

    url: str
    base_path: str
    other_paths: tuple[str, ...] = ()
    pointer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method on one path.

    `security` is a disjunction of conjunctions; empty means that no credential is asked for.
    `base_paths` are the paths of its servers, without a trailing slash ("" is the root).
    `query_string` is a parameter that is the whole query, and none of `parameters`.
    Where `responses` is empty, any answer is right: OpenAPI 3.1 lets it be left out.
    """

    method: str
    path: str
    pointer: str
    place: Place
    operation_id: str | None = None
    summary: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    deprecated: bool = False
    parameters: tuple[Parameter, ...] = ()
    query_string: Parameter | None = None
    request_body: RequestBody | None = None
    responses: tuple[Response, ...] = ()
    security: tuple[SecurityRequirement, ...] = ()
    servers: tuple[Server, ...] = ()
    extensions: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def id(self) -> str:
        """The name by which people and reports call it: `POST /api/ai/image/generation`."""
        return f"{self.method} {self.path}"

    @property
    def bare_path(self) -> str:
        """Its path without a query that is written into it."""
        return path_and_query(self.path)[0]

    @property
    def path_query(self) -> str:
        """The query that is written into its path, which a request has to have; often ""."""
        return path_and_query(self.path)[1]

    @property
    def inputs(self) -> tuple[Parameter, ...]:
        """All that is sent beside the body: the parameters, and what is the whole query."""
        return (
            self.parameters if self.query_string is None else (*self.parameters, self.query_string)
        )

    @property
    def request_content(self) -> tuple[MediaType, ...]:
        """The media types of its body; none where it has none."""
        return self.request_body.content if self.request_body else ()

    @property
    def safe(self) -> bool:
        """Whether the method asks for no change (RFC 9110 section 9.2.1)."""
        return self.method in SAFE_METHODS

    @property
    def secured(self) -> bool:
        """Whether every alternative asks for a credential: an empty one lets anybody in."""
        return bool(self.security) and all(one.schemes for one in self.security)

    @property
    def base_paths(self) -> tuple[str, ...]:
        """The paths that stand before `path` on its servers, without repetition."""
        named = [server.base_path for server in self.servers]
        named += [path for server in self.servers for path in server.other_paths]
        return tuple(dict.fromkeys(named)) or ("",)

    def documents(self, status: int) -> bool:
        """Whether a response may have the status; any may, where none is documented at all."""
        return not self.responses or self.response_for(status) is not None

    @property
    def documents_success(self) -> bool:
        """Whether a good request has a documented answer: a 2xx, a redirection, or `default`."""
        return not self.responses or any(one.status[0] in "23d" for one in self.responses)

    def response_of(self, key: str) -> Response | None:
        """The entry of `responses` under a key: `201`, `4XX` or `default`."""
        return next((one for one in self.responses if one.status == key), None)

    def response_for(self, status: int) -> Response | None:
        """The entry that governs a status: the code itself, then its range, then `default`."""
        return next(filter(None, map(self.response_of, response_keys(status))), None)
