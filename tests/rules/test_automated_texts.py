"""The texts that applications write by themselves."""

from __future__ import annotations

import duckdb
import pytest

from curation.errors import RecipeError
from curation.rules.authorship import TEMPLATES
from tests.judge import judge, recipe_of

#: What people write about the same things.
OF_PEOPLE = (
    "I'm at home and it's raining", "Just ran into Nils at the pier", "Drinking tea by the harbour",
    "My top 3 fogs of all time: dawn, dusk, sea", "Now playing with the idea of a boat", "Wordle is hard today",
    "I posted a letter", "#nowplaying nothing, silence is fine", "Video: how to see in fog", "I just earned my tea",
    "New post on the pier, it is oak", "I liked a video about fog", "はてなブログに書こうかな",
    "3 people followed the dog", "My week on Twitter: only fog", "I just backed the car into the pier",
)  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template[:30])
def test_a_template_finds_nothing_in_what_people_write(template: str) -> None:
    """It is an expression of RE2, and neither an empty text nor a person's sentence has it."""
    texts = ["", *OF_PEOPLE]
    found = duckdb.execute(
        "SELECT text FROM (SELECT unnest($1::VARCHAR[]) AS text) WHERE regexp_matches(text, $2)",
        [texts, f"^(?:{template})"],
    ).fetchall()
    assert found == []


def test_an_option_of_one_template_is_not_that_of_the_next() -> None:
    """An expression that disregards case leaves the others strict."""
    rule = {"use": "automated", "templates": ["(?i)tide:", "Fog:"], "bots": False, "clients": []}
    judged = judge([{"text": "TIDE: 2 m"}, {"text": "FOG: thick"}, {"text": "Fog: thick"}], rule)
    assert [post["removed_by"] for post in judged] == ["automated", None, "automated"]


@pytest.mark.parametrize(("wrong", "said"), [("", "empty"), ("(", "missing \\)"), ("(?=a)", "invalid")])
def test_a_wrong_expression_is_refused(wrong: str, said: str) -> None:
    """What RE2 can't read is refused before any data is touched, and named."""
    with pytest.raises(RecipeError, match=f"Rule 'automated': .*{said}"):
        recipe_of({"use": "automated", "also_templates": [wrong]})
