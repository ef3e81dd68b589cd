"""`curation views`: the saved views of a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.cli import output
from curation.cli.options import Data, Json
from curation.errors import NothingToDoError, UsageError

if TYPE_CHECKING:
    from curation.corpus.saved_views import SavedView


def views(data: Data = Path("data"), json: Json = False) -> None:
    """List the saved views; `export --view NAME` takes the posts of one."""
    from curation.corpus.saved_views import saved_views
    from curation.disk.workspace import Workspace

    space = Workspace(data)
    found, corpora = saved_views(space).views, space.recipes_run()
    if json:
        rows = [{**view.to_json(), "corpus_is_there": view.corpus in corpora} for view in found]
        output.print_json({"schema": 1, "views": rows})
        return
    if not found:
        raise NothingToDoError(
            f"There is no saved view in {space.root}. Save one on the page Browse: curation dashboard"
        )
    for view in found:
        gone = "" if view.corpus in corpora else " (there is no such corpus now)"
        conditions = "; ".join(f"{name}={', '.join(values)}" for name, values in view.words.items()) or "all posts"
        print(output.visible(f"{view.name}  {view.corpus}{gone}  {conditions}"))


def exported(name: str, data: Path, recipe: str, values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The corpus of a view, and the options of an export with its posts. Raises `CurationError`."""
    from curation.corpus.saved_views import saved_views
    from curation.disk.workspace import Workspace

    space = Workspace(data)
    view: SavedView = saved_views(space).of(name)
    if given := [
        flag
        for field, flag in (("search", "--search"), ("where", "--only"), ("authors", "--author"))
        if values.get(field)
    ]:
        raise UsageError(f"--view chooses the posts, and so does {given[0]}; leave one of them out.")
    if recipe not in ("baseline", view.corpus):
        raise UsageError(f"The view '{view.name}' is of the corpus '{view.corpus}', not of '{recipe}'.")
    if view.corpus not in space.recipes_run():
        raise NothingToDoError(
            f"The view '{view.name}' is of the corpus '{view.corpus}', which is not in {space.root} now. "
            f"Make it with: {space.command('run', view.corpus)}"
        )
    where, search, left_out = view.selection()
    if left_out:
        output.say(f"Note: only kept posts are exported, so the view's {' and '.join(left_out)} is left out.")
    return view.corpus, {**values, "where": where, "search": search}
