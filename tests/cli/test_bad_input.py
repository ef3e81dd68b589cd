"""Input that can't be read, or not all of it: one paragraph, the right code, good rows land, nothing is lost."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import json
import lzma
import shutil
import zipfile

import pytest

from tests.cli.shell import curation, inside, jsonl, landed, made_once

EARLIER = {"id": "earlier", "author": "mira", "text": "a post that landed before"}

ACCOUNT = 'window.YTD.account.part0 = [{"account": {"username": "mira", "accountId": "1"}}]'

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)) * 4
PARQUET = b"PAR1" + bytes(range(256)) + b"PAR1"


@pytest.fixture
def data(shared, tmp_path):
    """A workspace in which one post has landed."""

    def make(folder):
        said = curation("collect", "file", jsonl(folder / "earlier.jsonl", [EARLIER]), data=folder / "data")
        assert said.rc == 0, said.err

    return shutil.copytree(made_once(shared / "one-landed", make) / "data", tmp_path / "data")


def tweet(number, text=None):
    """A post as an X archive holds it."""
    text = text or f"three own words, number {number}"
    return {"tweet": {"id_str": str(number), "full_text": text, "created_at": "Wed Mar 06 10:00:00 +0000 2024"}}


def js(tweets, name="tweets"):
    """A file of an X archive, one post a line."""
    return f"window.YTD.{name}.part0 = [\n" + ",\n".join(json.dumps(each) for each in tweets) + "\n]"


def archive(packing=zipfile.ZIP_DEFLATED, **members):
    """A zip of these members and an account.js."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", packing) as file:
        for name, content in {"data/account.js": ACCOUNT, **members}.items():
            file.writestr(name, content)
    return stream.getvalue()


GOOD = archive(**{"data/tweets.js": js([tweet(n) for n in range(50)])})
LINES = "".join(json.dumps({"id": str(n), "author": "mira", "text": f"good post number {n}"}) + "\n" for n in range(9))
TABLE = "id,author,created_at,text\n1,mira,2024-01-01T00:00:00Z,good words here\n"
THIRD = "3,mira,2024-01-01T00:00:00Z,more good words\n"
LONG = "8" * 100_000
NINE = [(str(n), f"good post number {n}") for n in range(9)]

