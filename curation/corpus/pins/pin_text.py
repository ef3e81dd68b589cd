"""Edits the text of a file of pins one by one: the user's comments and blank lines stay.

A comment above `[[pin]]` is about the pin below it. Libraries that keep comments count it to the pin above, and would
remove it together with that pin. A pin in an unusual form, such as a note of several lines, is written anew when it
changes, with its comments above; so is a file that has all pins in one array.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from curation.recipes.toml_text import toml_content

#: Old and new values of a pin; None: it is taken back.
PinEdit = tuple[Mapping[str, str], Mapping[str, str] | None]

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_HEADER = re.compile(r"\s*\[\[\s*(?:pin|\"pin\"|'pin')\s*\]\]")
#: A line without a key: blank, or a comment.
_ASIDE = re.compile(r"\s*(?:#|$)")
_KEY = re.compile(r"(?P<head>\s*(?P<key>[a-z]+)\s*=\s*)(?:\"(?:[^\"\\]|\\.)*\"|'[^']*')(?P<tail>\s*(?:#.*)?)$", re.S)
#: What TOML has in quotes, comments, and brackets that open and close; texts of several lines first.
_TOKEN = re.compile(
    r"\"\"\"(?:\\.|[^\\])*?\"{3,5}|'''.*?'{3,5}|(?P<open>\"\"\"|''')|\"(?:\\.|[^\"\\\n])*\"|'[^'\n]*'|"
    r"(?P<comment>#[^\n]*)|(?P<bracket>[\[\]{}])",
    re.S,
)


def pin_text(pin: Mapping[str, str]) -> str:
    """A pin as in the file; empty values are left out."""
    return "[[pin]]\n" + "".join(_line(key, value) for key, value in pin.items() if value)


def edited(text: str, changes: Sequence[PinEdit], added: Iterable[Mapping[str, str]], *, erase: bool) -> Iterator[str]:
    """Texts with changed pins, without those whose change is None, and with the `added` ones; the best one first.

    The caller takes the first that says what it should. `erase` also removes the comments of a removed pin: in it, and
    right above.
    """
    added = list(added)
    lines = _LINE.findall(text)
    starts = _headers(lines, text)
    if len(starts) == len(changes):
        yield _with_added(_in_place(lines, starts, changes, erase=erase), added)
    tables = _inline_tables(text)
    if len(tables) == len(changes):
        yield _with_added(_one_by_one(text, tables, changes, erase=erase), added)
    kept = "" if erase else "".join(f"{comment}\n" for comment in comments(text))
    pins = [pin for _, pin in changes if pin is not None]
    yield _with_added(kept, [*pins, *added])


def comments(text: str) -> list[str]:
    """The comments in a text, each from its `#` on."""
    return [match["comment"].rstrip() for match in _TOKEN.finditer(text) if match["comment"]]


def _headers(lines: Sequence[str], text: str) -> list[int]:
    """The numbers of the lines that begin a pin, and are not within a text of several lines."""
    within = [match.span() for match in _TOKEN.finditer(text) if "\n" in match[0]]
    starts, place = [], 0
    for number, line in enumerate(lines):
        if _HEADER.match(line) and not any(begin < place < end for begin, end in within):
            starts.append(number)
        place += len(line)
    return starts


def _in_place(lines: list[str], starts: list[int], changes: Sequence[PinEdit], *, erase: bool) -> str:
    """The text with each change in its place."""
    out = lines[: starts[0]] if starts else list(lines)
    ends = [*starts[1:], len(lines)] if starts else []
    for begin, end, (old, pin) in zip(starts, ends, changes, strict=True):
        last = begin
        for number in range(begin, end):
            # Within a text of several lines nothing is aside, though a line of it may look like a comment.
            if not _ASIDE.match(lines[number]) or _is_open("".join(lines[begin:number])):
                last = number
        block = "".join(lines[begin : last + 1])
        while erase and pin is None and out and out[-1].lstrip().startswith("#"):
            out.pop()
        if pin is not None:
            out += _LINE.findall(_changed(block, old, pin))
        elif not erase:
            out += [f"{comment}{_newline(block)}" for comment in comments(block)]
        out += lines[last + 1 : end]
    return "".join(out)


def _is_open(text: str) -> bool:
    """Whether a text of several lines begins in `text` and does not end there."""
    return any(match["open"] for match in _TOKEN.finditer(text))


def _changed(block: str, old: Mapping[str, str], pin: Mapping[str, str]) -> str:
    """The lines of a pin with new values; comments stay, after a value or on lines of their own."""
    if old == pin:
        return block
    changed = "".join(_line_by_line(_LINE.findall(block), old, pin))
    if _says(changed, pin):
        return changed
    end = _newline(block)
    return "".join(f"{comment}{end}" for comment in comments(block)) + pin_text(pin).replace("\n", end)


def _line_by_line(lines: Sequence[str], old: Mapping[str, str], pin: Mapping[str, str]) -> Iterator[str]:
    matches = [_KEY.match(line) for line in lines]
    new = [_line(name, value) for name, value in pin.items() if value and not old[name]]
    for line, match in zip(lines, matches, strict=True):
        key = match["key"] if match else ""
        if match and pin.get(key) and pin[key] != old[key]:
            yield f"{match['head']}{_quoted(pin[key])}{match['tail']}"
        elif match and key in pin and not pin[key]:
            yield from (f"{comment}{_newline(line)}" for comment in comments(line))
        else:
            yield line
        if key == "want":
            if new and not line.endswith("\n"):
                yield "\n"
            yield from (each.replace("\n", _newline(line)) for each in new)


def _says(block: str, pin: Mapping[str, str]) -> bool:
    """Whether a text says this pin and nothing else."""
    try:
        tables = toml_content(block).get("pin")
    except ValueError:
        return False
    pins = [{key: str(value) for key, value in table.items() if value != ""} for table in tables or ()]
    return pins == [{key: value for key, value in pin.items() if value}]


@dataclass(frozen=True)
class _InlineTable:
    """A pin in an array of pins: its place, and the comments about it: before it, in it, and after it in its line."""

    begin: int
    end: int
    comments: tuple[str, ...]


def _inline_tables(text: str) -> list[_InlineTable]:
    """The tables of `pin = [{…}, {…}]`, in order, each with its comments."""
    tables: list[_InlineTable] = []
    depth, begin, waiting = 0, 0, []
    for match in _TOKEN.finditer(text):
        if match["comment"]:
            words = match["comment"].rstrip()
            if depth < 2 and tables and "\n" not in text[tables[-1].end : match.start()]:
                last = tables.pop()
                tables.append(_InlineTable(last.begin, last.end, (*last.comments, words)))
            else:
                waiting.append(words)
        elif match["bracket"] in ("[", "{"):
            depth += 1
            if depth == 2:
                begin = match.start()
        elif match["bracket"]:
            if depth == 2:
                tables.append(_InlineTable(begin, match.end(), tuple(waiting)))
                waiting = []
            depth -= 1
    if waiting and tables:
        last = tables.pop()
        tables.append(_InlineTable(last.begin, last.end, (*last.comments, *waiting)))
    return tables


def _one_by_one(text: str, tables: Sequence[_InlineTable], changes: Sequence[PinEdit], *, erase: bool) -> str:
    """The pins of an array as tables of their own, each below its comments."""
    pieces = []
    for table, (_, pin) in zip(tables, changes, strict=True):
        if pin is None and erase:
            continue
        words = "".join(f"{comment}\n" for comment in table.comments)
        pieces.append(words + (pin_text(pin) if pin is not None else ""))
    return "\n".join(filter(None, pieces))


def _with_added(text: str, added: Iterable[Mapping[str, str]]) -> str:
    """A text with more pins at its end, in the kind of line breaks that it has."""
    end = _newline(text)
    for pin in added:
        before = f"{text.rstrip()}{end}{end}" if text.strip() else ""
        text = before + pin_text(pin).replace("\n", end)
    return text


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _line(key: str, value: str) -> str:
    return f"{key} = {_quoted(value)}\n"


def _quoted(text: str) -> str:
    """A text in TOML: as in JSON, except for the one control character that JSON leaves."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
