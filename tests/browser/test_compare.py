"""Compare, and what leads to it: a slider says at once what the library says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from curation.asking.variants import without
from curation.recipes.recipe import Recipe
from tests.browser.test_every_page import address
from tests.browser.visitor import Visitor
from tests.cli.shell import inside

#: The figures of the page, by their labels, and their names in `curation compare --json`.
FIGURES = {"Kept by both": "both", "Only A keeps": "only_a", "Only B keeps": "only_b", "Kept by neither": "neither"}


def figures(visitor: Visitor) -> dict[str, int]:
    """What the boxes of the page say."""
    return {name: int(visitor.metric(label).replace(",", "")) for label, name in FIGURES.items()}


def said(data: Path, *options: str) -> dict[str, Any]:
    """What the command says."""
    told = inside("compare", "baseline", *options, "--json", data=data).json
    return {name: told[name] for name in FIGURES.values()}


def test_a_slider_moves_the_counts_to_what_the_library_says(visits: Any, sample: Path) -> None:
    """Each step of the slider gives the figures of `curation compare --set`, and stands in the address."""
    visitor = visits(sample).goes(address("compare"))
    assert figures(visitor)["only_a"] > 0  # it opens on something that differs
    visitor.goes(address("compare", set="min_words.min=4"))
    slider = visitor.page.get_by_role("slider", name=re.compile("min_words.min")).first
    for step in (5, 6):
        slider.focus()
        visitor.does(
            lambda: visitor.page.keyboard.press("ArrowRight"), f"location.search.includes('min_words.min%3D{step}')"
        )
        assert figures(visitor) == said(sample, "--set", f"min_words.min={step}")
    assert said(sample, "--set", "min_words.min=6")["only_a"] > 0


def test_an_address_has_both_sides(visits: Any, sample: Path, tmp_path: Path) -> None:
    """Changes or another corpus in it give the figures of `curation compare`; what is downloaded says the same."""
    visitor = visits(sample).goes(address("compare", set="min_words.min=6", without="retweet"))
    assert figures(visitor) == said(sample, "--set", "min_words.min=6", "--without", "retweet")
    slider = visitor.page.get_by_role("slider", name=re.compile("min_words.min")).first
    assert slider.input_value() == "6"
    assert "--set min_words.min=6 --without retweet" in visitor.text
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("button", name="Save as a recipe file").click()
    saved = tmp_path / "saved.toml"
    download.value.save_as(saved)
    recipe = Recipe.parse(tomllib.loads(saved.read_text("utf-8")))
    wanted = without(Recipe.load("baseline", changes=("min_words.min=6",)), "retweet")
    assert recipe.fingerprint == wanted.fingerprint
    visitor.goes(address("compare", against="strict"))
    assert figures(visitor) == said(sample, "strict")


def test_the_figures_stay_in_sight_on_a_phone(visits: Any, sample: Path) -> None:
    """However far somebody scrolls to a slider, what it changes is above it; long lists and expressions are folded."""
    visitor = visits(sample, viewport={"width": 390, "height": 844}).goes("/compare?corpus=strict")
    box = visitor.page.locator('[data-testid="stMetric"]').first
    slider = visitor.page.get_by_role("slider", name=re.compile("repetition.max")).first
    slider.scroll_into_view_if_needed()
    visitor.page.mouse.wheel(0, 300)
    assert 0 <= box.bounding_box()["y"] < 150
    assert "[^" not in visitor.main.inner_text()  # of an expression
    visitor.page.get_by_role("textbox", name="Find a setting").fill("language keep")
    visitor.does(lambda: visitor.page.keyboard.press("Enter"), "document.body.innerText.includes('are hidden')")
    assert visitor.page.get_by_text("language.keep (A: en)").is_visible()
