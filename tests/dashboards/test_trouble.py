"""What pages say where there is little to show, or where a file is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import dashboards
from tests.corpora import rule, write_corpus

APP = str(Path(dashboards.__file__).with_name("app.py"))
RULES = [rule("min_words", label="Short posts", min=3)]


def page(space: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """A page of a workspace, drawn once."""
    monkeypatch.setenv("CURATION_DATA", str(space))
    return AppTest.from_file(APP, default_timeout=60).run().switch_page(f"pages/{name}.py").run()


def test_a_damaged_part_is_named(tmp_path, monkeypatch):
    """Also in a part of a page that draws itself alone, where an error would be taken for a defect."""
    posts = [{"author": "mira", "text": f"чай и お茶, number {n} " * 40} for n in range(50)]
    corpus = write_corpus(tmp_path, posts, rules=RULES)
    [part] = corpus.folder.glob("*.parquet")
    data = bytearray(part.read_bytes())
    end = len(data) - 8 - int.from_bytes(data[-8:-4], "little")  # where the pages end
    data[4:end] = bytes(end - 4)
    part.write_bytes(data)
    drawn = page(tmp_path, "recipe", monkeypatch)
    assert not drawn.exception
    assert any("is damaged" in error.value for error in drawn.error)


def test_a_corpus_that_keeps_nothing_is_said_to(tmp_path, monkeypatch):
    """No page blames a choice that nobody made, or offers what would fail."""
    write_corpus(tmp_path, [{"author": "mira", "text": "茶", "removed_by": "min_words"}], rules=RULES)
    drawn = page(tmp_path, "export", monkeypatch)
    assert "No post of invented is kept" in drawn.info[0].value
    drawn = page(tmp_path, "map", monkeypatch)
    assert "keeps 0 posts; a map needs at least 10" in drawn.info[0].value
    assert not [button for button in drawn.button if button.label == "Draw the map"]
