"""The charts of a report, as SVG: bars with their numbers as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from curation.writing.html import escaped
from curation.writing.terminal import shortened

#: Pixels: of the whole drawing, of the words at its left, and of a bar with its gap.
WIDTH, WORDS, STEP = 960, 240, 28
#: The most columns of a bar's name, with the sign of a cut.
NAME = 29


@dataclass(frozen=True)
class Piece:
    """A part of a bar."""

    value: int
    colour: str
    words: str  # its tooltip


@dataclass(frozen=True)
class Bar:
    """A bar of pieces; `after` is the empty space before it."""

    name: str
    pieces: tuple[Piece, ...]
    after: int = 0
    words: str = ""  # at its end; by default the sum of its pieces


def bars(title: str, lines: Sequence[Bar], most: int) -> str:
    """Horizontal bars on one scale; `most` is the whole width."""
    room = WIDTH - WORDS - 130
    drawn = [_opening(title, STEP * len(lines) + 8)]
    for number, bar in enumerate(lines):
        top = number * STEP + 4
        at = WORDS + room * bar.after / max(most, 1)
        drawn.append(
            f'<text x="{WORDS - 8}" y="{top + 16}" text-anchor="end">{escaped(shortened(bar.name, NAME))}</text>'
        )
        for piece in bar.pieces:
            wide = room * piece.value / max(most, 1)
            drawn.append(
                f'<rect x="{at:.1f}" y="{top}" width="{wide:.1f}" height="{STEP - 6}" fill="{piece.colour}">'
                f"<title>{escaped(piece.words)}</title></rect>"
            )
            at += wide
        words = bar.words or f"{sum(piece.value for piece in bar.pieces):,}"
        drawn.append(f'<text x="{at + 6:.1f}" y="{top + 16}">{escaped(words)}</text>')
    return '<div class="scroll">' + "".join(drawn) + "</svg></div>"


def columns(title: str, names: Sequence[str], stacks: Sequence[tuple[Piece, ...]]) -> str:
    """Upright bars side by side, one for each name. Only some names fit below."""
    most = max((sum(piece.value for piece in stack) for stack in stacks), default=0)
    high, low = 200, 24
    wide = min(40.0, (WIDTH - 70) / max(len(stacks), 1))
    drawn = [
        _opening(title, high + low + 10),
        f'<text x="60" y="16" text-anchor="end">{most:,}</text><text x="60" y="{high + 6}" text-anchor="end">0</text>',
    ]
    every = max(1, round(70 / wide))
    for number, (name, stack) in enumerate(zip(names, stacks, strict=True)):
        left, bottom = 68 + number * wide, float(high)
        for piece in stack:
            tall = (high - 10) * piece.value / max(most, 1)
            bottom -= tall
            drawn.append(
                f'<rect x="{left:.1f}" y="{bottom:.1f}" width="{max(wide - 1, 0.5):.1f}" height="{tall:.1f}" '
                f'fill="{piece.colour}"><title>{escaped(f"{name}: {piece.words}")}</title></rect>'
            )
        if number % every == 0:
            drawn.append(f'<text x="{left:.1f}" y="{high + low}">{escaped(name)}</text>')
    return '<div class="scroll">' + "".join(drawn) + "</svg></div>"


def _opening(title: str, height: int) -> str:
    return (
        f'<svg role="img" aria-label="{escaped(title)}" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" xmlns="http://www.w3.org/2000/svg"><title>{escaped(title)}</title>'
    )
