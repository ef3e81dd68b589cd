"""A text in lines of a width, and a line drawn: in pieces of one font, direction and colour."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from curation.sql import database
from curation.training.generation.typesetting import bidi
from curation.training.generation.typesetting.fonts import Face, Fonts, font, shapes

if TYPE_CHECKING:
    from PIL import Image

ELLIPSIS = "…"

#: No line begins with these, nor ends with those (JIS X 4051).
NOT_FIRST = frozenset(
    "、。，．・：；？！゛゜ヽヾゝゞ々ー’”）〕］｝〉》」』】…‥ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ"
)
NOT_LAST = frozenset("‘“（〔［｛〈《「『【")

#: Thai and Lao vowels that are written before a consonant and so begin a syllable.
BEFORE = frozenset("เแโใไເແໂໃໄ")

#: Chinese characters, kana and their punctuation, around which a line may end. Hangul has spaces.
_EAST_ASIAN = re.compile("[\u2e80-\ua4cf\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")

Colour = tuple[int, int, int]


class Cluster(NamedTuple):
    """One character to a reader (a grapheme cluster), and its colour."""

    text: str
    colour: Colour


@dataclass(frozen=True)
class TextRun:
    """A piece of a line."""

    text: str
    face: Face | None
    level: int
    colour: Colour


class Setter:
    """Sets text in one size."""

    def __init__(self, fonts: Fonts, size: int, *, bold: bool = False) -> None:
        self.fonts, self.size, self.bold = fonts, size, bold

    def lines(self, clusters: Sequence[Cluster], width: int, most: int) -> list[tuple[list[Cluster], bool]]:
        """At most so many lines, each with whether its paragraph is written from right to left.

        Text that doesn't fit is left out, and the last line then ends in an ellipsis.
        """
        lines = (
            (line, bidi.is_right_to_left("".join(cluster.text for cluster in paragraph)))
            for paragraph in _paragraphs(clusters)
            for line in self._broken(paragraph, width)
        )
        every = list(itertools.islice(lines, most + 1))
        if len(every) <= most:
            return every
        [*first, (last, backwards)] = every[:most]
        return [*first, (self._with_ellipsis(last, width), backwards)]

    def width(self, line: Sequence[Cluster], right_to_left: bool = False) -> float:
        """Pixels of a line."""
        return sum(map(self._length, self._runs(line, right_to_left)))

    def draw(self, picture: Image.Image, line: Sequence[Cluster], at: tuple[float, float], right_to_left: bool) -> None:
        """Draw a line; `at` is its left end on the base line."""
        x, y = at
        for run in self._runs(line, right_to_left):
            self._draw(picture, run, (x, y))
            x += self._length(run)

    def _runs(self, line: Sequence[Cluster], right_to_left: bool) -> list[TextRun]:
        """The pieces of a line from left to right."""
        levels = bidi.levels([cluster.text for cluster in line], right_to_left)
        faces = self._faces(line)
        runs = []
        for (face, level, colour), group in itertools.groupby(
            zip(line, faces, levels, strict=True), lambda each: (each[1], each[2], each[0].colour)
        ):
            runs.append(TextRun("".join(cluster.text for cluster, _, _ in group), face, level, colour))
        return [runs[number] for number in bidi.visual([run.level for run in runs])]

    def _faces(self, line: Sequence[Cluster]) -> list[Face | None]:
        """The font of each cluster; a blank has the font before it, so that a run goes on."""
        faces: list[Face | None] = []
        for cluster in line:
            face = self.fonts.face(cluster.text)
            before = faces[-1] if faces else None
            if cluster.text.isspace() and before and not before.pixels and before.has(cluster.text):
                face = before
            faces.append(face.bold() if face and self.bold and not face.pixels else face)
        return faces

    def _length(self, run: TextRun) -> float:
        face = run.face
        scale = self._scale(face)
        return font(face, self.size).getlength(run.text, direction=self._direction(run)) * scale

    def _scale(self, face: Face | None) -> float:
        return 1.15 * self.size / face.pixels if face and face.pixels else 1.0

    def _direction(self, run: TextRun) -> str | None:
        """The direction as Pillow calls it; None where it can't set one."""
        return ("rtl" if run.level % 2 else "ltr") if shapes(font(run.face, self.size)) else None

    def _draw(self, picture: Image.Image, run: TextRun, at: tuple[float, float]) -> None:
        from PIL import Image, ImageDraw

        typeface = font(run.face, self.size)
        # Without the library that shapes text, at least the order of letters is right.
        text = run.text[::-1] if run.level % 2 and not shapes(typeface) else run.text
        if not (run.face and run.face.pixels):
            ImageDraw.Draw(picture).text(at, text, run.colour, typeface, anchor="ls", direction=self._direction(run))
            return
        left, top, right, bottom = typeface.getbbox(text, anchor="ls", direction=self._direction(run))
        glyphs = Image.new("RGBA", (max(1, int(right - left)), max(1, int(bottom - top))))
        ImageDraw.Draw(glyphs).text(
            (-left, -top), text, run.colour, typeface, anchor="ls", embedded_color=True, direction=self._direction(run)
        )
        scale = self._scale(run.face)
        small = glyphs.resize(
            (max(1, round(glyphs.width * scale)), max(1, round(glyphs.height * scale))), Image.Resampling.LANCZOS
        )
        picture.paste(small, (round(at[0] + left * scale), round(at[1] + top * scale)), small)

    def _broken(self, paragraph: Sequence[Cluster], width: int) -> Iterator[list[Cluster]]:
        """The lines of a paragraph; an empty one for none."""
        line: list[Cluster] = []
        for piece in _pieces(paragraph):
            if line and self.width(_stripped([*line, *piece])) > width:
                yield _stripped(line)
                line = []
            line += piece
            while self.width(_stripped(line)) > width:  # a word that is longer than a line
                fits = self._fitting(line, width)
                yield line[:fits]
                line = line[fits:]
        yield _stripped(line)

    def _fitting(self, line: Sequence[Cluster], width: float) -> int:
        """How many clusters fit into a width, at least one."""
        low, high = 1, len(line)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.width(line[:middle]) <= width else (low, middle - 1)
        return low

    def _with_ellipsis(self, line: Sequence[Cluster], width: int) -> list[Cluster]:
        colour = line[-1].colour if line else (0, 0, 0)
        end = Cluster(ELLIPSIS, colour)
        line = list(line)
        while line and self.width([*line, end]) > width:
            line.pop()
        return [*_stripped(line), end]


