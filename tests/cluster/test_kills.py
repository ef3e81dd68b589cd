"""Whoever is killed, the next run gives the rows of one machine, and leaves nothing behind.

`CURATION_KILLS` is how many moments of the driver are tried, 6 unless it is set.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.clusters import DaskCluster, dask_cluster
from tests.cluster.scene import SHARDS, Scene

KILLS = int(os.environ.get("CURATION_KILLS", "6"))

#: The steps of a driver at which it may die: the records of its journal, the exchanges, and the end of a run.
POINTS = [
    *(f"record:{moment}:{number}" for number in range(1, 30) for moment in ("before", "after")),
    *(f"exchange:{moment}:{number}" for number in (1, 2) for moment in ("before", "after")),
    *(f"{step}:{moment}:1" for step in ("manifest", "swap_in", "remove") for moment in ("before", "after")),
]
#: A few that every run of the tests tries.
ALWAYS = ["record:after:9", "exchange:after:2", "swap_in:before:1", "swap_in:after:1"]
CHOSEN = [*ALWAYS, *random.Random(5).sample([point for point in POINTS if point not in ALWAYS], len(POINTS) - 4)]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[DaskCluster]:
    """A cluster of which a test may end any part."""
    with dask_cluster(tmp_path / "cluster") as cluster:
        yield cluster


@pytest.fixture
def scene(tmp_path: Path, dask: DaskCluster) -> Scene:
    """A workspace on the cluster that lasts."""
    return Scene(tmp_path, "dask", dask.address)


@pytest.mark.parametrize("point", CHOSEN[:KILLS])
def test_a_driver_that_is_killed_at_a_step(tmp_path: Path, dask: DaskCluster, point: str) -> None:
    """At a record of the journal, at an exchange, and while the corpus takes its place."""
    scene = Scene(tmp_path, "dask", dask.address, seconds=0.01)
    assert scene.run(die=point)[0] == -signal.SIGKILL
    code, text = scene.run()
    assert code == 0, text
    scene.check()


@pytest.mark.parametrize("moment", range(KILLS // 3))
def test_a_worker_or_scheduler_that_is_killed_at_any_moment(tmp_path: Path, moment: int) -> None:
    """Every third one is the scheduler. The run, or the one after it on what is left of the cluster, ends well."""
    draw = random.Random(moment)
    victim = "scheduler" if moment % 3 == 2 else f"worker{moment % 2 + 1}"
    with dask_cluster(tmp_path / "cluster") as cluster:
        scene = Scene(tmp_path, "dask", cluster.address, seconds=0.05)
        process = scene.start(more={"patience": 20})
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=draw.uniform(1, 6))  # on two cores a run takes some five seconds
        cluster.processes.kill(victim)
        _, text = process.communicate(timeout=120)
        assert process.returncode in (0, 1)
        assert "Traceback" not in text
        if victim != "scheduler":
            assert process.returncode == 0, text
        else:
            cluster.start(workers=1)
            assert scene.run()[0] == 0
        scene.check()


def test_a_driver_that_is_killed_redoes_less_than_a_shard_a_worker(scene: Scene, dask: DaskCluster) -> None:
    """What its journal has accepted is not run again."""
    scene.seconds = 0.5
    process = scene.start()
    scene.wait_until(lambda: scene.accepted >= 3, process)
    process.kill()
    begun, accepted = scene.begun, scene.accepted
    assert begun - accepted <= len(dask.workers)  # each worker was at one
    process.wait()
    time.sleep(2 * scene.seconds)  # what the workers are at goes on to its end, in vain
    late = scene.begun - begun
    code, text = scene.run()
    assert code == 0, text
    assert scene.begun == begun + late + SHARDS - accepted
    scene.check()


def test_a_worker_that_is_killed_changes_nothing(tmp_path: Path, cluster: DaskCluster) -> None:
    """The scheduler gives its shard to another one, within the same run."""
    scene = Scene(tmp_path, "dask", cluster.address, seconds=0.4)
    process = scene.start()
    scene.wait_until(lambda: scene.begun >= 2, process)
    cluster.processes.kill(cluster.workers[0])
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, out + err
    assert scene.begun > SHARDS
    scene.check()


def test_a_scheduler_that_is_killed_is_one_sentence(tmp_path: Path, cluster: DaskCluster) -> None:
    """The run ends soon; on another cluster it goes on from what is done."""
    scene = Scene(tmp_path, "dask", cluster.address, seconds=0.4)
    process = scene.start(more={"patience": 20})
    scene.wait_until(lambda: scene.accepted >= 2, process)
    cluster.processes.kill("scheduler")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1, out + err
    [sentence] = [line for line in err.splitlines() if "Dask" in line]
    assert "it goes on from what is done" in sentence
    assert "Traceback" not in err
    with dask_cluster(tmp_path / "other") as other:
        scene.address = other.address
        code, text = scene.run()
        assert code == 0, text
        assert scene.begun < 2 * SHARDS
        scene.check()
