"""What a request has to bring: credentials, parameters, a body."""

__all__: list[str] = []
