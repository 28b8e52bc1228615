"""Media types, and what a client accepts (RFC 9110 sections 8.3.1 and 12.5.1)."""

from __future__ import annotations

__all__ = ["acceptable", "media_type"]


def media_type(value: str) -> tuple[str, dict[str, str]]:
    """The type in lower case, and its parameters without quotes."""
    kind, *rest = value.split(";")
    parameters = dict[str, str]()
    for parameter in rest:
        name, _, content = parameter.partition("=")
        parameters[name.strip().lower()] = content.strip().strip('"')
    return kind.strip().lower(), parameters


def acceptable(accept: str, offer: str) -> bool:
    """Whether an Accept header lets `offer` through; the most specific range decides."""
    if not accept.strip():
        return True
    ranges = [media_type(part) for part in accept.split(",") if part.strip()]
    for wanted in (offer, f"{offer.partition('/')[0]}/*", "*/*"):
        for kind, parameters in ranges:
            if kind == wanted:
                return _quality(parameters.get("q", "1")) > 0
    return not any("/" in kind for kind, _ in ranges)


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1.0
