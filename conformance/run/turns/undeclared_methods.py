"""Which methods are tried on a path that does not declare them."""

from __future__ import annotations

from conformance.cases.inert_cases import takes_anything
from conformance.clauses.path_methods import methods_at
from conformance.http.methods import INVENTED, METHODS, is_safe
from conformance.run.session.run_options import RunOptions
from spec import Contract
from spec.model.contract_model import Operation

__all__ = ["undeclared_methods"]


def undeclared_methods(
    contract: Contract, operation: Operation, options: RunOptions
) -> tuple[str, ...]:
    """The undeclared methods to try on the operation's path.

    Without `--allow-writes` these are one that no server can act upon, and the safe ones.
    """
    beside = [one for one in contract.operations if one.path == operation.path]
    declared = methods_at(contract, operation.path)
    found = tuple(name for name in METHODS if name not in declared)
    if options.allow_writes:
        return found
    found = tuple(name for name in found if is_safe(name) or name == INVENTED)
    writing = [one for one in beside if options.writes(one)]
    if not writing or "GET" in declared:
        return found
    # A server that does not tell methods apart takes each of them for the one that writes.
    harmful = any(takes_anything(contract, one) for one in writing)
    return () if harmful else tuple(name for name in found if name == INVENTED)
