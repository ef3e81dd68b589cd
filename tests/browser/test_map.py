"""The page Map: points on a canvas that a pointer, a finger and a keyboard use, and the posts below it."""

from __future__ import annotations

import json

from curation.corpus.pins.pin_file import pins_of
from curation.disk.workspace import Workspace
from tests.browser.test_every_page import address
from tests.cli.shell import curation

#: The component has drawn its points.
POINTS = ".map[data-drawn]"
MARKUP = "<img src=x onerror=alert(1)>"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


def test_a_map_is_drawn_explored_and_decided(visits, tmp_path):
    """Without a map the page tells how to get one; then an area is chosen on it, and its posts are pinned."""
    data = tmp_path / "data"
    posts = [
        {"id": str(number), "author": "mira", "created_at": "2026-03-04T05:06:07Z",
         "text": f"{MARKUP} {('the kettle sings of rain', 'de trein had weer vertraging')[number % 2]} {number}"}
        for number in range(40)
    ]  # fmt: skip
    (tmp_path / "posts.jsonl").write_text("".join(json.dumps(post) + "\n" for post in posts), encoding="utf-8")
    for words in (["collect", "file", tmp_path / "posts.jsonl", "--platform", "x"], ["run", "--workers", "1"]):
        assert curation(*words, data=data).rc == 0
    visitor = visits(data).goes(address("map", corpus="baseline"))
    assert "40 posts" in visitor.text
    assert "curation map baseline" in visitor.text
    visitor.page.get_by_role("button", name="Draw the map").click()
    canvas = visitor.page.locator(f"{POINTS} canvas")
    canvas.wait_for()
    visitor.waits()
    assert "Map of 40 posts" in canvas.get_attribute("aria-label")
    # An area that holds all of them, drawn with Shift.
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    corners = [(0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.02, 0.98)]
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
    visitor.page.keyboard.down("Shift")
    visitor.page.mouse.move(*places[0])
    visitor.page.mouse.down()
    for place in places[1:]:
        visitor.page.mouse.move(*place, steps=3)
    visitor.page.mouse.up()
    visitor.page.keyboard.up("Shift")
    visitor.page.get_by_text("Chosen on the map: 40 posts").wait_for()
    visitor.waits()
    assert MARKUP in visitor.text  # as text
    link = visitor.page.get_by_role("link", name="Open them in Browse").get_attribute("href")
    visitor.page.get_by_role("button", name="Remove these 40 posts").first.click()
    visitor.page.get_by_role("button", name="Yes, remove these 40 posts").click()
    visitor.page.get_by_text("40 posts are pinned").wait_for()
    assert {pin.want for pin in pins_of(Workspace(data)).pins} == {"removed"}
    assert len(pins_of(Workspace(data)).pins) == 40
    visitor.page.get_by_role("button", name="Apply 40 decisions").click()
    visitor.page.get_by_text("The corpus has changed since this map was drawn").wait_for()
    visitor.goes(f"/{link}")
    visitor.page.get_by_text("Posts: 40 chosen").first.wait_for()
    visitor.page.get_by_text("Posts 1 to 40 of 40").first.wait_for()
    # On a telephone a tap shows a post with its neighbours, and nothing is wider than the screen.
    phone = visits(visitor.dashboard, **PHONE).goes(address("map", corpus="baseline"))
    small = phone.page.locator(f"{POINTS} canvas")
    small.wait_for()
    phone.page.get_by_role("button", name="Zoom in").click()
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    phone.page.locator("tbody a").first.click()
    phone.page.get_by_text("Open in Browse").first.wait_for()
    phone.waits()
    visitor.waits()
