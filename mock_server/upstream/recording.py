"""`--record FILE`: answers of a deployment become examples of an overlay, in a file."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spec.contract.recorded_examples import RecordedExamples, Recording
from spec.text.yaml_output import yaml_of

__all__ = ["Recorder"]

_HEAD = """\
# Answers of a deployment, recorded by `mock-server --record`: lay them over the contract with
# `--overlay`. What the deployment answered and the contract forbids stands under `x-aside`.
"""


@dataclass(slots=True)
class Recorder:
    """Keeps recordings in a file, which is written anew, whole, whenever one is added.

    Raises OSError where it cannot be written.
    """

    file: Path
    _examples: RecordedExamples = field(default_factory=RecordedExamples)

    def take(self, one: Recording) -> None:
        """Keep an answer of a shape that was not seen before."""
        if self._examples.take(one):
            self.write()

    def write(self) -> None:
        """Write the file, whole or not at all."""
        document: dict[str, Any] = {
            "overlay": "1.0.0",
            "info": {"title": "Recorded answers", "version": "1.0.0"},
            "actions": list(self._examples.actions()),
        }
        if self._examples.aside:
            document["x-aside"] = self._examples.aside
        text = _HEAD + yaml_of(document)
        folder = self.file.resolve().parent
        # Beside the file: only within one file system is a replacement atomic.
        handle, name = tempfile.mkstemp(dir=folder, prefix=f".{self.file.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as opened:
                opened.write(text)
            Path(name).replace(self.file.resolve())
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
