"""Clusters of copies: which there are, what is kept, and what the page says of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import dashboards
from curation.rules import installed
from curation.rules.base import KEPT_FOR, Dedup
from curation.rules.duplicates import PREFERENCES, ExactDuplicate
from curation.rules.threads import Superseded, Thread
from dashboards.queries import duplicates
from dashboards.queries.duplicates import ClusterFilter
from dashboards.snapshot import Answers, Snapshot
from tests.corpora import rule, write_corpus

APP = str(Path(dashboards.__file__).with_name("app.py"))
RULES = [
    rule("exact_duplicate", kind="dedup", label="Exact duplicates", scope="author", keep="earliest"),
    rule("template", kind="dedup", label="Templates", scope="global", keep="none"),
    rule("language", label="Other languages"),
]
COPY = {"removed_by": "exact_duplicate"}


def posts():
    """Invented posts with copies: a big cluster, a small one on another platform, one whose kept post went later."""
    return [
        {"id": "1", "author": "mira", "text": "<b>Soup</b> at *noon*"},
        *(
            {"id": f"1{n}", "author": "mira", "text": "<b>soup</b> at *noon*", "duplicate_of": "1", **COPY}
            for n in range(7)
        ),
        {"id": "2", "author": "'; drop table", "text": "שלום", "removed_by": "language"},
        {"id": "21", "author": "'; drop table", "text": "שלום", "duplicate_of": "2", **COPY},
        {"id": "2", "platform": "bluesky", "author": "oya", "text": "今日は"},
        {"id": "22", "platform": "bluesky", "author": "oya", "text": "今日は", "duplicate_of": "2", **COPY},
        {"id": "31", "platform": "mastodon", "author": "kai", "text": "soup", "duplicate_of": "1", **COPY},
        {"id": "41", "author": "kai", "text": "gone", "duplicate_of": "40", **COPY},
        {"id": "51", "author": "kai", "text": "in place 3", "removed_by": "template"},
    ]


@pytest.fixture
def snapshot(tmp_path):
    """A corpus of these posts."""
    return Snapshot(write_corpus(tmp_path, posts(), rules=RULES), Answers())


def test_every_copy_is_in_one_cluster(snapshot):
    """Clusters are by the post that was kept, on its own platform where two have one id, the largest first."""
    found = duplicates.clusters(snapshot, ClusterFilter())
    assert found.select("platform", "id", "copies", "authors").rows() == [
        ("x", "1", 8, 2), ("bluesky", "2", 1, 1), ("x", "2", 1, 1), ("x", "40", 1, 1),
    ]  # fmt: skip
    assert duplicates.by_rule(found) == {"exact_duplicate": (4, 11)}
    assert duplicates.without_kept(snapshot) == {"template": 1}


def test_filters_leave_whole_clusters(snapshot):
    """By author of the kept post or of a copy, by rule and by size."""
    assert duplicates.clusters(snapshot, ClusterFilter(authors=("mira",)))["copies"].to_list() == [8]
    assert duplicates.clusters(snapshot, ClusterFilter(authors=("kai",)))["copies"].to_list() == [8, 1]
    assert duplicates.clusters(snapshot, ClusterFilter(least=2))["id"].to_list() == ["1"]
    assert duplicates.clusters(snapshot, ClusterFilter(rules=("template",))).height == 0
    for chosen in (ClusterFilter(), ClusterFilter(authors=("mira",)), ClusterFilter(("exact_duplicate",), least=2)):
        counts = duplicates.counts(snapshot, chosen)
        for author, several in counts["author"].items():
            assert duplicates.clusters(snapshot, replace(chosen, authors=(author,))).height == several
        for rule_name, several in counts["verdict"].items():
            assert duplicates.clusters(snapshot, replace(chosen, rules=(rule_name,))).height == several


def test_a_page_has_the_kept_posts_and_the_first_copies(snapshot):
    """Each cluster comes with its own post, None where that is gone, and at most so many of its own copies."""
    found = duplicates.clusters(snapshot, ClusterFilter())
    big, bluesky, hebrew, gone = duplicates.page(snapshot, found, 1, copies=3)
    assert (big.kept["author"], [copy["id"] for copy in big.shown]) == ("mira", ["10", "11", "12"])
    assert (bluesky.kept["author"], [copy["id"] for copy in bluesky.shown]) == ("oya", ["22"])
    assert (hebrew.kept["removed_by"], [copy["id"] for copy in hebrew.shown]) == ("language", ["21"])
    assert (gone.kept, gone.post, [copy["id"] for copy in gone.shown]) == (None, "x:40", ["41"])
    assert [one.id for one in duplicates.page(snapshot, found, 2, size=3)] == ["40"]


@pytest.mark.parametrize("keep", ["none", *PREFERENCES])
def test_every_preference_has_words(keep):
    """Whatever a recipe keeps, the page says why."""
    assert ExactDuplicate.reason({"keep": keep}) == KEPT_FOR[keep]


def test_other_rules_say_why_too():
    """A thread keeps its first part; a rule of somebody's own is told in its own words."""
    assert "first part" in Thread.reason({})
    assert "last version" in Superseded.reason({})
    assert "preferred" in Dedup.reason({})


@pytest.mark.parametrize(
    ("use", "words"), [("thread", "later parts"), ("superseded", "earlier versions"), ("near_duplicate", "copies")]
)
def test_what_a_rule_removes_has_its_name(use, words):
    """Parts of a thread and earlier versions are not called copies."""
    assert installed().class_of({"use": use}).removed[1] == words


@pytest.mark.parametrize(
    ("post", "copy", "begins"),
    [
        ({"text": "a", "raw_text": "a"}, {"text": "b", "raw_text": "b"}, ""),
        ({"text": "a", "raw_text": "a x"}, {"text": "a", "raw_text": "a y"}, "The same after rewriting"),
        ({"text": "a", "raw_text": "a"}, {"text": "a", "raw_text": "a"}, "The same, letter by letter"),
    ],
)
def test_what_differs_is_laid_side_by_side(post, copy, begins):
    """Final texts where they differ, else the downloaded ones."""
    before, after, note = duplicates.texts(post, copy)
    assert note.startswith(begins)
    assert (before == after) == (post == copy)


def test_the_page_shows_posts_as_text(snapshot, monkeypatch):
    """Kept and copy stand there escaped, what only the copy has is marked, and the small ones can be left out."""
    monkeypatch.setenv("CURATION_DATA", str(snapshot.corpus.folder.parent.parent))
    app = AppTest.from_file(APP, default_timeout=60).run()
    page = app.switch_page("pages/duplicates.py").run()
    assert not page.exception
    drawn = "".join(element.proto.body for element in page.get("html"))
    assert "&lt;b&gt;<del>S</del><ins>s</ins>oup&lt;/b&gt;" in drawn
    assert "<b>" not in drawn
    assert "later removed by Other languages" in drawn
    assert "no longer in the corpus" in drawn
    assert any("4 clusters" in caption.value for caption in page.caption)
    page.number_input(key="duplicates:least").set_value(2).run()
    assert any("1 cluster," in caption.value for caption in page.caption)
    assert page.query_params["least"] in ("2", ["2"])


def test_a_recipe_without_dedup_says_so(tmp_path, monkeypatch):
    """There is nothing to show, and a sentence says why."""
    write_corpus(tmp_path, [{"text": "one"}])
    monkeypatch.setenv("CURATION_DATA", str(tmp_path))
    page = AppTest.from_file(APP, default_timeout=60).run().switch_page("pages/duplicates.py").run()
    assert "has no rule that removes copies" in page.info[0].value
