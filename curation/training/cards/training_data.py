"""The training data in a model's card: the training-data table, the two sides, authors, languages and lengths.

The table comes from the corpus while that is still the exported one, else from the counts in the record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from curation.cards.figures import NAMED, NAMED_SHARE
from curation.cards.parts import few, listed, short_name, training_table
from curation.corpus.corpus import Corpus
from curation.corpus.ledger import UNKNOWN, Ledger, RemovingRule, Row
from curation.disk.training_record import TrainingRecord, TrainingSide
from curation.disk.workspace import Workspace
from curation.errors import CurationError
from curation.tracking.model_artifacts import export_of
from curation.writing.markdown import markdown_table, markdown_text
from curation.writing.terminal import count, visible_line

#: How held-out posts are chosen, by the name of the split.
SPLITS = {
    "time": "the newest",
    "random": "drawn at random, with copies on the same side",
    "conversation": "whole conversations, drawn at random",
}


def who(record: TrainingRecord) -> str:
    """The authors of the posts, as far as a card names them."""
    names = [f"@{markdown_text(short_name(visible_line(handle)))}" for handle in _named(record)]
    if others := record.data.author_count - len(names):
        names.append(count(others, "other") if names else count(others, "author"))
    return listed(names) if names else "an unknown author"


def _named(record: TrainingRecord) -> list[str]:
    """Handles that a card names: all if there are few, else those with at least one post in a hundred."""
    authors = [each for each in record.data.authors if each["author"] not in (None, UNKNOWN)]
    if record.data.author_count > NAMED:
        authors = [each for each in authors if each["posts"] >= NAMED_SHARE * record.data.train.posts]
    return [each["author"] for each in authors[:NAMED]]


def data_of(space: Workspace, record: TrainingRecord) -> Iterator[str]:
    """The training-data table, and the training and held-out posts."""
    data = record.data
    yield training_table(*_ledger(space, record))
    sides = {"train": "learned from", "valid": "held out"}
    rows = [[words, *_figures(getattr(data, side))] for side, words in sides.items()]
    yield markdown_table(["Posts", "Number", "Characters", "Tokens"], rows)
    how = SPLITS.get(data.split, data.split)
    alone = (
        "Each is learned alone: no post sees another one."
        if data.separate
        else "Posts are joined, so a post sees those before it."
    )
    yield f"Held-out posts are {how}; the model never learned from them. {alone}"


def _figures(side: TrainingSide) -> list[str]:
    return [f"{figure:,}" for figure in (side.posts, side.characters, side.tokens)]


def _ledger(space: Workspace, record: TrainingRecord) -> tuple[Ledger, Sequence[str]]:
    """The ledger of the training data, from the corpus or else from the record's counts, and its authors in order."""
    data = record.data
    try:
        corpus = Corpus.open(space, data.recipe)
        if tuple(corpus.manifest["files"]) == data.corpus_files:
            exported = export_of(space, record)
            authors = tuple(exported.options.get("authors") or ()) if exported else ()
            return few(Ledger.of(corpus, authors=authors)), authors
    except CurationError:
        pass  # the card is written without it
    removed = {str(rule): int(posts) for rule, posts in (data.counts.get("removed") or {}).items()}
    total = Row("total", data.counts.get("downloaded", 0), removed, data.counts.get("kept", 0))
    rules = tuple(RemovingRule(name, name, name.replace("_", " ").capitalize()) for name in removed)
    return Ledger(data.recipe, "author", rules, (), total), ()


def explore(record: TrainingRecord, address: str) -> Iterator[str]:
    """Authors, languages and lengths of the posts, and the address of a page that shows them, if there is one."""
    data = record.data
    if address:
        yield f"[Explore the data](<{address}>)"
    named = set(_named(record))
    authors = [
        [f"@{short_name(visible_line(a['author']))}", f"{a['posts']:,}"] for a in data.authors if a["author"] in named
    ]
    if authors:
        yield markdown_table(["Author", "Posts"], authors)
    languages = [[code, f"{posts:,}"] for code, posts in sorted(data.languages.items(), key=lambda e: (-e[1], e[0]))]
    if languages:
        yield markdown_table(["Language", "Posts"], languages[:NAMED])
    begins = [begin for begin, _ in data.lengths]
    lengths = [
        [f"{begin:,} to {after - 1:,}" if after is not None else f"{begin:,} and more", f"{posts:,}"]
        for (begin, posts), after in zip(data.lengths, [*begins[1:], None], strict=True)
        if posts
    ] if begins else []  # fmt: skip
    if lengths:
        yield markdown_table(["Characters of a post", "Posts"], lengths)
    yield (
        "Whoever has the workspace sees every post, and why it was kept or removed, with "
        f"`curation ledger {data.recipe}` and on the dashboard."
    )
