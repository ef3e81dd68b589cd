"""The local engine: shards, barriers, what is left behind, and what is said when something fails."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.engines.compiling import compile_recipe
from curation.engines.local import LocalEngine
from curation.errors import CurationError, RecipeError, WorkspaceError
from curation.functions.base import BatchFunction
from curation.posts import RAW_SCHEMA
from curation.recipes.plan import connection_for
from curation.recipes.recipe import Recipe
from curation.rules.base import Filter
from tests.judge import judge, recipe_of, run_files, write_raw

DEDUP = {"use": "exact_duplicate"}


def test_files_without_a_row_give_a_corpus_without_a_row(tmp_path: Path) -> None:
    """Empty files, with an empty row group and without any, go through all stages."""
    pq.ParquetWriter(tmp_path / "none.parquet", RAW_SCHEMA).close()
    assert pq.read_metadata(tmp_path / "none.parquet").num_row_groups == 0
    files = [tmp_path / "none.parquet", write_raw(tmp_path / "empty.parquet", [])]
    assert run_files(files, recipe_of({"use": "min_words"}, DEDUP, {"use": "min_chars"}), tmp_path) == []


def test_a_file_without_a_row_between_others_changes_nothing(tmp_path: Path) -> None:
    """Copies in the files around it are found, and marked in the right rows."""
    pq.ParquetWriter(tmp_path / "2.parquet", RAW_SCHEMA).close()
    write_raw(tmp_path / "1.parquet", [{"id": "1", "text": "fog"}, {"id": "2", "text": "rain"}])
    write_raw(tmp_path / "3.parquet", [{"id": "3", "text": "snow"}, {"id": "4", "text": "rain"}])
    files = [tmp_path / f"{number}.parquet" for number in (1, 2, 3)]
    judged = run_files(files, recipe_of(DEDUP), tmp_path, shard_posts=1)
    assert [(post["id"], post["duplicate_of"]) for post in judged] == [
        ("1", None),
        ("2", None),
        ("3", None),
        ("4", "2"),
    ]


@pytest.mark.parametrize("shard_posts", [1, 2, 100])
def test_superseded_rows_are_left_out(tmp_path: Path, shard_posts: int) -> None:
    """Rows that a later landing replaced neither come out nor stand for a copy."""
    files = [
        write_raw(tmp_path / "1.parquet", [{"id": str(n), "text": f"fog {n % 2}"} for n in range(4)], [2, 2]),
        write_raw(tmp_path / "2.parquet", [{"id": str(n), "text": f"fog {n % 2}"} for n in range(4, 8)], [1, 3]),
    ]
    gone = tmp_path / "superseded.parquet"
    marks = {"part": pa.array([0, 0, 1], pa.int32()), "row": pa.array([0, 3, 2], pa.int64())}
    pq.write_table(pa.table(marks), gone)
    engine = LocalEngine(workers=1, shard_posts=shard_posts)
    parts = engine.run(compile_recipe(recipe_of(DEDUP)), files, tmp_path, superseded=gone)
    judged = [post for part in parts for post in pq.read_table(part).to_pylist()]
    assert {post["id"]: post["duplicate_of"] for post in judged} == {"1": None, "2": None, "4": "2", "5": "1", "7": "1"}


def test_progress_reaches_all_posts_of_all_stages(tmp_path: Path) -> None:
    """What is told grows, and ends with everything done."""
    told: list[tuple[int, int]] = []
    raw = write_raw(tmp_path / "raw.parquet", [{"text": f"fog {n}"} for n in range(10)], [3, 3, 3])
    engine = LocalEngine(workers=1, shard_posts=3)
    engine.run(compile_recipe(recipe_of(DEDUP)), [raw], tmp_path, progress=lambda done, of: told.append((done, of)))
    assert told == sorted(told)
    assert told[-1] == (10, 10)
    assert len({done for done, _ in told}) > 5


def test_what_a_stage_left_is_removed_when_the_next_has_read_it(tmp_path: Path) -> None:
    """Beside the parts of the corpus only the short lists of marks stay."""
    raw = write_raw(tmp_path / "raw.parquet", [{"text": f"fog {n}"} for n in range(9)], [3, 3, 3])
    into = tmp_path / "into"
    into.mkdir()
    rules = (DEDUP, {"use": "exact_duplicate", "name": "anybody", "scope": "global"})
    parts = LocalEngine(workers=1, shard_posts=3).run(compile_recipe(recipe_of(*rules)), [raw], into)
    left = {path.name for path in into.rglob("*") if path.is_file()} - {part.name for part in parts}
    assert left == {"marks0.parquet", "marks1.parquet"}


def test_two_dedups_in_a_row_each_name_their_copies() -> None:
    """What the first removes is no candidate of the second."""
    posts = [
        {"id": "1", "author": "mira", "text": "fog"},
        {"id": "2", "author": "mira", "text": "Fog"},
        {"id": "3", "author": "nils", "text": "fog"},
    ]
    judged = judge(posts, DEDUP, {"use": "exact_duplicate", "name": "anybody", "scope": "global"}, {"use": "min_chars"})
    assert [(post["removed_by"], post["duplicate_of"]) for post in judged] == [
        ("min_chars", None), ("exact_duplicate", "1"), ("anybody", "1"),
    ]  # fmt: skip
    assert judged[1]["matched"] == ["exact_duplicate", "min_chars"]


def test_a_removed_post_is_nobodys_original() -> None:
    """A dedup compares only posts that are still there; a later filter does not bring a copy back."""
    posts = [{"id": "1", "text": "fog", "is_repost": True}, {"id": "2", "text": "fog"}, {"id": "3", "text": "fog"}]
    judged = judge(posts, {"use": "retweet"}, DEDUP)
    assert [(post["removed_by"], post["duplicate_of"]) for post in judged] == [
        ("retweet", None), (None, None), ("exact_duplicate", "2"),
    ]  # fmt: skip


def test_the_same_id_on_two_platforms_is_two_posts() -> None:
    """A copy has the id of the original in another place, and is found nevertheless."""
    posts = [{"id": "1", "text": "fog"}, {"id": "1", "text": "fog", "platform": "mastodon"}]
    judged = judge(posts, DEDUP)
    assert sorted((post["platform"], post["duplicate_of"]) for post in judged) == [("mastodon", None), ("x", "1")]


def test_an_unknown_author_is_one_author() -> None:
    """Posts whose author nobody names are the unknown author's."""
    judged = judge([{"author": None, "text": "fog"}, {"author": None, "text": "fog"}], DEDUP)
    assert [(post["author"], post["removed_by"]) for post in judged] == [
        ("unknown", None), ("unknown", "exact_duplicate"),
    ]  # fmt: skip


