"""Operations that are implemented: forwarded to a deployment, and its answers recorded."""

__all__: list[str] = []
