"""What is measured: `python -m benchmarks DATA`, with the sets that docs/benchmarks.md names unpacked in DATA."""
