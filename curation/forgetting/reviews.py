"""Draws of forgotten posts in the record of reviews, which holds ids."""

from __future__ import annotations

from collections.abc import Sequence

from curation.asking.review.record import FILE, change_reviews, reviews_of
from curation.errors import InputError
from curation.forgetting.holder import Forgetting, Holder, Sentence
from curation.forgetting.pinned_posts import forgotten_posts
from curation.writing.terminal import count


class ReviewedPosts(Holder):
    """The record of reviews of the workspace."""

    name = "reviews"
    reported = False

    def remove(self, work: Forgetting) -> Sequence[Sentence]:
        """Take out the draws of posts that have a tombstone."""
        try:
            gone = forgotten_posts([each.post for each in reviews_of(work.space).draws], work.tombstones)
            if gone and not work.dry_run:
                change_reviews(work.space, lambda old: old.without(gone), waiting=work.waiting)
        except InputError as error:
            work.unreadable.append(
                f"{error} It may name what is forgotten; all else has lost it. Then complete this with: "
                "curation forget --resume"
            )
            return []
        return [Sentence(f"{count(len(gone), 'draw')} removed from {work.space.root / FILE}.")] if gone else []
