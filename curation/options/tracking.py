"""What can be set of the record of a run: who sees it besides the workspace."""

from __future__ import annotations

from dataclasses import dataclass

from curation.options.option import Options, option


@dataclass(frozen=True)
class TrackOptions(Options):
    """Where a run is mirrored."""

    track: tuple[str, ...] = option(
        (), "Mirror the run to wandb or trackio, offline. May be repeated.", variable="CURATION_TRACK"
    )
    track_project: str | None = option(None, "The trackers' project name; default: curation.")
    track_files: bool = option(False, "Put the files, with all posts, into the trackers' artifacts.")
