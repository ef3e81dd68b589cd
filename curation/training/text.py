"""The training text: an export, checked against its manifest, and its documents.

A model learns only from an export. So its text is what a recipe kept, `curation forget` finds it, and
`curation lineage` leads from the model to the posts.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from curation.corpus.corpus import Corpus
from curation.disk import export_manifest
from curation.disk.export_manifest import ExportRecord
from curation.disk.exported_file import BOUNDARY, joined
from curation.disk.ranges import Ranges
from curation.disk.tombstones import Tombstones
from curation.disk.workspace import Workspace
from curation.errors import InputError, RefusedError, UsageError
from curation.exports import write_export
from curation.exports.formats.tokens import TOKENIZER
from curation.exports.registry import BUILT_IN
from curation.options.export import REFUSED_BELOW, TRAIN, VALID, ExportOptions
from curation.sql import literal
from curation.training.folders import next_version, posts_schema
from curation.training.readers import READERS, Document
from curation.writing.terminal import count

#: Formats that can be read, the most suitable first.
FORMATS = ("jsonl", "parquet", "lines", "tokens", "prompt-completion", "chat")
#: Those of them in which only answers are learned.
CONVERSATIONS = tuple(format.name for format in BUILT_IN if format.conversations and format.name in FORMATS)

#: Texts in a chunk.
CHUNK = 4_096


@dataclass(frozen=True)
class TrainingText:
    """The files of an export, for learning and for measuring."""

    folder: Path
    record: ExportRecord
    format: str
    files: dict[str, tuple[dict[str, Any], ...]]  # by split, as the export's manifest has them

    @classmethod
    def open(cls, folder: Path, format: str = "") -> TrainingText:
        """The files in `folder`; of `format`, else of the most suitable one there.

        Raises `InputError` for a folder that is no export, `UsageError` for a format that isn't there.
        """
        if not folder.is_dir():
            raise InputError(f"There is no folder {folder}. Name a recipe, or the folder of an export.")
        records = export_manifest.read(folder)
        if not records:
            raise InputError(
                f"{folder} is no export: it has no {export_manifest.RECORD}. Name a recipe, or the folder of an export "
                "that was made with: curation export RECIPE --format jsonl --valid 0.1 --split time --out DIR"
            )
        by_format: dict[str, ExportRecord] = {}
        for record in records:
            by_format |= {file["format"]: record for file in record.files if file.get("split") == TRAIN}
        if format and format not in FORMATS:
            raise UsageError(f"--format {format}: a model learns from one of {', '.join(FORMATS)}.")
        chosen = next((name for name in ([format] if format else FORMATS) if name in by_format), None)
        if chosen is None:
            there = ", ".join(by_format) or "no training text"
            raise UsageError(
                f"{folder} has {there}, and a model learns from {format or ', '.join(FORMATS)}. Export it with: "
                f"curation export {records[-1].recipe} --format {format or FORMATS[0]} --valid 0.1 --split time"
            )
        record = by_format[chosen]
        files = {
            split: tuple(file for file in record.files if (file["format"], file.get("split")) == (chosen, split))
            for split in (TRAIN, VALID)
        }
        return cls(folder, record, chosen, files)

    def check(self, space: Workspace, digest: Callable[[Path], str]) -> None:
        """Refuse text that differs from the export.

        Raises `RefusedError` if a file is missing or differs from its manifest, if posts were forgotten since the
        export, or if either side is empty.
        """
        words = ("export", self.record.recipe, "--format", self.format, "--valid", "0.1", "--split", "time")
        again = f"Export it again: {space.command(*words, '--out', str(self.folder))}"
        for file in (file for file in self.record.files if file["format"] == self.format):
            path = self.folder / file["name"]
            if not path.is_file():
                raise RefusedError(f"{path} is missing, though the export's manifest names it. {again}")
            if digest(path) != file["sha256"]:
                raise RefusedError(
                    f"{path} is not what was exported: its SHA-256 differs from the one in "
                    f"{export_manifest.RECORD}. {again}"
                )
        if len(Tombstones.read(space).marks) > self.record.tombstones and not self._stands(space):
            raise RefusedError(f"Posts were forgotten since {self.folder} was exported, and may be in it. {again}")
        if not self.posts(TRAIN):
            raise RefusedError(f"There is no post to learn from in {self.folder}. {again}")
        if not self.posts(VALID):
            prompts = ", or give posts that answer nobody a prompt with --instruction" if self.is_conversational else ""
            raise RefusedError(
                f"{self.folder} has no held-out posts, so nobody could tell what the model learned: there are too few, "
                "or those that were drawn have copies among the others. Hold out more, with --valid 0.4, or others, "
                f"with --split random{prompts}."
            )

    def require_length(self, *, allow_small: bool = False) -> None:
        """Raise `RefusedError` for too little text."""
        characters = joined(self.posts(TRAIN), self.characters(TRAIN))
        if characters < REFUSED_BELOW and not allow_small:
            raise RefusedError(
                f"{count(characters, 'character')} (counted as huggingtweets did, with {BOUNDARY} between "
                "posts) are too "
                "little to learn from: a model would know these posts by heart and "
                f"nothing else. Collect more, at least {REFUSED_BELOW:,}, or insist with --allow-small."
            )

    def _stands(self, space: Workspace) -> bool:
        """Whether the exported corpus is still the one in the workspace. If so, none of its posts was forgotten."""
        from curation.disk.manifest import MANIFEST, read_manifest

        corpus = space.curated / self.record.recipe
        return (corpus / MANIFEST).is_file() and tuple(read_manifest(corpus)["files"]) == self.record.made_of

    @property
    def tokenizer(self) -> Path | None:
        """The tokenizer, if the texts are tokens."""
        return self.folder / TOKENIZER if self.format == "tokens" else None

    @property
    def is_conversational(self) -> bool:
        """Whether only answers are learned."""
        return self.format in CONVERSATIONS

    def posts(self, split: str) -> int:
        """Records of a side."""
        return sum(file["posts"] for file in self.files[split])

    def characters(self, split: str) -> int:
        """Code points of a side's texts, as the export's manifest counts them."""
        return sum(file["characters"] for file in self.files[split])

    def documents(self, split: str) -> Iterator[Document]:
        """The documents of a side in the order of the file, without empty ones. Raises `InputError`."""
        for file in self.files[split]:
            path = self.folder / file["name"]
            try:
                yield from filter(_has_text, READERS[self.format](path))
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise InputError(f"{path} can't be read as {self.format}: {error}.") from error

    def samples(self, most: int) -> Iterator[list[str]]:
        """Texts of the training side with about `most` code points, evenly from all of it, in chunks."""
        every = max(1, -(-self.characters(TRAIN) // most))
        chosen = itertools.islice(self.documents(TRAIN), 0, None, every)
        while chunk := list(itertools.islice(chosen, CHUNK)):
            yield [segment.text for document in chunk for segment in document]

    def seen(self) -> pa.Table:
        """The posts of both sides: platform, id, author and split, each post once a side."""
        import pyarrow as pa

        from curation.sql import database

        tables = []
        for split in (TRAIN, VALID):
            for file in self.files[split]:
                ranges = Ranges.of(self.folder, file["name"])
                if ranges is None:
                    raise InputError(
                        f"The export in {self.folder} no longer says which posts {file['name']} has (.ranges is "
                        f"missing or damaged). Export it again: curation export {self.record.recipe}"
                    )
                connection = database.reader()
                try:
                    tables.append(
                        connection.sql(
                            f"SELECT DISTINCT platform, id, author, {literal(split)} AS split "
                            f"FROM read_parquet({literal(str(ranges.path))}) ORDER BY platform, id"
                        ).to_arrow_table()
                    )
                finally:
                    connection.close()
        return pa.concat_tables([table.cast(posts_schema()) for table in tables])


def export_for_training(
    space: Workspace,
    recipe: str,
    name: str,
    format: str,
    *,
    on_notice: Callable[[str], None] = lambda sentence: None,
    **options: Any,
) -> TrainingText:
    """Export the kept posts of a recipe's corpus to DIR/exports/train-NAME-VERSION.

    `options` are fields of `ExportOptions` and must hold some posts out. Raises `NothingToDoError` if the recipe was
    not run or keeps nothing, `UsageError`, `WorkspaceError`.
    """
    if format not in FORMATS:
        raise UsageError(f"--format {format}: a model learns from one of {', '.join(FORMATS)}.")
    if options.get("instruction") and format not in CONVERSATIONS:
        raise UsageError(f"--instruction is for --format {' or '.join(CONVERSATIONS)}.")
    if not options.get("valid"):
        raise UsageError("--valid 0 holds out no post, so nobody could tell what the model learned; 0.1 is usual.")
    chosen = ExportOptions(formats=(format,), **options)
    corpus = Corpus.open(space, recipe)
    folder = space.exports / f"train-{name}-{next_version(space, name)}"
    on_notice(f"Exporting the kept posts of {recipe} to {folder}.")
    result = write_export(corpus, chosen, folder, on_notice=on_notice)
    for warning in result.warnings:
        on_notice(f"Note: {warning}")
    return TrainingText.open(folder, format)


def _has_text(document: Document) -> bool:
    return any(segment.learned and segment.text.strip() for segment in document)
