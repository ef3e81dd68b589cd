"""A run on Weights & Biases: offline, in the workspace, unless `WANDB_MODE` says otherwise.

Offline `use_artifact` always raises, so what a run was given stands in its configuration and in its artifacts'
metadata. `wandb sync DIR/runs/wandb/wandb/offline-run-…` sends a run later.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from curation.tracking.parcels import PROJECT, Parcels, configuration, environment, metrics
from curation.tracking.run_record import DONE, RunRecord

#: Where it would write into the home folder, each in the workspace instead.
FOLDERS = ("WANDB_DIR", "WANDB_CACHE_DIR", "WANDB_DATA_DIR", "WANDB_CONFIG_DIR")


@contextlib.contextmanager
def opened(folder: Path, record: RunRecord, project: str | None) -> Iterator[WandbRun]:
    """Open a run. Raises what `wandb` raises."""
    place = str(folder.absolute())
    defaults = {**dict.fromkeys(FOLDERS, place), "WANDB_MODE": "offline", "WANDB_ERROR_REPORTING": "false"}
    with environment(defaults):
        import wandb

        settings = wandb.Settings(
            silent=True, console="off", disable_git=True, disable_code=True, save_code=False,
            x_disable_stats=True, x_disable_meta=True, x_disable_machine_info=True,
        )  # fmt: skip
        run = wandb.init(
            project=project or os.environ.get("WANDB_PROJECT") or PROJECT, name=record.id, job_type=record.job,
            config=configuration(record), settings=settings, reinit="create_new",
        )  # fmt: skip
        session = WandbRun(run)
        try:
            yield session
        finally:
            run.finish(exit_code=session.exit_code)


class WandbRun:
    """An open run."""

    def __init__(self, run: Any) -> None:
        self._run = run
        self.exit_code = 1

    def log(self, figures: Mapping[str, float], step: int | None = None) -> None:
        """Hand on figures."""
        self._run.log(dict(figures), step=step)

    def finish(self, record: RunRecord, parcels: Parcels | None) -> None:
        """Hand on the final record and the artifacts."""
        import wandb

        self._run.config.update(configuration(record), allow_val_change=True)
        self._run.log(metrics(record))
        if parcels is not None:
            for each in parcels:
                artifact = wandb.Artifact(parcels.name(each), type=each.type, metadata=parcels.metadata(each))
                for path, name in parcels.contents(each):
                    artifact.add_file(str(path), name=name, skip_cache=True)
                self._run.log_artifact(artifact)
        self.exit_code = 0 if record.outcome == DONE else 1
