"""The command `mock-server`: options, start, reload, what it prints."""

__all__: list[str] = []
