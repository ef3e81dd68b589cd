"""Files of posts of every kind, invented, and one of them mutated for each number that is drawn."""

from __future__ import annotations

import bz2
import csv
import functools
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import zstandard

from curation.characters import is_whole
from tests.fuzz import mutations
from tests.fuzz.posts import TIME, WORDS, records

#: Numbers of posts in a file.
POSTS = 4


@dataclass(frozen=True)
class Input:
    """What is given to a source: files below a folder, the target among them, and options."""

    kind: str
    files: Mapping[str, bytes]
    target: str
    source: str = "file"
    options: Mapping[str, Any] = field(default_factory=dict)


def draw_input(draw: Random) -> Input:
    """A mutated input."""
    make = draw.choice(_KINDS)
    made = make(draw)
    if draw.random() < 0.25:
        made = Input(made.kind, made.files, made.target, made.source, {**made.options, **_options(draw, made.source)})
    return made


def sound_inputs() -> list[Input]:
    """Each kind as it is before it is mutated."""
    draw = Random(0)
    return [make(draw, mutate=False) for make in _KINDS for _ in range(4)]


def _options(draw: Random, source: str) -> dict[str, Any]:
    text = draw.choice(("mira", "Mira", "\ud83d", "a\0b", "x" * 300, "@mira@social.example", "", " ", "名前"))
    if source != "file":
        return {"author": text or "mira"}
    return draw.choice(
        (
            {"author": text},
            {"author": "mira", "private": True},
            {"platform": text},
            {"encoding": draw.choice(("gb18030", "cp1251", "utf-16", "utf-8", "idna", text))},
            {"dates": draw.choice(("auto", "day-first", "month-first", "year-first"))},
            {"columns": {"text": draw.choice(("text", "a.b[].c", "data[]", text, "full_text"))}},
            {
                "format": draw.choice(
                    (
                        "csv",
                        "lines",
                        "posts",
                        "tweet",
                        "mastodon",
                        "mastodon-archive",
                        "graphql",
                        "telegram",
                        "meta",
                        "weibo",
                        "reddit",
                    )
                )
            },
        )
    )


@functools.cache
def known_records() -> dict[str, list[Any]]:
    """Records by dialect, several of each form."""
    kept: dict[str, list[Any]] = {}
    for number in range(POSTS):
        for name, some in records(number).items():
            kept.setdefault(name, []).extend(some)
    return kept


@functools.cache
def all_records() -> tuple[Any, ...]:
    return tuple(record for some in known_records().values() for record in some)


def _some_records(draw: Random, mutate: bool) -> tuple[str, list[Any]]:
    name = draw.choice(list(known_records()))
    some = list(known_records()[name])
    if mutate:
        for place in draw.sample(range(len(some)), draw.choice((1, 1, 2))):
            some[place] = mutations.mutated_value(some[place], draw, all_records())
        if draw.random() < 0.1:
            some += draw.sample(all_records(), 2)
    return name, some


def _json(draw: Random, mutate: bool = True) -> Input:
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
                    mutations.ODD_VALUES if draw.random() < 0.5 else [mutations.mutated_text(WORDS[0], draw)]
                )
        header, rows = [_cell(one) for one in header], [[_cell(one) for one in row] for row in rows]
    return header, rows


def _cell(value: Any) -> str:
    if isinstance(value, int) and abs(value) > 10**300:
        return "9" * 400
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, (dict, list)) else str(value)


def _table(draw: Random, mutate: bool = True) -> Input:
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


def _arrow(draw: Random, mutate: bool = True) -> Input:
    header, rows = _flat(draw, mutate)
    names = list(dict.fromkeys(header))
    columns = [
        [
            mutations.mutated_text(row[header.index(name)], Random(0)) if False else row[header.index(name)]
            for row in rows
        ]
        for name in names
    ]
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


def _packed(draw: Random, mutate: bool = True) -> Input:
    inner = draw.choice((_json, _table, _text))(draw, mutate=mutate and draw.random() < 0.5)
    [(name, data)] = inner.files.items()
    ending, pack = draw.choice(
        (
            ("gz", gzip.compress),
            ("bz2", bz2.compress),
            ("xz", lzma.compress),
            ("zst", zstandard.ZstdCompressor().compress),
        )
    )
    packed = pack(data)
    if mutate and draw.random() < 0.6:
        packed = mutations.mutated_bytes(packed, draw)
    return Input(f"packed {ending}", {f"{name}.{ending}": packed}, f"{name}.{ending}")


def _container(draw: Random, mutate: bool = True) -> Input:
    files = {}
    for number in range(draw.choice((1, 2, 3))):
        inner = draw.choice((_json, _table, _text, _arrow, _packed))(draw, mutate=mutate and draw.random() < 0.3)
        for name, data in inner.files.items():
            files[
                draw.choice((name, f"{number}-{name}", f"data/{name}", f"../{name}", f"a\0{name}", "é" * 40 + name))
            ] = data
    return _contained("container", files, draw, mutate)


