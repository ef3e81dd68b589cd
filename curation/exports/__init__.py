"""Training text out of a corpus: formats, who chooses the posts, and how files get into their folder.

`export` writes; `ExportOptions` says what. Training, reports, forgetting and the command line may import this shelf.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from curation.corpus.corpus import Corpus
from curation.disk.exported_file import ExportedFile
from curation.exports.formats.base import Export, ExportResult
from curation.exports.formats.sink import Sink
from curation.exports.job import write_export
from curation.exports.registry import formats
from curation.options.export import ExportOptions

__all__ = ["Export", "ExportOptions", "ExportResult", "ExportedFile", "Sink", "export", "formats", "write_export"]

#: Keywords of `export` that are no options of the record.
_HOW = ("only", "noted", "previous", "progress", "on_notice")


def export(corpus: Corpus, formats: Sequence[str], out: Path, **keywords: Any) -> ExportResult:
    """`write_export` with its options as keywords: `valid=0.1`, `authors=["mira"]`, `caps=["author=500"]`.

    Raises `TypeError` for a keyword that is no option.
    """
    how = {name: keywords.pop(name) for name in _HOW if name in keywords}
    return write_export(corpus, ExportOptions(formats=tuple(formats), **keywords), out, **how)
