"""A run on Trackio: a SQLite file in the workspace; no server is started, and nothing is sent.

Unless the environment names a Space or a server of one's own (`TRACKIO_SPACE_ID`, `TRACKIO_SERVER_URL`).
`TRACKIO_DIR=DIR/runs/trackio trackio show` draws it.
"""

from __future__ import annotations

from pathlib import Path

from curation.tracking.record import Record
from curation.tracking.trackers import PROJECT, Parcels, configuration, environment, metrics


def send(folder: Path, record: Record, parcels: Parcels, project: str | None) -> None:
    """Write the run down. Raises what `trackio` raises."""
    with environment({"TRACKIO_DIR": str(folder.absolute()), "HF_HUB_DISABLE_TELEMETRY": "1"}):
        import trackio

        run = trackio.init(
            project=project or PROJECT, name=record.id, group=record.job, config=configuration(record), embed=False,
            auto_log_gpu=False, auto_log_cpu=False,
        )  # fmt: skip
        try:
            run.log(metrics(record))
            for each in parcels:
                artifact = trackio.Artifact(parcels.name(each), type=each.type, metadata=parcels.metadata(each))
                for path, name in parcels.contents(each):
                    artifact.add_file(str(path), name=name)
                run.log_artifact(artifact)
        finally:
            trackio.finish()
