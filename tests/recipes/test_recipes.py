"""Recipes: what is accepted, what is refused and how, and what the shipped ones do."""

from __future__ import annotations

import datetime
import textwrap
from pathlib import Path
from typing import Any

import pytest

from curation.engines.compiling import compile_recipe
from curation.errors import RecipeError, UsageError
from curation.recipes.recipe import Recipe, shipped
from curation.rules import RuleBook
from tests.judge import judge, recipe_of, run_files, write_raw


def refusal(*rules: dict[str, Any], **top: Any) -> str:
    """What is said of a recipe that is refused."""
    with pytest.raises(RecipeError) as refused:
        Recipe.parse({"name": "mine", "rule": list(rules), **top})
    return str(refused.value)


def written(folder: Path, text: str | bytes, name: str = "mine.toml") -> Path:
    """A recipe file."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else textwrap.dedent(text).encode())
    return path


# The shipped ones


@pytest.mark.parametrize("name", sorted(shipped()))
def test_shipped_recipes_compile_and_say_what_they_are_for(name: str) -> None:
    """Each shipped recipe is called as its file, says what it is for, and runs."""
    recipe = Recipe.load(name)
    assert recipe.name == name
    assert len(recipe.description) > 100
    compile_recipe(recipe)


def by_recipe(name: str, posts: list[dict[str, Any]], folder: Path, *changes: str) -> list[str | None]:
    """What each post is removed by."""
    raw = write_raw(folder / "raw.parquet", posts)
    return [post["removed_by"] for post in run_files([raw], Recipe.load(name, changes=changes), folder)]


def test_baseline_keeps_short_posts_of_scripts_without_blanks(tmp_path: Path) -> None:
    """What is long enough in its own script stays; retweets, short posts and copies go."""
    posts = [
        {"text": "霧がでた"},
        {"text": "雾很大"},
        {"text": "soft fog again https://example.org/1"},
        {"text": "Soft fog  again"},
        {"text": "RT @nils: soft fog again"},
        {"text": "so true &amp; cafÃ©", "text_format": "escaped"},
        {"text": "so true"},
    ]
    assert by_recipe("baseline", posts, tmp_path) == [None, None, None, "exact_duplicate", "retweet", None, "min_words"]


def test_strict_removes_what_baseline_keeps(tmp_path: Path) -> None:
    """Another language, mostly tags, near-empty, by a machine, taken back: each goes for its own reason."""
    posts = [
        {"text": "The harbour was quiet this morning and the fog stayed"},
        {"text": "Der Hafen war heute Morgen still und der Nebel blieb"},
        {"text": "fog #fog #harbour #rain"},
        {"text": "ok so no"},
        {"text": "The tide is high this morning", "client": "IFTTT"},
        {"text": "The tide was low this morning", "is_deleted": True},
        {"text": "https://example.org/1"},
        {"text": "well, RT @nils: soft fog"},
    ]
    reasons = [None, "language", "hashtag_ratio", "min_chars", "automated", "deleted", "url_only", "retweet"]
    assert by_recipe("strict", posts, tmp_path) == reasons
    assert by_recipe("strict", posts, tmp_path, 'language.keep=["de"]')[:2] == ["language", None]


# What a recipe file may say


def test_a_recipe_file_is_read_with_its_order(tmp_path: Path) -> None:
    """Rules keep the order of the file, with their names, labels and parameters; a BOM does not matter."""
    path = written(
        tmp_path,
        b"\xef\xbb\xbf"
        + textwrap.dedent("""
        description = " what for "
        [[rule]]
        use = "min_words"
        name = "short"
        label = "Too short"
        min = 4
        [[rule]]
        use = "where"
        removes = "like_count = 0"
        """).encode(),
    )
    recipe = Recipe.load(path)
    assert (recipe.name, recipe.description) == ("mine", "what for")
    assert [(rule.name, rule.label, rule.values()) for rule in recipe.rules] == [
        ("short", "Too short", {"count": "unicode", "min": 4}),
        ("where", "Own condition", {"removes": "like_count = 0"}),
    ]


def test_a_recipe_without_rules_keeps_everything() -> None:
    """No rule is a recipe too."""
    assert [post["removed_by"] for post in judge([{"text": ""}])] == [None]


@pytest.mark.parametrize("use", sorted(RuleBook.load().rules))
def test_every_rule_can_be_used_under_its_own_name(use: str) -> None:
    """No shipped rule needs a name to be given."""
    needed = {
        "author": {"keep": ["mira"]},
        "date_range": {"first": datetime.date(2020, 1, 1)},
        "where": {"removes": "true"},
    }
    compile_recipe(recipe_of({"use": use, **needed.get(use, {})}))


@pytest.mark.parametrize(
    "name", ["name", "own", "select", "text_", "begin", "verdict", "x", "posts_", "row", "key", "value"]
)
def test_any_ordinary_word_can_be_the_name_of_a_rule(name: str) -> None:
    """Names of steps and working columns never get in the way of a rule's name."""
    rules = (
        {"use": "strip_urls"}, {"use": "min_words", "name": name}, {"use": "hashtag_ratio"}, {"use": "exact_duplicate"},
        {"use": "max_words"}, {"use": "reply"},
    )  # fmt: skip
    [post] = judge([{"text": "so true"}], *rules)
    assert (post["removed_by"], post[name]) == (name, 2)


