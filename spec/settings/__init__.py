"""The options of a command: flags, variables, a TOML table, defaults."""

__all__: list[str] = []
