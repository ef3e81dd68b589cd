"""The text of a file of pins, changed pin by pin: comments and blank lines that somebody wrote stay where they are.

A comment above `[[pin]]` is about the pin below it, so what is between two pins belongs to the second. Libraries that
keep comments count it to the first one, and would take it away together with that pin.
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
    """One pin as the file has it; an empty note is left out."""
    return "[[pin]]\n" + "".join(_line(key, value) for key, value in pin.items() if value)


def edited(
    text: str,
    changes: Sequence[tuple[Mapping[str, str], Mapping[str, str] | None]],
    added: Iterable[Mapping[str, str]],
    *,
    erase: bool,
) -> str | None:
    """The text with the pins that it has changed, None for one that goes, and with the `added` ones at the end.

    With `erase`, the comments right above a pin that goes are taken out with it. None for a text whose pins are not
    written one by one under [[pin]].
    """
    lines = _LINE.findall(text)
    starts = [number for number, line in enumerate(lines) if _HEADER.match(line)]
    if len(starts) != len(changes):
        return None
    out = lines[: starts[0]] if starts else lines
    for begin, end, (old, pin) in zip(starts, [*starts[1:], len(lines)], changes, strict=True):
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
    """The lines of one pin with new values; what stands behind a value stays."""
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
    """A text as TOML writes it: as JSON does, but for the one control character that JSON lets stand."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
