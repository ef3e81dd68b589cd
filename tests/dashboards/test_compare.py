"""What the page Compare shows is what the library's comparison says."""

from __future__ import annotations

import dataclasses
import itertools
import shlex
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import dashboards
from curation import compare as compared
from curation.asking.comparison import BY
from curation.corpus.corpus import Corpus
from curation.disk.workspace import Workspace
from curation.errors import RecipeError, UsageError
from curation.recipes.recipe_text import recipe_text
from curation.rules import RuleBook
from dashboards import jobs
from dashboards.queries import compare, thresholds
from dashboards.queries.compare import GAINED, LOST, MOVED, Outcome, Request
from dashboards.snapshot import Answers, Snapshot
from tests import hostile
from tests.cli.shell import curation, jsonl, made_once

APP = str(Path(dashboards.__file__).with_name("app.py"))
BOOK = RuleBook.load()
RECIPE = """
name = "mine"
[[rule]]
use = "retweet"
[[rule]]
use = "strip_urls"
[[rule]]
use = "language"
source = "platform"
keep = ["en", "ja"]
[[rule]]
use = "min_words"
min = 3
[[rule]]
use = "hashtag_ratio"
[[rule]]
use = "exact_duplicate"
"""
TEXTS = (
    "fog", "two words", "The ferry came late again", "the ferry came late again", "RT @nils: the ferry is late today",
    "霧が深い朝でした", "หมอกหนามากวันนี้ 🌫", "الضباب كثيف هذا الصباح", "#fog #sea only", "so soft the fog was today",
    "see https://example.org/1 for it", "<b>bold</b> & <script>window.__hit=1</script> words", "three own words",
)  # fmt: skip


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Invented posts with the corpora `mine` and `longer`; only read here."""

    def make(folder: Path) -> None:
        rows = [
            {
                "id": str(number), "text": text, "author": ("mira", "nils", "'; drop table posts; --")[number % 3],
                "created_at": f"20{20 + number % 4}-0{1 + number % 9}-03T04:05:06Z",
                "lang": ("en", "ja", None)[number % 3],
            }
            for number, text in enumerate(TEXTS * 3)
        ]  # fmt: skip
        jsonl(folder / "posts.jsonl", rows)
        (folder / "mine.toml").write_text(RECIPE)
        (folder / "longer.toml").write_text(RECIPE.replace("mine", "longer").replace("min = 3", "min = 4"))
        for words in (
            ["collect", "file", str(folder / "posts.jsonl")],
            ["run", str(folder / "mine.toml")],
            ["run", str(folder / "longer.toml")],
        ):
            said = curation(*words, data=folder / "data")
            assert said.rc == 0, said.err

    return Workspace(made_once(tmp_path_factory.mktemp("compare") / "made", make) / "data")


@pytest.fixture
def snapshot(space: Workspace) -> Snapshot:
    """The corpus `mine`, of which nothing has been asked."""
    return Snapshot(Corpus.open(space, "mine"), Answers())


def outcome_of(snapshot: Snapshot, space: Workspace, question: Request) -> Outcome:
    """What can be told without a run."""
    outcome = compare.outcome(snapshot, space, question, BOOK)
    assert outcome is not None
    return outcome


@pytest.mark.parametrize(
    "question",
    [
        Request(set=("min_words.min=4",)),
        Request(set=("min_words.min=1", 'language.keep=["ja"]'), without=("retweet",)),
        Request(without=("exact_duplicate",)),
        Request(set=('exact_duplicate.keep="latest"',)),
        Request(against="longer"),
    ],
    ids=["higher", "lower", "less", "other copy", "corpus"],
)
def test_every_figure_is_the_librarys(space: Workspace, snapshot: Snapshot, question: Request) -> None:
    """Totals, rows by everything and flows are those of `curation compare`."""
    outcome = outcome_of(snapshot, space, question)
    comparison = compared(
        space,
        "mine",
        question.against or None,
        changes=question.set,
        without=question.without,
        samples=0,
    )
    assert outcome.total == comparison.total
    assert outcome.total.changed or question.set == ('exact_duplicate.keep="latest"',)
    for by in BY:
        assert sorted(outcome.rows(by), key=repr) == sorted(comparison.tables[by], key=repr)
    assert outcome.nbytes > 0


def test_samples_are_the_posts_that_differ(space: Workspace, snapshot: Snapshot) -> None:
    """Each post that differs is drawn once, with the verdict of both; of an author only that author's."""
    question = Request(set=("min_words.min=1",), without=("retweet", "hashtag_ratio"))
    outcome = outcome_of(snapshot, space, question)
    drawn = {way: outcome.drawn(way).tolist() for way in (LOST, GAINED, MOVED)}
    assert sorted(itertools.chain(*drawn.values())) == list(range(len(outcome.numbers)))
    assert len(drawn[GAINED]) == outcome.total.only_b > 0
    for post, other in compare.shown(snapshot, space, outcome, question, drawn[GAINED]):
        assert post["removed_by"] in ("retweet", "min_words", "hashtag_ratio")
        assert other["removed_by"] is None
        assert post["text"] == other["text"]
    [gained] = [row.only_b for row in outcome.rows("author") if row.key == "mira"]
    assert len(outcome.drawn(GAINED, "mira")) == gained
    assert outcome.drawn(GAINED, "nobody").size == 0


