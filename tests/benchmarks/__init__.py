"""How fast the mock is, measured beside its peers in one interleaved run (`make bench`)."""
