"""Queries of the page Export: posts, size and files of an export of a view, and its command line."""

from __future__ import annotations

import io
import shlex
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from curation.corpus.selection import KEPT, OF_REMOVED
from curation.corpus.tokens_estimate import bytes_of, estimated_tokens
from curation.disk.workspace import Workspace
from curation.errors import CurationError
from curation.exports import ExportResult, write_export
from curation.exports.choosing.selection import capped_condition
from curation.exports.job import ExportJob
from curation.exports.preview import FIRST, Preview, preview
from curation.exports.registry import format_of
from curation.exports.trainers import TRAINERS, plan
from curation.options.export import ExportOptions
from dashboards.snapshot import Snapshot
from dashboards.view import View

#: Most bytes of files for a download in the browser; beyond that, the page shows the command line only.
MOST_BYTES = 200_000_000

#: Most posts for which a preview looks for near copies: for some hundred thousand it takes most of a minute.
FEW = 30_000


@dataclass(frozen=True)
class SelectionFigures:
    """Figures of the kept posts of a selection."""

    posts: int
    characters: int  # code points of their texts
    bytes: int  # of their texts in UTF-8
    authors: int
    largest: int  # bytes of the author with the most

    @property
    def tokens(self) -> int:
        """Tokens, about; see `curation.corpus.tokens_estimate`."""
        return estimated_tokens(self.bytes)


@dataclass(frozen=True)
class Download:
    """The files of an export, in memory."""

    result: ExportResult
    contents: dict[str, bytes]  # by name

    def zipped(self) -> bytes:
        """All of them in one archive; the same files give the same bytes."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.contents.items():
                archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
        return out.getvalue()


def of_view(view: View) -> dict[str, Any]:
    """The options of an export of a view's kept posts."""
    where = {name: values for name, values in view.chosen.items() if name not in ("author", *OF_REMOVED) and values}
    where |= {name: (value,) for name in ("rewritten", "found", "posts") if (value := getattr(view, name))}
    return {"authors": tuple(view.chosen.get("author", ())), "where": where, "search": view.q}


def left_out(view: View) -> list[str]:
    """The view's conditions on removed posts, which no export has, since removed posts are never exported."""
    return [name for name in OF_REMOVED if (view.chosen.get(name) if name == "verdict" else getattr(view, name))]


def with_formats(options: ExportOptions) -> ExportOptions:
    """The options with the formats that are written, also those that a trainer reads. Raises `UsageError`."""
    if not options.trainers:
        return options
    chosen = plan(options.trainers, options.formats, instruction=bool(options.instruction))
    return replace(options, formats=chosen.formats)


def own_options(formats: Sequence[str], trainers: Sequence[str]) -> set[str]:
    """The options that only some formats use: those of these formats, or without one, of all that trainers read."""
    names = formats or [name for trainer in trainers for name in TRAINERS[trainer].formats]
    return {option for format in filter(None, map(format_of, names)) for option in format.own_options}


def figures(snapshot: Snapshot, options: ExportOptions) -> SelectionFigures:
    """Counts of the posts in the export. Raises `UsageError`."""
    condition, parameters = capped_condition(options, snapshot.corpus)
    [row] = snapshot.query(
        "SELECT coalesce(sum(posts), 0)::BIGINT AS posts, coalesce(sum(characters), 0)::BIGINT AS characters, "
        "coalesce(sum(bytes), 0)::BIGINT AS bytes, count(*)::BIGINT AS authors, "
        "coalesce(max(bytes), 0)::BIGINT AS largest FROM ("
        f"SELECT count(*) AS posts, sum(length(text)) AS characters, sum({bytes_of('text')}) AS bytes "
        f"FROM posts WHERE removed_by IS NULL AND {condition} GROUP BY author)",
        parameters,
    ).iter_rows(named=True)
    return SelectionFigures(**row)


def of_kept(view: View) -> View:
    """The kept posts of a view: those that an export of it takes, caps aside."""
    cleared = view.changed(**{name: "" for name in OF_REMOVED if name != "verdict"})
    return cleared.choosing("verdict", KEPT)


def estimated_bytes(counts: SelectionFigures, options: ExportOptions) -> int:
    """About the most bytes of all files together."""
    texts = counts.largest * counts.authors if options.balance else counts.bytes
    size = 0
    for format in filter(None, map(format_of, options.formats)):
        epochs, of_texts = (options.passes, texts) if format.has_epochs else (1, counts.bytes)
        size += epochs * (of_texts + format.bytes_beside * counts.posts)
    return size


def beginning(snapshot: Snapshot, format: str, options: ExportOptions, counts: SelectionFigures) -> Preview:
    """The exact beginning of a training file; none where balancing makes the file very large.

    Beyond `FEW` posts it does not look for near copies: see `is_rough`.
    """
    most = FIRST if not options.balance or estimated_bytes(counts, options) <= MOST_BYTES else 0
    shown = replace(options, near=0 if is_rough(options, counts) else options.near, allow_small=False)

    def make() -> Preview:
        return snapshot.ask(lambda corpus: preview(corpus, format, shown, first=most))

    return snapshot.keep(("preview", format, repr(shown)), make, size=20_000)


def is_rough(options: ExportOptions, counts: SelectionFigures) -> bool:
    """Whether a preview ignores near copies, which may be on the other side in the files."""
    return bool(options.valid and options.near) and counts.posts > FEW


def written(snapshot: Snapshot, options: ExportOptions) -> Download:
    """The files, byte for byte those of `curation export`. Raises what `curation.exports.write_export` raises."""
    with Workspace(snapshot.corpus.folder.parent.parent).scratch("download") as out:
        result = snapshot.ask(lambda corpus: write_export(corpus, options, out, noted=False))
        contents = {file.path.relative_to(out).as_posix(): file.path.read_bytes() for file in result.files}
        return Download(result, contents)


def replaced(snapshot: Snapshot, options: ExportOptions, out: Path) -> list[str]:
    """Sentences about what an export into a folder replaces, or why it can't be written there."""
    if not out.is_dir():
        return []
    try:
        job = ExportJob.of(options, out, only=None, noted=True, previous=None)
        return [f"{sentence} Another folder keeps both." for sentence in job.replaces(snapshot.corpus)]
    except CurationError as error:
        return [str(error)]


def command(recipe: str, options: ExportOptions, data: Sequence[str], name: str = "") -> str:
    """The command line that writes the same files; `data` are the words for the workspace, `name` is the folder's."""
    named = ["--as", name] if name else []
    return shlex.join(["curation", "export", recipe, *options.words(), *data, *named])
