"""The objects of OpenAPI, their fields, and what is under each: 3.0, 3.1 and 3.2 in one table.

The one home of these facts, but for the keywords that hold subschemas: `spec.schemas.keywords` has
them. A field's kind is the name of an object, `[Kind]` for a list of them,
`{Kind}` for a mapping by names of the author's own, and nothing for plain data. Fields of later
versions are known in every version: a document is read as it is meant, and `lint` tells the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from spec.model.http_methods import HTTP_METHODS
from spec.reading.nodes import Node
from spec.schemas.keywords import DEFINITIONS, LISTED, NAMED, SINGLE

__all__ = ["METHODS", "OBJECTS", "child_nodes", "referable"]

METHODS = tuple(one.name.lower() for one in HTTP_METHODS)
"""The methods that a Path Item has a field for; `query` since OpenAPI 3.2."""


def _fields(text: str) -> dict[str, str]:
    return {name: kind for name, _, kind in (one.partition(":") for one in text.split())}


_SCHEMA = {
    **_fields(
        """$ref $dynamicRef $id $schema $anchor $dynamicAnchor $vocabulary $comment title
        description default example examples enum const type format multipleOf maximum
        exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems
        uniqueItems maxContains minContains maxProperties minProperties required dependentRequired
        contentEncoding contentMediaType readOnly writeOnly deprecated nullable
        discriminator:Discriminator xml:XML externalDocs:ExternalDocs"""
    ),
    # Sorted, since the order of a set is another one in each process.
    **dict.fromkeys(sorted(SINGLE), "Schema"),
    **dict.fromkeys(sorted(LISTED), "[Schema]"),
    **dict.fromkeys(sorted(NAMED | DEFINITIONS), "{Schema}"),
}
_DESCRIBED = "description required deprecated style explode schema:Schema example"

OBJECTS: Mapping[str, Mapping[str, str]] = {
    "OpenAPI": _fields(
        """openapi $self info:Info jsonSchemaDialect servers:[Server] paths:Paths
        webhooks:{PathItem} components:Components security:[SecurityRequirement] tags:[Tag]
        externalDocs:ExternalDocs"""
    ),
    "Info": _fields("title summary description termsOfService contact license version"),
    "Server": _fields("url description name variables:{ServerVariable}"),
    "ServerVariable": _fields("enum default description"),
    "Components": _fields(
        """schemas:{Schema} responses:{Response} parameters:{Parameter} examples:{Example}
        requestBodies:{RequestBody} headers:{Header} securitySchemes:{SecurityScheme} links:{Link}
        callbacks:{Callback} pathItems:{PathItem} mediaTypes:{MediaType}"""
    ),
    "Paths": {"*": "PathItem"},
    "PathItem": {
        **_fields("$ref summary description servers:[Server] parameters:[Parameter]"),
        **dict.fromkeys(METHODS, "Operation"),
        "additionalOperations": "{Operation}",
    },
    "Operation": _fields(
        """tags summary description externalDocs:ExternalDocs operationId parameters:[Parameter]
        requestBody:RequestBody responses:Responses callbacks:{Callback} deprecated
        security:[SecurityRequirement] servers:[Server]"""
    ),
    "Parameter": _fields(
        f"name in allowEmptyValue allowReserved {_DESCRIBED} "
        "examples:{Example} content:{MediaType}"
    ),
    "RequestBody": _fields("description content:{MediaType} required"),
    "MediaType": _fields(
        """schema:Schema itemSchema:Schema example examples:{Example} encoding:{Encoding}
        prefixEncoding:[Encoding] itemEncoding:Encoding"""
    ),
    "Encoding": _fields(
        """contentType headers:{Header} style explode allowReserved encoding:{Encoding}
        prefixEncoding:[Encoding] itemEncoding:Encoding"""
    ),
    "Responses": {"*": "Response"},
    "Response": _fields(
        """summary description headers:{Header} content:{MediaType} x-mock-content:{MediaType}
        links:{Link}"""
    ),
    "Callback": {"*": "PathItem"},
    "Example": _fields("summary description dataValue serializedValue value externalValue"),
    "Link": _fields("operationRef operationId parameters requestBody description server:Server"),
    "Header": _fields(f"{_DESCRIBED} examples:{{Example}} content:{{MediaType}}"),
    "Tag": _fields("name summary description externalDocs:ExternalDocs parent kind"),
    "Schema": _SCHEMA,
    "Discriminator": _fields("propertyName mapping defaultMapping"),
    "XML": _fields("nodeType name namespace prefix attribute wrapped"),
    "SecurityScheme": _fields(
        """type description name in scheme bearerFormat flows:OAuthFlows openIdConnectUrl
        oauth2MetadataUrl deprecated"""
    ),
    "OAuthFlows": _fields(
        """implicit:OAuthFlow password:OAuthFlow clientCredentials:OAuthFlow
        authorizationCode:OAuthFlow deviceAuthorization:OAuthFlow"""
    ),
    "OAuthFlow": _fields("authorizationUrl deviceAuthorizationUrl tokenUrl refreshUrl scopes"),
    "SecurityRequirement": {},
    "ExternalDocs": _fields("description url"),
}

_REFERABLE = frozenset(
    {"Schema", "Response", "Parameter", "Example", "RequestBody", "Header", "SecurityScheme"}
    | {"Link", "Callback", "PathItem"}
)


def referable(document: Node) -> frozenset[str]:
    """Where a reference may stand instead, in the version of a document.

    That is where OpenAPI has a Reference Object, and where an object has a `$ref` of its own.
    """
    version = document.child("openapi")
    since_32 = version is not None and str(version.value).startswith("3.2")
    return _REFERABLE | {"MediaType"} if since_32 else _REFERABLE


def child_nodes(node: Node, kind: str) -> Iterator[tuple[str, Node, str]]:
    """What is below a node of a kind: key, node and kind of each part that is no plain data."""
    if kind.startswith("["):
        for index, child in enumerate(node.value if isinstance(node.value, list) else ()):
            yield str(index), child, kind[1:-1]
    elif isinstance(node.value, dict):
        if kind.startswith("{"):
            for name, child in node.value.items():
                yield name, child, kind[1:-1]
            return
        fields = OBJECTS[kind]
        rest = fields.get("*", "")
        for name, child in node.value.items():
            below = fields.get(name) or ("" if name.startswith("x-") else rest)
            if below:
                yield name, child, below
