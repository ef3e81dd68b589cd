"""The page Recipe draws whatever corpus is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import dashboards
from tests.corpora import rule, write_corpus

APP = str(Path(dashboards.__file__).with_name("app.py"))


@pytest.mark.parametrize("words", [{"use": "unheard_of"}, {"use": "min_words", "gone": 3}])
def test_a_corpus_whose_rules_are_unknown_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: dict) -> None:
    """A shipped recipe is opened instead, and the page says why; without posts too, and a visitor may not write."""
    use = words.pop("use")
    write_corpus(tmp_path, [], rules=[rule("mine", use=use, **words)])
    monkeypatch.setenv("CURATION_DATA", str(tmp_path))
    page = AppTest.from_file(APP, default_timeout=60).run().switch_page("pages/recipe.py").run()
    assert not page.exception
    assert not page.error
    assert any("instead" in warning.value for warning in page.warning)
    assert page.text_area(key="recipe:toml").value.startswith('name = "baseline_mine"')
    assert page.button(key="recipe:save").disabled
    page.text_area(key="recipe:toml").set_value("[[rule]\n").run()
    assert not page.exception
    assert any("not valid TOML" in error.value for error in page.error)
