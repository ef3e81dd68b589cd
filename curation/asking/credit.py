"""What each rule of a recipe removes: all posts that it matches, and those that only it matches.

One query counts everything from `matched`. A rule that is expensive or compares posts looks only at posts that no
earlier rule removes, so its overlap with earlier rules is unknown. Without an earlier rule it would look at more posts,
and could remove some of them. Where verdicts in memory can tell, they are counted; elsewhere the number of posts that
would be kept is a bound, and says so. `exact=True` judges the recipe without the rule (see `curation.asking.judge`),
which takes a while: `Effort.of` says how long.

>>> credit = Credit.of(Corpus.open("data"), exact=True)              # doctest: +SKIP
>>> credit.rules[0].only                                             # doctest: +SKIP
39
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from curation.asking.approach import Approach, Way, approach, duration
from curation.asking.judge import judge
from curation.asking.variants import recipe_of, without
from curation.asking.verdict_cache import VerdictCache
from curation.corpus.corpus import Corpus
from curation.corpus.rejudging import Settled
from curation.errors import RecipeError
from curation.recipes.recipe import Recipe
from curation.recipes.verdict import BY_HAND
from curation.rules import RuleBook
from curation.sql import literal
from curation.writing.terminal import count

#: Share of posts above which a rule gets a warning.
MOST = 0.3


@dataclass(frozen=True)
class RuleCredit:
    """What a filter or dedup removes; figures are posts."""

    name: str
    use: str
    label: str
    matched: int  # that it would remove, even if another rule does
    first: int  # that it removes first, as in the ledger
    only: int  # that no other rule removes
    without: int  # that would be kept without the rule
    exact: bool  # of `without`
    how: Way  # of `without`; `NEEDS_RUN`: an estimate, and only a run is exact
    rewrote: int = 0  # whose text it changed: some rules join posts
    at_most: bool = False  # `without` is a bound: later rules would see more posts, with the same texts

    def words(self, kept: int) -> str:
        """`without`, and how many more than the `kept` ones that is: "at most 314,557 (+15,700)"."""
        sign = "" if self.exact else "at most " if self.at_most else "≈ "
        return f"{sign}{self.without:,} ({self.without - kept:+,})"

    def to_json(self) -> dict[str, Any]:
        """For `curation credit --json`."""
        figures = asdict(self)
        return {"rule": figures.pop("name"), **figures}


@dataclass(frozen=True)
class Effort:
    """What exact figures of all rules take."""

    tries: int  # rules without which the recipe is judged
    seconds: float  # about, on two cores

    @classmethod
    def of(cls, corpus: Corpus, credit: Credit, book: RuleBook | None = None) -> Effort:
        """What it takes to make the bounds of `credit` exact. Raises `RecipeError`."""
        recipe, tries, micros = recipe_of(corpus, book), 0, 0.0
        for rule in credit.rules:
            if rule.at_most:
                tries += 1
                micros += approach(recipe, without(recipe, rule.name)).microseconds
        [(posts,)] = corpus.rows("SELECT count(*) FROM posts")
        return cls(tries, micros * posts / 1_000_000)

    @property
    def words(self) -> str:
        """How long it takes, in words."""
        return duration(self.seconds)


@dataclass(frozen=True)
class Rewriting:
    """What a transform rewrote."""

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
    overlap: tuple[
        tuple[tuple[str, ...], int], ...
    ]  # sets of rules that match the same posts, with the posts; most first
    most: float  # share of posts above which a rule gets a warning

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

        Verdicts that fit in memory are always counted. `exact` judges the recipe without each rule whose figure is a
        bound; `book` must know the corpus's rules then, and `progress` is called with the number of rules so far and of
        all. `authors` limits all figures to the posts of these authors. Raises `NothingToDoError` for an author without
        posts, `RecipeError`.
        """
        cache = cache or VerdictCache()
        for author in authors:
            corpus.require_author(author)
        counted = _Counted.of(corpus, authors)
        try:
            recipe = recipe_of(corpus, book)
        except RecipeError:  # a rule is unknown; the columns still have figures
            if exact:
                raise
            recipe = None
        removing = [rule for rule in corpus.rules if rule["kind"] != "transform"]
        rules = []
        for number, rule in enumerate(removing):
            case = approach(recipe, without(recipe, rule["name"])) if recipe else None
            rules.append(_credited(rule, counted, case))
            if not rules[-1].exact and recipe and case and (case.is_packed or exact) and case.way is not Way.NEEDS_RUN:
                rules[-1] = _judged(corpus, recipe, rules[-1], authors, book, cache)
            if progress:
                progress(number + 1, len(removing))
        return cls(
            recipe=corpus.recipe,
            posts=counted.first.total(),
            kept=counted.first[None],
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
        """Posts that two rules both match, by the names of the rules in recipe order, without zeros."""
        pairs: Counter[tuple[str, str]] = Counter()
        for names, posts in self.overlap:
            for pair in itertools.combinations(names, 2):
                pairs[pair] += posts
        return dict(pairs.most_common())

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences on rules that deserve a look."""
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
                f"{rule.name} removes nothing that others don't: of the {count(rule.matched, 'post')} that it matches, "
                f"{other} matches {posts:,}."
            )
        if self.posts and rule.matched > self.most * self.posts:
            sentences.append(
                f"{rule.name} would remove {100 * rule.matched / self.posts:.1f}% of the posts ({rule.matched:,} of "
                f"{self.posts:,}), more than {100 * self.most:g}%."
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


def credit_of_json(content: Mapping[str, Any], most: float = MOST) -> Credit:
    """The credit that `curation credit --json` has printed with all sets."""
    rules = tuple(
        RuleCredit(name=each["rule"], how=Way(each["how"]), **{k: each[k] for k in each if k not in ("rule", "how")})
        for each in content["rules"]
    )
    return Credit(
        content["recipe"], content["posts"], content["kept"], rules,
        tuple(Rewriting(each["rule"], each["label"], each["rewrote"]) for each in content["transforms"]),
        tuple((tuple(each["rules"]), each["posts"]) for each in content["overlap"]), most,
    )  # fmt: skip


@dataclass(frozen=True)
class _Counted:
    """Counts of the posts of a corpus."""

    first: Counter[str | None]  # by what removes them, None: kept
    alone: Counter[str | None]  # by the rule that removes them without pins
    together: Counter[tuple[str, ...]]  # by all matching rules, those without any left out
    freed: Counter[str]  # by the only rule that matches, where no pin decides: kept without the rule
    rewrote: Counter[str]  # by each rule that rewrote them

    @classmethod
    def of(cls, corpus: Corpus, authors: Sequence[str]) -> _Counted:
        """Count the posts of some authors, or all."""
        counted = cls(Counter(), Counter(), Counter(), Counter(), Counter())
        pin = f"{BY_HAND} IS NOT NULL" if corpus.pins else "false"
        rows = corpus.rows(
            f"SELECT removed_by, matched, rewritten_by, {pin}, count(*) FROM posts WHERE {_of(authors)} GROUP BY ALL"
        )
        for removed_by, matched, rewritten_by, pinned, posts in rows:
            counted.first[removed_by] += posts
            counted.alone[matched[0] if matched else None] += posts
            if matched:
                counted.together[tuple(matched)] += posts
            if len(matched or ()) == 1 and not pinned:
                counted.freed[matched[0]] += posts
            for name in rewritten_by:
                counted.rewrote[name] += posts
        return counted


def _of(authors: Sequence[str]) -> str:
    return f"author IN ({', '.join(map(literal, authors))})" if authors else "true"


def _credited(rule: dict[str, Any], counted: _Counted, case: Approach | None) -> RuleCredit:
    """The figures of a rule from the columns; `case` is the recipe without it, None if a rule of it is unknown."""
    name, together, rewrote = rule["name"], counted.together, counted.rewrote
    # Without a rule that removes no post first, later rules see the same posts.
    exact = not rewrote[name] and (not counted.alone[name] or (case is not None and not _revives(name, together, case)))
    bound = not exact and not rewrote[name] and case is not None and case.way is Way.RECALCULATED
    how = Way.QUERIED if exact else Way.NEEDS_RUN if case and case.way is Way.NEEDS_RUN else Way.ESTIMATED
    return RuleCredit(
        name=name,
        use=rule["use"],
        label=rule["label"],
        matched=sum(posts for names, posts in together.items() if name in names),
        first=counted.first[name],
        only=together[(name,)],
        without=counted.first[None] + counted.freed[name],
        exact=exact,
        how=how,
        rewrote=rewrote[name],
        at_most=bound,
    )


def _revives(name: str, together: Counter[tuple[str, ...]], case: Approach) -> bool:
    """Whether a rule that is computed again could see more posts without the rule `name`."""
    if case.way is Way.QUERIED:
        return False
    if case.way is not Way.RECALCULATED:
        return True
    # The rules before the first one that is computed again: a post that one of them removes stays out of its sight.
    settled = {rule.name for rule in itertools.takewhile(lambda rule: isinstance(rule, Settled), case.rules)}
    return any(posts and name in names and settled.isdisjoint(names) for names, posts in together.items())


def _judged(
    corpus: Corpus, recipe: Recipe, rule: RuleCredit, authors: Sequence[str], book: RuleBook | None, cache: VerdictCache
) -> RuleCredit:
    """The same with exact figures: judges the recipe without the rule. Unchanged if that needs a run."""
    verdicts = judge(without(recipe, rule.name), corpus, book=book, cache=cache)
    if verdicts is None:
        return replace(rule, how=Way.NEEDS_RUN, at_most=False)
    if authors:
        [(kept,)] = verdicts.rows(f"SELECT count(*) FROM posts WHERE removed_by IS NULL AND {_of(authors)}")
    else:
        kept = verdicts.counts[None]
    return replace(rule, without=kept, exact=True, how=verdicts.way, at_most=False)
