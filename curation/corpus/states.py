"""Working on a corpus that a run, or forgetting, may replace meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from curation.corpus.corpus import ATTEMPTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from curation.corpus.corpus import Corpus

T = TypeVar("T")


def on_one_state(corpus: Corpus, work: Callable[[Corpus], T]) -> T:
    """Do `work` on a corpus, and again on the one that takes its place meanwhile, so that all is of one state.

    After a few attempts the last answer counts. Forgotten posts do not come back with an older state. Raises what
    `work` raises.
    """
    for _ in range(ATTEMPTS - 1):
        answer = work(corpus)
        newer = corpus.successor()
        if newer is None:
            return answer
        corpus = newer
    return work(corpus)
