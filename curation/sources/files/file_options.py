"""The user's options for files: one record for each command, used from recognition to the readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from curation.sources.records.unsettled import DateOrder


@dataclass(frozen=True)
class FileOptions:
    """How to read files."""

    format: str = "auto"  # a name of `curation.sources.dialects.FORMATS`, or `auto`: whatever a file is
    columns: Mapping[str, str] = field(default_factory=dict)  # field → column, key or path, as `--map` gives it
    author: str | None = None  # handle for posts that name nobody
    platform: str | None = None  # of all posts
    private: bool = False  # also read the author's own words in private conversations
    dates: DateOrder | None = None  # what stands first in dates like 02-03-2020; None: what a column shows
    encoding: str | None = None  # Python's name of it; None: detected
