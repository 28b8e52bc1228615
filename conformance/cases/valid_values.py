"""Good values for a schema: the plainest, and the fullest that takes given alternatives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from conformance.cases.discriminator_values import with_discriminators
from conformance.cases.full_values import Filling
from conformance.clauses.schema_nodes import Branch, SchemaNode, nodes
from conformance.clauses.value_paths import DROP, path_of, put
from spec import Contract, Direction
from spec.model.contract_model import Schema

__all__ = ["ValidValueBuilder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidValueBuilder:
    """Builds values that a contract allows in one direction; judged before they are handed out.

    `tagged` are the discriminators of the schemas that were seen, by pointer.
    """

    contract: Contract
    direction: Direction = Direction.REQUEST
    tagged: dict[str, tuple[SchemaNode, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def valid(self, schema: Schema, value: Any) -> bool:
        """Whether the contract allows the value, its discriminators included."""
        if self.contract.violations(schema, self.direction, value):
            return False
        return not self._tagged(schema) or self._with_tags(schema, value) == value

    def plain(self, schema: Schema, seed: int | None = None) -> Any:
        """The plainest valid value; raises UnsatisfiableError where there is none."""
        return self._with_tags(schema, self.contract.sample(schema, self.direction, seed))

    def _with_tags(self, schema: Schema, value: Any) -> Any:
        return with_discriminators(self.contract, self._tagged(schema), value)

    def _tagged(self, schema: Schema) -> tuple[SchemaNode, ...]:
        """The places of a schema that have a discriminator, found once."""
        if schema.pointer not in self.tagged:
            found = nodes(self.contract, schema)
            self.tagged[schema.pointer] = tuple(
                node for node in found if "discriminator" in node.keywords
            )
        return self.tagged[schema.pointer]

    def full(self, schema: Schema, branches: tuple[Branch, ...] = (), base: Any = DROP) -> Any:
        """A valid value with every optional property, taking these alternatives; None if none.

        What `base` has is kept where it is still valid, so that an accepted value grows into one
        that carries every place of the schema.
        """
        filling = Filling(
            contract=self.contract,
            direction=self.direction,
            choices={branch.pointer: branch.index for branch in branches},
            valid=self.valid,
        )
        value = filling.filled(schema, base)
        return None if value is DROP else self._mended(schema, self._with_tags(schema, value))

    def _mended(self, schema: Schema, value: Any) -> Any:
        """The value without the optional properties that the whole does not allow."""
        # Each turn takes out one property; what needs more of them has no such value.
        for _ in range(20):
            found = self.contract.violations(schema, self.direction, value)
            if not found:
                return value
            path = path_of(found[0].pointer, value)
            if not path:
                return None
            value = put(value, path, DROP)
        return None