def test_the_fingerprint_changes_with_the_verdicts_alone() -> None:
    """Another parameter, name or order is another recipe; another label or description is not."""
    base = [{"use": "retweet"}, {"use": "min_words"}]
    same = [{"use": "retweet", "label": "Passed on"}, {"use": "min_words", "min": 3}]
    others = [
        base[::-1],
        base[:1],
        [{"use": "retweet", "manual": True}, base[1]],
        [base[0], {"use": "min_words", "name": "short"}],
        [base[0], {"use": "min_words", "min": 4}],
    ]
    assert recipe_of(*base).fingerprint == recipe_of(*same).fingerprint
    prints = {recipe_of(*rules).fingerprint for rules in (base, *others)}
    assert len(prints) == 1 + len(others)


# What is refused


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"use": "min_wrods"}, ["rule 1", "min_wrods", "Did you mean 'min_words'"]),
        ({"use": "min_words", "mim": 3}, ["mim", "Did you mean 'min'"]),
        ({"use": "min_words", "min": "3"}, ['min = "3"', "a whole number"]),
        ({"use": "min_words", "min": 3.5}, ["a whole number"]),
        ({"use": "min_words", "min": True}, ["a whole number"]),
        ({"use": "min_words", "min": 0}, ["at least 1"]),
        ({"use": "min_words", "count": "letters"}, ['"unicode"', '"blanks"']),
        ({"use": "hashtag_ratio", "max": 1.5}, ["from 0 to 1"]),
        ({"use": "hashtag_ratio", "max": float("nan")}, ["from 0 to 1"]),
        ({"use": "retweet", "manual": 1}, ["true or false"]),
        ({"use": "author", "keep": "mira"}, ["a list of texts"]),
        ({"use": "author", "keep": [1]}, ["a list of texts"]),
        ({"use": "author"}, ["'author'", "`keep` or `drop`"]),
        ({"use": "language", "keep": []}, ["`keep` is empty"]),
        ({"use": "date_range"}, ["`first`"]),
        ({"use": "date_range", "first": "new year"}, ["a date such as"]),
        ({"use": "date_range", "first": 2020}, ["a date such as"]),
        ({"use": "where"}, ["say which posts go"]),
        ({"use": "where", "removes": 3}, ["a text in quotes"]),
        ({"min": 3}, ["use ="]),
        ({"use": 3}, ["use ="]),
        ({"use": "min_words", "name": "Too Short"}, ["Too Short", "small letters"]),
        ({"use": "min_words", "name": "x; DROP"}, ["small letters"]),
        ({"use": "min_words", "name": "text"}, ["'text'", "another name"]),
        ({"use": "min_words", "name": "duplicate_of"}, ["another name"]),
        ({"use": "retweet", "name": "kept"}, ["another name"]),
        ({"use": "min_words", "name": 3}, ["a text in quotes"]),
    ],
    ids=lambda value: " ".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_what_is_wrong_with_a_rule_is_said(rule: dict[str, Any], said: list[str]) -> None:
    """A wrong rule, parameter, type or value is answered with the place, what was given and what would be right."""
    answer = refusal(rule)
    for part in said:
        assert part in answer


def test_a_rule_used_twice_needs_two_names() -> None:
    """The second one is told which name would do."""
    assert 'name = "min_words_2"' in refusal({"use": "min_words"}, {"use": "min_words", "min": 9})


def test_dates_that_end_before_they_begin_are_refused() -> None:
    """The first day must not come after the last."""
    days = {"first": datetime.date(2020, 1, 2), "last": datetime.date(2020, 1, 1)}
    assert "comes after" in refusal({"use": "date_range", **days})


