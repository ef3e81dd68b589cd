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

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from curation.sources.files.json_items import LARGEST_ITEM, Broken
from curation.sources.files.json_paths import ANY, EACH, Path, Step
from curation.sources.files.relaxed_json import LONGEST, relaxed_value
from curation.sources.files.text_encoding import joined_escapes
from curation.sources.files.text_stream import ENOUGH, TextStream

#: Levels that are gone into.
DEEPEST = 24
#: Characters of a field that is kept because it stands around the records.
_LONGEST_FIELD = 1 << 16
_MOST_FIELDS, _MOST_OBJECTS = 1000, 20_000
#: Characters that surely hold the beginning of an element.
_SPAN = 512
_NEAR_END = 16
#: An error of `json` counts lines from the beginning of the text, so after one the text is kept this short.
_FAR = 1 << 13
#: Characters that brackets take at least which are too deep for `json`.
_NESTED = 500

_SEPARATORS = re.compile(r"[ \t\r\n,;\ufeff\x00\x1e]*")
_AFTER_KEY = re.compile(r"\s{0,1000}:\s{0,1000}")
_COMMENT = re.compile(r"//[^\n]*|/\*.{0,65536}?\*/", re.DOTALL)
_FIRST_KEY = re.compile(r'\{\s{0,200}"([^"\\]{1,64})"\s{0,20}:')
_KEYED = r'"(?:[^"\\]|\\.){1,200}"\s{0,20}:\s{0,20}'
_BEGINS_VALUE = frozenset('{["-0123456789tfnNI')
_LITERALS = re.compile(r"[^\s,\[\]{}\"]{1,200}")
_STRAY_BYTE = re.compile("[\udc80-\udcff]")


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
        self._stream = TextStream(chunks, enough)
        self._paths, self._enough, self._largest = paths, enough, largest
        self._beside, self._fields = beside, {} if fields is None else fields
        self.documents = 0  # values at the top that were begun
        #: Why the rest could not be read; known when the iteration is over.
        self.ended_early: str | None = None
        self.repaired = 0
        self._frames: list[_Frame] = []
        self._number = 0
        self._looked_again = 0
        self._decoder = json.JSONDecoder(strict=False, parse_constant=lambda _: None)

    @property
    def position(self) -> int:
        """Bytes received so far."""
        return self._stream.bytes_read

    @property
    def all_read(self) -> bool:
        """Whether the end of the document was reached."""
        return self._stream.all_read and self._stream.at >= len(self._stream.text)

    def fields_around(self) -> tuple[Mapping[str, Any], ...]:
        """The fields of the objects that are open now, outermost first."""
        return tuple(frame.fields for frame in self._frames if frame.closer == "}")

    def __iter__(self) -> Iterator[Node | Broken]:
        """Go through the document."""
        stream = self._stream
        while True:
            following = self._skip()
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
        if stream.failure or self._frames:
            line, byte = stream.place(min(stream.at, len(stream.text)))
            reason = f"{stream.failure}; it" if stream.failure else "it"
            self.ended_early = f"{reason} stops after item {self._number:,} (line {line:,}, byte {byte:,})"

    # ---- one value

    def _value(self, keys: tuple[Step, ...]) -> Iterator[Node | Broken]:
        stream = self._stream
        is_record, on_way = self._role(keys)
        opens = stream.text[stream.at : stream.at + 1]
        if not opens and not (opens := self._skip()):
            return
        if opens in "{[" and on_way and not is_record:
            self._push(opens, keys, on_way=True)
            return
        if opens not in _BEGINS_VALUE:
            yield from self._give_up("a value is missing or broken here", is_record)
            return
        sample = self._paths is None
        most = self._largest if is_record else self._enough
        deep = False
        while True:
            try:
                value, end = self._decoder.raw_decode(stream.text, stream.at)
            except (ValueError, RecursionError) as error:
                deep = isinstance(error, RecursionError)
                position = getattr(error, "pos", stream.at)
                why = getattr(error, "msg", "nested too deeply or a number of thousands of digits")
                cut = position >= len(stream.text) - _NEAR_END or why.startswith("Unterminated string")
            else:
                if end < len(stream.text) or opens in "{[" or stream.all_read:
                    yield from self._take(keys, value, end, is_record, sample)
                    return
                position, why, cut = end, "", True
            unread = len(stream.text) - stream.at
            if not cut or stream.all_read or unread > most:
                break
            stream.read_more(unread)
        self._looked_again += position - stream.at
        if stream.at > max(_FAR, len(stream.text) >> 6):
            stream.forget(_SPAN)
        relaxed = None if cut and not stream.all_read else self._relaxed()
        if relaxed:
            yield from self._take(keys, *relaxed, is_record, sample)
        elif deep and (is_record or len(keys) >= DEEPEST):
            yield from self._give_up("nested too deeply", is_record, _NESTED)
        elif opens in "{[" and not is_record and (not keys or cut or not isinstance(keys[-1], int) or opens == "["):
            if len(keys) < DEEPEST:
                self._push(opens, keys, on_way=sample)
            else:
                yield from self._give_up("nested too deeply")
        elif cut and stream.all_read and not self._next_candidate(stream.at + 1):
            self._number += is_record
            stream.at = len(stream.text)
        elif cut and not stream.all_read:
            yield from self._give_up(f"longer than {most:,} characters, or never closed", is_record)
        else:
            yield from self._give_up(f"not valid JSON: {why}", is_record, _NESTED if deep else 1)

    def _take(
        self, keys: tuple[Step, ...], value: Any, end: int, is_record: bool, sample: bool
    ) -> Iterator[Node | Broken]:
        stream = self._stream
        start, stream.at = stream.at, end
        if stream.stray_bytes and _STRAY_BYTE.search(stream.text, start, end):
            value = _whole(value)
            self.repaired += _STRAY_BYTE.search(joined_escapes(stream.text[start:end])) is not None
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
            frame.fields[keys[-1]] = value

    def _relaxed(self) -> tuple[Any, int] | None:
        stream = self._stream
        if self._looked_again > 8 * (stream.bytes_read + self._enough) or stream.text[stream.at] not in "{[":
            return None
        if len(stream.text) - stream.at < LONGEST and not stream.all_read:
            stream.read_more(LONGEST)
        relaxed = relaxed_value(stream.text, stream.at)
        if relaxed is None:
            self._looked_again += min(LONGEST, len(stream.text) - stream.at)
        return relaxed

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
        stream = self._stream
        if self._frames and (match := _FIRST_KEY.match(stream.text, stream.at)):
            self._frames[-1].first_keys.add(match[1])
        frame = _Frame("]" if opens == "[" else "}", keys, on_way)
        if on_way and opens == "{" and self._paths is not None:
            place = (self.documents, *keys)
            if place in self._fields or len(self._fields) < _MOST_OBJECTS:
                frame.fields = self._fields.setdefault(place, frame.fields)
        self._frames.append(frame)
        stream.at += 1

    def _close(self, closer: str) -> Iterator[Broken]:
        stream = self._stream
        if self._frames and self._frames[-1].closer == closer:
            self._frames.pop()
        elif len(self._frames) > 1 and self._frames[-2].closer == closer:
            yield self._broken("what is open here isn't closed")
            del self._frames[-2:]
        elif self._frames:
            yield self._broken(f"a '{closer}' stands here that closes nothing")
        stream.at += 1

    def _key(self) -> str | None:
        """The key that begins here, and go behind its colon; None if there is none."""
        stream = self._stream
        while stream.text.startswith('"', stream.at):
            try:
                key, end = self._decoder.raw_decode(stream.text, stream.at)
            except ValueError:
                end = -1
            else:
                match = _AFTER_KEY.match(stream.text, end)
                if match and match.end() < len(stream.text):
                    stream.at = match.end()
                    return key
            unread = len(stream.text) - stream.at
            if stream.all_read or unread > self._enough:
                return None
            stream.read_more(unread)
        return None

    # ---- what lies between

    def _skip(self) -> str:
        """Go past separators and comments; the character that follows, or nothing at the end."""
        stream = self._stream
        while True:
            stream.at = _SEPARATORS.match(stream.text, stream.at).end()
            if stream.at >= len(stream.text) and not stream.all_read:
                stream.read_more()
            elif stream.text.startswith(("//", "/*"), stream.at) and (
                match_here := _COMMENT.match(stream.text, stream.at)
            ):
                stream.at = match_here.end()
            else:
                return stream.text[stream.at : stream.at + 1]

    def _statement(self) -> bool:
        """Go past words before or between documents; False when nothing follows."""
        stream = self._stream
        while True:
            match_here = re.compile(r"[\[{]").search(stream.text, stream.at)
            if match_here:
                stream.at = match_here.start()
                return True
            stream.at = len(stream.text)
            if stream.all_read:
                return False
            stream.read_more()

    # ---- damage

    def _give_up(self, why: str, is_record: bool = False, far: int = 1) -> Iterator[Broken]:
        """Report what begins here, and go to the next thing that is known, at least `far` characters on."""
        stream = self._stream
        frame = self._frames[-1] if self._frames else None
        match = _FIRST_KEY.match(stream.text, stream.at)
        if frame and match:
            frame.first_keys.add(match[1])
        broken = self._broken(why)
        self._number += is_record
        begin = min(stream.at + far, len(stream.text))
        while True:
            match_here = self._next_candidate(begin)
            if match_here:
                depth, stream.at = match_here
                del self._frames[depth + 1 :]
                break
            if stream.all_read:
                stream.at = len(stream.text)
                break
            begin = max(begin, len(stream.text) - _SPAN)
            stream.at = max(stream.at, begin - _SPAN)
            begin -= stream.at
            stream.read_more()
        yield broken

    def _next_candidate(self, begin: int) -> tuple[int, int] | None:
        """Depth of the frame that the next thing belongs to, and where it begins."""
        text = self._stream.text
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
            depth = int(match.lastgroup[1:])
            if match[0].startswith("{") and before.endswith(":"):
                continue  # a value of something in the broken element
            return depth, match.start()
        return None

    def _broken(self, why: str) -> Broken:
        return Broken(self._number + 1, *self._stream.place(self._stream.at), why)


def _fits(key: Step, step: Step) -> bool:
    if isinstance(key, int):
        return step in (EACH, key)
    return step in (ANY, key)


def _whole(value: Any) -> Any:
    """The value with its stray bytes read as Windows-1252."""
    if isinstance(value, str):
        if not _STRAY_BYTE.search(value):
            return value
        value = joined_escapes(value)
        return _STRAY_BYTE.sub(lambda m: bytes([ord(m[0]) - 0xDC00]).decode("cp1252", "replace"), value)
    if isinstance(value, list):
        return [_whole(held) for held in value]
    return {_whole(key): _whole(held) for key, held in value.items()} if isinstance(value, dict) else value
