"""Objects that one alternative of `oneOf` allows and the others do not.

Where the alternatives only add optional properties, what one of them allows the others allow as
well. A property that is foreign to one alternative may have any value there, also one that the
others forbid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from spec.sampling.layers import Layer
from spec.schemas.alternatives import Alternatives, named_properties

__all__ = ["told_apart"]

_ODD: tuple[Any, ...] = (None, 0, "", [], {})
"""Values of which hardly any schema allows all; empty ones, since they say nothing."""
_MOST = 12
"""Single properties that are tried."""


def told_apart(
    value: Mapping[str, Any], layers: list[Layer], definitions: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """The object with properties that only other alternatives name; each has to be judged."""
    alternatives = Alternatives(definitions)
    for layer in layers:
        branches = layer.get("oneOf")
        named = [
            {
                name
                for way in alternatives.branches(one)
                for said in way
                for name in named_properties(said)
            }
            for one in (branches if isinstance(branches, list) else ())
        ]
        for own in named:
            foreign = set().union(*named) - own - value.keys()
            # One property is enough where there is one other alternative.
            few = [[one] for one in sorted(foreign)[:_MOST]]
            for names in [*few, sorted(foreign)] if foreign else ():
                yield from ({**value, **dict.fromkeys(names, odd)} for odd in _ODD)
