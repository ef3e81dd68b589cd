"""Inputs that somebody mutated: whatever comes in, only a sentence or sound posts come out."""
