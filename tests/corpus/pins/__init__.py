"""Pins of a corpus: their file, how they are applied, and how a change is taken back."""
