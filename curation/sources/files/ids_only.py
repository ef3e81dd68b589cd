"""Files of ids without texts, as data sets of tweets are published: known, so no id lands as a post.

X's terms let people share ids but not texts; a user of such a file asks X for the posts again (*hydrates* it). The ids
are one a line, in a table with an author or a label beside them, in a JSON list or in objects.

>>> is_id("1252748699152890001"), is_id('="1252748699152890001"'), is_id("ID_1252748699152890001"), is_id("12 cats")
(True, True, True, False)
>>> [reads_like_text(value) for value in ("two words", "朝の散歩", "positive", "2020-01-02 10:00")]
[True, True, False, False]
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: What to do, for a message that names the file first.
HYDRATE = (
    "There are only ids here, no texts. Hydrate them first: `twarc2 hydrate` fetches the posts of a file of ids "
    "(X's API has to be paid for), and what it writes can be collected"
)

_ID = re.compile(
    r"""[='"]{0,3}(?:(?:ID|id|tweet|status)[_:-]?)?\d{5,25}["']{0,2}(?:\.0)?
      | at://[\w.:/%-]{8,200} | https?://(?:www\.|mobile\.)?(?:twitter|x)\.com/\w{1,30}/status(?:es)?/\d{2,25}/?""",
    re.VERBOSE | re.ASCII,
)
_LONG_ID = 8  # digits of an id in a column that isn't called so
_NAMED_ID = re.compile(r"(?:^|[^a-z])ids?$|Ids?$|^id(?:s$|_|str)|tweet|status", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|www\.|at://|mailto:)\S*")
_DATE = re.compile(
    r"[\d./:T,+Z\s-]{4,40}(?:[AP]M)?|(?:[A-Z][a-z]{2},?\s){1,2}\d{1,2}[\d:\s+A-Z-]{4,30}|\d{1,2}\s[A-Z][a-z]{2}\s\d{4}.{0,16}"
)
#: Rows of a table, or lines, that are looked at.
_LOOKED_AT = 200
_SAMPLE = 1 << 16


def is_id(value: object) -> bool:
    """Whether a value is the id of a post or account, or the address of one post."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return False
    text = str(value).strip()
    return len(text) < 240 and bool(_ID.fullmatch(text))


def reads_like_text(value: object) -> bool:
    """Whether somebody wrote this: it has words, and is no id, address, date, number or label of one word."""
    if not isinstance(value, str):
        return False
    text = value.strip()[:2000]
    if not text or is_id(text) or _DATE.fullmatch(text):
        return False
    words = [word for word in text.split() if not _ADDRESS.fullmatch(word)]
    letters = sum(map(str.isalpha, "".join(words)))
    beyond_latin = sum(character > "\u02ff" and character.isalpha() for character in text)
    return letters >= 2 and (len(words) > 1 or beyond_latin >= 4)


def text_share(values: Iterable[object]) -> float:
    """The share of the full values that read like text."""
    full = [value for value in values if value is not None and value != ""]
    return sum(map(reads_like_text, full)) / len(full) if full else 0.0


def columns_are_ids(columns: Mapping[str, Sequence[object]]) -> bool:
    """Whether columns of values, under their names, hold ids and nothing that somebody wrote."""
    ids = False
    for name, values in columns.items():
        full = [value for value in values if value is not None and value != ""]
        if any(map(reads_like_text, full)) or any(isinstance(value, dict | list) for value in full):
            return False
        digits = [len(re.sub(r"\D", "", str(value))) for value in full]
        fitting = sum(map(is_id, full)) >= 0.9 * len(full) if full else False
        ids |= fitting and (bool(_NAMED_ID.search(name)) or min(digits) >= _LONG_ID)
    return ids


def objects_are_ids(records: Sequence[Mapping[str, Any]]) -> bool:
    """Whether objects hold nothing but ids and labels."""
    names = dict.fromkeys(name for record in records for name in record)
    return columns_are_ids({name: [record.get(name) for record in records] for name in names})


def table_is_ids(text: str, cut: bool) -> bool:
    """Whether a file that begins with `text` is a table, or a list with one a line, of ids and labels."""
    lines = [line for line in text[:_SAMPLE].splitlines() if line.strip()][: _LOOKED_AT + 1]
    if len(lines) > 1 and (cut or len(text) > _SAMPLE):
        lines.pop()
    if not lines or lines[0].lstrip().startswith(("{", "[")):
        return False
    if all(map(is_id, lines)):
        return True
    for delimiter in ",;\t|":
        try:
            rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=delimiter)]
        except csv.Error:
            continue
        first, *rest = rows
        if not rest or any(len(row) != len(first) for row in rest):
            continue
        headed = not any(map(is_id, first))
        names = first if headed else [""] * len(first)
        body = rest if headed else rows
        columns = {name if name not in names[:n] else str(n): [row[n] for row in body] for n, name in enumerate(names)}
        if (len(first) > 1 or delimiter == ",") and columns_are_ids(columns):
            return True
    return False
