"""One document out of all that a contract refers to, in which every `$ref` is a local pointer.

Other files are mounted under `#/x-bundled/FILE`; `$id`, `$anchor` and file names become pointers
(JSON Schema Core section 8.2, OpenAPI 3.1 section 4.6). Whatever reads the contract afterwards
(validators, Schemathesis, a browser) needs one document and knows pointers. What OpenAPI does not
let be a reference and all the same is one (an operation, `content`, a list) is put in its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import unquote

from spec.model.errors import ContractError, Fault
from spec.model.pointers import join, split
from spec.reading.documents import read_file
from spec.reading.expanding import Exchange, put_in_place
from spec.reading.grammar import COUNTS, OBJECTS, children, referable
from spec.reading.nodes import Node, Tokens
from spec.reading.sources import MOUNT, Document, LostError, RefusedError, Resource, Sources, joined
from spec.reading.swagger import BODIES, MOVED, Upgrade, is_swagger

__all__ = ["Bundle", "bundle"]

_HOPS = 32


@dataclass(slots=True, kw_only=True)
class Bundle:
    """The one document, the files that went into it, and the references that are faults.

    `dynamic_anchors` has those of every schema resource, both by their pointers; it is empty where
    no schema has any.
    """

    root: Node
    dynamic_anchors: dict[str, dict[str, str]] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    faults: tuple[Fault, ...] = ()


def bundle(
    path: Path, name: str, remote_refs: tuple[str, ...] = (), root: Path | None = None
) -> Bundle:
    """Read a contract with everything that it refers to.

    Args:
        path: the contract.
        name: how messages call it.
        remote_refs: the URLs that may be fetched, each of them whole.
        root: the folder that every file has to be in; the contract's own where it is None.

    Raises:
        ContractError: a file cannot be read, lies outside of that folder, or is a URL that was
            not named. A file that is missing is a fault and no error.
    """
    document = read_file(path, name)
    if not isinstance(document.value, dict):
        raise ContractError(
            f"an OpenAPI document is a mapping, not {_kind(document)}",
            place=document.place,
            remedy="begin with `openapi: 3.0.3`",
        )
    sources = Sources(folder=(root or path.parent).resolve(), remote_refs=remote_refs)
    whole = sources.add(path.resolve().as_uri(), (), document)
    upgrade = Upgrade() if is_swagger(document) else None
    bundler = _Bundler(sources=sources, referable=referable(document), upgrade=upgrade)
    bundler.localise(whole)
    if sources.mounted:
        document = document.with_child(MOUNT, Node(sources.mounted, name, 0), line=0)
    faults = [*bundler.faults, *put_in_place(document, name, bundler.exchanges)]
    return Bundle(
        root=document,
        dynamic_anchors=sources.dynamic_anchors(),
        files=(path, *sources.files),
        faults=tuple(faults),
    )


def _kind(node: Node) -> str:
    return {list: "a list", str: "text", type(None): "nothing"}.get(type(node.value), "a scalar")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spot:
    """A node with its kind, its path in its document, and the resource that it lies in."""

    node: Node
    kind: str
    path: Tokens
    base: Resource

    @property
    def document(self) -> Document:
        return self.base.document

    @property
    def pointer(self) -> str:
        return join("#", *self.document.prefix, *self.path)


@dataclass(slots=True, kw_only=True)
class _Bundler:
    sources: Sources
    referable: frozenset[str]
    upgrade: Upgrade | None = None
    faults: list[Fault] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    """What stands where no reference may."""
    _seen: set[tuple[int, str]] = field(default_factory=set)
    _rewritten: set[int] = field(default_factory=set)
    _waiting: list[_Spot] = field(default_factory=list)
    _late: list[tuple[_Spot, str]] = field(default_factory=list)
    _hints: int = 50
    """References that lead nowhere for which one that is called alike is looked for."""
    """References to URIs that nothing had when they were met: a later document may."""

    def localise(self, whole: Resource) -> None:
        """Rewrite every reference that can be reached, reading what they name."""
        root = whole.document.root
        self._waiting.append(_Spot(node=root, kind="OpenAPI", path=(), base=whole))
        while self._waiting:
            self._visit(self._waiting.pop())
            if not self._waiting:
                late, self._late = self._late, []
                for spot, key in late:
                    self._refer(spot, key, last=True)

    def _visit(self, spot: _Spot) -> None:
        seen = (id(spot.node), spot.kind)
        if seen in self._seen:
            return
        self._seen.add(seen)
        spot = self._rebased(spot)
        if self.upgrade is not None:
            self._upgrade(spot, self.upgrade)
        if _text(spot.node, "$ref") is not None and not spot.kind.startswith("OpenAPI"):
            if spot.kind not in self.referable:
                self._misplaced(spot)
                return
            self._refer(spot, "$ref")
        if spot.kind == "Schema" and _text(spot.node, "$dynamicRef") is not None:
            self._refer(spot, "$dynamicRef")
        if spot.kind == "Link" and _text(spot.node, "operationRef") is not None:
            self._refer(spot, "operationRef")
        if spot.kind == "Discriminator":
            self._discriminate(spot)
        self._count(spot)
        self._data(spot)
        for key, child, kind in children(spot.node, spot.kind):
            path = (*spot.path, key)
            self._waiting.append(_Spot(node=child, kind=kind, path=path, base=spot.base))

    def _upgrade(self, spot: _Spot, upgrade: Upgrade) -> None:
        def resolved(parameter: Node) -> Node:
            written = _text(parameter, "$ref")
            if written is None:
                return parameter
            named = replace(spot, node=parameter, kind="Parameter")
            try:
                return self._end_of(written, named).node
            except LostError:
                return parameter

        upgrade.apply(spot.node, spot.kind, resolved)
        if spot.kind == "OpenAPI":
            spot.document.moved = dict(MOVED)
            for name in _names(spot.node.child(BODIES)):
                spot.document.moved[("parameters", name)] = (BODIES, name)

    def _refer(self, spot: _Spot, key: str, *, last: bool = False) -> None:
        """Rewrite one reference and go on with what it names."""
        written = _text(spot.node, key)
        scalar = spot.node.child(key)
        if written is None or scalar is None or id(scalar) in self._rewritten:
            return
        try:
            target = self._resolved(written, spot)
        except LostError as lost:
            if not last:
                self._late.append((spot, key))
            else:
                self._tell(spot, scalar, lost)
            return
        pointer = target.document.pointer(target.path)
        # What is local already keeps the author's spelling.
        if not (written.startswith("#/") and split(pointer) == split(written)):
            self._rewrite(spot.node, key, pointer)
        self._waiting.append(target)

    def _rewrite(self, node: Node, key: str, text: str) -> None:
        assert isinstance(node.value, dict)
        old = node.value[key]
        node.value[key] = new = Node(text, old.file, old.line)
        self._rewritten.add(id(new))

    def _tell(self, spot: _Spot, scalar: Node, lost: LostError) -> None:
        if isinstance(lost, RefusedError):
            raise ContractError(lost.what, place=scalar.place, remedy=lost.remedy) from None
        self.faults.append(
            Fault(
                code="unresolved-reference",
                place=scalar.place,
                pointer=spot.pointer,
                what=lost.what,
                remedy=lost.remedy,
            )
        )

    def _resolved(self, written: str, spot: _Spot) -> _Spot:
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
        found = self._found(resource, unquote(fragment), spot.kind)
        if found is None and not file:
            # Below an `$id`, `#/components/…` means that schema; people mean the document.
            found = self._found(whole, unquote(fragment), spot.kind)
        if found is None:
            shown = written if len(written) <= _SHOWN else f"{written[:_SHOWN]}…"
            near = ""
            if not file and self._hints:
                self._hints -= 1
                near = _nearest(spot.document.root, unquote(fragment))
            raise LostError(
                f"$ref to {shown} does not resolve",
                near or "correct the reference, or add the part that it names",
            )
        return found

    def _meant_here(self, whole: Resource, name: str, kind: str) -> str:
        """What to do about a file that is none, where a part of the document is called so."""
        for pointer in (f"/{name.lstrip('/')}", f"/components/schemas/{name}"):
            if len(name) <= _SHOWN and self._found(whole, pointer, kind) is not None:
                return f"did you mean '#{pointer}'?"
        return ""

    def _rebased(self, spot: _Spot) -> _Spot:
        """The spot in the resource that it begins, where it has an `$id`."""
        own = _text(spot.node, "$id") if spot.kind == "Schema" else None
        if not own or own.startswith("#") or spot.base.tokens == spot.path:
            return spot
        uri = joined(spot.base.uri, own).removesuffix("#")
        known = self.sources.resources.get(uri)
        if known is None or known.document is not spot.document or known.tokens != spot.path:
            # Two schemas call themselves the same: each keeps its own references.
            known = Resource(uri=uri, document=spot.document, tokens=spot.path)
        return replace(spot, base=known)

    def _found(self, resource: Resource, fragment: str, kind: str) -> _Spot | None:
        """What a fragment names in a resource: all of it, a pointer, or an anchor."""
        document = resource.document
        tokens: Tokens | None = resource.anchors.get(fragment)
        if not fragment or fragment.startswith("/"):
            tokens = document.now((*resource.tokens, *_tokens(fragment)))
        if tokens is None:
            return None
        spot = _Spot(node=document.root, kind=kind, path=(), base=resource)
        for token in tokens:
            node = spot.node.child(token)
            if node is None:
                return None
            spot = replace(spot, node=node, path=(*spot.path, token))
            if len(spot.path) > len(resource.tokens):
                spot = self._rebased(spot)
        return spot

    def _end_of(self, written: str, spot: _Spot) -> _Spot:
        """What a chain of references ends in. Raises LostError, also where it has no end."""
        target = self._resolved(written, spot)
        for _ in range(_HOPS):
            target = self._rebased(target)
            further = _text(target.node, "$ref")
            if further is None or len(target.node.value) > 1:  # type: ignore[arg-type]
                return target
            target = self._resolved(further, target)
        raise LostError("this $ref refers back to itself", "write the intended part in its place")

    def _count(self, spot: _Spot) -> None:
        """`minItems: 2.0` is 2 (JSON Schema Core section 4.2.3); all who count expect an int."""
        if spot.kind != "Schema" or not isinstance(spot.node.value, dict):
            return
        for key in COUNTS & spot.node.value.keys():
            scalar = spot.node.value[key]
            if isinstance(scalar.value, float) and scalar.value.is_integer():
                spot.node.value[key] = Node(int(scalar.value), scalar.file, scalar.line)

    def _misplaced(self, spot: _Spot) -> None:
        """A reference in place of what has to be written out: what it names is meant."""
        scalar = spot.node.child("$ref")
        assert scalar is not None
        try:
            target = self._end_of(str(scalar.value), spot)
        except LostError as lost:
            self._tell(spot, scalar, lost)
            return
        self._exchange(spot, target, scalar)
        self._waiting.append(target)
        for key, child, kind in children(spot.node, spot.kind):
            if key != "$ref":
                path = (*spot.path, key)
                self._waiting.append(_Spot(node=child, kind=kind, path=path, base=spot.base))

    def _exchange(self, spot: _Spot, target: _Spot, scalar: Node) -> None:
        fault = Fault(
            code="misplaced-reference",
            place=scalar.place,
            pointer=spot.pointer,
            what=f"OpenAPI allows no $ref in place of {_noun(spot)}; the target is served anyway",
            remedy="write the target out there",
        )
        self.exchanges.append(Exchange(node=spot.node, meant=target.node, fault=fault))

    def _data(self, spot: _Spot) -> None:
        """Plain data that is nothing but a `$ref` to something that is there: it is meant."""
        fields = OBJECTS.get(spot.kind, {})
        for key, child in spot.node.value.items() if isinstance(spot.node.value, dict) else ():
            written = _text(child, "$ref")
            if written is None or fields.get(key) != "" or len(child.value) != 1:  # type: ignore[arg-type]
                continue
            data = _Spot(node=child, kind="", path=(*spot.path, key), base=spot.base)
            try:
                target = self._end_of(written, data)
            except (LostError, ContractError):
                continue
            example = target.node.child("value") if "examples" in target.path else None
            scalar = child.child("$ref")
            assert scalar is not None
            if example is not None:
                path = (*target.path, "value")
                target = _Spot(node=example, kind="", path=path, base=target.base)
            self._exchange(data, target, scalar)

    def _discriminate(self, spot: _Spot) -> None:
        """A mapping's values are references or names of schemas (OpenAPI 3.0 section 4.7.25)."""
        mapping = spot.node.child("mapping")
        for name, scalar in _items(mapping):
            written = _text(mapping, name)
            if written is None or written.startswith("#/") or id(scalar) in self._rewritten:
                continue
            if not ("/" in written or "#" in written or written.endswith((".yaml", ".json"))):
                continue
            schema = _Spot(node=scalar, kind="Schema", path=spot.path, base=spot.base)
            try:
                target = self._resolved(written, schema)
            except LostError:
                continue
            assert mapping is not None
            self._rewrite(mapping, name, target.document.pointer(target.path))
            self._waiting.append(target)


_MOST_NAMED = 500
"""Components among which one that is called alike is looked for: each costs a comparison."""
_SHOWN = 200


def _names(node: Node | None) -> Iterator[str]:
    yield from (name for name, _ in _items(node))


def _items(node: Node | None) -> Iterator[tuple[str, Node]]:
    if node is not None and isinstance(node.value, dict):
        yield from tuple(node.value.items())


def _nearest(root: Node, pointer: str) -> str:
    """What to do about a pointer that leads nowhere: the component that is called alike."""
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
    near = near or get_close_matches(pointer, named, n=1)
    return f"did you mean '#{near[0]}'?" if near else ""


def _text(node: Node | None, key: str) -> str | None:
    """The text under a key of a mapping."""
    if node is None or not isinstance(node.value, dict):
        return None
    child = node.value.get(key)
    return child.value if child is not None and isinstance(child.value, str) else None


def _noun(spot: _Spot) -> str:
    if spot.kind in OBJECTS:
        return f"the {spot.kind} Object"
    name = spot.path[-1] if spot.path else ""
    return f"`{name}`"


def _tokens(fragment: str) -> tuple[str, ...]:
    return tuple(one.replace("~1", "/").replace("~0", "~") for one in fragment.split("/")[1:])
