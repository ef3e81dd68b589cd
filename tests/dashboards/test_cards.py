"""A post as HTML."""

from __future__ import annotations

import datetime
import re

from dashboards.parts.cards import head, link, texts
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


def test_a_head_says_who_and_when():
    """Display name and handle, the time in UTC, the platform and the kind; unknown ones in words."""
    made = head(post(is_reply=True))
    assert "<bdi>Mira</bdi> <bdi>@mira</bdi>" in made
    assert "2026-03-04 05:06 UTC · x · reply" in made
    assert "@unknown</bdi></strong> · no time" in head(post(author="", author_name=None, created_at=None))


def test_a_link_opens_a_post():
    """The link keeps the view, whatever the id holds."""
    view = View(corpus="own", chosen={"author": ("mira",)}).changed(post='x:a"&b')
    assert 'href="browse?corpus=own&amp;post=x%3Aa%22%26b&amp;author=mira"' in link("the kept post", view)


def test_what_was_repaired_is_marked():
    """Before and after stand there, with what changed marked and the rule that changed it."""
    made = texts(post(raw_text="a cafÃ©", rewritten_by=["fix_mojibake"]), RULES, "")
    assert "a caf<del>Ã©</del>" in made
    assert "a caf<ins>é</ins>" in made
    assert "before: Encodings repaired" in made
    assert "(nothing)" in texts(post(raw_text="https://a.example", text=""), RULES, "")


def test_every_hostile_text_is_text():
    """Only our tags, none of them with a handler, and no character that turns the direction of writing."""
    for row in hostile.HOSTILE:
        one = post(**{name: row[name] for name in ("author", "author_name", "text")})
        made = head(one) + texts(one, RULES, "<")
        assert set(re.findall(r"<(\w+)", made)) <= {"div", "span", "strong", "bdi", "mark", "del", "ins"}
        assert not re.search(r"<[^>]*\son\w+=|[\u202e\u2066\x00-\x08]", made)
        assert made.count("<div") == made.count("</div>")
        assert len(made) < 20_000
