"""Importing in the browser: files that are dropped, what is seen of them, the first run, and accounts on a server."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from curation.disk.workspace import Workspace
from tests.browser.readable import overflowing
from tests.browser.serving import begin
from tests.sources.test_bluesky import account as account  # an account on a server of this machine

ARCHIVE = Path("data/sample/x-archive-marlow_of_the_lamp.zip").absolute()

#: Drops a file on the page, as a hand does.
DROP = """async ([base64, name]) => {
  const host = [...document.querySelectorAll('*')].find((each) => each.shadowRoot?.querySelector('.zone'));
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const files = new DataTransfer();
  files.items.add(new File([bytes], name));
  host.shadowRoot.querySelector('.zone').dispatchEvent(
    new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def empty(tmp_path):
    """A server for an empty workspace."""
    (tmp_path / "data").mkdir()
    dashboard = begin(tmp_path / "data", tmp_path / "said.txt")
    yield dashboard
    dashboard.end()


def test_a_dropped_archive_becomes_a_corpus(empty, visits):
    """Empty workspace → drop → what it is → import → first run → Overview; then nothing of the upload is left."""
    visitor = visits(empty).goes()
    page = visitor.page
    assert "This workspace is empty" in visitor.text
    page.locator('input[type="file"]').wait_for(state="attached")
    page.evaluate(DROP, [base64.b64encode(ARCHIVE.read_bytes()).decode(), ARCHIVE.name])
    page.get_by_role("button", name="Import 157 posts").wait_for()
    visitor.waits()
    assert "an archive of X" in visitor.text
    assert "157 posts by marlow_of_the_lamp, 2019-03-02 to 2025-03-02\n" in visitor.text
    assert "Testing testing is this the drafts" in visitor.text
    page.reload()
    page.get_by_role("button", name="Import 157 posts").click()
    page.get_by_text("157 posts landed.").wait_for()
    page.get_by_role("button", name="Run baseline").click()
    page.get_by_role("heading", name="Overview").wait_for()
    visitor.waits()
    assert visitor.metric("Downloaded") == "157"
    assert Workspace(empty.data).recipes_run() == ["baseline"]
    assert list((empty.data / ".work").glob("upload-*")) == []


def test_an_account_is_collected_and_later_what_is_new(empty, visits, account):
    """A form of the source's own options → who it is → collected → three posts more → one click; on a telephone."""
    visitor = visits(empty, viewport={"width": 390, "height": 844}).goes()
    page = visitor.page
    page.get_by_text("From the network").click()
    page.get_by_label("Handle", exact=True).fill("ada")
    page.get_by_text("More settings").click()
    page.get_by_label("Base url", exact=True).fill(account.server.address)
    page.get_by_role("button", name="Look", exact=True).click()
    page.get_by_text("the profile counts 10 posts").wait_for()
    assert Workspace(empty.data).landings() == []
    page.get_by_role("button", name="Collect", exact=True).click()
    page.get_by_text("10 posts landed.").wait_for()
    account.post(3)
    page.get_by_role("button", name="Collect what is new").click()
    page.get_by_text("3 posts landed.").wait_for()
    visitor.waits()
    assert "13 of 13 posts" in visitor.text
    assert overflowing(page) == []


def test_a_visitor_who_may_not_write_is_told(visits, tmp_path):
    """Without --allow-writes the page of a server for others has a reason, and nothing to press."""
    (tmp_path / "data").mkdir()
    dashboard = begin(tmp_path / "data", tmp_path / "said.txt", "--host", "127.0.0.2", host="127.0.0.2")
    try:
        visitor = visits(dashboard).goes()
        assert "Whoever runs it can start it with --allow-writes" in visitor.text
        assert visitor.main.get_by_role("button").count() == 0
        assert visitor.page.locator("input").count() == 0
        visitor.page.close()  # before its server is gone
    finally:
        dashboard.end()
