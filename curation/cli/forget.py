"""`curation forget`: removes posts from everything, for good."""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curation.cli import output
from curation.cli.options import Data, Json, data_option
from curation.cli.record_options import in_order, record_of, with_options
from curation.cli.tracked import RecordedOptions, recording
from curation.errors import NothingToDoError, UsageError, WorkspaceError
from curation.options.commands import ForgetOptions

if TYPE_CHECKING:
    from curation.disk.workspace import Workspace
    from curation.forgetting.forget import ForgetRequest, Forgotten

#: Most unreadable lines of lists on the screen, and in the JSON.
SHOWN, NAMED = 5, 1000
#: The end of the message about unreadable files.
LEFT = (
    "It may still contain forgotten posts; everything else was searched. Once it is repaired or moved away, complete "
    "this with: curation forget --resume"
)

#: The options in its record.
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
    data: Data = Path("data"),
    json: Json = False,
    **settings: Any,
) -> None:
    """Remove posts from raw, curated and exported files, and keep them from landing again."""
    options = record_of(ForgetOptions, settings)
    tracking = (
        contextlib.nullcontext(None) if options.dry_run else recording("forget", in_order(forget, locals()), RECORDED)
    )
    from curation.disk.workspace import Workspace
    from curation.forgetting.deletions import read
    from curation.forgetting.forget import ForgetRequest
    from curation.forgetting.forget import forget as remove

    named = bool(id or author or from_file)
    _require_one(named, options.resume)
    ids = [_checked(post_id) for post_id in id or ()]
    lists = [read(path) for path in from_file or ()]
    ids += [post_id for each in lists for post_id in each.ids]
    if named and not ids and not author:
        raise NothingToDoError(f"{', '.join(map(str, from_file or ()))} names no post.")
    request = ForgetRequest(tuple(dict.fromkeys(ids)), tuple(author or ()), platform)
    space = Workspace(data)
    if named and not options.yes:
        _agree(space, request, is_asked=not (options.dry_run or json))
    with tracking as recorded:
        result = remove(space, request, dry_run=options.dry_run, waiting=output.say, on_notice=output.say)
        if recorded:
            recorded.measured(**result.figures())
    rejected = [record for each in lists for record in each.rejected]
    for record in rejected[:SHOWN]:
        output.say(f"Could not be read: {record.where}: {record.why}")
    if len(rejected) > SHOWN:
        output.say(f"… and {len(rejected) - SHOWN:,} more.")
    again = [shlex.join(["curation", "run", c.name, *data_option(data)]) for c in result.changes["corpora"] if c.copies]
    if json:
        named_ones = [{"where": record.where, "why": record.why} for record in rejected[:NAMED]]
        output.print_json(
            {**result.to_json(), "rejected": named_ones, "rejected_count": len(rejected), "run_again": again}
        )
    else:
        print(output.visible("\n".join(_lines(result, again, data_option(data)))))
    if result.unreadable:
        raise WorkspaceError(" ".join([*dict.fromkeys(result.unreadable), LEFT]))


def _require_one(named: bool, resume: bool) -> None:
    if resume and named:
        raise UsageError("--resume completes earlier requests; name nothing else with it.")
    if not named and not resume:
        raise UsageError(
            "Nothing was named to forget: give --id ID, --author HANDLE or --from FILE. "
            "To complete a run that was interrupted: curation forget --resume"
        )


def _agree(space: Workspace, request: ForgetRequest, *, is_asked: bool) -> None:
    """On a terminal show what would go, and ask. Raises `NothingToDoError` for a handle that nobody here has."""
    from curation.forgetting.forget import forget as remove
    from curation.forgetting.strangers import require_known_authors

    require_known_authors(space, request)
    if not is_asked or not sys.stdin or not sys.stdin.isatty():
        return
    preview = remove(space, request, dry_run=True, waiting=output.say)
    if not preview.posts and not any(preview.changes.values()):
        return
    output.say("\n".join(_lines(preview, [], data_option(space.root))))
    output.say("It can't be undone: the posts go from every file here, and never land again.")
    if not typer.confirm("Forget them?", err=True):
        output.say("Nothing was changed.")
        raise typer.Exit(1)


def _checked(post_id: str) -> str:
    from curation.forgetting.deletions import NoDeletionError, checked

    try:
        return checked(post_id.strip())
    except NoDeletionError as why:
        raise UsageError(f"--id {post_id!r}: {why}.") from why


def _lines(result: Forgotten, again: list[str], where: list[str]) -> Iterator[str]:
    would = "Would forget" if result.dry_run else "Forgot"
    yield f"{would} {output.count(result.posts, 'post')}." if result.posts else _nothing(result)
    for changes in result.changes.values():
        yield from (f"  {change.line(result.dry_run)}" for change in changes)
    for changed in result.changes["models"]:
        yield f"The weights of {changed.model}@{changed.version} can't forget. To remove it: " + shlex.join(
            [*changed.command, *where]
        )
    if result.tombstones_added:
        one = result.tombstones_added == 1
        outcome = "would be made" if result.dry_run else "was made" if one else "were made"
        marks = output.count(result.tombstones_added, "tombstone")
        bans = len(set(result.request.authors))
        of = f" ({bans:,} for the author{'' if bans == 1 else 's'})" if bans and not one else ""
        yield f"{marks} {outcome} in {result.file}{of}: none of it lands again."
    if result.request.authors and not result.dry_run:
        yield f"Later posts by {', '.join(result.request.authors)} will not land either."
    for changed, command in zip((c for c in result.changes["corpora"] if c.copies), again, strict=bool(again)):
        copies = output.count(changed.copies, "post")
        yield f"In {changed.name} {copies} stay removed as a copy of one that is gone. To keep one of them: {command}"


def _nothing(result: Forgotten) -> str:
    if result.changes["models"] or result.changes["trainings"]:
        return f"{'Would forget' if result.dry_run else 'Forgot'} what only models and trainings had left."
    if result.request.ids or result.request.authors:
        return "None of it is here."
    return "Nothing is left to forget."


forget = with_options(forget, ForgetOptions, after="platform")
