"""Training text out of a corpus: the formats that there are, and `export`, which writes files in them.

A file is called after its split and format: `train.txt` (text), `train.lines.txt` (lines), `train.jsonl`,
`data/train-00000-of-00001.parquet`, `tokens/train.bin`; with a share for validation there is one of it beside each.
Every file is written under another name on the same disk, brought to the disk, and only when all of them are complete
do they take the places of older ones, in one step (`curation.exports.files.publish`). Beside them lies `export.json`,
which
says what they were made of (`curation.disk.export_manifest`), and `.ranges`, where each post stands in them
(`curation.disk.ranges`). An export for a trainer has its configuration as well (`curation.exports.trainers`).
"""

from __future__ import annotations

import contextlib
import fnmatch
import functools
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path

from curation.corpus.corpus import ATTEMPTS, Corpus
from curation.disk import export_manifest
from curation.disk.exported_file import ExportedFile
from curation.disk.tombstones import Tombstones, now
from curation.disk.workspace import MANIFEST, Workspace, read_manifest
from curation.errors import UsageError, did_you_mean
from curation.exports.choosing.caps import parse_caps
from curation.exports.choosing.previous_split import Before
from curation.exports.choosing.selection import Wanted
from curation.exports.choosing.snapshot import Kept
from curation.exports.choosing.split import Split
from curation.exports.conversations.chat import Chat
from curation.exports.conversations.prompt_completion import PromptCompletion
from curation.exports.conversations.turns import make_turns
from curation.exports.files import publish, readme
from curation.exports.files.configuring import Configuring
from curation.exports.formats import tokenizing
from curation.exports.formats.base import Export, ExportResult, Progress, Settings
from curation.exports.formats.documents import Documents
from curation.exports.formats.jsonl import Jsonl
from curation.exports.formats.lines import Lines
from curation.exports.formats.mlx import MlxChat, MlxText
from curation.exports.formats.parquet import Parquet
from curation.exports.formats.sink import Sink
from curation.exports.formats.text import Text
from curation.exports.formats.tokens import Tokens
from curation.exports.trainers import plan
from curation.exports.warnings import left_over, require_posts, require_text, warnings_of
from curation.options.export import NEAR, RANDOM, TRAIN, VALID

__all__ = ["Export", "ExportResult", "ExportedFile", "Settings", "Sink", "export", "formats"]

BUILT_IN: tuple[type[Export], ...] = (
    Text, Lines, Jsonl, Parquet, PromptCompletion, Chat, Tokens, Documents, MlxText, MlxChat,
)  # fmt: skip

#: Kept posts from which on looking for near copies takes so long that somebody may wonder.
MANY = 100_000

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


