"""`curation trace`: which post of an exported file stands at a place, or has a sentence."""

from __future__ import annotations

import pytest

from curation.corpus.corpus import Corpus
from tests.cli.shell import inside


@pytest.fixture(scope="module")
def exported(demonstrated, tmp_path_factory):
    """The sample's training text of two formats, and one of its posts whose text is its own; only read."""
    out = tmp_path_factory.mktemp("exported")
    options = ["--format", "text", "--format", "jsonl", "--epochs", "4"]
    said = inside("export", *options, "--out", out, data=demonstrated / "data")
    assert said.rc == 0, said.err
    condition = "removed_by IS NULL AND list_contains(rewritten_by, 'unescape_html') AND text NOT LIKE '%\n%'"
    [post] = Corpus.open(demonstrated / "data").query(f"SELECT * FROM posts WHERE {condition} LIMIT 1").to_dicts()
    return out, post


@pytest.mark.parametrize("file", ["train.txt", "train.jsonl"])
def test_a_sentence_names_its_post(exported, demonstrated, file):
    """Who and when, where else it stands, the text before the rules and after, and which rules rewrote it."""
    out, post = exported
    said = inside("trace", out / file, "--text", post["text"], data=demonstrated / "data")
    assert (said.rc, said.err) == (0, "")
    assert f"{post['platform']} {post['id']} by {post['author']}, {post['created_at']:%Y-%m-%dT%H:%M:%SZ}" in said.out
    assert post["raw_text"] in said.out
    assert post["text"] in said.out
    assert "rewritten by unescape_html" in said.out
    assert ("stands there 4 times, also at " in said.out) == (file == "train.txt")


def test_a_place_and_its_sentence_are_one_answer_as_json(exported, demonstrated):
    """The place that a sentence is found at names the same post; file, recipe and time are there."""
    out, post = exported
    one = inside("trace", out / "train.txt", "--text", post["text"], "--json", data=demonstrated / "data").json
    [found] = one["posts"]
    other = inside("trace", out / "train.txt", found["begin"], "--json", data=demonstrated / "data").json
    assert other == one
    assert (one["unit"], one["recipe"], one["checked"], one["corpus"]) == ("bytes", "baseline", "digest", "the same")
    assert one["fingerprint"] == Corpus.open(demonstrated / "data").manifest["recipe"]["fingerprint"]
    assert (found["id"], found["raw_text"], found["times"]) == (post["id"], post["raw_text"], 4)
    content = (out / "train.txt").read_bytes()
    assert all(content[begin:end].decode() == post["text"] + "<|endoftext|>" for begin, end in found["places"])


@pytest.mark.parametrize(
    ("words", "rc", "message"),
    [
        (["absent.txt", "0"], 1, "There is no file"),
        (["train.txt"], 2, "one of them"),
        (["train.txt", "999999999"], 2, "numbers from 0 to"),
        (["train.txt", "0"], 3, "begins at 13"),
        (["train.txt", "--text", "nobody ever wrote this"], 3, "No post in"),
    ],
)
def test_failures_are_said_in_a_paragraph(exported, demonstrated, words, rc, message):
    """Each with the exit code of its kind."""
    out, _ = exported
    said = inside("trace", out / words[0], *words[1:], data=demonstrated / "data")
    assert (said.rc, said.out) == (rc, "")
    assert message in said.complaint


def test_the_notes_say_what_was_not_exact(exported, tmp_path, demonstrated):
    """Other case, posts that are not named, and a workspace without the corpus."""
    out, post = exported
    said = inside("trace", out / "train.txt", "--text", post["text"].upper(), data=tmp_path)
    assert "except for case and spaces" in said.err
    assert "has no corpus 'baseline'" in said.err
    assert f"{post['platform']} {post['id']}" in said.out
    said = inside("trace", out / "train.txt", "--text", "the", "--most", "1", data=demonstrated / "data")
    assert "of other posts not listed" in said.err


def test_a_forgotten_post_is_not_found_any_more(workspace):
    """The tokenizer is learned anew without it, the rest is still traced, and no file of the export is lost."""
    out = workspace / "exports" / "baseline"
    assert inside("export", "--format", "tokens", "--valid", "0.1", data=workspace).rc == 0
    content = (out / "tokens" / "train.bin").read_bytes()
    [first, other] = (inside("trace", out / "tokens/train.bin", at, "--json", data=workspace).json for at in (1, 5_000))
    [gone], [left] = first["posts"], other["posts"]
    assert inside("forget", "--id", gone["id"], data=workspace).rc == 0
    assert (out / "tokens" / "train.bin").read_bytes() != content
    found = inside("trace", out / "tokens/train.bin", "--text", left["text"], "--json", data=workspace).json
    assert [post["id"] for post in found["posts"]] == [left["id"]]
    assert inside("trace", out / "tokens/train.bin", "--text", gone["text"], data=workspace).rc == 3
    assert sorted(path.name for path in (out / "tokens").iterdir()) == [
        "meta.json", "tokenizer.json", "train.bin", "val.bin",
    ]  # fmt: skip
