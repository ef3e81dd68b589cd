"""A post as a card."""

from __future__ import annotations

import datetime
import re

from dashboards.parts.cards import card, head
from dashboards.view import View
from tests import hostile
from tests.corpora import rule

RULES = [
    rule("fix_mojibake", kind="transform", label="Encodings repaired", measure="fix_mojibake"),
    rule("min_words", label="Short tweets", measure="min_words", min=3),
    rule("exact_duplicate", kind="dedup", label="Exact duplicates"),
]


def post(**says) -> dict:
    """A row of a corpus."""
    usual = {
        "platform": "x",
        "id": "7",
        "author": "mira",
        "author_name": "Mira",
        "created_at": datetime.datetime(2026, 3, 4, 5, 6, tzinfo=datetime.UTC),
        "text": "a café",
        "raw_text": "a café",
        "matched": [],
        "removed_by": None,
        "rewritten_by": [],
        "duplicate_of": None,
    }
    return usual | says


def test_a_kept_post_says_who_when_and_where():
    """Display name and handle, the time in UTC, the platform, the kind, and that it is kept."""
    made = card(post(is_reply=True), RULES, View())
    assert "<bdi>Mira</bdi> <bdi>@mira</bdi>" in made
    assert "2026-03-04 05:06 UTC · x · reply" in made
    assert '<span class="badge kept" title="">✓ kept</span>' in made


def test_a_removed_post_says_why_with_the_value():
    """The reason that counts is the badge, and other rules that match stand beside it."""
    both = ["min_words", "exact_duplicate"]
    made = card(post(matched=both, removed_by="min_words", min_words=2, duplicate_of="5"), RULES, View())
    assert "✗ Short tweets: 2 words &lt; 3</span>" in made
    assert "also matched: Exact duplicates: a copy of 5" in made


def test_a_copy_leads_to_the_kept_post():
    """The link keeps the view, and opens the post that stands for this one, whatever its id holds."""
    view = View(corpus="own", chosen={"author": ("mira",)})
    made = card(post(matched=["exact_duplicate"], removed_by="exact_duplicate", duplicate_of='a"&b'), RULES, view)
    assert 'href="browse?corpus=own&amp;post=x%3Aa%22%26b&amp;author=mira"' in made


def test_what_was_repaired_is_marked():
    """Before and after stand there, with what changed marked and the rule that changed it."""
    made = card(post(raw_text="a cafÃ©", rewritten_by=["fix_mojibake"]), RULES, View())
    assert "a caf<del>Ã©</del>" in made
    assert "a caf<ins>é</ins>" in made
    assert "before: Encodings repaired" in made


def test_a_hit_before_rewriting_is_shown():
    """A text that only the downloaded post has is marked there."""
    made = card(post(raw_text="a café https://a.example/soup", text="a café"), RULES, View(q="SOUP"))
    assert "https://a.example/<mark>soup</mark>" in made


def test_nothing_that_is_left_is_said():
    """A post of which nothing is left says so, and one without author or time too."""
    assert "(nothing)" in card(post(raw_text="https://a.example", text=""), RULES, View())
    assert "@unknown</bdi></strong> · no time" in head(post(author="", author_name=None, created_at=None))


def test_a_pin_is_said_in_words():
    """A pinned post says what it must be."""
    assert "pinned: must be kept" in card(post(), RULES, View(), pinned="kept")


def test_every_hostile_text_is_text():
    """Only our tags, none of them with a handler, and no character that turns the direction of writing."""
    for row in hostile.HOSTILE:
        made = card(post(**{name: row[name] for name in ("author", "author_name", "text")}), RULES, View(q="<"))
        assert set(re.findall(r"<(\w+)", made)) <= {"div", "span", "strong", "bdi", "mark", "del", "ins"}
        assert not re.search(r"<[^>]*\son\w+=|[\u202e\u2066\x00-\x08]", made)
        assert made.count("<div") == made.count("</div>")
        assert len(made) < 20_000
