"""What can be set of a collect: how a source reads its target. Each source names the options that it takes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.errors import UsageError
from curation.options.bounds import AtLeast
from curation.options.option import Options, option

#: Options of the run, and of no source.
OF_RUN = ("again", "missing_ok", "explain_format", "yes")


@dataclass(frozen=True)
class CollectOptions(Options):
    """The options of all sources together, and of the run."""

    author: str | None = option(None, "The author, if the input names none.")
    format: str | None = option(None, "The file's format: auto, or one listed by `curation sources file`.")
    map: tuple[str, ...] = option(
        (), "The column of a field, for example text=words. May be repeated.", metavar="FIELD=COLUMN"
    )
    encoding: str | None = option(None, "The file's encoding, if it is not detected.", metavar="NAME")
    platform: str | None = option(None, "The platform, if the input does not name it.")
    private: bool = option(False, "Also read what --author wrote in private chats.")
    dates: str | None = option(
        None, "The order of dates like 02-03-2020: auto (from the column), day-first, month-first or year-first.",
        metavar="ORDER",
    )  # fmt: skip
    base_url: str | None = option(None, "Another server with the same API.", metavar="URL")
    token_file: Path | None = option(None, "A file with the token; the token is never shown or stored.")
    max_posts: int | None = option(None, "The most posts to fetch in one run.", bound=AtLeast(1))
    max_wait: float | None = option(
        None, "The longest wait for a server, in seconds.", bound=AtLeast(0), metavar="SECONDS"
    )

    again: bool = option(False, "Read the whole list again, whatever has landed.")
    missing_ok: bool = option(False, "Accept fewer posts than the profile counts as complete.")
    explain_format: bool = option(False, "Show how each file is recognised, and land nothing.")
    yes: bool = option(False, "Agree to the cost.")

    @property
    def mapping(self) -> dict[str, str]:
        """Columns by the fields that they hold. Raises `UsageError`."""
        mapping = {}
        for pair in self.map:
            field, equals, column = pair.partition("=")
            if not equals or not field or not column:
                raise UsageError(f"--map {pair}: write it as field=column, such as text=Tweet.")
            mapping[field.strip()] = column.strip()
        return mapping

    def of_source(self) -> dict[str, Any]:
        """The options as a source takes them. Raises `UsageError`."""
        values = {name: value for name, value in vars(self).items() if name not in OF_RUN}
        return {**values, "map": self.mapping}
