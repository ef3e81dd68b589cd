"""The columns of `posts` with their types and a sentence on each."""

from __future__ import annotations

from dataclasses import dataclass

from curation.corpus.corpus import Corpus
from curation.posts import RAW_COLUMNS

#: What the columns of the verdict mean, and the two that differ from the raw ones.
VERDICT = {
    "text": "the text after all transforms",
    "raw_text": "the text as downloaded",
    "removed_by": "the rule that removes the post; NULL: it is kept",
    "matched": "every rule that would remove it, in recipe order",
    "rewritten_by": "the transforms that changed the text, in recipe order",
    "duplicate_of": "id of the post that is kept instead",
    "by_hand": "the post's pin: `removed`, `kept`, or NULL",
}


@dataclass(frozen=True)
class ColumnOfPosts:
    """One column."""

    name: str
    type: str  # as DuckDB writes it
    doc: str


def columns_of(corpus: Corpus) -> list[ColumnOfPosts]:
    """The columns of a corpus: text and verdict first, then measures of rules, then those of the download."""
    raw = {column.name: column.doc for column in RAW_COLUMNS}
    measures = {name: f"what *{rule['label']}* measured" for rule in corpus.rules for name in rule["columns"]}
    found = corpus.rows("SELECT column_name, column_type FROM (DESCRIBE posts)")
    columns = [
        ColumnOfPosts(name, kind, VERDICT.get(name) or measures.get(name) or raw.get(name, "")) for name, kind in found
    ]
    first = ["text", *VERDICT]

    def place(column: ColumnOfPosts) -> int:
        if column.name in VERDICT:
            return first.index(column.name)
        return len(first) + (column.name not in measures)

    return sorted(columns, key=place)