@pytest.mark.parametrize("name", ["../other", "", ".", "a/b", "a\\b", " ", "x" * 101, 3])
def test_a_name_that_cannot_be_a_folder_is_refused(name: object) -> None:
    """The recipe's name becomes a folder's, so it can't lead out of the workspace."""
    assert "folder" in refusal(name=name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rule = [", "not valid TOML"),
        ('[[rule]]\nuse = "min_words\n', "line 2"),
        ("rules = []", "Did you mean 'rule'"),
        ("rule = 3", "[[rule]]"),
        ("rule = [3]", "[[rule]]"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_a_file_that_is_no_recipe_is_said(tmp_path: Path, text: str | bytes, said: str) -> None:
    """Broken TOML, other keys and other bytes are answered with the file's name and the reason."""
    path = written(tmp_path, text)
    with pytest.raises(RecipeError) as refused:
        Recipe.load(path)
    assert said in str(refused.value)
    assert str(path) in str(refused.value)


def test_a_recipe_that_is_not_there_is_said(tmp_path: Path) -> None:
    """A shipped name with a typo is corrected; a path that is missing is named; a folder is no recipe."""
    with pytest.raises(RecipeError, match="Did you mean 'baseline'"):
        Recipe.load("basline")
    with pytest.raises(RecipeError, match="no file"):
        Recipe.load(tmp_path / "missing.toml")
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(RecipeError, match="can't be read"):
        Recipe.load(tmp_path / "folder.toml")


# Parameters from outside


def test_parameters_can_be_set_from_outside() -> None:
    """`rule.parameter=value` in TOML, where a bare word is a text."""
    recipe = Recipe.load("strict", changes=("min_words.min=7", 'language.keep=["ja"]', "exact_duplicate.scope=author"))
    values = {rule.name: rule.values() for rule in recipe.rules}
    assert values["min_words"]["min"] == 7
    assert values["language"]["keep"] == ["ja"]
    assert values["exact_duplicate"]["scope"] == "author"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("min_words", "rule.parameter=value"),
        ("min=3", "rule.parameter=value"),
        ("min_wrods.min=3", "Did you mean 'min_words'"),
        ("min_words.mim=3", "Did you mean 'min'"),
        ("min_words.min=x", "a whole number"),
    ],
)
def test_a_change_that_does_not_fit_is_refused(change: str, said: str) -> None:
    """A change without a rule, or of a rule or parameter that is not there, is answered."""
    with pytest.raises(UsageError) as refused:
        Recipe.load("baseline", changes=(change,))
    assert said in str(refused.value)


def test_a_change_of_a_broken_recipe_is_refused(tmp_path: Path) -> None:
    """A recipe whose rules are no list has no rule to change."""
    with pytest.raises(RecipeError, match="no rule 'min_words'"):
        Recipe.load(written(tmp_path, "rule = 3"), changes=("min_words.min=3",))


# A user's own rules

OWN_RULE = '''
from dataclasses import dataclass
from typing import ClassVar
from curation.rules.base import Filter, param, column

@dataclass(frozen=True, kw_only=True)
class Shouting(Filter):
    """In capitals"""

    use: ClassVar[str] = "shouting"
    title: ClassVar[str] = "Shouting"
    share: float = param(0.5, doc="share of capitals")

    def measure(self):
        return "length(regexp_replace(text, '[^A-Z]', '', 'g')) / greatest(length(text), 1)"

    def removes(self):
        return f"{column(self)} > {self.share}"
'''


def test_a_rule_of_ones_own_comes_from_one_file(tmp_path: Path) -> None:
    """A file with a class adds its rule to the book, with its parameters and its column."""
    book = RuleBook.load([written(tmp_path, OWN_RULE, "own.py")])
    recipe = Recipe.parse({"name": "mine", "rule": [{"use": "shouting", "share": 0.6}]}, book=book)
    raw = write_raw(tmp_path / "raw.parquet", [{"text": "FOGGY"}, {"text": "Foggy"}])
    judged = run_files([raw], recipe, tmp_path)
    assert [(post["removed_by"], post["shouting"]) for post in judged] == [("shouting", 1.0), (None, 0.2)]


@pytest.mark.parametrize(
    ("text", "said"),
    [("x = 1", "defines no rule"), ("import nothing_of_this_name", "ModuleNotFoundError"), ("def (", "SyntaxError")],
)
def test_a_file_without_a_rule_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """A file that defines none, or that can't be imported, is named with the reason."""
    path = written(tmp_path, text, "own.py")
    with pytest.raises(UsageError) as refused:
        RuleBook.load([path])
    assert said in str(refused.value)
    assert str(path) in str(refused.value)


def test_filters_of_one_text_share_what_they_prepare() -> None:
    """Words are counted once for three rules, and again after a transform."""
    signs = ("hashtag_ratio", "mostly_mentions")
    for uses, times in (((*signs, "min_words"), 1), ((*signs, "strip_urls", "min_words"), 2)):
        plan = compile_recipe(Recipe.parse({"name": "shares", "rule": [{"use": use} for use in uses]}, origin="here"))
        assert [body.count(':count" FROM') for _, body in plan.stages[0].steps].count(1) == times