def _contained(kind: str, files: dict[str, bytes], draw: Random, mutate: bool, source: str = "file") -> Input:
    form = draw.choice(("folder", "zip", "tar", "tar.gz"))
    if form == "folder" or (source == "x-archive" and form != "zip"):
        safe = {name.replace("../", "").replace("\0", "0"): data for name, data in files.items()}
        return Input(f"{kind} folder", {f"in/{name}": data for name, data in safe.items()}, "in", source)
    packed = _zipped(files, draw) if form == "zip" else _tarred(files, draw, "gz" if form == "tar.gz" else "")
    if mutate and draw.random() < 0.6:
        packed = mutations.mutated_bytes(packed, draw)
    return Input(f"{kind} {form}", {f"posts.{form}": packed}, f"posts.{form}", source)


def _zipped(files: Mapping[str, bytes], draw: Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", draw.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name.replace("\0", "0")), data)
    return out.getvalue()


def _tarred(files: Mapping[str, bytes], draw: Random, compression: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(
        fileobj=out, mode=f"w:{compression}", format=draw.choice((tarfile.PAX_FORMAT, tarfile.GNU_FORMAT))
    ) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name.replace("\0", "0"))
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def _x_archive(draw: Random, mutate: bool = True) -> Input:
    account: Any = [
        {
            "account": {
                "username": "mira",
                "accountId": "901",
                "accountDisplayName": "Mira 名前",
                "email": "hidden@example.org",
            }
        }
    ]
    tweets: Any = [
        {"tweet": {k: v for k, v in one.get("tweet", one).items() if k != "user"}} for one in known_records()["tweet"]
    ]
    notes: Any = [
        {
            "noteTweet": {
                "noteTweetId": "9",
                "createdAt": TIME,
                "core": {"text": WORDS[0] * 3, "urls": [], "mentions": []},
            }
        }
    ]
    articles: Any = [
        {
            "article": {
                "metadata": {"id": "7", "title": "Herons"},
                "data": {"contentState": {"blocks": [{"text": WORDS[1]}]}},
            }
        }
    ]
    parts = {
        "account": account,
        "tweets": tweets,
        "deleted-tweets": tweets[:1],
        "note-tweet": notes,
        "article": articles,
        "deleted-note-tweet": notes,
    }
    parts = {name: part for name, part in parts.items() if name in ("account", "tweets") or draw.random() < 0.3}
    if mutate:
        some = draw.choice(list(parts))
        if draw.random() < 0.7:
            parts[some] = mutations.mutated_value(parts[some], draw, all_records())
    files = {
        f"data/{name}.js": f"window.YTD.{name.replace('-', '_')}.part0 = ".encode() + mutations.written(part, draw)
        for name, part in parts.items()
    }
    if mutate and draw.random() < 0.5:
        some = draw.choice(list(files))
        files[some] = mutations.mutated_bytes(files[some], draw, tuple(files.values()))
    if draw.random() < 0.1:
        del files[draw.choice(list(files))]
    return _contained("x-archive", files, draw, mutate and draw.random() < 0.3, draw.choice(("x-archive", "file")))


def _mastodon(draw: Random, mutate: bool = True) -> Input:
    actor: Any = {
        "@context": [],
        "id": "https://social.example/users/mira",
        "type": "Person",
        "preferredUsername": "mira",
        "name": "Mira",
        "url": "https://social.example/@mira",
    }
    outbox: Any = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": "outbox.json",
        "type": "OrderedCollection",
        "totalItems": 2,
        "orderedItems": known_records()["mastodon-archive"],
    }
    if mutate:
        if draw.random() < 0.5:
            actor = mutations.mutated_value(actor, draw)
        else:
            outbox = mutations.mutated_value(outbox, draw, all_records())
    files = {
        "actor.json": mutations.written(actor, draw),
        "outbox.json": mutations.written(outbox, draw),
        "likes.json": b"{}",
    }
    if mutate and draw.random() < 0.4:
        some = draw.choice(list(files))
        files[some] = mutations.mutated_bytes(files[some], draw)
    return _contained("mastodon", files, draw, mutate and draw.random() < 0.3)


def _text(draw: Random, mutate: bool = True) -> Input:
    chat = "".join(f"[05.03.24, 10:0{n}:00] {'Mira' if n % 2 else 'Tovi'}: {words}\n" for n, words in enumerate(WORDS))
    other = "".join(f"05/03/2024, 10:0{n} - Mira: {words}\nsecond line\n" for n, words in enumerate(WORDS))
    text = draw.choice((chat, other, "\n".join(WORDS)))
    data = (
        mutations.mutated_text(text, draw, (chat, other)).encode("utf-8", "surrogatepass") if mutate else text.encode()
    )
    return Input(
        "text", {"_chat.txt": data}, "_chat.txt", options=draw.choice(({}, {"author": "Mira"}, {"format": "lines"}))
    )


def _noise(draw: Random, mutate: bool = True) -> Input:
    """Bytes of no kind, or only the beginning of one."""
    data = b"".join(draw.choice(mutations.ODD_PIECES) for _ in range(draw.choice((0, 1, 3, 30))))
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


_KINDS: tuple[Callable[..., Input], ...] = (
    _json,
    _json,
    _json,
    _table,
    _table,
    _arrow,
    _packed,
    _container,
    _x_archive,
    _mastodon,
    _text,
    _noise,
)
