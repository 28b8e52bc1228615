"""Documents of other people: every documented answer is asked for, and judged by somebody else."""
