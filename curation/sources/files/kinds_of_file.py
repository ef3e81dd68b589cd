"""What a file is by its first bytes, and what to do where no post can be read from it.

`kinds_of_file.toml` has the kinds. Only bytes at fixed places and the first words of a text count: a file may come from
a stranger, and nothing that it claims about itself is trusted or searched. A chat is private, so only its owner can say
which of its lines to collect.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

#: Bytes at the beginning in which words are looked for (a page, a recipe).
WORDS = 4096

#: How a torrent begins: a dictionary whose first key is one of a torrent's.
_TORRENT = (b"d8:announce", b"d13:announce-list", b"d4:info", b"d7:comment", b"d10:created by", b"d13:creation date")
_KAKAO = re.compile("카카오톡 대화|KakaoTalk Chats with|とのカカオトーク|Date Saved :|저장한 날짜 :")
_MESSAGE = re.compile(r"\[?\d{1,2}:\d{2}(?::\d{2})?\]?\s{1,2}<[ @+%&~]?[^<>\s]{1,40}>\s")
_EVENT = re.compile(
    r"\[?\d{1,2}:\d{2}(?::\d{2})?\]?\s{1,2}(?:-!-|\*\*\*|-->|<--|--)|--- (?:Log|Day)|\*\*\*\* BEGIN LOG"
)
#: Characters of a dump of SQL that show one, and what may precede its first statement.
_SQL_START = 1 << 14
_SQL_COMMENTS = re.compile(r"(?:\s+|--[^\n]*\n|/\*.*?\*/;?)+", re.DOTALL)
_STATEMENT = re.compile(
    r"(?:INSERT\s+INTO|CREATE\s+(?:TABLE|DATABASE|SCHEMA)|DROP\s+TABLE|BEGIN(?:\s+TRANSACTION)?;|PRAGMA\s+\w+|USE\s+\S+;|"
    r"SET\s+[\w@. ]+(?:=|TO\s)|SELECT\s+pg_catalog)",
    re.IGNORECASE,
)
#: Lines of a log that count.
_LOOKED_AT = 30


@dataclass(frozen=True)
class OtherKind:
    """A kind of file that holds no text of posts to read."""

    what: str  # with its article: "a PNG picture"
    way: str = ""  # what to do instead; `{file}` stands for the path

    def sentence(self, path: object) -> str:
        """What it is and what to do, as a clause."""
        return f"{self.what}; {self.way.replace('{file}', str(path))}" if self.way else self.what


@cache
def _tables() -> dict[str, list[tuple[dict[str, Any], OtherKind]]]:
    """The tables of the data file: each row with its kind."""
    tables = tomllib.loads(files(__package__).joinpath("kinds_of_file.toml").read_text(encoding="utf-8"))
    ways = tables.pop("ways")

    def kind(row: dict[str, Any]) -> OtherKind:
        way = row.get("way", "")
        name, *parts = [way] if isinstance(way, str) else way
        text = ways.get(name, name)
        for number, part in enumerate(parts):
            text = text.replace(f"{{{number}}}", part)
        return OtherKind(row["what"], text)

    return {name: [(row, kind(row)) for row in rows] for name, rows in tables.items()}


def _named(table: str, name: str) -> OtherKind:
    return next(kind for row, kind in _tables()[table] if row["name"] == name)


def kinds_of_file() -> list[OtherKind]:
    """Every kind in the order of the tables, but for those that only the code knows."""
    return [kind for name, rows in _tables().items() if name != "others" for _, kind in rows]


def is_compressed(head: bytes) -> str | None:
    """The compression of a file that begins so: `gzip`, `bzip2`, `xz`, `zstd`; None for none."""
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"BZh") and head[3:4].isdigit() and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90"):
        return "bzip2"
    if head.startswith(b"\xfd7zXZ\x00"):
        return "xz"
    # A skippable frame may stand before the first one of zstd.
    if head.startswith(b"\x28\xb5\x2f\xfd") or (head[1:4] == b"\x2a\x4d\x18" and 0x50 <= head[0] <= 0x5F):
        return "zstd"
    return None


def is_zip(head: bytes) -> bool:
    """Whether a file begins as a zip does, an empty one or a split one too."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"))


