"""Recipes and rule files with mistakes: exit 2, the file, the mistake, and what would be right."""

from __future__ import annotations

import pytest

from tests.cli.shell import curation, inside

RULE = "[[rule]]\n"

#: A recipe's text, and what is said of it besides its path.
WRONG = {
    "a rule that does not exist": (RULE + 'use = "min_wrods"', ["rule 1", "Did you mean 'min_words'?"]),
    "a parameter that does not exist": (RULE + 'use = "min_words"\nmim = 3', ["rule 1", "Did you mean 'min'?"]),
    "a wrong type": (RULE + 'use = "min_words"\nmin = "3"', ["rule 1", "min = \"3\"", "a whole number"]),
    "a value out of bounds": (RULE + 'use = "min_words"\nmin = 0', ["rule 1", "at least 1"]),
    "a rule without `use`": (RULE + "min = 3", ["rule 1", "use = "]),
    "broken TOML": ('[[rule]\nuse = "retweet"', ["not valid TOML", "line 1"]),
    "an unknown key": ('nmae = "x"\n' + RULE + 'use = "retweet"', ["Did you mean 'name'?"]),
    "a rule twice": ((RULE + 'use = "retweet"\n') * 2, ["rule 2", "name = "]),
    "a name that is a path": ('name = "../../evil"\n' + RULE + 'use = "retweet"', ["'../../evil'", "Use letters"]),
    "a name that is no text": ("name = 3\n" + RULE + 'use = "retweet"', ["3", "Use letters"]),
    "rules that are no tables": ("rule = 3", ["[[rule]]"]),
    "an unknown column": (RULE + 'use = "where"\nname = "mine"\nremoves = "txt ILIKE \'%a%\'"', ["mine", '"txt"']),
    "broken SQL": (RULE + 'use = "where"\nname = "mine"\nremoves = "text LIKE"', ["mine"]),
    "two statements": (RULE + 'use = "where"\nname = "mine"\nremoves = "true; DROP TABLE posts"', ["mine"]),
    "a file read in SQL": (
        RULE + "use = \"where\"\nname = \"mine\"\nremoves = \"(SELECT true FROM read_csv('/etc/passwd'))\"",
        ["mine"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_recipe_is_refused_before_anything_is_run(demonstrated, tmp_path, case):
    """Exit 2, one paragraph with the mistake and the way on, and no corpus beside the one there was."""
    text, said = WRONG[case]
    path = tmp_path / "mine.toml"
    path.write_text(text + "\n", encoding="utf-8")
    answer = inside("run", path, "--json", data=demonstrated / "data")
    assert (answer.rc, answer.out) == (2, "")
    assert "mine" in answer.complaint
    for words in said:
        assert words in answer.complaint
    assert [folder.name for folder in (demonstrated / "data/curated").iterdir()] == ["baseline"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["basline"], "Did you mean 'baseline'?"),
        (["nowhere.toml"], "There is no file nowhere.toml"),
        (["."], "There is no shipped recipe '.'"),
        (["--set", "min_words.min=many"], "a whole number"),
        (["--set", "min_words"], "rule.parameter=value"),
        (["--set", "min_wrods.min=3"], "Did you mean 'min_words'?"),
        (["--rules", "nowhere.py"], "There is no file nowhere.py"),
    ],
)
def test_a_recipe_that_cannot_be_found_or_changed(demonstrated, words, said):
    """An unknown name or path, a `--set` or `--rules` that fits nothing: exit 2 and what would be right."""
    answer = inside("run", *words, data=demonstrated / "data")
    assert (answer.rc, answer.out) == (2, "")
    assert said in answer.complaint


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"def (", "SyntaxError"), (b"1 / 0", "ZeroDivisionError"), (b"x = 1", "no rule"), (b"\xff\xfe\x00", "own.py")],
)
def test_a_rule_file_that_is_none(demonstrated, tmp_path, content, said):
    """A file that is no Python, fails, or defines no rule: exit 2, its name and the reason."""
    (tmp_path / "own.py").write_bytes(content)
    answer = inside("run", "--rules", tmp_path / "own.py", data=demonstrated / "data")
    assert answer.rc == 2
    assert "own.py" in answer.complaint
    assert said in answer.complaint


def test_a_recipe_in_another_encoding_is_said(demonstrated, tmp_path):
    """A recipe that is not UTF-8: exit 2, the file, the byte."""
    (tmp_path / "mine.toml").write_bytes('description = "Überfahrt"\n'.encode("utf-16"))
    answer = curation("run", tmp_path / "mine.toml", data=demonstrated / "data")
    assert (answer.rc, "mine.toml is not UTF-8" in answer.complaint) == (2, True)
