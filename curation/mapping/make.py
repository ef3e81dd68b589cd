"""Making a map: posts, their vectors, neighbours, places and clusters, and then two files put in place at once."""

from __future__ import annotations

import contextlib
import datetime
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from curation import sql
from curation.corpus.corpus import Corpus
from curation.corpus.ledger import key_of
from curation.corpus.post_map import COLUMNS, PREFIX, Cluster, PostMap, map_of
from curation.disk.manifest import write_manifest
from curation.disk.whole_files import swap_in, writing
from curation.disk.workspace import Workspace
from curation.errors import NothingToDoError, WorkspaceError
from curation.mapping import packages
from curation.mapping.clusters import clusters_of
from curation.mapping.layout import Points, layout
from curation.mapping.letters import Progress, Vectors
from curation.mapping.models import TextModel, open_model
from curation.mapping.names import names_of
from curation.mapping.neighbours import Numbers, nearest
from curation.mapping.texts import read_as
from curation.mapping.vectors import vectors_of
from curation.options.mapping import FEWEST, LETTERS, MapOptions
from curation.sql.order import drawn
from curation.writing.terminal import count

#: Types of columns whose numbers a map can show.
MEASURED = ("BIGINT", "INTEGER", "DOUBLE", "FLOAT")
#: Increases when the same posts and options give another map.
VERSION = 1

#: Shows the progress of a step: takes its name and what is counted, gives a context with a `Progress`.
Stage = Callable[[str, str], AbstractContextManager[Progress]]


@dataclass(frozen=True)
class MadeMap:
    """The result of `make_map`."""

    map: PostMap
    status: str  # `made`, or `unchanged`
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """For `curation map --json`."""
        manifest = self.map.manifest
        counts = manifest["counts"]
        return {
            "schema": 1, "recipe": manifest["corpus"]["name"], "status": self.status, "file": str(self.map.file),
            "posts": self.map.posts, "kept": counts["kept"], "unclustered": counts["unclustered"],
            "model": manifest["model"]["name"], "seconds": round(self.seconds, 1),
            "clusters": [{"cluster": one.number, "name": one.name, "posts": one.posts} for one in self.map.clusters],
        }  # fmt: skip


def silent(label: str, unit: str) -> AbstractContextManager[Progress]:
    """A stage that shows nothing."""
    return contextlib.nullcontext(lambda done, total: None)


def make_map(
    space: Workspace,
    recipe: str,
    options: MapOptions,
    *,
    again: bool = False,
    stage: Stage = silent,
    waiting: Callable[[str], None] | None = None,
) -> MadeMap:
    """Make the map of a corpus's kept posts, unless it is there.

    Raises `NothingToDoError` for a corpus that does not exist or is too small, `UsageError`, `InputError`,
    `WorkspaceError`.
    """
    began = time.monotonic()
    corpus = Corpus.open(space, recipe)
    packages.require()
    with space.lock(f"map-{recipe}", waiting):
        if not again and (before := _same(space, corpus, options)):
            return MadeMap(before, "unchanged", time.monotonic() - began)
        model = open_model(options.model, options.workers)
        posts, manifest = corpus.reading(lambda connection, state: (_posts(connection, state, options), state))
        if posts.num_rows < FEWEST:
            raise NothingToDoError(
                f"The corpus '{recipe}' keeps {count(posts.num_rows, 'post')}; a map needs at least {FEWEST}."
            )
        with packages.computing(posts.num_rows, options.workers) as threads:
            drawing = _draw(posts, model, replace(options, workers=threads), space, stage)
        made = _write(space, recipe, posts, drawing, _manifest(manifest, recipe, posts, drawing, model, options))
    return MadeMap(made, "made", time.monotonic() - began)


def _same(space: Workspace, corpus: Corpus, options: MapOptions) -> PostMap | None:
    """The map that is there, if this one would be the same."""
    with contextlib.suppress(WorkspaceError):  # a damaged one is replaced
        before = map_of(space, corpus.folder.name)
        if before and before.is_of(corpus) and before.manifest.get("version") == VERSION:
            return before if before.manifest.get("options") == options.identity() else None
    return None


@dataclass(frozen=True)
class _Drawing:
    """What was computed for each post, in order, and the clusters."""

    points: Points
    places: Numbers
    similarities: Vectors
    cluster: Numbers
    clusters: tuple[Cluster, ...]


