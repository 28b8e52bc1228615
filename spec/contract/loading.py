"""Contracts read from files, with everything that they refer to and their overlay."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from spec.contract.contract import Contract
from spec.model.errors import ContractError, Fault
from spec.reading.bundling import bundle
from spec.reading.localising import BROKEN_FILE
from spec.reading.nodes import Node
from spec.reading.overlay import lay_over
from spec.reading.regular_files import bytes_of

__all__ = ["AI_CONTRACT", "AI_OVERLAY", "load"]

AI_CONTRACT = Path(__file__).parents[1] / "ai.yaml"
"""InsForge's AI API, the contract that this project was made for."""
AI_OVERLAY = Path(__file__).parents[1] / "ai.overlay.yaml"
"""What we add to it: canned answers, request examples and marks."""


def load(
    path: Path | str = AI_CONTRACT,
    *,
    overlay: Path | str | None = None,
    remote_refs: tuple[str, ...] = (),
    root: Path | None = None,
    name: str | None = None,
    refuses_unknown_names: bool = False,
    leaves_out_broken_files: bool = False,
) -> Contract:
    """Read a contract, once, with everything that it refers to.

    Args:
        path: a Swagger 2.0 or OpenAPI 3.0, 3.1 or 3.2 document, YAML or JSON.
        overlay: an OpenAPI Overlay to lay over it.
        remote_refs: URLs that its `$ref`s may lead to; any other URL is refused.
        root: the folder that all its files have to be in; the contract's own where it is None.
        name: how messages call it; its path from the current folder where it is None.
        refuses_unknown_names: whether a request is refused that names an alternative which its
            discriminator does not know, although its schema lets it through. OpenAPI says both
            that validation SHOULD fail then, and that a discriminator changes no validation: a
            mock refuses, and nobody else is accused of either.
        leaves_out_broken_files: whether a file that it refers to and that cannot be read is a
            fault, so that the rest is read. Else it is an error: a contract that lacks a part
            promises less than its author wrote.

    Raises:
        ContractError: the contract cannot be read.
        OverlayError: the overlay does not fit it.
    """
    name = name or _display_path(path)
    bundled = bundle(Path(path), name, remote_refs, root)
    if not leaves_out_broken_files:
        _refuse_broken_files(bundled.faults)
    _check_version(bundled.root)
    document, files = bundled.root, bundled.files
    if overlay is not None:
        # Over the bundle, so that a target may lie in another file of the contract.
        document = lay_over(document, Path(overlay), _display_path(overlay))
        files = (*files, Path(overlay))
    return Contract(
        file=name,
        root=document,
        published=bundled.root,
        files=files,
        faults=bundled.faults,
        dynamic_anchors=bundled.dynamic_anchors,
        refuses_unknown_names=refuses_unknown_names,
        sha256=hashlib.sha256(bytes_of(Path(path))).hexdigest(),
    )


def _refuse_broken_files(faults: Iterable[Fault]) -> None:
    for fault in faults:
        if fault.code == BROKEN_FILE:
            raise ContractError(fault.what, place=fault.place, remedy=fault.remedy)


def _display_path(path: Path | str) -> str:
    """How messages call a file: from the current folder if it lies below, else as it was given."""
    path = Path(path)
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_absolute() and path.is_relative_to(here) else path)


_VERSION = re.compile(r"3\.[012](\.|\Z)")


def _check_version(root: Node) -> None:
    written, place = root.child("openapi"), root.place_of(["openapi"])
    version = str(written.plain()) if written is not None else ""
    if _VERSION.match(version):
        return
    if (swagger := root.child("swagger")) is not None:
        raise ContractError(
            f"Swagger {swagger.plain()} is not supported; Swagger 2.0 and OpenAPI 3.0 to 3.2 are",
            place=root.place_of(["swagger"]),
            remedy="convert it to OpenAPI 3",
        )
    if not version:
        other = next((what for key, what in _OTHERS.items() if root.child(key) is not None), "")
        raise ContractError(
            f"this is {other}, not an OpenAPI document"
            if other
            else "this is not an OpenAPI document: it lacks the key `openapi`",
            place=place,
            remedy="name an OpenAPI document" if other else "begin with `openapi: 3.0.3`",
        )
    raise ContractError(
        f"OpenAPI {version} is not supported; 3.0, 3.1 and 3.2 are",
        place=place,
        remedy="write all of the version, such as 3.0.3" if version == "3" else "write it as 3.2",
    )


_OTHERS = {
    "asyncapi": "an AsyncAPI document",
    "arazzo": "an Arazzo Description",
    "overlay": "an OpenAPI Overlay",
    "swaggerVersion": "a document of Swagger 1",
    "item": "a Postman collection",
    "log": "an HTTP Archive",
    "$schema": "a JSON Schema",
}
"""Other documents that describe an API, by a key that each must have."""
