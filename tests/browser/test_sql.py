"""A person's own SQL in the browser: typed, linked, wrong, cancelled and downloaded."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from curation.corpus.corpus import Corpus

ENDLESS = "SELECT count(*) FROM range(1000000) a, range(1000000) b, range(1000000) c WHERE a.range + b.range < c.range"


def test_sql_is_asked(visits, sample):
    """A link fills the box and runs nothing; Ctrl-Enter runs it, an error shows its place, a click ends a long one."""
    statement = "SELECT author, count(*) AS posts FROM posts GROUP BY author ORDER BY posts DESC, author"
    visitor = visits(sample).goes(f"/sql?{urlencode({'corpus': 'baseline', 'sql': statement})}")
    page = visitor.page
    box = page.get_by_role("textbox", name="A SELECT statement")
    assert box.input_value() == statement
    assert not page.get_by_test_id("stDataFrame").count()
    assert "duplicate_of" in visitor.text
    box.press("Control+Enter")
    page.get_by_test_id("stDataFrame").wait_for()
    rows = Corpus.open(sample, "baseline").rows(statement)
    assert f"{len(rows):,} row" in visitor.waits().text
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    lines = Path(download.value.path()).read_text("utf-8").splitlines()
    assert lines[1:] == [f'"{author}",{posts}' for author, posts in rows]
    box.fill("SELECT nope FROM posts")
    box.press("Control+Enter")
    page.get_by_test_id("stAlert").wait_for()
    assert "LINE 1: SELECT nope FROM posts" in visitor.waits().text
    box.fill(ENDLESS)
    box.press("Control+Enter")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Cancel").wait_for(state="detached")
    box.fill("SELECT * FROM read_text('/etc/passwd')")
    box.press("Control+Enter")
    page.get_by_text("the only table is posts").wait_for()
    assert "sql=SELECT" in page.url
    visitor.takes_a_telephone().goes("/sql").page.get_by_role("button", name="Run", exact=True).click()
    visitor.page.get_by_test_id("stDataFrame").wait_for()
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 390
