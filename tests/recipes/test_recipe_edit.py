"""Edits of a recipe's text change what they should, and nothing that a user wrote beside it."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.recipes import recipe_edit as edit
from curation.recipes.recipe import Recipe, shipped
from curation.recipes.toml_text import toml_content

TEXT = '''# of the file
name = "mine"  # the name
description = """
[[rule]] is no rule here
"""

# why: shouting
[[rule]]
use = "automated"
clients = [  # of mine
  "one ] # no comment", 'two',
]
bots = false   # people

[[rule]]   # short
use = "min_words"
min = 3  # three

# a note at the end of min_words

#off # kept for later
#off [[rule]]
#off use = "pii"   # masks
'''
COMMENTS = re.compile(r"# (?!off)[a-z: ]+")


def rules(text: str) -> list[dict[str, Any]]:
    """The rules that run."""
    tables: list[dict[str, Any]] = toml_content(text)["rule"]
    return tables


def comments(text: str) -> list[str]:
    """The words of all comments."""
    return sorted(match.strip() for match in COMMENTS.findall(text))


def test_the_parts_of_a_recipe() -> None:
    """A text or a list holds no rule; a rule that is off is one; comments right above belong to it."""
    found = edit.blocks(TEXT).rules
    assert [(rule.table["use"], rule.is_on, rule.line) for rule in found] == [
        ("automated", True, 8), ("min_words", True, 15), ("pii", False, 22),
    ]  # fmt: skip
    assert found[0].text.startswith("# why: shouting\n")
    assert found[0].table["clients"] == ["one ] # no comment", "two"]
    assert [found[0].line_of(key) for key in ("use", "clients", "bots", "none")] == [9, 10, 13, 8]
    assert edit.is_usual(TEXT)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda text: edit.moved(text, 1, 0), ["min_words", "automated"]),
        (lambda text: edit.moved(text, 0, 9), ["min_words", "automated"]),
        (lambda text: edit.switched(text, 0, on=False), ["min_words"]),
        (lambda text: edit.switched(text, 2, on=True), ["automated", "min_words", "pii"]),
        (lambda text: edit.added(text, 1, {"use": "retweet", "manual": True}), ["automated", "retweet", "min_words"]),
        (lambda text: edit.with_value(text, 0, "clients", ("x",) * 50), ["automated", "min_words"]),
        (lambda text: edit.with_value(text, 1, "min", None), ["automated", "min_words"]),
        (lambda text: edit.with_value(text, 2, "email", "[m]"), ["automated", "min_words"]),
        (lambda text: edit.with_head(text, "name", "other"), ["automated", "min_words"]),
    ],
)
def test_comments_stay(change: Any, expected: list[str]) -> None:
    """Whatever is edited: the rules are the expected ones, and every comment is still there."""
    text = change(TEXT)
    assert [rule["use"] for rule in rules(text)] == expected
    inside = {"# of mine", "# no comment"} if '"two"' not in text and "'two'" not in text else set()
    assert set(comments(TEXT)) - set(comments(text)) == inside  # those inside a list go with the list
    assert edit.is_usual(text)


def test_a_value_is_replaced_where_it_stands() -> None:
    """One line differs; a new key goes below the others; off and on again is as before."""
    changed = edit.with_value(TEXT, 1, "min", 5)
    assert [line for line in changed.splitlines() if line not in TEXT.splitlines()] == ["min = 5  # three"]
    assert 'bots = false   # people\nalso = ["x"]\n' in edit.with_value(TEXT, 0, "also", ["x"])
    assert rules(edit.with_value(TEXT, 0, "clients", ["a"]))[0] == {"use": "automated", "clients": ["a"], "bots": False}
    assert edit.switched(edit.switched(TEXT, 0, on=False), 0, on=True) == edit.moved(TEXT, 0, 0)
    assert edit.with_head('[[rule]]\nuse = "pii"\n', "name", "n") == 'name = "n"\n\n[[rule]]\nuse = "pii"\n'


def test_another_form_is_written_anew() -> None:
    """Rules in one line are the same rules after an edit, without their comments; the editor can say so before."""
    inline = 'name = "n"\nrule = [{use = "pii"}, {use = "min_words", min = 4}]  # gone\n'
    assert not edit.is_usual(inline)
    assert rules(edit.moved(inline, 1, 0)) == [{"use": "min_words", "min": 4}, {"use": "pii"}]
    dotted = '[[rule]]\n"use" = "min_words"\n"min" = 4 # four\n'
    assert rules(edit.with_value(dotted, 0, "min", 5)) == [{"use": "min_words", "min": 5}]


@given(st.sampled_from(sorted(shipped())), st.data())
def test_edits_of_shipped_recipes(name: str, data: st.DataObject) -> None:
    """Any edits in a row give the recipe that the same edits of the tables give; nothing is lost on the way."""
    text = shipped()[name]
    tables = [dict(table) for table in tomllib.loads(text)["rule"]]
    states = [True] * len(tables)
    for _ in range(data.draw(st.integers(1, 5))):
        number = data.draw(st.integers(0, len(tables) - 1))
        match data.draw(st.sampled_from(["move", "switch", "label", "unlabel"])):
            case "move":
                to = data.draw(st.integers(0, len(tables) - 1))
                text = edit.moved(text, number, to)
                tables.insert(to, tables.pop(number))
                states.insert(to, states.pop(number))
            case "switch":
                states[number] = not states[number]
                text = edit.switched(text, number, on=states[number])
            case "label":
                label = data.draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=9))
                text = edit.with_value(text, number, "label", label)
                tables[number]["label"] = label
            case "unlabel":
                text = edit.with_value(text, number, "label", None)
                tables[number].pop("label", None)
    found = edit.blocks(text).rules
    assert [(rule.table, rule.is_on) for rule in found] == list(zip(tables, states, strict=True))
    assert {word for word in re.findall(r"#[^\n\"]+", shipped()[name]) if word not in text} == set()
    assert rules(text) == [table for table, on in zip(tables, states, strict=True) if on] if any(states) else True


def test_the_doctest_of_a_saved_recipe_loads() -> None:
    """What an edit writes is a recipe."""
    text = edit.with_head(edit.moved(shipped()["strict"], 3, 0), "name", "mine")
    assert Recipe.parse(toml_content(text)).rules[0].use == "automated"
