"""What each rule of a recipe removes: all that it matches, what only it removes, and what it shares with others.

Everything is counted from `matched`, in one query. A rule that is costly or compares posts looks only at posts that no
earlier rule removes, so it never stands behind others in `matched`: its overlap with them is not known, and what would
be kept without an earlier rule is an estimate, since the later one would look at more posts. Each figure says whether
it is one, and with `exact=True` the recipe is judged without the rule (see `curation.asking.judge`).

>>> credit = Credit.of(Corpus.open("data"), exact=True)              # doctest: +SKIP
>>> credit.rules[0].only                                             # doctest: +SKIP
39
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from curation.asking.approach import Way, approach
from curation.asking.judge import judge
from curation.asking.variants import recipe_of, without
from curation.asking.verdict_cache import VerdictCache
from curation.corpus.corpus import Corpus
from curation.errors import RecipeError
from curation.recipes.recipe import Recipe
from curation.rules import RuleBook
from curation.sql import literal

#: Share of posts above which a rule is said to remove much.
MOST = 0.3


@dataclass(frozen=True)
class RuleCredit:
    """What a filter or dedup removes; figures are posts."""

    name: str
    use: str
    label: str
    matched: int  # that it would remove, whether or not another rule does
    first: int  # that it removes first: the ledger's figure
    only: int  # that it removes and no other rule
    without: int  # that would be kept if it were left out
    exact: bool  # of `without`
    how: Way  # of `without`; `NEEDS_RUN`: an estimate that only a run can better
    rewrote: int = 0  # whose text it changed, as rules that join posts do

    def to_json(self) -> dict[str, Any]:
        """For `curation credit --json`."""
        return {
            "rule": self.name,
            "use": self.use,
            "label": self.label,
            "matched": self.matched,
            "first": self.first,
            "only": self.only,
            "without": self.without,
            "exact": self.exact,
            "how": self.how,
            "rewrote": self.rewrote,
        }


@dataclass(frozen=True)
class Rewriting:
    """What a transform did."""

    name: str
    label: str
    rewrote: int  # posts whose text it changed


@dataclass(frozen=True)
class Credit:
    """What each rule of a corpus's recipe removes."""

    recipe: str
    posts: int
    kept: int
    rules: tuple[RuleCredit, ...]  # filters and dedups, in recipe order
    transforms: tuple[Rewriting, ...]  # in recipe order
    overlap: tuple[tuple[tuple[str, ...], int], ...]  # rules that match together and no others, posts; most first
    most: float  # share of posts above which a rule is warned of

    @classmethod
    def of(
        cls,
        corpus: Corpus,
        *,
        exact: bool = False,
        book: RuleBook | None = None,
        authors: Sequence[str] = (),
        most: float = MOST,
        cache: VerdictCache | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Credit:
        """Count what each rule removes from a corpus.

        With `exact` the recipe is judged without each rule of which a query gives an estimate; `book` must know the
        corpus's rules then, a `cache` is shared, and `progress` is called with the number of rules so far and of all.
        `authors` limits all figures to the posts of these. Raises `NothingToDoError` for an author without posts,
        `RecipeError`.
        """
        cache = cache or VerdictCache()
        for author in authors:
            corpus.require_author(author)
        counted = _counted(corpus, authors)
        try:
            recipe = recipe_of(corpus, book)
        except RecipeError:  # a rule that is not here: the columns have figures all the same
            if exact:
                raise
            recipe = None
        removing = [rule for rule in corpus.rules if rule["kind"] != "transform"]
        rules = []
        for number, rule in enumerate(removing):
            rules.append(_credited(rule, counted, recipe))
            if exact and not rules[-1].exact and recipe:
                rules[-1] = _judged(corpus, recipe, rules[-1], authors, book, cache)
            if progress:
                progress(number + 1, len(removing))
        return cls(
            recipe=corpus.recipe,
            posts=counted.posts,
            kept=counted.kept,
            rules=tuple(rules),
            transforms=tuple(
                Rewriting(rule["name"], rule["label"], counted.rewrote[rule["name"]])
                for rule in corpus.rules
                if rule["kind"] == "transform"
            ),
            overlap=tuple(sorted(counted.together.items(), key=lambda each: (-each[1], each[0]))),
            most=most,
        )

    @property
    def pairs(self) -> dict[tuple[str, str], int]:
        """Posts that two rules both match, by the rules' names in recipe order; pairs without any are left out."""
        pairs: Counter[tuple[str, str]] = Counter()
        for names, posts in self.overlap:
            for pair in itertools.combinations(names, 2):
                pairs[pair] += posts
        return dict(pairs.most_common())

    @property
    def warnings(self) -> tuple[str, ...]:
        """Rules that one may want to look at, a sentence each."""
        return tuple(sentence for rule in self.rules for sentence in self._warned(rule))

    def _warned(self, rule: RuleCredit) -> list[str]:
        sentences = []
        if not rule.matched:
            sentences.append(f"{rule.name} removes nothing: it matches none of the posts that it looks at.")
        elif not rule.only:
            others = Counter({name: posts for pair, posts in self.pairs.items() for name in pair if rule.name in pair})
            others.pop(rule.name, None)
            [(other, posts)] = others.most_common(1) or [("", 0)]
            sentences.append(
                f"{rule.name} removes nothing that others don't: of the {_posts(rule.matched)} that it matches, "
                f"{other} matches {posts:,}."
            )
        if self.posts and rule.matched > self.most * self.posts:
            sentences.append(
                f"{rule.name} would remove {100 * rule.matched / self.posts:.1f} % of the posts ({rule.matched:,} of "
                f"{self.posts:,}), more than {100 * self.most:g} %."
            )
        return sentences

    def to_json(self, top: int = 0) -> dict[str, Any]:
        """For `curation credit --json`; at most `top` sets of rules, 0: all."""
        return {
            "schema": 1,
            "recipe": self.recipe,
            "posts": self.posts,
            "kept": self.kept,
            "rules": [rule.to_json() for rule in self.rules],
            "transforms": [{"rule": t.name, "label": t.label, "rewrote": t.rewrote} for t in self.transforms],
            "overlap": [{"rules": list(names), "posts": posts} for names, posts in self.overlap[: top or None]],
            "pairs": [{"rules": list(pair), "posts": posts} for pair, posts in self.pairs.items()],
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True)
class _Counted:
    """What one query says."""

    first: Counter[str | None]  # posts by the rule that removes them; None: kept
    together: Counter[tuple[str, ...]]  # removed posts by all rules that match
    rewrote: Counter[str]

    @property
    def posts(self) -> int:
        return self.first.total()

    @property
    def kept(self) -> int:
        return self.first[None]


def _counted(corpus: Corpus, authors: Sequence[str]) -> _Counted:
    counted = _Counted(Counter(), Counter(), Counter())
    rows = corpus.rows(
        f"SELECT removed_by, matched, rewritten_by, count(*) FROM posts WHERE {_of(authors)} GROUP BY ALL"
    )
    for removed_by, matched, rewritten_by, posts in rows:
        counted.first[removed_by] += posts
        if matched:
            counted.together[tuple(matched)] += posts
        for name in rewritten_by:
            counted.rewrote[name] += posts
    return counted


def _of(authors: Sequence[str]) -> str:
    return f"author IN ({', '.join(map(literal, authors))})" if authors else "true"


def _credited(rule: dict[str, Any], counted: _Counted, recipe: Recipe | None) -> RuleCredit:
    """What the columns say of a rule; `recipe` is that of the corpus, None when not all of its rules are known."""
    name = rule["name"]
    first, only = counted.first[name], counted.together[(name,)]
    # A rule that removes no post first leaves all later rules the posts that they saw.
    alone = not first or (recipe is not None and approach(recipe, without(recipe, name)).way is Way.QUERIED)
    exact = alone and not counted.rewrote[name]
    return RuleCredit(
        name=name,
        use=rule["use"],
        label=rule["label"],
        matched=sum(posts for names, posts in counted.together.items() if name in names),
        first=first,
        only=only,
        without=counted.kept + only,
        exact=exact,
        how=Way.QUERIED if exact else Way.ESTIMATED,
        rewrote=counted.rewrote[name],
    )


def _judged(
    corpus: Corpus, recipe: Recipe, rule: RuleCredit, authors: Sequence[str], book: RuleBook | None, cache: VerdictCache
) -> RuleCredit:
    """The same with the recipe judged without the rule; as it was when only a run can tell."""
    verdicts = judge(without(recipe, rule.name), corpus, book=book, cache=cache)
    if verdicts is None:
        return replace(rule, how=Way.NEEDS_RUN)
    if authors:
        [(kept,)] = verdicts.rows(f"SELECT count(*) FROM posts WHERE removed_by IS NULL AND {_of(authors)}")
    else:
        kept = verdicts.counts[None]
    return replace(rule, without=kept, exact=True, how=verdicts.way)


def _posts(number: int) -> str:
    return f"{number:,} post{'' if number == 1 else 's'}"
