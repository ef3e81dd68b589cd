"""Pins: decisions about single posts by hand; their file, how they are applied, and how a change is taken back."""
