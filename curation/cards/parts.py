"""The paragraphs and tables that several cards have."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from curation.cards.figures import NAMED, Figures
from curation.cards.languages import BEGINNINGS
from curation.corpus.ledger import Ledger, Row
from curation.corpus.ledger_text import author_names, render, rule_labels, summed
from curation.sources.platforms import tags_of, title_of
from curation.writing.characters import clipped
from curation.writing.html import show_unseen
from curation.writing.markdown import markdown_table, markdown_text
from curation.writing.terminal import count

#: The most authors that a title names.
IN_TITLE = 3
#: Characters of a name that are shown.
NAME_LENGTH = 80


@dataclass(frozen=True)
class Details:
    """Details that only the user knows. The card leaves empty ones out."""

    name: str = ""  # of the dataset, or of the model: "owner/name" if it lies on the Hub
    contact: str = ""  # for removal: an address, a page, or words
    base_model: str = ""  # "owner/name" on the Hub
    hyperparameters: tuple[tuple[str, str], ...] = ()
    explore: str = ""  # address of a page where the training data can be looked at
    thumbnail: str = ""  # address of a picture
    prompts: tuple[str, ...] = ()  # examples for the text field of the model's page

    def examples(self, languages: Sequence[str]) -> list[str]:
        """The prompts, else a beginning in the first of the languages."""
        return list(self.prompts) or [BEGINNINGS[code] for code in languages[:1] if code in BEGINNINGS]


def training_table(ledger: Ledger, authors: Sequence[str] = ()) -> str:
    """The training-data table of huggingtweets: authors in the order of `authors`, else by name."""
    names = dict(zip((row.key for row in ledger.rows), author_names(ledger.rows), strict=True))
    order = {author: place for place, author in reversed(list(enumerate(authors)))}
    rows = sorted(ledger.rows, key=lambda row: (order.get(row.key, 0), names[row.key].casefold(), row.key))
    return render(dataclasses.replace(ledger, rows=tuple(rows)), "markdown")


def few(ledger: Ledger) -> Ledger:
    """The ledger itself or, for many authors, only its total."""
    return ledger if len(ledger.rows) <= NAMED else dataclasses.replace(ledger, rows=())


def ledger_table(figures: Figures) -> str:
    """Downloaded, removed by each rule, and kept: a column for each named author, the others, and all."""
    ledger = figures.ledger
    named = {row.key for row in figures.named}
    rows = ledger.rows if len(ledger.rows) <= NAMED else [row for row in ledger.rows if row.key in named]
    heads, columns = [short_name(name) for name in author_names(rows)], [*rows]
    if others := [row for row in ledger.rows if row not in rows]:
        heads.append(f"{len(others):,} others")
        columns.append(summed(others))
    if len(columns) != 1:
        heads.append("All")
        columns.append(ledger.total)
    lines = [["Downloaded", *(f"{row.downloaded:,}" for row in columns)]]
    for rule, label in zip(ledger.rules, rule_labels(ledger.rules), strict=True):
        lines.append([f"− {label}", *(f"{row.removed[rule.name]:,}" for row in columns)])
    lines.append(["= Kept", *(f"{row.kept:,}" for row in columns)])
    return markdown_table(["Posts", *heads], lines)


def short_name(name: str) -> str:
    """A stranger's name, cut so that other names stay visible."""
    return clipped(name, NAME_LENGTH)


def plain_name(row: Row) -> str:
    """An author's display name, else their handle, as text without invisible characters."""
    return short_name(show_unseen(" ".join((row.author_name or "").split()) or " ".join(row.key.split())))


def listed(words: Iterable[str]) -> str:
    """`a, b and c`."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def who(figures: Figures) -> str:
    """The authors of the posts, by name if there are few."""
    authors, named = figures.authors, figures.named
    if not authors:
        return "an unknown author" if figures.posts else "nobody"
    others = len(authors) - len(named)
    if not named:
        return count(others, "author")
    return listed([*(_whose(row) for row in named), *([f"{others:,} others"] if others else [])])


def title(figures: Figures) -> str:
    """A name for a set of posts, without markup."""
    authors = figures.authors
    if not authors:
        return "Posts"
    return f"Posts by {listed(map(plain_name, authors)) if len(authors) <= IN_TITLE else count(len(authors), 'author')}"


def where(figures: Figures) -> str:
    """The platforms."""
    names = [markdown_text(title_of(platform)) for platform in figures.platforms]
    return listed(names) if names else "no platform"


def when(figures: Figures) -> str:
    """The time from the first post to the last, as a sentence; "" without posts."""
    if not figures.posts:
        return ""
    if figures.first is None:
        return "None of them says when it was posted."
    span = f"on {figures.first}" if figures.first == figures.last else f"between {figures.first} and {figures.last}"
    undated = f"; {figures.undated:,} don't say when" if figures.undated else ""
    return f"They were posted {span} (UTC){undated}."


def tags(figures: Figures) -> list[str]:
    """The platforms that have tags, as tags."""
    return tags_of(list(figures.platforms))


def link(address: str) -> str:
    """A web address or an e-mail address as a link, other words as they are."""
    is_address = address.startswith(("https://", "http://")) or (address.count("@") == 1 and "." in address)
    acts = any(character in "<>\\" or character.isspace() or not character.isprintable() for character in address)
    return f"<{address}>" if is_address and not acts and not address.startswith("@") else markdown_text(address)


def paragraphs(*parts: str) -> Iterator[str]:
    """The parts that are not empty, with an empty line after each."""
    for part in parts:
        if part:
            yield part.rstrip("\n") + "\n\n"


def _whose(row: Row) -> str:
    name, handle = plain_name(row), short_name(show_unseen(" ".join(row.key.split())))
    return f"{markdown_text(name)} (@{markdown_text(handle)})" if name != handle else f"@{markdown_text(handle)}"
