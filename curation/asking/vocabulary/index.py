"""The index of a corpus's words on disk: what is precomputed, where it lies, and when it is made.

::

    DIR/.words/<corpus>/<key>/index.json              facts, figures of times, lengths and languages
                              cells.parquet           posts of an author, a month and a verdict
                              <kind>.parquet          terms: words, phrases, hashtags, mentions, …
                              <kind>-counts.parquet   posts with a term, by cell

The key is a digest of the names of the corpus's files, which are never used twice. So an index is right for as long as
it is there, and a corpus that a run, a pin or forgetting changes has none until it is made anew: at the first question.
It holds words of posts; `forget` removes it. It is a cache: deleting it changes nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from curation.asking.kept_states import keep, sweep
from curation.asking.vocabulary import figures
from curation.asking.vocabulary.building import count_terms
from curation.asking.vocabulary.index_file import WordIndex
from curation.asking.vocabulary.short_links import write_hosts
from curation.asking.vocabulary.spreads import learn_grammar, voices, write_spreads
from curation.asking.vocabulary.terms import BEHIND, LISTS
from curation.corpus.corpus import Corpus
from curation.disk.workspace import Workspace
from curation.sql import literal

#: Increases when the same posts give another index.
VERSION = 4
#: Memory of the database that makes an index; the rest spills.
MEMORY = "400MB"
FACTS = "index.json"
KINDS = ("words", "phrases", *(each.name for each in LISTS), BEHIND.name)

Progress = Callable[[int, int], None]


def folder_of(corpus: Corpus) -> Path:
    """Where the index of this state of a corpus lies, made or not."""
    return home(corpus) / key_of(corpus.manifest)


def home(corpus: Corpus) -> Path:
    """The folder of all indexes of a corpus."""
    return Workspace(corpus.folder.parent.parent).words / corpus.folder.name


def key_of(manifest: dict[str, Any]) -> str:
    """The key of a state of a corpus."""
    return hashlib.sha256(json.dumps([VERSION, manifest["files"]]).encode()).hexdigest()[:16]


def standing(corpus: Corpus) -> WordIndex | None:
    """The index of a corpus if it has been made."""
    folder = folder_of(corpus)
    try:
        return WordIndex(folder, json.loads((folder / FACTS).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None


@contextlib.contextmanager
def indexed(corpus: Corpus, on_progress: Progress = lambda done, total: None) -> Iterator[WordIndex]:
    """The index of a corpus, made if need be; where the workspace can't be written, for this once.

    Raises `WorkspaceError` when the corpus can't be read.
    """
    if index := standing(corpus):
        yield index
        return
    space = Workspace(corpus.folder.parent.parent)
    with space.scratch("words") as scratch:
        index = _built(corpus, scratch / "index", on_progress)
        yield _placed(space, corpus, index)


def built_in(corpus: Corpus, folder: Path) -> WordIndex:
    """The index of a corpus, made in a folder of the caller's, so that the workspace stays as it is."""
    return _built(corpus, folder / "index", lambda done, total: None)


def _built(corpus: Corpus, folder: Path, on_progress: Progress) -> WordIndex:
    def work(connection: Any, manifest: dict[str, Any]) -> WordIndex:
        shutil.rmtree(folder, ignore_errors=True)  # of a corpus that was replaced meanwhile
        folder.mkdir(parents=True)
        write_hosts(connection, Workspace(corpus.folder.parent.parent))
        facts = {"key": key_of(manifest), **count_terms(connection, folder, on_progress)}
        connection.execute(f"COPY ({figures.SLOTS}) TO {literal(str(folder / 'slots.parquet'))}")
        facts |= {
            "lengths": figures.lengths(connection), "languages": figures.languages(corpus, connection, manifest),
        }  # fmt: skip
        index = WordIndex(folder, facts)
        named = voices(index)
        write_spreads(index, named)
        facts["grammar"] = learn_grammar(index, named)
        (folder / FACTS).write_text(json.dumps(facts), encoding="utf-8")
        return index

    return corpus.reading(work, memory_limit=MEMORY, spill=folder.parent / "spill")


def _placed(space: Workspace, corpus: Corpus, index: WordIndex) -> WordIndex:
    """The index in its place in the workspace, and older ones swept; or where it is."""
    place = home(corpus) / index.facts["key"]
    if corpus.successor():
        return index  # forgetting may have changed the corpus meanwhile
    if not place.exists() and not keep(space, index.folder, place):
        return index  # it can't be written
    sweep(space, space.words, key_of)
    return WordIndex(place, index.facts)
