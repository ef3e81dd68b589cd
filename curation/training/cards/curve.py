"""The learning curve of a model as a PNG.

The Hub shows no SVG from a repository, so the curve is drawn in pixels. It is drawn at three times the size and scaled
down, for smooth lines. Pillow's own font has every letter of a model's name. The same record gives the same bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curation.disk.training_record import TrainingRecord, end_of, held_out
from curation.writing.terminal import count

#: Pixels of the picture, of the plot's edges in it, and how much larger it is drawn.
WIDTH, HEIGHT = 1200, 630
LEFT, TOP, RIGHT, BOTTOM = 96, 168, 1010, 540
SCALE = 3

PAPER, INK, QUIET, GRID = "#ffffff", "#1f2933", "#5f6b7a", "#e4e8ee"
TRAIN, HELD = "#e08a2c", "#12657f"

#: Pixels that the title may take.
TITLE = 760
#: Ticks on an axis, about.
TICKS = 5

Point = tuple[float, float]


@dataclass(frozen=True)
class Curve:
    """The points of the curve: epoch, and loss in nats per token."""

    train: tuple[Point, ...]
    held: tuple[Point, ...]

    @classmethod
    def of(cls, record: TrainingRecord) -> Curve:
        """The points of a record, with the end of each epoch."""
        before = [record.before] if record.before else []
        held = {m.epoch: m.valid_loss for m in (*before, *record.curve) if m.valid_loss is not None}
        held |= {end_of(e, record.curve): e.valid_loss for e in record.epochs if e.valid_loss is not None}
        train = {m.epoch: m.train_loss for m in record.curve if m.train_loss is not None}
        return cls(*(tuple(sorted(_finite(points))) for points in (train, held)))

    def __bool__(self) -> bool:
        """Whether there is a line to draw."""
        return len(self.train) > 1 or len(self.held) > 1


def _finite(points: dict[float, float]) -> list[Point]:
    return [(x, y) for x, y in points.items() if math.isfinite(y)]


def picture(record: TrainingRecord) -> bytes | None:
    """The PNG, or None if there is no curve."""
    curve = Curve.of(record)
    if not curve:
        return None
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), PAPER)
    _Drawing(ImageDraw.Draw(image), record, curve).draw()
    small = image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "PNG", optimize=True)
    return out.getvalue()


def ticks(low: float, high: float, most: int = TICKS) -> list[float]:
    """Round numbers from `low` or just below it to `high` or just above it.

    >>> ticks(0, 4), ticks(2.31, 7.6)
    ([0.0, 1.0, 2.0, 3.0, 4.0], [2.0, 4.0, 6.0, 8.0])
    """
    rough = (high - low) / most or 1.0
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


def named(value: float, others: Sequence[float]) -> str:
    """A tick in figures, with as many places as the longest of the axis needs.

    >>> named(6, [5.5, 6, 6.5]), named(1000, [0, 1000])
    ('6.0', '1,000')
    """
    places = max(len(f"{other:g}".partition(".")[2]) for other in others)
    return f"{value:,.{places}f}"


class _Drawing:
    def __init__(self, canvas: Any, record: TrainingRecord, curve: Curve) -> None:
        self.canvas, self.record, self.curve = canvas, record, curve
        points = (*curve.train, *curve.held)
        low, high = min(y for _, y in points), max(y for _, y in points)
        self.ys = ticks(low, high if high - low > 1e-6 else low + 1)
        self.end = max(x for x, _ in points) or 1.0
        self.xs = [x for x in ticks(0.0, self.end) if x <= self.end * 1.001]

    def draw(self) -> None:
        """Draw everything."""
        self._head()
        self._axes()
        self._line(self.curve.train, TRAIN, 3)
        self._line(self.curve.held, HELD, 5)
        for x, y in self.curve.held if len(self.curve.held) <= 30 else ():
            self._circle(self._x(x), self._y(y), 8, PAPER)
            self._circle(self._x(x), self._y(y), 6, HELD)
        self._names()

    def _head(self) -> None:
        record, figures = self.record, held_out(self.record)
        self._text((40, 40), *self._fitting(f"{record.model} {record.version}"), INK)
        data = f"{count(record.steps, 'step')} on {count(record.data.train.posts, 'post')}"
        self._text((40, 98), f"Loss in nats per token, {data}", 24, QUIET)
        if figures and figures.bits_per_character is not None:
            self._text((WIDTH - 40, 40), f"{figures.bits_per_character:.3f}", 40, HELD, "ra")
            self._text((WIDTH - 40, 98), "bits per character, held out", 24, QUIET, "ra")

    @staticmethod
    def _fitting(title: str) -> tuple[str, int]:
        """The title, and a size that leaves room for the figure at its right. A very long title is cut."""
        from PIL import ImageFont

        for size in (40, 32, 26):
            if ImageFont.load_default(size).getlength(title) <= TITLE:
                return title, size
        return f"{title[:46]}…", 26

    def _axes(self) -> None:
        for value in self.ys:
            y = self._y(value)
            self._stroke([(LEFT, y), (RIGHT, y)], GRID, 1.5)
            self._text((LEFT - 14, y), named(value, self.ys), 22, QUIET, "rm")
        for value in self.xs:
            self._text((self._x(value), BOTTOM + 14), named(value, self.xs), 22, QUIET, "ma")
        self._text(((LEFT + RIGHT) / 2, BOTTOM + 50), "epoch", 22, QUIET, "ma")

    def _names(self) -> None:
        """Draw the name of each line at its end. Names that would touch move apart."""
        ends = [
            (self._y(points[-1][1]), words, colour)
            for points, words, colour in ((self.curve.held, "held out", HELD), (self.curve.train, "training", TRAIN))
            if points
        ]
        ends.sort()
        if len(ends) == 2 and ends[1][0] - ends[0][0] < 30:
            middle = (ends[0][0] + ends[1][0]) / 2
            ends = [(middle - 15, *ends[0][1:]), (middle + 15, *ends[1][1:])]
        for y, words, colour in ends:
            self._text((RIGHT + 18, y), words, 24, colour, "lm")

    def _line(self, points: Sequence[Point], colour: str, width: float) -> None:
        placed = [(self._x(x), self._y(y)) for x, y in points]
        if len(placed) > 1:
            self._stroke(placed, colour, width)
        for x, y in placed:  # round joints
            self._circle(x, y, width / 2, colour)

    def _x(self, value: float) -> float:
        return LEFT + (RIGHT - LEFT) * value / self.end

    def _y(self, value: float) -> float:
        low, high = self.ys[0], self.ys[-1]
        return BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low)

    def _stroke(self, points: Sequence[Point], colour: str, width: float) -> None:
        large = [(x * SCALE, y * SCALE) for x, y in points]
        self.canvas.line(large, fill=colour, width=round(width * SCALE))

    def _circle(self, x: float, y: float, radius: float, colour: str) -> None:
        box = [(x - radius) * SCALE, (y - radius) * SCALE, (x + radius) * SCALE, (y + radius) * SCALE]
        self.canvas.ellipse(box, fill=colour)

    def _text(self, place: Point, words: str, size: int, colour: str, anchor: str = "la") -> None:
        from PIL import ImageFont

        font = ImageFont.load_default(size * SCALE)
        self.canvas.text((place[0] * SCALE, place[1] * SCALE), words, fill=colour, font=font, anchor=anchor)