def test_a_statement_can_be_pasted_into_a_shell() -> None:
    """A stage is one statement over a table `posts`, a step for each rule, named after it."""
    plan = compile_recipe(recipe_of({"use": "retweet"}, {"use": "strip_urls"}, {"use": "min_words"}))
    [stage] = plan.stages
    for step in ('"begin"', '"after_retweet"', '"after_strip_urls"', '"after_min_words"', '"verdict"'):
        assert f"{step} AS (" in stage.statement


def test_nothing_outside_can_be_reached_from_a_stage(tmp_path: Path) -> None:
    """The connection of a stage reads no file, and can't be told to."""
    (tmp_path / "secret.csv").write_text("a\n1\n")
    connection = connection_for((), threads=1)
    with pytest.raises(duckdb.PermissionException):
        connection.execute(f"SELECT * FROM read_csv('{tmp_path / 'secret.csv'}')")
    with pytest.raises(duckdb.Error):
        connection.execute("SET enable_external_access = true")


def stumble(texts: list[str]) -> list[str]:
    """A function that can't take fog."""
    if any("fog" in text for text in texts):
        raise ValueError("too foggy")
    return texts


@dataclass(frozen=True, kw_only=True)
class Stumbling(Filter):
    """Whatever a broken function makes of it"""

    use: ClassVar[str] = "stumbling"
    title: ClassVar[str] = "Stumbling"

    def removes(self) -> str:
        return "stumble(text) = ''"

    def functions(self) -> tuple[BatchFunction, ...]:
        return (BatchFunction("stumble", "1", "VARCHAR", stumble),)


def test_a_function_that_fails_is_one_clear_error(tmp_path: Path) -> None:
    """An exception of a user's own function names the rule and says what the function said."""
    raw = write_raw(tmp_path / "raw.parquet", [{"text": "rain"}, {"text": "fog"}])
    recipe = Recipe("mine", (*recipe_of({"use": "min_words"}).rules, Stumbling()))
    with pytest.raises(RecipeError) as failed:
        run_files([raw], recipe, tmp_path)
    assert "'stumbling'" in str(failed.value)
    assert "too foggy" in str(failed.value)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_damaged_file_is_one_clear_error(tmp_path: Path, workers: int) -> None:
    """A raw file whose middle is damaged is named, in this process and in worker processes."""
    sound = write_raw(tmp_path / "sound.parquet", [{"text": f"fog {n}" * 50} for n in range(40)], [10] * 4)
    damaged = tmp_path / "damaged.parquet"
    content = bytearray(sound.read_bytes())
    texts = pq.read_metadata(sound).row_group(2).column(RAW_SCHEMA.names.index("text"))
    content[texts.data_page_offset : texts.data_page_offset + 40] = b"\xff" * 40
    damaged.write_bytes(content)
    with pytest.raises(WorkspaceError) as failed:
        run_files([sound, damaged], recipe_of({"use": "min_words"}), tmp_path, workers=workers, shard_posts=10)
    assert "damaged.parquet" in str(failed.value)


def test_too_little_memory_is_one_clear_error(tmp_path: Path) -> None:
    """A shard that does not fit into the bound is an error of one sentence."""
    raw = write_raw(tmp_path / "raw.parquet", [{"text": f"fog {n} " * 5000} for n in range(500)])
    with pytest.raises(CurationError) as failed:
        run_files([raw], recipe_of({"use": "min_words"}, DEDUP), tmp_path, memory=1_000_000)
    assert "memory" in str(failed.value)


def test_text_of_any_kind_comes_out_as_it_went_in(tmp_path: Path) -> None:
    """NULs, noncharacters, the longest texts and the empty one pass all stages unchanged."""
    texts = ["", "a\x00b", "\ufdd0\uffff", "\U0010ffff", "x" * 100_000, "\ufeff", "e\u0301", "\r\n", "👨‍👩‍👧‍👦"]
    rules: tuple[dict[str, Any], ...] = ({"use": "min_words"}, {"use": "min_chars"}, DEDUP, {"use": "hashtag_ratio"})
    assert [post["text"] for post in judge([{"text": text} for text in texts], *rules)] == texts
