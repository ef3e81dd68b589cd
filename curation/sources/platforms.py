"""The platforms that posts come from, as people and the Hub call them.

A source of another package declares those of its own in `Source.platforms`.
"""

from __future__ import annotations

import functools

from curation.posts import NO_PLATFORM
from curation.sources.base import Platform

#: Those whose posts the shipped sources read, as far as somebody calls them otherwise or posts of theirs are forgotten.
WELL_KNOWN = (
    Platform("x", "X (Twitter)", "twitter"),
    Platform("bluesky", "Bluesky", "bluesky"),
    Platform("mastodon", "Mastodon", "mastodon"),
    Platform("telegram"),
    Platform("weibo"),
    Platform(NO_PLATFORM, "a platform that the files don't name"),
)


@functools.cache
def platforms() -> dict[str, Platform]:
    """The well-known platforms and those that other packages' sources declare, by name."""
    from curation import sources

    added = (sources.find_source(name) for name in sources.source_names() if name not in sources.SHIPPED)
    declared = [*WELL_KNOWN, *(platform for source in added for platform in source.platforms)]
    return {platform.name: platform for platform in reversed(declared)}


def title_of(name: str) -> str:
    """A platform's name for people."""
    platform = platforms().get(name)
    return (platform and platform.title) or name


def tags_of(names: list[str]) -> list[str]:
    """The platforms as tags of the Hub, those that have one."""
    return sorted(platform.tag for name in names if (platform := platforms().get(name)) and platform.tag)
