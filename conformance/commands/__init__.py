"""One module a command; `cli.py` imports the one that is called for, and no other."""

__all__: list[str] = []
