"""What each transform changed."""

from __future__ import annotations

import pytest

from curation.corpus.selection import facets
from dashboards.queries import repairs
from dashboards.queries.repairs import ChangedPosts, PostsInView
from dashboards.snapshot import Answers, Snapshot
from dashboards.view import View
from tests.corpora import rule, write_corpus
from tests.dashboards.test_browse import html_of, list_of, opened

RULES = [
    rule("fix_mojibake", kind="transform", label="Encodings repaired", measure="fix_mojibake"),
    rule("strip_urls", kind="transform", label="Links taken out"),
    rule("idle", kind="transform"),
    rule("min_words"),
]
FIX = {"rewritten_by": ["fix_mojibake"], "fix_mojibake": "utf-8 as mac roman"}
ROWS = [
    {**FIX, "raw_text": "caf√© one", "text": "café one"},
    {**FIX, "raw_text": "caf√© two", "text": "café two", "removed_by": "min_words"},
    {
        "raw_text": "cafÃ© caf√© https://a.example",
        "text": "café café",
        "rewritten_by": ["fix_mojibake", "strip_urls"],
        "fix_mojibake": "utf-8 as windows-1252, utf-8 as mac roman",
        "author": "jo",
    },
    {"text": "as it was"},
]


@pytest.fixture
def corpus(tmp_path):
    """A few repaired posts."""
    return write_corpus(tmp_path, ROWS, rules=RULES)


def looked(corpus, **says) -> PostsInView:
    """The posts of a view."""
    return PostsInView.at(Snapshot(corpus, Answers()), View(**says), facets(corpus.manifest))


def test_each_rule_says_how_many_posts_it_changed(corpus):
    """Kept and removed ones, zeros too, in recipe order; filters are not among them."""
    assert list(repairs.by_rule(looked(corpus)).values()) == [
        ChangedPosts("fix_mojibake", 2, 1),
        ChangedPosts("strip_urls", 1, 0),
        ChangedPosts("idle", 0, 0),
    ]


def test_a_view_limits_the_posts(corpus):
    """Other conditions count, and what is looked at does not."""
    some = looked(corpus, chosen={"author": ("jo",)}, rewritten="idle", found="fix_mojibake:x")
    assert repairs.by_rule(some)["fix_mojibake"] == ChangedPosts("fix_mojibake", 1, 0)


def test_kinds_are_counted_one_by_one(corpus):
    """A post in which two were found counts for both; a rule that records nothing has no kinds."""
    assert repairs.kinds(looked(corpus), "fix_mojibake") == [
        ChangedPosts("utf-8 as mac roman", 2, 1),
        ChangedPosts("utf-8 as windows-1252", 1, 0),
    ]
    assert repairs.kinds(looked(corpus), "strip_urls") == []


def test_examples_are_the_same_each_time(corpus):
    """Those that only this rule changed come first, more examples begin with the fewer ones, a kind limits them."""
    two, all_of_them = (repairs.examples(looked(corpus), "fix_mojibake", "", most) for most in (2, 10))
    assert [post["id"] for post in all_of_them[:2]] == [post["id"] for post in two]
    assert {post["id"] for post in two} == {"1", "2"}
    [one] = repairs.examples(looked(corpus), "fix_mojibake", "utf-8 as windows-1252", 10)
    assert one["id"] == "3"


def test_replacements_are_counted(corpus):
    """What was put for what, in posts that no other rule changed."""
    assert repairs.replacements(looked(corpus), "fix_mojibake", "") == [("√©", "é", 2)]


def test_the_page(monkeypatch, tmp_path, corpus):
    """It shows the figures, links that filter Browse, and marked examples; a kind is chosen by a click."""
    at = opened(monkeypatch, tmp_path, "repairs")
    said = html_of(at)
    assert "browse?corpus=invented&amp;rewritten=strip_urls" in said
    assert "browse?corpus=invented&amp;found=fix_mojibake%3Autf-8+as+mac+roman" in said
    pieces = [piece for row in list_of(at)["rows"] for piece in row["text"]]
    assert ["del", "√©"] in pieces
    assert ["", " one"] in pieces
    at.selectbox(key="repairs:kind").set_value("fix_mojibake:utf-8 as windows-1252").run()
    assert at.query_params["found"] == "fix_mojibake:utf-8 as windows-1252"
    assert ["", " one"] not in [piece for row in list_of(at)["rows"] for piece in row["text"]]
    at.selectbox(key="repairs:rule").set_value("idle").run()
    assert "changed no post here" in at.info[0].value


def test_a_recipe_without_transforms_says_so(monkeypatch, tmp_path):
    """There is nothing to show."""
    write_corpus(tmp_path, [{"text": "one"}])
    assert "no rule that changes a text" in opened(monkeypatch, tmp_path, "repairs").info[0].value
