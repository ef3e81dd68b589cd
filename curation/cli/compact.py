"""`curation compact`: many small landings in few files."""

from __future__ import annotations

from curation.cli import output
from curation.cli.options import Data, Json
from curation.cli.tracked import recording


def compact(data: Data = "data", json: Json = False) -> None:  # type: ignore[assignment]
    """Merge many small landings into a few files."""
    tracking = recording("compact", locals())
    from curation.disk.compaction import compact as compacted
    from curation.disk.workspace import Workspace

    space = Workspace(data)
    with tracking as recorded, output.progress("Compacting") as progress:
        done = compacted(space, progress=progress, waiting=output.say)
        recorded.compacted(done)
    if json:
        output.print_json(done.to_json())
        return
    print(
        f"{output.count(len(done.replaced), 'landing')} with {output.count(done.rows, 'row')} are now "
        f"{output.count(len(done.files), 'file')} in {done.folder}: "
        f"{done.bytes_after / 1e6:,.1f} MB instead of {done.bytes_before / 1e6:,.1f} MB."
    )
    if done.left:
        output.say(f"{output.count(done.left, 'folder')} large enough already, and left as it was.")
