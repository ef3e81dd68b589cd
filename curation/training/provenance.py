"""The provenance of a model's data: the part of its record on the export, the corpus and the posts."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.corpus.corpus import Corpus
from curation.disk.training_record import TrainingData, TrainingSide
from curation.errors import CurationError
from curation.options.export import RANDOM, TRAIN, VALID
from curation.tracking.artifacts import place_of
from curation.training.folders import POSTS, posts_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from curation.disk.workspace import Workspace
    from curation.options.training import TrainingOptions
    from curation.training.encoding import TokenRows
    from curation.training.text import TrainingText

#: The side of posts that only the base of a model saw.
BASE = "base"

#: Authors that a record names.
NAMED = 20

#: Lower ends of the classes of length, in code points, that count the training posts.
LENGTHS = (0, 20, 40, 80, 160, 280, 560, 1_120, 2_240)


def posts_seen(text: TrainingText, base: str) -> pa.Table:
    """The posts that a model saw: those of its text and, if its base was trained here too, those of the base.

    Columns are those of `posts_schema`; the posts that only the base saw have the side `base`.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    own = text.seen()
    try:
        inherited = pq.read_table(Path(base) / POSTS, schema=posts_schema())
    except (OSError, pa.ArrowException):  # a base of somebody else, or of the Hub
        return own
    side = pa.array([BASE] * len(inherited), pa.string())
    keys = ["platform", "id"]
    inherited = inherited.set_column(inherited.schema.get_field_index("split"), "split", side)
    inherited = (
        inherited.group_by([*keys, "author", "split"]).aggregate([]).join(own.select(keys), keys, join_type="left anti")
    )
    return pa.concat_tables([own, inherited.select(own.column_names).sort_by([(key, "ascending") for key in keys])])


def data_of(
    space: Workspace, text: TrainingText, sides: dict[str, TokenRows], options: TrainingOptions
) -> TrainingData:
    """The data of a training; `sides` are the encoded documents of train and valid."""
    record = text.record
    authors, author_count = _authors(text)
    return TrainingData(
        export=place_of(space, text.folder), recipe=record.recipe, fingerprint=record.corpus.get("fingerprint", ""),
        corpus_files=record.made_of, tombstones=record.tombstones, counts=record.corpus.get("counts", {}),
        train=_side(text, TRAIN, sides[TRAIN]), valid=_side(text, VALID, sides[VALID]),
        split=record.options.get("split", RANDOM), authors=authors, author_count=author_count,
        languages=_languages(space, text), lengths=_lengths(sides[TRAIN]), separate=not options.joined,
    )  # fmt: skip


def _side(text: TrainingText, split: str, tokens: TokenRows) -> TrainingSide:
    files = tuple({key: file[key] for key in ("name", "format", "sha256")} for file in text.files[split])
    return TrainingSide(len(tokens), int(tokens.characters.sum()), tokens.predicted, files)


def _authors(text: TrainingText) -> tuple[tuple[dict[str, Any], ...], int]:
    """The authors with the most training posts, and how many authors there are."""
    from curation.sql import database

    connection = database.reader()
    try:
        connection.register("seen_posts", text.seen())
        rows = connection.execute(
            f"SELECT author, count(*) FROM seen_posts WHERE split = '{TRAIN}' GROUP BY 1 ORDER BY 2 DESC, 1"
        ).fetchall()
        connection.unregister("seen_posts")
    finally:
        connection.close()
    return tuple({"author": author, "posts": posts} for author, posts in rows[:NAMED]), len(rows)


def _languages(space: Workspace, text: TrainingText) -> dict[str, int]:
    """Kept posts of the corpus, or of a sample, by language, if it is still the one that was exported."""
    from curation.cards.figures import Figures

    with contextlib.suppress(CurationError):
        corpus = Corpus.open(space, text.record.recipe)
        if tuple(corpus.manifest["files"]) == text.record.made_of:
            return Figures.of(corpus, text.record.options.get("authors") or ()).languages
    return {}


def _lengths(tokens: TokenRows) -> tuple[tuple[int, int], ...]:
    import numpy as np

    edges = np.array([*LENGTHS, np.iinfo(np.int32).max])
    counts, _ = np.histogram(tokens.characters, edges)
    return tuple((begin, int(count)) for begin, count in zip(LENGTHS, counts, strict=True))
