"""`curation forget`: posts go from everything, and never come back."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli import output
from curation.cli.options import Data, Json, data_option
from curation.cli.tracked import RecordedOptions, recording
from curation.errors import NothingToDoError, UsageError, WorkspaceError

if TYPE_CHECKING:
    from curation.forgetting.deletions import Deletions
    from curation.forgetting.forget import Forgotten

#: Lines of a list that could not be read, named on the screen; the JSON has more.
SHOWN, NAMED = 5, 1000
#: What is said after what could not be looked through.
LEFT = (
    "So it may still hold what is forgotten; all else was looked through. When it is mended or moved away, complete "
    "this with: curation forget --resume"
)

#: The options that its record has.
RECORDED = RecordedOptions("platform resume dry_run", number="id author from_file")


def forget(
    id: Annotated[list[str] | None, typer.Option("--id", help="A post, by its id. May be repeated.")] = None,
    author: Annotated[
        list[str] | None, typer.Option("--author", help="All posts by this author, also future ones. May be repeated.")
    ] = None,
    from_file: Annotated[
        list[Path] | None,
        typer.Option("--from", metavar="FILE", help="A list of ids: text, CSV or JSON lines. May be repeated."),
    ] = None,
    platform: Annotated[
        str | None, typer.Option("--platform", help="Only on this platform: x, bluesky, mastodon, …")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Complete an interrupted forget; give nothing else.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would happen, and change nothing.")] = False,
    data: Data = "data",  # type: ignore[assignment]
    json: Json = False,
) -> None:
    """Remove posts from raw, curated and exported files, and keep them from landing again."""
    tracking = contextlib.nullcontext(None) if dry_run else recording("forget", locals(), RECORDED)
    from curation.disk.workspace import Workspace
    from curation.forgetting.forget import ForgetRequest
    from curation.forgetting.forget import forget as forgotten

    named = bool(id or author or from_file)
    if resume and named:
        raise UsageError("--resume completes earlier requests; name nothing else with it.")
    if not named and not resume:
        raise UsageError(
            "Nothing was named to forget: give --id ID, --author HANDLE or --from FILE. "
            "To complete a run that was interrupted: curation forget --resume"
        )
    ids = [_checked(post_id) for post_id in id or ()]
    lists = [_read(path) for path in from_file or ()]
    ids += [post_id for found in lists for post_id in found.ids]
    if named and not ids and not author:
        raise NothingToDoError(f"{', '.join(map(str, from_file or ()))} names no post.")
    request = ForgetRequest(tuple(dict.fromkeys(ids)), tuple(author or ()), platform)
    with tracking as recorded:
        done = forgotten(Workspace(data), request, dry_run=dry_run, waiting=output.say, on_notice=output.say)
        if recorded:
            recorded.measured(**done.figures())
    rejected = [record for found in lists for record in found.rejected]
    for record in rejected[:SHOWN]:
        output.say(f"Could not be read: {record.where}: {record.why}")
    if len(rejected) > SHOWN:
        output.say(f"… and {len(rejected) - SHOWN:,} more.")
    again = [shlex.join(["curation", "run", c.name, *data_option(data)]) for c in done.changes["corpora"] if c.copies]
    if json:
        named_ones = [{"where": record.where, "why": record.why} for record in rejected[:NAMED]]
        output.print_json(
            {**done.to_json(), "rejected": named_ones, "rejected_count": len(rejected), "run_again": again}
        )
    else:
        print(output.visible("\n".join(_lines(done, again, data_option(data)))))
    if done.unreadable:
        raise WorkspaceError(" ".join([*dict.fromkeys(done.unreadable), LEFT]))


def _checked(post_id: str) -> str:
    from curation.forgetting.deletions import NoDeletionError, checked

    try:
        return checked(post_id.strip())
    except NoDeletionError as why:
        raise UsageError(f"--id {post_id!r}: {why}.") from why


def _read(path: Path) -> Deletions:
    from curation.forgetting.deletions import read

    return read(path)


def _lines(done: Forgotten, again: list[str], where: list[str]) -> Iterator[str]:
    would = "Would forget" if done.dry_run else "Forgot"
    yield f"{would} {output.count(done.posts, 'post')}." if done.posts else _nothing(done)
    for changes in done.changes.values():
        yield from (f"  {change.line(done.dry_run)}" for change in changes)
    for changed in done.changes["models"]:
        yield f"The weights of {changed.model}@{changed.version} can't forget. To remove it: " + shlex.join(
            [*changed.command, *where]
        )
    made = "would be made" if done.dry_run else "was made" if done.tombstones_added == 1 else "were made"
    if done.tombstones_added:
        yield f"{output.count(done.tombstones_added, 'tombstone')} {made} in {done.file}: none of it lands again."
    if done.request.authors and not done.dry_run:
        yield f"Later posts by {', '.join(done.request.authors)} will not land either."
    for changed, command in zip((c for c in done.changes["corpora"] if c.copies), again, strict=True):
        copies = output.count(changed.copies, "post")
        yield f"In {changed.name} {copies} stay removed as a copy of one that is gone. To keep one of them: {command}"


def _nothing(done: Forgotten) -> str:
    if done.changes["models"] or done.changes["trainings"]:
        return f"{'Would forget' if done.dry_run else 'Forgot'} what only models and trainings had left."
    if done.request.ids or done.request.authors:
        return "None of it is here."
    return "Nothing is left to forget."
