"""`curation evaluate`: the contract's JSON, its exit codes, and what a terminal is shown."""

from __future__ import annotations

import html
import importlib.util
from pathlib import Path

import pytest

from tests.cli.shell import curation, inside, jsonl
from tests.training.accounts import account, landed

WORSE = ("evaluate", "baseline", "--without", "exact_duplicate", "--seeds", "1")


@pytest.fixture(scope="module")
def repeating(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An account that posted six of its texts a hundred times each."""
    return landed(tmp_path_factory.mktemp("repeating"), account(repeats=600)).root


def test_json_is_the_contracts(repeating: Path) -> None:
    """Its keys, and figures that belong together; stderr is silent."""
    run = inside(
        "evaluate", "baseline:-exact_duplicate", "baseline", "baseline:min_words.min=9", "--json", data=repeating
    )
    assert (run.rc, run.err) == (0, "")
    answer = run.json
    assert [each["name"] for each in answer["recipes"]] == [
        "baseline with no exact_duplicate", "baseline", "baseline with min_words.min=9",
    ]  # fmt: skip
    for each in answer["recipes"]:
        assert {"name", "kept", "characters", "full", "equal"} <= set(each)
        for size in ("full", "equal"):
            low, high = each[size]["interval"]
            assert low < each[size]["bits_per_character"] < high
        assert answer["budget"] - 200 < each["equal"]["characters"] <= answer["budget"] <= each["characters"]
    values = {each["name"]: each for each in answer["recipes"]}
    assert [(pair["a"], pair["b"]) for pair in answer["pairs"]] == [
        ("baseline with no exact_duplicate", "baseline"),
        ("baseline with no exact_duplicate", "baseline with min_words.min=9"),
        ("baseline", "baseline with min_words.min=9"),
    ]
    for pair in answer["pairs"]:
        assert {"a", "b", "difference", "interval", "measurable"} <= set(pair)
        a, b = (values[pair[side]]["full"]["bits_per_character"] for side in "ab")
        assert pair["difference"] == pytest.approx(b - a)
        assert isinstance(pair["measurable"], bool)
    assert answer["pairs"][0]["measurable"]


def test_the_headline_comes_first_and_the_limit_last(repeating: Path) -> None:
    """A terminal is shown the verdict, every figure, and what the figure does not measure; the result is kept."""
    answer = inside(*WORSE, "--json", data=repeating).json
    run = inside(*WORSE, data=repeating)
    assert (run.rc, run.err) == (0, "")
    lines = run.out.splitlines()
    assert lines[0] == answer["headline"]
    assert lines[0].startswith("'baseline with no exact_duplicate' is measurably worse than 'baseline'")
    assert "do not measure voice" in lines[-1]
    for each in answer["recipes"]:
        assert f"{each['full']['bits_per_character']:.3f}" in run.out
        assert f"{each['kept']:,}" in run.out
    assert len(list(repeating.glob("evaluations/*.json"))) >= 1


def test_fail_if_worse_fails_after_the_result(repeating: Path) -> None:
    """Exit code 4 with the verdict on stderr when a later recipe is measurably worse, and 0 when it is better."""
    worse = inside(*WORSE, "--fail-if-worse", "--json", data=repeating)
    assert worse.rc == 4
    assert "is measurably worse than 'baseline'" in worse.complaint
    assert worse.json["pairs"][0]["difference"] > 0
    better = inside(
        "evaluate", "baseline:-exact_duplicate", "baseline", "--fail-if-worse", "--seeds", "1", data=repeating
    )
    assert (better.rc, better.err) == (0, "")


@pytest.mark.parametrize(
    ("words", "rc", "complaint"),
    [
        (("baseline",), 2, "Name a second recipe, or change the first one"),
        (("basline", "strict"), 2, "Did you mean 'baseline'?"),
        (("baseline", "nowhere.toml"), 2, "There is no file nowhere.toml"),
        (("baseline", "baseline:-retwet"), 2, "Did you mean 'retweet'?"),
        (("baseline", "baseline:min_words.min=many"), 2, "should be a whole number"),
        (("baseline", "strict", "--with", "bert"), 2, "There is no model 'bert'"),
        (("baseline", "strict", "--steps", "5"), 2, "--steps belongs to --with gpt"),
        (("baseline", "strict:language.keep=[]"), 2, "language"),
        (("baseline", "strict:language.keep=['ja']"), 3, "too little text"),
    ],
)
def test_what_is_wrong_is_said(repeating: Path, words: tuple[str, ...], rc: int, complaint: str) -> None:
    """One sentence and the code of the contract."""
    run = inside("evaluate", *words, data=repeating)
    assert (run.rc, run.out) == (rc, "")
    assert complaint in run.complaint


def test_without_posts_there_is_nothing_to_do(tmp_path: Path) -> None:
    """No landing: exit code 3 with the command to begin with. Three posts of one author: 3, and why."""
    run = inside("evaluate", "baseline", "strict", data=tmp_path / "data")
    assert run.rc == 3
    assert "Nothing has landed" in run.complaint
    few = landed(tmp_path / "few", account(3)).root
    run = inside("evaluate", "baseline", "strict", data=few)
    assert run.rc == 3
    assert "No post can be held out: the newest tenth of 3 posts is none" in run.complaint


def test_without_torch_one_sentence_says_what_to_install(repeating: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any work begins."""
    there = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == "torch" else there(name, *more)
    )
    run = inside("evaluate", "baseline", "strict", "--with", "gpt", data=repeating)
    assert (run.rc, run.out) == (2, "")
    assert "--with gpt needs torch" in run.complaint
    assert "not installed" in run.complaint
    assert "pip install 'curation[train]'" in run.complaint
    assert "pip install torch==2.13.0" in run.complaint


