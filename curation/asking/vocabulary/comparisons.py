"""Which sides are compared: by a request, or each rule, each larger author and each year."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from curation.asking.vocabulary import cells
from curation.asking.vocabulary.cells import Cells
from curation.asking.vocabulary.index import indexed
from curation.asking.vocabulary.index_file import WordIndex
from curation.asking.vocabulary.keyness import Comparison, Side
from curation.corpus.corpus import Corpus
from curation.corpus.ledger import UNKNOWN
from curation.corpus.selection import KEPT
from curation.errors import NothingToDoError, UsageError, did_you_mean
from curation.options.commands import WordsOptions

#: Fewest posts of a side of a comparison that nobody asked for, and most authors and years of such.
ENOUGH, MOST = 10, 12

Progress = Callable[[int, int], None]


def comparisons(
    corpus: Corpus, index: WordIndex, request: WordsOptions, on_progress: Progress = lambda done, total: None
) -> Iterator[Comparison]:
    """The comparisons of a request; without one, all that a corpus offers."""
    requested = [name for name in ("rule", "year", "against") if getattr(request, name)]
    if len(requested) > 1:
        raise UsageError(f"Give one of --rule, --year and --against, not {' and '.join(f'--{n}' for n in requested)}.")
    if request.other_year and not request.year:
        raise UsageError("--other-year needs --year.")
    if request.rule:
        yield of_rule(corpus, index, request.rule, request.author)
    elif request.year:
        yield of_year(corpus, index, request.year, request.other_year, request.author)
    elif request.against:
        yield from _of_corpora(corpus, index, request, on_progress)
    elif request.author:
        yield of_author(corpus, index, request.author)
    else:
        offered = offers(index)
        yield from (of_rule(corpus, index, rule) for rule in offered["rule"])
        yield from (of_author(corpus, index, author) for author in offered["author"])
        yield from (of_year(corpus, index, year) for year in offered["year"])


def offers(index: WordIndex) -> dict[str, list[str]]:
    """The rules, authors and years with enough posts to compare, most posts first; years in order."""
    answer: dict[str, list[str]] = {}
    for kind, column, where in (
        ("rule", "verdict", f"verdict <> '{KEPT}'"),
        ("author", "author", f"verdict = '{KEPT}'"),
        ("year", "left(month, 4)", f"verdict = '{KEPT}' AND month <> '{UNKNOWN}'"),
    ):
        rows = index.rows(
            f"SELECT {column} AS name FROM {{cells}} WHERE {where} GROUP BY name HAVING sum(posts) >= {ENOUGH} "
            f"ORDER BY sum(posts) DESC, name LIMIT {MOST if kind != 'rule' else 100}"
        )
        answer[kind] = [name for (name,) in rows]
    answer["year"].sort()
    for kind in ("author", "year"):
        if len(answer[kind]) < 2:  # with what would one be compared?
            answer[kind] = []
    return answer


def of_rule(corpus: Corpus, index: WordIndex, rule: str, author: str | None = None) -> Comparison:
    """What a rule removes, against what is kept. Raises `NothingToDoError` when it removes nothing."""
    verdicts = [name for (name,) in index.rows("SELECT DISTINCT verdict FROM {cells} ORDER BY 1") if name != KEPT]
    if rule not in verdicts:
        raise NothingToDoError(f"No rule '{rule}' removes a post of '{corpus.recipe}'.{did_you_mean(rule, verdicts)}")
    whose, chosen = cells.by(author), _of(author)
    a = Side(f"removed by {rule}", corpus.recipe, cells.removed_by(rule) & whose, {"verdict": (rule,), **chosen})
    b = Side("kept", corpus.recipe, cells.kept() & whose, {"verdict": (KEPT,), **chosen})
    return Comparison("rule", rule, a, b, index, index)


def of_author(corpus: Corpus, index: WordIndex, author: str) -> Comparison:
    """The kept posts of an author against those of all others."""
    a = Side(author, corpus.recipe, cells.kept() & cells.by(author), {"verdict": (KEPT,), "author": (author,)})
    others = cells.kept() & Cells("author <> ?", (author,))
    return Comparison("author", author, a, Side("all other authors", corpus.recipe, others, _KEPT), index, index)


def of_year(
    corpus: Corpus, index: WordIndex, year: str, other: str | None = None, author: str | None = None
) -> Comparison:
    """The kept posts of a year against those of another one; None: of all others. Raises `NothingToDoError`."""
    months = [month for (month,) in index.rows("SELECT DISTINCT month FROM {cells} ORDER BY 1") if month != UNKNOWN]
    years = sorted({month[:4] for month in months})
    for one in filter(None, (year, other)):
        if one not in years:
            raise NothingToDoError(f"There is no post of {one} in '{corpus.recipe}'.{did_you_mean(one, years)}")
    if year == other:
        raise UsageError(f"--other-year {other}: that is the same year.")
    whose = cells.kept() & cells.by(author)

    def side(title: str, condition: Cells, among: list[str]) -> Side:
        return Side(title, corpus.recipe, whose & condition, {**_KEPT, **_of(author), "month": tuple(among)})

    rest = cells.in_year(other) if other else Cells(f"left(month, 4) <> ? AND month <> '{UNKNOWN}'", (year,))
    a = side(year, cells.in_year(year), [month for month in months if month[:4] == year])
    others = [month for month in months if (month[:4] == other if other else month[:4] != year)]
    b = side(other or "all other years", rest, others)
    return Comparison("year", f"{year}:{other}" if other else year, a, b, index, index)


def _of_corpora(corpus: Corpus, index: WordIndex, request: WordsOptions, on_progress: Progress) -> Iterator[Comparison]:
    """The kept posts of two corpora; the index of the other one is made if need be."""
    other = Corpus.open(corpus.folder.parent.parent, str(request.against))
    if other.recipe == corpus.recipe:
        raise UsageError(f"--against {request.against}: that is the same corpus.")
    whose, chosen = cells.kept() & cells.by(request.author), {**_KEPT, **_of(request.author)}
    a, b = (Side(f"kept by {each.recipe}", each.recipe, whose, chosen) for each in (corpus, other))
    with indexed(other, on_progress) as second:
        yield Comparison("corpus", other.recipe, a, b, index, second)


_KEPT = {"verdict": (KEPT,)}


def _of(author: str | None) -> dict[str, tuple[str, ...]]:
    return {"author": (author,)} if author else {}
