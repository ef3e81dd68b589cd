"""Workers of real clusters compare posts among themselves: the rows are those of one process."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest

from curation.engines.cluster import ClusterEngine
from curation.engines.dask import DaskEngine
from curation.engines.journal import JOURNAL, Journal
from curation.engines.local import LocalEngine
from curation.engines.ray import RayEngine
from tests.cluster.clusters import DaskCluster, dask_cluster
from tests.cluster.scene import Scene
from tests.engines.test_conformance import RULES, archive, plan_of, rows

#: Records of the journal of a run whose workers compare. After eight shards come a comparison by key, eight shards, and
#: the near-duplicates: the 22nd record has the signatures, the 31st the first pairs with their texts.
POINTS = [f"record:{moment}:{number}" for number in range(9, 43) for moment in ("before", "after")]
ALWAYS = ["record:after:10", "record:before:22", "record:after:27", "record:before:31", "record:after:40"]
CHOSEN = [*ALWAYS, *random.Random(9).sample([point for point in POINTS if point not in ALWAYS], len(POINTS) - 5)]
KILLS = int(os.environ.get("CURATION_KILLS", "3"))


@pytest.fixture(params=["dask", "ray"])
def engine(request: pytest.FixtureRequest) -> ClusterEngine:
    """An engine whose workers compare however few posts there are."""
    cluster = request.getfixturevalue(request.param)
    if request.param == "ray":
        return RayEngine(shard_posts=13, address=cluster.address, sharing=True)
    return DaskEngine(shard_posts=13, scheduler=cluster.address, sharing=True)


def test_workers_compare(engine: ClusterEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every column of every post; what the comparison wrote is gone after it, and the journal says who did what."""
    monkeypatch.setattr("curation.functions.partitions.PARTITION", 1_000)
    files = archive(tmp_path)
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    expected = rows(LocalEngine(workers=1).run(plan_of(*RULES), files, here))
    parts = engine.run(plan_of(*RULES), files, there)
    assert rows(parts) == expected
    left = {path for path in there.rglob("*") if path.is_file() and JOURNAL not in path.parts}
    assert left == {*parts, *(there / f"marks{number}.parquet" for number in range(3))}
    records = {path.name.partition("-")[0] for path in (there / JOURNAL).glob("*.json")}
    assert {"find", "same", "sign", "propose0", "attach0", "verify0"} <= {
        name.partition(f"by{engine.memory:x}")[2] for name in records
    }


def test_a_run_goes_on_after_half_of_a_comparison(
    engine: ClusterEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What workers have done is not done again: a run that ends in a round goes on from there."""
    files, there = archive(tmp_path), tmp_path / "there"
    there.mkdir()
    (tmp_path / "here").mkdir()
    rules = {"use": "near_duplicate", "scope": "global"}
    expected = rows(LocalEngine(workers=1).run(plan_of(rules), files, tmp_path / "here"))
    accept = Journal.accept

    def stop(journal: Journal, outcome: object, folder: Path) -> bool:
        if "propose1" in getattr(outcome, "step", ""):
            raise KeyboardInterrupt
        return accept(journal, outcome, folder)  # type: ignore[arg-type]

    monkeypatch.setattr(Journal, "accept", stop)
    with pytest.raises(KeyboardInterrupt):
        engine.run(plan_of(rules), files, there)
    steps: list[str] = []

    def record(journal: Journal, outcome: object, folder: Path) -> bool:
        steps.append(getattr(outcome, "step", ""))
        return accept(journal, outcome, folder)  # type: ignore[arg-type]

    monkeypatch.setattr(Journal, "accept", record)
    assert rows(engine.run(plan_of(rules), files, there)) == expected
    assert steps
    assert not [step for step in steps if step.startswith("stage0") or step.endswith(("same", "sign", "propose0"))]


@pytest.mark.parametrize("point", CHOSEN[:KILLS])
def test_a_driver_that_is_killed_in_a_comparison(tmp_path: Path, dask: DaskCluster, point: str) -> None:
    """The next run goes on within the comparison, gives the rows of one machine, and leaves nothing behind."""
    scene = Scene(tmp_path, "dask", dask.address, seconds=0.01)
    more = {"sharing": True}
    assert scene.run(die=point, more=more)[0] == -signal.SIGKILL
    code, text = scene.run(more=more)
    assert code == 0, text
    scene.check()


def test_a_worker_that_is_killed_in_a_comparison(tmp_path: Path) -> None:
    """Another worker does its share."""
    with dask_cluster(tmp_path / "cluster") as cluster:
        scene = Scene(tmp_path, "dask", cluster.address, seconds=0.01)
        process = scene.start(more={"sharing": True})
        scene.wait_until(lambda: bool(list(scene.data.glob(".work/*/journal/*propose0-*.json"))), process)
        cluster.processes.kill(cluster.workers[0])
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, out + err
        scene.check()
