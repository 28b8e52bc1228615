"""The methods that a request to a path may have."""

from __future__ import annotations

from spec import Contract
from spec.model.path_templates import TEMPLATE, path_and_query

__all__ = ["methods_at"]


def methods_at(contract: Contract, path: str) -> frozenset[str]:
    """The methods of a path, and of every template that each request to it fits as well.

    `/notes/recent` fits `/notes/{id}` too. Which of them is meant a contract says (OpenAPI 3.1.1
    section 4.8.8.2), but not that a router without the method at the one is not to look further.
    """
    return frozenset(
        one.method for one in contract.operations if one.path == path or _fits(path, one.path)
    )


def _fits(path: str, template: str) -> bool:
    parts, wider = (path_and_query(one)[0].split("/") for one in (path, template))
    return len(parts) == len(wider) and all(
        here == there or TEMPLATE.fullmatch(there) for here, there in zip(parts, wider, strict=True)
    )
