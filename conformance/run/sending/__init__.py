"""How a case is sent: aimed, recorded, confirmed and made smaller."""

__all__: list[str] = []