def test_samples_of_another_corpus_have_its_words(space: Workspace, snapshot: Snapshot) -> None:
    """What B says of a post is read from B."""
    question = Request(against="longer")
    outcome = outcome_of(snapshot, space, question)
    for post, other in compare.shown(snapshot, space, outcome, question, outcome.drawn(LOST)):
        assert (post["removed_by"], other["removed_by"]) == (None, "min_words")
        assert other["min_words"] == 3


def test_how_it_was_answered(space: Workspace, snapshot: Snapshot) -> None:
    """A change before a rule that compares has it done again; another text takes a run, which is kept then."""
    assert outcome_of(snapshot, space, Request()).way == "current"
    assert (
        outcome_of(snapshot, space, Request(set=('language.keep=["ja"]',), without=("exact_duplicate",))).way
        == "queried"
    )
    assert outcome_of(snapshot, space, Request(set=("min_words.min=5",))).recalculated == ("exact_duplicate",)
    counted = Request(set=("min_words.count=blanks",))
    assert compare.outcome(snapshot, space, counted, BOOK) is None
    assert compare.whole_comparison(snapshot, space, counted, BOOK, kept_only=True) is None
    comparison = compare.whole_comparison(snapshot, space, counted, BOOK)
    assert comparison is not None
    assert comparison.b.way == "run"
    assert compare.whole_comparison(snapshot, space, counted, BOOK, kept_only=True) is comparison


def test_what_was_told_is_kept(space: Workspace, snapshot: Snapshot) -> None:
    """The same change is found once, and after `prepare` a change still says the same."""
    question = Request(set=("min_words.min=5",))
    outcome = outcome_of(snapshot, space, question)
    assert outcome_of(snapshot, space, question) is outcome
    warm = Snapshot(snapshot.corpus, Answers())
    compare.prepare(warm, BOOK)
    assert outcome_of(warm, space, question).total == outcome.total


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        (Request(set=("nothing.min=3",)), RecipeError),
        (Request(set=("min_words.min=0",)), RecipeError),
        (Request(set=("min_words",)), UsageError),
        (Request(without=("'; drop table posts; --",)), RecipeError),
    ],
)
def test_a_wrong_change_is_said(snapshot: Snapshot, question: Request, kind: type[Exception]) -> None:
    """What is no parameter or no value of one is refused as on the command line."""
    with pytest.raises(kind):
        compare.changed_recipe(snapshot.corpus, question, BOOK)


def test_the_command_line_says_the_same(space: Workspace, snapshot: Snapshot) -> None:
    """The line that a person copies, read by a shell, gives the figures of the page."""
    question = Request(set=("min_words.min=4", 'language.keep=["en", "ja"]'), without=("retweet",))
    line = compare.command("mine", question, ["--data", str(space.root)])
    said = curation(*shlex.split(line)[1:], "--json")
    assert said.rc == 0, said.err
    total = outcome_of(snapshot, space, question).total
    assert {name: said.json[name] for name in total.figures()} == total.figures()


