"""One document out of all that a contract refers to, in which every `$ref` is a local pointer.

Other files are mounted under `#/x-other-files/FILE`; `$id`, `$anchor` and file names become
pointers (JSON Schema Core section 8.2, OpenAPI 3.1 section 4.6). Whatever reads the contract
afterwards (validators, Schemathesis, a browser) needs one document and knows pointers. What OpenAPI
does not let be a reference and all the same is one (an operation, `content`, a list) is put in its
place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from spec.model.errors import ContractError, EmptyFileError, Fault, Place
from spec.reading.document_text import read_file
from spec.reading.expanding import put_in_place
from spec.reading.grammar import referable
from spec.reading.localising import Localiser
from spec.reading.nodes import Node
from spec.reading.resolving import Resolver
from spec.reading.sources import MOUNT, Sources
from spec.reading.swagger import Upgrade, is_swagger

__all__ = ["Bundle", "bundle"]


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


def bundle(path: Path, name: str, remote_refs: tuple[str, ...], root: Path | None) -> Bundle:
    """Read a contract with everything that it refers to.

    Args:
        path: the contract.
        name: how messages call it.
        remote_refs: the URLs that may be fetched, each of them whole.
        root: the folder that every file has to be in; the contract's own where it is None.

    Raises:
        ContractError: the contract cannot be read, or a file lies outside of that folder or is a
            URL that was not named. A file that is missing or broken is a fault and no error.
    """
    document = _read(path, name)
    if not isinstance(document.value, dict):
        raise ContractError(
            f"an OpenAPI document is a mapping, not {_kind(document)}",
            place=document.place,
            remedy="begin with `openapi: 3.0.3`",
        )
    sources = Sources(folder=(root or path.parent).resolve(), remote_refs=remote_refs)
    # A file URI with its symlinks followed: one file under two names is read once.
    whole = sources.add(path.resolve().as_uri(), (), document)
    upgrade = Upgrade() if is_swagger(document) else None
    localiser = Localiser(
        resolver=Resolver(sources=sources), referable=referable(document), upgrade=upgrade
    )
    localiser.localise(whole)
    if sources.mounted:
        # After the walk: the other files are met while references are followed.
        document = document.with_child(MOUNT, Node(sources.mounted, name, 0), line=0)
    faults = [*localiser.faults, *put_in_place(document, name, localiser.substitutions)]
    return Bundle(
        root=document,
        dynamic_anchors=sources.dynamic_anchors(),
        files=(path, *sources.files),
        faults=tuple(faults),
    )


def _read(path: Path, name: str) -> Node:
    try:
        return read_file(path, name)
    except EmptyFileError:
        remedy = "an OpenAPI document begins with `openapi: 3.0.3`"
        raise EmptyFileError(Place(file=name, line=1), remedy=remedy) from None


def _kind(node: Node) -> str:
    return {list: "a list", str: "text", type(None): "nothing"}.get(type(node.value), "a scalar")
