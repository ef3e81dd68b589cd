"""Splits by time and by conversation: what hangs together stays together."""

from __future__ import annotations

import contextlib
import datetime
import json
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.exports import export
from curation.exports.choosing.connected import components
from curation.exports.choosing.split import side_of
from curation.options.export import ExportOptions
from curation.sql import database
from tests.corpora import CURATED, TIME, write_corpus
from tests.exports.test_split import canonical

TEXTS = ["Guten Morgen", "guten  MORGEN ", "今日は", "שלום", "สวัสดี 🦊", "", "another", "and another"]
IDS = [str(number) for number in range(1, 9)]


def dealt(corpus, out, **options) -> dict[str, dict[tuple[str, str], str]]:
    """Of each side the texts by author and id."""
    result = export(corpus, ["jsonl"], out, **options)
    sides = {}
    for file in result.files:
        posts = map(json.loads, file.path.read_text(encoding="utf-8").splitlines())
        sides[file.split] = {(post["author"], post["id"]): post["text"] for post in posts}
    return sides


def naive(count: int, pairs: list[tuple[int, int]]) -> list[int]:
    """Of each number the least that it hangs together with, by going on until nothing changes."""
    least = list(range(count))
    for _ in range(count):
        for one, other in pairs:
            least[one] = least[other] = min(least[one], least[other])
    return least


@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2)))))
@settings(max_examples=40, deadline=None)
def test_components_are_those_of_a_plain_loop(graph):
    """Whatever the pairs, loops and circles among them."""
    count, pairs = graph
    one, other = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    assert components(count, one, other).tolist() == naive(count, pairs)


def test_a_long_chain_is_one_component():
    """A hundred thousand in a row, in any order."""
    order = np.random.default_rng(0).permutation(100_000)
    assert not components(100_000, order[:-1], order[1:]).any()


def post(text, reply_to, conversation, platform, author, day, removed):
    """A row of a corpus; its id is its place on its platform."""
    return {
        "text": text, "reply_to": reply_to, "conversation_id": conversation, "platform": platform,
        "author": f"{author}@{platform}", "created_at": day and TIME.replace(day=day), "removed_by": removed,
    }  # fmt: skip


POSTS = st.lists(
    st.builds(
        post,
        st.sampled_from(TEXTS),
        st.none() | st.sampled_from(IDS),
        st.none() | st.sampled_from(IDS[:3]),
        st.sampled_from(["x", "bluesky"]),
        st.sampled_from(["mira", "tom"]),
        st.none() | st.integers(1, 28),
        st.sampled_from([None, None, None, "retweet"]),
    ),
    min_size=1,
    max_size=8,
).map(lambda rows: [*rows, {"text": "one that is kept", "author": "zoe", "id": "last"}])


def conversations(rows) -> list[int]:
    """Of each row the first of its conversation, as a plain loop finds it."""
    names = {}
    pairs = []
    for number, row in enumerate(rows):
        for name in {row["id"], row.get("reply_to"), row.get("conversation_id")} - {None}:
            pairs.append((number, names.setdefault((row.get("platform", "x"), name), number)))
    return naive(len(rows), pairs)


def asked(rows, options: ExportOptions) -> dict[int, str]:
    """The sides of the kept rows, as the database says without writing an export."""
    names = ("id", "text", "reply_to", "conversation_id", "platform", "created_at", "removed_by", "duplicate_of")
    filled = [{"platform": "x", "created_at": TIME, **row, "number": number} for number, row in enumerate(rows)]
    table = pa.table({
        "number": [row["number"] for row in filled],
        **{name: pa.array([row.get(name) for row in filled], CURATED[name]) for name in names},
    })  # fmt: skip
    with contextlib.closing(database.connect(threads=2)) as connection:
        connection.register("posts", table)
        with tempfile.TemporaryDirectory() as folder:
            side, _ = side_of(connection, options, "true", [], Path(folder))
        return dict(connection.execute(f"SELECT number, {side} FROM posts WHERE removed_by IS NULL").fetchall())


