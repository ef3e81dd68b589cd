"""Hashtags, mentions, link domains, clients and emoji: posts, share kept, over time; and who mentions whom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

from curation.asking.vocabulary import cells
from curation.asking.vocabulary.index_file import WordIndex
from curation.asking.vocabulary.terms import BEHIND, LISTS
from curation.asking.vocabulary.voice import Calendar, Spoken, over_months

#: Most edges of the network in the table and in a file.
EDGES, MOST_EDGES = 25, 20_000
#: What XML 1.0 has no place for, even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class TermTable:
    """One list, the most frequent terms first."""

    name: str
    title: str
    distinct: int
    rows: tuple[Spoken, ...]

    def to_json(self) -> dict[str, Any]:
        """For `curation words --json`."""
        rows = [{name: value for name, value in row.to_json().items() if name != "spread"} for row in self.rows]
        return {"name": self.name, "distinct": self.distinct, "rows": rows}


@dataclass(frozen=True)
class Mention:
    """Kept posts of an author that mention somebody."""

    author: str
    mentioned: str  # with its @
    posts: int

    def to_json(self) -> dict[str, Any]:
        """For `curation words --json`."""
        return dict(vars(self))


def lists(index: WordIndex, author: str | None, calendar: Calendar, top: int) -> tuple[TermTable, ...]:
    """Every list of an author's posts, kept or not; None: of all. That of short links only if there are some."""
    where = cells.by(author)
    tables = []
    for each in (*LISTS[:3], BEHIND, *LISTS[3:]):
        rows = index.rows(
            f"SELECT term, sum(n.posts)::BIGINT, sum(CASE verdict WHEN 'kept' THEN n.posts ELSE 0 END)::BIGINT "
            f"FROM {{{each.name}-counts}} AS n JOIN {{cells}} USING (cell) WHERE {where.condition} "
            "GROUP BY term ORDER BY 2 DESC, term",
            where.parameters,
        )
        if each is BEHIND and not rows:
            continue  # no post of X with a short link
        shown = rows[:top]
        texts = dict(
            index.rows(
                f"SELECT term, text FROM {{{each.name}}} WHERE list_contains(?, term)", ([term for term, *_ in shown],)
            )
        )
        months = over_months(index, each.name, where, [term for term, *_ in shown])
        spoken = (
            Spoken(texts[term], posts, kept, posts / calendar.posts, None, calendar.by_period(months[term]))
            for term, posts, kept in shown
        )
        tables.append(TermTable(each.name, each.title, len(rows), tuple(spoken)))
    return tuple(tables)


def network(index: WordIndex, author: str | None, most: int = EDGES) -> tuple[Mention, ...]:
    """Who mentions whom in kept posts, the most frequent pairs first."""
    where = cells.kept() & cells.by(author)
    rows = index.rows(
        "SELECT author, text, sum(n.posts)::BIGINT AS posts FROM {mentions-counts} AS n JOIN {cells} USING (cell) "
        f"JOIN (SELECT term, text FROM {{mentions}}) USING (term) WHERE {where.condition} GROUP BY author, text "
        f"ORDER BY posts DESC, author, text LIMIT {most}",
        where.parameters,
    )
    return tuple(Mention(*row) for row in rows)


def gexf(mentions: Sequence[Mention]) -> Iterator[str]:
    """The network as lines of a GEXF 1.3 file, for Gephi: a node for each handle, a weighted edge for each pair."""
    handles = dict.fromkeys(name for each in mentions for name in ("@" + each.author.lower(), each.mentioned))
    numbers = {handle: number for number, handle in enumerate(handles)}
    authors = {"@" + each.author.lower() for each in mentions}
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<gexf xmlns="http://gexf.net/1.3" version="1.3">'
    yield "  <meta><creator>curation</creator><description>Who mentions whom in kept posts</description></meta>"
    yield '  <graph mode="static" defaultedgetype="directed">'
    yield '    <attributes class="node"><attribute id="0" title="author" type="boolean"/></attributes>'
    yield "    <nodes>"
    for handle, number in numbers.items():
        label = quoteattr(_NOT_XML.sub("\ufffd", handle))
        fact = f'<attvalue for="0" value="{str(handle in authors).lower()}"/>'
        yield f'      <node id="{number}" label={label}><attvalues>{fact}</attvalues></node>'
    yield "    </nodes>"
    yield "    <edges>"
    for number, each in enumerate(mentions):
        ends = f'source="{numbers["@" + each.author.lower()]}" target="{numbers[each.mentioned]}"'
        yield f'      <edge id="{number}" {ends} weight="{each.posts}"/>'
    yield "    </edges>"
    yield "  </graph>"
    yield "</gexf>"