def test_a_read_only_workspace_is_evaluated_all_the_same(tmp_path: Path) -> None:
    """What can't be kept is said on stderr; the workspace holds what it held but for the result."""
    space = landed(tmp_path, account(300))
    space.evaluations.write_text("a file in the place of the folder")
    run = inside("evaluate", "baseline", "strict:-language", "--json", data=space.root)
    assert run.rc == 0
    assert "no report will show this evaluation" in run.err
    assert len(run.json["recipes"]) == 2


def test_a_report_has_the_evaluations_of_its_recipe(tmp_path: Path) -> None:
    """The section appears once there is an evaluation, with its headline, and only for a recipe that was part of it."""
    data = landed(tmp_path, account(300)).root
    for recipe in ("baseline", "huggingtweets"):
        assert inside("run", recipe, data=data).rc == 0
    title = "Which recipe makes the better model"

    def report(recipe: str) -> str:
        assert inside("report", recipe, "--out", tmp_path / "report.html", data=data).rc == 0
        return (tmp_path / "report.html").read_text(encoding="utf-8")

    assert title not in report("baseline")
    answer = inside("evaluate", "baseline", "baseline:-exact_duplicate", "--json", data=data).json
    page = report("baseline")
    assert title in page
    assert html.escape(answer["headline"]) in html.escape(html.unescape(page))
    assert f"{answer['recipes'][0]['full']['bits_per_character']:.3f}" in page
    assert "other landings" not in page
    assert title not in report("huggingtweets")
    more = [{**post, "id": f"9{post['id']}"} for post in account(20, seed=9)]
    assert inside("collect", "file", jsonl(tmp_path / "more.jsonl", more), data=data).rc == 0
    assert inside("run", "baseline", data=data).rc == 0
    assert "other landings" in report("baseline")


def test_a_process_of_its_own_gives_the_same(repeating: Path) -> None:
    """The command as a script runs it, and with another number of workers."""
    words = (*WORSE, "--json", "--workers")
    assert curation(*words, "2", data=repeating).json == inside(*words, "1", data=repeating).json
