"""A walk through a JSON document of any size, to the values at some paths.

A file's posts may lie anywhere: under `records`, in a map keyed by id, in the messages of each chat of a list. The walk
enters what is on the way, decodes a whole element where a path ends, and passes everything else. It decodes a value
that is complete in the window of text at once and enters a longer one. So the window and the largest element bound the
memory, whatever lies beside the posts.

An element that can't be decoded is reported with its place. Reading goes on at the next thing that looks like an
element of the same list or map, or like the next key on the way. Without paths the walk gives every complete value: a
first look at an unknown file.

>>> walk = JsonWalk([b'{"count": 2, "records": [{"a": 1}, {"a": oops}, {"a": 3}]}'], [("records", EACH)])
>>> [node.value if isinstance(node, Node) else node.why for node in walk]
[{'a': 1}, 'not valid JSON: Expecting value', {'a': 3}]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from curation.sources.files.json_cursor import LARGEST_ITEM, LONGEST_COMMENT, STRAY_BYTE, Broken, JsonCursor, Undecoded
from curation.sources.files.json_paths import ANY, EACH, Path, Step
from curation.sources.files.text_encoding import joined_escapes
from curation.sources.files.text_stream import ENOUGH

#: Levels that are entered.
DEEPEST = 24
#: Characters of a field around the records that is kept, fields of an object, and objects.
_LONGEST_FIELD, _MOST_FIELDS, _MOST_OBJECTS = 1 << 16, 1000, 20_000
#: Brackets too deep for `json` take at least so many characters.
_NESTED = 500

_SEPARATORS = re.compile(r"[ \t\r\n,;\ufeff\x00\x1e]*")
_COMMENT = rf"//[^\n]{{0,{LONGEST_COMMENT}}}\n|/\*.{{0,{LONGEST_COMMENT}}}?\*/"
_AFTER_KEY = re.compile(rf"(?:\s|{_COMMENT}){{0,1000}}+:\s{{0,1000}}", re.DOTALL)
_FIRST_KEY = re.compile(r'\{\s{0,200}"([^"\\]{1,64})"\s{0,20}:')
_KEYED = r'"(?:[^"\\]|\\.){1,200}"\s{0,20}:\s{0,20}'
_BEGINS_VALUE = frozenset('{["-0123456789tfnNI')
_BRACKET = re.compile(r"[\[{]")


@dataclass(frozen=True, slots=True)
class Node:
    """A value at one of the paths; without paths, any complete value."""

    number: int  # of the element, from 1, broken ones counted
    value: Any
    keys: tuple[Step, ...]  # where it lies: keys, and numbers of elements from 0
    around: tuple[Mapping[str, Any], ...]  # the fields of the objects on the way that precede it


@dataclass(slots=True)
class _Frame:
    """An open list or object."""

    closer: str
    keys: tuple[Step, ...]
    on_way: bool  # a path leads through it
    count: int = 0
    fields: dict[str, Any] = field(default_factory=dict)
    first_keys: set[str] = field(default_factory=set)  # what the objects in it begin with


class JsonWalk:
    """Iterates over the values at `paths`, or without paths over all complete ones, as `Node` and `Broken`."""

    def __init__(
        self,
        chunks: Iterable[bytes],
        paths: Sequence[Path] | None = None,
        *,
        enough: int = ENOUGH,
        largest: int = LARGEST_ITEM,
        beside: Callable[[tuple[Step, ...], Any], None] | None = None,
        fields: MutableMapping[tuple[Step, ...], dict[str, Any]] | None = None,
    ) -> None:
        """`beside` is called with each value off the paths.

        `fields` are those of each object on the way, by the document's number and the object's place. A walk fills them
        in, and a second walk knows them from the beginning.
        """
        self._cursor = JsonCursor(chunks, enough)
        self._paths, self._enough, self._largest = paths, enough, largest
        self._beside, self._fields = beside, {} if fields is None else fields
        self.documents = 0  # values at the top so far
        self.ended_early: str | None = None  # why the rest could not be read; known when the iteration is over
        self.repaired = 0  # values with bytes that are not UTF-8
        self._frames: list[_Frame] = []
        self._number = 0

    @property
    def position(self) -> int:
        """Bytes received so far."""
        return self._cursor.bytes_read

    def __iter__(self) -> Iterator[Node | Broken]:
        """Read to the end."""
        cursor = self._cursor
        while True:
            following = cursor.skip(_SEPARATORS, comments=True)
            if not following:
                break
            frame = self._frames[-1] if self._frames else None
            if following in "]}":
                yield from self._close(following)
            elif frame is None:
                if self._find_document():
                    self.documents += 1
                    yield from self._value(())
            elif frame.closer == "]":
                frame.count += 1
                yield from self._value((*frame.keys, frame.count - 1))
            else:
                key = self._key()
                if key is None:
                    yield from self._give_up("a key is missing or broken here")
                else:
                    frame.count += 1
                    yield from self._value((*frame.keys, key))
        if cursor.failure or self._frames:
            self.ended_early = cursor.end_reason(f"after item {self._number:,}")

    # ---- one value

    def _value(self, keys: tuple[Step, ...]) -> Iterator[Node | Broken]:
        cursor = self._cursor
        is_record, on_way = self._role(keys)
        opens = cursor.text[cursor.at : cursor.at + 1]
        if opens == "/" and not (opens := cursor.skip(_SEPARATORS, comments=True)):
            return
        if opens in "{[" and on_way and not is_record:
            self._push(opens, keys, on_way=True)
            return
        if opens not in _BEGINS_VALUE:
            yield from self._give_up("a value is missing or broken here", is_record)
            return
        most = self._largest if is_record else self._enough
        decoded = cursor.decode(most)
        if not isinstance(decoded, Undecoded):
            yield from self._take(keys, *decoded, is_record)
            return
        cut, deep = decoded.cut, decoded.deep
        cursor.looked_again += 0 if deep else decoded.length
        if deep and (is_record or len(keys) >= DEEPEST):
            yield from self._give_up("nested too deeply", is_record, _NESTED)
        elif opens in "{[" and not is_record and (not keys or cut or not isinstance(keys[-1], int) or opens == "["):
            if len(keys) < DEEPEST:
                self._push(opens, keys, on_way=self._paths is None)
            else:
                yield from self._give_up("nested too deeply")
        elif cut and cursor.all_read and not self._next_candidate(cursor.at + 1):
            self._number += is_record
            cursor.at = len(cursor.text)
        elif cut and not cursor.all_read:
            yield from self._give_up(f"longer than {most:,} characters, or never closed", is_record)
        else:
            yield from self._give_up(f"not valid JSON: {decoded.why}", is_record, _NESTED if deep else 1)

    def _take(self, keys: tuple[Step, ...], value: Any, end: int, is_record: bool) -> Iterator[Node]:
        cursor = self._cursor
        start, cursor.at = cursor.at, end
        if cursor.stray_bytes and STRAY_BYTE.search(cursor.text, start, end):
            value = _whole(value)
            self.repaired += STRAY_BYTE.search(joined_escapes(cursor.text[start:end])) is not None
        frame = self._frames[-1] if self._frames else None
        if frame and isinstance(value, dict) and value and len(frame.first_keys) < 32:
            frame.first_keys.add(next(iter(value)))
        if is_record or self._paths is None:
            self._number += 1
            yield Node(self._number, value, keys, tuple(f.fields for f in self._frames if f.closer == "}"))
        elif self._beside:
            self._beside(keys, value)
        if is_record or not frame or not frame.on_way or frame.closer == "]":
            return
        if end - start < _LONGEST_FIELD and len(frame.fields) < _MOST_FIELDS:
            frame.fields[str(keys[-1])] = value

    def _role(self, keys: tuple[Step, ...]) -> tuple[bool, bool]:
        """Whether a path ends at the value at `keys`, and whether a path leads through it."""
        depth = len(keys)
        lengths = {len(path) for path in self._paths or () if depth <= len(path) and all(map(_fits, keys, path))}
        return depth in lengths, max(lengths, default=0) > depth

    # ---- lists and objects

    def _push(self, opens: str, keys: tuple[Step, ...], on_way: bool) -> None:
        self._learn()
        frame = _Frame("]" if opens == "[" else "}", keys, on_way)
        if on_way and opens == "{" and self._paths is not None:
            place = (self.documents, *keys)
            if place in self._fields or len(self._fields) < _MOST_OBJECTS:
                frame.fields = self._fields.setdefault(place, frame.fields)
        self._frames.append(frame)
        self._cursor.at += 1

    def _learn(self) -> None:
        """Remember what the object here begins with."""
        if self._frames and (match := _FIRST_KEY.match(self._cursor.text, self._cursor.at)):
            self._frames[-1].first_keys.add(match[1])

    def _close(self, closer: str) -> Iterator[Broken]:
        if self._frames and self._frames[-1].closer == closer:
            self._frames.pop()
        elif len(self._frames) > 1 and self._frames[-2].closer == closer:
            yield self._broken("what is open here isn't closed")
            del self._frames[-2:]
        elif self._frames:
            yield self._broken(f"a '{closer}' here closes nothing")
        self._cursor.at += 1

    def _key(self) -> str | None:
        """Go past the key that begins here and its colon, and give the key; None if there is none."""
        cursor = self._cursor
        while cursor.text.startswith('"', cursor.at):
            key: str
            try:
                key, end = cursor.json_decoder.raw_decode(cursor.text, cursor.at)
            except ValueError:
                end = -1
            else:
                match = _AFTER_KEY.match(cursor.text, end)
                if match and match.end() < len(cursor.text):
                    cursor.at = match.end()
                    return key
            unread = len(cursor.text) - cursor.at
            if cursor.all_read or unread > self._enough:
                return None
            cursor.read_more(unread)
        return None

    def _find_document(self) -> bool:
        """Go past words before or between documents; False when nothing follows."""
        cursor = self._cursor
        while not (bracket := _BRACKET.search(cursor.text, cursor.at)):
            cursor.at = len(cursor.text)
            if cursor.all_read:
                return False
            cursor.read_more()
        cursor.at = bracket.start()
        return True

    # ---- damage

    def _give_up(self, why: str, is_record: bool = False, far: int = 1) -> Iterator[Broken]:
        """Report what begins here, and go to the next known thing, at least `far` characters on."""
        self._learn()
        broken = self._broken(why)
        self._number += is_record
        begin = min(self._cursor.at + far, len(self._cursor.text))
        if (match := self._cursor.find(self._next_candidate, begin)) and match.lastgroup:
            del self._frames[int(match.lastgroup[1:]) + 1 :]
        yield broken

    def _next_candidate(self, begin: int) -> re.Match[str] | None:
        """The next known thing from `begin` on; its group is named after the depth of its frame."""
        text = self._cursor.text
        parts = []
        for depth, frame in enumerate(self._frames):
            keys = "|".join(re.escape(key) for key in sorted(frame.first_keys))
            element = rf'\{{\s{{0,200}}"(?:{keys})"\s{{0,20}}:'
            if frame.closer == "]" and keys:
                parts.append(f"(?P<f{depth}>{element})")
            elif frame.closer == "}":
                ways = {path[depth] for path in self._paths or () if len(path) > depth and frame.on_way}
                named = "|".join(re.escape(str(way)) for way in ways if isinstance(way, str) and way not in (ANY, EACH))
                if named:
                    parts.append(rf'(?P<f{depth}>"(?:{named})"\s{{0,20}}:\s{{0,20}}[\[{{])')
                elif keys:
                    parts.append(f"(?P<f{depth}>{_KEYED}{element})")
        if not parts:
            return None
        for match in re.compile("|".join(parts)).finditer(text, begin):
            before = text[max(0, match.start() - 64) : match.start()].rstrip()
            if not match[0].startswith("{") or not before.endswith(":"):  # a value of something in the broken element
                return match
        return None

    def _broken(self, why: str) -> Broken:
        return self._cursor.broken(self._number + 1, why)


def _fits(key: Step, step: Step) -> bool:
    return step in ((EACH, key) if isinstance(key, int) else (ANY, key))


def _whole(value: Any) -> Any:
    """The value with its stray bytes read as Windows-1252."""
    if isinstance(value, str):
        if not STRAY_BYTE.search(value):
            return value
        value = joined_escapes(value)
        return STRAY_BYTE.sub(lambda m: bytes([ord(m[0]) - 0xDC00]).decode("cp1252", "replace"), value)
    if isinstance(value, list):
        return [_whole(held) for held in value]
    return {_whole(key): _whole(held) for key, held in value.items()} if isinstance(value, dict) else value
