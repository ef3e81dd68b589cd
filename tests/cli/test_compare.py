"""`curation compare`: the contract's JSON, its exit codes, and what a terminal is shown."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from tests.asking.comparison.test_compare import two_corpora
from tests.cli.shell import OWN_RULE, inside


@pytest.fixture(scope="module")
def data(demonstrated: Path) -> Path:
    """The sample, landed and curated with `baseline`; only read here."""
    return demonstrated / "data"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two corpora of posts that would steer a terminal."""
    data = tmp_path_factory.mktemp("hostile")
    texts = [
        "\x1b[2J\x07bell",
        "two\nlines\r\nand \u2028 more",
        "\u202eright to left",
        "wide 霧 " * 900,
        "''; drop table",
    ]
    authors = ["\x1b]0;title\x07", "a\nb", "'; drop table posts; --", "\u202e"]
    posts = [
        {"author": authors[n % 4], "text": text, "a": None, "b": "short" if n % 2 else None}
        for n, text in enumerate(texts * 3)
    ]
    two_corpora(data, posts)
    return data


def test_json_is_the_contracts(data: Path) -> None:
    """Its keys, and figures that add up, for what-if questions as for recipes; stderr is silent."""
    said = inside("compare", "baseline", "--set", "min_words.min=5", "--json", "--samples", "3", data=data)
    assert (said.rc, said.err) == (0, "")
    answer = said.json
    assert list(answer)[:10] == [
        "schema", "a", "b", "posts", "both", "only_a", "only_b", "neither", "rows", "changed",
    ]  # fmt: skip
    assert (answer["a"], answer["b"]) == ("baseline", "baseline with min_words.min=5")
    assert answer["posts"] == 417 == sum(answer[key] for key in ("both", "only_a", "only_b", "neither"))
    for row in answer["rows"]:
        assert list(row) == ["author", "both", "only_a", "only_b", "neither"]
    assert [list(post) for post in answer["changed"]] == [["id", "author", "text", "a", "b"]] * 3
    assert {(post["a"], post["b"]) for post in answer["changed"]} == {("kept", "min_words")}
    assert answer["sides"]["b"]["how"] == "recalculated"


def test_the_terminal_says_what_json_says(data: Path) -> None:
    """How each side was found, the figures in words, a line for each author, samples with their verdict."""
    answer = inside("compare", "baseline", "--without", "exact_duplicate", "--json", data=data).json
    said = inside("compare", "baseline", "--without", "exact_duplicate", data=data)
    assert said.err == ""
    assert "A  baseline: the corpus 'baseline' as it stands" in said.out
    assert "B  baseline with no exact_duplicate: computed from the columns of the corpus 'baseline'" in said.out
    assert f"{answer['both']:,} are kept by both, 0 only by A, {answer['only_b']} only by B" in said.out
    assert f"Only B keeps, 10 of {answer['only_b']}:" in said.out
    assert said.out.count(" · exact_duplicate │ ") == 10
    for row in answer["rows"]:
        line = next(line for line in said.out.splitlines() if line.startswith(row["author"]))
        assert [int(cell) for cell in line.split()[1:5]] == list(row.values())[1:]


def test_fail_over_fails_after_the_result(data: Path) -> None:
    """Exit code 4 with a sentence on stderr; the result is printed all the same, and a bound that holds is silent."""
    words = ("compare", "baseline", "--set", "min_words.min=5", "--json", "--fail-over")
    broken = inside(*words, "0.1%", data=data)
    assert (broken.rc, broken.json["posts"]) == (4, 417)
    changed = broken.json["only_a"] + broken.json["only_b"]
    assert f"{changed} of 417 posts" in broken.complaint
    assert inside(*words, f"{changed - 1} posts", data=data).rc == 4
    holds = inside(*words, f"{changed} posts", data=data)
    assert (holds.rc, holds.err) == (0, "")


@pytest.mark.parametrize(
    ("words", "rc", "complaint"),
    [
        (("basline", "strict"), 2, "Did you mean 'baseline'?"),
        (("baseline", "nowhere.toml"), 2, "There is no file nowhere.toml"),
        (("baseline",), 2, "Name a second recipe"),
        (("baseline", "--without", "retwet"), 2, "Did you mean 'retweet'?"),
        (("baseline", "--set", "min_words.mn=4"), 2, "Did you mean 'min'?"),
        (("baseline", "--set", "min_word.min=4"), 2, "Did you mean 'min_words'?"),
        (("baseline", "--set", "min_words"), 2, "write it as rule.parameter=value"),
        (("baseline", "--set", "min_words.min=5", "--fail-over", "5"), 2, "write a share of the posts"),
        (("baseline", "--set", "min_words.min=5", "--by", "autor"), 2, "Did you mean 'author'?"),
        (("baseline", "--set", "min_words.min=5", "--author", "marlow"), 3, "There is no post by 'marlow'"),
    ],
)
def test_what_is_wrong_is_said(data: Path, words: tuple[str, ...], rc: int, complaint: str) -> None:
    """One paragraph with what would be right, and the exit code of its kind."""
    said = inside("compare", *words, data=data)
    assert (said.rc, said.out) == (rc, "")
    assert complaint in said.complaint


def test_nothing_has_landed(tmp_path: Path) -> None:
    """Two recipes over no posts are nothing to do."""
    said = inside("compare", "baseline", "strict", data=tmp_path)
    assert (said.rc, said.out) == (3, "")
    assert "Nothing has landed" in said.complaint


def test_rules_of_ones_own(data: Path, tmp_path: Path) -> None:
    """A recipe with a rule of a file is compared like any other."""
    (tmp_path / "mine.toml").write_text('[[rule]]\nuse = "vowels"\n', encoding="utf-8")
    words = ("compare", "baseline", tmp_path / "mine.toml", "--json", "--workers", "1")
    assert inside(*words, data=data).rc == 2
    said = inside(*words, "--rules", OWN_RULE, data=data)
    assert (said.rc, said.json["b"], said.json["sides"]["b"]["how"]) == (0, "mine", "run")


def test_nothing_a_stranger_wrote_steers_the_terminal(hostile: Path) -> None:
    """Texts and names stay on their line, cut, with what would act made visible."""
    said = inside("compare", "one", "other", "--samples", "100", data=hostile)
    assert said.rc == 0
    lines = said.out.split("\n")
    steering = {c for line in lines for c in line if unicodedata.category(c) in ("Cc", "Zl", "Zp")}
    assert not steering
    assert "\u202e" not in said.out
    assert sum(" · short │ " in line for line in lines) == 7
    assert max(len(line) for line in lines if "│" in line) < 160
    assert inside("compare", "one", "other", "--json", data=hostile).json["posts"] == 15
