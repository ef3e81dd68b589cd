"""The clusters and stores that the other tests run on do what these rely on."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.cluster import slurm_cluster
from tests.cluster.clusters import wait_until


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
