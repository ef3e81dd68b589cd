"""What the pages say of a random view is what the command line says of it."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from curation.asking.comparison import BY
from curation.corpus.corpus import Corpus
from curation.corpus.selection import KEPT, facets
from curation.disk.workspace import Workspace
from curation.options.commands import WordsOptions
from curation.options.export import ExportOptions
from curation.rules import RuleBook
from dashboards.queries import browse, compare, overview, rules, selection, words
from dashboards.queries.compare import Request
from dashboards.snapshot import Answers, Snapshot
from dashboards.view import View
from tests.cli.shell import Said, inside
from tests.workspaces import built

BOOK = RuleBook.load([])
SEARCHES = ("", "the", "lamp OR bread", '"on the"', "-a", "#", "/[aeiou]{2}/", "link:*")


def build(folder: Path) -> None:
    """The sample with two corpora, whose recipes some decisions by hand overrule."""
    data = folder / "data"
    assert inside("demo", data=data).rc == 0
    corpus = Corpus.open(Workspace(data), "baseline")
    posts = [
        post
        for condition, number in (("removed_by IS NULL", 4), ("removed_by IS NOT NULL", 5))
        for (post,) in corpus.rows(f"SELECT id FROM posts WHERE {condition} ORDER BY md5(id) LIMIT {number}")
    ]
    for deed, some in (("--remove", posts[:4]), ("--keep", posts[4:9])):
        assert inside("pin", *some, deed, data=data).rc == 0
    for which in (["baseline", "--pins-only"], ["strict", "--workers", "1"]):
        assert inside("run", *which, data=data).rc == 0


@pytest.fixture(scope="module")
def data() -> Path:
    """The workspace; only read here."""
    return built(build) / "data"


@functools.cache
def snapshot_of(data: Path, recipe: str) -> Snapshot:
    """The state of a corpus, with the answers that other views have left."""
    return Snapshot(Corpus.open(Workspace(data), recipe), Answers())


@functools.cache
def said_by(data: Path, *words: str) -> Said:
    """What a command prints with `--json`, asked once."""
    return inside(*words, "--json", data=data)


@st.composite
def views(draw: st.DrawFn, snapshot: Snapshot) -> View:
    """Some values of some facets, and perhaps a search."""
    counts = browse.counts(snapshot, View(), facets(snapshot.manifest)).facets
    names = [name for name in counts if name not in ("verdict", "by_hand")]
    chosen = {
        name: tuple(draw(st.lists(st.sampled_from([*counts[name].counts]), min_size=1, max_size=3, unique=True)))
        for name in draw(st.lists(st.sampled_from(names), max_size=2, unique=True))
    }
    return View(chosen=chosen, q=draw(st.sampled_from(SEARCHES)))


@given(drawn=st.data())
@settings(max_examples=10, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
def test_pages_and_commands_say_the_same(data, tmp_path_factory, drawn: st.DataObject):
    """Overview, Browse, Export, Words, Compare and Rules agree with `curation … --json` about a random view."""
    recipe, other = drawn.draw(st.permutations(["baseline", "strict"]))
    snapshot = snapshot_of(data, recipe)
    view = drawn.draw(views(snapshot))
    says_the_ledger(data, snapshot, view.chosen.get("author", ()))
    says_the_export(data, snapshot, view, tmp_path_factory.mktemp("exported"))
    says_the_words(data, snapshot, drawn.draw(st.sampled_from([*overview_authors(snapshot), None])), drawn)
    says_the_comparison(data, snapshot, drawn.draw(requests(snapshot, other)))
    says_the_rules(data, snapshot, drawn)


def overview_authors(snapshot: Snapshot) -> list[str]:
    """The authors of a corpus."""
    return [row.key for row in overview.ledger(snapshot).rows]


def says_the_ledger(data: Path, snapshot: Snapshot, authors: tuple[str, ...]) -> None:
    """Overview's bars, and Browse's count of authors, are the ledger's."""
    recipe, known = snapshot.corpus.recipe, facets(snapshot.manifest)
    for by in ("author", "month"):
        said = said_by(data, "ledger", recipe, "--by", by).json["rows"]
        rows = [
            {by: row.key, "downloaded": row.downloaded, "removed": row.removed, "kept": row.kept}
            for row in overview.ledger(snapshot, by).rows
        ]
        assert [{**row, "removed": _some(row["removed"])} for row in rows] == [
            {**{name: row[name] for name in (by, "downloaded", "kept")}, "removed": _some(row["removed"])}
            for row in said
        ]
    total = said_by(data, "ledger", recipe, *_each("--author", authors)).json["total"]
    counts = browse.counts(snapshot, View(chosen={"author": authors}), known)
    assert (counts.posts, counts.kept) == (total["downloaded"], total["kept"])
    verdicts = counts.facets["verdict"].counts
    assert _some(verdicts) == _some({KEPT: total["kept"], **total["removed"]})
    steps = overview.waterfall(overview.ledger(snapshot))
    assert steps[0].posts == steps[-1].posts + sum(step.posts for step in steps[1:-1])


