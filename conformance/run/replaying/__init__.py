"""The stored requests of a report, sent again."""

__all__: list[str] = []
