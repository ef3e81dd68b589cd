"""What a user says of files: one record, which goes with each of them from recognition to its readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from curation.sources.records.unsettled import DateOrder


@dataclass(frozen=True)
class FileOptions:
    """How files are to be read; every field has the value that nobody needs to give."""

    format: str = "auto"  # a name of `curation.sources.dialects.FORMATS`, or `auto`: whatever a file is
    columns: Mapping[str, str] = field(default_factory=dict)  # field → column, key or path, as `--map` gives it
    author: str | None = None  # handle of whoever posts are by that name nobody
    platform: str | None = None  # where all of them were posted
    private: bool = False  # whether the author's own words in private conversations are read as well
    dates: DateOrder | None = None  # what stands first in dates like 02-03-2020; None: what a column shows
    encoding: str | None = None  # Python's name of it; None: detected
