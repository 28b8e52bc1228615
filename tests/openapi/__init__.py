"""Which keys of each version of OpenAPI are served, checked and compared: cases, and their page."""
