"""The pytest plugin: a mock on a real socket, one for the session, as good as new for each test."""
