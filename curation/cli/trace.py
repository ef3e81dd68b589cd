"""`curation trace`: finds the post at a position of an exported file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli import output
from curation.cli.explain import block, line
from curation.cli.options import Data, Json

if TYPE_CHECKING:
    from curation.exports.locate import LocatedPost, Location, PostOrigin

#: Most other places of a post.
NAMED = 5


def trace(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file written by `curation export`, in its folder.")],
    offset: Annotated[
        int | None,
        typer.Argument(metavar="OFFSET", help="A byte offset from 0; for parquet a row, for tokens a token."),
    ] = None,
    text: Annotated[
        str | None,
        typer.Option("--text", help="Find this sentence instead: exactly, or else ignoring case and spaces."),
    ] = None,
    most: Annotated[int, typer.Option("--most", help="The most posts to list.")] = 10,
    data: Data = Path("data"),
    json: Json = False,
) -> None:
    """Find the post at a position in an exported file, or with a sentence, and what the rules did to it."""
    from curation.disk.workspace import Workspace
    from curation.exports.locate import locate

    location = locate(Workspace(data), file, offset=offset, text=text, most=most)
    if json:
        output.print_json(location.to_json())
        return
    for note in _notes(location):
        output.say(f"Note: {note}")
    print("\n".join(_lines(location)))


def _notes(location: Location) -> Iterator[str]:
    if location.between:
        yield "No post is at this position, only what is between posts; these are the posts of its line."
    if not location.exact:
        yield "No post has exactly this text; these have it except for case and spaces."
    if location.more:
        yield f"{output.count(location.more, 'further place')} of other posts not listed; --most lists more."
    if location.checked != "digest":
        yield "The file is large; only its length was compared with the export."
    if location.corpus == "gone":
        yield f"The workspace has no corpus '{location.recipe}', so the original posts are unknown."
    elif location.corpus == "another":
        yield f"The corpus '{location.recipe}' was made again after the export; these are its current texts."


def _lines(location: Location) -> Iterator[str]:
    recipe = f"recipe {location.recipe}" + (f" ({location.fingerprint})" if location.fingerprint else "")
    yield line(f"{location.file.name}: {location.format}, {location.split}, {recipe}, exported {location.exported_at}")
    for post in location.posts:
        yield ""
        yield from _post(post, location)
        for part in post.parts:
            yield ""
            yield line(f"{_who(part)}, joined to {post.id}")
            yield from _origin(part.origin)


def _post(post: LocatedPost, location: Location) -> Iterator[str]:
    yield line(_who(post))
    yield f"  {location.unit} {post.begin} to {post.end}"
    if post.times > 1:
        others = [begin for begin, _ in post.places if begin != post.begin][:NAMED]
        left = f", and {post.times - 1 - len(others):,} more" if post.times - 1 > len(others) else ""
        yield f"  stands there {output.count(post.times, 'time')}, also at {', '.join(map(str, others))}{left}"
    if not post.origin and location.corpus != "gone":
        yield "  not in the corpus any more"
    yield from _origin(post.origin)


def _who(post: LocatedPost) -> str:
    at = f", {post.origin.created_at}" if post.origin and post.origin.created_at else ""
    return f"{post.platform} {post.id} by {post.author or 'unknown'}{at}"


def _origin(origin: PostOrigin | None) -> Iterator[str]:
    if not origin:
        return
    if origin.url:
        yield line(f"  {origin.url}")
    yield from block("downloaded", origin.raw_text)
    if origin.text != origin.raw_text:
        yield from block("as rewritten", origin.text)
    if origin.rewritten_by:
        yield f"  rewritten by {', '.join(origin.rewritten_by)}"
