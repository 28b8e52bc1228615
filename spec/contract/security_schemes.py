"""Security schemes, and what an operation requires of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spec.model.contract_model import SCHEME_TYPES, SecurityRequirement, SecurityScheme
from spec.model.pointers import join
from spec.reading.walking import Walker, extensions

__all__ = ["SecurityReader"]

_OTHER_TYPES = {
    **dict.fromkeys(("basic",), "write `type: http` and `scheme: basic`"),
    **dict.fromkeys(("bearer", "jwt", "token"), "write `type: http` and `scheme: bearer`"),
    **dict.fromkeys(("apikey", "api_key", "api-key"), "write `type: apiKey`"),
    **dict.fromkeys(("oauth", "oauth2.0"), "write `type: oauth2`"),
    **dict.fromkeys(("openid", "oidc", "openidconnect"), "write `type: openIdConnect`"),
}
"""What people write as the type of a security scheme."""


def _meant_type(kind: str) -> str:
    known = f"use one of {', '.join(sorted(SCHEME_TYPES))}"
    return _OTHER_TYPES.get(kind.lower(), known)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityReader:
    """Reads the Security Scheme and Security Requirement Objects of one document."""

    walk: Walker

    def security_schemes(self) -> dict[str, SecurityScheme]:
        """The declared security schemes; one of unknown type is a fault and stays in."""
        components = self.walk.mapping(self.walk.document.get("components"), "#/components")
        schemes: dict[str, SecurityScheme] = {}
        for name, value, pointer in self.walk.objects(
            components, "securitySchemes", "#/components"
        ):
            schemes[name] = self.security_scheme(name, value, pointer)
        return schemes

    def security_scheme(self, name: str, value: Mapping[str, Any], pointer: str) -> SecurityScheme:
        """A Security Scheme Object (OpenAPI 3.0 section 4.7.27)."""
        kind = str(value.get("type", ""))
        if kind not in SCHEME_TYPES:
            self.walk.fault(
                "unknown-security-scheme-type",
                join(pointer, "type"),
                f"the security scheme {name!r} "
                + (f"is of unknown type {kind!r}" if kind else "has no `type`"),
                f"{_meant_type(kind)}; until then it is not required",
            )
        flows = self.walk.mapping(value.get("flows"), join(pointer, "flows"))
        scopes = [
            scope
            for flow in flows.values()
            if isinstance(flow, dict) and isinstance(flow.get("scopes"), dict)
            for scope in flow["scopes"]
        ]
        return SecurityScheme(
            name=name,
            type=kind,
            scheme=str(value.get("scheme", "")).lower(),
            bearer_format=str(value.get("bearerFormat", "")),
            location=str(value.get("in", "")),
            parameter=str(value.get("name", "")),
            scopes=tuple(dict.fromkeys(map(str, scopes))),
            token_url=_token_url(flows.get("clientCredentials")),
            pointer=pointer,
            extensions=extensions(value),
        )

    def security(
        self, value: Mapping[str, Any], pointer: str, schemes: Mapping[str, SecurityScheme]
    ) -> tuple[SecurityRequirement, ...]:
        """The operation's own requirements, else the document's."""
        owner, at = (value, pointer) if "security" in value else (self.walk.document, "#")
        here = join(at, "security")
        found: list[SecurityRequirement] = []
        for index, one in enumerate(self.walk.items(owner.get("security"), here)):
            where = join(here, index)
            named = {
                str(name): tuple(map(str, scopes)) if isinstance(scopes, list) else ()
                for name, scopes in self.walk.mapping(one, where).items()
            }
            for name in named.keys() - schemes.keys():
                self.walk.fault(
                    "undeclared-security-scheme",
                    where,
                    f"the security scheme {name!r} is not declared",
                    "declare it in components/securitySchemes; until then it is not required",
                )
            known = {
                name: scopes
                for name, scopes in named.items()
                if name in schemes and schemes[name].known
            }
            found.append(SecurityRequirement(schemes=known, pointer=where))
        return tuple(found)


def _token_url(flow: Any) -> str:
    return str(flow.get("tokenUrl") or "") if isinstance(flow, dict) else ""
