"""Posts read and decided in the browser: by keyboard, by finger, in two tabs, and with nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from curation.asking.review.record import reviews_of
from curation.corpus.corpus import Corpus
from curation.corpus.pins.pin_file import Pins, change_pins, pins_of
from curation.disk.workspace import Workspace
from tests.browser.readable import faint, nameless, overflowing
from tests.browser.serving import Dashboard, begin
from tests.browser.test_browse import POSTS
from tests.browser.test_every_page import PHONE
from tests.browser.visitor import Visitor
from tests.corpora import rule, write_corpus

DESK = {"viewport": {"width": 1440, "height": 900}}
#: Words of posts of ordinary length: 84 characters in the middle, as in 336,000 real ones.
WORDS = (
    "the kettle sings before the harbour wakes and nobody on the quay has asked it to stop",
    "rain again",
    "I went looking for the last page of the ledger. It used to be here https://a.example/one but now it is farther, "
    "and someone has painted it green since",
    "a long one about the bridge that was closed on a Tuesday, opened on a Wednesday, and painted green in between by "
    "someone with a ladder and no permit",
    "Zwei Katzen sitzen am Fenster und zählen die Fahrräder, die vorbeikommen",
    "霧が深い朝、港の灯台はまだ眠っている。猫だけが起きていた。",
    "في الصباح كان الميناء هادئا والقطة تنظر إلى القمر",
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Dashboard]:
    """A server over 230 posts of ordinary length, of which every fifth is removed."""
    rows = [
        {
            "id": str(number),
            "author": ["mira", "jo"][number % 2],
            "text": WORDS[number % len(WORDS)],
            "raw_text": WORDS[number % len(WORDS)] + (" https://a.example/b" if number % 7 == 0 else ""),
            "rewritten_by": ["strip_urls"] if number % 7 == 0 else [],
            "matched": ["min_words"] if number % 5 == 0 else [],
            "removed_by": "min_words" if number % 5 == 0 else None,
            "min_words": 2 if number % 5 == 0 else 9,
        }
        for number in range(230)
    ]
    rules = [rule("strip_urls", kind="transform"), rule("min_words", label="Short posts", measure="min_words", min=3)]
    write_corpus(tmp_path / "data", rows, recipe="baseline", rules=rules)
    dashboard = begin(tmp_path / "data", tmp_path / "said.txt")
    yield dashboard
    dashboard.end()


@pytest.fixture
def visit(desk, visits):
    """A visitor of it, set up after the server, so that nobody looks any more when it ends."""

    def visit(address: str = "/browse", **settings: Any) -> Visitor:
        visitor = visits(desk, **{**DESK, **settings}).goes(address)
        visitor.page.wait_for_selector(POSTS)
        return visitor

    return visit


def saved(visitor, number: int) -> None:
    """Wait until the page says that so many decisions are written."""
    visitor.page.wait_for_function(f"() => document.querySelector('.posts .state')?.textContent === '{number} saved'")


def shows(visitor: Visitor, words: str) -> None:
    """Wait until the line above the posts has these words."""
    visitor.page.wait_for_function(f"() => document.querySelector('.posts .count')?.textContent.includes('{words}')")


def wants(data: Path) -> dict[str, str]:
    """What the file of pins says, by id."""
    return {pin.id: pin.want for pin in pins_of(Workspace(data)).pins}


def test_a_screen_has_twelve_posts(visit):
    """At 1440 × 900 twelve whole posts are in view at first, in the compact density, which is the first one."""
    visitor = visit()
    whole = f"[...document.querySelectorAll('{POSTS}')].filter(one => one.getBoundingClientRect().bottom < innerHeight)"
    compact = visitor.page.evaluate(f"{whole}.length")
    assert compact >= 12
    visitor.page.get_by_role("button", name="Comfortable").click()
    assert visitor.page.evaluate(f"{whole}.length") < compact
    # The browser remembers it.
    assert visitor.goes("/browse?order=oldest").page.locator(".posts.comfortable").count() == 1


def test_the_keyboard_decides(visit, desk):
    """Keys move, keep, remove and undo; each decision is in the file when the page says so, and none while typing."""
    visitor = visit("/browse?order=oldest")
    keys = visitor.page.keyboard
    for key in "jxsxku":
        keys.press(key)
    # j is the first post; x and s decide 0 and 1, x decides 2, k goes back to 2, u takes that back.
    saved(visitor, 4)
    assert wants(desk.data) == {"0": "removed", "1": "kept"}
    first = visitor.page.locator(POSTS).nth(0)
    assert "Removed by hand" in first.inner_text()
    assert "as the recipe does" in first.inner_text()
    keys.press("Control+x")
    keys.press("/")
    keys.type("xsu")
    assert visitor.page.get_by_label("Search", exact=True).input_value() == "xsu"
    visitor.page.get_by_label("Search", exact=True).fill("")
    keys.press("Escape")
    assert wants(desk.data) == {"0": "removed", "1": "kept"}
    again = visit("/browse?order=oldest").page.locator(POSTS)
    assert "Removed by hand" in again.nth(0).inner_text()
    again.nth(2).focus()
    again.page.keyboard.press("x")
    again.page.wait_for_function("() => document.querySelectorAll('.posts article')[2].innerText.includes('next run')")
    again.page.keyboard.press("?")
    assert again.page.get_by_role("dialog", name="Keys").is_visible()
    again.page.keyboard.press("x")
    again.page.keyboard.press("Escape")
    assert wants(desk.data) == {"0": "removed", "1": "kept", "2": "removed"}


def test_a_hundred_decisions_in_a_row_lose_none(visit, desk):
    """A hundred keys as fast as a browser sends them, while another process pins too; the next page begins by `j`."""
    visitor = visit("/browse?order=oldest")
    for number in range(100):
        visitor.page.keyboard.press("xs"[number % 2])
        if number % 25 == 0:
            change_pins(Workspace(desk.data), lambda pins, n=number: pins.pin("x", f"other{n}", "kept"))
    visitor.does(lambda: visitor.page.keyboard.press("j"), "() => location.search.includes('page=2')")
    expected = {str(number): ("removed", "kept")[number % 2] for number in range(100)}
    assert wants(desk.data) == expected | {f"other{number}": "kept" for number in (0, 25, 50, 75)}
    shows(visitor, "Posts 101 to 200 of 230")
    visitor.page.keyboard.press("u")
    saved(visitor, 101)
    assert "99" not in wants(desk.data)


def test_the_page_is_in_the_address(visit):
    """Next, Back and a link lead to the same page of posts; a condition begins on its first page."""
    visitor = visit()
    following = visitor.page.get_by_role("button", name="Next page").last
    visitor.does(following.click, "() => location.search.includes('page=2')")
    shows(visitor, "Posts 101 to 200")
    visitor.does(visitor.page.go_back, "() => !location.search.includes('page=')")
    shows(visitor, "Posts 1 to 100")
    shows(visitor.goes("/browse?page=3"), "Posts 201 to 230")
    visitor.does(lambda: visitor.page.get_by_label("Page", exact=True).first.fill("2"), "() => true")
    visitor.does(lambda: visitor.page.keyboard.press("Enter"), "() => location.search.includes('page=2')")
    search = visitor.page.get_by_label("Search", exact=True)
    search.fill("kettle")
    visitor.does(lambda: search.press("Enter"), "() => location.search.includes('q=kettle')")
    assert "page=" not in visitor.page.url
    visitor.page.wait_for_selector(f"{POSTS} mark")
    assert visitor.page.locator(f"{POSTS} mark").first.inner_text() == "kettle"


def test_details_and_back(visit, desk):
    """`o` opens the details, where a decision gets a note; the way back ends at the same post.

    A decision that follows at once cuts off the drawing of the details, and doesn't bring back the list.
    """
    visitor = visit("/browse?order=oldest")
    for key in "jjj":
        visitor.page.keyboard.press(key)
    visitor.does(lambda: visitor.page.keyboard.press("o"), "() => location.search.includes('post=')")
    visitor.page.keyboard.press("x")
    note = visitor.page.get_by_label("Note")
    note.fill("not <i>mine</i>")
    note.press("Enter")
    saved(visitor, 2)
    [pin] = pins_of(Workspace(desk.data)).pins
    assert (pin.id, pin.want, pin.note) == ("2", "removed", "not <i>mine</i>")
    visitor.does(visitor.page.go_back, f"() => document.querySelectorAll('{POSTS}').length > 1")
    visitor.page.wait_for_function("() => document.activeElement?.dataset.post === 'x:2'")
    assert "Note: not <i>mine</i>" in visitor.page.locator(POSTS).nth(2).inner_text()
    # In the list, `n` writes one too: Enter saves it, Escape doesn't, and keys decide nothing meanwhile.
    for words, end in (("axsu", "Enter"), ("b", "Escape")):
        visitor.page.keyboard.press("n")
        visitor.page.get_by_label("Note").fill(words)
        visitor.page.keyboard.press(end)
        assert not visitor.page.get_by_label("Note").count()
    visitor.page.wait_for_function("() => document.querySelector('.posts .state')?.textContent.includes('saved')")
    assert [(pin.id, pin.note) for pin in pins_of(Workspace(desk.data)).pins] == [("2", "axsu")]


def test_a_file_that_cannot_be_written_loses_nothing(visit, desk):
    """The page says what is wrong and keeps the decisions, through a reload too, until they can be written."""
    visitor = visit("/browse?order=oldest")
    (desk.data / "pins.toml").write_text("[[pin]", encoding="utf-8")
    visitor.page.keyboard.press("x")
    alarm = visitor.page.get_by_role("alert").filter(has_text="1 not saved")
    alarm.wait_for()
    assert "TOML" in alarm.inner_text()
    (desk.data / "pins.toml").write_text(Pins().toml(), encoding="utf-8")
    alarm.get_by_role("button", name="Try again").click()
    saved(visitor, 1)
    assert wants(desk.data) == {"0": "removed"}


def test_a_telephone_decides_by_touch(visit, desk):
    """On a telephone, at night, buttons are large enough for a finger, everything can be read, and a tap decides."""
    visitor = visit("/browse?order=oldest", **PHONE)
    keep = visitor.page.locator(POSTS).nth(1).get_by_role("button", name="Keep")
    assert keep.bounding_box()["height"] >= 44
    keep.tap()
    saved(visitor, 1)
    assert wants(desk.data) == {"1": "kept"}
    assert (faint(visitor.page), nameless(visitor.page), overflowing(visitor.page)) == ([], [], [])


def test_a_screen_reader_hears_it(visit):
    """The posts are a feed of articles with their places, named by their facts and text, and a decision is said."""
    visitor = visit()
    article = visitor.page.get_by_role("feed").get_by_role("article").nth(0)
    assert (article.get_attribute("aria-posinset"), article.get_attribute("aria-setsize")) == ("1", "230")
    article.focus()
    assert visitor.page.evaluate("document.activeElement.getAttribute('aria-current')") == "true"
    visitor.page.keyboard.press("s")
    status = visitor.page.locator('.posts [role="status"]')
    assert status.inner_text().startswith("Kept by hand: the post of ")
    visitor.page.keyboard.press("Tab")
    assert visitor.page.evaluate("document.activeElement.textContent") == "Keep"
    saved(visitor, 1)
    assert (faint(visitor.page), nameless(visitor.page), overflowing(visitor.page)) == ([], [], [])


def test_what_was_not_sent_is_sent_later(visit, desk):
    """What a browser has in its outbox when a page is reloaded comes into the file afterwards."""
    visitor = visit("/browse?order=oldest")
    visitor.page.keyboard.press("x")
    saved(visitor, 1)
    visitor.page.evaluate(
        "words => { for (const key of Object.keys(sessionStorage)) if (key.startsWith('curation:decisions'))"
        " sessionStorage.setItem(key, words); }",
        '[{"number": 7, "post": "x:5", "want": "removed"}]',
    )
    saved(visitor.goes("/browse?order=oldest"), 1)
    assert wants(desk.data) == {"0": "removed", "5": "removed"}


def test_decisions_are_applied_where_they_are_made(visit, desk):
    """The page sees by itself how many wait, a click puts them into the corpus, and it says the new figures."""
    visitor = visit("/browse?order=oldest")
    page = visitor.page
    assert page.locator(".st-key-decisions").count() == 0
    for key in "jsxx":
        page.keyboard.press(key)
    saved(visitor, 3)
    page.get_by_text("3 decisions by hand are not applied to this corpus yet.").wait_for()
    page.get_by_role("button", name="Apply 3 decisions").click()
    page.get_by_text("Applied 3 decisions: 183 posts kept, −1.").wait_for()
    page.locator(".st-key-decisions").wait_for(state="detached")
    assert Corpus.open(desk.data, "baseline").manifest["counts"]["removed"]["by_hand"] == 2
    page.locator("[data-testid=stMetricValue]").get_by_text("183", exact=True).wait_for()
    page.locator("label").get_by_text("Removed by hand").first.wait_for()
    alone = "the recipe alone: Short posts"
    page.wait_for_function(f"() => document.querySelector('.posts')?.innerText.includes('{alone}')")


def test_a_queue_counts_what_was_wrong(visit, desk):
    """A random queue is decided by keyboard; progress, record and estimate follow, and a new visit goes on there."""
    visitor = visit("/decide")
    for key in "sxxxxxxxxxxxxxxxxxxx":
        visitor.page.keyboard.press(key)
    saved(visitor, 20)
    visitor.page.wait_for_function("() => document.body.innerText.includes('20 of 46 decided')")
    row = visitor.page.locator("tr").filter(has_text="Removed by Short posts").filter(has_text="20 of 46")
    row.wait_for()  # The table is drawn after the line above it.
    assert row.locator("td").all_inner_texts()[:3] == ["20 of 46", "1", "5.0%"]
    drawn = reviews_of(Workspace(desk.data)).draws
    assert len({each.post for each in drawn}) == len(drawn) == 20
    assert set(wants(desk.data)) == {each.id for each in drawn}
    visitor.page.keyboard.press("u")
    saved(visitor, 21)
    visitor.page.wait_for_function("() => document.body.innerText.includes('19 of 46 decided')")
    shows(visit("/decide"), "Posts 1 to 20")
    visitor.does(visitor.page.get_by_text("Near a threshold").click, "() => location.search.includes('queue=near')")
    shows(visitor, "Posts 1 to 20")
    assert (faint(visitor.page), nameless(visitor.page), overflowing(visitor.page)) == ([], [], [])
