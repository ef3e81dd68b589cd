"""Importing in the browser: files that are dropped, what is seen of them, the first run, and accounts on a server."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.disk.workspace import Workspace
from tests.browser.serving import begin

ARCHIVE = Path("data/sample/x-archive-marlow_of_the_lamp.zip").absolute()


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
    page.locator('input[type="file"]').set_input_files(str(ARCHIVE))
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
