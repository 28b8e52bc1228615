"""Evidence, and what becomes of it: verdicts, places, and findings with their titles."""

__all__: list[str] = []
