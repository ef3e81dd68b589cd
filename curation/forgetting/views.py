"""Saved views that name what is forgotten: an author as a facet or in a search, or the id of a post."""

from __future__ import annotations

from collections.abc import Sequence

from curation.corpus.saved_views import FILE, SavedView, SavedViews, change_views, saved_views
from curation.disk.tombstones import AUTHOR, POST, Tombstones
from curation.errors import InputError
from curation.forgetting.holder import Forgetting, Holder, Sentence
from curation.writing.terminal import count


class NamingViews(Holder):
    """The file of saved views."""

    name = "views"
    reported = False

    def remove(self, work: Forgetting) -> Sequence[Sentence]:
        """Delete the views that name a forgotten post or author: without the name they would mean other posts."""
        try:
            gone = [view for view in saved_views(work.space).views if _names_forgotten(view, work.tombstones)]
            if gone and not work.dry_run:

                def left(views: SavedViews) -> SavedViews:
                    return SavedViews(tuple(view for view in views.views if view not in gone))

                change_views(work.space, left, work.waiting)
        except InputError as error:
            work.unreadable.append(
                f"{error} It may name what is forgotten. Then complete this with: curation forget --resume"
            )
            return []
        return (
            [Sentence(f"{count(len(gone), 'saved view')} of it deleted from {work.space.root / FILE}.")] if gone else []
        )


def _names_forgotten(view: SavedView, tombstones: Tombstones) -> bool:
    names = list(dict.fromkeys(view.named()))
    if not names or not tombstones.marks:
        return False
    with tombstones.connected() as connection:
        found = connection.execute(
            "SELECT count(*) FROM (SELECT unnest(?::VARCHAR[]) AS platform) CROSS JOIN "
            "(SELECT unnest(?::VARCHAR[]) AS id) "
            f"WHERE {tombstones.named(POST, 'platform', 'id')} OR {tombstones.named(AUTHOR, 'platform', 'lower(id)')}",
            [list(view.platforms) or [""], names],
        )
        return bool(found.fetchall()[0][0])
