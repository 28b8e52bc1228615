"""Values that the deployment knows: those that lists have shown, and those that it has accepted.

The contract says what the names of models look like, and a list of the deployment which there are.
A user who can log in is one who was signed up. They are used where the deployment refuses the
values that the contract gives as an example.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.http.exchange import Answer
from conformance.judgement.json_answers import read_json
from spec.contract.resource_paths import canonical
from spec.model.contract_model import Operation
from spec.text.name_words import singular, words_of

__all__ = ["ListedValues"]

MOST = 3
"""Values of one list that are tried."""
MOST_ACCEPTED = 20
"""Accepted bodies that are remembered, the latest."""
_NAMES = ("id", "name", "key", "slug", "code")
"""What the name of a listed thing is called, the likeliest first, and how a property ends."""


class ListedValues:
    """The values by the noun of the list: those of `GET /api/models` are models."""

    def __init__(self) -> None:
        self._by_noun = dict[str, list[Any]]()
        self._accepted = list[Mapping[str, Any]]()

    def accept(self, operation: Operation, body: Any) -> None:
        """Remember what a POST was accepted with."""
        if operation.method == "POST" and isinstance(body, dict) and body:
            self._accepted = [body, *self._accepted][:MOST_ACCEPTED]

    def together(self, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The body with values that were accepted in one request that has all of its names.

        One name alone proves nothing: a name and a password belong to one user.
        """
        for known in self._accepted if len(body) > 1 else ():
            if body.keys() <= known.keys():
                yield {name: known[name] for name in body}

    def see(self, operation: Operation, answer: Answer) -> None:
        """Remember what a GET has listed."""
        noun = _noun(canonical(operation.path).rpartition("/")[2])
        if operation.method != "GET" or answer.status != 200 or not noun:
            return
        # Without repetition, in the order of the list: the first is the likeliest.
        found = list(dict.fromkeys(_values(read_json(answer.body).value, noun)))
        if found:
            self._by_noun[noun] = found[:MOST]

    def of(self, name: str) -> list[Any]:
        """The values for a property: of `model`, `modelId`, `model_name` those of models."""
        words = words_of(name)
        # `model_id` means a model; `id` alone says nothing.
        if len(words) > 1 and words[-1] in _NAMES:
            words.pop()
        return self._by_noun.get(words[-1], []) if words else []


def _noun(segment: str) -> str:
    """`models` is a list of what is called `model`; "" where a segment is no such list."""
    one = singular(segment)
    return one[-1] if one and [*one] != words_of(segment) else ""


def _values(value: Any, noun: str) -> Iterator[Any]:
    """The names in a list, bare or in an envelope."""
    lists = [value] if isinstance(value, list) else []
    if isinstance(value, dict):
        lists = [one for one in value.values() if isinstance(one, list)]
    for one in (item for found in lists for item in found):
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            named = (one[name] for name in (*_NAMES, noun) if isinstance(one.get(name), (str, int)))
            yield from list(named)[:1]
