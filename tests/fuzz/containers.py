"""Files that hold files of posts: compressed ones, folders, zips and tars, and archives as services send them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Mapping
from random import Random
from typing import Any

import zstandard

from tests.fuzz import mutations
from tests.fuzz.posts import TIME, WORDS, all_records, known_records
from tests.fuzz.single_files import Input, arrow_file, json_file, table_file, text_file


def packed(draw: Random, mutate: bool = True) -> Input:
    inner = draw.choice((json_file, table_file, text_file))(draw, mutate=mutate and draw.random() < 0.5)
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


def container(draw: Random, mutate: bool = True) -> Input:
    files = {}
    for number in range(draw.choice((1, 2, 3))):
        inner = draw.choice((json_file, table_file, text_file, arrow_file, packed))(
            draw, mutate=mutate and draw.random() < 0.3
        )
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


def x_archive(draw: Random, mutate: bool = True) -> Input:
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


def mastodon(draw: Random, mutate: bool = True) -> Input:
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