def is_tar(head: bytes) -> bool:
    """Whether a file begins as a tar does: by its mark or, in the oldest form, by the checksum of its first header."""
    if head[257:262] == b"ustar":
        return True
    if len(head) < 512 or not head[0] or head[0] in b"{[<" or head[100:148].strip(b"0123456789 \x00"):
        return False
    written = head[148:156].strip(b" \x00")
    if not written or not all(byte in b"01234567" for byte in written):
        return False
    return int(written, 8) == sum(head[:148]) + sum(head[156:512]) + 8 * 32


def is_columnar(head: bytes) -> str | None:
    """`Parquet`, `Arrow`, `Arrow stream` or `Feather` by the first bytes; None for anything else."""
    if head.startswith(b"PAR1"):
        return "Parquet"
    if head.startswith(b"ARROW1"):
        return "Arrow"
    if head.startswith(b"FEA1"):
        return "Feather"
    if head.startswith(b"\xff\xff\xff\xff") and len(head) >= 16 and 16 <= int.from_bytes(head[4:8], "little") < 1 << 24:
        return "Arrow stream"
    return None


def kind_of_head(head: bytes, name: str = "") -> OtherKind | None:
    """What a file is that begins with `head` and holds no text to read; None for one that may hold posts."""
    for row, kind in _tables()["magic"]:
        if head.startswith(row["begins"].encode("latin-1"), row.get("at", 0)):
            return kind
    if head.startswith(_TORRENT):
        return _named("others", "torrent")
    if len(head) > 2 and head[0] == 0x80 and head[1] in (2, 3, 4, 5) and head[2] in b"\x95}]c(q\x8c\x00XU":
        return _named("others", "pickle")
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    for row, kind in _tables()["endings"]:
        if ending == row["ending"] and head.startswith(tuple(map(str.encode, row["first"]))):
            return kind
    start = head[:WORDS].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<!-- saved from", b"<head", b"<body", b"<table", b"<div")):
        return _named("others", "page")
    if start.startswith((b"<?xml", b"<rss", b"<feed", b"<opml", b"<!doctype plist", b"<livejournal")):
        of_mark = (kind for row, kind in _tables()["xml"] if row["mark"].encode() in start)
        return next(of_mark, _named("others", "xml"))
    if any(line.strip() == b"[[rule]]" for line in head.splitlines()):
        return _named("others", "recipe")
    return None


def kind_of_sql(text: str) -> OtherKind | None:
    """A dump of a database, if the first words of a text are statements; None for any other text."""
    comments = _SQL_COMMENTS.match(text[:_SQL_START])
    if not _STATEMENT.match(text, comments.end() if comments else 0):
        return None
    return next(kind for row, kind in _tables()["magic"] if row["begins"] == "-- SQLite")


def kind_of_log(text: str) -> OtherKind | None:
    """The chat that a text is a log of; None for any other text."""
    lines = [line for line in text[:8192].lstrip("\ufeff").splitlines() if line.strip()][:_LOOKED_AT]
    if not lines:
        return None
    if lines[0].startswith("[LINE]"):
        return _named("chats", "line")
    if any(_KAKAO.search(line[:200]) for line in lines[:2]):
        return _named("chats", "kakao")
    messages = sum(bool(_MESSAGE.match(line[:100])) for line in lines)
    events = sum(bool(_EVENT.match(line[:100])) for line in lines)
    return _named("chats", "irc") if messages and messages + events >= 0.8 * len(lines) else None


def kind_of_zip(names: set[str], head: bytes) -> OtherKind | None:
    """The document that a zip with members of these names is; None for an archive of files."""
    documents = _tables()["documents"]
    if head[30:38] == b"mimetype" and b"mimetypeapplication/" in head[:200]:
        for row, kind in documents:
            if b"opendocument." + row["type"].encode() in head[:200]:
                return kind
    if {"mimetype", "content.xml"} <= names:
        return documents[0][1]
    for row, kind in _tables()["zips"]:
        if row["member"] in names:
            return kind
    if names and all(name.endswith(".npy") for name in names):
        return next(kind for row, kind in _tables()["endings"] if row["ending"] == ".npz")
    return None
