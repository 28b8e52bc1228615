"""Other processes: started, watched, and ended with this one."""

__all__: list[str] = []
