"""Notices of many files, folded: the same words about four files or more appear once.

A folder of an export may hold hundreds of small files with the same notice.

>>> fold([f"{n}.json: read as JSON." for n in range(300)], {f"{n}.json" for n in range(300)})
['0.json and 299 more files: read as JSON.']
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from curation.writing.terminal import count

#: Files that each get a notice of their own.
_FEW = 3
_LEFT_OUT = "Left out: "
_NUMBER = re.compile(r"\d[\d,]*")
_COUNTED = re.compile(r"(?:one post was|([\d,]+) posts were) left out: (.*)", re.DOTALL)
#: Places in a notice at which the name of its file may end.
_MOST_ENDS = 12


def fold(notices: Iterable[str], names: Collection[str]) -> list[str]:
    """The notices in their order, those of many files folded into the first. `names` are the files' names."""
    groups: dict[object, list[tuple[str, str]]] = {}
    for number, notice in enumerate(notices):
        before = _LEFT_OUT if notice.startswith(_LEFT_OUT) else ""
        name = _name_in(notice[len(before) :], names)
        rest = notice[len(before) + len(name) :]
        counted = _COUNTED.fullmatch(rest.removeprefix(": "))
        same = counted[2] if counted else _NUMBER.sub("#", rest.replace(name, "") if name else rest)
        groups.setdefault((before, same) if name else number, []).append((notice, rest))
    return [notice for group in groups.values() for notice in _folded(group)]


def _folded(group: list[tuple[str, str]]) -> list[str]:
    if len(group) <= _FEW:
        return [notice for notice, _ in group]
    first, rest = group[0]
    others = f"{len(group) - 1:,} more files"
    counts = [match for _, one in group if (match := _COUNTED.fullmatch(one.removeprefix(": ")))]
    if len(counts) == len(group):
        total = sum(int(each[1].replace(",", "")) if each[1] else 1 for each in counts)
        return [
            f"{first.removesuffix(rest)} and {others}: {count(total, 'post was', 'posts were')} left out: "
            f"{counts[0][2]}"
        ]
    if rest.startswith(": ") and all(one == rest for _, one in group):
        return [f"{first.removesuffix(rest)} and {others}{rest}"]
    return [f"{first} The same goes for {others}."]


def _name_in(text: str, names: Collection[str]) -> str:
    """The longest of the names that the text begins with; empty if there is none."""
    name = ""
    for number, end in enumerate(re.finditer(r"[: ]", text)):
        if number >= _MOST_ENDS:
            break
        if text[: end.start()] in names:
            name = text[: end.start()]
    return name
