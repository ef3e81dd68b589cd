"""A map on disk: its posts as points, and what it was made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.corpus.corpus import Corpus
from curation.disk.manifest import MANIFEST, read_manifest
from curation.disk.workspace import Workspace
from curation.errors import NothingToDoError, WorkspaceError

#: The file with the points. Its name differs from map to map, so that a reader never sees another map's.
PREFIX = "map"
#: The columns of every map.
COLUMNS = (
    "platform", "id", "author", "created_at", "language", "text", "x", "y", "cluster", "cluster_name", "neighbors",
)  # fmt: skip


@dataclass(frozen=True)
class Cluster:
    """A cluster of a map."""

    number: int
    name: str
    posts: int
    x: float  # of its middle
    y: float

    @property
    def label(self) -> str:
        """Its name for people."""
        return self.name or f"cluster {self.number + 1}"


@dataclass(frozen=True)
class PostMap:
    """The map of a corpus."""

    folder: Path
    manifest: Mapping[str, Any]

    @classmethod
    def open(cls, space: Workspace, corpus: str) -> PostMap:
        """The map of a corpus, by the corpus's name. Raises `NothingToDoError` without one, `WorkspaceError`."""
        folder = space.maps / corpus
        if not (folder / MANIFEST).is_file():
            raise NothingToDoError(
                f"There is no map of the corpus '{corpus}' in {space.root}. Make it with: "
                f"{space.command('map', corpus)}"
            )
        try:
            manifest = read_manifest(folder)
            answer = cls(folder, manifest)
            _ = answer.clusters, answer.posts, answer.file, manifest["corpus"]["files"], manifest["model"]
        except (WorkspaceError, KeyError, TypeError, IndexError) as error:
            raise WorkspaceError(
                f"The map in {folder} is damaged. Make it anew with: {space.command('map', corpus, '--again')}"
            ) from error
        return answer

    @property
    def file(self) -> Path:
        """The Parquet file with its points."""
        return self.folder / str(self.manifest["files"][0])

    @property
    def posts(self) -> int:
        """Posts on it."""
        return int(self.manifest["counts"]["posts"])

    @property
    def clusters(self) -> list[Cluster]:
        """Its clusters, the largest first."""
        return [Cluster(**one) for one in self.manifest["clusters"]]

    @property
    def measures(self) -> Sequence[str]:
        """Columns of numbers that rules measured."""
        return [str(name) for name in self.manifest.get("measures", ())]

    def is_of(self, corpus: Corpus) -> bool:
        """Whether it was made of this state of the corpus."""
        return bool(self.manifest["corpus"]["files"] == corpus.manifest["files"])


def map_of(space: Workspace, corpus: str) -> PostMap | None:
    """The map of a corpus; None without one. Raises `WorkspaceError` for a damaged one."""
    try:
        return PostMap.open(space, corpus)
    except NothingToDoError:
        return None
