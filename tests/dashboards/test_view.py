"""The address of a page and the posts that it means."""

from __future__ import annotations

import pytest

from curation.corpus.selection import Condition, facets
from curation.errors import UsageError
from dashboards.snapshot import Answers, Snapshot
from dashboards.view import View
from tests.corpora import rule, write_corpus

ROWS = [
    {"author": "'; drop table posts; --", "text": "a café by the harbour", "raw_text": "a cafÃ© by the harbour"},
    {"author": "back\\slash", "text": "100 % of it", "removed_by": "min_words"},
    {"author": "new\nline", "text": "100 of it", "removed_by": "min_words", "matched": ["min_words", "tail"]},
    {"author": "名前🙂", "text": "HARBOUR_1", "damage": "email, phone", "rewritten_by": ["damage"]},
    {"author": "", "text": "harbour 1", "created_at": None, "is_reply": True},
]
DAMAGE = rule("damage", kind="transform", measure="damage")


@pytest.fixture
def snapshot(tmp_path):
    """A few posts whose authors and texts try something."""
    return Snapshot(write_corpus(tmp_path, ROWS, rules=[DAMAGE, rule("min_words"), rule("tail")]), Answers())


def ids(snapshot: Snapshot, view: View) -> list[int]:
    """The posts that a view means."""
    where, parameters = view.where(facets(snapshot.manifest))
    return [int(i) for i in snapshot.query(f"SELECT id FROM posts WHERE {where} ORDER BY id", parameters)["id"]]


VIEW = View(
    corpus="baseline",
    chosen={"author": ("a&b=c", "名前\n🙂"), "verdict": ("kept",)},
    q="%_\\",
    found="damage:email",
    order="oldest",
    post="x:1:2",
)


def test_an_address_says_the_whole_view():
    """What an address says is what was written into it, whatever signs it has."""
    assert View.parse(VIEW.words(), ["author", "verdict"], ["damage"]) == VIEW


def test_what_an_address_says_wrongly_is_left_out():
    """An unknown order, an unknown facet and a finding of a rule that records nothing are no condition."""
    words = {"order": ["sideways"], "colour": ["red"], "found": ["min_words:x"], "q": ["soup"]}
    assert View.parse(words, ["author"], ["damage"]) == View(q="soup")


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_every_author_can_be_chosen(snapshot, number):
    """An author's handle is a value, never SQL; one without a handle is unknown."""
    author = ROWS[number]["author"] or "unknown"
    assert ids(snapshot, View().choosing("author", author)) == [number + 1]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("HARBOUR", [1, 5]),
        ("*harbour*", [1, 4, 5]),
        ("%", [2]),
        ("*_*", [4]),
        ("*ã©", [1]),
        ("café", [1]),
        ("'; drop", []),
    ],
)
def test_a_search_is_of_both_texts(snapshot, q, found):
    """It is searched before and after rewriting, in capitals or not, and signs of SQL mean themselves."""
    assert ids(snapshot, View(q=q)) == found


def test_a_search_may_be_as_long_as_a_post(snapshot):
    """Some thousand characters of another script are searched for at once; more are refused with a sentence."""
    assert ids(snapshot, View(q="🦊" * 10_000)) == []
    with pytest.raises(UsageError, match="100,000 characters"):
        ids(snapshot, View(q="🦊" * 100_000))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ({"matched": "tail"}, [3]),
        ({"only": "min_words"}, [2]),
        ({"rewritten": "damage"}, [4]),
        ({"found": "damage:phone"}, [4]),
        ({"found": "damage:email, phone"}, []),
    ],
)
def test_other_conditions(snapshot, words, found):
    """A rule that matches, one that matches alone, a transform, and one thing that a transform found."""
    assert ids(snapshot, View(**words)) == found


def test_a_condition_can_be_taken_away():
    """One value of a facet, a whole facet, a word, or everything but the order; the open post goes with it."""
    assert VIEW.without("author", "a&b=c").chosen["author"] == ("名前\n🙂",)
    assert "author" not in VIEW.without("author").chosen
    assert VIEW.without("q").q == VIEW.without("q").post == ""
    assert VIEW.cleared == View(corpus="baseline", order="oldest")
    assert not VIEW.cleared.limits


def test_conditions_are_named(snapshot):
    """Each has the name and the values that the address has."""
    named = [(c.name, c.values) for c in VIEW.conditions(facets(snapshot.manifest)) if isinstance(c, Condition)]
    assert named == [
        ("verdict", ("kept",)),
        ("author", ("a&b=c", "名前\n🙂")),
        ("q", ("%_\\",)),
        ("found", ("damage:email",)),
    ]
