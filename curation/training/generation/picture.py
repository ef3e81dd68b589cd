"""The social preview of a model: its name, a prompt and three of its samples, 1200 by 630 pixels, as PNG."""

from __future__ import annotations

import io
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from curation.disk.whole_files import write_whole
from curation.errors import UsageError, WorkspaceError
from curation.training.generation.typesetting.fonts import Fonts, installed, scripts
from curation.training.generation.typesetting.lines import Cluster, Setter, clusters

if TYPE_CHECKING:
    from PIL import Image

WIDTH, HEIGHT = 1200, 630

#: Samples that are drawn.
MOST = 3

#: The most code points of a sample that are laid out, far more than fit.
LONGEST = 1_200

PAPER, CARD, EDGE = (250, 248, 244), (255, 255, 255), (228, 223, 213)
INK, MUTED, ACCENT = (30, 31, 36), (112, 112, 122), (14, 116, 122)

MARGIN, TOP, BOTTOM, GAP = 64, 168, 566, 16

#: By number of samples: size of their letters and distance of their lines, in pixels.
SIZES = {1: (36, 50), 2: (30, 42), 3: (25, 34)}

INSTALL = "On Debian and Ubuntu: apt install fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji"

FOOTER = "Written by a language model, not by a person"


@dataclass(frozen=True)
class Picture:
    """A picture, and a note on missing fonts."""

    png: bytes
    note: str  # fonts to install, or ""


def require(path: Path) -> None:
    """Raise `UsageError` if the file can't be a picture."""
    if path.suffix.lower() != ".png":
        raise UsageError(f"--picture {path}: the picture is PNG, so give it a name such as predictions.png.")
    if path.is_dir():
        raise UsageError(f"--picture {path} is a folder; name a file in it, such as {path / 'predictions.png'}.")


def draw(model: str, prompt: str, samples: Sequence[tuple[str, int]]) -> Picture:
    """Draw up to three samples, each with how many of its first code points are the prompt."""
    from PIL import Image, ImageDraw

    fonts = Fonts("".join([model, prompt, *(text for text, _ in samples)]))
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pencil = ImageDraw.Draw(picture)
    pencil.rectangle((0, 0, WIDTH, 10), fill=ACCENT)
    _line(picture, Setter(fonts, 44, bold=True), clusters(model, INK), 84, WIDTH - 2 * MARGIN)
    shown = [*clusters("Prompt  ", ACCENT), *clusters(prompt, MUTED)] if prompt else clusters("No prompt", ACCENT)
    _line(picture, Setter(fonts, 24), [_blank(cluster) for cluster in shown], 136, WIDTH - 2 * MARGIN)
    some = list(samples[:MOST])
    height = (BOTTOM - TOP - GAP * (len(some) - 1)) // max(1, len(some))
    for number, (text, own) in enumerate(some):
        top = TOP + number * (height + GAP)
        box = (MARGIN, top, WIDTH - MARGIN, top + height)
        pencil.rounded_rectangle(box, 14, fill=CARD, outline=EDGE, width=2)
        _sample(picture, fonts, text, own, box, SIZES[len(some)])
    _line(picture, Setter(fonts, 20), clusters(FOOTER, MUTED), 602, WIDTH - 2 * MARGIN)
    content = io.BytesIO()
    picture.save(content, "PNG", optimize=True)
    return Picture(content.getvalue(), _note(fonts.missing))


def write(path: Path, picture: Picture) -> None:
    """Write the file whole or not at all. Raises `WorkspaceError`."""
    unfinished = path.with_name(f".{path.name[:80]}-{uuid.uuid4().hex[:8]}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, picture.png, unfinished)
    except OSError as error:
        raise WorkspaceError(f"The picture {path} can't be written: {error.strerror or error}.") from error


def _sample(
    picture: Image.Image, fonts: Fonts, text: str, own: int, box: tuple[int, int, int, int], size: tuple[int, int]
) -> None:
    """Draw a sample in its card, with the prompt in another colour."""
    letters, step = size
    setter = Setter(fonts, letters)
    own = _at_a_word(text, own)
    written = [*clusters(text[:own], MUTED), *clusters(text[own : max(own, LONGEST)], INK)]
    if not any(cluster.text.strip() for cluster in written):
        written = clusters("(no words)", MUTED)
    left, top, right, bottom = box
    room = right - left - 48
    lines = setter.lines(written, room, (bottom - top - 14) // step)
    y = top + (bottom - top - step * len(lines)) / 2 + step * 0.74
    for line, backwards in lines:
        x = right - 24 - setter.width(line, backwards) if backwards else left + 24
        setter.draw(picture, line, (x, y), backwards)
        y += step


def _line(picture: Image.Image, setter: Setter, words: Sequence[Cluster], y: int, room: int) -> None:
    """One line, cut where it doesn't fit."""
    for line, backwards in setter.lines(words, room, 1):
        setter.draw(picture, line, (MARGIN, y), backwards)


def _blank(cluster: Cluster) -> Cluster:
    return Cluster(" ", cluster.colour) if cluster.text.isspace() else cluster


def _at_a_word(text: str, own: int) -> int:
    """Where the colour changes: not within a word of joined or stacked letters, since they would come apart."""
    while (
        0 < own < len(text)
        and not text[own - 1].isspace()
        and text[own].isalpha()
        and "\u0590" <= text[own] <= "\u1cff"
    ):
        own += 1
    return own


def _note(missing: set[str]) -> str:
    if not missing:
        return ""
    names = scripts(missing)
    listed = ", ".join(names[:5]) + (" and others" if len(names) > 5 else "")
    why = "No installed font has" if installed() else "No font is installed for"
    return f"{why} some characters of the picture, which are boxes in it: {listed}. {INSTALL}"
