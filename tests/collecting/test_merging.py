"""Versions of one post: what they say together, whichever lands first."""

from __future__ import annotations

import datetime
import itertools
import tempfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.asking.approach import approach
from curation.asking.variants import recipe_of
from curation.collecting.land import land
from curation.collecting.merging import TELLING
from curation.corpus.curate import curate
from curation.corpus.run_context import RunContext
from curation.disk.compaction import compact
from curation.engines.local import LocalEngine
from curation.recipes.recipe import Recipe
from tests.collecting.test_landing import MOMENT, Given, counted, given_posts

#: What a source knows that knows everything.
WHOLE = {
    "id": "1700000000000000001", "author": "mira", "author_name": "Міра", "created_at": MOMENT.replace(second=7),
    "text": "霧 &amp; قهوة", "text_format": "escaped", "lang": "ja", "is_repost": False, "is_reply": True,
    "reply_to": "5", "like_count": 7, "view_count": 0, "url": "https://x.com/mira/status/1", "edit_of": None,
}  # fmt: skip
#: What a poorer one says in place of that.
POORER = {
    "author": [None, "unknown"],
    "created_at": [None, MOMENT, MOMENT.replace(hour=0, minute=0)],
    "text": [("霧 &amp; قهوة", "unknown"), ("霧 & قهوة ", "unknown"), ("霧  &amp;  قهوة", "unknown")],
}

views = st.builds(
    lambda hidden, author, moment, text: {
        **{name: value for name, value in WHOLE.items() if name not in hidden},
        **({"author": author} if "author" in hidden else {}),
        **({"created_at": moment} if "created_at" in hidden else {}),
        **({"text": text[0], "text_format": text[1]} if "text" in hidden else {}),
    },
    st.sets(st.sampled_from(sorted(set(WHOLE) - {"id", "text_format"}))),
    *(st.sampled_from(POORER[name]) for name in ("author", "created_at", "text")),
)


def columns(data: Path) -> dict[str, Any]:
    """What is known of the one post: its latest row, as readers see it."""
    rows = [row for file in sorted(data.glob("raw/*/*.parquet")) for row in pq.read_table(file).to_pylist()]
    post = max(enumerate(rows), key=lambda numbered: (numbered[1]["landing"], numbered[0]))[1]
    return {name: post[name] for name in TELLING}


@given(st.lists(views, min_size=1, max_size=3), st.data())
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_order_of_partial_views_gives_the_same_columns(partial: list[dict[str, Any]], data: Any) -> None:
    """In one landing or in several, whichever comes first; and none of them says anything new again."""
    outcomes = []
    everything = [*partial, WHOLE]
    for _ in range(2):
        order = data.draw(st.permutations(everything))
        cut = data.draw(st.integers(0, len(order)))
        with tempfile.TemporaryDirectory() as name:
            if cut:
                land(Path(name), Given(order[:cut]))
            for view in order[cut:]:
                land(Path(name), given_posts(view))
            outcomes.append(columns(Path(name)))
            assert land(Path(name), Given(order)).status == "unchanged"
    whole = dict.fromkeys(TELLING) | {name: value for name, value in WHOLE.items() if name != "id"}
    assert outcomes == [whole] * 2


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_what_three_poor_files_say_is_known_together(tmp_path: Path, order: tuple[int, ...]) -> None:
    """Each of three files knows something else; no order loses anything of it."""
    files = [
        {"id": "1", "text": "ฝนตก", "text_format": "unknown", "author": None, "like_count": 3},
        {"id": "1", "text": "ฝนตก", "text_format": "plain", "author": "mira", "created_at": None},
        {"id": "1", "text": "ฝนตก", "text_format": "unknown", "author": "unknown", "reply_to": "0"},
    ]
    for number in order:
        land(tmp_path, given_posts(files[number]))
    post = columns(tmp_path)
    assert (post["author"], post["like_count"], post["reply_to"], post["text_format"]) == ("mira", 3, "0", "plain")
    assert post["created_at"] == MOMENT


@pytest.mark.parametrize(
    ("better", "poorer"),
    [
        (("a &lt;3 b", "escaped"), ("a <3 b", "unknown")),
        (("tea & fog", "plain"), ("tea &amp; fog", "unknown")),
        (("tea & fog", "plain"), ("tea &amp; fog", "escaped")),
        (("один\nдва", "plain"), ("один два", "unknown")),
        (("<p>霧</p>", "html"), ("<p>霧</p>", "unknown")),
        (("雨" * 90, "plain"), ("雨" * 70 + "…", "escaped")),
        (("fog " * 40 + "at last", "unknown"), ("fog " * 30 + "fo… https://t.co/abc", "escaped")),
    ],
)
@pytest.mark.parametrize("twist", [False, True])
def test_a_better_writing_of_a_text_stays(
    tmp_path: Path, better: tuple[str, str], poorer: tuple[str, str], twist: bool
) -> None:
    """Another escaping, other blanks, no form or a cut end replace no better writing, and are replaced by one."""
    for text, form in [better, poorer][:: -1 if twist else 1]:
        land(tmp_path, given_posts({"id": "1", "text": text, "text_format": form}))
    post = columns(tmp_path)
    assert (post["text"], post["text_format"]) == better


