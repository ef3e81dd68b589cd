"""Text of any script in lines: the order of writing, where a line may end, and which font has a character."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.training.generation.typesetting import bidi, fonts
from curation.training.generation.typesetting.fonts import Face, Fonts, coverage, font, installed
from curation.training.generation.typesetting.lines import Cluster, Setter, clusters

INK = (0, 0, 0)

needs_fonts = pytest.mark.skipif("NotoSans-Regular" not in installed(), reason="Noto Sans is not installed")
needs_arabic = pytest.mark.skipif("NotoSansArabic-Regular" not in installed(), reason="Noto Sans Arabic is not there")


def shaped() -> bool:
    """Whether Pillow has the library that joins letters."""
    from PIL import features

    return bool(features.check("raqm"))


def seen(text: str, right_to_left: bool | None = None) -> str:
    """The letters of a line from left to right."""
    letters = list(text)
    backwards = bidi.is_right_to_left(text) if right_to_left is None else right_to_left
    return "".join(letters[at] for at in bidi.visual(bidi.levels(letters, backwards)))


@pytest.mark.parametrize(
    ("text", "visual"),
    [
        ("abc", "abc"),
        ("אבג", "גבא"),
        ("abc אבג def", "abc גבא def"),
        ("אבג abc דהו", "והד abc גבא"),
        ("אבג 123 דהו", "והד 123 גבא"),
        ("abc אבג 12.5 def", "abc 12.5 גבא def"),
        # Which way a bracket looks is the font's business: it is the same letter in both.
        ("abc אבג (דהו) ghi", "abc )והד( גבא ghi"),
        ("אבג 5% (abc)", ")abc( 5% גבא"),
        ("אבג (abc) דהו", "והד )abc( גבא"),
        ("שלום!", "!םולש"),
    ],
)
def test_a_line_is_read_in_both_directions(text: str, visual: str) -> None:
    """Letters from right to left run backwards, numbers and others in between do not."""
    assert seen(text) == visual


@given(st.text("abאב12٣ .,()-+$%", max_size=30), st.booleans())
def test_every_letter_is_shown_once(text: str, right_to_left: bool) -> None:
    """Whatever the order, none is lost."""
    assert sorted(seen(text, right_to_left)) == sorted(text)


def test_clusters_are_what_a_reader_takes_for_a_character() -> None:
    """A family, a flag and a letter with marks are one; what steers is gone."""
    text = "👩‍👩‍👧🇩🇪e\u0301ก\u0e33\u202ea\x1b\t"
    assert [cluster.text for cluster in clusters(text, INK)] == ["👩‍👩‍👧", "🇩🇪", "e\u0301", "ก\u0e33", "a", " "]
    assert [cluster.text for cluster in clusters("a\r\nb\u2028c", INK)] == ["a", "\n", "b", "\n", "c"]


@needs_fonts
@settings(max_examples=60, deadline=None)
@given(st.text("ab c, é猫。「ท👩🏽‍🚀אב\n", max_size=120), st.integers(80, 600), st.integers(1, 4))
def test_lines_fit_and_hold_the_text_in_its_order(text: str, width: int, most: int) -> None:
    """Nothing but blanks is left out, unless an ellipsis says so."""
    setter = Setter(Fonts(text), 25)
    every = clusters(text, INK)
    lines = setter.lines(every, width, most)
    assert len(lines) <= most
    assert all(setter.width(line, backwards) <= width or len(line) <= 2 for line, backwards in lines)
    words = [cluster for cluster in every if not cluster.text.isspace()]
    shown = [cluster for line, _ in lines for cluster in line if not cluster.text.isspace()]
    if shown[-1:] == [Cluster("…", shown[-1].colour)] if shown else False:
        assert shown[:-1] == words[: len(shown) - 1]
    else:
        assert shown == words


@needs_fonts
def test_no_line_begins_with_what_ends_a_sentence() -> None:
    """In Japanese a line may end between any two characters, but for some."""
    setter = Setter(Fonts("あ"), 20)
    text = "猫は「窓辺」で眠っている。" * 9
    for width in range(100, 300, 7):
        for line, _ in setter.lines(clusters(text, INK), width, 99):
            assert line[0].text not in "」。っ"
            assert line[-1].text != "「"


@needs_arabic
@pytest.mark.skipif(not shaped(), reason="Pillow has no raqm here")
def test_arabic_letters_are_joined() -> None:
    """A word is narrower than its letters alone, and is one piece with a blank after it."""
    setter = Setter(Fonts("سلام"), 40)
    word = clusters("سلام عليكم", INK)
    assert setter.width(word, True) < 0.9 * sum(setter.width([letter], True) for letter in word)
    assert len(setter._runs(word, True)) == 1


@pytest.mark.skipif(not installed(), reason="no font is installed")
def test_a_font_has_what_it_draws_and_no_more() -> None:
    """What `cmap` says is what Pillow draws: a character that isn't there is drawn as every one that isn't."""
    for name in ("NotoSans-Regular", "DejaVuSans", "NotoSansArabic-Regular", "NotoSansCJK-Regular"):
        if name not in installed():
            continue
        face = Face(installed()[name])
        made = font(face, 24)
        box = bytes(made.getmask("\U0003fffe"))
        has = coverage(face.path, face.index)
        for character in "aZ0é漢あجกक→∑Ωя\u0378\u2fe0":
            drawn = bytes(made.getmask(character))
            assert bool(has[ord(character)]) == (drawn != box), (name, character)


def test_what_is_no_font_has_nothing(tmp_path) -> None:
    """An empty file, a picture or half a font is not an error."""
    for content in (b"", b"\x89PNG\r\n", b"ttcf" + b"\xff" * 20, b"\0\1\0\0\0\1" + b"\0" * 6 + b"cmap" + b"\xff" * 12):
        path = tmp_path / f"{len(content)}.ttf"
        path.write_bytes(content)
        assert not coverage(path).any()


@needs_fonts
def test_chinese_characters_are_written_as_in_the_language() -> None:
    """With kana beside them as in Japan, with hangul as in Korea, else as in China."""
    if "NotoSansCJK-Regular" not in installed():
        pytest.skip("Noto Sans CJK is not installed")
    indices = [Fonts(text).face("直").index for text in ("直す", "直 한국", "直")]
    assert indices == [fonts.JAPANESE, fonts.KOREAN, fonts.CHINESE]
