"""A document as an answer shows it: what the schema lets through, with what it asks for besides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mock_server.state.outlines import enveloped
from mock_server.state.resources import Resource
from spec import Violation
from spec.model.pointers import split
from spec.schemas.marks import without_marked
from spec.schemas.shapes import Shape
from spec.text.name_words import words_of
from spec.text.secrets import is_secret_name

__all__ = ["MASKED", "Judge", "shown_in", "shown_secret"]

Judge = Callable[[Any], Sequence[Violation]]
"""What of a whole answer breaks its schema."""

MASKED = frozenset({"masked", "mask", "hidden", "redacted", "obfuscated", "preview", "hint"})
_DOTS = "••••••••"
_ROUNDS = 4


def shown_in(
    judge: Judge, document: Mapping[str, Any], shape: Shape, base: Any, resource: Resource
) -> tuple[Any, str]:
    """A whole answer that shows a document, and ""; or None, and why it cannot satisfy its schema.

    The answer may have the document in an envelope, of which the rest is the contract's own.
    """
    name = enveloped(shape, resource.nouns)
    inner = shape.member(name) if name else shape
    own = base.get(name) if name and isinstance(base, dict) else base
    shown = _shown_document(document, inner, own, resource.shape)
    why = ""
    # Each round takes out what is wrong at the top; taking one out may make another one required.
    for _ in range(_ROUNDS):
        answer = {**(base if isinstance(base, dict) else {}), name: shown} if name else shown
        wrong = judge(answer)
        if not wrong:
            return answer, ""
        why = f"{wrong[0].pointer or 'it'} {wrong[0].message}"
        shown = _without(shown, [one.pointer for one in wrong], name, own)
    return None, why


def shown_secret(text: str) -> str:
    """A credential with its middle hidden, as services show it."""
    if len(text) < 12:
        return _DOTS
    # The prefix names the kind of a key (`sk_live_`); a short credential would be given away by it.
    return f"{text[:8] if len(text) >= 24 else ''}{_DOTS}{text[-4:]}"


def _shown_document(
    document: Mapping[str, Any], shape: Shape, base: Any, thing: Shape
) -> dict[str, Any]:
    """What the schema knows of a document; what it asks for besides is the contract's own.

    What it does not know is left out: a password that was sent does not come back.
    """
    own = base if isinstance(base, dict) else {}
    # A schema without properties describes no answer in particular: everything is shown.
    is_known = shape.additional is not None or not shape.properties
    marked: dict[str, Any] = without_marked(dict(document), shape, "writeOnly")
    shown = {
        name: _as_status(value, shape.properties.get(name), own.get(name))
        for name, value in marked.items()
        if is_known or name in shape.properties
    }
    secret = _only_secret(document, shape)
    for name, part in shape.properties.items():
        # The contract's own answer masks a credential of its own; this one was sent.
        if secret is not None and _is_about_secret(name, part):
            shown[name] = _about(secret, name, part)
        elif name in shown:
            continue
        elif name in own and (shape.requires(name) or name not in thing.properties):
            shown[name] = own[name]
    return shown


def _as_status(value: Any, part: Shape | None, base: Any) -> Any:
    """A text where the answer has an object: what tells whether there is one, and shows it masked.

    So a key that was set becomes `{configured: true, maskedKey: …}`.
    """
    is_text = value is None or isinstance(value, str)
    if part is None or not is_text or part.admits(value) or not part.properties:
        return value
    own = base if isinstance(base, dict) else {}
    made = {name: _about(value, name, one) for name, one in part.properties.items()}
    return {**own, **{name: one for name, one in made.items() if one is not _UNKNOWN}}


_UNKNOWN = object()


def _about(secret: str | None, name: str, part: Shape) -> Any:
    if "boolean" in part.types and not part.is_anything:
        return secret is not None
    if MASKED & set(words_of(name)):
        return None if secret is None else shown_secret(secret)
    return _UNKNOWN


def _is_about_secret(name: str, part: Shape) -> bool:
    return bool(MASKED & set(words_of(name))) and "string" in part.types


def _only_secret(document: Mapping[str, Any], shape: Shape) -> str | None:
    """The one credential of a document that its answer does not show as it is."""
    found = [
        value
        for name, value in document.items()
        if isinstance(value, str) and is_secret_name(name) and name not in shape.properties
    ]
    return found[0] if len(found) == 1 else None


def _without(shown: dict[str, Any], pointers: Sequence[str], name: str | None, own: Any) -> Any:
    """What is shown without the properties that are wrong; the contract's own in their place."""
    depth = 1 if name else 0
    wrong = {tokens[depth] for tokens in map(split, pointers) if len(tokens) > depth}
    kept = {k: v for k, v in shown.items() if k not in wrong}
    given = own if isinstance(own, dict) else {}
    return {**kept, **{k: given[k] for k in wrong if k in given}}