def test_what_can_be_moved(snapshot: Snapshot) -> None:
    """Bounds of measured numbers are sliders over the values there are, lists offer what occurs, words a choice."""
    recipe = compare.changed_recipe(snapshot.corpus, Request(), BOOK)
    knobs = {knob.place: knob for its in thresholds.knobs(snapshot, recipe).values() for knob in its}
    words = knobs["min_words.min"]
    assert (words.kind, words.low, words.step, words.now) == ("slider", 1, 1, 3)
    assert words.high >= 7
    assert (knobs["hashtag_ratio.max"].kind, knobs["hashtag_ratio.max"].high) == ("slider", 1.0)
    assert knobs["min_words.count"].choices == ("unicode", "blanks")
    assert set(knobs["language.keep"].choices) >= {"en", "ja", "und"}
    assert knobs["retweet.manual"].kind == "truth"
    assert {knob.kind for knob in knobs.values()} <= {"slider", "list", "truth", "choice", "number", "text", "date"}
    assert "strip_urls" not in {knob.rule for knob in knobs.values()}


def test_a_histogram_has_every_measured_post(snapshot: Snapshot) -> None:
    """Each post with a value is in one bar, those beyond the ends in the first and last."""
    least, most, posts = snapshot.query("SELECT min(min_words), max(min_words), count(min_words) FROM posts").row(0)
    for low, high in ((least, most), (2, 3)):
        bins = thresholds.histogram(snapshot, "min_words", low, high, whole=True)
        assert sum(each.posts for each in bins) == posts
        assert all(one.high == other.low for one, other in itertools.pairwise(bins))
    share = thresholds.measured(snapshot)["hashtag_ratio"]
    assert not share.whole
    posts = snapshot.query("SELECT count(hashtag_ratio) FROM posts").item()
    assert sum(b.posts for b in thresholds.histogram(snapshot, "hashtag_ratio", 0, 1, whole=False)) == posts


def visit(data: Path, monkeypatch: pytest.MonkeyPatch, **params: Any) -> AppTest:
    """The page, as an address names it."""
    monkeypatch.setenv("CURATION_DATA", str(data))
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params.update(params)
    app.run().switch_page("pages/compare.py").run()
    assert not app.exception, app.exception
    return app


def figures(app: AppTest) -> dict[str, str]:
    """The numbers at the top."""
    return {metric.label: metric.value for metric in app.metric}


