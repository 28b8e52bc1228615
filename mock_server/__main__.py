"""`python -m mock_server` is the command `mock-server`."""

from mock_server.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
