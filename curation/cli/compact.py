"""`curation compact`: merges many small landings into a few files."""

from __future__ import annotations

from pathlib import Path

from curation.cli import output
from curation.cli.options import Data, Json
from curation.cli.tracked import recording


def compact(data: Data = Path("data"), json: Json = False) -> None:
    """Merge many small landings into a few files."""
    tracking = recording("compact", locals())
    from curation.disk.compaction import compact as compacted
    from curation.disk.workspace import Workspace

    space = Workspace(data)
    with tracking as recorded, output.progress("Compacting") as progress:
        result = compacted(space, progress=progress, waiting=output.say)
        recorded.compacted(result)
    if json:
        output.print_json(result.to_json())
        return
    print(
        f"{output.count(len(result.replaced), 'landing')} with {output.count(result.rows, 'row')} are now "
        f"{output.count(len(result.files), 'file')} in {result.folder}: "
        f"{result.bytes_after / 1e6:,.1f} MB instead of {result.bytes_before / 1e6:,.1f} MB."
    )
    if result.left:
        output.say(f"{output.count(result.left, 'folder')} already large enough and left unchanged.")
