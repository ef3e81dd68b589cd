"""A walk through a JSON document of any size, to the values that lie at some paths.

A file's posts may lie anywhere: under `records`, in a map keyed by id, in the messages of each chat of a list. The
walk goes into what is on the way, decodes a whole element where a path ends, and passes everything else: a value
that lies complete in the window of text is decoded at once, a longer one is gone into, so that memory is bounded by
the window and the largest element, whatever lies beside the posts.

An element that can't be decoded is reported with its place, and reading goes on at the next thing that looks like an
element of the same list or map, or like the next key on the way. Without paths the walk gives whatever is complete,
which is how a file is looked at that nobody knows yet.

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

#: Levels that are gone into.
DEEPEST = 24
#: Characters of a field that is kept because it stands around the records.
_LONGEST_FIELD = 1 << 16
_MOST_FIELDS, _MOST_OBJECTS = 1000, 20_000
#: Characters that brackets take at least which are too deep for `json`.
_NESTED = 500

_SEPARATORS = re.compile(r"[ \t\r\n,;\ufeff\x00\x1e]*")
_COMMENT = rf"//[^\n]{{0,{LONGEST_COMMENT}}}\n|/\*.{{0,{LONGEST_COMMENT}}}?\*/"
_AFTER_KEY = re.compile(rf"(?:\s|{_COMMENT}){{0,1000}}+:\s{{0,1000}}", re.DOTALL)
_FIRST_KEY = re.compile(r'\{\s{0,200}"([^"\\]{1,64})"\s{0,20}:')
_KEYED = r'"(?:[^"\\]|\\.){1,200}"\s{0,20}:\s{0,20}'
_BEGINS_VALUE = frozenset('{["-0123456789tfnNI')


@dataclass(frozen=True, slots=True)
class Node:
    """A value at one of the paths; or, without paths, one that was complete."""

    number: int  # of the elements, from 1, broken ones counted
    value: Any
    keys: tuple[Step, ...]  # where it lies: keys, and numbers of elements from 0
    around: tuple[Mapping[str, Any], ...]  # the fields of the objects on the way that were read before it


@dataclass(slots=True)
class _Frame:
    """A list or an object that is being gone through."""

    closer: str
    keys: tuple[Step, ...]
    on_way: bool  # a path leads through it
    count: int = 0
    fields: dict[str, Any] = field(default_factory=dict)
    first_keys: set[str] = field(default_factory=set)  # what the objects in it begin with


class JsonWalk:
    """Iterates over the values at `paths`, as `Node` and `Broken`; over all that are complete without paths."""

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
        """`beside` is called with what lies off the paths, of which nothing is kept but the fields around records.

        `fields` are those of each object on the way, by the document's number and where it lies; a walk fills them
        in, and a second walk knows them from the beginning.
        """
        self._cursor = JsonCursor(chunks, enough)
        self._paths, self._enough, self._largest = paths, enough, largest
        self._beside, self._fields = beside, {} if fields is None else fields
        self.documents = 0  # values at the top that were begun
        #: Why the rest could not be read; known when the iteration is over.
        self.ended_early: str | None = None
        self.repaired = 0
        self._frames: list[_Frame] = []
        self._number = 0

    @property
    def position(self) -> int:
        """Bytes received so far."""
        return self._cursor.bytes_read

    @property
    def all_read(self) -> bool:
        """Whether the end of the document was reached."""
        return self._cursor.all_read and self._cursor.at >= len(self._cursor.text)

    def fields_around(self) -> tuple[Mapping[str, Any], ...]:
        """The fields of the objects that are open now, outermost first."""
        return tuple(frame.fields for frame in self._frames if frame.closer == "}")

    def __iter__(self) -> Iterator[Node | Broken]:
        """Go through the document."""
        cursor = self._cursor
        while True:
            following = cursor.skip(_SEPARATORS, comments=True)
            if not following:
                break
            frame = self._frames[-1] if self._frames else None
            if following in "]}":
                yield from self._close(following)
            elif frame is None:
                if following not in "[{":
                    if not self._statement():
                        break
                    continue
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
        sample = self._paths is None
        most = self._largest if is_record else self._enough
        decoded = cursor.decode(most)
        if not isinstance(decoded, Undecoded):
            yield from self._take(keys, *decoded, is_record, sample)
            return
        cut, deep = decoded.cut, decoded.deep
        cursor.looked_again += 0 if deep else decoded.length
        if deep and (is_record or len(keys) >= DEEPEST):
            yield from self._give_up("nested too deeply", is_record, _NESTED)
        elif opens in "{[" and not is_record and (not keys or cut or not isinstance(keys[-1], int) or opens == "["):
            if len(keys) < DEEPEST:
                self._push(opens, keys, on_way=sample)
            else:
                yield from self._give_up("nested too deeply")
        elif cut and cursor.all_read and not self._next_candidate(cursor.at + 1):
            self._number += is_record
            cursor.at = len(cursor.text)
        elif cut and not cursor.all_read:
            yield from self._give_up(f"longer than {most:,} characters, or never closed", is_record)
        else:
            yield from self._give_up(f"not valid JSON: {decoded.why}", is_record, _NESTED if deep else 1)

    def _take(
        self, keys: tuple[Step, ...], value: Any, end: int, is_record: bool, sample: bool
    ) -> Iterator[Node | Broken]:
        cursor = self._cursor
        start, cursor.at = cursor.at, end
        if cursor.stray_bytes and STRAY_BYTE.search(cursor.text, start, end):
            value = _whole(value)
            self.repaired += STRAY_BYTE.search(joined_escapes(cursor.text[start:end])) is not None
        frame = self._frames[-1] if self._frames else None
        if frame and isinstance(value, dict) and value and len(frame.first_keys) < 32:
            frame.first_keys.add(next(iter(value)))
        if is_record or sample:
            self._number += 1
            yield Node(self._number, value, keys, self.fields_around())
        elif self._beside:
            self._beside(keys, value)
        if is_record or not frame or not frame.on_way or frame.closer == "]":
            return
        if end - start < _LONGEST_FIELD and len(frame.fields) < _MOST_FIELDS:
            frame.fields[str(keys[-1])] = value

    def _role(self, keys: tuple[Step, ...]) -> tuple[bool, bool]:
        """Whether the value at `keys` is one of those that are read, and whether a path leads through it."""
        is_record = on_way = False
        for path in self._paths or ():
            if len(keys) <= len(path) and all(map(_fits, keys, path)):
                is_record |= len(keys) == len(path)
                on_way |= len(keys) < len(path)
        return is_record, on_way

    # ---- lists and objects

    def _push(self, opens: str, keys: tuple[Step, ...], on_way: bool) -> None:
        cursor = self._cursor
        if self._frames and (match := _FIRST_KEY.match(cursor.text, cursor.at)):
            self._frames[-1].first_keys.add(match[1])
        frame = _Frame("]" if opens == "[" else "}", keys, on_way)
        if on_way and opens == "{" and self._paths is not None:
            place = (self.documents, *keys)
            if place in self._fields or len(self._fields) < _MOST_OBJECTS:
                frame.fields = self._fields.setdefault(place, frame.fields)
        self._frames.append(frame)
        cursor.at += 1

    def _close(self, closer: str) -> Iterator[Broken]:
        cursor = self._cursor
        if self._frames and self._frames[-1].closer == closer:
            self._frames.pop()
        elif len(self._frames) > 1 and self._frames[-2].closer == closer:
            yield self._broken("what is open here isn't closed")
            del self._frames[-2:]
        elif self._frames:
            yield self._broken(f"a '{closer}' stands here that closes nothing")
        cursor.at += 1

    def _key(self) -> str | None:
        """The key that begins here, and go behind its colon; None if there is none."""
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

    # ---- what lies between

    def _statement(self) -> bool:
        """Go past words before or between documents; False when nothing follows."""
        cursor = self._cursor
        while True:
            match_here = re.compile(r"[\[{]").search(cursor.text, cursor.at)
            if match_here:
                cursor.at = match_here.start()
                return True
            cursor.at = len(cursor.text)
            if cursor.all_read:
                return False
            cursor.read_more()

    # ---- damage

    def _give_up(self, why: str, is_record: bool = False, far: int = 1) -> Iterator[Broken]:
        """Report what begins here, and go to the next thing that is known, at least `far` characters on."""
        cursor = self._cursor
        frame = self._frames[-1] if self._frames else None
        match = _FIRST_KEY.match(cursor.text, cursor.at)
        if frame and match:
            frame.first_keys.add(match[1])
        broken = self._broken(why)
        self._number += is_record
        begin = min(cursor.at + far, len(cursor.text))
        if (match := cursor.find(self._next_candidate, begin)) and match.lastgroup:
            del self._frames[int(match.lastgroup[1:]) + 1 :]
        yield broken

    def _next_candidate(self, begin: int) -> re.Match[str] | None:
        """The next thing that is known; its group is named after the depth of the frame that it belongs to."""
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
    if isinstance(key, int):
        return step in (EACH, key)
    return step in (ANY, key)


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
