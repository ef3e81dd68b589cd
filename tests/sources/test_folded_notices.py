"""What is said of many files is said once."""

from __future__ import annotations

import json

import pytest

from curation.sources.file import FileSource
from curation.sources.files.folded_notices import fold

FOUR = [f"霧/{n}.json" for n in range(4)]


@pytest.mark.parametrize(
    ("notices", "folded"),
    [
        ([f"{name}: read as JSON." for name in FOUR], ["霧/0.json and 3 more files: read as JSON."]),
        ([f"{name}: read as JSON." for name in FOUR[:3]], [f"{name}: read as JSON." for name in FOUR[:3]]),
        (
            [
                f"{FOUR[0]}: one post was left out: private.",
                *(f"{n}: 1,002 posts were left out: private." for n in FOUR[1:]),
            ],
            ["霧/0.json and 3 more files: 3,007 posts were left out: private."],
        ),
        (
            [f"{name}: {n} lines held NULs. The first is line {n}." for n, name in enumerate(FOUR, 2)],
            ["霧/0.json: 2 lines held NULs. The first is line 2. The same goes for 3 more files."],
        ),
        (
            [f"Left out: {name} is JSON, but empty." for name in FOUR],
            ["Left out: 霧/0.json is JSON, but empty. The same goes for 3 more files."],
        ),
        (["Nothing says who wrote it."] * 5, ["Nothing says who wrote it."] * 5),
        ([f"{name}: {text}" for text in "ab" for name in FOUR], [f"霧/0.json and 3 more files: {t}" for t in "ab"]),
        ([], []),
    ],
)  # fmt: skip
def test_four_alike_are_one(notices, folded):
    """Counts are added; other numbers are those of the first."""
    assert fold(notices, set(FOUR)) == folded


def test_a_folder_of_small_files_is_told_in_a_few_lines(tmp_path):
    """Those read, those that hold no post, those without an author."""
    for n in range(40):
        posts = [{"id": str(n), "text": f"туман {n}", "created_at": "2024-03-05T09:15:00Z"}]
        (tmp_path / f"{n}.json").write_text(json.dumps(posts))
        (tmp_path / f"about {n}.json").write_text('{"a": 1}')
        (tmp_path / f"none {n}.json").write_text("")
    source = FileSource([tmp_path])
    assert sum(page.posts.num_rows for page in source.pages()) == 40
    notices = source.notices()
    assert len(notices) == 4
    assert [notice.count("39 more files") for notice in notices] == [1, 1, 1, 0]
