"""What a person is told, in one sentence, when a cluster is not as it should be; and nothing is half done."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.clusters import ROOT, DaskCluster, dask_cluster
from tests.cluster.scene import Scene


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[DaskCluster]:
    """A scheduler without workers."""
    with dask_cluster(tmp_path / "cluster", workers=0) as cluster:
        yield cluster


def refused(scene: Scene, **more: object) -> str:
    """The one line that a run ends with. The corpus is what it was."""
    code, text = scene.run(**more)
    assert code == 1, text
    [line] = [line for line in text.splitlines() if line.strip()]
    assert scene.begun == 0
    scene.check(unfinished=True)
    return line


def test_a_worker_with_another_version(tmp_path: Path, cluster: DaskCluster) -> None:
    """Both versions are named, before any post is read."""
    old = tmp_path / "old/ftfy-0.1.dist-info"
    old.mkdir(parents=True)
    (old / "METADATA").write_text("Metadata-Version: 2.1\nName: ftfy\nVersion: 0.1\n")
    cluster.start_worker()
    cluster.start_worker(PYTHONPATH=f"{old.parent}{os.pathsep}{ROOT}")
    line = refused(Scene(tmp_path, "dask", cluster.address))
    assert " has ftfy 0.1, and this machine has ftfy 6." in line
    assert "Install the same versions everywhere" in line


def test_a_worker_with_another_checkout(tmp_path: Path, cluster: DaskCluster) -> None:
    """The version is the same, and a rule is not."""
    shutil.copytree(ROOT / "curation", tmp_path / "other/curation", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "other/curation/rules/length.py").open("a") as file:
        file.write("\n# another day\n")
    cluster.start_worker(PYTHONPATH=str(tmp_path / "other"))
    assert " has other files of curation (" in refused(Scene(tmp_path, "dask", cluster.address))


def test_a_worker_without_the_folder(tmp_path: Path, cluster: DaskCluster) -> None:
    """A worker has another file system where the workspace lies."""
    place = tmp_path / "shared"
    place.mkdir()
    hidden = ["unshare", "--mount", "sh", "-c", f'mount -t tmpfs none "{place}" && exec "$@"', "sh"]
    if subprocess.run([*hidden, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user may not give a process a file system of its own (unshare --mount)")
    cluster.start_worker(before=hidden)
    line = refused(Scene(place, "dask", cluster.address), more={"settle": 0.5})
    assert f" does not see {place}/data/.work/" in line
    assert "Put --data on a folder that every worker has under the same path." in line


def test_a_full_disk(tmp_path: Path, cluster: DaskCluster) -> None:
    """The worker is named, and what was there stays; with more room the run goes on."""
    place = tmp_path / "small"
    place.mkdir()
    small = ["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(place)]
    if subprocess.run(small, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a small disk")
    try:
        cluster.start_worker()
        scene = Scene(place, "dask", cluster.address, seconds=0)
        free = os.statvfs(place)
        (place / "ballast").write_bytes(bytes((free.f_bavail - 40) * free.f_bsize))
        code, text = scene.run()
        assert code == 1
        assert "No space left on device" in text
        assert "What was there before is unchanged." in text
        assert "Traceback" not in text
        scene.check(unfinished=True)
        (place / "ballast").unlink()
        assert scene.run()[0] == 0
        scene.check()
    finally:
        subprocess.run(["umount", place], check=True)


def test_a_cluster_without_workers(tmp_path: Path, cluster: DaskCluster) -> None:
    """After the patience that was given."""
    line = refused(Scene(tmp_path, "dask", cluster.address), more={"patience": 6})
    assert "has had no worker for" in line
    assert "goes on from what is done" in line


def test_a_scheduler_that_stands_still(tmp_path: Path, cluster: DaskCluster) -> None:
    """It is there and takes connections, and never answers, as behind a network that stalls."""
    cluster.start_worker()
    scene = Scene(tmp_path, "dask", cluster.address, seconds=0.5)
    process = scene.start(more={"patience": 10})
    scene.wait_until(lambda: scene.begun >= 1, process)
    pid = cluster.processes.running["scheduler"].pid
    os.kill(pid, signal.SIGSTOP)
    out, err = process.communicate(timeout=120)
    os.kill(pid, signal.SIGCONT)
    assert process.returncode == 1, out + err
    assert "has not answered for" in err
    assert "Traceback" not in err
    assert scene.run()[0] == 0
    scene.check()


def test_a_network_that_stalls_for_less_than_the_patience(tmp_path: Path, cluster: DaskCluster) -> None:
    """The run goes on when it is back."""
    cluster.start_worker()
    scene = Scene(tmp_path, "dask", cluster.address, seconds=0.3)
    process = scene.start()
    scene.wait_until(lambda: scene.begun >= 2, process)
    pid = cluster.processes.running["scheduler"].pid
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=8)
    os.kill(pid, signal.SIGCONT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, out + err
    scene.check()


@pytest.mark.parametrize(
    ("engine", "address", "sentence"),
    [
        ("dask", "tcp://127.0.0.1:9", "No Dask scheduler answers at tcp://127.0.0.1:9."),
        ("ray", "127.0.0.1:9", "No Ray cluster at 127.0.0.1:9 takes this program:"),
    ],
)
def test_nobody_there(tmp_path: Path, engine: str, address: str, sentence: str) -> None:
    """How to start one, and how to name it."""
    line = refused(Scene(tmp_path, engine, address))
    assert line.startswith(sentence)
    assert "give its address with --" in line


def test_ctrl_c_cancels_what_runs(tmp_path: Path, dask: DaskCluster) -> None:
    """The corpus is what it was, the workers are free, and the next run goes on."""
    scene = Scene(tmp_path, "dask", dask.address, seconds=0.5)
    process = scene.start()
    scene.wait_until(lambda: scene.begun >= 2, process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode
    scene.check(unfinished=True)
    begun = scene.begun
    assert scene.run()[0] == 0
    assert scene.begun > begun
    scene.check()
