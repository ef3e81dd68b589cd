"""A report: one HTML file to share that shows what a recipe did with a corpus.

It needs no server, no script and no network, so it looks the same in ten years. Every figure is also one of
`curation ledger`, `curation credit`, `curation compare` or `curation evaluate`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.asking.comparison import Comparison
from curation.asking.credit import Credit
from curation.corpus.corpus import Corpus
from curation.corpus.ledger import Ledger
from curation.disk import export_manifest, publishing
from curation.disk.states import states
from curation.disk.tombstones import Tombstones, now
from curation.disk.whole_files import write_to_disk, writing
from curation.disk.workspace import Workspace, staging_at
from curation.errors import UsageError, WorkspaceError
from curation.exports.files import publish
from curation.report import sections
from curation.report.compared import comparison
from curation.report.page import page
from curation.rules import RuleBook
from curation.training.evaluation import evaluations

#: The format of a report in `export.json`. Forgetting a post deletes the report, which is easy to make again.
FORMAT = "report"


@dataclass(frozen=True)
class Report:
    """The result of a report."""

    recipe: str
    path: Path
    bytes: int
    posts: int  # whose texts stand in it
    sha256: str

    def to_json(self) -> dict[str, Any]:
        """For `curation report --json`."""
        return {"schema": 1, **vars(self), "path": str(self.path)}


def report(
    corpus: Corpus,
    out: Path,
    *,
    samples: int = 5,
    seed: int = 0,
    texts: bool = True,
    book: RuleBook | None = None,
    compare: Callable[[], Comparison] | None = None,
) -> Report:
    """Write the report of a corpus to the file `out`, whole or not at all.

    It shows `samples` posts for each verdict, the same ones for the same `seed`, and none without `texts`. `compare`
    gives a comparison whose side A is this corpus. Raises `UsageError`, `WorkspaceError` when `out` can't be written.
    """
    if out.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"A report is an HTML file, and {out} is not called so. Name it with --out, as report.html.")
    if samples < 0:
        raise UsageError(f"{samples} samples can't be drawn.")
    space = Workspace(corpus.folder.parent.parent)
    book = book or RuleBook.load()
    for state in states(corpus, Corpus.successor):
        tombstones = len(Tombstones.read(space).marks)
        compared = compare() if compare else None
        content, shown = _written(state, samples if texts else 0, seed, texts, book, compared)
    data = content.encode("utf-8", "backslashreplace")
    digest = hashlib.sha256(data).hexdigest()
    _put(space, out, data, _record(state, out, shown, digest, tombstones))
    return Report(state.recipe, out, len(data), shown, digest)


def _written(
    corpus: Corpus, samples: int, seed: int, texts: bool, book: RuleBook, compared: Comparison | None
) -> tuple[str, int]:
    """The HTML, and the number of posts in it."""
    by_author, by_month = Ledger.of(corpus), Ledger.of(corpus, "month")
    parts = [
        sections.beginning(corpus, by_author.total, texts),
        sections.waterfall(by_author),
        sections.authors(by_author),
        sections.months(by_month),
        sections.rules(corpus, Credit.of(corpus, book=book), book),
    ]
    shown = 0
    if compared:
        parts.append(comparison(compared))
        shown += len(compared.changed)
    space = Workspace(corpus.folder.parent.parent)
    if of_recipe := evaluations(space, corpus.manifest["recipe"]["fingerprint"]):
        parts.append(sections.better_model(of_recipe, corpus.manifest))
    if texts and samples:
        by_verdict = sections.samples(corpus, samples, seed)
        shown += sum(len(rows) for rows in by_verdict.values())
        parts.append(sections.posts(corpus, by_verdict))
    by_title = {title: html for part in parts for title, html in part.items()}
    return page(f"What {corpus.recipe} keeps", by_title), shown


def _record(corpus: Corpus, out: Path, posts: int, digest: str, tombstones: int) -> export_manifest.ExportRecord:
    file = {"name": out.name, "format": FORMAT, "split": "", "posts": posts, "characters": 0, "sha256": digest}
    return export_manifest.ExportRecord(
        corpus.recipe, (FORMAT,), {}, (file,), tuple(corpus.manifest["files"]), tombstones, now()
    )


def _put(space: Workspace, out: Path, data: bytes, new: export_manifest.ExportRecord) -> None:
    """Put the file in its place, and record it."""
    folder = out.absolute().parent
    with writing(folder), staging_at(space, folder, "report") as staged:
        write_to_disk(staged / out.name, data)
        with publishing.alone(folder):
            export_manifest.remember(space, folder)
            publish.publish(
                staged, folder, [out.name], [], export_manifest.merged(export_manifest.read(folder) or [], new)
            )
        export_manifest.settle(space, folder)


def default_place(space: Workspace, recipe: str) -> Path:
    """The default place of a report."""
    return space.exports / recipe / "report.html"


def check_place(out: Path) -> None:
    """Raise `WorkspaceError` before any work if `out` is a folder."""
    if out.is_dir():
        raise WorkspaceError(f"{out} is a folder. Name a file, such as {out / 'report.html'}.")


__all__ = ["Report", "check_place", "default_place", "report"]