def test_a_slider_and_a_deep_link_say_the_same(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A moved slider changes the figures and the address, and that address gives the same page."""
    app = visit(space.root, monkeypatch, corpus="mine")
    assert figures(app)["Kept by A"] != figures(app)["Kept by B"]  # it opens on something that differs
    app.button(key="compare:back").click().run()
    assert figures(app)["Kept by A"] == figures(app)["Kept by B"]
    app.slider[0].set_value(5).run()
    assert not app.exception
    comparison = compared(space, "mine", changes=["min_words.min=5"], samples=0)
    assert figures(app)["Kept by B"] == f"{comparison.total.both + comparison.total.only_b:,}"
    assert app.query_params["set"] in ("min_words.min=5", ["min_words.min=5"])
    linked = visit(space.root, monkeypatch, corpus="mine", set=["min_words.min=5"], without=["retweet"])
    assert linked.slider[0].value == 5
    assert [toggle.value for toggle in linked.toggle if toggle.label == "Retweets"] == [False]
    both = compared(space, "mine", changes=["min_words.min=5"], without=["retweet"], samples=0)
    assert figures(linked)["Only B keeps"] == f"{both.total.only_b:,}"
    assert any(code.value.startswith("curation compare mine --set min_words.min=5") for code in linked.code)


def test_another_corpus(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against another corpus there is nothing to move, and the figures are those of the two."""
    app = visit(space.root, monkeypatch, corpus="mine", against="longer")
    assert figures(app)["Kept by B"] == f"{Corpus.open(space, 'longer').manifest['counts']['kept']:,}"
    assert not app.slider


def ended(app: AppTest) -> None:
    """Wait until what was started has ended, and draw the page again."""
    for job in jobs.registry().all():
        assert job.wait(60)
    app.run()
    assert not app.exception


def test_what_takes_a_run_is_worked_out_on_demand(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change that only a run can answer says so, and a button answers it."""
    app = visit(space.root, monkeypatch, corpus="mine", set=['min_words.count="blanks"'])
    assert not app.metric
    assert "whole run" in app.info[0].value
    app.button(key="computed:Compare by a run").click().run()
    ended(app)
    assert figures(app)["Kept by A"]


def test_what_an_address_gets_wrong_is_said(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule, value or corpus that isn't there is a warning, and the rest of the page stands."""
    app = visit(space.root, monkeypatch, corpus="mine", set=["<b>.min=2", "min_words.min=0"], against="gone")
    assert len(app.warning) == 3
    assert figures(app)["Kept by A"] == figures(app)["Kept by B"]


def test_what_takes_long_is_estimated_first(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The columns tell at once, marked; a button says how long exact figures take, and gives them."""
    monkeypatch.setattr(compare, "seconds", lambda *_: 300.0)
    app = visit(space.root, monkeypatch, corpus="mine", set=["min_words.min=2"])
    assert figures(app)["Kept by B"].startswith("≈ ")
    assert app.button(key="computed:Compare exactly").label == "Compute exactly (about 5 minutes)"
    app.button(key="computed:Compare exactly").click().run()
    ended(app)
    total = compared(space, "mine", changes=["min_words.min=2"], samples=0).total
    assert figures(app)["Kept by B"] == f"{total.both + total.only_b:,}"
    assert not [button for button in app.button if button.key == "computed:Compare exactly"]


def test_a_setting_is_found_and_keeps_its_change(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The words of a search show the rules that have them; a change of a hidden one still counts."""
    app = visit(space.root, monkeypatch, corpus="mine", set=["min_words.min=5"], without=["retweet"])
    before = figures(app)
    app.text_input(key="compare:find:mine").set_value("language").run()
    assert not app.exception
    assert [toggle.label for toggle in app.toggle][:1] == ["Other languages"]
    assert not app.slider
    assert figures(app) == before


def test_which_rules_decide_comes_first(space: Workspace, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pairs of verdicts are those of the command line; samples can be limited to one."""
    question = Request(set=("min_words.min=5",), without=("retweet",))
    outcome = outcome_of(snapshot, space, question)
    comparison = compared(space, "mine", changes=question.set, without=question.without, samples=0)
    assert sorted(outcome.flows()) == sorted((flow.a, flow.b, flow.posts) for flow in comparison.flows)
    for a, b, posts in outcome.flows(GAINED):
        assert len(outcome.drawn(GAINED, "", (a, b))) == posts
    app = visit(space.root, monkeypatch, corpus="mine", set=["min_words.min=5"])
    heads = [heading.value for heading in app.header]
    assert heads.index("Which rules decide") < heads.index("Lost and gained")


def test_hostile_posts_stay_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Samples of posts that try something hold no tag of theirs."""
    hostile.land(tmp_path, "baseline")
    app = visit(tmp_path / "data", monkeypatch, corpus="baseline", set=["min_words.min=60"])
    pages = [block.proto.body for block in app.get("html")]
    assert any("@" in page for page in pages)
    assert not any("<script" in page or "<img" in page or "<iframe" in page for page in pages)


def test_a_changed_recipe_can_be_saved(snapshot: Snapshot) -> None:
    """The file of B, run from its text, is B."""
    recipe = compare.changed_recipe(snapshot.corpus, Request(set=("min_words.min=6",), without=("retweet",)), BOOK)
    text = recipe_text(dataclasses.replace(recipe, name="other"))
    assert 'name = "other"' in text
    assert "min = 6" in text
    assert "retweet" not in text
