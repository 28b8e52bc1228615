"""The keys that not every version of OpenAPI has, by the object that they belong to."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["SINCE_31", "SINCE_32", "SWAGGER_REMEDIES"]

SINCE_31: Mapping[str, frozenset[str]] = {
    "Schema": frozenset(
        {"const", "prefixItems", "if", "then", "else", "contains", "propertyNames", "$defs", "$id"}
        | {"patternProperties", "dependentRequired", "dependentSchemas", "unevaluatedItems"}
        | {"unevaluatedProperties", "contentEncoding", "contentMediaType", "contentSchema"}
        | {"examples", "minContains", "maxContains", "$anchor", "$dynamicRef", "$dynamicAnchor"}
    ),
    "OpenAPI": frozenset({"webhooks", "jsonSchemaDialect"}),
    "Components": frozenset({"pathItems"}),
}
"""New in OpenAPI 3.1, whose schemas are JSON Schema 2020-12."""
SINCE_32: Mapping[str, frozenset[str]] = {
    "MediaType": frozenset({"itemSchema", "prefixEncoding", "itemEncoding"}),
    "PathItem": frozenset({"query", "additionalOperations"}),
    "OpenAPI": frozenset({"$self"}),
    "Components": frozenset({"mediaTypes"}),
    "Example": frozenset({"dataValue", "serializedValue"}),
    "Discriminator": frozenset({"defaultMapping"}),
    "XML": frozenset({"nodeType"}),
    "SecurityScheme": frozenset({"oauth2MetadataUrl", "deprecated"}),
    "OAuthFlows": frozenset({"deviceAuthorization"}),
    "OAuthFlow": frozenset({"deviceAuthorizationUrl"}),
    "Tag": frozenset({"summary", "parent", "kind"}),
    "Server": frozenset({"name"}),
    "Response": frozenset({"summary"}),
}
"""New in OpenAPI 3.2."""
SWAGGER_REMEDIES: Mapping[str, Mapping[str, str]] = {
    "OpenAPI": {
        "swagger": "remove it; `openapi` names the version",
        "definitions": "move it to `components/schemas`",
        "securityDefinitions": "move it to `components/securitySchemes`",
        "host": "write `servers` instead",
        "basePath": "write `servers` instead",
        "schemes": "write `servers` instead",
        "consumes": "name the media types under `requestBody/content`",
        "produces": "name the media types under `responses/…/content`",
        "parameters": "move it to `components/parameters`",
        "responses": "move it to `components/responses`",
    },
    "Operation": {
        "consumes": "name the media types under `requestBody/content`",
        "produces": "name the media types under `responses/…/content`",
        "schemes": "write `servers` instead",
    },
    "Parameter": {
        **dict.fromkeys(
            [
                *("type", "format", "items", "enum", "default", "minimum", "maximum", "pattern"),
                *("minLength", "maxLength", "minItems", "maxItems", "uniqueItems"),
            ],
            "write it below `schema`",
        ),
        "collectionFormat": "write `style` and `explode` instead",
    },
    "Header": {
        **dict.fromkeys(("type", "format", "items", "enum", "default"), "write it below `schema`"),
        "collectionFormat": "write `style` and `explode` instead",
    },
    "Response": {
        "schema": "write it below `content` and a media type",
        "examples": "write them below `content` and a media type",
    },
}
"""Keys of Swagger 2.0, each with what to write instead."""
