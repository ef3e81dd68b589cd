"""Words in the browser: from a word to its posts, every part of the page, and a graph to take along."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from tests.browser.readable import faint, nameless, overflowing
from tests.browser.test_every_page import address
from tests.cli.shell import inside

PARTS = ("Its own words", "What is typical", "Tags, links, apps", "When and how", "Mentions")


def shows(visitor: Any, part: str) -> None:
    """Choose a part of the page, and wait until its address names it: the choice alone shows before it is drawn."""
    before = visitor.page.url
    visitor.page.get_by_role("radio", name=part).click()
    visitor.page.wait_for_function("before => location.href !== before", arg=before)
    visitor.waits()


def test_a_word_leads_to_its_posts(visits: Any, sample: Path, tmp_path: Path) -> None:
    """The first word has the figure of the command, and Browse finds as many posts; a telephone has all parts too."""
    answer = inside("words", "--json", data=sample).json
    visitor = visits(sample).goes(address("words"))
    word = answer["voice"]["words"][0]
    row = visitor.page.locator("tr").filter(has=visitor.page.get_by_role("link", name=word["text"], exact=True)).first
    assert f"{word['posts']:,}" in row.inner_text()
    visitor.comes_to(row.get_by_role("link").click, "Browse")
    assert word["posts"] in visitor.numbers
    visitor.goes(address("words"))
    for part in PARTS[1:]:
        shows(visitor, part)
        assert (faint(visitor.page), nameless(visitor.page), overflowing(visitor.page)) == ([], [], [])
    # The part and the comparison are in the address, so a link shows the same, also after another choice.
    shows(visitor, "What is typical")
    visitor.page.get_by_role("radio", name="A rule").click()
    visitor.page.wait_for_function("new URLSearchParams(location.search).get('compare') === 'rule'")
    visitor.waits()
    link, heading = visitor.page.url.removeprefix(visitor.dashboard.url), visitor.page.locator("h2").first.inner_text()
    assert "show=typical" in link
    assert "name=" in link
    other = visits(visitor.dashboard).goes(link)
    assert other.page.locator("h2").first.inner_text() == heading
    shows(visitor, "Mentions")
    visitor.does(lambda: None, "!location.search.includes('compare')")
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("button", name="Download the network").click()
    download.value.save_as(tmp_path / "net.gexf")
    assert ET.parse(tmp_path / "net.gexf").getroot().tag.endswith("gexf")
    visitor.takes_a_telephone().goes(address("words"))
    for part in PARTS[1:]:
        shows(visitor, part)
        assert (faint(visitor.page), overflowing(visitor.page)) == ([], [])
