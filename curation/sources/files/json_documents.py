"""The records of a JSON file, read by the paths where its posts lie.

There are three layouts, each the cheapest that bounds the memory: lines, the elements of one list, and a walk through a
document. A record comes with the objects around it, also with their fields that follow the records in the file: for
those, a walk goes through the document once before.

Values that MongoDB exports (`{"$oid": "…"}`, `{"$date": …}`, `{"$numberLong": "5"}`) become plain:

>>> plain_values({"_id": {"$oid": "65f"}, "n": {"$numberLong": "5"}, "at": {"$date": {"$numberLong": "1709629200000"}}})
{'_id': '65f', 'n': 5, 'at': 1709629200000}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from curation.sources.base import Rejected
from curation.sources.files.input_files import Opened
from curation.sources.files.json_cursor import LARGEST_ITEM, Broken
from curation.sources.files.json_items import JsonItems
from curation.sources.files.json_paths import ANY, EACH, Around, Path, Step, expand
from curation.sources.files.json_people import People
from curation.sources.files.json_records import KINDS, Layout, Records, chunks_of, records_of_lines
from curation.sources.files.json_shape import Kind
from curation.sources.files.json_walk import JsonWalk
from curation.sources.files.text_encoding import TextLines, as_utf8
from curation.writing.terminal import count

#: Characters of the longest document of whole columns, which is decoded at once.
LARGEST_TABLE = 64 << 20

_EXPECTED = {"objects": "an object", "texts": "a text", "rows": "a list of cells", "columns": "an object of columns"}
_WHOLE = frozenset({"$numberLong", "$numberInt"})
_AS_THEY_ARE = frozenset({"$oid", "$date", "$numberDecimal", "$numberDouble", "$uuid", "$symbol"})
#: Levels of a value in which MongoDB's marks are unwrapped, and in which they are looked for.
_DEEPEST, _LOOKED_INTO = 60, 6


@dataclass(frozen=True)
class JsonPlan:
    """How the records of a file are reached."""

    layout: Layout = "lines"
    paths: tuple[Path, ...] = ((),)  # from the top of a document: a line, an element, or the whole
    kind: Kind = "objects"
    header: tuple[str, ...] = ()  # the names of cells, for rows; empty when the first row has them
    mongo: bool = False  # values such as {"$oid": …} are unwrapped
    people: People = field(default_factory=People)
    fields: dict[tuple[Step, ...], dict[str, Any]] = field(default_factory=dict)  # of the objects on the way

    @property
    def is_plain(self) -> bool:
        """Whether each line or element is a record by itself."""
        return self.paths == ((),) and self.kind == "objects" and not self.mongo

    @property
    def streams(self) -> tuple[Path, ...]:
        """The part of each path that the walk follows; the rest lies in the values that the walk gives."""
        parts = []
        for path in self.paths:
            ends = [n for n, step in enumerate(path, 1) if step in (EACH, ANY)]
            parts.append(path[: ends[-1]] if ends else ())
        return tuple(parts)


Placed = tuple[int, dict[str, Any], Around, str | None]


class JsonDocuments(Records):
    """The records of a JSON file, each with its number, the objects around it and its key in a map."""

    def __init__(self, opened: Opened, head: bytes, plan: JsonPlan, name: str) -> None:
        super().__init__(TextLines(opened.stream, head))
        self._opened, self._plan, self._name = opened, plan, name
        self._header: tuple[str, ...] = plan.header

    def __iter__(self) -> Iterator[Placed | Rejected]:
        """Read the file."""
        plan = self._plan
        values = {"lines": self._of_lines, "items": self._of_items, "document": self._walk}[plan.layout]
        for entry in values():
            if isinstance(entry, Rejected):
                yield entry
                continue
            number, value, around, key = entry
            if plan.kind == "objects" and isinstance(value, dict):
                yield number, _plain(value) if plan.mongo else value, around, key
            elif plan.kind == "columns" and _has_columns(value):
                yield from self._of_columns(value)
            elif plan.kind == "texts" and isinstance(value, str):
                yield number, {"text": value}, around, key
            elif plan.kind == "rows" and isinstance(value, list):
                yield from self._of_row(number, value)
            else:
                what = KINDS.get(type(value), "a number" if isinstance(value, int | float) else "an object")
                yield self._rejected(number, f"it is {what} and not {_EXPECTED[plan.kind]}")

    def _of_lines(self) -> Iterator[Any]:
        plan = self._plan
        wrapped = any({EACH, ANY} & set(path) for path in plan.paths)
        for entry in records_of_lines(self.lines, self._opened, self._name):
            if isinstance(entry, Rejected):
                yield entry
                continue
            for path in plan.paths if wrapped else ():
                plan.people.add_from({key: held for key, held in entry[1].items() if key != path[0]})
            yield from self._inside(*entry, plan.paths)

    def _of_items(self) -> Iterator[Any]:
        items = JsonItems(chunks_of(self.lines.stream))
        for item in items:
            if isinstance(item, Broken):
                yield self._broken(item)
            else:
                self.repaired += item.repaired
                yield from self._inside(item.number, item.value, self._plan.paths)
        self.ended_early = items.ended_early

    def _walk(self) -> Iterator[Any]:
        plan, streams = self._plan, self._plan.streams
        largest = LARGEST_TABLE if plan.kind == "columns" else LARGEST_ITEM
        walk = JsonWalk(chunks_of(self.lines.stream), streams, fields=plan.fields, largest=largest)
        for node in walk:
            if isinstance(node, Broken):
                yield self._broken(node)
                continue
            for path, stream in zip(plan.paths, streams, strict=True):
                if len(stream) == len(node.keys):
                    key = node.keys[-1] if node.keys and stream[-1] == ANY else None
                    yield from self._inside(node.number, node.value, (path[len(stream) :],), node.around, key)
                    break
        self.repaired, self.ended_early = walk.repaired, walk.ended_early

    def _inside(
        self, number: int, value: Any, paths: tuple[Path, ...], around: Around = (), key: Step | None = None
    ) -> Iterator[Any]:
        """The values at the paths in a value; without any, the value itself, to be rejected."""
        if paths == ((),):  # most files
            yield number, value, around, key if isinstance(key, str) else None
            return
        nothing = True
        for path in paths:
            for inner, outer, inner_key in expand(value, path, around, key):
                nothing = False
                yield number, inner, outer, inner_key if isinstance(inner_key, str) else _id_around(outer, path)
        if nothing and value:
            if isinstance(value, dict):
                yield number, value, around, None
            elif paths and EACH not in paths[0] and ANY not in paths[0]:
                yield self._rejected(number, f"it is {KINDS.get(type(value), 'a number')} and not an object")

    def _of_row(self, number: int, row: list[Any]) -> Iterator[Placed | Rejected]:
        if not self._header:
            self._header = tuple(map(str, row))
        elif len(row) != len(self._header):
            cells = len(self._header)
            yield self._rejected(number, f"it has {count(len(row), 'cell')} where the header has {cells:,}")
        else:
            yield number, dict(zip(self._header, row, strict=True)), (), None

    def _of_columns(self, columns: dict[str, Any]) -> Iterator[Placed]:
        first = next(iter(columns.values()))
        places = list(first) if isinstance(first, dict) else range(len(first))
        for number, place in enumerate(places, 1):
            record = {}
            for name, held in columns.items():
                within = place in held if isinstance(held, dict) else isinstance(held, list) and place < len(held)
                record[name] = held[place] if within else None
            yield number, record, (), place if isinstance(place, str) else None

    def _rejected(self, number: int, why: str) -> Rejected:
        return Rejected(f"{self._name}: item {number:,}", why)

    def _broken(self, broken: Broken) -> Rejected:
        where = f"{self._name}: item {broken.number:,}, line {broken.line:,}, byte {broken.byte:,}"
        return Rejected(where, broken.why)


def expanded(records: Iterable[Any], plan: JsonPlan) -> Iterator[Any]:
    """Records of another reader, each replaced by the values at the plan's paths in it."""
    for entry in records:
        if isinstance(entry, Rejected):
            yield entry
            continue
        number, record = entry
        for path in plan.paths:
            for inner, around, key in expand(record, path):
                if isinstance(inner, dict):
                    yield number, inner, around, key if isinstance(key, str) else _id_around(around, path)


