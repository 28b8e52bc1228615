"""What every stage uses: settings, a request and what is known of it, refusals, headers."""

__all__: list[str] = []
