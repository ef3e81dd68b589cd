"""The search for near-duplicates, against comparing every post with every other."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from curation.functions.exchange import Exchange
from curation.sameness import find, pairs, store
from curation.sameness.signatures import BANDS, signatures
from curation.sameness.similarity import similarities
from curation.sql import database, literal
from tests.sameness.test_signatures import jaccard

#: Posts are drawn from a number, so a failure gains nothing from a smaller one.
QUICK = (Phase.explicit, Phase.generate)
COLUMNS = "key VARCHAR, canonical VARCHAR, preference BIGINT, created_at TIMESTAMPTZ, platform VARCHAR, id VARCHAR"


def found(
    posts: Sequence[tuple[str | None, str, int, str]],
    *,
    threshold: float = 0.7,
    shortest: int = 25,
    memory: int = 100_000_000,
    workers: int = 1,
) -> tuple[dict[str, str], find.SearchResult]:
    """The id that each removed post is a copy of, and what the search says of itself.

    The posts are tuples (key, canonical, preference, id).
    """
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(database.connect(threads=1)) as connection:
        spill = Path(folder) / "spill"
        spill.mkdir()
        connection.execute(f"CREATE TABLE candidates ({COLUMNS}, part INTEGER, row BIGINT)")
        columns = [list(column) for column in zip(*posts, strict=True)] or [[], [], [], []]
        connection.execute(
            """
            INSERT INTO candidates SELECT key, text, rank, NULL, 'x', id, n % 3, n FROM (
                SELECT unnest($1::VARCHAR[]) AS key, unnest($2::VARCHAR[]) AS text, unnest($3::BIGINT[]) AS rank,
                       unnest($4::VARCHAR[]) AS id, unnest(range(len($4::VARCHAR[]))) AS n
            )
            """,
            columns,
        )
        progress: list[int] = []
        exchange = Exchange(
            connection, Path(folder) / "out.parquet", spill, memory, workers, lambda done, of: progress.append(done)
        )
        count = find.find_near_duplicates(exchange, threshold=threshold, shortest=shortest)
        marks = connection.sql(f"SELECT * FROM read_parquet({literal(str(exchange.out))})").fetchall()
        assert all(part == row % 3 for part, row, *_ in marks)
        texts = {post[3]: post[1] for post in posts}
        for _, row, kept, similarity in marks:
            text, other = posts[row][1], texts[kept]
            assert similarity == (1 if text == other else jaccard(text, other))
        assert progress == sorted(progress)
        return {posts[row][3]: copy for _, row, copy, _ in marks}, count


def ordered(posts: Sequence[tuple[str | None, str, int, str]]) -> list[tuple[str | None, str, int, str]]:
    """Preferred posts first."""
    return sorted(posts, key=lambda post: (post[2], len(post[3]), post[3]))


def reference(posts: Sequence[tuple[str | None, str, int, str]], threshold: float, shortest: int) -> dict[str, str]:
    """Each post is removed for the first kept one that it is like."""
    kept: list[tuple[str | None, str, int, str]] = []
    copies = {}
    for post in ordered(posts):
        for other in kept if post[0] is not None and post[1] else ():
            long = min(len(post[1]), len(other[1])) >= shortest
            if post[0] == other[0] and (post[1] == other[1] or (long and jaccard(post[1], other[1]) >= threshold)):
                copies[post[3]] = other[3]
                break
        else:
            kept.append(post)
    return copies


def some_posts(seed: int, count: int, letters: str = "abcdefghijklmnop霧港船шлю") -> list[tuple[str, str, int, str]]:
    """Invented posts of three authors, many of them another one with a few letters changed."""
    draw = random.Random(seed)
    texts = ["".join(draw.choices(letters, k=draw.randint(20, 60)))]
    while len(texts) < count:
        text = list(draw.choice(texts))
        if draw.random() < 0.3:
            text = draw.choices(letters, k=draw.randint(20, 60))
        for _ in range(draw.choice((0, 1, 1, 2, 3, 5))):
            text[draw.randrange(len(text))] = draw.choice(letters)
        texts.append("".join(text))
    return [(draw.choice("mno"), text, draw.randint(0, 9), str(n)) for n, text in enumerate(texts)]


@settings(max_examples=8, deadline=None, phases=QUICK)
@given(st.integers(0, 10**6), st.sampled_from([0.7, 0.8, 0.95]))
def test_what_goes_is_what_comparing_all_finds(seed: int, threshold: float) -> None:
    """On small sets, where hardly a pair is missed by chance, the same posts go for the same posts."""
    posts = some_posts(seed, 60)
    copies, _ = found(posts, threshold=threshold)
    expected = reference(posts, threshold, 25)
    missed = [post for post in expected if post not in copies]
    assert len(missed) <= 1
    # If the pair with the first is missed, a post may go for a later one that it is like.
    assert missed or sum(copies[post] != expected.get(post) for post in copies) <= 1


@settings(max_examples=6, deadline=None, phases=QUICK)
@given(st.integers(0, 10**6))
def test_every_mark_is_verified(seed: int) -> None:
    """Whatever goes is as similar as asked to a post with its key that is kept and preferred."""
    posts = some_posts(seed, 120)
    by_id = {post[3]: post for post in posts}
    places = {post[3]: place for place, post in enumerate(ordered(posts))}
    copies, _ = found(posts, threshold=0.6)
    assert copies
    for copy, kept in copies.items():
        assert kept not in copies
        assert by_id[copy][0] == by_id[kept][0]
        assert places[kept] < places[copy]
        assert by_id[copy][1] == by_id[kept][1] or jaccard(by_id[copy][1], by_id[kept][1]) >= 0.6


def test_nothing_else_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the order of the posts, nor workers, memory, sketches, nor how many are looked at at a time."""
    posts = some_posts(7, 400)
    expected, count = found(posts)
    assert len(expected) > 40
    assert count.removed < len(expected), "there should be equal texts too"
    shuffled = random.Random(8).sample(posts, len(posts))
    assert found(shuffled)[0] == expected
    assert found(posts, workers=4, memory=9_000)[0] == expected
    monkeypatch.setattr(find, "TEXTS_AT_ONCE", 37)
    monkeypatch.setattr(find, "PAIRS_AT_ONCE", 5)
    monkeypatch.setattr(pairs, "_AT_ONCE", 3)
    monkeypatch.setattr(find, "SKETCH_BITS", 1)  # so that all texts are long
    assert found(shuffled, workers=3)[0] == expected


