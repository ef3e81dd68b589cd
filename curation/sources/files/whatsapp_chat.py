r"""A chat that WhatsApp exported: `_chat.txt`, or `WhatsApp Chat with ….txt`.

A message begins on a line with a time and a name and goes on until the next such line:

    [12/03/2024, 09:15:32] Ferry clerk: The ferry leaves at seven.      an iPhone's
    12.03.24, 21:15 - Ferry clerk: The ferry leaves at seven.           an Android telephone's

The telephone's language and region decide how the time is written. If days and months could be swapped, the whole chat
decides. Names and times begin with invisible marks for the direction of writing, which are no part of them.

>>> [(n, m["name"], m["text"]) for n, m in messages(["12.03.24, 21:15 - Ada: one\n", "two\n"])]
[(1, 'Ada', 'one\ntwo')]
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from curation.sources.files.input_files import Opened
from curation.sources.files.json_records import Records
from curation.sources.files.text_encoding import TextLines, decode_head
from curation.sources.records.dates import order_of
from curation.sources.records.unsettled import DateOrder

#: Marks that WhatsApp puts before names and times: left-to-right and so on.
_MARKS = "\u200e\u200f\u202a\u202b\u202c\ufeff"
_DATE = r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\.?"
_HALF = r"[AaPp]\.?\s?[Mm]\.?"
_CLOCK = rf"(?:{_HALF}\s?|午前|午後|上午|下午|오전\s|오후\s)?\s?\d{{1,2}}[:.]\d{{2}}(?:[:.]\d{{2}})?(?:\s?{_HALF})?"
_BEGIN = re.compile(
    rf"(?:\[(?P<ios>{_DATE},?\s{{1,3}}{_CLOCK})\]\s?|(?P<android>{_DATE},?\s{{1,3}}{_CLOCK})\s-\s)(?P<rest>.*)",
    re.DOTALL,
)
_NAME = re.compile(r"(?P<name>[^:]{1,100}?):\s(?P<text>.*)", re.DOTALL)
#: Lines at the beginning that are looked at, and how many of them must begin a message.
_LOOKED_AT, _LEAST = 200, 2
#: Characters of a message after which no further line is added. Such a file is no chat.
_LONGEST = 1 << 20


def is_chat(head: bytes) -> bool:
    """Whether a file that begins with `head` is an exported chat."""
    lines = [line for line in decode_head(head[: 1 << 16]).splitlines() if line.strip()][:_LOOKED_AT]
    if not lines or not _begin(lines[0]):
        return False
    named = [match for line in lines if (match := _begin(line)) and _NAME.match(match["rest"])]
    return len(named) >= min(_LEAST, len(lines))


def messages(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The messages of a chat, each with the number of its first line. A notice of WhatsApp's has no name."""
    begun: tuple[int, dict[str, str]] | None = None
    parts: list[str] = []
    length = 0
    for number, line in enumerate(lines, 1):
        match = _begin(line)
        if match is None:
            if begun and length < _LONGEST:
                parts.append(line)
                length += len(line)
            continue
        if begun:
            yield _complete(begun, parts)
        named = _NAME.match(match["rest"].lstrip(_MARKS))
        name, text = (named["name"], named["text"]) if named else ("", match["rest"])
        date = (match["ios"] or match["android"]).strip(_MARKS)
        begun, parts = (number, {"date": date, "name": name.strip(_MARKS + " ~\u00a0\u202f"), "text": ""}), [text]
        length = len(text)
    if begun:
        yield _complete(begun, parts)


def order_in(lines: Iterable[str]) -> DateOrder | None:
    """What stands first in the dates of a chat, the day or the month; None if nothing shows it."""
    dates = (re.split(r"[,\s]", record["date"], maxsplit=1)[0] for _, record in messages(lines))
    return order_of(dates)[0]


def _begin(line: str) -> re.Match[str] | None:
    line = line.lstrip(_MARKS)
    return _BEGIN.match(line) if line[:1] == "[" or line[:1].isdecimal() else None


def _complete(begun: tuple[int, dict[str, str]], parts: list[str]) -> tuple[int, dict[str, str]]:
    number, record = begun
    text = "".join(parts).strip("\r\n").replace("\r\n", "\n")
    return number, record | {"text": text.lstrip(_MARKS)}


class ChatRecords(Records):
    """The messages of a chat, each with the number of its line."""

    def __init__(self, opened: Opened, head: bytes) -> None:
        super().__init__(TextLines(opened.stream, head))

    def __iter__(self) -> Iterator[tuple[int, dict[str, Any]]]:
        return messages(self.lines)
