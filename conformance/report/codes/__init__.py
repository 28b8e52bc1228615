"""Finding codes, one module a command."""

__all__: list[str] = []
