"""Which properties the contract itself calls secret, and which operations are about secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import Any

from conformance.http.masking import Secrets
from spec import Contract
from spec.model.contract_model import Operation
from spec.text.name_words import words_of
from spec.text.secrets import is_secret_name

__all__ = ["contract_secrets", "keeps_secrets", "secret_names"]

_WORD = re.compile(r"[A-Za-z][A-Za-z_-]+")


@lru_cache(maxsize=4)
def secret_names(contract: Contract) -> frozenset[str]:
    """The names of properties and parameters with `format: password`, or `writeOnly`.

    OpenAPI 3.0, "Data Types": `password` is "a hint to obscure input". A property that is written
    and never read has no business in a report either. What is kept under `/secrets` and its like
    has a plain name: `{key: OPENAI_API_KEY, value: …}`, and `{id: 7, key: …}` of `/api-keys`.
    """
    stored = {name for one in contract.operations for name in _stored_under(one)}
    return frozenset({*_names(contract.document), *stored})


def contract_secrets(contract: Contract, given: tuple[str, ...] = ()) -> Secrets:
    """What must not be shown of a deployment of the contract; `given` are the caller's own."""
    words = partial(_words, contract)
    return Secrets(given=given, named=secret_names(contract), words=words)


@lru_cache(maxsize=4)
def _words(contract: Contract) -> frozenset[str]:
    """The words without a digit that the contract itself says: everybody may read them."""
    words, stack = set[str](), list[Any]([contract.document])
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            stack.extend((*node, *node.values()))
        elif isinstance(node, list):
            stack.extend(node)
        elif isinstance(node, str):
            words.update(_WORD.findall(node))
    return frozenset(words)


def keeps_secrets(operation: Operation) -> bool:
    """Whether the things themselves are credentials: `/secrets`, `/users/{id}/tokens`."""
    return any(is_secret_name(one) for one in _fixed_steps(operation)[-1:])


def _stored_under(operation: Operation) -> Iterator[str]:
    for step in filter(is_secret_name, _fixed_steps(operation)):
        yield "value"
        if list(words_of(step))[-1].endswith("key"):
            yield "key"


def _fixed_steps(operation: Operation) -> list[str]:
    """The steps of its path that name what it is about, each as if there were one of it."""
    steps = [one for one in operation.path.split("/") if one and "{" not in one]
    return [one.removesuffix("s") for one in steps]


def _names(document: Any) -> Iterator[str]:
    # Without calls: a contract may be nested deeper than the stack of Python is.
    stack = [document]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            properties = node.get("properties")
            for name, schema in properties.items() if isinstance(properties, dict) else ():
                if _is_secret(schema):
                    yield str(name)
            if isinstance(node.get("in"), str) and _is_secret(node.get("schema")):
                yield str(node.get("name"))
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)


def _is_secret(schema: Any) -> bool:
    return isinstance(schema, dict) and (
        schema.get("format") == "password" or schema.get("writeOnly") is True
    )
