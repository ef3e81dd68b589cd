"""Lists of deletions, as platforms send them and people write them.

- plain ids, one a line;
- a CSV with a column `id`, `tweet_id`, or another name that `collect file` knows;
- JSON lines, or one JSON list: `{"id": …}`, the notices of X's streaming API (`{"delete": {"status": {…}}}`), and
  the results of a compliance job (`{"id": …, "action": "delete"}`);
- any of them compressed.

A record that can't be read, or that asks for anything but the deletion of a post, is rejected with its place. So is an
id that a spreadsheet has rounded, since it could name the wrong post.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from curation.collecting.identity import SCIENTIFIC
from curation.errors import InputError
from curation.sources.base import Rejected
from curation.sources.files.finding import search_files
from curation.sources.files.input_files import HEAD_BYTES, InputFile, head_of, open_input
from curation.sources.files.json_items import Item, JsonItems
from curation.sources.files.text_encoding import TextLines, decode_head
from curation.sources.records.field_names import synonyms

#: Characters of the longest id; those of Bluesky are addresses.
LONGEST_ID = 512
#: Keys under which a notice keeps its post.
NOTICES = ("delete", "tweet_delete", "status_deletion", "deleted")
POSTS = ("status", "tweet", "post")

_ROUNDED = re.compile(SCIENTIFIC)
_NO_ID = re.compile(r'[\s,{}\[\]"]')
_NAME = re.compile(r"[\s_-]+")


class NoDeletionError(ValueError):
    """Why a record names no post to forget; a clause for a person."""


class Deletions(NamedTuple):
    """The content of a list."""

    ids: tuple[str, ...]  # each once, in their order
    rejected: tuple[Rejected, ...]


def read(path: Path) -> Deletions:
    """Read a list of deletions. Raises `InputError` when nothing in it can be read."""
    ids: dict[str, None] = {}
    rejected: list[Rejected] = []
    for file in search_files([path]).files:
        for entry in _entries(file):
            if isinstance(entry, Rejected):
                rejected.append(entry)
            else:
                ids[entry] = None
    if rejected and not ids:
        raise InputError(
            f"Nothing in {path} could be read as a deletion; {rejected[0].where}: {rejected[0].why}. "
            "Give ids one a line, a CSV with a column `id`, or JSON lines."
        )
    return Deletions(tuple(ids), tuple(rejected))


def _entries(file: InputFile) -> Iterator[str | Rejected]:
    head, _ = head_of(file)
    first = decode_head(head[:HEAD_BYTES]).lstrip("\ufeff \t\r\n")
    with open_input(file) as source:
        if first.startswith("["):
            yield from _of_list(file.name, source.stream)
        else:
            lines = TextLines(source.stream, head)
            delimiter, column = (None, 0) if first.startswith("{") else _header(first.partition("\n")[0])
            yield from _of_table(file.name, lines, delimiter, column) if delimiter else _of_lines(file.name, lines)
            yield from (Rejected(f"{file.name}:{number}", "the line is too long") for number in lines.overlong)
        if source.ended_early:
            yield Rejected(file.name, source.ended_early)


def _of_list(name: str, stream: BinaryIO) -> Iterator[str | Rejected]:
    items = JsonItems(iter(lambda: stream.read(1 << 18), b""))
    for item in items:
        if isinstance(item, Item):
            line, _ = items.place(item)
            yield _entry(f"{name}: item {item.number:,}, line {line}", item.value)
        else:
            yield Rejected(f"{name}: item {item.number:,}, line {item.line}", item.why)
    if items.ended_early:
        yield Rejected(name, items.ended_early)


def _of_lines(name: str, lines: TextLines) -> Iterator[str | Rejected]:
    for line in lines:
        if not (text := line.strip("\ufeff \t\r\n")):
            continue
        where = f"{name}:{lines.number}"
        if text[0] not in '{"':
            yield _entry(where, text)
            continue
        try:
            yield _entry(where, json.loads(text))
        except json.JSONDecodeError as error:
            yield Rejected(where, f"not valid JSON: {error.msg}, column {error.colno}")
        except (ValueError, RecursionError):
            yield Rejected(where, "JSON that no deletion is: nested too deeply, or a number of thousands of digits")


def _of_table(name: str, lines: Iterable[str], delimiter: str, column: int) -> Iterator[str | Rejected]:
    rows = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Rejected(f"{name}:{rows.line_num}", f"not valid CSV: {error}")
            continue
        where = f"{name}:{rows.line_num}"
        if rows.line_num == 1 or not any(cell.strip() for cell in row):
            continue
        if len(row) <= column:
            yield Rejected(where, f"it has {len(row)} cells, and the id is in number {column + 1}")
        else:
            yield _entry(where, row[column].strip())


def _header(line: str) -> tuple[str | None, int]:
    """The delimiter and the id's column of a table; no delimiter where the line is no header."""
    for delimiter in ",;\t":
        names = [_NAME.sub("", cell.strip(' "').lower()) for cell in line.strip("\r\n").split(delimiter)]
        for synonym in synonyms()["id"]:
            if (name := _NAME.sub("", synonym)) in names:
                return delimiter, names.index(name)
    return None, 0


def _entry(where: str, value: Any) -> str | Rejected:
    try:
        return _id(_post(value) if isinstance(value, dict) else value)
    except NoDeletionError as why:
        return Rejected(where, str(why))


def _post(record: dict[str, Any]) -> Any:
    """The id in a record."""
    if isinstance(record.get("data"), dict):
        record = record["data"]
    for notice in NOTICES:
        if isinstance(record.get(notice), dict):
            record = record[notice]
            of_post = next((record[key] for key in POSTS if isinstance(record.get(key), dict)), None)
            if of_post is None and not any(name in record for name in synonyms()["id"]):
                raise NoDeletionError("it is a notice of something else than a post")
            record = of_post or record
            break
    action = record.get("action", "delete")
    if action != "delete":
        raise NoDeletionError(f"it asks for {json.dumps(str(action)[:40])}, which is no deletion")
    for name in ("id_str", *synonyms()["id"]):
        if record.get(name) is not None:
            return record[name]
    raise NoDeletionError("it has no id")


def _id(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return str(value)
    if isinstance(value, float):
        raise NoDeletionError("its id is a fraction; most likely it was rounded on the way here")
    if not isinstance(value, str):
        raise NoDeletionError("its id is neither a text nor a number")
    return checked(value.strip())


def checked(post_id: str) -> str:
    """`post_id` if it can be an id. Raises `NoDeletionError`."""
    if not post_id:
        raise NoDeletionError("its id is empty")
    if len(post_id) > LONGEST_ID or _NO_ID.search(post_id) or not any(map(str.isalnum, post_id)):
        raise NoDeletionError("it is neither an id alone nor JSON; a table needs a header with a column `id`")
    if _ROUNDED.fullmatch(post_id):
        raise NoDeletionError("its id was rounded by a spreadsheet and names no post any more")
    try:
        post_id.encode()
    except UnicodeEncodeError as error:
        raise NoDeletionError("its id holds half a character") from error
    return post_id
