"""`curation collect`: land posts from a source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli import output
from curation.cli.options import Data, Json
from curation.errors import NothingToDoError, UsageError

if TYPE_CHECKING:
    from curation.land import Landing

#: Rejected records that are named on the screen; the JSON and the workspace have more.
SHOWN = 5


def collect(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Where from: see `curation sources`.")],
    targets: Annotated[list[str], typer.Argument(metavar="TARGET…", help="What: a file, a folder, an account.")],
    author: Annotated[
        str | None, typer.Option("--author", help="Whose posts they are, where the input does not say.")
    ] = None,
    format: Annotated[
        str | None, typer.Option("--format", help="The form of a file: auto, or one of `curation sources file`.")
    ] = None,
    map: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="Which column a field stands in. May be repeated."),
    ] = None,
    platform: Annotated[
        str | None, typer.Option("--platform", help="Where the posts were posted, where the input does not say.")
    ] = None,
    data: Data = "data",  # type: ignore[assignment]
    json: Json = False,
) -> None:
    """Land posts from a source in the workspace."""
    from curation.land import land
    from curation.sources import open_source
    from curation.workspace import Workspace

    options = {"author": author, "format": format, "map": _mapping(map or []), "platform": platform}
    opened = open_source(source, targets, options)
    with output.progress("Reading") as progress:
        landing = land(Workspace(data), opened, progress=progress, waiting=output.say)
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
    if not landing.landed and not landing.already_had:
        raise NothingToDoError(f"There is no post to land in {landing.target}.")


def _sentence(landing: Landing) -> str:
    whose = ", ".join(landing.authors) + (", …" if len(landing.authors) == 5 else "")
    lines = [
        f"Landed {output.count(landing.landed, 'post')}" + (f" by {whose}" if whose and landing.landed else "") + "."
    ]
    if landing.already_had:
        were = "was" if landing.already_had == 1 else "were"
        lines.append(f"{landing.already_had:,} {were} there already" + _updated(landing) + ".")
    if landing.rejected_count:
        lines.append(f"{output.count(landing.rejected_count, 'record')} could not be read.")
    if landing.status == "partial":
        lines.append("Part of the input could not be reached: see above. What was read has landed.")
    return " ".join(lines)


def _updated(landing: Landing) -> str:
    return f", {landing.updated:,} of them with something new" if landing.updated else ""


def _mapping(pairs: list[str]) -> dict[str, str]:
    mapping = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not equals or not field or not column:
            raise UsageError(f"--map {pair}: write it as field=column, such as text=Tweet.")
        mapping[field.strip()] = column.strip()
    return mapping
