"""A run: order, budget, evidence, findings."""

__all__: list[str] = []
