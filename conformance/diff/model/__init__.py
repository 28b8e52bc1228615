"""What a comparison says and needs to say it: changes, witnesses, matched operations."""

__all__: list[str] = []