#: Input of which nothing can be read: source, name, content, exit code, and what is said besides the name.
UNREADABLE = {
    "a zip that is not one": ("x-archive", "archive.zip", b"PLEASE LOG IN\n" * 40, 1, "not an X archive"),
    "a truncated zip": ("x-archive", "archive.zip", GOOD[: len(GOOD) // 2], 1, "download it again"),
    "a zip that climbs out": (
        "x-archive",
        "archive.zip",
        archive(**{"data/tweets.js": js([]), "../evil.js": "x"}),
        1,
        "../evil.js",
    ),
    "a zip with an absolute name": ("x-archive", "archive.zip", archive(**{"/tmp/evil.js": "x"}), 1, "/tmp/evil.js"),
    "a zip without posts": ("x-archive", "archive.zip", archive(**{"data/like.js": "x"}), 1, "archive"),
    "a picture as an archive": ("x-archive", "archive.zip", PNG, 1, "a PNG picture"),
    "a picture": ("file", "posts.jsonl", PNG, 1, "a PNG picture"),
    "a document": ("file", "posts.csv", PDF, 1, "a PDF document"),
    "a Parquet file": ("file", "posts.parquet", PARQUET, 1, "a Parquet file"),
    "an empty file": ("file", "posts.jsonl", b"", 3, "empty (0 bytes)"),
    "an archive without one post": (
        "x-archive",
        "archive.zip",
        archive(**{"data/tweets.js": js([])}),
        3,
        "no post to land",
    ),
    "a table without a header": ("file", "posts.csv", TABLE.partition("\n")[2].encode() * 2, 1, "--map text="),
    "JSON without texts": ("file", "posts.jsonl", b'{"a": 1}\n{"a": 2}\n', 1, "nothing in it reads like"),
    "broken JSON": ("file", "posts.jsonl", b'{"id": "1", "te\n{{{{\n', 1, "can't be read as JSON"),
    "a cut compressed file with nothing in it": (
        "file",
        "posts.csv.gz",
        gzip.compress(TABLE.encode())[:9],
        1,
        "cut off",
    ),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_is_said_and_nothing_is_lost(data, tmp_path, case):
    """One paragraph that names the file and says what to do, the right code, and the workspace as it was."""
    source, name, content, rc, words = UNREADABLE[case]
    (tmp_path / name).write_bytes(content)
    said = inside("collect", source, tmp_path / name, data=data)
    assert said.rc == rc, said.err
    assert name in said.complaint
    assert words in said.complaint
    assert landed(data) == [("earlier", EARLIER["text"])]
    assert not (tmp_path / "evil.js").exists()


@pytest.mark.parametrize("source", ["x-archive", "file"])
def test_a_missing_path_is_said(data, tmp_path, source):
    """A path that is not there: exit 1, the path, nothing on stdout."""
    said = curation("collect", source, tmp_path / "not-there.zip", "--json", data=data)
    assert (said.rc, said.out) == (1, "")
    assert str(tmp_path / "not-there.zip") in said.complaint


#: Input that is odd but readable: source, name, content, ids and texts that land, places that are rejected.
READABLE = {
    "latin-1": ("file", "a.csv", b"id,text\n1,caf\xe9 at the harbour\n", [("1", "café at the harbour")], []),
    "UTF-16": ("file", "a.csv", "id,text\n1,café at the 港\n".encode("utf-16"), [("1", "café at the 港")], []),
    "UTF-16 without a mark": (
        "file", "a.csv", "id,text\n1,at the harbour\n".encode("utf-16-le"), [("1", "at the harbour")], [],
    ),
    "a mark": ("file", "a.csv", codecs.BOM_UTF8 + b"id,text\n1,at the harbour\n", [("1", "at the harbour")], []),
    "odd line ends in cells": (
        "file", "a.csv", b'id,text\r\n1,"one line\r\r\nand another"\r\n2,"at the harbour"\r\n',
        [("1", "one line\r\r\nand another"), ("2", "at the harbour")], [],
    ),
    "a broken line of JSON": (
        "file", "a.jsonl", f'{LINES}{{"id": "x", "text": \n{{"id": "y", "text": "the last one"}}\n'.encode(),
        [*NINE, ("y", "the last one")], ["a.jsonl:10"],
    ),
    "a broken row of a table": (
        "file", "a.csv", f"{TABLE}2\n{THIRD}".encode(),
        [("1", "good words here"), ("3", "more good words")], ["a.csv:3"],
    ),
    "a quotation mark that stays open": (
        "file", "a.csv", f'{TABLE}2,mira,2024-01-01T00:00:00Z,"so it\n{THIRD}'.encode(),
        [("1", "good words here"), ("2", '"so it'), ("3", "more good words")], [],
    ),
    "a broken post of an archive": (
        "x-archive", "a.zip", archive(**{"data/tweets.js": js([tweet(1), tweet(2), tweet(3)]).replace('"2"', "oops")}),
        [("1", "three own words, number 1"), ("3", "three own words, number 3")], ["data/tweets.js: item 2, line 3"],
    ),
    "a row of thousands of cells": (
        "file", "a.csv", f"{TABLE}2,mira,{'x,' * 12_560}\n{THIRD}".encode(),
        [("1", "good words here"), ("3", "more good words")], ["a.csv:3"],
    ),
    "NUL characters": ("file", "a.jsonl", b'{"id": "1", "text": "nul \\u0000 in it"}\n', [("1", "nul \0 in it")], []),
    "a very long post": (
        "file", "a.jsonl", LINES.replace("number 8", LONG).encode(), [*NINE[:8], ("8", f"good post {LONG}")], [],
    ),
    "half a surrogate pair": (
        "file", "a.jsonl", b'{"id": "1", "text": "half \\ud83d of it"}\n', [("1", "half \ufffd of it")], [],
    ),
    "only deleted posts": (
        "x-archive", "a.zip", archive(**{"data/deleted-tweets.js": js([tweet(1), tweet(2)], "deleted_tweets")}),
        [("1", "three own words, number 1"), ("2", "three own words, number 2")], [],
    ),
    "bzip2": ("file", "a.jsonl.bz2", bz2.compress(LINES.encode()), NINE, []),
}  # fmt: skip


@pytest.mark.parametrize("case", READABLE)
def test_odd_input_lands_what_is_good(data, tmp_path, case):
    """Good rows land with their texts verbatim, exit 0, `complete`; what can't be read is named with its place."""
    source, name, content, posts, rejected = READABLE[case]
    (tmp_path / name).write_bytes(content)
    said = inside("collect", source, tmp_path / name, "--json", data=data)
    assert said.rc == 0, said.err
    answer = said.json
    assert (answer["status"], answer["landed"]) == ("complete", len(posts))
    assert landed(data) == sorted([*posts, ("earlier", EARLIER["text"])])
    assert len(answer["rejected"]) == len(rejected) == said.err.count("Could not be read: ")
    for place, record in zip(rejected, answer["rejected"], strict=True):
        assert record["where"].startswith(place)
        assert f"Could not be read: {place}" in said.err


STORED = archive(zipfile.ZIP_STORED, **{"data/tweets.js": js([tweet(n) for n in range(50)])})
CUT_JS = archive(**{"data/tweets.js": js([tweet(n) for n in range(50)])[:-300]})
FEW = "".join(json.dumps({"id": str(n), "author": "mira", "text": f"post {n}"}) + "\n" for n in range(900)).encode()
MANY = "".join(json.dumps({"id": str(n), "author": "mira", "text": f"post {n}"}) + "\n" for n in range(9000)).encode()

#: Input that breaks off: source, name, content.
CUT_OFF = {
    "a cut file in an archive": ("x-archive", "a.zip", CUT_JS, "data/tweets.js"),
    "a damaged member of a zip": ("x-archive", "a.zip", STORED.replace(b"number 7", b"number ~"), "data/tweets.js"),
    "a cut gzip file": ("file", "a.jsonl.gz", gzip.compress(FEW)[:-900], "a.jsonl.gz"),
    "a cut xz file": ("file", "a.jsonl.xz", lzma.compress(FEW)[:-900], "a.jsonl.xz"),
    "a long cut gzip file": ("file", "a.jsonl.gz", gzip.compress(MANY)[:-900], "a.jsonl.gz"),
    "a cut JSON list": (
        "file",
        "a.json",
        json.dumps([{"id": str(n), "text": f"post {n}"} for n in range(9)])[:-30].encode(),
        "a.json",
    ),
}


@pytest.mark.parametrize("case", CUT_OFF)
def test_a_cut_off_input_lands_what_it_has(data, tmp_path, case):
    """Input that breaks off: what was read lands, `partial`, exit 1, and stderr says where it broke."""
    source, name, content, place = CUT_OFF[case]
    (tmp_path / name).write_bytes(content)
    said = inside("collect", source, tmp_path / name, "--json", data=data)
    assert said.rc == 1, said.err
    answer = said.json
    assert (answer["status"], answer["landed"] > 0) == ("partial", True)
    assert len(landed(data)) == 1 + answer["landed"]
    assert place in said.err
    again = inside("collect", source, tmp_path / name, "--json", data=data)
    assert (again.rc, again.json["status"], again.json["landed"]) == (1, "partial", 0)


def test_a_map_to_a_column_that_is_not_there_is_wrong_usage(data, tmp_path):
    """`--map` with an unknown column or field: exit 2, the names that there are."""
    (tmp_path / "a.csv").write_text(TABLE)
    column = inside("collect", "file", tmp_path / "a.csv", "--map", "text=Tweet", data=data)
    assert (column.rc, "author, created_at, id, text" in column.complaint) == (2, True)
    field = inside("collect", "file", tmp_path / "a.csv", "--map", "txet=text", data=data)
    assert (field.rc, "Did you mean 'text'?" in field.complaint) == (2, True)


def test_an_archive_that_names_nobody_says_what_is_missing(data, tmp_path):
    """Without account.js the posts land as `unknown`, and the notice names `--author`."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        file.writestr("data/tweets.js", js([tweet(1)]))
    (tmp_path / "a.zip").write_bytes(stream.getvalue())
    said = curation("collect", "x-archive", tmp_path / "a.zip", data=data)
    assert (said.rc, "--author NAME" in said.err) == (0, True)
    assert inside("collect", "x-archive", tmp_path / "a.zip", "--author", "tomas", data=data).rc == 0
