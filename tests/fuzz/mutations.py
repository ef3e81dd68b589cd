"""Mutators: one change to bytes, to a text or to a JSON value, drawn from a `random.Random`."""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any

from tests.fuzz.odd_pieces import ODD_PIECES, ODD_VALUES

ENCODINGS = (
    "utf-16",
    "utf-16-le",
    "utf-32",
    "cp1251",
    "gb18030",
    "big5",
    "shift_jis",
    "euc-kr",
    "latin-1",
    "utf-7",
    "cp037",
)


def mutated_bytes(data: bytes, draw: Random, others: tuple[bytes, ...] = ()) -> bytes:
    """`data` after one to four changes."""
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        data = draw.choice(_BYTES)(data, draw, others)
    return data[: 1 << 18]


def _flip(data: bytes, draw: Random, others: tuple[bytes, ...]) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.choice((1, 1, 3, 16))):
        if changed:
            changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def _replace(data: bytes, draw: Random, others: tuple[bytes, ...]) -> bytes:
    changed = bytearray(data)
    if changed:
        changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed)


def _delete(data: bytes, draw: Random, others: tuple[bytes, ...]) -> bytes:
    begin, end = _span(data, draw)
    return data[:begin] + data[end:]


def _double(data: bytes, draw: Random, others: tuple[bytes, ...]) -> bytes:
    begin, end = _span(data, draw)
    return data[:end] + data[begin:end] * draw.choice((1, 1, 2, 50)) + data[end:]


def _insert(data: bytes, draw: Random, others: tuple[bytes, ...]) -> bytes:
    place = draw.randint(0, len(data)) if draw.random() < 0.9 else 0
    return data[:place] + draw.choice(ODD_PIECES) + data[place:]


def _overwrite(data: bytes, draw: Random, others: tuple[bytes, ...]) -> bytes:
    piece = draw.choice(ODD_PIECES)
    place = draw.randint(0, len(data))
    return data[:place] + piece + data[place + len(piece) :]


def _splice(data: bytes, draw: Random, others: tuple[bytes, ...]) -> bytes:
    other = draw.choice(others) if others else data
    return data[: draw.randint(0, len(data))] + other[draw.randint(0, len(other)) :]


def _truncate(data: bytes, draw: Random, others: tuple[bytes, ...]) -> bytes:
    return data[: draw.randint(0, len(data))] if draw.random() < 0.8 else data[draw.randint(0, len(data)) :]


def _enlarge(data: bytes, draw: Random, others: tuple[bytes, ...]) -> bytes:
    digits = [place for place, byte in enumerate(data[:20_000]) if 48 <= byte <= 57]
    if not digits:
        return data
    place = draw.choice(digits)
    return data[:place] + b"9" * draw.choice((1, 20, 400, 5000)) + data[place:]


def _recode(data: bytes, draw: Random, others: tuple[bytes, ...]) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(draw.choice(ENCODINGS), "replace")


def _swap_lines(data: bytes, draw: Random, others: tuple[bytes, ...]) -> bytes:
    lines = data.splitlines(keepends=True)
    draw.shuffle(lines)
    return b"".join(lines)


_BYTES = (
    _flip,
    _replace,
    _delete,
    _double,
    _insert,
    _insert,
    _overwrite,
    _splice,
    _truncate,
    _enlarge,
    _recode,
    _swap_lines,
)


def _span(data: bytes, draw: Random) -> tuple[int, int]:
    begin = draw.randint(0, len(data))
    return begin, min(len(data), begin + draw.choice((1, 1, 2, 8, 64, 512)))


def mutated_value(value: Any, draw: Random, others: tuple[Any, ...] = ()) -> Any:
    """A JSON value with one to four of the values or keys in it changed; `value` itself stays as it is."""
    held = [copy.deepcopy(value)]
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        places = list(_places(held))
        _change(*draw.choice(places), draw, others)
    return held[0]


def _places(tree: Any) -> Any:
    """Every place in a tree: a list or object, and an index or key in it."""
    keys = range(len(tree)) if isinstance(tree, list) else list(tree)
    for key in keys:
        yield tree, key
        if isinstance(tree[key], (list, dict)):
            yield from _places(tree[key])


def _change(holder: Any, key: Any, draw: Random, others: tuple[Any, ...]) -> None:
    value, kind = holder[key], draw.randrange(10)
    if kind <= 4:
        holder[key] = copy.deepcopy(draw.choice(ODD_VALUES))
    elif kind == 5 and isinstance(holder, dict):
        del holder[key]
    elif kind == 6 and isinstance(holder, dict):
        del holder[key]
        holder[
            draw.choice(("", "id", "text", "type", "data", "\ud83d", "a.b", "$oid", "user", key.upper(), key + "\0"))
        ] = value
    elif kind == 7:
        holder[key] = draw.choice(
            ([value], {"value": value}, str(value), {key if isinstance(key, str) else "0": value})
        )
    elif kind == 8 and others:
        other = copy.deepcopy(draw.choice(others))
        holder[key] = draw.choice([holder for holder, _ in _places([other])]) if draw.random() < 0.5 else other
    elif isinstance(holder, dict) and len(holder) > 1:
        other = draw.choice(list(holder))
        holder[key], holder[other] = holder[other], value
    else:
        holder[key] = nested(draw)


def nested(draw: Random) -> Any:
    """A list or object with many others in it, one in another."""
    value: Any = "deep"
    for _ in range(draw.choice((10, 60))):
        value = [value] if draw.random() < 0.5 else {"a": value}
    return value


def mutated_text(text: str, draw: Random, others: tuple[str, ...] = ()) -> str:
    """A text after changes; it may hold halves of surrogate pairs."""
    if draw.random() < 0.3:
        place = draw.randint(0, len(text))
        odd = draw.choice([value for value in ODD_VALUES if isinstance(value, str)])
        return text[:place] + odd + text[place:]
    encoded = tuple(other.encode("utf-8", "surrogatepass") for other in others)
    return mutated_bytes(text.encode("utf-8", "surrogatepass"), draw, encoded).decode("utf-8", "surrogateescape")


def written(value: Any, draw: Random) -> bytes:
    """JSON of a value, with half surrogates as escapes or as bytes."""
    text = json.dumps(value, ensure_ascii=draw.random() < 0.5)
    return text.encode("utf-8", "surrogatepass")
