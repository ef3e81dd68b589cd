"""One export: the posts of a corpus, written aside in every format, and put in place together.

The name of a file has its split and format: `train.txt` (text), `train.lines.txt` (lines), `train.jsonl`,
`data/train-00000-of-00001.parquet`, `tokens/train.bin`. With a share for validation each has a second one.
`export.json` tells what they were made of (`curation.disk.export_manifest`), and `.ranges` where each post stands in
them (`curation.disk.ranges`).
"""

from __future__ import annotations

import contextlib
import fnmatch
import functools
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from curation.corpus.corpus import Corpus
from curation.disk import export_manifest, publishing
from curation.disk.export_manifest import ExportRecord
from curation.disk.exported_file import ExportedFile
from curation.disk.states import ATTEMPTS, states
from curation.disk.tombstones import Tombstones, now
from curation.disk.workspace import Workspace
from curation.errors import UsageError
from curation.exports.choosing import selection
from curation.exports.choosing.near_store import NearStore
from curation.exports.choosing.snapshot import PostSnapshot, PreviousSplit
from curation.exports.conversations.turns import make_turns
from curation.exports.files import publish, readme, replacing
from curation.exports.files.configuring import ConfigurationWriter
from curation.exports.formats import tokenizing
from curation.exports.formats.base import Export, ExportResult, Progress
from curation.exports.formats.tokens import Tokens
from curation.exports.registry import formats_of
from curation.exports.trainers import plan
from curation.exports.warnings import left_over, require_posts, require_records, require_text, warnings_of
from curation.options.export import TEXT, TRAIN, VALID, ExportOptions
from curation.writing.terminal import count

#: With so many kept posts, the search for near copies takes long enough for a notice.
MANY = 100_000


def write_export(
    corpus: Corpus,
    options: ExportOptions,
    out: Path,
    *,
    only: Sequence[str] | None = None,
    noted: bool = True,
    previous: PreviousSplit | None = None,
    progress: Progress | None = None,
    on_notice: Callable[[str], None] = lambda note: None,
) -> ExportResult:
    """Write the kept posts of a corpus to files in the folder `out`, one for each format and split.

    The same corpus and options give the same bytes. `only` limits it to files of these names. Unless it is `noted`,
    neither folder nor workspace records the export, as for a download. With a `previous` split, posts stay on their
    side of it, and no other posts are exported. `progress` and `on_notice` report how far it is.

    Raises `UsageError` for an unknown format or facet or an option that doesn't fit the formats, `NothingToDoError`
    for an author without posts, when no post is kept or a file would be empty, `RefusedError` for too little text,
    `WorkspaceError` when `out` can't be written. Older files are then as they were.

    A folder is one export: see `curation.exports.files.replacing`.
    """
    job = ExportJob.of(options, out, only=only, noted=noted, previous=previous)
    selection.require(job.options, corpus)
    kept_posts = corpus.manifest["counts"].get("kept", 0)
    is_searched = options.valid and options.near and not previous and kept_posts >= MANY
    if is_searched and NearStore(corpus).threshold(options.near) is None:
        on_notice(
            f"Looking for near copies among {count(kept_posts, 'post')}, so that none lie on both sides of the split."
        )
    # Posts that were forgotten meanwhile must not come back with what was read before.
    for sentence in job.replaces(corpus):
        on_notice(f"{sentence} Another folder, with --as NAME, keeps both.")
    for attempt, state in enumerate(states(corpus, Corpus.successor), start=1):
        result = job.write(state, progress, is_last=attempt == ATTEMPTS)
    return replace(result, warnings=(*result.warnings, *left_over(job.formats, job.splits, out)))


