"""The documents of a contract: located, fenced into its folder, and read when first mentioned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

from spec.model.errors import ContractError, Place
from spec.model.pointers import join
from spec.model.short_texts import shortened
from spec.reading.document_text import decoded, read_file, read_text
from spec.reading.limits import MAX_BYTES
from spec.reading.nodes import Node, Tokens
from spec.reading.structure import objects

__all__ = [
    "MOUNT",
    "BrokenFileError",
    "Document",
    "LostError",
    "RefusedError",
    "SchemaResource",
    "Sources",
    "joined_uri",
]

MOUNT = "x-other-files"
"""Where other documents stand in the one that is made of them all.

Not `x-bundled`: under that name Schemathesis keeps what it has bundled itself.
"""
REMOTE_TIMEOUT = 10.0


class LostError(Exception):
    """A reference without a target: what is wrong with it, and what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what, remedy)
        self.what, self.remedy = what, remedy


@dataclass(slots=True, kw_only=True)
class Document:
    """One file or URL that was read; `prefix` is the path of its root in the bundle.

    `moved` says where parts stand that an upgrade has put elsewhere.
    """

    uri: str
    prefix: Tokens
    root: Node
    moved: dict[Tokens, Tokens] = field(default_factory=dict)

    def now(self, tokens: Tokens) -> Tokens:
        """A path as it is since an upgrade."""
        for length in (2, 1):
            if (moved := self.moved.get(tokens[:length])) is not None:
                return (*moved, *tokens[length:])
        return tokens

    def plain_pointer(self, tokens: Tokens) -> str:
        """The bundle's pointer for a path in this document."""
        return join("#", *self.prefix, *tokens)

    def pointer(self, tokens: Tokens) -> str:
        """The same as a `$ref` has to write it: percent-escaped (RFC 6901 section 6)."""
        return quote(self.plain_pointer(tokens), safe="#/~!$&'()*+,;=:@")


@dataclass(slots=True, kw_only=True)
class SchemaResource:
    """What has a URI of its own: a document, or a schema with `$id` (JSON Schema Core 8.2.1)."""

    uri: str
    document: Document
    tokens: Tokens = ()
    anchors: dict[str, Tokens] = field(default_factory=dict)
    dynamic: dict[str, Tokens] = field(default_factory=dict)
    """Those of its anchors that are dynamic (JSON Schema Core 8.2.2)."""


