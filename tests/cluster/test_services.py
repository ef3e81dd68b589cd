"""The clusters and stores that the other tests run on do what these rely on."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from curation.engines import slurm as engine_of_slurm
from curation.engines.local import LocalEngine
from curation.engines.slurm import SlurmEngine
from tests.cluster import slurm_cluster
from tests.cluster.clusters import ROOT, wait_until
from tests.engines.test_conformance import RULES, archive, plan_of, rows


@pytest.mark.skipif(bool(slurm_cluster.missing()), reason=str(slurm_cluster.missing()))
def test_slurm_runs_an_array_on_both_nodes(tmp_path: Path) -> None:
    """Four tasks of an array run, and write into the folder that they share."""
    with slurm_cluster.slurm_cluster(tmp_path / "slurm") as slurm:
        job = tmp_path / "job.sh"
        job.write_text(f"#!/bin/sh\nsleep 1\necho $SLURMD_NODENAME > {tmp_path}/task-$SLURM_ARRAY_TASK_ID\n")
        environment = {**os.environ, **slurm.environment}
        subprocess.run(["sbatch", "--array=0-3", "-o", "/dev/null", job], env=environment, check=True)
        written = [tmp_path / f"task-{number}" for number in range(4)]
        wait_until(lambda: all(path.exists() and path.read_text() for path in written), lambda: "no job ended")
        assert {path.read_text().strip() for path in written} == set(slurm_cluster.NODES)


@pytest.mark.skipif(bool(slurm_cluster.missing()), reason=str(slurm_cluster.missing()))
def test_a_recipe_runs_in_jobs_of_slurm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The rows are those of one machine, in arrays as small as the site's, also when a job is cancelled."""
    monkeypatch.setattr(engine_of_slurm, "SETTLING", 2.0)
    monkeypatch.setattr(engine_of_slurm, "ASKING", 1.0)
    files = archive(tmp_path)
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    expected = rows(LocalEngine(workers=1).run(plan_of(*RULES), files, tmp_path / "here"))
    with slurm_cluster.slurm_cluster(tmp_path / "slurm", array=3) as slurm:
        for name, value in slurm.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        settings = (("partition", "cpu"), ("time", "0:10:00"), ("tasks", "2"), ("python", sys.executable))
        engine = SlurmEngine(shard_posts=13, settings=settings, workers=2)
        cancelled = threading.Timer(
            2, lambda: subprocess.run(["scancel", "--state=RUNNING", "--user=root"], check=False)
        )
        cancelled.start()
        assert rows(engine.run(plan_of(*RULES), files, tmp_path / "there")) == expected
        cancelled.join()
        # A job that is over stays in the list for seconds as "completing".
        left = ["squeue", "--noheader", "--states=PENDING,RUNNING,SUSPENDED"]
        assert not subprocess.run(left, capture_output=True, text=True, check=True).stdout
    assert "WARNING" not in capfd.readouterr().err
