"""Large and recursive schemas cut into pieces that are compared once."""

__all__: list[str] = []
