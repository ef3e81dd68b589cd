"""Strangers' texts as HTML and in Markdown."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from dashboards.markup import badge, compared, differences, highlighted, plain, show_unseen, table

TAG = re.compile(r"</?(?:del|ins|mark)>")


def text_of(inner: str) -> str:
    """What a reader sees of HTML whose only tags are those that mark."""
    return html.unescape(TAG.sub("", inner))


@given(st.text(max_size=40), st.text(max_size=40))
def test_the_pieces_of_two_texts_are_the_texts(before, after):
    """Joined, the pieces are the two texts again, and those called the same are the same."""
    pieces = list(differences(before, after))
    assert "".join(old for _, old, _ in pieces) == before
    assert "".join(new for _, _, new in pieces) == after
    assert all(old == new for same, old, new in pieces if same)


@given(st.text("a<>&\"'é\u202e ", max_size=30), st.text("a<>&\"'é\u202e ", max_size=30))
def test_two_texts_beside_each_other_say_what_they_said(before, after):
    """Nothing is lost but the marks, and the only tags are ours."""
    old, new = compared(before, after)
    assert text_of(old) == show_unseen(before)
    assert text_of(new) == show_unseen(after)


def test_only_what_changed_is_marked():
    """A repaired letter is marked, and what stands around it is not."""
    assert compared("a cafÃ© here", "a café here") == ("a caf<del>Ã©</del> here", "a caf<ins>é</ins> here")


def test_a_letter_is_not_parted_from_its_accent():
    """A changed accent marks the whole letter, and a changed vowel sign the whole syllable."""
    assert compared("e\u0301x", "e\u0300x") == ("<del>e\u0301</del>x", "<ins>e\u0300</ins>x")
    assert compared("ที่", "ทู่")[0] == "<del>ที่</del>"
    assert compared("👩‍🚀", "👩‍🎤") == ("<del>👩‍🚀</del>", "<ins>👩‍🎤</ins>")


def test_long_texts_are_compared_in_larger_pieces():
    """Of a hundred thousand letters that stand elsewhere none is lost, and words are marked rather than letters."""
    before, after = "ab " * 33_333, "ba " * 33_333
    old, new = compared(before, after)
    assert (text_of(old), text_of(new)) == (before, after)
    assert "<del>" in old


def test_a_cut_says_how_much_is_left_out():
    """Of each text so many characters are shown, and the rest is counted."""
    old, new = compared("x" * 50, "x" * 50 + "y" * 50, most=40)
    assert old == "x" * 40 + " … 10 more characters"
    assert new == "x" * 40 + " … 60 more characters"


def test_hits_are_marked_in_capitals_or_not():
    """Every occurrence is marked as it is written, and what surrounds it stays text."""
    assert highlighted("<b>Soup</b> soup", "SOUP") == ("&lt;b&gt;<mark>Soup</mark>&lt;/b&gt; <mark>soup</mark>")
    assert "<mark>%_</mark>" in highlighted("100 %_ of it", "%_")
    assert highlighted("educoffee & tea", "coffee OR raw:tea", column="text") == "educoffee &amp; tea"
    assert highlighted("a (b", "(b") == "a (b"  # it can't be read, which the page says


def test_a_hit_far_down_is_shown():
    """A cut text begins shortly before the first hit."""
    assert "<mark>needle</mark>" in highlighted("hay " * 5_000 + "needle", "needle", most=100)


@given(st.text("*_`[]()<>#$:\\~|!&@/.-+=^{}x ", min_size=1, max_size=20))
def test_words_for_markdown_have_no_sign_that_acts(words):
    """Every sign of Markdown has a backslash before it."""
    assert re.fullmatch(r"(?:\\[^a-z\s]\u2060?|[a-z\s])*", plain(words))


def test_two_hyphens_stay_two():
    """Streamlit draws `--` between blanks as one dash, unless an invisible sign stands between them."""
    assert plain("Search: -- a->b <-") == "Search\\: \\-\u2060\\- a\\-\\>b \\<\u2060\\-"


def test_cells_and_badges_are_text():
    """A cell, a head, a link's address and a badge with HTML in them show it."""
    made = table(["<th>"], [["<script>"]], ['x"onmouseover="y']) + badge("<b>", kept=False, doc='"><i>')
    assert not re.search(r"<(script|b|i)>|\"onmouseover", made)
