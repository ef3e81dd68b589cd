"""What lies in a folder of posts and is not read: links that lead away, and workspaces of this program.

A workspace holds what has landed, and the texts that recipes made of it. Read as a source, these would take the place
of the texts that were downloaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from curation.disk.manifest import MANIFEST

#: How to get what a link of a data set stands for.
GET_IT = "Such a file was not downloaded or was moved: git annex get, datalad get or dvc pull brings it."
#: Most names in a sentence.
_NAMED = 5


def is_workspace(folder: Path) -> bool:
    """Whether a folder is a workspace in which something has landed."""
    return any((folder / "raw").glob(f"[0-9]*-*/{MANIFEST}"))


def is_in_workspace(path: Path, begin: Path) -> bool:
    """Whether a path lies in a workspace below `begin`, where the search for it began."""
    return any(is_workspace(folder) for folder in path.parents if folder != begin and folder.is_relative_to(begin))


def why_no_workspace(folder: Path) -> str:
    """What to say of a workspace among the targets."""
    return (
        f"{folder} is a workspace: its posts have landed, so it was not read. To take posts out of it: curation export"
    )


@dataclass
class Unfollowed:
    """What is passed over in a folder, by its place in it."""

    folder: Path
    may_hold_posts: Callable[[str], bool]
    broken: list[str] = field(default_factory=list)  # links that lead nowhere
    outside: list[str] = field(default_factory=list)  # links out of the folder
    workspaces: list[str] = field(default_factory=list)

    def followed(self, entries: Sequence[Path]) -> list[Path]:
        """The entries without workspaces; they and broken links to files of posts are noted."""
        followed = []
        for entry in entries:
            if entry.is_symlink() and not entry.exists():
                if self.may_hold_posts(entry.name):
                    self.broken.append(self._place(entry))
            elif entry.is_dir() and is_workspace(entry):
                self.workspaces.append(self._place(entry))
            else:
                followed.append(entry)
        return followed

    def leads_out(self, link: Path) -> None:
        """Note a link that leads out of the folder."""
        self.outside.append(self._place(link))

    def sentences(self) -> Iterator[str]:
        """What was not read, and what to do."""
        for names, where, way in (
            (self.broken, "nowhere", GET_IT),
            (self.outside, "out of it, to files that were not read", "To have them read, name them or their folder."),
        ):
            few = "a link that leads" if len(names) == 1 else f"{len(names):,} links that lead"
            if names:
                yield f"{self.folder} holds {few} {where} ({names_in_a_sentence(names)}). {way}"
        for name in self.workspaces:
            yield why_no_workspace(self.folder / name)

    def _place(self, entry: Path) -> str:
        return entry.relative_to(self.folder).as_posix()


def names_in_a_sentence(names: Sequence[str]) -> str:
    """Some of these names, and the number of the others."""
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