def test_long_texts_that_are_not_alike_are_not_read_again() -> None:
    """Their sketches are as large as they need; those that are alike are found as always."""
    draw = random.Random(4)
    words = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(2, 9))) for _ in range(900)]
    texts = [" ".join(draw.choices(words, k=400)) for _ in range(60)]
    copies, figures = found([("m", text, 0, str(n)) for n, text in enumerate([*texts, texts[5][:-30]])])
    assert copies == {"60": "5"}
    assert figures.verified < 10


def test_signatures_are_stored_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the system writes a part at a time, as on a disk that is nearly full."""
    signed = signatures([post[1] for post in some_posts(1, 20)], 5)
    stored, write = store.Stored.empty(tmp_path, 20), os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda file, data, offset: write(file, data[:7], offset))
    stored.put(0, signed)
    assert np.array_equal([stored.band(band) for band in range(BANDS)], signed.bands.T)
    assert np.array_equal(stored.sketches(in_memory=True), signed.sketches)


def test_authors_do_not_matter_to_each_other() -> None:
    """What is found among the posts of one key is the same without the posts of the others."""
    posts = some_posts(9, 300)
    expected, _ = found(posts)
    apart = [found([post for post in posts if post[0] == key])[0] for key in "mno"]
    assert {copy: kept for copies in apart for copy, kept in copies.items()} == expected


def test_thousands_of_copies_cost_a_few_comparisons_each() -> None:
    """5,000 texts that differ in a word, in which all are like the first, take no 12,500,000 comparisons."""
    text = "the old ferry leaves the northern harbour at nine every foggy autumn morning says {}"
    posts = [("m", text.format(n), n, str(n)) for n in range(5000)]
    copies, count = found(posts)
    assert copies == {str(n): "0" for n in range(1, 5000)}
    assert count.texts == 5000
    assert count.verified < 8 * 5000


def test_one_template_costs_a_few_comparisons_each() -> None:
    """2,000 texts that share half of their letters, none of them like another, take no 2,000,000 comparisons."""
    draw = random.Random(3)
    text = "the old ferry leaves the northern harbour with {}"
    posts = [
        ("m", text.format("".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=40))), n, str(n)) for n in range(2000)
    ]
    copies, count = found(posts)
    assert copies == {}
    assert count.verified < 20 * 2000


def test_nothing_is_missed_in_a_crowd() -> None:
    """Of 600 posts of one template, far more than are compared in a bucket, no two that stay are similar."""
    draw = random.Random(6)
    words = ["".join(draw.choices("abcdefghijklmnop", k=draw.randint(3, 9))) for _ in range(16)]
    texts = ["the old ferry leaves the northern harbour " + " ".join(draw.choices(words, k=5)) for _ in range(600)]
    copies, _ = found([("m", text, n % 5, str(n)) for n, text in enumerate(texts)])
    stay = [text for n, text in enumerate(texts) if str(n) not in copies]
    assert 100 < len(stay) < 500
    every = np.array([*itertools.combinations(range(len(stay)), 2)])
    assert max(similarities(stay, some).max() for some in np.array_split(every, 20)) < 0.7


def test_nothing_to_compare() -> None:
    """Posts without a key, empty texts, and no posts at all."""
    assert found([])[0] == {}
    assert (
        found([(None, "the same long text of somebody", 1, "1"), (None, "the same long text of somebody", 1, "2")])[0]
        == {}
    )
    assert found([("m", "", 1, "1"), ("m", "", 1, "2")])[0] == {}


def test_equal_texts_follow_the_one_that_stands_for_them() -> None:
    """Posts with the text of a post that goes are copies of what it goes for, not of it."""
    old, new = "the old ferry leaves the northern harbour at nine", "the old ferry leaves the northern harbour at ten"
    posts = [
        ("m", new, 2, "2"),
        ("m", new, 3, "3"),
        ("m", old, 1, "1"),
        ("m", "a short one", 5, "5"),
        ("m", "a short one", 4, "4"),
    ]
    assert found(posts)[0] == {"2": "1", "3": "1", "5": "4"}


def test_texts_come_back_as_they_were_stored(tmp_path: Path) -> None:
    """Slices and single texts, of one byte a letter or four, over the borders of batches."""
    texts = ["", "soft fog", "霧が深い", "\U0001f6f6 \0 é", "x" * 300, "", "last"]
    with contextlib.closing(database.connect(threads=1)) as connection:
        rows = list(zip(range(len(texts)), texts, strict=True))
        connection.execute('CREATE TABLE t (row BIGINT, text VARCHAR, part INTEGER, "group" UBIGINT)')
        connection.executemany("INSERT INTO t VALUES ($1, $2, 1, $1 // 3)", rows)
        batches = [
            connection.sql(f"SELECT * FROM t WHERE row // 2 = {n} ORDER BY row").to_arrow_table() for n in range(4)
        ]
        stored = store.Texts.write(tmp_path, [batch for table in batches for batch in table.to_batches()])
    assert (stored.count, stored.groups) == (7, 3)
    assert stored.slice(0, 7) == texts
    assert stored.slice(2, 5) == texts[2:5]
    assert stored.some(stored.group_numbers()[[6]].astype("int64")) == [texts[2]]
    assert stored.some(stored.places(stored.group_numbers()[[0, 6]].astype("int64"))[:, 1]) == [texts[0], texts[2]]
    assert stored.group_numbers().tolist() == [0, 0, 0, 1, 1, 1, 2]
    assert stored.places(stored.group_numbers()[:0].astype("int64")).shape == (0, 2)
