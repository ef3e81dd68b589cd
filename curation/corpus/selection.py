"""Which posts of a corpus are meant: facets, a text that they have, what was rewritten in them.

Every facet is one `Facet`: a name, an expression that gives a post's value, and words for people. The dashboard's
addresses, the options of `curation export` and what an export remembers of itself use the same names. Values are
never put into SQL as text: they go in as parameters.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation import sql
from curation.corpus import ledger
from curation.errors import UsageError, did_you_mean

#: Characters up to which a text is searched for as a pattern: RE2 takes half the time of ILIKE, and very long for a
#: pattern of a hundred thousand characters.
LONG = 200
#: What a post without a value has in a facet.
UNKNOWN = ledger.UNKNOWN
#: The value of the facet `verdict` for posts that are kept; no rule can be called so.
KEPT = "kept"

#: Least characters of each class of lengths; a class ends where the next one begins.
LENGTHS = (0, 20, 40, 80, 160, 280)


@dataclass(frozen=True)
class Facet:
    """One way to divide posts; each post has one value of it."""

    name: str  # in the address, and on the command line
    label: str  # for people
    doc: str  # what it says, for people
    value: str  # SQL over `posts`, a text


@dataclass(frozen=True)
class Condition:
    """One thing that is asked of posts."""

    name: str  # the facet, or one of `WORDS`
    values: tuple[str, ...]  # of a facet any of them
    sql: str  # over `posts`
    parameters: tuple[Any, ...]


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


def facets(manifest: Mapping[str, Any]) -> tuple[Facet, ...]:
    """The facets of a corpus, in the order in which they are shown."""
    language = ledger.key_of("language", dict(manifest))
    return (
        Facet(
            "verdict", "Verdict", "Kept, or the first rule that removes the post.", f"coalesce(removed_by, '{KEPT}')"
        ),
        Facet("author", "Author", "Who posted it.", _value("author")),
        Facet("month", "Month", "When it was posted, UTC.", _value("strftime(created_at::TIMESTAMP, '%Y-%m')")),
        Facet("language", "Language", "As the recipe's rule found it, else as the platform says.", _value(language)),
        Facet("kind", "Kind", "A repost, a reply, a quote, or none of these.", KIND),
        Facet("length", "Characters", "Of the text after all rewriting, in code points.", LENGTH),
        Facet("platform", "Platform", "Where it was posted.", _value("platform")),
    )


def _value(column: str) -> str:
    return f"coalesce(nullif({column}, ''), {sql.literal(UNKNOWN)})"


def recording(manifest: Mapping[str, Any]) -> list[str]:
    """The transforms of a corpus that say in a column of their name what they found to change."""
    rules = manifest["recipe"]["rules"]
    return [rule["name"] for rule in rules if rule["kind"] == "transform" and rule["name"] in rule["columns"]]


#: What can be asked of posts besides facets, one value each: a text that they have, before or after rewriting; what a
#: transform found in them, as `rule:words`; a transform that changed them; a rule that would remove them, first or
#: not; a rule that would, and no other one, or several as `rule,rule` that all would, and no others.
WORDS = ("q", "found", "rewritten", "matched", "only")


def conditions(
    available: Sequence[Facet], chosen: Mapping[str, Sequence[str]], words: Mapping[str, str]
) -> list[Condition]:
    """What is asked of posts, one by one: values of the facets `known`, and `words`, some of `WORDS`."""
    terms = [
        Condition(facet.name, tuple(values), f"list_contains(?, {facet.value})", (list(values),))
        for facet in available
        if (values := chosen.get(facet.name))
    ]
    if text := words.get("q"):
        terms.append(Condition("q", (text,), *_has(text)))
    if found := words.get("found"):
        rule, _, what = found.partition(":")
        among = f"list_contains(string_split({sql.identifier(rule)}, ', '), ?)"
        terms.append(Condition("found", (found,), among, (what,)))
    for name, column in (("rewritten", "rewritten_by"), ("matched", "matched")):
        if one := words.get(name):
            terms.append(Condition(name, (one,), f"list_contains({column}, ?)", (one,)))
    if rules := words.get("only"):
        # `matched` has each rule once, so as many of these as there are means all of them.
        these = list(dict.fromkeys(rules.split(",")))
        all_of_these = f"len(matched) = {len(these)} AND list_has_all(matched, ?::VARCHAR[])"
        terms.append(Condition("only", (rules,), all_of_these, (these,)))
    return terms


def joined(terms: Iterable[Condition]) -> tuple[str, list[Any]]:
    """SQL: whether a post meets all of the conditions, and its parameters."""
    terms = list(terms)
    parameters = [parameter for condition in terms for parameter in condition.parameters]
    return " AND ".join(condition.sql for condition in terms) or "true", parameters


def _has(text: str) -> tuple[str, tuple[str, str]]:
    """SQL: whether a post has a text before or after rewriting, in capitals or not; and its parameters."""
    if len(text) > LONG:
        within, pattern = "contains(lower({}), lower(?))", text
    else:
        signs = (sign if sign.isalnum() else f"\\x{{{ord(sign):x}}}" for sign in text)
        within, pattern = "regexp_matches({}, ?)", "(?i)" + "".join(signs)
    either = f"({within.format('text')} OR (raw_text <> text AND {within.format('raw_text')}))"
    return either, (pattern, pattern)


#: What says only of removed posts something, so that no kept post has it.
OF_REMOVED = ("verdict", "matched", "only")


def of_kept(manifest: Mapping[str, Any], where: Mapping[str, Sequence[str]], search: str = "") -> list[Condition]:
    """What is asked of kept posts: values by facet, or by `rewritten` and `found`; and a text that they have.

    Raises `UsageError` for what no corpus of this recipe has, or no kept post.
    """
    available = {facet.name: facet for facet in facets(manifest) if facet.name not in OF_REMOVED}
    words = {"q": search}
    for name, values in where.items():
        if name in OF_REMOVED:
            raise UsageError(f"Only kept posts are exported, and '{name}' tells kept posts from removed ones.")
        if name in available:
            continue
        if name not in ("rewritten", "found"):
            names = [*available, "rewritten", "found"]
            raise UsageError(f"Posts can't be chosen by '{name}'.{did_you_mean(name, names)}")
        if len(values) > 1:
            raise UsageError(f"'{name}' takes one value; given were {', '.join(values)}.")
        rules = recording(manifest) if name == "found" else _transforms(manifest)
        rule = str(values[0]).partition(":")[0] if name == "found" else str(values[0])
        if rule not in rules:
            what = "says what it found" if name == "found" else "rewrites texts"
            raise UsageError(f"{name}={values[0]}: no rule '{rule}' of this recipe {what}.{did_you_mean(rule, rules)}")
        words[name] = str(values[0])
    if lengths := [value for value in where.get("length", ()) if value not in length_classes()]:
        raise UsageError(f"length={lengths[0]}: the classes of lengths are {', '.join(length_classes())}.")
    chosen = {name: [str(value) for value in values] for name, values in where.items() if name in available}
    return conditions(list(available.values()), chosen, words)


def _transforms(manifest: Mapping[str, Any]) -> list[str]:
    # A rule that joins the parts of a thread rewrites as well, and is no transform.
    return [rule["name"] for rule in manifest["recipe"]["rules"] if rule["kind"] != "filter"]
