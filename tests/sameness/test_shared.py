"""Near-duplicates by many workers: the marks of one machine, however the texts are cut."""

from __future__ import annotations

import contextlib
import itertools
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.functions.exchange import PLACE, Exchange, Room, SharedExchange, Work
from curation.sameness import find
from curation.sameness.pairs import Buckets, packed
from curation.sameness.shared import find as shared
from curation.sameness.shared.proposing import bucket_pairs
from curation.sameness.shared.sizes import Sizes
from curation.sql import database, literal
from tests.sameness.test_find import QUICK, some_posts

COLUMNS = ("key", "canonical", "preference", "created_at", "platform", "id")
Post = tuple[str | None, str, int, str]


@contextlib.contextmanager
def candidate_files(posts: Sequence[Post], files: int) -> Iterator[list[Path]]:
    """Files of candidates, as shards write them."""
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(database.connect(threads=1)) as connection:
        connection.execute(
            "CREATE TABLE posts (key VARCHAR, canonical VARCHAR, preference BIGINT, id VARCHAR, n BIGINT)"
        )
        if posts:
            connection.executemany(
                "INSERT INTO posts VALUES (?, ?, ?, ?, ?)", [(*post, n) for n, post in enumerate(posts)]
            )
        paths = [Path(folder) / f"{number}.keys.parquet" for number in range(files)]
        for number, path in enumerate(paths):
            connection.execute(
                f"""
                COPY (
                    SELECT key, canonical, preference, TIMESTAMPTZ '2020-01-01' + INTERVAL (n % 3) DAY AS created_at,
                           'x' AS platform, id
                    FROM posts WHERE n % {files} = {number} ORDER BY n
                ) TO {literal(str(path))} (FORMAT parquet)
                """
            )
        yield paths


def here(paths: list[Path], search: Callable[[Exchange], Any]) -> tuple[list[tuple[Any, ...]], Any]:
    """The marks that one process finds, and what it says of the search."""
    folder = paths[0].parent / "here"
    folder.mkdir()
    with contextlib.closing(database.connect(threads=1)) as connection:
        files = literal(str(path) for path in paths)
        connection.execute(
            f"CREATE VIEW candidates AS SELECT {', '.join(COLUMNS)}, {PLACE} FROM read_parquet({files}) "
            "WHERE key IS NOT NULL"
        )
        out = paths[0].parent / "here.parquet"
        result = search(Exchange(connection, out, folder, 100_000_000, 1))
    return marks(out), result


def marks(path: Path) -> list[tuple[Any, ...]]:
    """The marks of a file, with the types of their columns."""
    table = pq.read_table(path)
    return [
        tuple((field.name, str(field.type)) for field in table.schema),
        *(tuple(row.values()) for row in table.to_pylist()),
    ]


def one_by_one(folder: Path, memory: int) -> Callable[[str, Sequence[Work]], list[tuple[Path, ...]]]:
    """Does work in this process, in a mixed order; every third piece twice, as after a lost worker."""

    def run(step: str, work: Sequence[Work]) -> list[tuple[Path, ...]]:
        files: dict[int, tuple[Path, ...]] = {}
        for number in random.Random(step).sample(range(len(work)), len(work)):
            for attempt in range(2 if number % 3 == 0 else 1):
                assert work[number].rows >= 0
                files[number] = work[number].run(Room(folder / f"{step}-{number:05d}-{attempt}", memory))
                assert all(path.name.startswith(f"{step}-{number:05d}-{attempt}") for path in files[number])
        return [files[number] for number in range(len(work))]

    return run


def shared_out(
    paths: list[Path], search: Callable[[SharedExchange], Any], memory: int = 200_000_000
) -> tuple[list[tuple[Any, ...]], Any]:
    """The marks that workers find, and what is said of the search."""
    folder = paths[0].parent / "shared"
    folder.mkdir()
    out, calls = folder / "marks.parquet", []
    exchange = SharedExchange(
        tuple(paths),
        COLUMNS,
        "key IS NOT NULL",
        Room(folder / "exchange", memory),
        out,
        memory,
        one_by_one(folder, memory),
        lambda done, of: calls.append(done / of),
    )
    result = search(exchange)
    assert calls == sorted(calls)
    assert not [path for path in folder.rglob("*") if path.is_dir()], "nothing that is spilled stays"
    return marks(out), result


def sizes_of(draw: random.Random) -> Sizes:
    """Sizes so small that everything is cut."""
    return Sizes(
        texts=draw.choice((25, 1000)),
        members=draw.choice((30, 10_000)),
        pairs=draw.choice((3, 40, 10_000)),
        partition=draw.choice((2_000, 1_000_000)),
    )


