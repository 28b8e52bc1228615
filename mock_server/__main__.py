"""`python -m mock_server` is the command `mock-server`."""

from pathlib import Path
from runpy import run_path

__all__: list[str] = []

if __name__ == "__main__":
    # Not imported: a `spec` in the current folder would be found first. A wheel has the file at its
    # root alone, a checkout where it is written.
    root = Path(__file__).parents[1]
    homes = (root / "insforge_contract.py", root / "spec/settings/import_names.py")
    names = run_path(str(next(home for home in homes if home.is_file())))
    names["run"]("mock_server")
