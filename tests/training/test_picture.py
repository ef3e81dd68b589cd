"""The social preview: its size, what it shows, and what it says when a font is missing or the disk is full."""

from __future__ import annotations

import errno
import io
from pathlib import Path

import pytest

from curation.disk import whole_files
from curation.errors import UsageError, WorkspaceError
from curation.training.generation import picture
from curation.training.generation.typesetting import fonts, lines

SAMPLES = [
    ("My dream is to light the lamp 🏮 before anybody is awake. " * 9, 11),
    ("صباح الخير يا أصدقاء، الشاي جاهز ☕️", 11),
    ("雨の日は本を読む。\nวันนี้ฝนตกทั้งวัน 👩‍👩‍👧", 4),
]

NEEDED = ("NotoSans-Regular", "NotoSansArabic-Regular", "NotoSansThai-Regular", "NotoSansCJK-Regular", "NotoColorEmoji")


def pixels(made: picture.Picture):
    """The picture, opened."""
    from PIL import Image

    return Image.open(io.BytesIO(made.png))


@pytest.mark.parametrize("many", [0, 1, 2, 3])
def test_it_is_a_png_of_the_size_that_previews_have(many: int) -> None:
    """However many samples there are; the same samples give the same bytes."""
    made = picture.draw("mira", "My dream is", SAMPLES[:many])
    opened = pixels(made)
    assert (opened.format, opened.size, opened.mode) == ("PNG", (1200, 630), "RGB")
    assert picture.draw("mira", "My dream is", SAMPLES[:many]).png == made.png


def test_it_shows_name_prompt_and_three_samples() -> None:
    """Another of them is another picture; a fourth sample changes nothing."""
    every = {
        picture.draw(name, prompt, samples).png
        for name, prompt in [("mira", "My"), ("tom", "My"), ("mira", "")]
        for samples in (SAMPLES, SAMPLES[:2], SAMPLES[::-1])
    }
    assert len(every) == 9
    assert picture.draw("mira", "My", [*SAMPLES, ("more", 0)]).png in every


def test_nothing_is_drawn_outside_of_the_cards() -> None:
    """Long samples, words without end and a hundred lines are cut."""
    for text in ("word " * 900, "w" * 4_000, "猫" * 2_000, "line\n" * 100, "", " \n ", "\U0003fffe" * 50):
        opened = pixels(picture.draw("m" * 300, "p" * 500, [(text, 0)] * 3))
        for edge in (
            opened.crop((0, 12, 60, 630)),
            opened.crop((1142, 12, 1200, 630)),
            opened.crop((64, 291, 1136, 305)),
        ):
            assert len(edge.getcolors()) == 1, text[:10]


@pytest.mark.skipif(any(name not in fonts.installed() for name in NEEDED), reason="some of Noto's fonts are missing")
def test_every_script_has_its_font() -> None:
    """Nothing is a box, and emoji have colours."""
    made = picture.draw("mira", "", SAMPLES)
    assert made.note == ""
    greys = [colour for _, colour in pixels(picture.draw("m", "", [("a", 0)])).getcolors(1 << 20)]
    colours = [colour for _, colour in pixels(picture.draw("m", "", [("🏮", 0)])).getcolors(1 << 20)]
    assert any(red > green + 100 and red > blue + 100 for red, green, blue in set(colours) - set(greys))


def test_missing_fonts_are_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the scripts and what to install; Latin letters need none."""
    monkeypatch.setattr(fonts, "installed", dict)
    monkeypatch.setattr(picture, "installed", dict)
    assert picture.draw("mira", "My dream is", [("to be", 0)]).note == ""
    note = picture.draw("mira", "", [(SAMPLES[1][0] + SAMPLES[2][0], 0)]).note
    assert note.startswith("No font is installed for some characters of the picture")
    assert "Arabic" in note
    assert "apt install fonts-noto-core" in note


def test_without_the_library_that_shapes_it_is_drawn_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters are in order, though not joined."""
    from PIL import ImageFont

    def plain(face: fonts.Face | None, size: int) -> ImageFont.FreeTypeFont:
        if face is None:
            return ImageFont.load_default(size)
        return ImageFont.truetype(
            str(face.path), face.pixels or size, index=face.index, layout_engine=ImageFont.Layout.BASIC
        )

    monkeypatch.setattr(lines, "font", plain)
    assert pixels(picture.draw("mira", "", SAMPLES)).size == (1200, 630)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is a sentence, leaves the older picture and nothing else."""
    path = tmp_path / "new" / "predictions.png"
    made = picture.draw("mira", "", [("words", 0)])
    picture.write(path, made)
    assert path.read_bytes() == made.png

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(whole_files, "flush", full)
    with pytest.raises(WorkspaceError, match=r"predictions.png can't be written: No space left"):
        picture.write(path, picture.Picture(b"other", ""))
    assert [file.name for file in path.parent.iterdir()] == ["predictions.png"]
    assert path.read_bytes() == made.png


def test_only_a_png_is_written(tmp_path: Path) -> None:
    """Another ending or a folder is refused before a model is loaded."""
    picture.require(tmp_path / "a.PNG")
    with pytest.raises(UsageError, match=r"predictions\.png"):
        picture.require(tmp_path / "a.jpg")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        picture.require(tmp_path / "folder.png")
