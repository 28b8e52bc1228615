"""`python -m conformance` is the command `conformance`."""

from pathlib import Path
from runpy import run_path

__all__: list[str] = []

if __name__ == "__main__":
    # Not imported: a `spec` in the current folder would be found first.
    names = run_path(str(Path(__file__).parents[1] / "spec/settings/import_names.py"))
    names["run"]("conformance")
