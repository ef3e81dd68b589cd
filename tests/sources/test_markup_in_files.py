"""Texts that are HTML, or in which an exporter wrote something for line breaks, in tables and in JSON."""

from __future__ import annotations

import csv
import json

import pytest

from tests.sources.dialects.landing import collected, only

PARAGRAPHS = [
    "<p>чай &amp; туман</p><p>и лодка</p>",
    '<p>霧 <a href="https://example.org/x">x</a></p>',
    "<p>หมอก<br>เรือ</p>",
]


def written(path, texts):
    """A file of these texts, by the ending of its name."""
    rows = [{"id": str(n), "author": "ada", "text": text} for n, text in enumerate(texts)]
    with path.open("w", encoding="utf-8", newline="") as file:
        if path.suffix == ".csv":
            table = csv.DictWriter(file, rows[0])
            table.writeheader()
            table.writerows(rows)
        else:
            file.write("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    return path


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl"])
def test_a_file_of_html_lands_as_html_and_says_so(tmp_path, name):
    """A plain text in it stays plain."""
    rows, rejected, notices = collected(written(tmp_path / name, [*PARAGRAPHS, "what does <b> do?"]))
    assert rejected == []
    assert only(rows, "text", "text_format") == [*((t, "html") for t in PARAGRAPHS), ("what does <b> do?", "unknown")]
    assert any("3 texts are HTML" in notice for notice in notices)


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl"])
def test_a_file_that_talks_about_tags_stays_as_it_is(tmp_path, name):
    """A tag here and there is no markup of the file."""
    texts = ["use <b> for bold", "туман", "霧", "a < b"]
    rows, _, notices = collected(written(tmp_path / name, texts))
    assert only(rows, "text", "text_format") == [(text, "unknown") for text in texts]
    assert not any("HTML" in notice for notice in notices)


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl"])
@pytest.mark.parametrize("mark", ["⏎", "\\n", "<br>"])
def test_what_an_exporter_wrote_for_line_breaks_is_one(tmp_path, name, mark):
    """Where the whole file shows it, and it is said."""
    rows, _, notices = collected(written(tmp_path / name, [f"туман{mark}лодка", f"霧{mark}船", "fog"]))
    assert [row["text"] for row in rows] == ["туман\nлодка", "霧\n船", "fog"]
    assert any("line breaks" in notice for notice in notices)


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl"])
def test_a_sign_that_somebody_typed_stays(tmp_path, name):
    """One text with it, or real line breaks beside it."""
    texts = ["press ⏎ now", "туман\nлодка", "again ⏎ pressed"]
    rows, _, _ = collected(written(tmp_path / name, texts))
    assert [row["text"] for row in rows] == texts
