"""Pins: tests."""
