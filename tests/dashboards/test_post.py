"""One post in full."""

from __future__ import annotations

import json
import re

import pytest

from curation.rules import RuleBook
from dashboards.queries import post as queries
from dashboards.snapshot import Answers, Snapshot
from tests import hostile
from tests.corpora import rule, write_corpus
from tests.dashboards.test_browse import html_of, opened

RULES = [
    rule("min_words", measure="min_words", min=3),
    rule("exact_duplicate", kind="dedup"),
    rule("thread", kind="dedup"),
]
ROWS = [
    {"id": "1", "text": "kept", "min_words": 5},
    *({"id": f"c{n}", "removed_by": "exact_duplicate", "duplicate_of": "1"} for n in range(3)),
    {"id": "p", "removed_by": "thread", "duplicate_of": "1"},
    {"id": "1", "platform": "file", "text": "another platform's"},
]


@pytest.fixture
def snapshot(tmp_path):
    """A kept post with copies, a part, and a namesake elsewhere."""
    return Snapshot(write_corpus(tmp_path, ROWS, rules=RULES), Answers())


def test_a_post_is_found_by_platform_and_id(snapshot):
    """Two platforms may have the same id; a name that no post has finds none."""
    assert queries.find(snapshot, "x:1")["text"] == "kept"
    assert queries.find(snapshot, "file:1")["text"] == "another platform's"
    assert [queries.find(snapshot, name) for name in ("x:2", "x", "", "'; drop table posts; --")] == [None] * 4


def test_copies_and_parts_are_told_apart(snapshot):
    """Copies are counted beyond those that are shown, parts of a thread stand by themselves, both lead back."""
    kept = queries.find(snapshot, "x:1")
    copies, parts = queries.copies(snapshot, kept, 2), queries.copies(snapshot, kept, parts=True)
    assert ([post["id"] for post in copies.posts], copies.number) == (["c0", "c1"], 3)
    assert [post["id"] for post in parts.posts] == ["p"]
    assert queries.kept_for(snapshot, copies.posts[0])["id"] == "1"
    assert queries.kept_for(snapshot, kept) is None
    assert queries.copies(snapshot, queries.find(snapshot, "file:1")).number == 0


@pytest.mark.parametrize(
    ("removed_by", "words"),
    [
        (["superseded"], "Earlier versions of it"),
        (["exact_duplicate", "exact_duplicate"], "Removed as copies of it"),
        (["superseded", "exact_duplicate"], "Its copies and earlier versions"),
    ],
)
def test_versions_are_no_copies(tmp_path, removed_by, words):
    """An earlier version of a post is not called a copy of it."""
    rules = [rule("superseded", kind="dedup"), rule("exact_duplicate", kind="dedup")]
    others = [{"id": f"c{n}", "removed_by": name, "duplicate_of": "1"} for n, name in enumerate(removed_by)]
    snapshot = Snapshot(write_corpus(tmp_path, [{"id": "1", "text": "kept"}, *others], rules=rules), Answers())
    copies = queries.copies(snapshot, queries.find(snapshot, "x:1"))
    assert queries.heading(snapshot, copies) == words


def test_a_rule_has_its_meaning():
    """What a rule removes is in its docstring; an unknown rule has none."""
    assert queries.meaning(rule("min_words"), RuleBook.load()).startswith("Fewer than min words")
    assert queries.meaning(rule("own"), RuleBook()) == ""


def test_a_record_is_written_out_and_steers_nothing():
    """JSON gets a line for each field and stays the same JSON; what is none stays as it is."""
    raw = json.dumps({"text": "a\u202eb\x00 名前", "id": 1}, ensure_ascii=False)
    pretty = queries.pretty(raw)
    assert json.loads(pretty) == json.loads(raw)
    assert "\u202e" not in pretty
    assert "名前" in pretty
    assert (queries.pretty(None), queries.pretty("no { json")) == ("", "no { json")


@pytest.fixture(scope="module")
def tried(tmp_path_factory):
    """A workspace of posts that try something."""
    return hostile.land(tmp_path_factory.mktemp("hostile")).root


def test_a_post_in_full(monkeypatch, tried):
    """Steps, rules with values, columns, the record, and the command line that tells the same."""
    at = opened(monkeypatch, tried, post="file:repaired")
    said = html_of(at)
    assert "Encodings repaired" in said or "Text that was decoded" in said
    assert "<del>" in said
    assert "lets it pass" in said
    assert not re.search(r"<(script|img|iframe|svg|style)", said)
    assert json.loads(at.code[0].value)["id"] == "repaired"
    assert at.code[1].value.startswith("curation explain --recipe hostile --data ")
    at.button(key="back").click().run()
    assert "post" not in at.query_params


def test_a_post_that_is_not_there(monkeypatch, tried):
    """The page says so, and offers the way back."""
    at = opened(monkeypatch, tried, post="x:<b>nobody")
    assert "There is no post" in at.warning[0].value
    assert at.button(key="back")
