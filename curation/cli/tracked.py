"""How a command that makes something is recorded.

Each command lists the options that its record may have, so a new option, which may be a secret, stays out until
somebody lists it.
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
    """The options of a command that its record has, by their Python names, with spaces between them."""

    values: str = ""  # as they were given
    presence: str = ""  # only that they were given: secrets, and what may be a post's words
    number: str = ""  # only how often: whoever is to be forgotten isn't written down for it


#: A name and password in an address.
LOGIN = re.compile(r"//[^/@\s]*@")


def recording(
    job: str, options: Mapping[str, Any], record: RecordedOptions = RecordedOptions(), *, live: bool = False
) -> AbstractContextManager[Recording]:
    """Record the command that is running, with those of its `options` that `record` lists.

    See `curation.tracking.recorded`; `data`, `track`, `track_project` and `track_files` say where and how. With `live`
    the trackers see it while it goes on. Raises `UsageError` for a tracker that is not known or not installed.
    """
    from curation.tracking import recorded

    track = trackers_named(options.get("track"))
    files = bool(options.get("track_files"))
    return recorded(
        options["data"], job, configuration(options, record), track=track, track_files=files,
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


def configuration(options: Mapping[str, Any], record: RecordedOptions) -> dict[str, Any]:
    """The listed options that were given, and those that have a default, as a record may have them."""
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