def look_around(opened: Opened, head: bytes, plan: JsonPlan) -> None:
    """Go through a document once, for the objects around its records and the people beside them."""
    walk = JsonWalk(
        chunks_of(as_utf8(opened.stream, head)), plan.streams, fields=plan.fields, beside=plan.people.add_beside
    )
    for _ in walk:
        pass
    for fields in plan.fields.values():
        plan.people.add_from(fields)


def _has_columns(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(next(iter(value.values()), None), dict | list)


def _id_around(around: Around, path: Path) -> str | None:
    """The id that the object directly around an unwrapped record has: `{"id": "1", "attributes": {…}}`."""
    if not path or path[-1] in (EACH, ANY) or not around:
        return None
    outer: Mapping[str, Any] = around[-1]
    held = next((outer[name] for name in ("id", "_id", "item_id") if name in outer), None)
    return str(held) if isinstance(held, str | int) and not isinstance(held, bool) else None


# ---- MongoDB's values


def has_marks(value: Any, depth: int = 0) -> bool:
    """Whether some value in it has a mark of MongoDB's."""
    if isinstance(value, dict):
        if len(value) == 1 and (_WHOLE | _AS_THEY_ARE) & value.keys():
            return True
        return depth < _LOOKED_INTO and any(has_marks(held, depth + 1) for held in value.values())
    return isinstance(value, list) and depth < _LOOKED_INTO and any(has_marks(held, depth + 1) for held in value[:20])


def plain_values(value: Any, depth: int = 0) -> Any:
    """The value, with each marked value in it as a text or number."""
    if depth > _DEEPEST:
        return value
    if isinstance(value, list):
        return [plain_values(held, depth + 1) for held in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        (key, held), *_ = value.items()
        if key in _WHOLE and isinstance(held, str) and held.lstrip("-").isdecimal() and len(held) < 25:
            return int(held)
        if key in _AS_THEY_ARE:
            return plain_values(held, depth + 1)
    return {key: plain_values(held, depth + 1) for key, held in value.items()}


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    """The record without MongoDB's marks; one that is nothing but a mark stays."""
    plain = plain_values(value)
    return plain if isinstance(plain, dict) else value
