"""Queries of the page Words: parts of the answer of `curation words`, and the searches that find the posts."""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from curation.asking.vocabulary import cells, comparisons
from curation.asking.vocabulary.answer import Language, languages
from curation.asking.vocabulary.cells import Period
from curation.asking.vocabulary.index import built_in, indexed, key_of, standing
from curation.asking.vocabulary.index_file import WordIndex
from curation.asking.vocabulary.keyness import Keyness, Side
from curation.asking.vocabulary.lists import MOST_EDGES, Mention, TermTable, gexf, lists, network
from curation.asking.vocabulary.rhythm import Rhythm, minutes_of, rhythm
from curation.asking.vocabulary.voice import Calendar, Voice, voice
from curation.corpus.corpus import Corpus
from curation.corpus.ledger import UNKNOWN
from curation.options.commands import WordsOptions
from dashboards.snapshot import Snapshot
from dashboards.view import View

T = TypeVar("T")

#: Up to so many posts the page counts words at once; more are a job.
AT_ONCE = 20_000
#: Rows of every list, as on the command line.
TOP = WordsOptions().top
#: Authors to choose from; others by the address.
AUTHORS = 500

#: Indexes of this server alone, by the folder of the corpus: the key, the folder that goes with it, and the index.
_OWN: dict[str, tuple[str, tempfile.TemporaryDirectory[str], WordIndex]] = {}
_LOCK = threading.Lock()

_SIMPLE = re.compile(r"[^\W_]+")


def index_of(corpus: Corpus, *, writes: bool = True) -> WordIndex | None:
    """The index of a corpus, made at once if it is small; None: it must be made by a job.

    Without `writes` it is made in a folder of this server, not in the workspace.
    """
    index = standing(corpus)
    if index is not None or corpus.manifest["counts"]["downloaded"] > AT_ONCE:
        return index
    if not writes:
        return _own_index(corpus)
    with indexed(corpus) as made:
        return made if made.folder.is_dir() and standing(corpus) else None


def _own_index(corpus: Corpus) -> WordIndex:
    """The index for visitors who may not write; the folder of an earlier state of the corpus goes."""
    home, key = str(corpus.folder.absolute()), key_of(corpus.manifest)
    with _LOCK:
        if home not in _OWN or _OWN[home][0] != key:
            _OWN.pop(home, None)
            folder = tempfile.TemporaryDirectory(prefix="curation-words-")
            _OWN[home] = (key, folder, built_in(corpus, Path(folder.name)))
        return _OWN[home][2]


def job_key(corpus: Corpus) -> str:
    """The key of the job that counts a corpus's words."""
    return f"words:{corpus.recipe}"


def authors(snapshot: Snapshot, index: WordIndex) -> dict[str, int]:
    """Authors with kept posts, most first."""

    def ask() -> dict[str, int]:
        return dict(
            index.rows(
                "SELECT author, sum(posts)::BIGINT FROM {cells} WHERE verdict = 'kept' GROUP BY author "
                f"ORDER BY 2 DESC, author LIMIT {AUTHORS}"
            )
        )

    return snapshot.keep(("words", "authors"), ask, size=50_000)


def voice_of(snapshot: Snapshot, index: WordIndex, author: str | None) -> Voice:
    """What an author says; None: all."""
    return _kept(snapshot, ("voice", author), lambda: voice(index, author, TOP))


def lists_of(snapshot: Snapshot, index: WordIndex, author: str | None) -> tuple[TermTable, ...]:
    """Tags, mentions, domains, clients and emoji."""
    return _kept(snapshot, ("lists", author), lambda: lists(index, author, Calendar.of(index, cells.by(author)), TOP))


def rhythm_of(snapshot: Snapshot, index: WordIndex, author: str | None, offset: str) -> Rhythm:
    """Hours and weekdays. Raises `UsageError`."""
    return _kept(snapshot, ("rhythm", author, offset), lambda: rhythm(index, author, minutes_of(offset)))


def languages_of(index: WordIndex) -> tuple[int | None, tuple[Language, ...]]:
    """Languages, and the size of the sample."""
    return languages(index)


def network_of(snapshot: Snapshot, index: WordIndex, author: str | None) -> tuple[Mention, ...]:
    """Who mentions whom."""
    return _kept(snapshot, ("network", author), lambda: network(index, author))


def gexf_of(index: WordIndex, author: str | None) -> str:
    """The network as a file."""
    return "\n".join(gexf(network(index, author, MOST_EDGES))) + "\n"


def offers(snapshot: Snapshot, index: WordIndex) -> dict[str, list[str]]:
    """What can be compared, by kind."""
    return _kept(snapshot, ("offers",), lambda: comparisons.offers(index))


def keyness_of(snapshot: Snapshot, index: WordIndex, request: WordsOptions) -> Keyness:
    """One comparison. Raises `NothingToDoError`."""

    def ask() -> Keyness:
        [found] = [each.measure(request.top) for each in comparisons.comparisons(snapshot.corpus, index, request)]
        return found

    return _kept(snapshot, ("keyness", repr(request)), ask)


def _kept(snapshot: Snapshot, key: tuple[Any, ...], ask: Callable[[], T]) -> T:
    return snapshot.keep(("words", *key), ask, size=60_000)


def search_for(kind: str, text: str) -> str:
    """The search of Browse for a term of a kind."""
    if kind == "hashtags" or kind == "mentions":
        return text
    if kind == "clients" and text == UNKNOWN:
        return "-client:*"
    field = {"domains": "link", "clients": "client", "emoji": "raw"}.get(kind, "text")
    quoted = text.replace('"', '\\"')
    return f"{field}:{text}" if _SIMPLE.fullmatch(text) else f'{field}:"{quoted}"'


def view_of(side: Side, kind: str, text: str) -> View:
    """The posts of a side that have a term."""
    return View(corpus=side.corpus, chosen=dict(side.chosen), q=search_for(kind, text))


def posts_of(corpus: str, author: str | None, kind: str, text: str, **chosen: Sequence[str]) -> View:
    """The posts of an author that have a term; None: of all."""
    values: Mapping[str, tuple[str, ...]] = {name: tuple(each) for name, each in chosen.items()}
    return View(corpus=corpus, chosen={**values, **({"author": (author,)} if author else {})}, q=search_for(kind, text))


def periods_of(snapshot: Snapshot, index: WordIndex, author: str | None) -> tuple[Period, ...]:
    """The periods of the lists, which count removed posts too."""
    return _kept(snapshot, ("periods", author), lambda: Calendar.of(index, cells.by(author)).periods)
