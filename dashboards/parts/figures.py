"""Figures as pages write them."""

from __future__ import annotations


def figure(value: float | None, places: int = 3) -> str:
    """A measured figure."""
    return "–" if value is None else f"{value:,.{places}f}"


def posts(number: int) -> str:
    """How many posts."""
    return f"{number:,} post{'' if number == 1 else 's'}"


def short(number: int) -> str:
    """A large number in few characters: `12.3 M`."""
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**4, "k")):
        if number >= size:
            return f"{number / (10**3 if unit == 'k' else size):.{0 if unit == 'k' else 1}f} {unit}"
    return f"{number:,}"
