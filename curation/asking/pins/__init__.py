"""Pins: posts that a recipe must keep, or must remove.

::

    pin_file.py      the file of a workspace's pins (pin_text.py edits its text)
    checking.py      which pins a recipe breaks
    suggestions.py   thresholds that satisfy the pins
"""
