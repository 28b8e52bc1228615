"""A mock under fuzzers: random bytes, and requests that a schema made, right and wrong."""
