"""How a command that makes something is recorded: its options are taken from the command line as they were given."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curation.cli import output

if TYPE_CHECKING:
    from curation.tracking import Recording

Track = Annotated[
    list[str] | None,
    typer.Option(
        "--track", envvar="CURATION_TRACK", help="Mirror the run to wandb or trackio, offline. May be repeated."
    ),
]
TrackProject = Annotated[
    str | None, typer.Option("--track-project", help="What the trackers call the project; default: curation.")
]
TrackFiles = Annotated[
    bool, typer.Option("--track-files", help="Put the files into the trackers' artifacts, posts and all.")
]

#: Options that say nothing of what is made.
LEFT_OUT = {"data", "json", "track", "track_project", "track_files", "yes"}
#: Options of which only is recorded that they were given: secrets, and what may be a post's words.
ONLY_THAT = {"token_file", "search", "contact"}
#: Options of which only is recorded how often they were given: whoever is to be forgotten isn't written down for it.
ONLY_HOW_OFTEN = {"forget": {"id", "author", "from_file"}}

#: A name and password in an address.
LOGIN = re.compile(r"//[^/@\s]*@")


def recording(job: str, options: Mapping[str, Any], *, live: bool = False) -> AbstractContextManager[Recording]:
    """Record the command that is running, with all its `options` by name; see `curation.tracking.recorded`.

    With `live` the trackers see it while it goes on. Raises `UsageError` for a tracker that is not known or not
    installed.
    """
    from curation.tracking import recorded

    track = trackers_named(options.get("track"))
    files = bool(options.get("track_files"))
    return recorded(
        options["data"], job, configuration(job, options), track=track, track_files=files,
        project=options.get("track_project"), live=live, on_notice=output.say,
    )  # fmt: skip


def trackers_named(words: Sequence[str] | None) -> tuple[str, ...]:
    """The trackers that are named, also with commas between them. Raises `UsageError`."""
    names = tuple(dict.fromkeys(name for word in words or () for name in word.replace(",", " ").split()))
    if names:
        from curation.tracking import trackers

        for name in names:
            trackers.check(name)
    return names


def configuration(job: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given, and those that have a default, as a record may have them."""
    found: dict[str, Any] = {}
    for name, value in options.items():
        if name in LEFT_OUT or value is None or value in ("", (), []):
            continue
        if name in ONLY_HOW_OFTEN.get(job, ()):
            found[name] = len(value)
        else:
            found[name] = True if name in ONLY_THAT else _plain(value)
    if options.get("track_files"):
        found["track_files"] = True
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return LOGIN.sub("//", str(value))
