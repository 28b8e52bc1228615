"""Files that an `externalValue` names: what YAML cannot hold (OpenAPI 3.0 section 4.7.19)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from spec.model.errors import SpecError

__all__ = ["ExternalFiles"]

_LARGEST = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalFiles:
    """The files of one folder; no other file is read, and no URL is fetched.

    `seen` are those that were read; a reload watches them.
    """

    folder: Path
    seen: list[Path] = field(default_factory=list)

    def read(self, reference: str, beside: Path) -> bytes:
        """The bytes of a file that is named relative to another one.

        Raises:
            SpecError: it is no file of this folder, or larger than 32 MiB.
        """
        parts = urlsplit(reference)
        if parts.scheme or parts.netloc or not parts.path:
            raise SpecError(f"externalValue: {reference[:200]} is a URL, which is not fetched")
        try:
            # Resolved before it is compared: `..` and symlinks must not lead out of the folder.
            path = (beside.parent / unquote(parts.path)).resolve()
            if not path.is_relative_to(self.folder.resolve()):
                raise SpecError(
                    f"externalValue: {reference[:200]} is outside the contract's folder"
                )
            if not path.is_file():
                raise SpecError(f"externalValue: {reference[:200]} is no file")
            if path.stat().st_size > _LARGEST:
                raise SpecError(f"externalValue: {reference[:200]} is larger than 32 MiB")
            data = path.read_bytes()
        except (OSError, ValueError, RuntimeError) as error:
            raise SpecError(f"externalValue: {reference[:200]} cannot be read: {error}") from None
        self.seen.append(path)
        return data
