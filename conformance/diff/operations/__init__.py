"""What is said of whole operations: added, removed, secured, served elsewhere."""

__all__: list[str] = []