@pytest.mark.parametrize("form", ["plain", "escaped", "unknown"])
def test_another_text_is_another_version(tmp_path: Path, form: str) -> None:
    """What differs by more than its writing counts as it landed last."""
    land(tmp_path, given_posts({"id": "1", "text": "the fog lfits", "text_format": "plain"}))
    land(tmp_path, given_posts({"id": "1", "text": "the fog lifts…", "text_format": form}))
    assert columns(tmp_path)["text"] == "the fog lifts…"


@pytest.mark.parametrize("order", list(itertools.permutations([True, False, None])))
@pytest.mark.parametrize("together", [False, True])
def test_a_reply_stays_one(tmp_path: Path, order: tuple[bool | None, ...], together: bool) -> None:
    """What was answered may be deleted since; whoever downloaded the post before knows of it."""
    posts = [{"id": "1", "is_reply": flag} for flag in order]
    for some in [posts] if together else [[post] for post in posts]:
        land(tmp_path, Given(some))
    assert columns(tmp_path)["is_reply"] is True


def test_what_was_filled_lands_under_its_own_record(tmp_path: Path) -> None:
    """A row that was filled keeps the record that it was made of; the earlier record stays where it landed."""
    land(tmp_path, given_posts({"id": "1", "like_count": 7, "raw": '{"first": 1}'}))
    land(tmp_path, given_posts({"id": "1", "reply_count": 2, "raw": '{"second": 2}', "source_file": "second.csv"}))
    compact(tmp_path)
    post = counted(tmp_path)["1"]
    assert (post["like_count"], post["reply_count"], post["source_file"]) == (7, 2, "second.csv")


SNAPSHOTS = [
    {"text": "霧が張れる", "edited_at": None, "like_count": 1},
    {"text": "霧が晴れる", "edited_at": MOMENT + datetime.timedelta(hours=1), "like_count": 2},
    {"text": "霧が晴れた", "edited_at": MOMENT + datetime.timedelta(hours=2), "like_count": 3},
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("together", [False, True])
def test_the_version_that_was_edited_last_counts(tmp_path: Path, order: tuple[int, ...], together: bool) -> None:
    """Snapshots of a post that keeps its id: the newest edit, whichever landed last, also within one file."""
    posts = [{"id": "a", "platform": "mastodon", **SNAPSHOTS[number]} for number in order]
    for some in [posts] if together else [[post] for post in posts]:
        land(tmp_path, Given(some))
    post = columns(tmp_path)
    assert (post["text"], post["like_count"], post["edited_at"]) == tuple(
        SNAPSHOTS[2][name] for name in ("text", "like_count", "edited_at")
    )


# Edits that have ids of their own


def edited(*numbers: int) -> list[dict[str, Any]]:
    """Versions of a post, and a post that was never edited."""
    texts = {1: "the fog lfits at noon", 2: "the fog lifts at noon", 3: "the fog lifts at ten"}
    return [{"id": f"{number}", "text": texts[number], "edit_of": "1"} for number in numbers] + [
        {"id": "9", "text": "туман над рекой вечером"}
    ]


def verdicts(data: Path, recipe: Recipe) -> dict[str, tuple[str | None, str | None]]:
    """What removes each post, and for which other one."""
    corpus = curate(data, recipe, context=RunContext(LocalEngine(workers=1))).corpus
    return {post: (rule, copy) for post, rule, copy in corpus.rows("SELECT id, removed_by, duplicate_of FROM posts")}


@pytest.mark.parametrize("order", list(itertools.permutations(range(1, 4))))
def test_earlier_versions_are_removed_whatever_the_recipe(tmp_path: Path, order: tuple[int, ...]) -> None:
    """In any order of landing, under every recipe, the last version stays and the others say which it is."""
    for number in order:
        land(tmp_path, Given(edited(number)))
    expected = {"1": ("superseded", "3"), "2": ("superseded", "3"), "3": (None, None), "9": (None, None)}
    for recipe in (Recipe.load("baseline"), Recipe.load("huggingtweets"), Recipe("nothing", ())):
        assert verdicts(tmp_path, recipe) == expected


def test_a_version_from_before_the_edit_is_removed_too(tmp_path: Path) -> None:
    """One that was downloaded before there was another does not know of it."""
    land(tmp_path, given_posts({"id": "1", "text": "the fog lfits at noon"}))
    land(tmp_path, Given(edited(2)))
    assert verdicts(tmp_path, Recipe.load("huggingtweets"))["1"] == ("superseded", "2")


def test_without_edits_no_ledger_changes(tmp_path: Path) -> None:
    """Where nothing was edited a recipe has its own rules alone; where something was, its corpus answers for it."""
    land(tmp_path, given_posts({"id": "9", "text": "туман над рекой вечером"}))
    recipe = Recipe.load("huggingtweets")
    assert curate(tmp_path, recipe).corpus.removing_rules == ["retweet", "min_words"]
    land(tmp_path, Given(edited(1, 2)))
    corpus = curate(tmp_path, recipe).corpus
    assert corpus.removing_rules == ["superseded", "retweet", "min_words"]
    assert approach(recipe_of(corpus), recipe).way == "current"
    assert curate(tmp_path, recipe).status == "unchanged"
