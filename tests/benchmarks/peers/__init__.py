"""The servers that the mock is measured beside, where a command of their own does not exist."""
