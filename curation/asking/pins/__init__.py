"""Pins: posts of which somebody has said that they must be kept, or must go.

::

    pins.py          the file of a workspace's pins
    checking.py      which pins a recipe breaks
    suggestions.py   thresholds with which it would break none
"""