@given(POSTS, st.floats(0.05, 0.95), st.integers(0, 3), st.sampled_from(["time", "conversation"]))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_leaks(rows, valid, seed, by):
    """Each kept post is on one side, no text is on both, no conversation is cut, whatever the order of the posts."""
    rows = [{"id": str(number), **row} for number, row in enumerate(rows, 1)]
    sides = asked(rows, ExportOptions(valid=valid, split=by, seed=seed))
    backwards = asked(rows[::-1], ExportOptions(valid=valid, split=by, seed=seed))
    assert {len(rows) - 1 - number: side for number, side in backwards.items()} == sides
    assert set(sides) == {number for number, row in enumerate(rows) if not row.get("removed_by")}
    assert set(sides.values()) <= {"train", "valid"}
    train, valids = ([number for number in sides if sides[number] == side] for side in ("train", "valid"))
    assert not {canonical(rows[n]["text"]) for n in train} & {canonical(rows[n]["text"]) for n in valids} - {""}
    if by == "conversation":
        first = conversations(rows)
        assert not {first[number] for number in train} & {first[number] for number in valids}
    else:
        assert all(rows[number].get("created_at", TIME) for number in valids)
        assert len(valids) <= valid * len(sides)


@pytest.mark.parametrize("split", ["time", "conversation"])
def test_the_bytes_are_the_same_for_another_order_of_files(tmp_path, split):
    """However the posts are dealt out over files, and a second time."""
    rows = [
        {
            "id": str(n),
            "text": f"{n // 2} 今日は",
            "reply_to": str(n - 2) if n % 8 == 3 else None,
            "author": f"author {n % 3}",
        }
        for n in range(1, 29)
    ]
    written = []
    for number, (posts, parts) in enumerate(((rows, 1), (rows, 1), (rows[::-1], 3))):
        place = tmp_path / str(number)
        export(write_corpus(place, posts, parts=parts), ["jsonl"], place, valid=0.4, split=split)
        written.append([(place / f"{side}.jsonl").read_bytes() for side in ("train", "valid")])
    assert written[0] == written[1] == written[2]
    assert all(written[0])


def test_the_newest_posts_are_valid(tmp_path):
    """As many as the share says; of one time those with the greater ids; those without a time are training posts."""
    rows = [{"text": f"post {n}", "created_at": TIME + datetime.timedelta(days=n // 2)} for n in range(20)]
    rows += [{"text": f"no time {n}", "created_at": None} for n in range(10)]
    sides = dealt(write_corpus(tmp_path, rows), tmp_path / "out", valid=0.1, split="time")
    assert sorted(sides["valid"].values()) == ["post 17", "post 18", "post 19"]


def test_a_copy_of_an_older_post_is_a_training_post(tmp_path):
    """By its text, or by way of a removed post that a rule found to be the same; the number is said."""
    rows = [{"text": f"post {n}", "created_at": TIME + datetime.timedelta(days=n)} for n in range(20)]
    rows[19]["text"] = " POST  0"
    rows.append({"text": "post 18", "duplicate_of": "2", "removed_by": "near_duplicate"})
    corpus = write_corpus(tmp_path, rows)
    sides = dealt(corpus, tmp_path / "out", valid=0.2, split="time")
    assert sorted(sides["valid"].values()) == ["post 16", "post 17"]
    [warning] = export(corpus, ["jsonl"], tmp_path / "out", valid=0.2, split="time").warnings
    assert warning.startswith("2 of the newest posts are on the training side")


def test_a_conversation_that_is_larger_than_the_share_is_a_training_one(tmp_path):
    """It could only ruin the share; how many posts it has is said."""
    rows = [{"text": f"post {n}", "reply_to": "1" if 0 < n < 50 else None} for n in range(100)]
    for seed in range(3):
        corpus, out = write_corpus(tmp_path / str(seed), rows), tmp_path / f"out-{seed}"
        result = export(corpus, ["jsonl"], out, valid=0.4, split="conversation", seed=seed)
        assert [warning[:29] for warning in result.warnings] == ["50 of 100 posts hang together"]
        assert 5 < result.files[1].posts < 36


@pytest.mark.parametrize("split", ["time", "conversation"])
def test_a_share_is_about_what_was_asked_for(tmp_path, split):
    """Of a thousand posts in conversations of four about a fifth is valid; another seed deals conversations anew."""
    rows = [
        {"text": f"post {n}", "reply_to": str(n) if n % 4 else None, "created_at": TIME + datetime.timedelta(n)}
        for n in range(1000)
    ]
    corpus = write_corpus(tmp_path, rows)
    found = [set(dealt(corpus, tmp_path / "out", valid=0.2, split=split, seed=seed)["valid"]) for seed in (0, 1)]
    assert 150 < len(found[0]) < 250
    assert (found[0] == found[1]) == (split == "time")
