"""State: what a POST, PUT, PATCH or DELETE did shows in later answers."""

__all__: list[str] = []
