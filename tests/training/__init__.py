"""Tests of training that need no torch."""
