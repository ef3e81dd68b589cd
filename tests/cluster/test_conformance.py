"""The engines of clusters keep what every engine promises, by the tests of `tests/engines/test_conformance.py`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from curation.engines.dask import DaskEngine
from curation.engines.engine import Engine
from curation.engines.journal import JOURNAL
from curation.engines.ray import RayEngine
from curation.engines.slurm import SlurmEngine
from tests.engines.test_conformance import (
    archive,
    plan_of,
    test_a_rule_that_fails_is_named,
    test_a_run_that_is_left_by_an_exception_can_be_made_again,
    test_an_exchange_brings_equal_keys_of_all_files_together,
    test_progress_grows_to_the_end,
    test_the_rows_are_those_of_one_worker_and_one_shard,
)

__all__ = [
    "test_a_rule_that_fails_is_named",
    "test_a_run_that_is_left_by_an_exception_can_be_made_again",
    "test_an_exchange_brings_equal_keys_of_all_files_together",
    "test_progress_grows_to_the_end",
    "test_the_rows_are_those_of_one_worker_and_one_shard",
]

#: Where jobs of Slurm are processes of this machine.
LOCAL_JOBS = (("cluster", "local"), ("tasks", "40"))


@pytest.fixture(params=["dask", "dask, one at a time", "ray", "slurm"])
def engine_of(request: pytest.FixtureRequest) -> Callable[[int], Engine]:
    """Makes one of the engines, with so many posts a shard."""
    name = request.param.partition(",")[0]
    if name == "slurm":
        return lambda posts: SlurmEngine(shard_posts=posts, settings=LOCAL_JOBS, workers=1)
    cluster = request.getfixturevalue(name)
    if name == "ray":
        return lambda posts: RayEngine(shard_posts=posts, address=cluster.address)
    workers = 1 if "," in request.param else 0
    return lambda posts: DaskEngine(shard_posts=posts, scheduler=cluster.address, workers=workers)


def test_parts_lie_in_a_folder_of_their_own(engine_of: Callable[[int], Engine], tmp_path: Path) -> None:
    """One part a shard, in the order of the posts; beside their folder the marks of comparisons, and the journal."""
    files, into = archive(tmp_path), tmp_path / "into"
    into.mkdir()
    parts = engine_of(10).run(plan_of({"use": "exact_duplicate"}), files, into)
    assert [pq.read_metadata(part).num_rows for part in parts] == [15, 20, 25]
    written = {path for path in into.rglob("*") if path.is_file() and JOURNAL not in path.parts}
    assert written == {*parts, into / "marks0.parquet"}
    assert {path.name for path in tmp_path.iterdir()} == {"1.parquet", "2.parquet", "into"}
