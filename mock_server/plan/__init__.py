"""Everything about a contract that does not depend on a request, prepared once."""

__all__: list[str] = []
