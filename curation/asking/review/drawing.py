"""What was drawn from a queue once some of its posts are decided, and the thresholds of the queue `near`.

A queue never shows a post twice, and posts are pinned elsewhere too. If a random queue left pinned posts out of its
sample, the rest would be a worse sample: the wrong removals that somebody found by search would be missing. So a pinned
post counts as drawn as soon as the queue has come past it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from curation.asking.pins.suggestions import thresholds
from curation.asking.review.queues import Bound, Queue
from curation.asking.review.record import Draw
from curation.asking.variants import recipe_of
from curation.corpus.corpus import Corpus
from curation.rules import RuleBook

Post = tuple[str, str]  # platform and id


def bounds(corpus: Corpus, book: RuleBook | None = None) -> list[Bound]:
    """The thresholds of a corpus's recipe. Raises `RecipeError` if `book` does not know its rules."""
    measures = {rule["measure"] for rule in corpus.rules}
    return [
        Bound(each.rule.name, each.now)
        for each in thresholds(recipe_of(corpus, book).rules)
        if each.rule.name in measures
    ]


def draws(
    corpus: Corpus, queue: Queue, listed: Sequence[tuple[str, str, str]], decided: Iterable[Post], pinned: set[Post]
) -> list[Draw]:
    """The draws after some posts of a queue are `decided`: these, and the `pinned` ones before the last of them.

    `listed` are platform, id and rule of the queue's posts in their order.
    """
    if queue.author:  # no sample of all posts: it says nothing about the recipe
        return []
    those = set(decided)
    last = max((place for place, (*post, _) in enumerate(listed) if tuple(post) in those), default=-1)
    return [
        Draw(platform, post_id, corpus.recipe, fingerprint(corpus), queue.kind, queue.rule, rule)
        for platform, post_id, rule in listed[: last + 1]
        if (platform, post_id) in those or (platform, post_id) in pinned
    ]


def fingerprint(corpus: Corpus) -> str:
    """The fingerprint of a corpus's recipe."""
    return str(corpus.manifest["recipe"].get("fingerprint", ""))
