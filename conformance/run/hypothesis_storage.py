"""Where Hypothesis keeps its tables: not in `.hypothesis` of the folder in which a run is made."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

__all__ = ["keep_out_of_the_folder"]


def keep_out_of_the_folder(*, loaded: bool) -> None:
    """Have Hypothesis store what it caches in a temporary folder.

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
    folder = tempfile.mkdtemp(prefix="conformance-hypothesis-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    configuration.set_hypothesis_home_dir(folder)
