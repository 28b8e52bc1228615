"""What a request or an answer says by a contract, and how it is written."""

__all__: list[str] = []
