"""Every reference of a contract rewritten as a pointer into the one document that is made of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from spec.model.errors import ContractError, Fault
from spec.model.pointers import join, split
from spec.reading.expanding import Substitution
from spec.reading.grammar import OBJECTS, child_nodes
from spec.reading.nodes import Node
from spec.reading.resolving import LocatedNode, Resolver
from spec.reading.sources import MOUNT, BrokenFileError, LostError, RefusedError, SchemaResource
from spec.reading.swagger import BODIES, MOVED, Upgrade
from spec.reading.swagger_values import mapping_members
from spec.schemas.keywords import COUNTS

__all__ = ["BROKEN_FILE", "Localiser"]

BROKEN_FILE = "broken-file"
"""The code of a file that is referred to and cannot be read."""


@dataclass(slots=True, kw_only=True)
class Localiser:
    """Rewrites the references of one contract, in place, and reads the files that they name.

    Nodes are changed, which only the reader of a document may do, before anybody else has them.
    `faults` and `substitutions` are what it finds on the way.
    """

    resolver: Resolver
    referable: frozenset[str]
    """The kinds of objects that may be a reference in the contract's version of OpenAPI."""
    upgrade: Upgrade | None = None
    faults: list[Fault] = field(default_factory=list)
    substitutions: list[Substitution] = field(default_factory=list)
    """References in places where OpenAPI allows none, to be replaced by their targets."""
    _seen: set[tuple[int, str]] = field(default_factory=set)
    _rewritten: set[int] = field(default_factory=set)
    _waiting: list[LocatedNode] = field(default_factory=list)
    _late: list[tuple[LocatedNode, str]] = field(default_factory=list)
    """References to URIs that nothing had when they were met: a later document may."""

    def localise(self, whole: SchemaResource) -> None:
        """Rewrite every reference that can be reached, reading what they name."""
        root = whole.document.root
        self._waiting.append(LocatedNode(node=root, kind="OpenAPI", path=(), base=whole))
        while self._waiting:
            self._visit(self._waiting.pop())
            # A reference may name the `$id` of a document that only a later reference opens.
            if not self._waiting:
                late, self._late = self._late, []
                for spot, key in late:
                    self._refer(spot, key, last=True)

    def _visit(self, spot: LocatedNode) -> None:
        seen = (id(spot.node), spot.kind)
        if seen in self._seen:
            return
        self._seen.add(seen)
        spot = self.resolver.rebased(spot)
        # Before the object is read: the grammar of OpenAPI 3 knows nothing of Swagger's keys.
        if self.upgrade is not None:
            self._upgrade(spot, self.upgrade)
        if spot.node.text("$ref") is not None and not spot.kind.startswith("OpenAPI"):
            if spot.kind not in self.referable:
                self._misplaced(spot)
                return
            self._refer(spot, "$ref")
        if spot.kind == "Schema" and spot.node.text("$dynamicRef") is not None:
            self._refer(spot, "$dynamicRef")
        if spot.kind == "Link" and spot.node.text("operationRef") is not None:
            self._refer(spot, "operationRef")
        if spot.kind == "Discriminator":
            self._discriminate(spot)
        self._count(spot)
        self._data(spot)
        self._wait_for_children(spot)

    def _wait_for_children(self, spot: LocatedNode) -> None:
        for key, child, kind in child_nodes(spot.node, spot.kind):
            self._waiting.append(spot.below(key, child, kind))

    def _upgrade(self, spot: LocatedNode, upgrade: Upgrade) -> None:
        def resolved(parameter: Node) -> Node:
            written = parameter.text("$ref")
            if written is None:
                return parameter
            named = replace(spot, node=parameter, kind="Parameter")
            try:
                return self.resolver.end_of(written, named).node
            except LostError:
                return parameter

        upgrade.apply(spot.node, spot.kind, resolved)
        if spot.kind == "OpenAPI":
            spot.document.moved = dict(MOVED)
            for name in mapping_members(spot.node.child(BODIES)):
                spot.document.moved[("parameters", name)] = (BODIES, name)

    def _refer(self, spot: LocatedNode, key: str, *, last: bool = False) -> None:
        """Rewrite one reference and go on with what it names."""
        written = spot.node.text(key)
        scalar = spot.node.child(key)
        if written is None or scalar is None or id(scalar) in self._rewritten:
            return
        try:
            target = self.resolver.resolved(written, spot)
        except LostError as lost:
            if not last:
                self._late.append((spot, key))
            else:
                self._tell(spot, scalar, lost)
            return
        self._lead(spot.node, key, target)

    def _lead(self, node: Node, key: str, target: LocatedNode) -> None:
        """Write a reference as a pointer into the one document, and look at its target."""
        scalar, pointer = node.members()[key], target.document.pointer(target.path)
        written = str(scalar.value)
        # What is local already keeps the author's spelling.
        if not (written.startswith("#/") and split(pointer) == split(written)):
            node.members()[key] = new = scalar.here(pointer)
            # A node may be reached by two ways: what is rewritten must not be resolved once more.
            self._rewritten.add(id(new))
        self._waiting.append(target)

    def _tell(self, spot: LocatedNode, scalar: Node, lost: LostError) -> None:
        if isinstance(lost, RefusedError):
            raise ContractError(lost.what, place=scalar.place, remedy=lost.remedy) from None
        if isinstance(lost, BrokenFileError):
            # Told once, at the file, whatever refers to it.
            self.faults.append(
                Fault(
                    code=BROKEN_FILE,
                    place=lost.place or scalar.place,
                    pointer=join("#", MOUNT, lost.name),
                    what=lost.what,
                    remedy=lost.remedy,
                )
            )
            return
        self.faults.append(
            Fault(
                code="unresolved-reference",
                place=scalar.place,
                pointer=spot.pointer,
                what=lost.what,
                remedy=lost.remedy,
            )
        )

    def _count(self, spot: LocatedNode) -> None:
        """`minItems: 2.0` is 2 (JSON Schema Core section 4.2.3); all who count expect an int."""
        members = spot.node.members() if spot.kind == "Schema" else {}
        for key in COUNTS & members.keys():
            scalar = members[key]
            if isinstance(scalar.value, float) and scalar.value.is_integer():
                members[key] = scalar.here(int(scalar.value))

    def _misplaced(self, spot: LocatedNode) -> None:
        """A reference in place of what has to be written out: what it names is meant."""
        scalar = spot.node.child("$ref")
        assert scalar is not None
        try:
            target = self.resolver.end_of(str(scalar.value), spot)
        except LostError as lost:
            self._tell(spot, scalar, lost)
            return
        self._substitute(spot, target, scalar)
        self._waiting.append(target)
        # The `$ref` itself is among them and no object, so that it is passed over.
        self._wait_for_children(spot)

    def _substitute(self, spot: LocatedNode, target: LocatedNode, scalar: Node) -> None:
        fault = Fault(
            code="misplaced-reference",
            place=scalar.place,
            pointer=spot.pointer,
            what=f"OpenAPI allows no $ref in place of {_noun(spot)}; the target is served anyway",
            remedy="write the target out there",
        )
        self.substitutions.append(Substitution(node=spot.node, meant=target.node, fault=fault))

    def _data(self, spot: LocatedNode) -> None:
        """Plain data that is nothing but a `$ref` to something that is there: it is meant."""
        fields = OBJECTS.get(spot.kind, {})
        for key, child in spot.node.members().items():
            written = child.text("$ref")
            if written is None or fields.get(key) != "" or len(child.members()) != 1:
                continue
            data = spot.below(key, child, "")
            try:
                target = self.resolver.end_of(written, data)
            except (LostError, ContractError):
                continue
            # `example: {$ref: …/examples/one}` means the value of that Example Object.
            example = target.node.child("value") if "examples" in target.path else None
            if example is not None:
                target = target.below("value", example, "")
            self._substitute(data, target, child.members()["$ref"])

    def _discriminate(self, spot: LocatedNode) -> None:
        """A mapping's values are references or names of schemas (OpenAPI 3.0 section 4.7.25)."""
        mapping = spot.node.child("mapping")
        if mapping is None:
            return
        for name, scalar in tuple(mapping.members().items()):
            written = mapping.text(name)
            if written is None or id(scalar) in self._rewritten:
                continue
            # Whatever else is the name of a schema, which needs no rewriting.
            if not ("/" in written or "#" in written or written.endswith((".yaml", ".json"))):
                continue
            schema = replace(spot, node=scalar, kind="Schema")
            try:
                target = self.resolver.resolved(written, schema)
            except LostError:
                continue
            self._lead(mapping, name, target)


def _noun(spot: LocatedNode) -> str:
    if spot.kind in OBJECTS:
        return f"the {spot.kind} Object"
    name = spot.path[-1] if spot.path else ""
    return f"`{name}`"
