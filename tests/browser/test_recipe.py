"""A recipe is changed, saved, run and looked at, all in the browser."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from curation.disk.workspace import Workspace
from curation.recipes.recipe import Recipe
from tests.browser.test_compare import figures, said
from tests.browser.test_every_page import PHONE, address
from tests.browser.visitor import Visitor
from tests.cli.shell import inside


@pytest.fixture(scope="module")
def mine(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of one's own, to write into."""
    return Path(shutil.copytree(sample, tmp_path_factory.mktemp("recipe") / "data"))


def toml(visitor: Visitor) -> str:
    """The file beside the form."""
    return visitor.page.get_by_role("textbox", name="TOML").input_value()


def test_a_changed_recipe_runs_under_a_name(visits: Any, mine: Path) -> None:
    """From Compare: B is saved, run in the background, and compared with A; the figures are the command line's."""
    visitor = visits(mine).goes(address("compare", set="min_words.min=6"))
    before = figures(visitor)
    visitor.page.get_by_role("button", name="Run baseline_changed").click()
    visitor.page.get_by_role("button", name="Compare with baseline").wait_for()
    assert "# by Unicode's standard" in (mine / "recipes" / "baseline_changed.toml").read_text(encoding="utf-8")
    visitor.does(
        lambda: visitor.page.get_by_role("button", name="Compare with baseline").click(),
        "location.search.includes('against=baseline_changed')",
    )
    assert figures(visitor) == before == said(mine, "baseline_changed")


def test_the_editor_moves_switches_checks_saves_and_runs(visits: Any, mine: Path) -> None:
    """By keys and buttons; an error stands at its line; the file keeps its comments; the run is the file's."""
    visitor = visits(mine).goes("/recipe?corpus=baseline")
    page = visitor.page
    page.get_by_role("button", name="Short posts: its parameters").click()
    box = page.locator('input[aria-label="min (words)"]')
    box.fill("5")
    visitor.does(
        lambda: box.press("Enter"), "document.querySelector('.st-key-recipe-toml textarea').value.includes('min = 5 ')"
    )
    page.get_by_role("button", name="Move Short posts up").click()
    page.wait_for_function(
        "/min_words[^]*collapse_whitespace/.test(document.querySelector('.st-key-recipe-toml textarea').value)"
    )
    page.get_by_role("button", name="Short posts: its parameters").press("Alt+ArrowUp")
    page.wait_for_function(
        "/min_words[^]*strip_urls/.test(document.querySelector('.st-key-recipe-toml textarea').value)"
    )
    page.get_by_role("checkbox", name="Retweets is on").uncheck()
    page.wait_for_function("document.querySelector('.st-key-recipe-toml textarea').value.includes('#off [[rule]]')")
    page.get_by_role("button", name="Exact duplicates: its parameters").drag_to(
        page.get_by_role("button", name="Retweets: its parameters")
    )
    page.wait_for_function(
        "/exact_duplicate[^]*#off/.test(document.querySelector('.st-key-recipe-toml textarea').value)"
    )
    visitor.waits()
    text = toml(visitor)
    assert "# by Unicode's standard" in text
    page.get_by_role("textbox", name="TOML").fill(text.replace("min = 5", 'min = "five"'))
    visitor.does(lambda: page.keyboard.press("Control+Enter"), "document.body.innerText.includes('a whole number')")
    assert re.search(r"Line \d+, min = .five.", visitor.text)
    assert page.get_by_role("button", name="Save", exact=True).is_disabled()
    page.get_by_role("textbox", name="TOML").fill(text)
    visitor.does(lambda: page.keyboard.press("Control+Enter"), "document.body.innerText.includes('Valid: 7 rules')")
    page.get_by_role("button", name="Try it on a sample").click()  # rules in another order take a run
    page.get_by_text("Tried on").wait_for()
    page.get_by_role("button", name="Run baseline_mine").click()
    page.get_by_role("button", name="Open it").wait_for()
    assert "baseline_mine" in Workspace(mine).recipes_run()
    kept = inside("ledger", "baseline_mine", "--json", data=mine).json["total"]["kept"]
    assert f"{kept:,} kept" in visitor.text
    recipe = Recipe.load("baseline_mine", folder=mine / "recipes")
    assert [rule.name for rule in recipe.rules][:1] == ["exact_duplicate"]
    assert "retweet" not in [rule.name for rule in recipe.rules]


def test_two_tabs_lose_nothing(visits: Any, mine: Path) -> None:
    """The second save shows what the first one saved, and writes only when somebody insists."""
    (mine / "recipes").mkdir(exist_ok=True)
    path = mine / "recipes" / "shared.toml"
    path.write_text('name = "shared"\n\n[[rule]]\nuse = "pii"\n', encoding="utf-8")
    one = visits(mine).goes("/recipe?corpus=baseline&recipe=shared")
    path.write_text(path.read_text() + '\n[[rule]]\nuse = "min_words"\n', encoding="utf-8")
    one.page.get_by_role("checkbox", name="masked is on").uncheck()
    one.page.wait_for_function("document.querySelector('.st-key-recipe-toml textarea').value.includes('#off')")
    one.page.get_by_role("button", name="Save", exact=True).click()
    one.page.get_by_text("Nothing was overwritten").wait_for()
    difference = one.page.locator('[data-testid="stCode"]').filter(has_text="+++ yours")
    assert '-use = "min_words"' in difference.text_content()
    assert "#off" not in path.read_text()
    one.does(lambda: one.page.get_by_role("button", name="Take the saved one").click(), "true")
    one.page.wait_for_function("document.querySelector('.st-key-recipe-toml textarea').value.includes('min_words')")


def test_on_a_phone_a_rule_is_moved_and_hostile_words_stay_words(visits: Any, attacked: Path) -> None:
    """The list fits, and a label that is a tag is a text."""
    visitor = visits(attacked, **PHONE).goes("/recipe?corpus=baseline")
    visitor.page.get_by_role("button", name="Move Retweets down").click()
    visitor.page.wait_for_function(
        "/unescape_html[^]*\"retweet/.test(document.querySelector('.st-key-recipe-toml textarea').value)"
    )
    text = toml(visitor).replace('use = "retweet"', 'use = "retweet"\nlabel = "<img src=x onerror=alert(1)> *b*"')
    visitor.page.get_by_role("textbox", name="TOML").fill(text)
    visitor.does(lambda: visitor.page.keyboard.press("Control+Enter"), "true")
    visitor.page.get_by_role("button", name="<img src=x onerror=alert(1)> *b*: its parameters").wait_for()
