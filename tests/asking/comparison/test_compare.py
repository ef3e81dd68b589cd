"""What a comparison says is what the two corpora say, however its sides are found."""

from __future__ import annotations

import dataclasses
import datetime
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import curation
from curation import compare
from curation.asking import comparison
from curation.asking.comparison import BY, PairedPosts
from curation.asking.comparison.resolve import Side
from curation.asking.comparison.result import Flow
from curation.asking.verdicts import Verdicts
from curation.corpus.corpus import Corpus
from curation.corpus.curate import curate
from curation.corpus.run_context import RunContext
from curation.disk import states
from curation.disk.workspace import Workspace
from curation.engines.local import LocalEngine
from curation.errors import NothingToDoError, RecipeError, UsageError, WorkspaceError
from curation.recipes.recipe import Recipe
from curation.rules import RuleBook
from tests.cli.shell import jsonl
from tests.corpora import rule, write_corpus

RULES = [rule("short", measure="short"), rule("reply"), rule("copy", kind="dedup")]
VERDICTS = st.sampled_from([None, None, "short", "reply", "copy"])
POSTS = st.lists(
    st.fixed_dictionaries(
        {
            "author": st.sampled_from(["mira", "霧子", "", None]),
            "created_at": st.sampled_from(
                [
                    None,
                    datetime.datetime(2024, 2, 3, tzinfo=datetime.UTC),
                    datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC),
                ]
            ),
            "lang": st.sampled_from(["en", "ja", "", None]),
            "text": st.sampled_from(["", "fog", "霧が深い朝でした", "the ferry came late again " * 12, "หมอกหนามาก 🌫"]),
            "is_reply": st.sampled_from([True, False, None]),
            "a": VERDICTS,
            "b": VERDICTS,
        }
    ),
    max_size=30,
)


def two_corpora(folder: Path, posts: list[dict[str, Any]], parts: int = 1) -> None:
    """The corpora `one` and `other` with the verdicts `a` and `b` of the posts, in different orders."""
    rows = [{"id": str(number), "short": None, **post} for number, post in enumerate(posts)]
    for name, side, each in (("one", "a", rows), ("other", "b", rows[::-1])):
        judged = [{**{k: v for k, v in row.items() if k not in "ab"}, "removed_by": row[side]} for row in each]
        write_corpus(folder, judged, recipe=name, rules=RULES, parts=parts)


