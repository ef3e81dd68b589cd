"""Edits the text of a file of pins one by one: the user's comments and blank lines stay.

A comment above `[[pin]]` is about the pin below it. Libraries that keep comments count it to the pin above, and would
remove it together with that pin.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_HEADER = re.compile(r"\s*\[\[\s*pin\s*\]\]")
#: A line without a key: blank, or a comment.
_ASIDE = re.compile(r"\s*(?:#|$)")
_KEY = re.compile(r"(?P<head>\s*(?P<key>[a-z]+)\s*=\s*)(?:\"(?:[^\"\\]|\\.)*\"|'[^']*')(?P<tail>\s*(?:#.*)?)$", re.S)


def pin_text(pin: Mapping[str, str]) -> str:
    """A pin as in the file; an empty note is left out."""
    return "[[pin]]\n" + "".join(_line(key, value) for key, value in pin.items() if value)


def edited(
    text: str,
    changes: Sequence[tuple[Mapping[str, str], Mapping[str, str] | None]],
    added: Iterable[Mapping[str, str]],
    *,
    erase: bool,
) -> str | None:
    """The text with changed pins, without those whose change is None, and with the `added` ones at the end.

    `erase` also removes the comments right above a removed pin. Gives None if the pins are not each under a [[pin]].
    """
    lines = _LINE.findall(text)
    starts = [number for number, line in enumerate(lines) if _HEADER.match(line)]
    if len(starts) != len(changes):
        return None
    out = lines[: starts[0]] if starts else lines
    ends = [*starts[1:], len(lines)] if starts else []
    for begin, end, (old, pin) in zip(starts, ends, changes, strict=True):
        last = max(number for number in range(begin, end) if number == begin or not _ASIDE.match(lines[number]))
        if pin is not None:
            out += _changed(lines[begin : last + 1], old, pin)
        while erase and pin is None and out and out[-1].lstrip().startswith("#"):
            out.pop()
        out += lines[last + 1 : end]
    written = "".join(out)
    for pin in added:
        written = f"{written.rstrip()}\n\n{pin_text(pin)}".lstrip()
    return written


def _changed(lines: list[str], old: Mapping[str, str], pin: Mapping[str, str]) -> Iterator[str]:
    """The lines of a pin with new values; comments after a value stay."""
    if old == pin:
        yield from lines
        return
    there = {match["key"] for line in lines if (match := _KEY.match(line))}
    for line in lines:
        match = _KEY.match(line)
        key = match["key"] if match else ""
        if match and pin.get(key) and pin[key] != old[key]:
            yield f"{match['head']}{_quoted(pin[key])}{match['tail']}"
        elif key != "note" or pin[key]:
            yield line
        if key == "want" and "note" not in there and pin.get("note"):
            yield _line("note", pin["note"])


def _line(key: str, value: str) -> str:
    return f"{key} = {_quoted(value)}\n"


def _quoted(text: str) -> str:
    """A text in TOML: as in JSON, except for the one control character that JSON leaves."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
