"""What can be set of `curation pin`."""

from __future__ import annotations

from dataclasses import dataclass

from curation.options.option import Options, option


@dataclass(frozen=True)
class PinOptions(Options):
    """What becomes of the pins of some posts."""

    keep: bool = option(False, "They must be kept.")
    remove: bool = option(False, "They must be removed.")
    drop: bool = option(False, "Delete their pins.")
    note: str | None = option(None, "Why, in a few words.")
    platform: str | None = option(None, "Their platform: x, bluesky, mastodon, …")

    @property
    def deeds(self) -> list[str]:
        """The flags that say what to do with them."""
        return [f"--{name}" for name in ("keep", "remove", "drop") if getattr(self, name)]