@given(POSTS)
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_row_adds_up(posts: list[dict[str, Any]]) -> None:
    """Each post stands once in each table, and every figure is what counting the two corpora by hand gives."""
    with tempfile.TemporaryDirectory() as name:
        two_corpora(Path(name), posts, parts=2)
        found = compare(name, "one", "other")
    kept = Counter((post["a"] is None, post["b"] is None) for post in posts)
    figures = [kept[True, True], kept[True, False], kept[False, True], kept[False, False]]
    assert list(found.total.figures().values()) == figures
    assert found.posts == len(posts)
    for by in BY:
        rows = found.tables[by]
        assert len({row.key for row in rows}) == len(rows)
        if posts:
            assert [sum(column) for column in zip(*(row.figures().values() for row in rows), strict=True)] == figures
    authors = Counter(post["author"] or "unknown" for post in posts if post["a"] is None and post["b"] is not None)
    assert {row.key: row.only_a for row in found.tables["author"] if row.only_a} == authors
    flows = Counter((p["a"] or "kept", p["b"] or "kept") for p in posts if p["a"] != p["b"])
    assert {(flow.a, flow.b): flow.posts for flow in found.flows} == flows
    assert len(found.changed) == min(10, found.total.changed)
    assert all((post.a == "kept") != (post.b == "kept") for post in found.changed)
    for side, key in ((found.character.a, "a"), (found.character.b, "b")):
        mine = sorted(len(post["text"]) for post in posts if post[key] is None)
        assert side.posts == side.sampled == len(mine)
        assert side.median_characters == (mine[(len(mine) - 1) // 2] if mine else None)
        replies = sum(bool(post["is_reply"]) for post in posts if post[key] is None)
        assert side.replies == (pytest.approx(replies / len(mine)) if mine else None)


def sided(*verdicts: tuple[str | None, str | None], author: str = "mira") -> list[dict[str, Any]]:
    """Posts with these verdicts."""
    return [{"author": author, "text": f"invented post {n}", "a": a, "b": b} for n, (a, b) in enumerate(verdicts)]


def test_json_has_the_keys_of_the_contract(tmp_path: Path) -> None:
    """The keys that scripts read come first, rows and samples have no others, and figures of all tables agree."""
    two_corpora(tmp_path, sided((None, None), (None, "short"), ("reply", None), ("copy", "short")))
    found = compare(tmp_path, "one", "other", by="author")
    said = found.to_json()
    assert list(said)[:9] == ["schema", "a", "b", "posts", "both", "only_a", "only_b", "neither", "rows"]
    assert [said[key] for key in list(said)[:8]] == [1, "one", "other", 4, 1, 1, 1, 1]
    assert said["rows"] == [{"author": "mira", "both": 1, "only_a": 1, "only_b": 1, "neither": 1}]
    assert {tuple(post) for post in said["changed"]} == {("id", "author", "text", "a", "b")}
    assert {(post["id"], post["a"], post["b"]) for post in said["changed"]} == {
        ("1", "kept", "short"), ("2", "reply", "kept"),
    }  # fmt: skip
    assert set(said["also"]) == {"month", "length", "language"}
    by_month = dataclasses.replace(found, by="month").to_json()
    assert [next(iter(row)) for row in by_month["rows"]] == ["month"]
    assert said["sides"]["b"]["how"] == "current"


def test_samples_are_the_same_for_a_seed(tmp_path: Path) -> None:
    """They depend on the posts and the seed: not on the files, and fewer samples are the first of more."""
    posts = sided(*[(None, "short")] * 40, *[("reply", None)] * 5)
    two_corpora(tmp_path / "x", posts)
    two_corpora(tmp_path / "y", posts, parts=7)
    drawn = [
        [post.id for post in compare(tmp_path / where, "one", "other", samples=n, seed=seed).changed]
        for where, n, seed in (("x", 100, 1), ("y", 12, 1), ("x", 12, 2))
    ]
    assert len(drawn[0]) == 45
    assert drawn[1] == drawn[0][:12]
    assert drawn[2] != drawn[1]
    assert sum(int(post) >= 40 for post in drawn[1]) == 5  # the smaller direction is not drowned


@pytest.mark.parametrize(("posts", "figures"), [([], [0] * 4), (sided((None, "short"), (None, "reply")), [0, 2, 0, 0])])
def test_nothing_and_one_side(tmp_path: Path, posts: list[dict[str, Any]], figures: list[int]) -> None:
    """Corpora without a post, and a side that keeps nothing, are compared like others."""
    two_corpora(tmp_path, posts)
    found = compare(tmp_path, "one", "other")
    assert list(found.total.figures().values()) == figures
    assert found.character.b == dataclasses.replace(
        found.character.b, posts=0, median_characters=None, replies=None, distinct_words=None, sampled=0
    )
    assert found.share_changed == (1.0 if posts else 0.0)


def test_one_author(tmp_path: Path) -> None:
    """All figures are those of the author; without a post there is nothing to do."""
    mine, others = sided((None, None), (None, "short")), sided(("copy", None), author="nils")
    two_corpora(tmp_path, [*mine, *others])
    found = compare(tmp_path, "one", "other", authors=["mira", "mira"])
    assert list(found.total.figures().values()) == [1, 1, 0, 0]
    assert (found.character.a.posts, found.character.b.posts) == (2, 1)
    with pytest.raises(NothingToDoError, match="no post by 'nobody'"):
        compare(tmp_path, "one", "other", authors=["nobody"])


def test_a_rule_may_be_called_like_a_column_of_ours(tmp_path: Path) -> None:
    """A corpus with measures `a`, `b`, `part` and `row` is compared like any other."""
    rules = [rule(name, measure=name) for name in ("a", "b", "part", "row")]
    posts = [{"id": "1", "a": 1.5, "b": 2, "part": 3, "row": 4}, {"id": "2", "removed_by": "part"}]
    corpora = [write_corpus(tmp_path, posts[:n] + others, recipe=name, rules=rules) for name, n, others in (
        ("one", 2, []), ("other", 1, [{"id": "2"}]),
    )]  # fmt: skip
    assert list(compare(tmp_path, "one", "other").total.figures().values()) == [1, 0, 1, 0]
    sides = [Side(corpus.recipe, Verdicts(corpus)) for corpus in corpora]
    rows = PairedPosts.of(*sides).query("SELECT id, part, row, a, b FROM posts ORDER BY id").rows()
    assert rows == [("1", 0, 0, "kept", "kept"), ("2", 0, 1, "part", "kept")]


def test_posts_of_one_corpus_alone(tmp_path: Path) -> None:
    """A post that the other corpus does not have is left out of every figure, and said."""
    write_corpus(tmp_path, [{"id": "1"}, {"id": "2"}], recipe="one")
    write_corpus(tmp_path, [{"id": "2"}, {"id": "3", "removed_by": "short"}], recipe="other")
    found = compare(tmp_path, "one", "other")
    assert (found.posts, found.total.both) == (1, 1)
    assert found.notes == ("2 posts that only one of the two corpora has are left out.",)


def test_what_a_name_can_not_be(tmp_path: Path) -> None:
    """A name that nothing has, a rule that is not there, nothing to change: each is said before anything is read."""
    two_corpora(tmp_path, [])
    with pytest.raises(RecipeError, match=r"no corpus and no recipe 'othr' .* Did you mean 'other'"):
        compare(tmp_path, "one", "othr")
    with pytest.raises(UsageError, match=r"--set min_words.min=5, or --without RULE"):
        compare(tmp_path, "one")
    with pytest.raises(RecipeError, match=r"no rule 'min_wrds'.* Did you mean 'min_words'"):
        compare(tmp_path, "baseline", without=["min_wrds"])
    with pytest.raises(RecipeError, match="If it is a rule of your own, name its file: --rules"):
        compare(tmp_path, "one", changes=["reply.to_self=true"])
    with pytest.raises(UsageError, match="Did you mean 'month'"):
        compare(tmp_path, "one", "other", by="months")
    with pytest.raises(NothingToDoError, match="Nothing has landed"):
        compare(tmp_path, "baseline", "strict")


def test_a_corpus_with_verdicts_that_nobody_knows(tmp_path: Path) -> None:
    """It is said to be damaged."""
    write_corpus(tmp_path, [{"id": "1", "removed_by": "pigeon"}], recipe="one", rules=RULES)
    write_corpus(tmp_path, [{"id": "1"}], recipe="other", rules=RULES)
    with pytest.raises(WorkspaceError, match="verdicts that its recipe does not explain"):
        compare(tmp_path, "one", "other")


#: Posts to land: some short, some copies, one with a link that one recipe takes out.
LANDED = [
    {"id": str(n), "author": author, "created_at": f"2024-0{1 + n % 3}-11T08:{n:02}:00Z", "text": text, "lang": "en"}
    for n, (author, text) in enumerate(
        (author, text)
        for author in ("mira", "霧子")
        for text in (
            "fog", "two words", "The ferry is late again", "the ferry is late  again", "RT @nils: soft rain",
            "four words, no more", "霧が深い朝でした", "หมอกหนามากวันนี้", "look https://example.org/1 at the old pier",
            "the rain, the rain, and the rain", "ضباب كثيف هذا الصباح 🌫", "six words are enough for me",
        )
    )
]  # fmt: skip
OTHER = """
name = "other"
[[rule]]
use = "retweet"
[[rule]]
use = "min_words"
min = 5
[[rule]]
use = "exact_duplicate"
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A workspace in which the posts have landed and a small recipe was run."""
    data = tmp_path / "data"
    curation.collect(data, "file", jsonl(tmp_path / "posts.jsonl", LANDED))
    run(data, OTHER.replace("other", "base").replace("min = 5", "min = 3"))
    return data


def toml(data: Path, text: str) -> Path:
    """A recipe as a file beside the workspace."""
    path = data.parent / f"{len(list(data.parent.iterdir()))}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def run(data: Path, text: str) -> Corpus:
    """Run a recipe."""
    return curate(data, Recipe.load(toml(data, text)), context=RunContext(LocalEngine(workers=1))).corpus


def figures(result: comparison.Comparison) -> dict[str, Any]:
    """A comparison without the provenance of its sides."""
    return {k: v for k, v in result.to_json().items() if k not in ("a", "b", "sides", "notes")}


def files(data: Path) -> set[str]:
    """Everything in a workspace but locks, kept values of functions and kept evidence."""
    found = {str(path.relative_to(data)) for path in data.rglob("*") if path.suffix != ".lock"}
    return {name for name in found if not name.startswith((".memo", ".evidence"))} - {".work"}


def test_each_way_of_finding_a_side_says_the_same(data: Path) -> None:
    """A trial on a corpus, two trials on a third one, a whole run, and two corpora that stand: one comparison."""
    before = files(data)
    tried = compare(data, "base", changes=["min_words.min=5"])
    assert (tried.b.way, tried.b.recalculated, tried.b.corpus) == ("recalculated", ("exact_duplicate",), "base")
    assert tried.b.name == "base with min_words.min=5"
    assert tried.total.only_a > 0
    third = compare(data, toml(data, OTHER.replace("min = 5", "min = 4")), toml(data, OTHER))
    assert (third.a.way, third.b.way, third.b.corpus) == ("recalculated", "recalculated", "base")
    assert third.total.both == tried.total.both
    asked = compare(data, "base", without=["exact_duplicate"])
    assert (asked.b.way, asked.total.only_a, asked.total.only_b) == ("queried", 0, 2)
    assert files(data) == before
    run(data, OTHER)
    stands = compare(data, "base", "other")
    assert (stands.a.way, stands.b.way) == ("current", "current")
    assert figures(stands) == figures(tried)


def test_other_transforms_take_a_run(data: Path) -> None:
    """A recipe that rewrites differently is run and leaves nothing behind; both texts are in the samples."""
    stripping = OTHER.replace('[[rule]]\nuse = "min', '[[rule]]\nuse = "strip_urls"\n[[rule]]\nuse = "min', 1)
    before = files(data)
    told: list[tuple[int, int]] = []
    one = compare(
        data, "base", toml(data, stripping.replace("min = 5", "min = 6")),
        engine=LocalEngine(workers=1), progress=lambda *done: told.append(done),
    )  # fmt: skip
    assert files(data) == before
    assert (one.b.way, one.b.corpus, one.texts_differ) == ("run", None, 2)
    assert told
    link = next(post for post in one.changed if "example" in post.text)
    assert link.text == link.text_a
    assert "example" not in link.text_b
    run(data, stripping.replace("min = 5", "min = 6"))
    stands = compare(data, "base", "other")
    assert figures(stands) == figures(one)
    assert stands.texts_differ == 2


def test_corpora_of_different_landings(data: Path) -> None:
    """What has landed by now is compared, the older side found anew; two of one age are compared as they are."""
    run(data, OTHER)
    more = [{"id": f"9{n}", "author": "nils", "text": f"the {n} posts that landed later on"} for n in range(3)]
    curation.collect(data, "file", jsonl(data.parent / "more.jsonl", more))
    old = compare(data, "base", "other")
    assert (old.posts, old.a.way, old.b.way) == (len(LANDED), "current", "current")
    assert len(old.notes) == 1
    assert "'base' and 'other': the landings have changed" in old.notes[0]
    files_of_base = Corpus.open(data, "base").manifest["files"]
    run(data, OTHER)
    new = compare(data, "base", "other")
    assert (new.posts, new.a.way, new.b.way) == (len(LANDED) + 3, "recalculated", "current")
    assert new.notes[0].startswith("The corpus 'base' was made of other landings")
    assert Corpus.open(data, "base").manifest["files"] == files_of_base
    run(data, OTHER.replace("other", "base").replace("min = 5", "min = 3"))
    assert figures(compare(data, "base", "other")) == figures(new)


def test_a_run_that_replaces_a_corpus_is_no_failure(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the files of a side are gone, everything is asked again; when they stay unreadable, it is said."""
    calls, pair = [], PairedPosts.on
    recipe = Recipe.of_manifest(Corpus.open(data, "base").manifest)

    def gone(*given: Any) -> PairedPosts:
        calls.append(given)
        if len(calls) < 3:
            curate(data, recipe, context=RunContext(LocalEngine(workers=1)), again=True)
            raise duckdb.IOException("No files found that match the pattern part-1.parquet")
        return pair(*given)

    def damaged(*given: Any) -> PairedPosts:
        calls.append(given)
        raise duckdb.IOException("No magic bytes found in part-1.parquet")

    monkeypatch.setattr(PairedPosts, "on", gone)
    assert compare(data, "base", without=["exact_duplicate"]).posts == len(LANDED)
    assert len(calls) == 3
    calls.clear()
    monkeypatch.setattr(states, "ATTEMPTS", 2)
    with pytest.raises(WorkspaceError, match="Can't read the posts to compare"):
        compare(data, "base", without=["exact_duplicate"])
    assert len(calls) == 2
    calls.clear()
    monkeypatch.setattr(PairedPosts, "on", damaged)
    with pytest.raises(WorkspaceError, match="Can't read the posts to compare"):
        compare(data, "base", without=["exact_duplicate"])
    assert len(calls) == 1


def test_a_page_can_ask_its_own_questions(data: Path) -> None:
    """With the tables of `PairedPosts`, its SQL works over any view of the corpus with places."""
    space, book = Workspace(data), RuleBook.load()
    requests = comparison.request_sides(space, "base", changes=["min_words.min=5"], book=book)
    with comparison.resolve_sides(space, *requests, book=book) as (a, b, notes):
        pair = PairedPosts.of(a, b)
        assert notes == []
    assert set(pair.changes["b"].to_pylist()) == {"min_words"}

    def ask(connection: duckdb.DuckDBPyConnection, _: dict[str, Any]) -> list[tuple[Any, ...]]:
        connection.execute(f"CREATE VIEW placed AS {pair.a.posts}")
        for name, table in pair.tables.items():
            connection.register(name, table)
        return connection.sql(f"SELECT a, b, count(*) FROM ({pair.sql('placed')}) WHERE a <> b GROUP BY ALL").fetchall()

    flows = compare(data, "base", changes=["min_words.min=5"]).flows
    assert {Flow(*row) for row in pair.corpus.reading(ask)} == set(flows)
