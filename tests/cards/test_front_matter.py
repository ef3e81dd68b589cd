"""The front matter: YAML in which a value is the text that it was."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.cards.front_matter import front_matter, scalar
from curation.cards.languages import BEGINNINGS, TWO_LETTERS, code_of
from tests.hostile import AUTHORS, TEXTS


@given(
    st.one_of(
        st.text(max_size=20), st.sampled_from([*TEXTS.values(), *AUTHORS, "no", "1e3", "null", "- a", "{{x}}", "'"])
    )
)
@settings(deadline=None, max_examples=40)
def test_a_text_is_one_line_and_the_text(text: str) -> None:
    """A scalar stands in double quotes, has no end of line of any kind, and reads back."""
    written = scalar(text)
    assert written[0] == written[-1] == '"'
    assert len(written.splitlines()) == 1
    assert not any(character in written for character in "\u202e\u2066\u200f\x85\x7f\ufeff\u2028")
    assert json.loads(written) == yaml.safe_load(written) == text


def test_lists_tables_numbers_and_what_is_empty() -> None:
    """Lists of tables are indented below their key, and what is None or empty is left out."""
    fields = {"a": "no", "b": [], "c": None, "d": "", "e": [{"x": 3, "y": ["1"]}, {"x": 0}], "f": True, "g": {"h": 1}}
    assert front_matter(fields) == (
        '---\na: "no"\ne:\n- x: 3\n  y:\n  - "1"\n- x: 0\nf: true\ng:\n  h: 1\n---\n'
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("en", "en"), ("EN-us", "en"), ("iw", "he"), ("in", "id"), ("nb-NO", "no"), ("zh-tw", "zh"), ("ckb", "ckb"),
        ("fil", "tl"), ("und", None), ("zxx", None), ("qme", None), ("art", None), ("xx", None), ("", None),
        ("<img src=x>", None), ("english", None), ("e", None),
    ],
)  # fmt: skip
def test_codes_are_those_of_iso_639(said: str, code: str | None) -> None:
    """Old and regional codes become the language's; what is none is left out."""
    assert code_of(said) == code


def test_every_beginning_is_of_a_language() -> None:
    """The examples for a model's page are by codes of the Hub."""
    assert set(BEGINNINGS) <= TWO_LETTERS
    assert all(code_of(code) == code for code in BEGINNINGS)
