"""What a page says when something is wrong: a sentence, and never the code of this program."""

from __future__ import annotations

import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.browser.serving import begin
from tests.corpora import write_corpus

CODE = ("Traceback", "Error:", 'File "', ".py", "SELECT")


@pytest.fixture
def fragile(tmp_path):
    """A server for a workspace of the test's own, which has one corpus of one post."""
    data = tmp_path / 'it\'s "α" ; 📁 <b>data *x* $y$'
    data.mkdir()
    write_corpus(data, [{"author": "mira", "text": "a post that is there"}], recipe="baseline")
    dashboard = begin(data, tmp_path / "said.txt")
    yield dashboard
    dashboard.end()


@pytest.fixture
def own(fragile, visits):
    """Somebody who looks at it; set up after the server, so that nobody looks any more when it ends."""
    return visits(fragile)


def test_a_workspace_can_go_wrong_while_it_is_looked_at(own):
    """Damaged, emptied, taken away and put back: every time a sentence says so, and the page goes on afterwards."""
    data = own.dashboard.data
    own.goes()
    assert data.name in own.page.locator('[data-testid="stSidebar"]').inner_text()
    corpus = data / "curated/baseline"
    shutil.copytree(data, data.with_name("kept"))

    (corpus / "manifest.json").write_text("{", encoding="utf-8")
    assert "is damaged" in says(own.goes())

    shutil.rmtree(corpus)
    assert "This workspace is empty" in says(own.goes())
    shutil.rmtree(data)
    assert "This workspace is empty" in says(own.goes())

    shutil.copytree(data.with_name("kept"), data)
    own.goes()
    assert own.page.locator("h1").inner_text() == "Overview"


def test_a_defect_is_said_without_the_code(own):
    """When a page fails for a reason nobody thought of, it says where the reason stands, which is the terminal."""
    manifest = own.dashboard.data / "curated/baseline/manifest.json"
    counts = {"downloaded": 1, "removed": {}, "kept": 1}
    whole = {"created_at": "2024-03-05T09:15:00+00:00", "inputs": [], "versions": {}, "counts": counts}
    manifest.write_text(json.dumps(json.loads(manifest.read_text("utf-8")) | whole), encoding="utf-8")
    [part] = own.dashboard.data.glob("curated/baseline/part-*.parquet")
    posts = pq.read_table(part)  # whole, and with all its columns, but one of them holds something else
    posts = posts.set_column(posts.column_names.index("created_at"), "created_at", pa.array(["soon"] * posts.num_rows))
    pq.write_table(posts, part)
    own.page.goto(own.dashboard.url)
    words = own.page.locator('[data-testid="stAlert"]').first.inner_text()
    assert "The terminal that runs curation dashboard says what" in words
    assert not [code for code in CODE if code in own.page.locator("body").inner_text()]
    assert "Traceback" in own.dashboard.log
    own.wrong.clear()
    own.page.close()


def says(visitor) -> str:
    """What the page says; nothing of it may be code."""
    words = visitor.page.locator("body").inner_text()
    assert not [code for code in CODE if code in words]
    return visitor.text
