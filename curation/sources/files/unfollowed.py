"""What lies in a folder of posts and is not read: links that lead out of it, and workspaces of this program.

A workspace holds the posts that have landed, and the texts that recipes made of them. Read as a source, those texts
would replace the downloaded ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from curation.disk.manifest import MANIFEST

#: What to do about a link that leads nowhere; data sets are full of them.
GET_IT = "If the file was not downloaded: git annex get, datalad get or dvc pull."
#: Most names in a sentence.
_NAMED = 5


def is_workspace(folder: Path) -> bool:
    """Whether a folder is a workspace in which something has landed."""
    return any((folder / "raw").glob(f"[0-9]*-*/{MANIFEST}"))


def workspaces_around(paths: Iterable[Path], begin: Path) -> list[Path]:
    """The workspaces below `begin` that hold some of the paths, sorted."""
    above = {folder for path in paths for folder in path.parents if folder != begin and folder.is_relative_to(begin)}
    return sorted(filter(is_workspace, above))


def why_no_workspace(folder: Path) -> str:
    """What to say of a workspace among the targets."""
    return f"{folder} is a workspace: its posts have landed, so it was not read. To get posts out: curation export"


@dataclass
class Unfollowed:
    """What is passed over in a folder, by its place in it."""

    folder: Path
    may_hold_posts: Callable[[str], bool]
    broken: list[str] = field(default_factory=list)  # links that lead nowhere
    outside: list[str] = field(default_factory=list)  # links out of the folder
    workspaces: list[str] = field(default_factory=list)

    def followed(self, entries: Sequence[Path]) -> list[Path]:
        """The entries without workspaces and broken links; notes these, links only if they may hold posts."""
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
            (self.outside, "out of it, to files that were not read", "To read them, name them or their folder."),
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
