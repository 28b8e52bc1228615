"""JSON Schema: dialects, compiled validators, violations in words."""

__all__: list[str] = []
