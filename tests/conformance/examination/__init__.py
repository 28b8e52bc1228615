"""The kit before servers whose faults are known: one fault at a time, and many at once."""
