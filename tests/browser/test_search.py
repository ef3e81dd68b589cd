"""Posts are searched for, and facets narrow them, by mouse, keyboard and finger."""

from __future__ import annotations

import re
import shutil

from curation.corpus.corpus import Corpus
from curation.corpus.selection import of_kept
from tests.browser.test_every_page import address

HERE = "() => location.search.includes('{}')"


def posts(sample, search: str = "", where: str = "true") -> int:
    """How many posts of the sample a search finds, counted without the dashboard."""
    conditions = of_kept(Corpus.open(sample, "baseline"), {}, search)
    sql = " AND ".join([where, *(condition.sql for condition in conditions)])
    parameters = [value for condition in conditions for value in condition.parameters]
    return Corpus.open(sample, "baseline").rows(f"SELECT count(*) FROM posts WHERE {sql}", parameters)[0][0]


def waits_for(visitor, expected: int) -> None:
    """Wait until the page says that so many posts are in view."""
    value = visitor.page.get_by_test_id("stMetric").filter(has_text="Posts in view").get_by_test_id("stMetricValue")
    value.filter(has_text=re.compile(f"^{expected:,}$")).wait_for()


def test_words_are_searched_for(visits, sample):
    """What is typed is found and marked; what can't be read is said there; the help is beside the box."""
    visitor = visits(sample).goes(address("browse"))
    box = visitor.page.get_by_label("Search", exact=True)
    box.fill('"the light" OR star -night')
    visitor.does(lambda: box.press("Enter"), HERE.format("OR+star"))
    expected = posts(sample, '"the light" OR star -night')
    assert expected
    waits_for(visitor, expected)
    marks = visitor.page.locator("mark").all_inner_texts()
    assert marks
    assert {re.sub(r"\s+", " ", mark.lower()) for mark in marks} <= {"the light", "star"}
    box.fill("-- (a")
    visitor.does(lambda: box.press("Enter"), HERE.format("q=--"))
    assert "at character 4: this bracket is never closed" in visitor.text
    box.fill("--")
    visitor.does(lambda: box.press("Enter"), "() => document.querySelector('[class*=\"st-key-chip-q\"]')")
    chip = visitor.page.locator('[class*="st-key-chip-q"] button').first.inner_text()
    assert "Search: --" in chip.replace("\u2060", "")
    visitor.page.get_by_role("button", name="How to search").click()
    visitor.page.get_by_text("since:2020-03").wait_for()
    visitor.goes(address("export", q="/[/"))
    assert "at character 1: this regular expression is not one of RE2" in visitor.text


def test_facets_are_open_with_counts(visits, sample):
    """A value says how many posts it has, choosing it shows them, and arrow keys and the blank choose too."""
    visitor = visits(sample).goes(address("browse"))
    kind = visitor.page.locator('[data-facet="kind"]')
    assert kind.locator(".facet-value").first.is_visible()
    reply = kind.locator(".facet-value", has_text="reply")
    expected = posts(sample, where="is_reply AND NOT coalesce(is_repost, false)")
    assert int(reply.locator(".facet-count").inner_text().replace(",", "")) == expected
    visitor.does(reply.click, HERE.format("kind=reply"))
    waits_for(visitor, expected)
    # From the first box of another facet, down to the second.
    visitor.page.locator('[data-facet="length"] input[type=checkbox]').first.focus()
    visitor.page.keyboard.press("ArrowDown")
    chosen = visitor.page.evaluate("document.activeElement.value")
    visitor.does(lambda: visitor.page.keyboard.press("Space"), HERE.format(f"length={chosen}"))
    assert visitor.page.evaluate("document.activeElement.value") == chosen  # the keyboard stays where it was
    low, high = chosen.split("-")
    within = f"is_reply AND NOT coalesce(is_repost, false) AND length(text) BETWEEN {low} AND {high}"
    waits_for(visitor, posts(sample, where=within))


def test_many_values_are_found_by_name(visits, sample):
    """All months unfold in the same control, and its box finds one of them."""
    visitor = visits(sample).goes(address("browse"))
    month = visitor.page.locator('[data-facet="month"]')
    assert month.locator(".facet-value").count() == 6
    month.get_by_role("button", name=re.compile("^All")).click()
    first = month.locator("input[type=checkbox]").last.input_value()
    assert visitor.page.evaluate("document.activeElement.getAttribute('aria-label')") == "Find: Month"
    visitor.page.keyboard.type(first)
    assert month.locator(".facet-word").all_inner_texts() == [first]
    visitor.page.keyboard.press("ArrowDown")
    visitor.does(lambda: visitor.page.keyboard.press("Space"), HERE.format(f"month={first}"))
    waits_for(visitor, posts(sample, where=f"strftime(created_at::TIMESTAMP, '%Y-%m') = '{first}'"))


def test_facets_on_a_telephone(visits, sample):
    """They are folded away with the sidebar, and a finger opens and chooses them."""
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    visitor = visits(sample, **phone).goes(address("browse"))
    assert not visitor.page.locator('[data-facet="kind"]').is_visible() or (
        visitor.page.locator('[data-facet="kind"]').bounding_box()["x"] < 0
    )
    visitor.page.get_by_test_id("stExpandSidebarButton").click()
    value = visitor.page.locator('[data-facet="kind"] .facet-value', has_text="reply")
    assert value.bounding_box()["height"] >= 36
    visitor.does(value.tap, HERE.format("kind=reply"))
    waits_for(visitor, posts(sample, where="is_reply AND NOT coalesce(is_repost, false)"))


def test_a_view_has_a_name(visits, sample, tmp_path):
    """It is saved, opened from elsewhere, renamed and deleted, without a terminal."""
    data = shutil.copytree(sample, tmp_path / "data")
    visitor = visits(data).goes(address("browse", kind="reply", order="oldest"))
    page = visitor.page

    def opened() -> None:
        if not page.get_by_role("textbox", name="Name of this view").is_visible():
            page.get_by_role("button", name=re.compile("^Saved views")).click()

    opened()
    page.get_by_role("textbox", name="Name of this view").fill("Oldest *replies*")
    visitor.does(
        page.get_by_role("button", name="Save this view").click,
        "() => document.body.innerText.includes('Saved views · 1')",
    )
    visitor.goes(address("browse"))
    opened()
    visitor.does(page.get_by_role("button", name="Oldest *replies* · baseline").click, HERE.format("kind=reply"))
    assert "order=oldest" in page.url
    opened()
    page.get_by_text("Rename or delete").click()
    page.get_by_role("textbox", name="New name").fill("Replies")
    page.get_by_role("textbox", name="New name").press("Tab")
    page.get_by_role("button", name="Rename", exact=True).click()
    page.get_by_role("button", name="Replies · baseline").wait_for()
    opened()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Replies · baseline").wait_for(state="detached")
