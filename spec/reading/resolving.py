"""Where a reference leads: to a part of a document, named by a pointer, an anchor or an `$id`.

A reference is relative to the schema resource that it stands in (JSON Schema Core section 8.2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import unquote

from spec.model.near_names import near_names
from spec.model.pointers import join, unescape
from spec.model.short_texts import shortened
from spec.reading.nodes import Node, Tokens
from spec.reading.sources import Document, LostError, SchemaResource, Sources, joined_uri

__all__ = ["LocatedNode", "Resolver"]

_HOPS = 32
"""How many references of references are followed."""
_MOST_NAMED = 500
"""Components among which one that is called alike is looked for: each costs a comparison."""
_SHOWN = 200
"""How many characters of a reference a message shows; one may be a megabyte."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatedNode:
    """A node with its kind, its path in its document, and the resource that it lies in."""

    node: Node
    kind: str
    path: Tokens
    base: SchemaResource

    @property
    def document(self) -> Document:
        """The document that the node stands in."""
        return self.base.document

    @property
    def pointer(self) -> str:
        """Where the node stands in the one document that is made of all."""
        return join("#", *self.document.prefix, *self.path)

    def below(self, key: str | int, node: Node, kind: str) -> LocatedNode:
        """A child of the node, in the same resource."""
        return replace(self, node=node, kind=kind, path=(*self.path, key))


@dataclass(slots=True, kw_only=True)
class Resolver:
    """Finds what the references of a contract name, in whichever of its files."""

    sources: Sources
    _hints: int = 50
    """References that lead nowhere for which one that is called alike is still looked for."""

    def resolved(self, written: str, spot: LocatedNode) -> LocatedNode:
        """What a reference names. Raises LostError where there is no such thing."""
        file, _, fragment = written.partition("#")
        whole = self.sources.resources[spot.document.uri]
        try:
            resource = self.sources.resource(file, spot.base)
        except LostError as lost:
            near = "" if fragment else self._meant_here(whole, file, spot.kind)
            if not near:
                raise
            raise LostError(lost.what, near) from None
        found = self._part(resource, unquote(fragment), spot.kind)
        if found is None and not file:
            # Below an `$id`, `#/components/…` means that schema; people mean the document.
            found = self._part(whole, unquote(fragment), spot.kind)
        if found is None:
            shown = shortened(written, _SHOWN)
            near = ""
            if not file and self._hints:
                # Each hint compares hundreds of names; a generated contract may have thousands of
                # such slips.
                self._hints -= 1
                near = _nearest(spot.document.root, unquote(fragment))
            raise LostError(
                f"$ref to {shown} does not resolve",
                near or "correct the reference, or add the part that it names",
            )
        return found

    def _meant_here(self, whole: SchemaResource, name: str, kind: str) -> str:
        """What to do about a file that is none, where a part of the document is called so."""
        for pointer in (f"/{name.lstrip('/')}", f"/components/schemas/{name}"):
            if len(name) <= _SHOWN and self._part(whole, pointer, kind) is not None:
                return f"did you mean '#{pointer}'?"
        return ""

    def rebased(self, spot: LocatedNode) -> LocatedNode:
        """The spot in the resource that it begins, where it has an `$id`."""
        own = spot.node.text("$id") if spot.kind == "Schema" else None
        if not own or own.startswith("#"):
            return spot
        # A file that is one schema has two URIs: its own, and that of its `$id`.
        is_file = spot.base is self.sources.resources[spot.document.uri]
        if spot.base.tokens == spot.path and (spot.path or not is_file):
            return spot
        uri = joined_uri(spot.base.uri, own).removesuffix("#")
        known = self.sources.resources.get(uri)
        if known is None or known.document is not spot.document or known.tokens != spot.path:
            # Two schemas call themselves the same: each keeps its own references.
            known = SchemaResource(uri=uri, document=spot.document, tokens=spot.path)
        return replace(spot, base=known)

    def _part(self, resource: SchemaResource, fragment: str, kind: str) -> LocatedNode | None:
        """What a fragment names in a resource: all of it, a pointer, or an anchor."""
        document = resource.document
        # An anchor never begins with a slash (JSON Schema Core section 8.2.2).
        tokens: Tokens | None = resource.anchors.get(fragment)
        if not fragment or fragment.startswith("/"):
            tokens = document.now((*resource.tokens, *_unescaped(fragment)))
        if tokens is None:
            return None
        spot = LocatedNode(node=document.root, kind=kind, path=(), base=resource)
        for token in tokens:
            node = spot.node.child(token)
            if node is None:
                return None
            spot = spot.below(token, node, kind)
            # An `$id` on the way begins a resource, against which what is below it is resolved.
            if len(spot.path) > len(resource.tokens):
                spot = self.rebased(spot)
        return spot

    def end_of(self, written: str, spot: LocatedNode) -> LocatedNode:
        """What a chain of references ends in. Raises LostError, also where it has no end."""
        target = self.resolved(written, spot)
        for _ in range(_HOPS):
            target = self.rebased(target)
            further = target.node.text("$ref")
            # With other keys beside it a `$ref` is no mere alias (OpenAPI 3.1, Schema Object).
            if further is None or len(target.node.members()) > 1:
                return target
            target = self.resolved(further, target)
        raise LostError("this $ref refers back to itself", "write the intended part in its place")


def _nearest(root: Node, pointer: str) -> str:
    """What to do about a pointer without a target: the component with a similar name."""
    components = root.child("components")
    sections = components.value if components and isinstance(components.value, dict) else {}
    named = [
        f"/components/{section}/{name}"
        for section, node in sections.items()
        for name in (node.value if isinstance(node.value, dict) else ())
    ]
    if len(pointer) > _SHOWN or len(named) > _MOST_NAMED:
        return ""
    last = pointer.rpartition("/")[2]
    near = [one for one in named if one.endswith(f"/{last}")]
    near = near or near_names(pointer, named)
    return f"did you mean '#{near[0]}'?" if near else ""


def _unescaped(fragment: str) -> tuple[str, ...]:
    """The tokens of a JSON Pointer that has no percent-escapes any more (RFC 6901 section 4)."""
    # `~0` first would turn `~01` into a slash.
    return tuple(unescape(one) for one in fragment.split("/")[1:])
