"""Training text out of a corpus: the formats that there are, and `export`, which writes files in them.

A file is called after its split and format: `train.txt` (text), `train.lines.txt` (lines), `train.jsonl`,
`train.parquet`; with a share for validation there is `valid.…` beside each. Every file is written under
another name on the same disk, brought to the disk, and only when all of them are complete do they take the
places of older ones. Beside them lies `export.json`, which says what they were made of (`curation.exports.record`).
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path

import duckdb

from curation.corpus import ATTEMPTS, Corpus
from curation.errors import UsageError, WorkspaceError, did_you_mean
from curation.exports import record
from curation.exports.base import (
    Export,
    ExportedFile,
    ExportResult,
    Progress,
    Settings,
    Sink,
)
from curation.exports.caps import parse_caps
from curation.exports.chat import Chat
from curation.exports.jsonl import Jsonl
from curation.exports.kept import Kept
from curation.exports.lines import Lines
from curation.exports.notes import left_over, require_posts, require_text, warnings_of
from curation.exports.parquet import Parquet
from curation.exports.prompt_completion import PromptCompletion
from curation.exports.split import NEAR, RANDOM, TRAIN, VALID, Split
from curation.exports.text import Text
from curation.exports.turns import make_turns
from curation.exports.wanted import Wanted
from curation.forgetting.tombstones import Tombstones, now
from curation.workspace import MANIFEST, Workspace, flush, read_manifest

__all__ = ["Export", "ExportResult", "ExportedFile", "Settings", "Sink", "export", "formats"]

BUILT_IN: tuple[type[Export], ...] = (Text, Lines, Jsonl, Parquet, PromptCompletion, Chat)

#: Entry-point group in which other packages name their subclasses of `Export`.
GROUP = "curation.exports"


def formats() -> dict[str, type[Export]]:
    """The formats by name, those of other packages last; none of them can replace a built-in one.

    Raises `UsageError` when a package's format can't be loaded.
    """
    found = {export.name: export for export in BUILT_IN}
    for entry in entry_points(group=GROUP):
        try:
            found.setdefault(entry.name, entry.load())
        except (ImportError, AttributeError) as error:
            package = entry.dist.name if entry.dist else entry.value
            raise UsageError(f"The export format '{entry.name}' of {package} can't be loaded: {error}.") from error
    return found


def export(
    corpus: Corpus,
    formats: Sequence[str],
    out: Path,
    *,
    valid: float = 0.0,
    split: str = RANDOM,
    near: float = NEAR,
    epochs: int = 4,
    balance: bool = False,
    seed: int = 0,
    authors: Sequence[str] = (),
    where: Mapping[str, Sequence[str]] | None = None,
    search: str = "",
    caps: Sequence[str] = (),
    instruction: str = "",
    allow_small: bool = False,
    only: Sequence[str] | None = None,
    noted: bool = True,
    progress: Progress | None = None,
) -> ExportResult:
    """Write the kept posts of a corpus to files in the folder `out`, one for each format and split.

    `valid` is the share of texts, in [0, 1), that go to the valid files, and `split` says what decides which: random,
    time or conversation (see `curation.exports.split`); `near` is the similarity from which on texts stay on one side,
    0 for copies alone; `epochs` the shuffled passes in a training file of `text`, and
    `balance` repeats smaller authors there; `authors` limits it to the posts of these, `where` to those with these
    values of facets (`curation.selection`), such as `{"month": ["2020-03", "2020-04"], "language": ["en"]}`, and
    `search` to those that have this text, before or after rewriting, in capitals or not. `caps`
    leave at most so many posts, such as `["author=500"]` (`curation.exports.caps`). `instruction` is the prompt of
    posts that answer nobody, in formats made of conversations. `allow_small` writes `text`
    out of fewer than 6,000 characters; `only` limits it to files of these names. Unless it is `noted`, neither folder
    nor workspace remembers the export: for copies that are handed on at once. The same corpus and options give the
    same bytes.

    Raises `UsageError` for an unknown format or facet or an option out of bounds, `NothingToDoError` for an author
    without posts or when no post is kept, `RefusedError` for too little text (nothing is written then, in
    other formats neither), `WorkspaceError` when `out` can't be written; older files are as they were.
    """
    chosen = _chosen(formats)
    settings = Settings(epochs=epochs, balance=balance, seed=seed, instruction=instruction.strip())
    talking = [format.name for format in chosen if format.conversations]
    sides = Split(valid, split, seed, conversations=bool(talking), near=near)
    sides.require()
    if epochs < 1:
        raise UsageError(f"The number of epochs is {epochs}; it must be at least 1.")
    if settings.instruction and not talking:
        raise UsageError("An instruction is a prompt in the formats prompt-completion and chat; choose one of them.")
    wanted = Wanted(
        tuple(authors), {name: tuple(values) for name, values in (where or {}).items()}, search, parse_caps(caps)
    )
    wanted.require(corpus)
    splits = (TRAIN, VALID) if valid else (TRAIN,)
    pairs = [pair for pair in itertools.product(chosen, splits) if only is None or pair[0].file(pair[1]) in only]
    options = {"valid": valid, "epochs": epochs, "balance": balance, "seed": seed, **wanted.options()}
    options |= {"split": split} if split != RANDOM else {}
    options |= {"near": near} if near != NEAR else {}
    options |= {"instruction": settings.instruction} if settings.instruction else {}
    space = Workspace(corpus.folder.parent.parent)
    warnings: list[str] = []
    for _ in range(ATTEMPTS):
        tombstones = len(Tombstones.read(space).marks)
        with _staging(out) as folder:
            with contextlib.closing(Kept.of(corpus, folder, split=sides, wanted=wanted)) as kept:
                require_posts(kept, corpus, wanted)
                if any(format.name == Text.name for format in chosen) and not allow_small:
                    require_text(kept)
                left = make_turns(kept, instruction=bool(settings.instruction)) if talking else None
                warnings = list(warnings_of(kept, chosen, splits, settings, left))
                files = _write(kept, pairs, settings, folder, out, progress)
            new = record.Record(
                corpus.recipe, tuple(format.name for format in chosen), options, record.described(files), kept.made_of,
                tombstones, now(),
            )  # fmt: skip
            warnings += [*wanted.absent(corpus), *_put_in_place(space, folder, out, files, new if noted else None)]
        # Posts that were forgotten meanwhile must not come back with what was read before.
        if not (corpus.folder / MANIFEST).is_file() or tuple(read_manifest(corpus.folder)["files"]) == kept.made_of:
            break
        corpus = Corpus(corpus.folder, read_manifest(corpus.folder))
    return ExportResult(corpus.recipe, files, (*warnings, *left_over(chosen, splits, out)))


def _put_in_place(
    space: Workspace, folder: Path, out: Path, files: Sequence[ExportedFile], new: record.Record | None
) -> list[str]:
    """Move finished files to their places, the record first and last: at no moment is a file there that it lacks."""
    if new is None:
        for file in files:
            (folder / file.path.name).replace(file.path)
        return []
    warnings = []
    try:
        record.remember(space, out)
    except OSError as error:
        warnings.append(
            f"{space.exports} can't be written ({error.strerror}), so nobody will know of this export: should a post "
            "be forgotten later, export again."
        )
    before = record.read(out) or []
    record.write(folder, out, record.merged(before, new, keep=True))
    for file in files:
        (folder / file.path.name).replace(file.path)
    record.write(folder, out, record.merged(before, new))
    flush(out)
    return warnings


def _chosen(names: Sequence[str]) -> list[Export]:
    known = formats()
    chosen: dict[str, Export] = {}
    for name in names:
        if name not in known:
            raise UsageError(f"There is no export format '{name}'.{did_you_mean(name, known)}")
        chosen[name] = known[name]()
    if not chosen:
        raise UsageError(f"No export format was named.{did_you_mean('', known)}")
    for one, other in itertools.combinations(chosen.values(), 2):
        if one.extension == other.extension:
            raise UsageError(
                f"The formats '{one.name}' and '{other.name}' both write {one.file(TRAIN)}; export one at a time."
            )
    return list(chosen.values())


@contextlib.contextmanager
def _staging(out: Path) -> Iterator[Path]:
    """A folder for unfinished files on the disk of `out`; if nothing comes of it, `out` isn't made either."""
    workspace = Workspace(out)
    made = [folder for folder in (workspace.work, out, *out.parents) if not folder.exists()]
    try:
        with workspace.staging("export") as folder:
            yield folder
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException, WorkspaceError) as error:
        cause = error.__cause__ if isinstance(error, WorkspaceError) else error
        if isinstance(error, WorkspaceError) and not isinstance(cause, OSError):
            raise
        reason = getattr(cause, "strerror", None) or str(cause).partition("\n")[0]
        raise WorkspaceError(
            f"Can't write to {out}: {reason}. What was there before is unchanged. "
            "Choose another folder with --out DIR, or make room and run the command again."
        ) from error
    finally:
        for folder in made:
            with contextlib.suppress(OSError):  # something lies in it, and so it stays
                folder.rmdir()


def _write(
    kept: Kept,
    pairs: Sequence[tuple[Export, str]],
    settings: Settings,
    folder: Path,
    out: Path,
    progress: Progress | None,
) -> tuple[ExportedFile, ...]:
    """Write every file into `folder` and bring it to the disk; the paths are those that they will have."""
    expected = sum(format.expected(kept, split, settings) for format, split in pairs) if progress else 0
    done = 0

    def tick(posts: int) -> None:
        nonlocal done
        done += posts
        if progress:
            progress(done, max(done, expected))

    files = []
    for format, split in pairs:
        name = format.file(split)
        with (folder / name).open("wb") as file:
            sink = Sink(file, tick)
            format.write(kept, split, settings, sink)
        posts, characters = format.figures(kept, split)
        flush(folder / name)
        files.append(ExportedFile(out / name, format.name, split, posts, characters, sink.sha256))
    return tuple(files)
