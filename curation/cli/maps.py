"""`curation map`: draws kept posts as points, so that posts that say similar things are close together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curation.cli import output
from curation.cli.options import Data, Json, RecipeName, recipe_name
from curation.cli.record_options import record_of, with_options
from curation.options.mapping import MapOptions
from curation.writing.terminal import aligned

if TYPE_CHECKING:
    from curation.mapping.make import MadeMap


def map_posts(
    recipe: RecipeName = "baseline",
    again: Annotated[bool, typer.Option("--again", help="Draw it again, even if nothing has changed.")] = False,
    top: Annotated[int, typer.Option("--top", min=0, help="Clusters in the table. 0: all.")] = 20,
    data: Data = Path("data"),
    json: Json = False,
    **settings: Any,
) -> None:
    """Draw a map of kept posts: similar ones are close together."""
    options = record_of(MapOptions, settings)
    from curation.disk.workspace import Workspace
    from curation.mapping.make import make_map

    space = Workspace(data)
    made = make_map(space, recipe_name(recipe), options, again=again, stage=output.progress, waiting=output.say)
    if json:
        output.print_json(made.to_json())
        return
    output.print_text("\n".join(_lines(made, top)) + "\n")
    if made.status == "unchanged":
        output.say("Nothing has changed since this map was drawn. To draw it again: --again")
    output.say(f"See it: {space.command('dashboard')} (page Map), or: embedding-atlas {made.map.file}")


def _lines(made: MadeMap, top: int) -> list[str]:
    clusters = made.map.clusters
    counts = made.map.manifest["counts"]
    some = f" of {counts['kept']:,} kept" if counts["kept"] != made.map.posts else ""
    lines = [
        f"{made.map.manifest['corpus']['name']}: {output.count(made.map.posts, 'post')}{some}, "
        f"{output.count(len(clusters), 'cluster')}",
        "",
    ]
    rows = [[one.label, f"{one.posts:,}"] for one in clusters[: top or None]]
    lines += aligned([["cluster", "posts"], *rows, ["(between clusters)", f"{counts['unclustered']:,}"]])
    if len(clusters) > top > 0:
        lines.append(f"… {output.count(len(clusters) - top, 'more cluster')} (--top 0)")
    return lines


map_posts = with_options(map_posts, MapOptions, after="recipe", has_ranges=True)
map_posts.__name__ = "map"