def _posts(connection: Any, manifest: dict[str, Any], options: MapOptions) -> pa.Table:
    """The kept posts, or some of them, with what a map shows of them; in an order that no run changes."""
    columns = dict(connection.execute("SELECT column_name, column_type FROM (DESCRIBE posts)").fetchall())
    measures = [
        sql.identifier(name)
        for name in (rule.get("measure") for rule in manifest["recipe"]["rules"])
        if name
        and name not in (*COLUMNS, "text_format")
        and columns.get(name) in ("BIGINT", "INTEGER", "DOUBLE", "FLOAT")
    ]
    language = f"coalesce(nullif({key_of('language', manifest)}, ''), 'und') AS language"
    names = ["platform", "id", "author", "created_at", language, "text", *measures, "text_format"]
    some = f"ORDER BY {drawn(options.seed, 'map')}, platform, id LIMIT {options.most}" if options.most else ""
    table: pa.Table = connection.sql(
        f"SELECT * FROM (SELECT {', '.join(names)} FROM posts WHERE removed_by IS NULL {some}) ORDER BY platform, id"
    ).to_arrow_table()
    return table


def _draw(posts: pa.Table, model: TextModel | None, options: MapOptions, space: Workspace, stage: Stage) -> _Drawing:
    texts = [read_as(text or "") for text in posts["text"].to_pylist()]
    with stage("Comparing texts", "posts") as progress:
        vectors = vectors_of(texts, model, options.seed, space, progress)
    number = min(options.neighbors, len(texts) - 1)
    with stage("Finding neighbours", "posts") as progress:
        places, similarities = nearest(vectors, number, options.seed, progress)
    with stage("Drawing the map", "steps") as progress:
        points = layout(vectors, places, similarities, seed=options.seed, workers=options.workers, on_progress=progress)
    cluster = clusters_of(points)
    with stage("Naming clusters", "posts") as progress:
        names = names_of(posts, cluster, int(cluster.max()) + 1)
        progress(len(texts), len(texts))
    return _Drawing(points, places, similarities, cluster, tuple(_described(points, cluster, names)))


def _described(points: Points, cluster: Numbers, names: Sequence[str]) -> list[Cluster]:
    """The clusters, each with the post in its middle as its place: a mean may lie outside of a bent one."""
    answer = []
    for number, name in enumerate(names):
        own = points[cluster == number]
        middle: npt.NDArray[np.float32] = np.median(own, axis=0)
        x, y = own[np.argmin(((own - middle) ** 2).sum(axis=1))].tolist()
        answer.append(Cluster(number, name, len(own), round(x, 5), round(y, 5)))
    return answer


def _manifest(
    manifest: dict[str, Any], recipe: str, posts: pa.Table, drawing: _Drawing, model: TextModel | None,
    options: MapOptions,
) -> dict[str, Any]:  # fmt: skip
    return {
        "version": VERSION,
        "corpus": {
            "name": recipe,
            "files": manifest["files"],
            "created_at": manifest["created_at"],
            "fingerprint": manifest["recipe"]["fingerprint"],
        },
        "created_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "model": {"name": model.name if model else LETTERS, "identity": model.identity if model else LETTERS},
        "options": options.identity(),
        "versions": packages.package_versions(*filter(None, [model.package if model else ""])),
        "counts": {
            "posts": posts.num_rows,
            "kept": manifest["counts"]["kept"],
            "unclustered": int(np.count_nonzero(drawing.cluster < 0)),
        },
        "measures": posts.column_names[6:-1],
        "clusters": [asdict(one) for one in drawing.clusters],
    }


def _write(space: Workspace, recipe: str, posts: pa.Table, drawing: _Drawing, manifest: dict[str, Any]) -> PostMap:
    """Put the map in its place. Raises `WorkspaceError`."""
    name = f"{PREFIX}-{uuid.uuid4().hex[:8]}.parquet"
    place = space.maps / recipe
    with space.staging("map") as staging, writing(place):
        staged = staging / "map"
        staged.mkdir()
        _write_points(staged / name, posts, drawing)
        manifest = {**manifest, "files": [name]}
        write_manifest(staged, manifest)
        swap_in(staged, place)
    return PostMap(place, manifest)


def _write_points(path: Path, posts: pa.Table, drawing: _Drawing) -> None:
    rows, number = drawing.places.shape
    offsets: Any = pa.array(np.arange(0, rows * number + 1, number, dtype=np.int32))
    flat: tuple[Any, Any] = pa.array(drawing.places.ravel()), pa.array((1.0 - drawing.similarities).ravel())
    ids, distances = (pa.ListArray.from_arrays(offsets, values) for values in flat)
    labels = np.array([one.label for one in drawing.clusters] + [""], dtype=object)
    table = posts.append_column("x", pa.array(drawing.points[:, 0]))
    table = table.append_column("y", pa.array(drawing.points[:, 1]))
    table = table.append_column("cluster", pa.array(drawing.cluster))
    table = table.append_column("cluster_name", pa.array(labels[drawing.cluster].tolist(), pa.string()))
    # As embedding-atlas reads them: numbers of rows from 0, nearest first.
    table = table.append_column("neighbors", pa.StructArray.from_arrays([ids, distances], ["ids", "distances"]))
    pq.write_table(table.select([*COLUMNS, *posts.column_names[6:-1]]), path, compression="zstd", row_group_size=50_000)
