"""One post a line."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.disk.exported_file import BOUNDARY
from curation.exports import export
from tests.corpora import TIME, write_corpus

BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"


def test_every_kind_of_line_break_becomes_one_blank(tmp_path):
    """A run of any breaks is one blank, none stays at the ends, and other blanks are as they were."""
    rows = [{"text": f"{mark}one{mark}two\r\n  three\u00a0four{mark}"} for mark in BREAKS]
    export(write_corpus(tmp_path, rows), ["lines"], tmp_path)
    assert (tmp_path / "train.lines.txt").read_bytes().decode() == "one two   three\u00a0four\n" * len(BREAKS)


@given(st.lists(st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from(BREAKS)), max_size=20)))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_there_are_as_many_lines_as_posts_with_text(tmp_path_factory, texts):
    """Every reader's idea of a line gives one line a post; posts of blanks alone are left out."""
    folder = tmp_path_factory.mktemp("corpus")
    rows = [{"text": text} for text in texts] + [{"text": "the last one"}]
    result = export(write_corpus(folder, rows), ["lines"], folder)
    lines = (folder / "train.lines.txt").read_bytes().decode().splitlines()
    assert len(lines) == result.files[0].posts == sum(bool(row["text"].strip()) for row in rows)
    assert all(line.strip() for line in lines)


def test_lines_are_by_author_then_by_time(tmp_path):
    """Authors follow each other; posts without a time come last."""
    rows = [
        {"author": "tom", "text": "third"},
        {"author": "mira", "text": "timeless", "created_at": None},
        {"author": "mira", "text": "second", "created_at": TIME.replace(microsecond=500)},
        {"author": "mira", "text": "first", "created_at": TIME},
    ]
    export(write_corpus(tmp_path, rows), ["lines"], tmp_path)
    assert (tmp_path / "train.lines.txt").read_text().split() == ["first", "second", "timeless", "third"]


def test_a_typed_boundary_is_neutralised_and_counted(tmp_path):
    """The exact token can't end a document; what only resembles it stays; the warning counts posts."""
    rows = [{"text": f"a{BOUNDARY}b{BOUNDARY}"}, {"text": BOUNDARY.upper()}, {"text": "<|endoftext|"}]
    result = export(write_corpus(tmp_path, rows), ["lines", "jsonl"], tmp_path)
    assert (tmp_path / "train.lines.txt").read_text().split("\n")[:3] == [
        "a< |endoftext| >b< |endoftext| >",
        "<|ENDOFTEXT|>",
        "<|endoftext|",
    ]
    assert result.warnings == (
        "1 kept post has a typed '<|endoftext|>' (lines: written as '< |endoftext| >'; jsonl: left as it is).",
    )
