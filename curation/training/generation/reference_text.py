"""The posts that a model saw: from its export, or else from the corpus.

The export may be gone, rewritten, or shorter because posts were forgotten. Samples are then compared with the rest,
and a note says that unmarked text may still be copied.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.corpus.corpus import Corpus
from curation.disk import export_manifest
from curation.disk.ranges import Ranges
from curation.disk.training_record import FILE, TrainingRecord
from curation.disk.workspace import Workspace
from curation.errors import NothingToDoError, WorkspaceError
from curation.exports.registry import format_of
from curation.sql import database, literal
from curation.training.folders import POSTS
from curation.training.generation.copied import Post

#: Posts that are read at a time.
TOGETHER = 8_192

#: Values of `ReferenceText.origin`: the export as the model saw it, as it is now, or the corpus as it is now.
EXPORT, CHANGED_EXPORT, CORPUS = "export", "changed export", "corpus"


@dataclass(frozen=True)
class ReferenceText:
    """Texts that samples are compared with."""

    origin: str | None  # None: nothing is left
    note: str  # for the user; "" when it is all that the model saw
    batches: Callable[[], Iterator[Sequence[Post]]]  # each post once, in the order of the files

    @classmethod
    def of(cls, space: Workspace, folder: Path, trained: TrainingRecord | None) -> ReferenceText:
        """The training text of the model in `folder`, or the rest of it. Without a record there is none."""
        if trained is None:
            why = f"{folder.name} has no {FILE}, so what it was trained on, and what it copies, is not known."
            return cls(None, why, lambda: iter(()))
        files = [file["name"] for file in trained.data.train.files]
        folders = [root / trained.data.export for root in (space.root, folder.resolve().parent.parent)]
        export = next((each for each in folders if _is_export_of(each, files)), None)
        if export:
            sources = [_Source.of(export, file) for file in trained.data.train.files]
            if all(source and source.unchanged for source in sources):
                return cls(EXPORT, "", lambda: _of_files(sources))
            if left := [source for source in sources if source]:
                return cls(
                    CHANGED_EXPORT,
                    f"{export} was exported anew or changed since the training, so samples are compared with the posts "
                    "that it has now.",
                    lambda: _of_files(left),
                )
        gone = f"The export {trained.data.export} is {'damaged' if export else 'gone'}"
        with contextlib.suppress(NothingToDoError, WorkspaceError):
            corpus = Corpus.open(space, trained.data.recipe)
            return cls(
                CORPUS,
                f"{gone}, so samples are compared with the corpus '{trained.data.recipe}' as it is now.",
                lambda: _of_corpus(corpus, folder),
            )
        return cls(None, f"{gone}, and so is its corpus: what is copied from posts can't be marked.", lambda: iter(()))


@dataclass(frozen=True)
class _Source:
    """A file of an export with the places of its posts."""

    path: Path
    format: str
    ranges: Ranges
    unchanged: bool  # since the training

    @classmethod
    def of(cls, export: Path, file: dict[str, Any]) -> _Source | None:
        """None if the places don't fit the posts in the file."""
        path = export / file["name"]
        ranges = Ranges.of(export, file["name"])
        if ranges is None or format_of(file["format"]) is None:
            return None
        try:
            with path.open("rb") as opened:
                digest = hashlib.file_digest(opened, "sha256").hexdigest()
        except OSError:
            return None
        if digest != ranges.sha256:
            return None
        return cls(path, file["format"], ranges, digest == file["sha256"])

    def batches(self) -> Iterator[Sequence[Post]]:
        """The posts, each once."""
        format = format_of(self.format)
        assert format is not None
        names: list[list[tuple[str, str]]] = []

        def places() -> Iterator[list[tuple[int, int]]]:
            for platforms, ids, begins, ends in _first_places(self.ranges):
                names.append(list(zip(platforms, ids, strict=True)))
                yield list(zip(begins, ends, strict=True))

        for texts in format().texts(self.path, places()):
            yield [Post(*name, text) for name, text in zip(names.pop(0), texts, strict=True)]


def _first_places(ranges: Ranges) -> Iterator[list[list[Any]]]:
    """Platforms, ids, begins and ends of the first place of each post, in the order of the file."""
    statement = (
        'SELECT platform, id, min(begin) AS first, arg_min("end", begin) '
        f"FROM read_parquet({literal(str(ranges.path))}) WHERE part_of IS NULL GROUP BY ALL ORDER BY first"
    )
    with contextlib.closing(database.reader()) as connection:
        for batch in connection.sql(statement).to_arrow_reader(TOGETHER):
            yield [column.to_pylist() for column in batch.columns]


def _is_export_of(folder: Path, names: Sequence[str]) -> bool:
    return (folder / export_manifest.RECORD).is_file() and any((folder / name).is_file() for name in names)


def _of_files(sources: Sequence[_Source | None]) -> Iterator[Sequence[Post]]:
    return itertools.chain.from_iterable(source.batches() for source in sources if source)


def _of_corpus(corpus: Corpus, folder: Path) -> Iterator[Sequence[Post]]:
    """The kept posts of a corpus, limited to those that the model saw if its folder lists them."""
    list_of_posts = folder / POSTS
    only = ""
    if list_of_posts.is_file():
        mine = f"SELECT platform, id FROM read_parquet({literal(str(list_of_posts))}) WHERE split = 'train'"
        only = f" AND (platform, id) IN ({mine})"
    statement = (
        f"SELECT platform, id, text FROM posts WHERE removed_by IS NULL AND text <> ''{only} "
        "ORDER BY platform, length(id), id"
    )
    for batch in corpus.batches(statement, rows=TOGETHER):
        yield list(map(Post, *(column.to_pylist() for column in batch.columns)))
