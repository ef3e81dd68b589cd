"""Selections of a corpus's posts: by facets, by a search, by what was rewritten.

A `Facet` has a name, an expression for a post's value, and words for people. The dashboard's addresses, the options of
`curation export` and the manifests of exports use the same names. Values go into SQL only as parameters.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation import sql
from curation.corpus.corpus import Corpus
from curation.corpus.ledger import UNKNOWN, key_of
from curation.corpus.post_map import PostMap, map_of
from curation.corpus.search import parse
from curation.disk.workspace import Workspace
from curation.errors import UsageError, WorkspaceError, did_you_mean
from curation.recipes.verdict import BY_HAND

#: The value of the facet `verdict` for kept posts; no rule can have this name.
KEPT = "kept"

#: Least characters of each class of lengths.
LENGTHS = (0, 20, 40, 80, 160, 280)


@dataclass(frozen=True)
class Facet:
    """One way to divide posts; each post has one value of it."""

    name: str  # in the address, and on the command line
    label: str  # for people
    doc: str  # for people
    value: str  # SQL over `posts`, a text


@dataclass(frozen=True)
class Condition:
    """One condition on posts."""

    name: str  # the facet, or one of `WORDS`
    values: tuple[str, ...]  # a post has any of them
    sql: str  # over `posts`
    parameters: tuple[Any, ...]


def length_classes() -> list[str]:
    """The values of the facet `length`, shortest first."""
    ends = [f"{low}-{high - 1}" for low, high in itertools.pairwise(LENGTHS)]
    return [*ends, f"{LENGTHS[-1]}+"]


KIND = "CASE WHEN is_repost THEN 'repost' WHEN is_reply THEN 'reply' WHEN is_quote THEN 'quote' ELSE 'post' END"
_SHORTER = " ".join(
    f"WHEN length(text) < {high} THEN {sql.literal(name)}"
    for high, name in zip(LENGTHS[1:], length_classes(), strict=False)
)
LENGTH = f"CASE {_SHORTER} ELSE {sql.literal(length_classes()[-1])} END"


#: The values of the facet `by_hand`; the last two are posts that the recipe decides.
KEPT_SO, REMOVED_SO, AGREED, UNPINNED = "kept", "removed", "agreed", "no"
PINNED = (
    f"CASE WHEN by_hand IS NULL THEN '{UNPINNED}' WHEN by_hand = 'kept' AND len(matched) > 0 THEN '{KEPT_SO}' "
    f"WHEN by_hand = 'removed' AND len(matched) = 0 THEN '{REMOVED_SO}' ELSE '{AGREED}' END"
)


def facets(manifest: Mapping[str, Any]) -> tuple[Facet, ...]:
    """The facets of a corpus, in the order in which they are shown."""
    language = key_of("language", manifest)
    verdict = f"coalesce(removed_by, '{KEPT}')"
    by_hand = (Facet(BY_HAND, "By hand", "What a pin decided, and whether the recipe agrees.", PINNED),)
    return (
        Facet("verdict", "Verdict", "Kept, or the first rule that removes the post.", verdict),
        *(by_hand if manifest.get("pins") else ()),
        Facet("author", "Author", "Who posted it.", _value("author")),
        Facet("month", "Month", "When it was posted, UTC.", _value("strftime(created_at::TIMESTAMP, '%Y-%m')")),
        Facet("language", "Language", "As the recipe's rule found it, else as the platform says.", _value(language)),
        Facet("kind", "Kind", "A repost, a reply, a quote, or none of these.", KIND),
        Facet("length", "Characters", "Of the text after all rewriting, in code points.", LENGTH),
        Facet("client", "App", "The application that posted it.", _value("client")),
        Facet("platform", "Platform", "Where it was posted.", _value("platform")),
    )


#: The facet of posts on a map, and its values for posts that are in no cluster.
CLUSTER, BETWEEN, ABSENT = "cluster", "between clusters", "not on the map"


def map_of_corpus(corpus: Corpus) -> PostMap | None:
    """The map of a corpus; None without one that can be read."""
    try:
        return map_of(Workspace(corpus.folder.parent.parent), corpus.folder.name)
    except WorkspaceError:  # it is damaged, as the page Map says
        return None


def facets_of(corpus: Corpus, post_map: PostMap | None = None) -> tuple[Facet, ...]:
    """The facets of a corpus, and with a map of it also the cluster that a post lies in."""
    post_map = post_map or map_of_corpus(corpus)
    if post_map is None:
        return facets(corpus.manifest)
    # Other names within, so that `platform` and `id` are those of the post outside.
    value = (
        f"coalesce((SELECT any_value(CASE WHEN there < 0 THEN '{BETWEEN}' ELSE its_name END) FROM (SELECT platform AS "
        "its_platform, id AS its_id, cluster AS there, cluster_name AS its_name "
        f"FROM read_parquet({sql.literal(str(post_map.file))})) "
        f"WHERE its_platform = platform AND its_id = id), '{ABSENT}')"
    )
    cluster = Facet(CLUSTER, "Cluster", "Where the post lies on the map, by the typical words of its cluster.", value)
    return (*facets(corpus.manifest), cluster)


def stale(corpus: Corpus, where: Mapping[str, Sequence[str]]) -> list[str]:
    """A sentence if posts are chosen by their cluster on a map of an earlier state of the corpus."""
    post_map = map_of_corpus(corpus) if where.get(CLUSTER) else None
    if post_map is None or post_map.is_of(corpus):
        return []
    return ["The map is of an earlier state of this corpus: posts that came later are in no cluster."]


def _value(column: str) -> str:
    return f"coalesce(nullif({column}, ''), {sql.literal(UNKNOWN)})"


def recording(manifest: Mapping[str, Any]) -> list[str]:
    """The transforms of a corpus that record what they changed, in a column of their name."""
    rules = manifest["recipe"]["rules"]
    return [rule["name"] for rule in rules if rule["kind"] == "transform" and rule["name"] in rule["columns"]]


#: Conditions besides facets, one value each: a search (`curation.corpus.search`); a change that a transform
#: recorded, as `rule:words`; a transform that changed the post; a rule that would remove it, first or not; the only
#: rule that would, or several as `rule,rule` that all would, and no others; some posts, as `platform:id platform:id`.
WORDS = ("q", "found", "rewritten", "matched", "only", "posts")
#: Most posts of a list of posts.
LISTED = 500


def conditions(
    available: Sequence[Facet], chosen: Mapping[str, Sequence[str]], words: Mapping[str, str]
) -> list[Condition]:
    """Conditions from chosen values of `available` facets, and from `words`, some of `WORDS`.

    Raises `UsageError` for a search that can't be read.
    """
    terms = [
        Condition(facet.name, tuple(values), f"list_contains(?, {facet.value})", (list(values),))
        for facet in available
        if (values := chosen.get(facet.name))
    ]
    if (search := parse(words.get("q", ""))).node:
        has, parameters = search.condition()
        terms.append(Condition("q", (search.text,), has, tuple(parameters)))
    if found := words.get("found"):
        rule, _, what = found.partition(":")
        among = f"list_contains(string_split({sql.identifier(rule)}, ', '), ?)"
        terms.append(Condition("found", (found,), among, (what,)))
    for name, column in (("rewritten", "rewritten_by"), ("matched", "matched")):
        if one := words.get(name):
            terms.append(Condition(name, (one,), f"list_contains({column}, ?)", (one,)))
    if rules := words.get("only"):
        # `matched` has each rule once, so this number of them means all of them.
        these = list(dict.fromkeys(rules.split(",")))
        all_of_these = f"len(matched) = {len(these)} AND list_has_all(matched, ?::VARCHAR[])"
        terms.append(Condition("only", (rules,), all_of_these, (these,)))
    if names := words.get("posts"):
        these = names.split(" ")
        if len(these) > LISTED:
            raise UsageError(f"A list of posts has at most {LISTED} of them; given were {len(these):,}.")
        among = "(platform || ':' || id) IN (SELECT unnest(?::VARCHAR[]))"
        terms.append(Condition("posts", (names,), among, (these,)))
    return terms


def joined(terms: Iterable[Condition]) -> tuple[str, list[Any]]:
    """SQL: whether a post meets all conditions; and its parameters."""
    terms = list(terms)
    parameters = [parameter for condition in terms for parameter in condition.parameters]
    return " AND ".join(condition.sql for condition in terms) or "true", parameters


#: Conditions that only removed posts can meet.
OF_REMOVED = ("verdict", "matched", "only")


def of_kept(corpus: Corpus, where: Mapping[str, Sequence[str]], search: str = "") -> list[Condition]:
    """Conditions on kept posts: values by facet, or by `rewritten`, `found` and `posts`; and a search.

    Raises `UsageError` for a search that can't be read, and for a condition that no corpus of this recipe can meet, or
    no kept post; `NothingToDoError` for a cluster without a map.
    """
    manifest = corpus.manifest
    known = facets_of(corpus) if CLUSTER in where else facets(manifest)
    available = {facet.name: facet for facet in known if facet.name not in OF_REMOVED}
    words = {"q": search}
    for name, values in where.items():
        if name in OF_REMOVED:
            raise UsageError(f"Only kept posts are exported, and '{name}' tells kept posts from removed ones.")
        if name in available:
            continue
        if name == CLUSTER:
            PostMap.open(Workspace(corpus.folder.parent.parent), corpus.folder.name)  # says why there is none
        if name not in ("rewritten", "found", "posts"):
            names = [*available, "rewritten", "found", "posts"]
            raise UsageError(f"Posts can't be chosen by '{name}'.{did_you_mean(name, names)}")
        if name == "posts":
            words[name] = " ".join(map(str, values))
            continue
        if len(values) > 1:
            raise UsageError(f"'{name}' takes one value; given were {', '.join(values)}.")
        # A rule that joins the parts of a thread rewrites too, and is no transform.
        rewriting = [rule["name"] for rule in manifest["recipe"]["rules"] if rule["kind"] != "filter"]
        rules = recording(manifest) if name == "found" else rewriting
        rule = str(values[0]).partition(":")[0] if name == "found" else str(values[0])
        if rule not in rules:
            what = "says what it found" if name == "found" else "rewrites texts"
            raise UsageError(f"{name}={values[0]}: no rule '{rule}' of this recipe {what}.{did_you_mean(rule, rules)}")
        words[name] = str(values[0])
    if lengths := [value for value in where.get("length", ()) if value not in length_classes()]:
        raise UsageError(f"length={lengths[0]}: the classes of lengths are {', '.join(length_classes())}.")
    chosen = {name: [str(value) for value in values] for name, values in where.items() if name in available}
    return conditions(list(available.values()), chosen, words)
