"""Records of commands that make something.

Each command lists the options for its record. A new option, which may be a secret, stays out until someone lists it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.cli import output

if TYPE_CHECKING:
    from curation.tracking import Recording


@dataclass(frozen=True)
class RecordedOptions:
    """The options in the record of a command: their Python names, with spaces between them."""

    values: str = ""  # with their values
    presence: str = ""  # only that they were given: secrets, and words of posts
    number: str = ""  # only how often: the record must not name whom it forgets


#: A name and password in an address.
LOGIN = re.compile(r"//[^/@\s]*@")


def recording(
    job: str, options: Mapping[str, Any], record: RecordedOptions = RecordedOptions(), *, live: bool = False
) -> AbstractContextManager[Recording]:
    """Record the running command with those of its `options` that `record` lists.

    See `curation.tracking.recorded`; `data`, `track`, `track_project` and `track_files` say where and how. With `live`,
    trackers see the run while it goes on. Raises `UsageError` for a tracker that is unknown or not installed.
    """
    from curation.tracking import recorded

    track = trackers_named(options.get("track"))
    files = bool(options.get("track_files"))
    return recorded(
        options["data"], job, configuration(options, record), track=track, track_files=files,
        project=options.get("track_project"), live=live, on_notice=output.say,
    )  # fmt: skip


def trackers_named(words: Sequence[str] | None) -> tuple[str, ...]:
    """The names of trackers, also if commas separate them. Raises `UsageError`."""
    names = tuple(dict.fromkeys(name for word in words or () for name in word.replace(",", " ").split()))
    if names:
        from curation.tracking import trackers

        for name in names:
            trackers.check(name)
    return names


def configuration(options: Mapping[str, Any], record: RecordedOptions) -> dict[str, Any]:
    """The options for a record: the listed ones that were given or have a default."""
    entries: dict[str, Any] = {}
    for name, value in options.items():
        if value is None or value in ("", (), []):
            continue
        if name in record.values.split():
            entries[name] = _plain(value)
        elif name in record.presence.split():
            entries[name] = True
        elif name in record.number.split():
            entries[name] = len(value)
    if options.get("track_files"):
        entries["track_files"] = True
    return entries


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return LOGIN.sub("//", str(value))
