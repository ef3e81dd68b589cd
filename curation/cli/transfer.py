"""`curation fetch` and `curation upload`: a workspace and an object store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli import output
from curation.cli.options import Data, Json
from curation.cli.tracked import RecordedOptions, recording

if TYPE_CHECKING:
    from curation.collecting.transfer import Transferred

Address = Annotated[str, typer.Argument(metavar="S3_URL", help="The folder in the object store: s3://BUCKET/PREFIX.")]

#: The options that their records have.
RECORDED = RecordedOptions("url recipe")


def fetch(
    url: Address,
    recipe: Annotated[
        list[str] | None, typer.Option("--recipe", help="Only this corpus, besides the landings. May be repeated.")
    ] = None,
    data: Data = Path("data"),
    json: Json = False,
) -> None:
    """Copy landings and corpora from an object store into the workspace."""
    tracking = recording("fetch", locals(), RECORDED)
    from curation.collecting.transfer import fetch as copy
    from curation.disk.objects import ObjectFolder
    from curation.disk.workspace import Workspace
    from curation.forgetting.forget import ForgetRequest, forget

    objects, space = ObjectFolder.at(url), Workspace(data)
    with tracking, output.progress("Fetching", unit="B") as progress:
        copied = copy(
            objects,
            space,
            recipe or (),
            clean=lambda fetched: forget(fetched, ForgetRequest()),
            on_progress=progress,
            on_notice=output.say,
        )
    _report(copied, "Fetched", f"from {objects.url} into {space.root}", json)


def upload(url: Address, data: Data = Path("data"), json: Json = False) -> None:
    """Copy the landings of the workspace into an object store, where a cluster can read them."""
    tracking = recording("upload", locals(), RecordedOptions("url"))
    from curation.collecting.transfer import upload as copy
    from curation.disk.objects import ObjectFolder
    from curation.disk.workspace import Workspace

    objects, space = ObjectFolder.at(url), Workspace(data)
    with tracking, output.progress("Uploading", unit="B") as progress:
        copied = copy(space, objects, on_progress=progress, on_notice=output.say)
    _report(copied, "Uploaded", f"from {space.root} into {objects.url}", json)


def _report(copied: Transferred, what: str, where: str, json: bool) -> None:
    if json:
        output.print_json(copied.to_json())
        return
    if not copied.landings and not copied.corpora:
        print(f"Nothing is new {where}.")
        return
    names = [output.count(len(copied.landings), "landing")] if copied.landings else []
    names += [f"the corpora {', '.join(copied.corpora)}"] if copied.corpora else []
    print(f"{what} {' and '.join(names)} {where}: {copied.bytes / 1e6:,.1f} MB.")
