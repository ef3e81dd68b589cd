"""Caps: at most so many posts of an author, a month, or both."""

from __future__ import annotations

import datetime
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.cards.reproduce import commands
from curation.disk import export_manifest
from curation.errors import UsageError
from curation.exports import export, write_export
from curation.exports.preview import preview
from curation.options.export import CAPPED, Cap, ExportOptions, parse_caps
from dashboards.queries import selection
from dashboards.snapshot import Answers, Snapshot
from tests.corpora import TIME, write_corpus

AUTHORS = ["mira", "o'ya", "ไทย", "שלום 🦊"]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Ninety kept posts of four authors, most by one, in four months and without a time; some were removed."""
    rows = [
        {
            "text": f"今日は {n}",
            "author": AUTHORS[(n % 7) // 2],
            "created_at": TIME + datetime.timedelta(days=31 * (n % 4)) if n % 5 else None,
            "removed_by": "retweet" if n % 10 == 9 else None,
        }
        for n in range(100)
    ]
    return write_corpus(tmp_path_factory.mktemp("caps"), rows, parts=2)


def posts(corpus, out: Path, **options) -> list[dict]:
    """The posts of an export, as the training file has them."""
    export(corpus, ["jsonl"], out, **options)
    return [json.loads(line) for line in (out / "train.jsonl").read_text(encoding="utf-8").splitlines()]


def group(post: dict, what: str) -> tuple:
    """What a post has in common with those of one cap."""
    values = {"author": post["author"], "month": (post["created_at"] or "")[:7]}
    return tuple(values[name] for name in what.split("/"))


@given(st.sampled_from(list(CAPPED)), st.integers(1, 30), st.integers(0, 3))
@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_cap_holds_and_a_higher_one_only_adds(corpus, tmp_path_factory, what, most, seed):
    """Of each group the cap or all it has, in the same order, the same again; and one more takes none away."""
    out = tmp_path_factory.mktemp("out")
    every = posts(corpus, out)
    found = posts(corpus, out, caps=[f"{what}={most}"], seed=seed)
    sizes, capped = (Counter(group(post, what) for post in some) for some in (every, found))
    assert capped == {name: min(size, most) for name, size in sizes.items()}
    assert found == [post for post in every if post in found]
    assert found == posts(corpus, out, caps=[f"{what}={most}"], seed=seed)
    higher = posts(corpus, out, caps=[f"{what}={most + 1}"], seed=seed)
    assert [post for post in higher if post in found] == found


def test_another_seed_draws_others(corpus, tmp_path):
    """So many, but not the same."""
    first, second = (posts(corpus, tmp_path, caps=["author=3"], seed=seed) for seed in (0, 1))
    assert len(first) == len(second) == 12
    assert first != second


def test_caps_apply_one_after_the_other_to_what_was_chosen(corpus, tmp_path):
    """The second sees what the first left, of the authors that were asked for; both are said, and how many it cost."""
    result = export(corpus, ["jsonl"], tmp_path, authors=["mira", "ไทย"], caps=["author=9", "month=2"])
    found = [json.loads(line) for line in (tmp_path / "train.jsonl").read_text().splitlines()]
    assert {post["author"] for post in found} <= {"mira", "ไทย"}
    assert max(Counter(group(post, "month") for post in found).values()) == 2
    said = [warning for warning in result.warnings if "above the cap" in warning]
    assert ["9 for each author" in said[0], "2 for each month" in said[1]] == [True, True]
    removed = sum(int(warning.split()[0]) for warning in said)
    assert removed + len(found) == len(posts(corpus, tmp_path, authors=["mira", "ไทย"]))


@pytest.mark.parametrize("format", ["jsonl", "prompt-completion"])
def test_a_preview_begins_as_the_file(corpus, tmp_path, format):
    """With caps, with a share for validation, and made of conversations."""
    options = {"valid": 0.3, "instruction": "Write." if format != "jsonl" else "", "seed": 2}
    chosen = ExportOptions([format], caps=["author=5"], **options)
    write_export(corpus, chosen, tmp_path)
    [path] = [path for path in tmp_path.glob("train.*") if path.suffix == ".jsonl"]
    looked = preview(corpus, format, chosen)
    assert looked.beginning
    assert path.read_bytes().startswith(looked.beginning)


def test_the_record_the_page_and_the_card_name_them(corpus, tmp_path):
    """The export is made again from its record; the dashboard counts the same posts and says the same line."""
    options = {"caps": ["author/month=2", "month=3"], "search": "-", "near": 0.8, "valid": 0.2}
    found = posts(corpus, tmp_path / "out", caps=options["caps"], near=0.8, valid=0.2)
    [made] = export_manifest.read(tmp_path / "out")
    assert made.options["caps"] == ["author/month=2", "month=3"]
    assert made.options["near"] == 0.8
    again = export(corpus, made.formats, tmp_path / "again", **made.options)
    assert [file.sha256 for file in again.files] == [file["sha256"] for file in made.files]
    chosen = ExportOptions(("jsonl",), valid=0.2, near=0.8, caps=made.options["caps"])
    snapshot = Snapshot(corpus, Answers())
    assert selection.figures(snapshot, chosen).posts == sum(file.posts for file in again.files) > len(found)
    line = selection.command("invented", chosen, [], "out")
    assert "--valid 0.2 --near 0.8 --cap author/month=2 --cap month=3" in line

    recorded = export_manifest.ExportRecord(**{**vars(made), "options": {**options, "where": {"kind": ["reply"]}}})
    [*_, export_line] = commands(corpus.manifest, [recorded], "invented")
    assert export_line == (
        "curation export invented --format jsonl --valid 0.2 --near 0.8 --search '/\\-/' --only kind=reply "
        "--cap author/month=2 --cap month=3"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("autor=5", "Did you mean 'author'"),
        ("author", "author=500"),
        ("author=0", "at least 1"),
        ("month=-3", "at least 1"),
        ("month=many", "at least 1"),
        ("author/month=2.5", "at least 1"),
        ("=5", "author=500"),
    ],
)
def test_what_is_no_cap_is_refused(words, said):
    """By name or by number, with what would be right."""
    with pytest.raises(UsageError, match=said):
        parse_caps([words])


def test_a_cap_is_what_it_was_written_as():
    """So that a record gives the same cap again."""
    assert parse_caps([" author = 5 ", Cap("month", 2)]) == (Cap("author", 5), Cap("month", 2))
    assert str(Cap("author/month", 50)) == "author/month=50"
