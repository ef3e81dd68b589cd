"""The view: which posts are looked at, as the page's address says it, as SQL, and as a command line.

    ?corpus=baseline&author=mira&verdict=min_words&q=harbour

Every facet is one `Facet`: a name for the address, an expression that gives a post's value, and words for people.
Values are never put into SQL as text: they go in as parameters.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from curation import ledger, sql

#: What a post without a value has in a facet.
UNKNOWN = ledger.UNKNOWN
#: The value of the facet `verdict` for posts that are kept; no rule can be called so.
KEPT = "kept"

#: Least characters of each class of lengths; a class ends where the next one begins.
LENGTHS = (0, 20, 40, 80, 160, 280)


@dataclass(frozen=True)
class Facet:
    """One way to divide posts; each post has one value of it."""

    name: str  # in the address
    label: str  # for people
    doc: str  # what it says, for people
    value: str  # SQL over `posts`, a text


def facets(manifest: Mapping[str, Any]) -> tuple[Facet, ...]:
    """The facets of a corpus, in the order in which they are shown."""
    language = ledger.key_of("language", dict(manifest))
    return (
        Facet(
            "verdict", "Verdict", "Kept, or the first rule that removes the post.", f"coalesce(removed_by, '{KEPT}')"
        ),
        Facet("author", "Author", "Who posted it.", _known("author")),
        Facet("month", "Month", "When it was posted, UTC.", _known("strftime(created_at::TIMESTAMP, '%Y-%m')")),
        Facet("language", "Language", "As the recipe's rule found it, else as the platform says.", _known(language)),
        Facet("kind", "Kind", "A repost, a reply, a quote, or none of these.", KIND),
        Facet("length", "Characters", "Of the text after all rewriting, in code points.", LENGTH),
        Facet("platform", "Platform", "Where it was posted.", _known("platform")),
    )


def _known(value: str) -> str:
    return f"coalesce(nullif({value}, ''), {sql.literal(UNKNOWN)})"


def length_classes() -> list[str]:
    """The values of the facet `length`, shortest first."""
    ends = [f"{low}-{high - 1}" for low, high in itertools.pairwise(LENGTHS)]
    return [*ends, f"{LENGTHS[-1]}+"]


KIND = "CASE WHEN is_repost THEN 'repost' WHEN is_reply THEN 'reply' WHEN is_quote THEN 'quote' ELSE 'post' END"
LENGTH = (
    "CASE "
    + " ".join(
        f"WHEN length(text) < {high} THEN {sql.literal(name)}"
        for high, name in zip(LENGTHS[1:], length_classes(), strict=False)
    )
    + f" ELSE {sql.literal(length_classes()[-1])} END"
)

#: How posts can be put in order: SQL, and words for people. Ties go by place, so that pages never overlap.
ORDERS = {
    "newest": ("created_at DESC NULLS LAST", "newest first"),
    "oldest": ("created_at NULLS LAST", "oldest first"),
    "longest": ("length(text) DESC", "longest first"),
    "shortest": ("length(text)", "shortest first"),
    "mixed": ("hash(id, 7)", "in a mixed order, the same each time"),
}

#: Words of the address besides the facets.
SINGLE = ("corpus", "q", "post", "order", "rewritten", "matched", "only")


@dataclass(frozen=True)
class View:
    """Which posts are looked at. An empty choice is no condition."""

    corpus: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by facet; of one facet any of the values
    q: str = ""  # a text that the post has, before or after rewriting, in capitals or not
    rewritten: str = ""  # a transform that changed the text
    matched: str = ""  # a rule that would remove the post, first or not
    only: str = ""  # a rule that would remove the post, and no other one would
    order: str = "newest"
    post: str = ""  # the post that is shown in full: platform:id

    @classmethod
    def parse(cls, words: Mapping[str, Sequence[str]], names: Iterable[str]) -> View:
        """The view that an address names; `names` are those of the facets. What it doesn't know it leaves out."""
        single = {name: words[name][0] for name in SINGLE if words.get(name)}
        if single.get("order") not in ORDERS:
            single.pop("order", None)
        chosen = {name: tuple(dict.fromkeys(words[name])) for name in names if words.get(name)}
        return cls(chosen=chosen, **single)

    def words(self) -> dict[str, list[str]]:
        """The address's words, without those that say nothing."""
        single = {name: [getattr(self, name)] for name in SINGLE if getattr(self, name)}
        if self.order == "newest":
            single.pop("order")
        return single | {name: list(values) for name, values in self.chosen.items() if values}

    def choosing(self, facet: str, *values: str) -> View:
        """This view with other values of a facet."""
        chosen = {name: kept for name, kept in self.chosen.items() if name != facet}
        return dataclasses.replace(self, chosen=chosen | ({facet: values} if values else {}), post="")

    def changed(self, **changes: Any) -> View:
        """This view with other words."""
        return dataclasses.replace(self, **changes)

    @property
    def limits(self) -> bool:
        """Whether it leaves posts out."""
        return bool(self.q or self.rewritten or self.matched or self.only or any(self.chosen.values()))

    def where(self, known: Sequence[Facet], *, but: str = "") -> tuple[str, list[Any]]:
        """SQL: whether a post is looked at, and its parameters; `but` is a facet that is not asked."""
        conditions, parameters = [], []
        for facet in known:
            if facet.name != but and (values := self.chosen.get(facet.name)):
                conditions.append(f"list_contains(?, {facet.value})")
                parameters.append(list(values))
        if self.q:
            pattern = f"%{escape_like(self.q)}%"
            conditions.append(r"(text ILIKE ? ESCAPE '\' OR raw_text ILIKE ? ESCAPE '\')")
            parameters += [pattern, pattern]
        for name, column in (("rewritten", "rewritten_by"), ("matched", "matched"), ("only", "matched")):
            if rule := getattr(self, name):
                conditions.append(f"list_contains({column}, ?)" + (" AND len(matched) = 1" if name == "only" else ""))
                parameters.append(rule)
        return " AND ".join(conditions) or "true", parameters


def escape_like(text: str) -> str:
    r"""A text as a pattern of LIKE that means itself, with `\` as the escape."""
    for sign in ("\\", "%", "_"):
        text = text.replace(sign, f"\\{sign}")
    return text
