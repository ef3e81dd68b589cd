"""Kills on Ray, and of jobs as Slurm has them: the next run, or the same one, gives the rows of one machine."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.clusters import RayCluster, descendants, ray_cluster
from tests.cluster.scene import SHARDS, Scene


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[RayCluster]:
    """A cluster of which a test may end any part."""
    with ray_cluster(tmp_path / "cluster") as cluster:
        yield cluster


def kill_one(above: int, words: str) -> None:
    """Kill a process that another one has started, by words of its command line."""
    for pid in descendants(above):
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        if words in command:
            os.kill(pid, signal.SIGKILL)
            return
    raise AssertionError(f"no process has {words}")


def ends_well(process: subprocess.Popen[str], scene: Scene) -> None:
    """The run ends with the rows of one machine."""
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, out + err
    scene.check()


@pytest.mark.parametrize("victim", ["worker", "node"])
def test_a_worker_or_node_of_ray_that_is_killed_changes_nothing(
    tmp_path: Path, cluster: RayCluster, victim: str
) -> None:
    """Ray gives its shard to another one, within the same run."""
    scene = Scene(tmp_path, "ray", cluster.address, seconds=0.5)
    process = scene.start()
    scene.wait_until(lambda: scene.begun >= 2, process)
    if victim == "worker":
        kill_one(cluster.processes.running["node"].pid, "ray::evaluate")
    else:
        cluster.processes.kill("node")
    ends_well(process, scene)


def test_a_driver_on_ray_that_is_killed_goes_on(tmp_path: Path, ray: RayCluster) -> None:
    """Only what its journal has not accepted is run again."""
    scene = Scene(tmp_path, "ray", ray.address, seconds=0.5)
    process = scene.start()
    scene.wait_until(lambda: scene.accepted >= 3, process)
    process.kill()
    begun, accepted = scene.begun, scene.accepted
    assert begun - accepted <= 2
    process.wait()
    code, text = scene.run()
    assert code == 0, text
    assert scene.begun <= begun + SHARDS - accepted + 2
    scene.check()


def test_a_head_of_ray_that_is_killed_ends_the_run(tmp_path: Path, cluster: RayCluster) -> None:
    """With one sentence; on another cluster it goes on from what is done."""
    scene = Scene(tmp_path, "ray", cluster.address, seconds=0.5)
    process = scene.start(more={"patience": 15})
    scene.wait_until(lambda: scene.accepted >= 2, process)
    cluster.processes.kill("head")
    out, err = process.communicate(timeout=240)
    assert process.returncode == 1, out + err
    assert "it goes on from what is done" in err
    with ray_cluster(tmp_path / "other") as other:
        scene.address = other.address
        code, text = scene.run()
        assert code == 0, text
        assert scene.begun < 2 * SHARDS
        scene.check()


def test_a_job_that_is_killed_loses_one_task(tmp_path: Path) -> None:
    """Its other tasks are submitted again, within the same run."""
    scene = Scene(tmp_path, "slurm", "", seconds=0.5)
    process = scene.start()
    scene.wait_until(lambda: scene.begun >= 2, process)
    kill_one(process.pid, "submitit.core._submit")
    ends_well(process, scene)
    assert SHARDS <= scene.begun <= SHARDS + 2


def test_a_driver_of_jobs_that_is_killed_goes_on(tmp_path: Path) -> None:
    """Jobs that go on without it change nothing."""
    scene = Scene(tmp_path, "slurm", "", seconds=0.5)
    process = scene.start()
    scene.wait_until(lambda: scene.accepted >= 2, process)
    process.kill()
    process.wait()
    code, text = scene.run()
    assert code == 0, text
    scene.check()
