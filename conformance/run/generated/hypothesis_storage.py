"""Where Hypothesis keeps its tables: not in `.hypothesis` of the folder in which a run is made.

To make them takes two seconds and 200 MB, so they are kept from run to run, in the user's cache.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

__all__ = ["keep_out_of_the_folder"]


def keep_out_of_the_folder(*, loaded: bool) -> None:
    """Have Hypothesis store what it caches in the user's cache.

    A project's own tests keep their place: where there is a folder or a variable for it, and,
    unless `loaded` allows it, where Hypothesis is imported already.
    """
    if "HYPOTHESIS_STORAGE_DIRECTORY" in os.environ or Path(".hypothesis").exists():
        return
    if "hypothesis" in sys.modules and not loaded:
        return
    from hypothesis import configuration

    # Hypothesis has no public way to ask for the folder that was chosen.
    chosen = getattr(configuration, "__hypothesis_home_directory", None)
    if chosen not in (None, getattr(configuration, "__hypothesis_home_directory_default", None)):
        return
    configuration.set_hypothesis_home_dir(_folder())


def _folder() -> Path:
    """A folder of the user's cache (XDG Base Directory), or where none is, one for this run."""
    try:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(home) / "conformance" / "hypothesis"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if os.access(folder, os.W_OK):
            return folder
    # There is no home, or nothing may be written there.
    except (OSError, RuntimeError):
        pass
    temporary = tempfile.mkdtemp(prefix="conformance-hypothesis-")
    atexit.register(shutil.rmtree, temporary, ignore_errors=True)
    return Path(temporary)
