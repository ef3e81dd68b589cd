"""Queries of the page Map: points and their colours, the texts in sight, chosen posts and their neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from curation.corpus.post_map import PostMap
from curation.disk.states import ReplacedError
from curation.errors import WorkspaceError
from curation.sql import database, identifier, literal
from dashboards.snapshot import Snapshot

#: Texts that a map shows on hover, and characters of each.
TEXTS, CUT = 1_500, 140
#: Colours besides the one for all others, which is the first of the palette.
COLOURS = 14
#: Posts of a page below the map.
PAGE = 10
OTHER = (138, 138, 146)
#: Distinct at a glance, on light and dark; and a scale from low to high.
PALETTE = (
    (38, 132, 199), (224, 123, 57), (44, 150, 90), (196, 78, 140), (142, 108, 205), (178, 146, 30), (20, 160, 165),
    (214, 82, 74), (110, 140, 40), (105, 120, 220), (190, 110, 80), (60, 160, 130), (160, 90, 170), (120, 130, 140),
)  # fmt: skip
SCALE = ((70, 90, 200), (50, 140, 190), (40, 165, 140), (120, 170, 60), (200, 160, 40), (225, 110, 50))


@dataclass(frozen=True)
class Points:
    """Where the posts of a map lie."""

    x: npt.NDArray[np.float32]
    y: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Colouring:
    """A colour for each post, and what colours mean."""

    codes: npt.NDArray[np.uint8]  # 0 is `OTHER`
    palette: tuple[tuple[int, int, int], ...]
    meanings: tuple[tuple[str, int], ...]  # of the palette, with the number of posts; "" where no post has it


def _ask(post_map: PostMap, statement: str, parameters: Sequence[Any] = ()) -> Any:
    """The answer as an Arrow table; `points` are the posts of the map, with their row. Raises `ReplacedError`."""
    connection = database.reader()
    table = (
        f"(SELECT *, file_row_number AS row FROM read_parquet({literal(str(post_map.file))}, file_row_number = true))"
    )
    try:
        return connection.sql(f"WITH points AS {table} {statement}", params=list(parameters)).to_arrow_table()
    except duckdb.IOException as error:
        if post_map.file.exists():
            raise WorkspaceError(f"Can't read {post_map.file}. Draw the map again.") from error
        raise ReplacedError from error  # by a newer map


def points(snapshot: Snapshot, post_map: PostMap) -> Points:
    """The places of all posts, cached."""

    def make() -> Points:
        table = _ask(post_map, "SELECT x, y FROM points ORDER BY row")
        return Points(table["x"].to_numpy(), table["y"].to_numpy())

    return snapshot.keep(("map", post_map.file, "points"), make, size=8 * post_map.posts)


def colourings(post_map: PostMap) -> dict[str, str]:
    """What the posts may be coloured by, with words for people."""
    return {
        "cluster": "Cluster", "author": "Author", "year": "Year", "language": "Language",
        **{name: name for name in post_map.measures},
    }  # fmt: skip


def coloured(snapshot: Snapshot, post_map: PostMap, by: str) -> Colouring:
    """The colours of all posts, cached."""
    make = _by_measure if by in post_map.measures else _by_value
    return snapshot.keep(("map", post_map.file, by), lambda: make(post_map, by), size=post_map.posts)


def _by_value(post_map: PostMap, by: str) -> Colouring:
    column = {
        "year": "coalesce(strftime(created_at::TIMESTAMP, '%Y'), 'no time')",
        "author": "coalesce(nullif(author, ''), 'unknown')",
        "language": "language",
    }.get(by, "CASE WHEN cluster < 0 THEN NULL ELSE cluster END")
    order = "value" if by in ("year", "cluster") else "posts DESC, value"
    table = _ask(post_map, f"SELECT {column} AS value FROM points ORDER BY row")["value"].combine_chunks()
    encoded = table.dictionary_encode()
    values = encoded.dictionary.to_pylist()
    places = encoded.indices.fill_null(len(values)).to_numpy()
    counts = np.bincount(places, minlength=len(values) + 1)
    ranks = sorted(range(len(values)), key=lambda at: values[at] if order == "value" else (-counts[at], values[at]))
    years = by == "year"
    taken = ranks[-COLOURS:] if years else ranks[:COLOURS]
    palette = _spread(len(taken)) if years else PALETTE
    codes = np.zeros(len(values) + 1, dtype=np.uint8)
    for rank, at in enumerate(taken, 1):
        codes[at] = rank
    if by == "cluster":  # names tell them apart, so colours may come again
        codes[ranks] = [1 + rank % COLOURS if values[at] is not None else 0 for rank, at in enumerate(ranks)]
    clusters = {one.number: one.label for one in post_map.clusters} if by == "cluster" else {}
    meanings = tuple((str(clusters.get(values[at], values[at])), int(counts[at])) for at in taken)
    rest = int(counts.sum() - sum(number for _, number in meanings))
    others = "smaller clusters, and between them" if by == "cluster" else "earlier" if years else "others"
    return Colouring(codes[places], (OTHER, *palette[: len(taken)]), ((others, rest), *meanings))


def _spread(number: int) -> tuple[tuple[int, int, int], ...]:
    """So many colours from the scale, from low to high."""
    places = np.linspace(0, len(SCALE) - 1, max(number, 1))
    mixed = [np.interp(places, range(len(SCALE)), [colour[part] for colour in SCALE]) for part in range(3)]
    return tuple((int(r), int(g), int(b)) for r, g, b in zip(*mixed, strict=True))


def _by_measure(post_map: PostMap, by: str) -> Colouring:
    """Classes of a measure with about as many posts each."""
    values = _ask(post_map, f"SELECT {identifier(by)}::DOUBLE AS value FROM points ORDER BY row")["value"].to_numpy(
        zero_copy_only=False
    )
    there = values[~np.isnan(values)]
    cuts = np.unique(np.quantile(there, np.linspace(0, 1, 7)[1:-1])) if len(there) else np.zeros(0)
    codes = np.where(np.isnan(values), 0, 1 + np.searchsorted(cuts, values, side="left")).astype(np.uint8)
    counts = np.bincount(codes, minlength=len(cuts) + 2)
    words = [f"up to {cut:g}" for cut in cuts] + [f"above {cuts[-1]:g}" if len(cuts) else "all"]
    meanings = tuple((word, int(number)) for word, number in zip(words, counts[1:], strict=True))
    return Colouring(codes, (OTHER, *_spread(len(words))), (("not measured", int(counts[0])), *meanings))


def in_sight(places: Points, area: tuple[float, float, float, float]) -> list[int]:
    """Rows whose texts the map shows: of those in an area, some that are spread over it evenly."""
    x0, y0, x1, y1 = area
    rows = np.flatnonzero((places.x >= x0) & (places.x <= x1) & (places.y >= y0) & (places.y <= y1))
    step = -(-len(rows) // TEXTS) if len(rows) else 1
    return [int(row) for row in rows[::step]]


def texts(post_map: PostMap, rows: Sequence[int]) -> dict[int, str]:
    """The authors and the beginnings of texts, by row."""
    if not rows:
        return {}
    table = _ask(
        post_map,
        f"SELECT row, author, left(text, {CUT + 1}) AS text FROM points "
        "WHERE row IN (SELECT unnest(?::BIGINT[])) ORDER BY row",
        [list(rows)],
    )
    return {
        one["row"]: f"{one['author'] or 'unknown'}: {one['text'][:CUT]}{'…' if len(one['text']) > CUT else ''}"
        for one in table.to_pylist()
    }


def of_cluster(post_map: PostMap, name: str) -> list[int]:
    """The rows of the posts of a cluster, by its label, those near its middle first."""
    middle = next((one for one in post_map.clusters if one.label == name), None)
    if middle is None:
        return []
    table = _ask(
        post_map,
        "SELECT row FROM points WHERE cluster_name = ? ORDER BY (x - ?) ** 2 + (y - ?) ** 2, row",
        [name, middle.x, middle.y],
    )
    rows: list[int] = table["row"].to_pylist()
    return rows


def posts(post_map: PostMap, rows: Sequence[int]) -> list[dict[str, Any]]:
    """Posts of the map, in this order: who, when, text, cluster."""
    table = _ask(
        post_map,
        "SELECT row, platform, id, author, created_at, text, cluster_name FROM points "
        "WHERE row IN (SELECT unnest(?::BIGINT[]))",
        [list(rows)],
    )
    by_row = {one["row"]: one for one in table.to_pylist()}
    return [by_row[row] for row in rows if row in by_row]


def neighbours(post_map: PostMap, row: int) -> list[tuple[int, float]]:
    """Rows of the nearest neighbours of a post with their similarities, the nearest first."""
    [found] = _ask(post_map, "SELECT neighbors FROM points WHERE row = ?", [row])["neighbors"].to_pylist() or [None]
    if found is None:
        return []
    return [(place, 1.0 - distance) for place, distance in zip(found["ids"], found["distances"], strict=True)]


def names_of(post_map: PostMap, rows: Sequence[int]) -> list[tuple[str, str]]:
    """Platform and id of posts of the map."""
    table = _ask(
        post_map, "SELECT platform, id FROM points WHERE row IN (SELECT unnest(?::BIGINT[])) ORDER BY row", [list(rows)]
    )
    return list(zip(table["platform"].to_pylist(), table["id"].to_pylist(), strict=True))


def still_kept(snapshot: Snapshot, names: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of these posts that the corpus, as it is now, keeps."""
    rows = snapshot.query(
        "SELECT platform, id FROM posts JOIN (SELECT unnest(?::VARCHAR[]) AS platform, unnest(?::VARCHAR[]) AS id) "
        "USING (platform, id) WHERE removed_by IS NULL",
        [[platform for platform, _ in names], [name for _, name in names]],
        once=True,
    )
    return set(rows.iter_rows())