@settings(max_examples=6, deadline=None, phases=QUICK)
@given(
    st.integers(0, 10**6), st.sampled_from([0.5, 0.7, 0.9, 1.0]), st.integers(1, 5), st.sampled_from(["author", "any"])
)
def test_the_marks_are_those_of_one_machine(seed: int, threshold: float, files: int, scope: str) -> None:
    """Every column of every mark, in the same order; no pair is verified again in a later round."""
    draw = random.Random(seed)
    posts: list[Post] = [
        (key if scope == "author" else "anybody", text, rank, number)
        for key, text, rank, number in some_posts(seed, draw.choice((40, 120)))
    ]
    posts += [(None, "a post that is nobody's copy", 1, "a"), ("anybody", "", 1, "b"), ("anybody", "", 1, "c")]
    with candidate_files(posts, files) as paths:
        expected, result = here(paths, partial(find.find_near_duplicates, threshold=threshold))
        found, other = shared_out(
            paths, partial(shared.find_near_duplicates, threshold=threshold, sizes=sizes_of(draw))
        )
    assert found == expected
    assert (other.texts, other.removed) == (result.texts, result.removed)
    assert other.verified <= result.verified


@settings(max_examples=3, deadline=None, phases=QUICK)
@given(st.integers(0, 10**6), st.integers(1, 5), st.sampled_from([4_000, 10**9]))
def test_authors_can_be_compared_one_by_one(seed: int, files: int, partition: int) -> None:
    """Where copies are by one author, each partition is a search of its own."""
    search = find.find_near_duplicates
    sizes = Sizes(texts=1000, members=1000, pairs=1000, partition=partition)
    with candidate_files(some_posts(seed, 120), files) as paths:
        expected, _ = here(paths, search)
        found, result = shared_out(paths, partial(shared.find_near_duplicates, by_key=search, sizes=sizes))
    assert found == expected
    assert result is None


def test_an_author_with_most_posts_is_shared_out_by_bands() -> None:
    """A partition far above its bound is not searched by one worker."""
    posts: list[Post] = [("m" if n % 10 else "n", *post[1:]) for n, post in enumerate(some_posts(11, 150))]
    search = find.find_near_duplicates
    sizes = Sizes(texts=60, members=100, pairs=1000, partition=1_000)
    with candidate_files(posts, 2) as paths:
        expected, result = here(paths, search)
        found, other = shared_out(paths, partial(shared.find_near_duplicates, by_key=search, sizes=sizes))
    assert len(expected) > 10
    assert found == expected
    assert (other.texts, other.removed) == (result.texts, result.removed)


def test_one_bucket_with_all_texts() -> None:
    """Texts that are all alike are in the same buckets, of which a worker gets a few at a time."""
    text = "the old ferry leaves the northern harbour at nine every foggy autumn morning says {}"
    posts: list[Post] = [("anybody", text.format(n), n % 7, str(n)) for n in range(200)]
    with candidate_files(posts, 3) as paths:
        expected, result = here(paths, find.find_near_duplicates)
        sizes = Sizes(texts=60, members=40, pairs=100, partition=2_000)
        found, other = shared_out(paths, partial(shared.find_near_duplicates, sizes=sizes))
    assert len(found) == 200
    assert found == expected
    assert (other.texts, other.removed) == (result.texts, result.removed)


def test_crowds_are_held_by_a_worker() -> None:
    """Posts of templates, of which hundreds share a bucket and few are alike, in several groups."""
    draw = random.Random(5)
    words = ["".join(draw.choices("abcdefghijklmnop", k=draw.randint(3, 9))) for _ in range(12)]
    text = "the old ferry leaves {} for {} with {} and {}"
    posts: list[Post] = [(draw.choice("mn"), text.format(*draw.choices(words, k=4)), n % 5, str(n)) for n in range(300)]
    with candidate_files(posts, 3) as paths:
        expected, result = here(paths, find.find_near_duplicates)
        sizes = Sizes(texts=120, members=60, pairs=500, partition=4_000)
        found, other = shared_out(paths, partial(shared.find_near_duplicates, sizes=sizes))
    assert 50 < len(found) < 250
    assert found == expected
    assert (other.texts, other.removed) == (result.texts, result.removed)


def test_nothing_to_compare() -> None:
    """Neither posts, nor posts of which anything is left."""
    for posts in ([], [("anybody", "", 1, "1"), ("anybody", "short", 1, "2")]):
        with candidate_files(posts, 2) as paths:
            found, result = shared_out(paths, shared.find_near_duplicates)
            expected, _ = here(paths, find.find_near_duplicates)
        assert (found, result.texts, result.verified) == (expected, 0, 0)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=80),
    st.lists(st.integers(0, 80), max_size=6),
    st.sampled_from([(1, 0), (8, 4)]),
)
def test_pairs_do_not_depend_on_batches(rows: list[tuple[int, int]], cuts: list[int], reach: tuple[int, int]) -> None:
    """Buckets that come in batches propose the pairs of those that come at once."""
    groups = sorted(group for _, group in rows)
    values = np.array([value for value, _ in rows], dtype=np.uint32)
    begins = np.array([0, *(n for n in range(1, len(groups)) if groups[n] != groups[n - 1])], dtype=np.int64)
    members = packed(values, np.arange(len(rows)))
    whole = [pair for pairs in Buckets.of(np.sort(members), begins).pairs(*reach) for pair in pairs.tolist()]
    borders = sorted({0, len(rows), *(cut for cut in cuts if cut < len(rows))})
    batches = (np.sort(members[begin:end]) for begin, end in itertools.pairwise(borders))
    pieces = [pair for pairs in bucket_pairs(batches, begins, *reach) for pair in pairs.tolist()]
    assert sorted(pieces) == sorted(whole)
