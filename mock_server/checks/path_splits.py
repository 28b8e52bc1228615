"""How a path is divided: `/{name}.{ext}` matches `/a.min.js` in two ways.

A template with several parameters in one segment does not say where each ends. The router takes
the first way; the other ones are tried where the values of the first break their schemas.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product

from spec.model.path_templates import template_names, template_shape

__all__ = ["splits"]

_MOST = 64


def splits(template: str, values: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The other ways in which the template fits the same path, at most 64 of them.

    `values` are the parameters as sent, as one way has them.
    """
    # Only a segment with several parameters can be divided: a slash in a value is encoded.
    mixed = [one for one in template.split("/") if len(template_names(one)) > 1]
    ways = [list(islice(_ways(segment, values), _MOST)) for segment in mixed]
    for chosen in islice(product(*ways), _MOST):
        found = dict(values)
        for one in chosen:
            found |= one
        if found != dict(values):
            yield found


def _ways(segment: str, values: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The ways to divide one segment of the path."""
    names = template_names(segment)
    literals = template_shape(segment).split("{}")
    if not all(name in values for name in names):
        return
    text = literals[0] + "".join(
        values[name] + literal for name, literal in zip(names, literals[1:], strict=True)
    )
    inner = text[len(literals[0]) : len(text) - len(literals[-1]) or None]
    for parts in _divided(inner, literals[1:-1]):
        yield dict(zip(names, parts, strict=True))


def _divided(text: str, dividers: Sequence[str]) -> Iterator[list[str]]:
    """The ways to divide a text such that no part of it is empty."""
    if not dividers:
        if text:
            yield [text]
        return
    divider, at = dividers[0], 1
    while (at := text.find(divider, at)) > 0:
        for rest in _divided(text[at + len(divider) :], dividers[1:]):
            yield [text[:at], *rest]
        at += 1
