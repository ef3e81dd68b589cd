"""What every engine promises (see `curation.engines.engine.Engine`); another engine is one line here."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from curation.engines.candidates import Candidates
from curation.engines.compiling import compile_recipe
from curation.engines.engine import Engine
from curation.engines.local import LocalEngine
from curation.errors import RecipeError, WorkspaceError
from curation.functions.exchange import Exchange
from curation.recipes.plan import Plan
from curation.recipes.recipe import Recipe
from tests.engines.test_engine import Stumbling
from tests.judge import recipe_of, write_raw

#: Engines by what they run on, each made with so many posts a shard.
ENGINES: dict[str, Callable[[int], Engine]] = {
    "here": lambda posts: LocalEngine(workers=1, shard_posts=posts),
    "two workers": lambda posts: LocalEngine(workers=2, shard_posts=posts),
}

RULES: list[dict[str, Any]] = [
    {"use": "retweet"},
    {"use": "strip_urls"},
    {"use": "thread"},
    {"use": "exact_duplicate"},
    {"use": "near_duplicate", "scope": "global"},
    {"use": "min_words", "min": 2},
    {"use": "language", "keep": ["en"]},
]


WORDS = "the ferry is late again and nobody at the harbour knows why it rains on every single morning"


@pytest.fixture(params=ENGINES)
def engine_of(request: pytest.FixtureRequest) -> Callable[[int], Engine]:
    """Makes one of the engines, with so many posts a shard."""
    return ENGINES[request.param]


def archive(folder: Path) -> list[Path]:
    """Two files of sixty invented posts, with copies, near copies and threads across files and row groups."""
    draw = random.Random(7)
    words = WORDS.split()
    posts: list[dict[str, Any]] = []
    for number in range(60):
        text = " ".join(words[: draw.randint(1, len(words))])
        changed = text.replace("morning", draw.choice(["morning", "evening"]))
        author = "mira" if number % 3 else "nils"
        answered = str(number - 2) if number % 7 == 3 else None
        posts.append({"id": str(number), "text": changed, "author": author, "reply_to": answered})
    return [
        write_raw(folder / "1.parquet", posts[:35], [4, 11, 20]),
        write_raw(folder / "2.parquet", posts[35:], [1, 24]),
    ]


def rows(parts: list[Path]) -> list[dict[str, Any]]:
    """The posts of these parts, in their order."""
    return [post for part in parts for post in pq.read_table(part).to_pylist()]


def plan_of(*rules: dict[str, Any]) -> Plan:
    """The plan of these rules."""
    return compile_recipe(recipe_of(*rules))


@pytest.mark.parametrize("shard_posts", [1, 13, 1_000])
def test_the_rows_are_those_of_one_worker_and_one_shard(
    engine_of: Callable[[int], Engine], tmp_path: Path, shard_posts: int
) -> None:
    """Every column of every post, in their order, however the posts are cut."""
    files = archive(tmp_path)
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    expected = rows(LocalEngine(workers=1).run(plan_of(*RULES), files, tmp_path / "one"))
    assert len({post["removed_by"] for post in expected}) > 3
    assert rows(engine_of(shard_posts).run(plan_of(*RULES), files, tmp_path / "other")) == expected


def test_parts_lie_in_the_folder_and_nothing_else_is_written(
    engine_of: Callable[[int], Engine], tmp_path: Path
) -> None:
    """One part a shard, in the order of the posts; beside them the marks of each comparison."""
    files, into = archive(tmp_path), tmp_path / "into"
    into.mkdir()
    parts = engine_of(10).run(plan_of({"use": "exact_duplicate"}), files, into)
    assert [pq.read_metadata(part).num_rows for part in parts] == [15, 20, 25]
    assert {path for path in into.rglob("*") if path.is_file()} == {*parts, into / "marks0.parquet"}
    assert {path.name for path in tmp_path.iterdir()} == {"1.parquet", "2.parquet", "into"}


def test_small_files_are_worked_on_together(engine_of: Callable[[int], Engine], tmp_path: Path) -> None:
    """A shard for each of a hundred small landings would cost more than their posts."""
    posts = [{"id": str(number), "text": f"rain on day {number // 2}", "author": "mira"} for number in range(60)]
    files = [write_raw(tmp_path / f"{first}.parquet", posts[first : first + 5]) for first in range(0, 60, 5)]
    whole = write_raw(tmp_path / "whole.parquet", posts)
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    plan = plan_of({"use": "exact_duplicate"}, {"use": "min_words", "min": 5})
    parts = engine_of(32).run(plan, files, tmp_path / "other")
    assert [pq.read_metadata(part).num_rows for part in parts] == [30, 30]
    assert rows(parts) == rows(LocalEngine(workers=1).run(plan, [whole], tmp_path / "one"))
    with (tmp_path / "35.parquet").open("r+b") as file:
        file.seek(4)
        file.write(b"\xff" * 300)
    with pytest.raises(WorkspaceError, match=r"35\.parquet"):
        engine_of(32).run(plan, files, tmp_path / "other")


def test_a_rule_that_fails_is_named(engine_of: Callable[[int], Engine], tmp_path: Path) -> None:
    """An exception in a worker reaches the caller as the error that it is."""
    raw = write_raw(tmp_path / "raw.parquet", [{"text": "rain"}, {"text": "fog"}, {"text": "snow"}], [1, 1])
    recipe = Recipe("mine", (*recipe_of({"use": "min_words"}).rules, Stumbling()))
    with pytest.raises(RecipeError, match=r"'stumbling' fails on a post of raw\.parquet: .*too foggy"):
        engine_of(1).run(compile_recipe(recipe), [raw], tmp_path)


def test_progress_grows_to_the_end(engine_of: Callable[[int], Engine], tmp_path: Path) -> None:
    """Progress never goes back, and ends with all posts."""
    calls: list[tuple[int, int]] = []
    engine_of(10).run(plan_of(*RULES), archive(tmp_path), tmp_path, progress=lambda done, of: calls.append((done, of)))
    assert calls == sorted(calls)
    assert calls[-1] == (60, 60)


def longest(exchange: Exchange) -> None:
    """Marks the longest text of each author."""
    exchange.write(
        "SELECT part, row, author AS of FROM candidates "
        "QUALIFY length(text) = max(length(text)) OVER (PARTITION BY author)"
    )


def test_an_exchange_brings_equal_keys_of_all_files_together(
    engine_of: Callable[[int], Engine], tmp_path: Path
) -> None:
    """Candidates have their place in the files, and the marks come in the order of places."""
    one = [{"author": "nils", "text": "fog"}, {"author": "mira", "text": "fog, again"}]
    other = [{"author": "mira", "text": "rain"}, {"author": "nils", "text": "long rain"}]
    files = [write_raw(tmp_path / "1.parquet", one), write_raw(tmp_path / "2.parquet", other)]
    out = tmp_path / "marks.parquet"
    engine_of(1).exchange(Candidates(tuple(files), ("author", "text"), ("author",), longest, out, "text <> 'fog'"))
    assert pq.read_table(out).to_pylist() == [
        {"part": 0, "row": 1, "of": "mira"},
        {"part": 1, "row": 1, "of": "nils"},
    ]


class _StoppedError(Exception):
    """What the caller raises in the middle of a run."""


def test_a_run_that_is_left_by_an_exception_can_be_made_again(
    engine_of: Callable[[int], Engine], tmp_path: Path
) -> None:
    """The workers end, and the same engine gives the whole result afterwards."""
    files, engine = archive(tmp_path), engine_of(10)
    for name in ("broken", "whole"):
        (tmp_path / name).mkdir()

    def stop(done: int, of: int) -> None:
        if done > 20:
            raise _StoppedError("enough")

    with pytest.raises(_StoppedError):
        engine.run(plan_of(*RULES), files, tmp_path / "broken", progress=stop)
    assert len(rows(engine.run(plan_of(*RULES), files, tmp_path / "whole"))) == 60
