"""What a digest says: the same content, and nothing else, has the same one."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from curation.disk.workspace import Workspace
from curation.tracking import artifacts
from curation.tracking.artifacts import digest_of_rows
from tests.corpora import rule, write_corpus

ROWS = [
    {"author": "mira", "id": "1", "text": "a lamp is lit"},
    {"author": "mira", "id": "2", "text": "霧が深い 🌫️"},
    {"author": "tom", "id": "3", "text": "RT @mira: a lamp", "removed_by": "retweet", "matched": ["retweet"]},
]
RULES = [rule("retweet")]


def sha256(path: Path, how=None) -> str:
    """A digest that nothing is kept of."""
    return how(path) if how else hashlib.sha256(path.read_bytes()).hexdigest()


def digest(folder: Path, rows: list[dict]) -> str:
    """The digest of a corpus of these rows."""
    return digest_of_rows(write_corpus(folder, rows, rules=RULES))


def test_where_rows_lie_does_not_change_a_corpus(tmp_path):
    """Another order of the rows, and another landing, give the same digest."""
    moved = [{**row, "landing": 9} for row in reversed(ROWS)]
    assert digest(tmp_path / "a", ROWS) == digest(tmp_path / "b", moved)


@pytest.mark.parametrize(
    "change",
    [{"removed_by": "retweet"}, {"text": "a lamp is lit."}, {"author": "tom"}, {"lang": ""}, {"like_count": 3}],
)
def test_what_changes_in_a_row_changes_a_corpus(tmp_path, change):
    """A verdict, a text, an author, an empty string instead of none, a count: each gives another digest."""
    assert digest(tmp_path / "a", ROWS) != digest(tmp_path / "b", [{**ROWS[0], **change}, *ROWS[1:]])


def test_a_removed_row_changes_a_corpus(tmp_path):
    """Fewer rows are another content, none at all too."""
    assert len({digest(tmp_path / str(n), ROWS[:n]) for n in range(4)}) == 4


def test_a_folder_is_known_by_its_listing(tmp_path):
    """Content and names of a folder's files count; where the folder lies does not."""
    folders = [tmp_path / name / "archive" for name in ("a", "b")]
    for folder in folders:
        (folder / "data").mkdir(parents=True)
        (folder / "data" / "tweets.js").write_text("[]", encoding="utf-8")
    one, other = (artifacts.given(folder, sha256) for folder in folders)
    assert one.digest == other.digest
    (folders[1] / "data" / "tweets.js").rename(folders[1] / "data" / "tweet.js")
    assert artifacts.given(folders[1], sha256).digest != one.digest


def test_a_large_folder_is_known_by_names_and_sizes(tmp_path, monkeypatch):
    """Above the bound no content is read, and the artifact says so."""
    (tmp_path / "film.mp4").write_bytes(b"0" * 10)
    monkeypatch.setattr(artifacts, "FOLDER_BYTES", 9)
    found = artifacts.given(tmp_path, lambda path, how=None: pytest.fail("content was read"))
    assert (found.about["hashed"], found.about["bytes"]) == ("sizes", 10)


def test_paths_in_the_workspace_move_with_it(tmp_path):
    """What lies in the workspace has a path in it, and what lies elsewhere an absolute one."""
    space = Workspace(tmp_path / "data")
    assert artifacts.place_of(space, tmp_path / "data" / "raw" / "1") == "raw/1"
    assert artifacts.place_of(space, tmp_path / "other") == str(tmp_path / "other")