def says_the_export(data: Path, snapshot: Snapshot, view: View, out: Path) -> None:
    """Browse's count of kept posts and Export's figures are those of the files that the page's command writes."""
    kept = browse.counts(snapshot, view, facets(snapshot.manifest)).kept
    options = ExportOptions(**selection.of_view(view), formats=("jsonl",))
    figures = selection.figures(snapshot, options)
    said = inside("export", snapshot.corpus.recipe, *options.words(), "--out", out, "--json", data=data)
    if not kept:
        assert (said.rc, figures.posts) == (3, 0)  # there is nothing to export
        return
    [file] = said.json["files"]
    assert (file["posts"], file["posts"], file["characters"]) == (kept, figures.posts, figures.characters)


def says_the_words(data: Path, snapshot: Snapshot, author: str | None, drawn: st.DataObject) -> None:
    """The page's words, lists and a comparison are those of `words`."""
    index = words.index_of(snapshot.corpus)
    assert index is not None
    of = drawn.draw(st.sampled_from([{}, *({"rule": rule} for rule in snapshot.corpus.removing_rules)]))
    given = [*_each("--author", [author] if author else []), *(word for k, v in of.items() for word in (f"--{k}", v))]
    said = said_by(data, "words", snapshot.corpus.recipe, *given)
    voice = words.voice_of(snapshot, index, author)
    if said.rc:  # nothing to compare
        assert of, said.err
        return
    answer = said.json
    assert voice.posts == answer["posts"]
    for name in ("words", "phrases", "function_words"):
        assert [(row.text, row.posts) for row in getattr(voice, name)] == _terms(answer["voice"][name])
    for table, one in zip(words.lists_of(snapshot, index, author), answer["lists"], strict=True):
        assert [(row.text, row.posts, row.kept) for row in table.rows] == _terms(one["rows"], "kept")
    if of and author is None:
        [found] = answer["keyness"]
        keyness = words.keyness_of(snapshot, index, WordsOptions(rule=of["rule"]))
        assert (keyness.posts_a, keyness.posts_b) == (found["posts_a"], found["posts_b"])
        for side in ("a", "b"):
            shown = [(row.text, row.posts, row.others) for row in getattr(keyness.words, side)]
            assert shown == _terms(found["words"][side], "others")


def requests(snapshot: Snapshot, other: str) -> st.SearchStrategy[Request]:
    """Another corpus, another threshold, or a rule left out."""
    least = st.sampled_from([1, 2, 5, 9]).map(lambda least: Request(set=(f"min_words.min={least}",)))
    without = st.sampled_from(snapshot.corpus.removing_rules).map(lambda rule: Request(without=(rule,)))
    return st.just(Request(against=other)) | least | without.filter(lambda request: request.without != ("by_hand",))


def says_the_comparison(data: Path, snapshot: Snapshot, request: Request) -> None:
    """Compare's figures, tables and flows are those of `compare`."""
    found = compare.outcome(snapshot, Workspace(data), request, BOOK)
    if found is None:  # only a run can tell, and the page says so
        return
    change = [*_each("--set", request.set), *_each("--without", request.without)]
    sides = [snapshot.corpus.recipe, *([request.against] if request.against else [])]
    said = said_by(data, "compare", *sides, *change, "--samples", "0", "--workers", "1").json
    assert {name: getattr(found.total, name) for name in FIGURES} == {name: said[name] for name in FIGURES}
    for by in BY:
        tables = {"author": said["rows"], **said["also"]}
        shown = {row.key: [getattr(row, name) for name in FIGURES] for row in found.rows(by)}
        assert shown == {row[by]: [row[name] for name in FIGURES] for row in tables[by]}
    changes = sorted((a, b, posts) for a, b, posts in found.flows() if KEPT in (a, b))
    assert changes == sorted((f["a"], f["b"], f["posts"]) for f in said["flows"] if KEPT in (f["a"], f["b"]))


FIGURES = ("both", "only_a", "only_b", "neither")


def says_the_rules(data: Path, snapshot: Snapshot, drawn: st.DataObject) -> None:
    """What each rule removes, and the points of a sweep, are those of `credit` and `sweep`."""
    recipe = snapshot.corpus.recipe
    said = said_by(data, "credit", recipe).json
    credit = rules.credit(snapshot, BOOK)
    assert (credit.posts, credit.kept) == (said["posts"], said["kept"])
    shown = [(rule.name, rule.matched, rule.first, rule.only, rule.without) for rule in credit.rules]
    assert shown == [tuple(r[name] for name in ("rule", "matched", "first", "only", "without")) for r in said["rules"]]
    threshold = drawn.draw(st.sampled_from(rules.measured_thresholds(snapshot, BOOK)))
    swept = rules.swept(snapshot, threshold, BOOK)
    if swept is None:  # only a trial of each value can tell, and the page says so
        return
    exact = [point for point in swept.points if point.exact][:4]
    if not exact:  # the page calls them estimates
        return
    values = ",".join(f"{point.value:g}" for point in exact)
    points = said_by(data, "sweep", recipe, threshold.parameter, values).json["points"]
    assert [(p.value, p.kept, p.removed_by_rule) for p in exact] == [
        (p["value"], p["kept"], p["removed_by_rule"]) for p in points
    ]


def _each(flag: str, values: Any) -> list[str]:
    return [f"{flag}={value}" for value in values]


def _some(counts: Any) -> dict[str, int]:
    return {name: posts for name, posts in counts.items() if posts}


def _terms(rows: list[dict[str, Any]], *more: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in ("text", "posts", *more)) for row in rows]
