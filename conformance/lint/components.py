"""Components that nothing refers to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.lint.remark import Remark
from conformance.report.codes.finding_code import FindingCode
from spec import Contract
from spec.model.pointers import join, split

__all__ = ["component_remarks"]

_NOUNS = {
    "schemas": "schema",
    "responses": "response",
    "parameters": "parameter",
    "examples": "example",
    "requestBodies": "request body",
    "headers": "header",
    "links": "link",
    "callbacks": "callback",
    "pathItems": "path item",
}


def component_remarks(contract: Contract) -> Iterator[Remark]:
    """Unused components; what only an unused one refers to is unused itself."""
    components = contract.document.get("components")
    if not isinstance(components, Mapping):
        return
    used = _reached(contract.document)
    for kind, noun in _NOUNS.items():
        named = components.get(kind)
        for name in named if isinstance(named, Mapping) else ():
            pointer = join("#", "components", kind, name)
            if pointer not in used:
                yield Remark(
                    code=FindingCode.UNUSED_COMPONENT,
                    pointer=pointer,
                    what=f"the {noun} {name!r} is never referenced",
                    remedy="refer to it, or remove it",
                    many=f"{noun} components are never referenced",
                )
    yield from _unused_schemes(contract)


def _unused_schemes(contract: Contract) -> Iterator[Remark]:
    """Security schemes apart: a requirement names them, and no `$ref` leads to them."""
    asked = {
        name
        for operation in contract.operations
        for requirement in operation.security
        for name in requirement.schemes
    }
    for name, scheme in contract.security_schemes.items():
        if scheme.known and name not in asked:
            yield Remark(
                code=FindingCode.UNUSED_SECURITY_SCHEME,
                pointer=scheme.pointer,
                what=f"no operation requires the security scheme {name!r}",
                remedy="require it with `security`, or remove it",
            )


def _reached(document: Mapping[str, Any]) -> set[str]:
    """The components that can be reached from outside of `components`."""
    outside = {key: value for key, value in document.items() if key != "components"}
    used: set[str] = set()
    waiting = list(_references(outside))
    while waiting:
        pointer = _component(waiting.pop())
        if pointer and pointer not in used:
            used.add(pointer)
            waiting.extend(_references(_found(document, pointer)))
    return used


def _component(reference: str) -> str:
    """The component that a reference leads to or into."""
    if not reference.startswith("#/components/"):
        # The name of a schema, as `discriminator` may have it.
        return "" if "/" in reference else join("#", "components", "schemas", reference)
    return join("#", *split(reference)[:3])


def _found(document: Any, pointer: str) -> Any:
    for token in split(pointer):
        document = document.get(token) if isinstance(document, Mapping) else None
    return document


def _references(value: Any) -> Iterator[str]:
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            reference = node.get("$ref", node.get("$dynamicRef"))
            if isinstance(reference, str):
                yield reference
            yield from _mapped(node.get("discriminator"))
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)


def _mapped(discriminator: Any) -> Iterator[str]:
    mapping = discriminator.get("mapping") if isinstance(discriminator, Mapping) else None
    if isinstance(mapping, Mapping):
        yield from (target for target in mapping.values() if isinstance(target, str))