def clusters(text: str, colour: Colour) -> list[Cluster]:
    """The clusters of a text (UAX #29) without control characters. A tab becomes a space, and line breaks stay."""
    clean = "".join(
        "\n" if character in "\r\v\f\x85\u2028\u2029" else " " if character == "\t" else character
        for character in text.replace("\r\n", "\n")
        if character not in bidi.MARKS and (character >= " " or character in "\n\r\t\v\f")
    )
    with contextlib.closing(database.reader()) as connection:
        [(parts,)] = connection.execute(
            "SELECT list_transform(range(1, length_grapheme(t) + 1), lambda i: substring_grapheme(t, i, 1)) "
            "FROM (SELECT ? AS t)",
            [clean],
        ).fetchall()
    return [Cluster(cluster, colour) for cluster in parts]


def _paragraphs(every: Sequence[Cluster]) -> Iterator[list[Cluster]]:
    for is_break, group in itertools.groupby(every, lambda cluster: cluster.text == "\n"):
        if not is_break:
            yield list(group)


def _pieces(paragraph: Sequence[Cluster]) -> Iterator[list[Cluster]]:
    """The pieces that a line may not break: a word with the blanks after it, or an East Asian letter."""
    piece: list[Cluster] = []
    for cluster in paragraph:
        if piece and _may_break(piece[-1].text, cluster.text):
            yield piece
            piece = []
        piece.append(cluster)
    if piece:
        yield piece


def _may_break(before: str, after: str) -> bool:
    if after.isspace() or after in NOT_FIRST or before in NOT_LAST:
        return False
    return before.isspace() or after in BEFORE or bool(_EAST_ASIAN.match(before) or _EAST_ASIAN.match(after))


def _stripped(line: Sequence[Cluster]) -> list[Cluster]:
    end = len(line)
    while end and line[end - 1].text.isspace():
        end -= 1
    return list(line[:end])
