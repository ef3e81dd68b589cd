"""A run on Trackio: a SQLite file in the workspace; no server is started, and nothing is sent.

Unless the environment names a Space or a server of one's own (`TRACKIO_SPACE_ID`, `TRACKIO_SERVER_URL`).
`TRACKIO_DIR=DIR/runs/trackio trackio show` draws it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from curation.tracking.parcels import PROJECT, Parcels, configuration, environment, metrics
from curation.tracking.run_record import RunRecord


@contextlib.contextmanager
def opened(folder: Path, record: RunRecord, project: str | None) -> Iterator[TrackioRun]:
    """Open a run. Raises what `trackio` raises."""
    with environment({"TRACKIO_DIR": str(folder.absolute()), "HF_HUB_DISABLE_TELEMETRY": "1"}):
        import trackio

        run = trackio.init(
            project=project or PROJECT, name=record.id, group=record.job, config=configuration(record), embed=False,
            auto_log_gpu=False, auto_log_cpu=False,
        )  # fmt: skip
        try:
            yield TrackioRun(run)
        finally:
            trackio.finish()


class TrackioRun:
    """An open run."""

    def __init__(self, run: Any) -> None:
        self._run = run

    def log(self, figures: Mapping[str, float], step: int | None = None) -> None:
        """Hand on figures."""
        self._run.log(dict(figures), step=step)

    def finish(self, record: RunRecord, parcels: Parcels | None) -> None:
        """Hand on the final record and the artifacts. The configuration goes with the first figures of a run."""
        import trackio

        self._run.config.update(configuration(record))
        self._run.log(metrics(record))
        if parcels is None:
            return
        for each in parcels:
            artifact = trackio.Artifact(parcels.name(each), type=each.type, metadata=parcels.metadata(each))
            for path, name in parcels.contents(each):
                artifact.add_file(str(path), name=name)
            self._run.log_artifact(artifact)