@dataclass(frozen=True)
class ExportJob:
    """The files that one export writes, and their place."""

    options: ExportOptions  # with the formats that its trainers need
    formats: tuple[Export, ...]
    pairs: tuple[tuple[Export, str], ...]  # the format and split of each file that is written
    out: Path
    configurations: ConfigurationWriter | None  # of trainers
    is_partial: bool  # only some files of an earlier export are written again
    noted: bool
    previous: PreviousSplit | None

    @classmethod
    def of(
        cls, options: ExportOptions, out: Path, *, only: Sequence[str] | None, noted: bool,
        previous: PreviousSplit | None,
    ) -> ExportJob:  # fmt: skip
        """The job of these options. Raises `UsageError` for unknown formats, or for options that don't fit them."""
        writer = None
        if options.trainers:
            writer = ConfigurationWriter(plan(options.trainers, options.formats, instruction=bool(options.instruction)))
            options = replace(options, formats=writer.plan.formats)
        chosen = formats_of(options.formats)
        options = replace(options, tokenizer=tokenizing.place_of(options.tokenizer))
        _require_formats(options, chosen)
        splits = (TRAIN, VALID) if options.valid else (TRAIN,)
        pairs = list(itertools.product(chosen, splits))
        if only is not None:
            named = [pair for pair in pairs if _is_named(*pair, only)]
            # What belongs to all splits of a format is made with them.
            whole = [format for format in chosen if set(format.others) & set(only) and format not in dict(named)]
            pairs = [pair for pair in pairs if pair in named or pair[0] in whole]
        return cls(options, tuple(chosen), tuple(pairs), out, writer, only is not None, noted, previous)

    @property
    def conversations(self) -> bool:
        """Whether a format is made of conversations."""
        return any(format.conversations for format in self.formats)

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits of the whole export."""
        return (TRAIN, VALID) if self.options.valid else (TRAIN,)

    def replaces(self, corpus: Corpus) -> list[str]:
        """Sentences about what it will replace. Raises `WorkspaceError` for a file in the way that no export wrote."""
        if not self.noted or self.is_partial:
            return []
        names = [format.file(split) for format, split in self.pairs]
        publishing.finish(self.out)  # what a killed process left half done is no stranger's
        replacing.require_free(self.out, names)
        record = self._record(corpus, (), tuple(corpus.manifest["files"]), 0)
        return replacing.expected(self.out, record, names)

    def _record(
        self, corpus: Corpus, files: Sequence[ExportedFile], made_of: tuple[str, ...], tombstones: int
    ) -> ExportRecord:
        """The record of these files."""
        return ExportRecord(
            corpus.recipe, tuple(format.name for format in self.formats), self.options.manifest(),
            export_manifest.file_entries(files, self.out), made_of, tombstones, now(),
            export_manifest.of_corpus(corpus.manifest),
        )  # fmt: skip

    def write(self, corpus: Corpus, progress: Progress | None, *, is_last: bool) -> ExportResult:
        """Write the files once."""
        space = Workspace(corpus.folder.parent.parent)
        tombstones = len(Tombstones.read(space).marks)
        with publish.staging(space if self.noted else None, self.out) as folder:
            files, warnings, made_of = self._write_aside(corpus, folder, progress)
            manifest = self._record(corpus, files, made_of, tombstones)
            replacement = replacing.Replacement(self.out, manifest)
            warnings += selection.absent(self.options, corpus)
            if self.noted:
                # Forgetting looks at exports after corpora, so files of an older corpus must not appear later.
                warnings += self._put_in_place(
                    space, corpus, folder, replacement, unless=lambda: not is_last and corpus.successor() is not None
                )
                warnings += replacement.sentences()
            else:
                for name in manifest.names:
                    (self.out / name).parent.mkdir(parents=True, exist_ok=True)
                    (folder / name).replace(self.out / name)
        return ExportResult(corpus.recipe, files, tuple(warnings), tuple(replacement.to_json()))

    def _write_aside(
        self, corpus: Corpus, folder: Path, progress: Progress | None
    ) -> tuple[tuple[ExportedFile, ...], list[str], tuple[str, ...]]:
        """Write every file into `folder`, from one reading of the corpus."""
        snapshot = PostSnapshot.of(
            corpus, folder, self.options, conversations=self.conversations, previous=self.previous
        )
        with contextlib.closing(snapshot):
            require_posts(snapshot, corpus, self.options)
            if TEXT in self.options.formats and not self.options.allow_small:
                require_text(snapshot)
            left = make_turns(snapshot, self.options) if self.conversations else None
            warnings = list(warnings_of(snapshot, self.formats, self.splits, self.options, left))
            files = publish.write(snapshot, self.pairs, self.options, folder, self.out, progress)
            if not self.is_partial:
                require_records(snapshot, self.formats, files, self.options)
        if self.configurations:
            written, notes = self.configurations.write(files, folder, self.out, self.options, again=self.is_partial)
            files, warnings = (*files, *written), [*warnings, *notes]
        return files, warnings, snapshot.made_of

    def _put_in_place(
        self,
        space: Workspace,
        corpus: Corpus,
        folder: Path,
        replacement: replacing.Replacement,
        unless: Callable[[], bool],
    ) -> list[str]:
        is_described = any(format.readme for format in self.formats) or readme.is_there(self.out)
        describe = functools.partial(readme.describe, corpus, self.out, folder) if is_described else None

        def stale(earlier: Sequence[ExportRecord]) -> list[str]:
            names = _stale(self.pairs, replacement.new, earlier)
            return names if self.is_partial else sorted({*names, *replacement.find(earlier)})

        return publish.put_in_place(space, folder, self.out, replacement.new, stale, describe, unless=unless)


def _require_formats(options: ExportOptions, formats: Sequence[Export]) -> None:
    """Raise `UsageError` for options that no format uses, or that one of them can't have."""
    prompts = options.instruction or options.reply_instruction or options.without_orphans
    if prompts and not any(format.conversations for format in formats):
        raise UsageError("An instruction is a prompt in the formats prompt-completion and chat; choose one of them.")
    of_tokens = options.tokenizer or options.vocabulary or options.end_of_document
    if of_tokens and not any(format.name == Tokens.name for format in formats):
        raise UsageError("A tokenizer, its vocabulary and the end of a document are for the format tokens; choose it.")
    for format in formats:
        format.require(options)


def _is_named(format: Export, split: str, names: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, format.pattern(split)) for name in names)


def _stale(
    pairs: Sequence[tuple[Export, str]],
    new: ExportRecord,
    earlier: Sequence[ExportRecord],
) -> list[str]:
    """Names of the files that earlier exports have for these formats and splits, and this one hasn't."""
    names = {name for one in earlier for name in one.names} - set(new.names)
    return sorted(name for name in names if any(_is_named(*pair, [name]) for pair in pairs))
