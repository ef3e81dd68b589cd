"""`curation collect`: lands posts from a source."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curation.cli import output, values
from curation.cli.options import Data, Json
from curation.cli.record_options import in_order, record_of, with_options
from curation.cli.tracked import RecordedOptions, recording
from curation.errors import InputError, NothingToDoError, UsageError
from curation.options.commands import CollectOptions, TrackOptions

if TYPE_CHECKING:
    from curation.collecting.land import Landing
    from curation.collecting.preview import Preview
    from curation.sources.base import Source

#: Most rejected records on the screen; the JSON and the workspace have more.
SHOWN = 5
#: Most reasons on the screen if most of the input was rejected.
REASONS = 3
#: Authors that a preview names.
NAMED = 5

#: The options in its record.
RECORDED = RecordedOptions(
    "source targets author format map encoding platform private dates base_url max_posts max_wait again "
    "missing_ok explain_format dry_run",
    presence="token_file",
)


def collect(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="As `curation sources` lists them.", autocompletion=values.sources)
    ],
    targets: Annotated[list[str], typer.Argument(metavar="TARGET…", help="A file, a folder or an account.")],
    data: Data = Path("data"),
    json: Json = False,
    **settings: Any,
) -> None:
    """Land posts from a source in the workspace."""
    tracking = recording("collect", in_order(collect, locals()), RECORDED)
    from curation.cli.without_pandas import spare_pandas
    from curation.sources import SHIPPED, open_source

    if source in SHIPPED:
        spare_pandas()
    from curation.collecting.collection import collect as collect_from
    from curation.disk.workspace import Workspace
    from curation.tracking.artifacts import inputs_of

    options = record_of(CollectOptions, settings)
    opened = open_source(source, targets, options.of_source())
    if options.explain_format:
        _explain(opened, json)
        return
    if options.dry_run:
        _preview(opened, json)
        return
    _agree(opened, options.yes)
    with tracking as recorded, output.progress("Reading") as progress:
        recorded.read(*inputs_of(opened, targets))
        landing = collect_from(
            Workspace(data), opened, again=options.again, missing_ok=options.missing_ok,
            progress=progress, waiting=output.say, pausing=progress.pause,
        )  # fmt: skip
        recorded.landed(landing)
    for notice in landing.notices:
        output.say(f"Note: {notice}")
    for record in landing.rejected[:SHOWN]:
        output.say(f"Could not be read: {record.where}: {record.why}")
    if landing.rejected_count > SHOWN:
        output.say(f"… and {landing.rejected_count - SHOWN:,} more.")
    if json:
        output.print_json(landing.to_json())
    else:
        print(output.visible(_sentence(landing)))
    if landing.status == "partial":
        raise typer.Exit(1)
    if not landing.landed and not landing.already_had and not landing.had:
        if landing.forgotten:
            were = "1 post is" if landing.forgotten == 1 else f"{landing.forgotten:,} posts are"
            raise NothingToDoError(f"Nothing new in {landing.target}: {were} left out because they were forgotten.")
        raise NothingToDoError(f"There is no post to land in {landing.target}.")


def _sentence(landing: Landing) -> str:
    whose = ", ".join(landing.authors) + (", …" if len(landing.authors) == 5 else "")
    by = f" by {whose}" if whose and landing.landed else ""
    lines = [f"Landed {output.count(landing.landed, 'post')}{by}."]
    if landing.already_had:
        were = "was" if landing.already_had == 1 else "were"
        updated = f", {landing.updated:,} of them with something new" if landing.updated else ""
        lines.append(f"{landing.already_had:,} {were} there already{updated}.")
    if landing.mostly_rejected:
        lines.append(_share(landing))
    elif landing.rejected_count:
        lines.append(f"{output.count(landing.rejected_count, 'record')} could not be read.")
    if landing.incomplete:
        what = "It is not complete" if landing.had is not None else "Part of the input could not be reached"
        lines.append(f"{what}: see above." + (" What was read has landed." if landing.taken else ""))
    elif landing.had is not None:
        lines.append(_complete(landing))
    return "\n".join([" ".join(lines), *(_reasons(landing) if landing.mostly_rejected else ())])


def _share(landing: Landing) -> str:
    """How much of the input could not be read, if that is most of it."""
    records = landing.rejected_count + landing.taken
    if not landing.taken:
        none = "The only record" if records == 1 else f"None of the {records:,} records"
        return f"{none} could {'not ' if records == 1 else ''}be read."
    # Rounded down: some could be read.
    share = f"{1000 * landing.rejected_count // records / 10:.1f}"
    return f"{landing.rejected_count:,} of {output.count(records, 'record')} ({share}%) could not be read."


def _reasons(landing: Landing) -> Iterator[str]:
    """A line for each of the most frequent reasons, and one on what to do."""
    from curation.sources import find_source

    for reason in landing.reasons[:REASONS]:
        first = "the first is " if reason.count > 1 else ""
        yield f"  {reason.count:,} × {reason.why} ({first}{reason.where})"
    if (others := len(landing.reasons) - REASONS) > 0:
        rest = sum(reason.count for reason in landing.reasons[REASONS:])
        yield f"  {rest:,} × for {others:,} other reason{'s' if others > 1 else ''}"
    if advice := find_source(landing.source).if_rejected:
        yield advice


def _complete(landing: Landing) -> str:
    if landing.expected is None:
        return f"Now there are {output.count(landing.had or 0, 'post')} of this author."
    return f"The profile counts {output.count(landing.expected, 'post')}, and {landing.had:,} are here."


def _explain(source: Source, as_json: bool) -> None:
    """Print what each file is. Raises `UsageError` for a source that reads no files."""
    from curation.sources.file import FileSource
    from curation.sources.files.explanation import sentences

    if not isinstance(source, FileSource):
        raise UsageError("--explain-format is for the source `file`: the others read one form each.")
    explanations = source.explain()
    if as_json:
        output.print_json({"files": explanations})
    else:
        for file in explanations:
            for sentence in sentences(file):
                print(output.visible(sentence))
    if all("error" in file for file in explanations):
        raise typer.Exit(1)


def _preview(source: Source, as_json: bool) -> None:
    """Print what would land. Raises `InputError` if nothing can be read."""
    from curation.collecting.preview import preview

    with output.progress("Looking") as progress:
        seen = preview(source, progress=progress)
    if as_json:
        output.print_json(seen.to_json())
    else:
        for sentence in preview_sentences(seen):
            print(output.visible(sentence))
    if seen.error:
        raise InputError(seen.error)


def preview_sentences(seen: Preview) -> Iterator[str]:
    """What a preview shows, line by line."""
    for file in seen.files:
        if "error" not in file:
            closed = file.get("closed") or 0
            yield f"{file['file']}: {file['what']}." + (f" {closed:,} other files in it stay closed." if closed else "")
    if seen.offer:
        yield seen.offer
    elif seen.expected is not None:
        yield f"{seen.target}: the profile counts {output.count(seen.expected, 'post')}."
    elif seen.posts:
        names = ", ".join(f"{name} ({count:,})" for name, count in seen.authors[:NAMED])
        more = f" and {seen.author_count - NAMED:,} others" if seen.author_count > NAMED else ""
        yield f"{output.count(seen.posts, 'post')} by {names}{more}."
        if seen.first and seen.last:
            yield f"From {seen.first[:10]} to {seen.last[:10]}."
    if seen.rejected_count:
        yield f"{output.count(seen.rejected_count, 'record')} could not be read:"
        for reason in seen.reasons[:REASONS]:
            yield f"  {reason.count:,} × {reason.why} (the first is {reason.where})"
    yield from (f"Note: {notice}" for notice in seen.notices)
    for post in seen.samples[:SHOWN]:
        yield f"  {post['author'] or 'unknown'} {(post['created_at'] or '')[:10]}: {' '.join(post['text'].split())}"
    if not seen.error:
        yield "Nothing has landed. Leave --dry-run out to land it."


def _agree(source: Source, yes: bool) -> None:
    """Print the cost of a run; above a bound, ask for agreement. Raises `UsageError` if nobody can answer."""
    offer = source.offer()
    if offer is None:
        return
    output.say(offer.sentence)
    if yes or not offer.needs_yes:
        return
    if not sys.stdin or not sys.stdin.isatty():
        raise UsageError("Nothing was fetched. Agree with --yes, or fetch fewer with --max-posts.")
    if not typer.confirm("Go on?", err=True):
        raise typer.Exit(1)


collect = with_options(collect, TrackOptions, after="targets")
collect = with_options(collect, CollectOptions, after="targets", has_ranges=True)
