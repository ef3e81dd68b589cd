"""One file of posts of each form: JSON, tables, Arrow, chats and texts, and bytes of no form at all."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq

from curation.writing.characters import is_whole
from tests.fuzz import mutations
from tests.fuzz.odd_pieces import ODD_PIECES, ODD_VALUES
from tests.fuzz.posts import WORDS, all_records, known_records


@dataclass(frozen=True)
class Input:
    """What is given to a source: files below a folder, the target among them, and options."""

    kind: str
    files: Mapping[str, bytes]
    target: str
    source: str = "file"
    options: Mapping[str, Any] = field(default_factory=dict)


def _some_records(draw: Random, mutate: bool) -> tuple[str, list[Any]]:
    name = draw.choice(list(known_records()))
    some = list(known_records()[name])
    if mutate:
        for place in draw.sample(range(len(some)), draw.choice((1, 1, 2))):
            some[place] = mutations.mutated_value(some[place], draw, all_records())
        if draw.random() < 0.1:
            some += draw.sample(all_records(), 2)
    return name, some


def json_file(draw: Random, mutate: bool = True) -> Input:
    values = draw.random() < 0.7
    name, some = _some_records(draw, mutate and values)
    if draw.random() < 0.5:
        data, ending = b"".join(mutations.written(one, draw) + b"\n" for one in some), "jsonl"
    else:
        wrapped: Any = draw.choice(
            (
                some,
                {"data": some},
                {"a": {"b": some}},
                {str(n): one for n, one in enumerate(some)},
                [[one] for one in some],
                {"messages": some, "type": "public_channel", "id": 17, "name": "The Reeds"},
                {"chats": {"list": [{"type": "personal_chat", "messages": some}]}},
                {"orderedItems": some, "@context": "x"},
                {"tweets": some, "users": {"901": {"username": "mira"}}},
                {"statuses": some},
                {"posts": some, "guild": {}, "channel": {}},
                _columns_of(some),
            )
        )
        if mutate and values and draw.random() < 0.2:
            wrapped = mutations.mutated_value(wrapped, draw)
        data, ending = mutations.written(wrapped, draw), "json"
    if mutate and not values:
        data = mutations.mutated_bytes(
            data, draw, (b"\n".join(json.dumps(one).encode() for one in draw.sample(all_records(), 2)),)
        )
    file = f"{'outbox' if name == 'mastodon-archive' else 'posts'}.{ending}"
    return Input(f"json {name}", {file: data}, file)


def _columns_of(some: list[Any]) -> Any:
    """As pandas writes a table: `{"text": {"0": …}}`."""
    keys = [key for key in some[0] if isinstance(key, str)] if isinstance(some[0], dict) else []
    return {key: {str(n): one.get(key) for n, one in enumerate(some) if isinstance(one, dict)} for key in keys}


def _flat(draw: Random, mutate: bool) -> tuple[list[str], list[list[str]]]:
    name = draw.choice(("posts", "4cat", "web-exporter", "weibo", "reddit", "discord", "snscrape"))
    some = [one for one in known_records()[name] if isinstance(one, dict)]
    header = list(dict.fromkeys(key for one in some for key in one))
    rows = [[_cell(one.get(key, "")) for key in header] for one in some]
    if mutate and draw.random() < 0.7:
        for _ in range(draw.choice((1, 2, 5))):
            row = draw.choice([header, *rows])
            if row:
                row[draw.randrange(len(row))] = draw.choice(
                    ODD_VALUES if draw.random() < 0.5 else [mutations.mutated_text(WORDS[0], draw)]
                )
        header, rows = [_cell(one) for one in header], [[_cell(one) for one in row] for row in rows]
    return header, rows


def _cell(value: Any) -> str:
    if isinstance(value, int) and abs(value) > 10**300:
        return "9" * 400
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, (dict, list)) else str(value)


def table_file(draw: Random, mutate: bool = True) -> Input:
    header, rows = _flat(draw, mutate)
    delimiter = draw.choice(",;\t|")
    out = io.StringIO()
    writer = csv.writer(
        out,
        delimiter=delimiter,
        lineterminator=draw.choice(("\n", "\r\n")),
        quoting=draw.choice((csv.QUOTE_ALL, csv.QUOTE_MINIMAL)),
    )
    writer.writerows([header, *rows])
    if draw.random() < 0.1:
        writer.writerow(header)
    encoding = draw.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1251", "gb18030"))
    text = out.getvalue()
    data = text.encode(encoding, "replace") if is_whole(text) else text.encode("utf-8", "surrogatepass")
    if mutate and draw.random() < 0.6:
        data = mutations.mutated_bytes(data, draw, (b"a,b\n1,2\n", '"ใต้โต๊ะ";"x\n'.encode()))
    return Input("table", {"posts.csv": data}, "posts.csv")


def arrow_file(draw: Random, mutate: bool = True) -> Input:
    header, rows = _flat(draw, mutate)
    names = list(dict.fromkeys(header))
    columns = [[row[header.index(name)] for row in rows] for name in names]
    clean = [[cell.encode("utf-8", "replace").decode() for cell in column] for column in columns]
    arrays: list[pa.Array] = [pa.array(column) for column in clean]
    if mutate and arrays:
        place = draw.randrange(len(arrays))
        odd = draw.choice(
            (
                pa.array([1] * len(rows)),
                pa.array([1.5] * len(rows)),
                pa.array([None] * len(rows)),
                pa.array([["a"]] * len(rows)),
                pa.array([{"a": 1}] * len(rows)),
                pa.array([b"\xff\xfe"] * len(rows)),
                pa.array([2**62] * len(rows), pa.timestamp("s")),
                pa.array(["\0"] * len(rows)).dictionary_encode(),
                pa.array([b"\xff\xed\xa0\x80"] * len(rows)).view(pa.string()),
                pa.array([2**31 - 1] * len(rows), pa.date32()),
            )
        )
        arrays[place] = odd
    table = pa.table(arrays, names=[name.encode("utf-8", "replace").decode() for name in names])
    out = io.BytesIO()
    which = draw.choice(("parquet", "feather", "arrow"))
    try:
        if which == "parquet":
            pq.write_table(table, out, compression="snappy")
        elif which == "feather":
            pyarrow.feather.write_feather(table, out, compression="uncompressed")
        else:
            with pa.ipc.new_stream(out, table.schema) as writer:
                writer.write_table(table)
    except (pa.ArrowException, ValueError):  # not every kind of column can be written so
        pass
    data = out.getvalue()
    if mutate and draw.random() < 0.6:
        data = mutations.mutated_bytes(data, draw)
    return Input("arrow", {f"posts.{which}": data}, f"posts.{which}")


def text_file(draw: Random, mutate: bool = True) -> Input:
    chat = "".join(f"[05.03.24, 10:0{n}:00] {'Mira' if n % 2 else 'Tovi'}: {words}\n" for n, words in enumerate(WORDS))
    other = "".join(f"05/03/2024, 10:0{n} - Mira: {words}\nsecond line\n" for n, words in enumerate(WORDS))
    text = draw.choice((chat, other, "\n".join(WORDS)))
    data = (
        mutations.mutated_text(text, draw, (chat, other)).encode("utf-8", "surrogatepass") if mutate else text.encode()
    )
    return Input(
        "text", {"_chat.txt": data}, "_chat.txt", options=draw.choice(({}, {"author": "Mira"}, {"format": "lines"}))
    )


def noise(draw: Random, mutate: bool = True) -> Input:
    """Bytes of no kind, or only the beginning of one."""
    data = b"".join(draw.choice(ODD_PIECES) for _ in range(draw.choice((0, 1, 3, 30))))
    if not mutate:
        data = b""
    name = draw.choice(
        (
            "posts.json",
            "posts.csv",
            "a.jsonl",
            "b.txt",
            "c.zip",
            "d.tar",
            "e.car",
            "f.parquet",
            "g.xlsx",
            "tweets.js",
            "outbox.json",
            "h",
            "caf\udce9.csv",
        )
    )
    return Input("noise", {name: data}, name)