def format_of(name: str) -> type[Export] | None:
    """The format of this name, or None. To look among all installed packages takes a while, so built-in ones are first.

    Raises `UsageError` when a package's format can't be loaded.
    """
    return next((export for export in BUILT_IN if export.name == name), None) or formats().get(name)


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
    tokenizer: str | Path = "",
    vocabulary: int = 0,
    end_of_document: str = "",
    trainers: Sequence[str] = (),
    allow_small: bool = False,
    only: Sequence[str] | None = None,
    noted: bool = True,
    before: Before | None = None,
    progress: Progress | None = None,
    on_notice: Callable[[str], None] = lambda note: None,
) -> ExportResult:
    """Write the kept posts of a corpus to files in the folder `out`, one for each format and split.

    `valid` is the share of texts, in [0, 1), that go to the valid files; `split` says what decides which: random, time
    or conversation (see `curation.exports.choosing.split`), and `near` is the similarity from which on texts stay on
    one side, 0
    for copies alone. `epochs` are the shuffled passes in a training file of `text`; `balance` repeats smaller authors
    there, and `caps` leave at most so many posts, such as `["author=500"]` (`curation.exports.choosing.caps`).

    `authors` limits it to the posts of these, `where` to those with these values of facets
    (`curation.corpus.selection`), such
    as `{"month": ["2020-03", "2020-04"], "language": ["en"]}`, and `search` to those that have this text, before or
    after rewriting, in capitals or not.

    `instruction` is the prompt of posts that answer nobody, in formats made of conversations; `tokenizer`, `vocabulary`
    and `end_of_document` are for `tokens` (`curation.exports.formats.tokens`). With `trainers`, such as `["trl"]`,
    the export
    also has a ready configuration for each (`curation.exports.trainers`), and without formats those that they need.
    `allow_small` writes `text` out of fewer than
    6,000 characters; `only` limits it to files of these names. Unless it is `noted`, neither folder nor workspace
    remembers the export: for copies that are handed on at once. With an export `before`, posts stay on their side of
    the split, and no others come. `progress` and `on_notice` hear how far it is. The same corpus and options give the
    same bytes.

    Raises `UsageError` for an unknown format or facet or an option out of bounds, `NothingToDoError` for an author
    without posts or when no post is kept, `RefusedError` for too little text (nothing is written then, in
    other formats neither), `WorkspaceError` when `out` can't be written; older files are as they were.
    """
    configuring = Configuring(plan(trainers, formats, instruction=bool(instruction.strip()))) if trainers else None
    chosen = _chosen(configuring.plan.formats if configuring else formats)
    settings = Settings(epochs=epochs, balance=balance, seed=seed, instruction=instruction.strip())
    tokens = {
        "tokenizer": tokenizing.place_of(str(tokenizer)), "vocabulary": vocabulary, "end_of_document": end_of_document,
    }  # fmt: skip
    settings = replace(settings, **tokens)
    talking = [format.name for format in chosen if format.conversations]
    sides = Split(valid, split, seed, conversations=bool(talking), near=near)
    sides.require()
    if epochs < 1:
        raise UsageError(f"The number of epochs is {epochs}; it must be at least 1.")
    if settings.instruction and not talking:
        raise UsageError("An instruction is a prompt in the formats prompt-completion and chat; choose one of them.")
    if any(tokens.values()) and not any(format.name == Tokens.name for format in chosen):
        raise UsageError("A tokenizer, its vocabulary and the end of a document are for the format tokens; choose it.")
    for format in chosen:
        format.require(settings)
    wanted = Wanted(
        tuple(authors), {name: tuple(values) for name, values in (where or {}).items()}, search, parse_caps(caps)
    )
    wanted.require(corpus)
    splits = (TRAIN, VALID) if valid else (TRAIN,)
    pairs = list(itertools.product(chosen, splits))
    if only is not None:
        named = [pair for pair in pairs if _named(*pair, only)]
        # What belongs to all splits of a format is made with them.
        whole = [format for format in chosen if set(format.others) & set(only) and format not in dict(named)]
        pairs = [pair for pair in pairs if pair in named or pair[0] in whole]
    options = {"valid": valid, "epochs": epochs, "balance": balance, "seed": seed, **wanted.options()}
    options |= {"split": split} if split != RANDOM else {}
    options |= {"near": near} if near != NEAR else {}
    options |= {"instruction": settings.instruction} if settings.instruction else {}
    options |= {name: value for name, value in tokens.items() if value}
    options |= {"trainers": list(dict.fromkeys(trainers))} if trainers else {}
    space = Workspace(corpus.folder.parent.parent)
    if valid and near and not before and (kept_posts := corpus.manifest["counts"].get("kept", 0)) >= MANY:
        on_notice(f"Looking for near copies among {kept_posts:,} posts, so that none lie on both sides of the split.")
    warnings: list[str] = []
    for attempt in range(ATTEMPTS):
        tombstones = len(Tombstones.read(space).marks)
        with publish.staging(space if noted else None, out) as folder:
            with contextlib.closing(Kept.of(corpus, folder, split=sides, wanted=wanted, before=before)) as kept:
                require_posts(kept, corpus, wanted)
                if any(format.name == Text.name for format in chosen) and not allow_small:
                    require_text(kept)
                left = make_turns(kept, instruction=bool(settings.instruction)) if talking else None
                warnings = list(warnings_of(kept, chosen, splits, settings, left))
                files = publish.write(kept, pairs, settings, folder, out, progress)
            if configuring:
                configurations, notes = configuring.write(files, folder, out, options, again=only is not None)
                files, warnings = (*files, *configurations), [*warnings, *notes]
            new = export_manifest.Record(
                corpus.recipe, tuple(format.name for format in chosen), options, export_manifest.described(files, out),
                kept.made_of, tombstones, now(), export_manifest.of_corpus(corpus.manifest),
            )  # fmt: skip
            warnings += wanted.absent(corpus)
            if noted:
                described = any(format.readme for format in chosen) or readme.is_there(out)
                describe = functools.partial(readme.describe, corpus, out, folder) if described else None
                still = functools.partial(_still_stands, corpus, kept.made_of)
                warnings += publish.put_in_place(
                    space, folder, out, new, functools.partial(_stale, pairs, new), describe,
                    # Who forgets looks at exports after corpora, so what is of an older corpus must not come later.
                    unless=(lambda: False) if attempt == ATTEMPTS - 1 else lambda still=still: not still(),
                )  # fmt: skip
            else:
                for name in new.names:
                    publish.move(folder, out, name)
        # Posts that were forgotten meanwhile must not come back with what was read before.
        if _still_stands(corpus, kept.made_of):
            break
        corpus = Corpus(corpus.folder, read_manifest(corpus.folder))
    return ExportResult(corpus.recipe, files, (*warnings, *left_over(chosen, splits, out)))


def _still_stands(corpus: Corpus, files: tuple[str, ...]) -> bool:
    """Whether the corpus has the files still, or is gone with no other in its place."""
    return not (corpus.folder / MANIFEST).is_file() or tuple(read_manifest(corpus.folder)["files"]) == files


def _named(format: Export, split: str, names: Sequence[str]) -> bool:
    """Whether any of the names is that of a file of this format and split."""
    return any(fnmatch.fnmatchcase(name, format.pattern(split)) for name in names)


def _stale(
    pairs: Sequence[tuple[Export, str]], new: export_manifest.Record, before: Sequence[export_manifest.Record]
) -> list[str]:
    """Names of the files that earlier exports had for these formats and splits, and this one has not."""
    known = {name for one in before for name in one.names} - set(new.names)
    return sorted(name for name in known if any(_named(*pair, [name]) for pair in pairs))


def _chosen(names: Sequence[str]) -> list[Export]:
    chosen: dict[str, Export] = {}
    for name in names:
        format = format_of(name)
        if format is None:
            raise UsageError(f"There is no export format '{name}'.{did_you_mean(name, formats())}")
        chosen[name] = format()
    if not chosen:
        raise UsageError(f"No export format was named.{did_you_mean('', formats())}")
    for one, other in itertools.combinations(chosen.values(), 2):
        if one.file(TRAIN) == other.file(TRAIN):
            raise UsageError(
                f"The formats '{one.name}' and '{other.name}' both write {one.file(TRAIN)}; export one at a time."
            )
    return list(chosen.values())
