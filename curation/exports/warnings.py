"""Reasons to refuse an export, and sentences that warn the user."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from curation.corpus.corpus import Corpus
from curation.disk.exported_file import BOUNDARY, ExportedFile
from curation.errors import NothingToDoError, RefusedError
from curation.exports.choosing.selection import absent
from curation.exports.choosing.snapshot import PostSnapshot
from curation.exports.conversations.turns import LeftOut
from curation.exports.formats.base import NEUTRALISED, Export
from curation.exports.formats.text import WARNED_BELOW, Text, repeats
from curation.options.export import REFUSED_BELOW, TRAIN, VALID, ExportOptions
from curation.writing.terminal import count

#: What these two limits count, which is more than the characters of the texts.
COUNTED = f"counted as huggingtweets did, with {BOUNDARY} between posts"

#: Repeating each post of an author more often than this in one pass gets a warning.
REPEATED_OFTEN = 10


def require_posts(snapshot: PostSnapshot, corpus: Corpus, options: ExportOptions) -> None:
    """Raise `NothingToDoError` when no chosen post is kept."""
    if snapshot.count():
        return
    whose = f" by {', '.join(options.authors)}" if options.authors else ""
    if options.where or options.search:
        missing = " ".join(absent(options, corpus))
        raise NothingToDoError(
            f"There is nothing to export: no post{whose} that was chosen is kept in the corpus '{corpus.recipe}'."
            f"{' ' if missing else ''}{missing} Leave out an --only, or --search."
        )
    raise NothingToDoError(
        f"There is nothing to export: every post{whose} was removed in the corpus '{corpus.recipe}'. "
        f"By which rule, shows: curation ledger {corpus.recipe}"
    )


def require_records(
    snapshot: PostSnapshot, chosen: Sequence[Export], files: Sequence[ExportedFile], options: ExportOptions
) -> None:
    """Raise `NothingToDoError` for a format whose training file would be empty."""
    for format in chosen:
        written = [file for file in files if (file.format, file.split) == (format.name, TRAIN)]
        if not written or any(file.posts for file in written):
            continue
        posts = snapshot.count(TRAIN)
        if not posts:
            why = f"all posts are on the valid side of the split; hold out less than --valid {options.valid:g}"
        elif not snapshot.count(TRAIN, with_text=True):
            why = f"of the {count(posts, 'kept post')} for training none has text; jsonl and parquet have them anyway"
        elif format.conversations:
            why = (
                f"of the {count(posts, 'kept post')} for training none answers another kept post. Give posts a prompt, "
                "such as --instruction 'Write a post.', or choose a format of single posts, such as jsonl"
            )
        else:
            why = f"the format has none of the {count(posts, 'kept post')} for training"
        raise NothingToDoError(f"{written[0].path.name} ({format.name}) would be empty: {why}. Nothing was written.")


def require_text(snapshot: PostSnapshot) -> None:
    """Raise `RefusedError` when there is too little text to learn from."""
    characters, posts = snapshot.joined_characters(), snapshot.count(with_text=True)
    if characters < REFUSED_BELOW:
        raise RefusedError(
            f"There are only {count(characters, 'character')} of kept text in {count(posts, 'post')} "
            f"({COUNTED}), and fewer than "
            f"{REFUSED_BELOW:,} are too few to learn from. Nothing was written. Collect more posts, use a "
            "milder recipe, or insist with --allow-small."
        )


def warnings_of(
    snapshot: PostSnapshot,
    chosen: Sequence[Export],
    splits: Sequence[str],
    options: ExportOptions,
    left: LeftOut | None,
) -> Iterator[str]:
    """Warnings of these posts, for whoever trains on them."""
    if any(format.name == Text.name for format in chosen):
        characters = snapshot.joined_characters()
        if characters < WARNED_BELOW:
            yield (
                f"There are only {count(characters, 'character')} of kept text ({COUNTED}); with fewer "
                f"than {WARNED_BELOW:,} "
                "a model learns little, or learns the posts by heart."
            )
        for author, _, times in repeats(snapshot) if options.balance else ():
            if times > REPEATED_OFTEN:
                yield (
                    f"To balance, each post of {author} is repeated about {times:,.0f} times in each epoch; "
                    "a model may learn them by heart."
                )
    if typed := snapshot.holding(BOUNDARY):
        changed = ", ".join(format.name for format in chosen if format.boundaries)
        unchanged = ", ".join(format.name for format in chosen if not format.boundaries)
        clauses = [f"{changed}: written as '{NEUTRALISED}'"] if changed else []
        clauses += [f"{unchanged}: left as it is"] if unchanged else []
        yield f"{_posts(typed)} a typed '{BOUNDARY}' ({'; '.join(clauses)})."
    without = snapshot.count() - snapshot.count(with_text=True)
    leaving = [format.name for format in chosen if format.needs_text]
    if without and leaving:
        yield f"{_posts(without)} no text and {'is' if without == 1 else 'are'} not in {', '.join(leaving)}."
    yield from snapshot.warnings
    if left:
        yield from _of_conversations(left, ", ".join(format.name for format in chosen if format.conversations), options)
    for split in splits:
        if not snapshot.count(split):
            yield f"No post is on the {split} side of the split; its files hold no post."


def _of_conversations(left: LeftOut, formats: str, options: ExportOptions) -> Iterator[str]:
    if left.lost:
        how = "" if options.without_orphans else "; --instruction or --reply-instruction gives them a prompt"
        yield (
            f"{left.lost:,} kept post{' answers' if left.lost == 1 else 's answer'} what is not among the kept "
            f"ones, and {'is' if left.lost == 1 else 'are'} not in {formats}{how}."
        )
    if left.orphans:
        yield (
            f"{left.orphans:,} kept post{' answers' if left.orphans == 1 else 's answer'} what is not among the kept "
            f"ones; in {formats} the prompt is '{options.orphan_prompt}'. --reply-instruction TEXT gives another one, "
            "--without-orphans leaves them out."
        )
    if left.alone:
        yield (
            f"{left.alone:,} kept post{' answers' if left.alone == 1 else 's answer'} nobody, and "
            f"{'is' if left.alone == 1 else 'are'} not in {formats}; with --instruction TEXT they have a prompt."
        )


def _posts(number: int) -> str:
    return f"{number:,} kept post{' has' if number == 1 else 's have'}"


def left_over(chosen: Sequence[Export], splits: Sequence[str], out: Path) -> list[str]:
    """A warning for valid files that an earlier export left and whose posts are training posts now."""
    patterns = [format.pattern(VALID) for format in chosen if VALID not in splits]
    names = [path.relative_to(out) for pattern in patterns for path in sorted(out.glob(pattern))]
    return [
        f"{out / name} is left from an earlier export, and its posts are in the training file now. "
        "Remove it, or export with --valid again."
        for name in names
    ]
