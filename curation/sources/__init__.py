"""The sources: ours and those that other packages add.

A package adds one through the entry-point group `curation.sources`: the source's name, and a subclass of
`curation.sources.base.Source`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from curation.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from curation.sources.base import Source

#: Loaded on demand: to land from one source, the packages of another one are not needed.
SHIPPED = {
    "x-archive": ("curation.sources.x_archive", "XArchive"),
    "file": ("curation.sources.file", "FileSource"),
    "bluesky": ("curation.sources.bluesky", "BlueskyFeed"),
    "mastodon": ("curation.sources.mastodon", "MastodonFeed"),
    "snscrape": ("curation.sources.snscrape_feed", "SnscrapeFeed"),
    "x-api": ("curation.sources.x_api", "XApiFeed"),
}


def source_names() -> list[str]:
    """All sources' names, shipped ones first."""
    added = {entry.name for entry in entry_points(group="curation.sources")}
    return [*SHIPPED, *sorted(added - set(SHIPPED))]


def find_source(name: str) -> type[Source]:
    """The source of that name. Raises `UsageError`."""
    if name in SHIPPED:
        module, attribute = SHIPPED[name]
        source: type[Source] = getattr(import_module(module), attribute)
        return source
    for entry in entry_points(group="curation.sources"):
        if entry.name == name:
            loaded: type[Source] = entry.load()
            return loaded
    raise UsageError(f"There is no source '{name}'.{did_you_mean(name, source_names())}")


def targets_are_files(name: str) -> bool:
    """Whether the targets of the source of that name are files or folders; not for one that is not known here."""
    return name in source_names() and find_source(name).target_is_file


def open_source(name: str, targets: Sequence[str], options: Mapping[str, Any] | None = None) -> Source:
    """A source for these targets, with the options that the user gave (see `Source.open`).

    Raises `UsageError` for an option that the source does not take.
    """
    source = find_source(name)
    given = {key: value for key, value in (options or {}).items() if value not in (None, "", {}, (), False)}
    for option in given:
        if option not in source.options:
            takes = ", ".join(map(option_text, source.options)) or "none"
            raise UsageError(f"The source '{name}' takes no {option_text(option)}. Options that it takes: {takes}.")
    return source.open(targets, given)


def option_text(option: str) -> str:
    """An option as it is typed: `max_posts` → `--max-posts`."""
    return "--" + option.replace("_", "-")
