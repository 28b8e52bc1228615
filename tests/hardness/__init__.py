"""What a hostile client or a hostile contract can do to the installed command: nothing."""
