"""The files that docs/recipes.md shows: what its readers copy is what the tests run."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from spec import AI_CONTRACT, AI_OVERLAY

__all__ = ["MODULES", "files", "written"]

ROOT = Path(__file__).parents[2]
MODULES = ROOT / "tests/javascript/node_modules"
_BLOCK = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def files() -> dict[str, str]:
    """The blocks that begin with a file's name, by that name."""
    return dict(_BLOCK.findall((ROOT / "docs/recipes.md").read_text(encoding="utf-8")))


def written(folder: Path) -> Path:
    """A project that has followed every recipe: the page under test, contracts and modules too."""
    for name, text in files().items():
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "docs/mock-client.ts", folder)
    shutil.copy(ROOT / "tests/recipes/frontend/index.html", folder)
    shutil.copy(ROOT / "tests/javascript/auth.yaml", folder)
    shutil.copy(AI_CONTRACT, folder / "ai.yaml")
    shutil.copy(AI_OVERLAY, folder / "ai.overlay.yaml")
    (folder / "package.json").write_text('{"type": "module"}\n', encoding="utf-8")
    (folder / "node_modules").symlink_to(MODULES)
    return folder
