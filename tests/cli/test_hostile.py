"""Names and texts that try something: they land verbatim and act on nobody."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil

import pytest

from tests.cli.shell import curation, inside, jsonl, landed, made_once

#: Authors who try something, each with what a terminal shows of them.
AUTHORS = {
    "'; drop table posts; --": "'; drop table posts; --",
    '"; DROP TABLE posts; --': '"; DROP TABLE posts; --',
    "<script>alert(1)</script>": "<script>alert(1)</script>",
    "\x1b[2J\x1b]0;owned\x07": "\\x1b[2J\\x1b]0;owned\\x07",
    "line\nbreak": "line\\nbreak",
    "évil\u202egnp.exe": "évil\\u202egnp.exe",
    "=cmd|' /C calc'!A0": "=cmd|' /C calc'!A0",
    "nul\0inside": "nul\\x00inside",
    "../../etc/passwd": "../../etc/passwd",
    "%s{0}$HOME`id`": "%s{0}$HOME`id`",
}
STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def attack(folder):
    """Posts whose ids, authors, names and texts try something, curated."""
    posts = [
        {
            "id": f"{number}\x1b[1m'",
            "author": author,
            "author_name": f"{author} & co",
            "created_at": "2024-03-06T10:00:00Z",
            "text": f"some words of number {number} <|endoftext|> \x1b[2J\u202e '; DROP TABLE posts; -- {author}",
        }
        for number, author in enumerate(AUTHORS)
    ]
    said = curation("collect", "file", jsonl(folder / "posts.jsonl", posts), data=folder / "data")
    assert said.rc == 0, said.err
    assert not STEERING.search(said.out + said.err)
    assert curation("run", data=folder / "data").rc == 0


@pytest.fixture(scope="module")
def data(shared):
    """The hostile posts, landed and curated; only read here."""
    return made_once(shared / "hostile", attack) / "data"


def test_they_land_verbatim(data):
    """Every text and id stands in the raw files as it was written."""
    posts = [json.loads(line) for line in (data.parent / "posts.jsonl").read_text("utf-8").splitlines()]
    assert landed(data) == sorted((post["id"], post["text"]) for post in posts)


def test_the_table_shows_them_on_one_line_each(data):
    """A terminal gets one line an author, with nothing that steers it."""
    said = curation("ledger", data=data)
    assert (said.rc, said.err) == (0, "")
    assert not STEERING.search(said.out)
    names = [re.sub(r"(\s+[\d.,]+)+$", "", line) for line in said.out.splitlines()[2:-2]]
    assert sorted(names) == sorted(AUTHORS.values())


def test_json_and_csv_bring_them_back(data):
    """JSON and CSV read back as the names that landed; a spreadsheet gets no formula."""
    rows = inside("ledger", "--json", data=data).json["rows"]
    assert sorted(row["author"] for row in rows) == sorted(AUTHORS)
    table = list(csv.reader(io.StringIO(inside("ledger", "--format", "csv", data=data).out)))
    assert len(table) == 1 + len(AUTHORS)
    assert sorted(row[0].removeprefix("'=").removeprefix("=") for row in table[1:]) == sorted(
        author.removeprefix("=") for author in AUTHORS
    )
    assert not any(row[0].startswith("=") for row in table)


def test_the_markdown_stays_a_table(data):
    """Every line of the Markdown has as many cells, and nothing in it steers a terminal."""
    lines = inside("ledger", "--format", "markdown", data=data).out.splitlines()
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {len(AUTHORS) + 2}
    assert not STEERING.search("".join(lines))


@pytest.mark.parametrize("author", ["'; drop table posts; --", "line\nbreak"])
def test_they_can_be_asked_for(data, tmp_path, author):
    """`--author` takes the name as it is, in ledger and export."""
    one = inside("ledger", "--author", author, "--json", data=data).json
    assert [(row["author"], row["downloaded"]) for row in one["rows"]] == [(author, 1)]
    words = ("export", "--author", author, "--format", "jsonl", "--out", tmp_path / "out", "--json")
    said = inside(*words, data=data)
    assert said.json["files"][0]["posts"] == 1
    [line] = (tmp_path / "out/train.jsonl").read_text("utf-8").split("\n")[:-1]
    assert json.loads(line)["author"] == author


def test_explain_shows_what_would_act_as_text(data):
    """`explain` prints ids, names and texts with nothing that steers, and the JSON has them verbatim."""
    post_id = "0\x1b[1m'"
    said = inside("explain", post_id, data=data)
    assert said.rc == 0
    assert not STEERING.search(said.out)
    assert "\\x1b[2J\\u202e" in said.out
    assert inside("explain", post_id, "--json", data=data).json["id"] == post_id
    unknown = curation("explain", "\x1b[2J", data=data)
    assert (unknown.rc, bool(STEERING.search(unknown.err))) == (3, False)


def test_a_typed_boundary_is_no_boundary(data, tmp_path):
    """`<|endoftext|>` that somebody typed can't end a document in the exported text."""
    out = tmp_path / "out"
    words = ("export", "--epochs", "1", "--allow-small", "--format", "text", "--format", "lines", "--out", out)
    assert inside(*words, data=data).rc == 0
    text = (out / "train.txt").read_text("utf-8")
    assert text.count("<|endoftext|>") == len(AUTHORS) + 1
    lines = (out / "train.lines.txt").read_text("utf-8").split("\n")
    assert (len(lines) - 1, "<|endoftext|>" in "".join(lines)) == (len(AUTHORS), False)


def test_names_of_files_do_not_steer(data, tmp_path):
    """A file whose name holds an escape sequence is named without it."""
    folder = shutil.copytree(data, tmp_path / "data")
    path = jsonl(tmp_path / "a\x1b[2Jb.jsonl", [{"id": "n", "author": "mira", "text": "a good post"}])
    with path.open("a") as file:
        file.write("{broken\n")
    said = inside("collect", "file", path, data=folder)
    assert said.rc == 0
    assert not STEERING.search(said.out + said.err)
    missing = curation("collect", "file", tmp_path / "c\x1b[2Jd.jsonl", data=folder)
    assert (missing.rc, bool(STEERING.search(missing.err))) == (1, False)
