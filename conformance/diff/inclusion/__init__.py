"""Whether one schema allows all that another one does, and a value that shows where it does not."""

__all__: list[str] = []
