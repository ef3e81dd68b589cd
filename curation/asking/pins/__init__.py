"""Pins: posts that a recipe must keep or remove; their file, which pins a recipe breaks, and thresholds that fit."""