@dataclass(slots=True, kw_only=True)
class Sources:
    """Every document of one contract, by URI.

    `folder` is the fence: no file outside of it is read. `remote_refs` are the URLs that may be
    fetched.
    """

    folder: Path
    remote_refs: tuple[str, ...] = ()
    resources: dict[str, SchemaResource] = field(default_factory=dict)
    mounted: dict[str, Node] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)
    _broken: dict[str, BrokenFileError] = field(default_factory=dict)
    _schemas: dict[str, SchemaResource] = field(default_factory=dict)

    def add(self, uri: str, prefix: Tokens, root: Node) -> SchemaResource:
        """Take in a document that was read, with all that has a URI or a name in it."""
        document = Document(uri=uri, prefix=prefix, root=root)
        whole = self.resources[uri] = SchemaResource(uri=uri, document=document)
        itself = root.child("$self")
        if itself is not None and isinstance(itself.value, str):
            # OpenAPI 3.2 section 4.1: `$self` is the base of the document's references.
            whole.uri = joined_uri(uri, itself.value)
            self.resources.setdefault(whole.uri, whole)
        self._name_resources(whole)
        return whole

    def _name_resources(self, whole: SchemaResource) -> None:
        """Find `$id`, `$anchor` and `$dynamicAnchor`; parents come before what is in them."""
        inside: dict[Tokens, SchemaResource] = {}
        for path, node in objects(whole.document.root):
            if not _NAMING & node.value.keys():  # type: ignore[union-attr]
                continue
            above = (path[:length] for length in range(len(path), -1, -1))
            holder = next((inside[one] for one in above if one in inside), whole)
            own = node.text("$id") or ""
            if own.startswith("#"):
                holder.anchors.setdefault(own[1:], path)
            elif own:
                uri = joined_uri(holder.uri, own).removesuffix("#")
                named = SchemaResource(uri=uri, document=whole.document, tokens=path)
                holder = inside[path] = named
                self.resources.setdefault(uri, named)
                self._schemas[named.document.plain_pointer(path)] = named
            for key in ("$anchor", "$dynamicAnchor"):
                if name := node.text(key):
                    holder.anchors.setdefault(name, path)
                    # Below another `$id` it has another URI; by its name alone it is meant too.
                    whole.anchors.setdefault(name, path)
            if name := node.text("$dynamicAnchor"):
                self._generic(holder, path).dynamic.setdefault(name, path)

    def _generic(self, holder: SchemaResource, path: Tokens) -> SchemaResource:
        """The schema that a dynamic anchor belongs to.

        Without an `$id` that would be the whole document, where the name stands for every generic
        at once: the component is meant.
        """
        if holder.tokens:
            return holder
        depth = 3 if path[:2] == ("components", "schemas") else 1 + (path[:1] in _DEFINITIONS)
        document, tokens = holder.document, path[:depth]
        named = SchemaResource(uri=holder.uri, document=document, tokens=tokens)
        return self._schemas.setdefault(document.plain_pointer(tokens), named)

    def dynamic_anchors(self) -> dict[str, dict[str, str]]:
        """The dynamic anchors of every schema resource; nothing where there are none."""
        if not any(one.dynamic for one in self._schemas.values()):
            return {}
        return {
            pointer: {name: one.document.plain_pointer(path) for name, path in one.dynamic.items()}
            for pointer, one in self._schemas.items()
        }

    def resource(self, file: str, base: SchemaResource) -> SchemaResource:
        """What a reference names before its `#`, read if it was not yet.

        Raises:
            LostError: there is no such file, it is broken, lies outside the folder, or is a URL
                that was not named.
        """
        if not file:
            return base
        uri = joined_uri(base.uri, file)
        if uri in self.resources:
            return self.resources[uri]
        # A schema's `$id` is often a name only, and its references mean the files beside it.
        beside = joined_uri(base.document.uri, file)
        if beside in self.resources:
            return self.resources[beside]
        if _is_remote(beside) or (_is_remote(uri) and uri in self.remote_refs):
            return self._fetched(uri if _is_remote(uri) else beside)
        return self._read_local(beside, file)

    def _fetched(self, url: str) -> SchemaResource:
        if url not in self.remote_refs:
            raise RefusedError(
                f"$ref to the URL {url} is refused",
                f"copy it into the contract's folder, or allow it with --remote-ref {url}",
            )
        root = self._read(url, lambda: read_text(_text_at(url), url))
        self.mounted[url] = root
        return self.add(url, (MOUNT, url), root)

    def _read_local(self, uri: str, written: str) -> SchemaResource:
        path = self._inside(uri, written)
        if (known := self.resources.get(path.as_uri())) is not None:
            # Another spelling of a file that was read, or a link to it.
            return self.resources.setdefault(uri, known)
        name = path.relative_to(self.folder).as_posix()
        root = self._read(name, lambda: read_file(path, name))
        self.mounted[name] = root
        return self.resources.setdefault(uri, self.add(path.as_uri(), (MOUNT, name), root))

    def _read(self, name: str, read: Callable[[], Node]) -> Node:
        """What a file holds; a broken one is read once, however often it is referred to."""
        if name in self._broken:
            raise self._broken[name]
        try:
            return read()
        except ContractError as error:
            self._broken[name] = broken = BrokenFileError(error, name)
            raise broken from None

    def _inside(self, uri: str, written: str) -> Path:
        """The file, if there is one inside the fence; a symbolic link does not move that."""
        if not _has_scheme(uri, "file"):
            raise LostError(
                f"$ref to {written}: this is neither a file nor a web URL", "correct it"
            )
        try:
            path = Path(unquote(urlsplit(uri).path)).resolve()
            fenced, there = path.is_relative_to(self.folder), path.exists()
        except (OSError, ValueError):
            # Too long, or a NUL in it: no file has such a name.
            raise LostError(
                f"$ref to {shortened(written, _SHOWN)!r}: no file can have this name", "correct it"
            ) from None
        except RuntimeError:
            raise LostError(
                f"$ref to {written}: this symbolic link leads back to itself", "correct the link"
            ) from None
        if not fenced:
            raise RefusedError(
                f"$ref to {written} is outside the contract's folder",
                f"move the file into {self.folder.name}/, or name a folder that contains both "
                f"with --root DIR",
            )
        if path not in self.files:
            # Before it is read, so that a reload sees when a missing or broken file is mended.
            self.files.append(path)
        if not there:
            raise LostError(f"$ref to {written}: there is no such file", "correct the path")
        return path


class RefusedError(LostError):
    """A reference that leads where nothing is read from."""


class BrokenFileError(LostError):
    """A reference to a file that is there and cannot be read; `place` is where it is broken."""

    def __init__(self, error: ContractError, name: str) -> None:
        super().__init__(error.what, error.remedy)
        self.name, self.place = name, error.place


_DEFINITIONS = {("$defs",), ("definitions",)}
_NAMING = {"$id", "$anchor", "$dynamicAnchor"}
_SHOWN = 80


def joined_uri(base: str, reference: str) -> str:
    """RFC 3986 section 5; what is no URI at all stays as it is."""
    try:
        return urljoin(base, reference)
    except ValueError:
        return reference


def _is_remote(uri: str) -> bool:
    return _has_scheme(uri, "http", "https")


def _has_scheme(uri: str, *schemes: str) -> bool:
    try:
        return urlsplit(uri).scheme in schemes
    except ValueError:
        return False


def _text_at(url: str) -> str:
    import urllib.request

    place = Place(file=url, line=0)
    try:
        with urllib.request.urlopen(url, timeout=REMOTE_TIMEOUT) as answer:
            data: bytes = answer.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise ContractError(f"cannot fetch it: {error}", place=place) from None
    if len(data) > MAX_BYTES:
        raise ContractError(f"the document is larger than {MAX_BYTES} bytes", place=place)
    return decoded(data, url)
