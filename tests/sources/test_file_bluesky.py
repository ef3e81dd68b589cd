"""The `file` source on Bluesky: JSON of the API, and repositories in CAR files, whole and damaged."""

from __future__ import annotations

import builtins
import gzip
import hashlib
import json
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libipld import decode_car, encode_cid, encode_dag_cbor

from curation.errors import InputError, NothingToDoError
from curation.sources.files import bluesky_repo, car_blocks
from curation.sources.records.bluesky_posts import POST, REPOST

from .test_bluesky_posts import DID, KEY, PARENT, REPOSTED, URI, record, view
from .test_file_mastodon import Collected

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "nobody may read this"


def block(content: Any) -> tuple[bytes, bytes]:
    """Name and bytes of an object."""
    data = encode_dag_cbor(content)
    return b"\x01\x71\x12\x20" + hashlib.sha256(data).digest(), data


def number(value: int) -> bytes:
    """Seven bits a byte, as CAR writes lengths."""
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])


def car(root: bytes, blocks: list[tuple[bytes, bytes]]) -> bytes:
    """A CAR file."""
    header = encode_dag_cbor({"roots": [root], "version": 1})
    written = [number(len(header)) + header]
    written += [number(len(name) + len(data)) + name + data for name, data in blocks]
    return b"".join(written)


def node(entries: list[tuple[str, bytes]], blocks: list, width: int) -> bytes | None:
    """A search tree over sorted keys, with `width` keys a node and the rest in subtrees between and beside them."""
    if not entries:
        return None
    step = max(1, len(entries) // width)
    here = list(range(step // 2, len(entries), step)) if len(entries) > width else list(range(len(entries)))
    bounds = [*here, len(entries)]
    left = node(entries[: here[0]], blocks, width)
    made, before = [], b""
    for at, following in zip(here, bounds[1:], strict=True):
        key = entries[at][0].encode()
        shared = 0
        while shared < min(len(key), len(before)) and key[shared] == before[shared]:
            shared += 1
        tree = node(entries[at + 1 : following], blocks, width)
        made.append({"p": shared, "k": key[shared:], "v": entries[at][1], "t": tree})
        before = key
    name, data = block({"l": left, "e": made})
    blocks.append((name, data))
    return name


def repository(records: dict[str, Any], width: int = 4, **more: Any) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Name of the commit and blocks of a repository; records lie last, as some servers write them."""
    blocks: list[tuple[bytes, bytes]] = []
    entries = []
    for key in sorted(records):
        name, data = block(records[key])
        blocks.append((name, data))
        entries.append((key, name))
    tree = node(entries, blocks, width) or block({"l": None, "e": []})[0]
    commit = block({"did": DID, "version": 3, "data": tree, "rev": KEY, "prev": None, "sig": b"s" * 64} | more)
    return commit[0], [commit, *reversed(blocks)]


PICTURE = {"$type": "blob", "ref": b"\x01\x55\x12\x20" + b"p" * 32, "mimeType": "image/png", "size": 9}
RECORDS: dict[str, Any] = {
    f"{POST}/{KEY}": record(embed={"$type": "app.bsky.embed.images", "images": [{"alt": "", "image": PICTURE}]}),
    f"{POST}/3jzfcijpj2z2b": record(text="お茶 🍵", reply={"parent": {"uri": URI}, "root": {"uri": URI}}),
    f"{REPOST}/3k2": {"$type": REPOST, "subject": {"uri": PARENT, "cid": "x"}, "createdAt": "2023-07-01T00:00:00Z"},
    "app.bsky.feed.like/3k3": {"subject": {"uri": PARENT}, "note": SECRET},
    "app.bsky.actor.profile/self": {"description": SECRET},
    "app.bsky.feed.postgate/3k4": {"text": SECRET},
}
IDS = [f"at://{DID}/{key}" for key in sorted(RECORDS) if key.startswith((f"{POST}/", f"{REPOST}/"))]


def write(path: Path, root: bytes, blocks: list) -> Path:
    """A file of these blocks."""
    path.write_bytes(car(root, blocks))
    return path


def test_the_test_s_own_car_file_is_one():
    """Another reader finds the same blocks in it."""
    root, blocks = repository(RECORDS)
    header, read = decode_car(car(root, blocks))
    assert header["roots"] == [root]
    assert set(read) == {name for name, _ in blocks}


@pytest.mark.parametrize("form", ["auto", "bluesky-car"])
@pytest.mark.parametrize("name", ["repo.car", "repo.car.gz", "download"])
def test_a_repository_gives_its_posts_and_reposts(tmp_path, name, form):
    """In the order of their keys; other collections stay unread."""
    path = write(tmp_path / name, *repository(RECORDS))
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(path.read_bytes()))
    collected = Collected(path, format=form)
    assert collected.ids == IDS
    assert [post["text"] for post in collected.posts] == ["Tea & toast 🍞", "お茶 🍵", ""]
    assert [post["is_repost"] for post in collected.posts] == [False, False, True]
    assert {post["author"] for post in collected.posts} == {DID}
    assert SECRET not in collected.everything
    assert collected.rejected == collected.ended_early == []


def test_the_raw_record_is_as_the_api_writes_it(tmp_path):
    """Links and bytes have a form in JSON, and the record its address and name."""
    raw = json.loads(Collected(write(tmp_path / "a.car", *repository(RECORDS))).posts[0]["raw"])
    assert raw["uri"] == IDS[0]
    assert raw["cid"] == encode_cid(block(RECORDS[f"{POST}/{KEY}"])[0])
    assert raw["value"]["embed"]["images"][0]["image"]["ref"] == {"$link": encode_cid(PICTURE["ref"])}
    assert bluesky_repo.as_json([b"abcd", {"x": None}]) == [{"$bytes": "YWJjZA"}, {"x": None}]


def test_author_gives_the_handle_that_a_repository_lacks(tmp_path):
    """`--author` stands for the DID in every column that names them."""
    collected = Collected(write(tmp_path / "a.car", *repository(RECORDS)), author="@ada.example.org")
    assert {post["author"] for post in collected.posts} == {"ada.example.org"}
    assert {post["author_id"] for post in collected.posts} == {DID}
    assert collected.posts[1]["reply_to_author"] == "ada.example.org"
    assert collected.posts[0]["url"] == f"https://bsky.app/profile/ada.example.org/post/{KEY}"


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 200), st.integers(1, 9), st.randoms(use_true_random=False))
def test_a_tree_of_any_shape_gives_each_record_once(tmp_path_factory, count, width, random):
    """Whatever the tree's width and the blocks' order."""
    records = {f"{POST}/{n * 7919 % 100003:06d}": record(text=str(n)) for n in range(count)}
    root, blocks = repository(records | {"app.bsky.feed.like/1": {}}, width)
    random.shuffle(blocks)
    path = write(tmp_path_factory.mktemp("car") / "a.car", root, blocks)
    if not count:
        with pytest.raises(NothingToDoError):
            Collected(path)
        return
    assert {p["id"]: p["text"] for p in Collected(path).posts} == {
        f"at://{DID}/{key}": made["text"] for key, made in records.items()
    }


def damaged(blocks: list[tuple[bytes, bytes]], key: str) -> list[tuple[bytes, bytes]]:
    """The blocks with a letter changed in that record."""
    name = block(RECORDS[key])[0]
    return [(n, data.replace(b"Tea", b"Pea") if n == name else data) for n, data in blocks]


def test_a_damaged_or_missing_block_costs_its_record(tmp_path):
    """A block is checked against the hash that it is named by."""
    root, blocks = repository(RECORDS)
    key = f"{POST}/{KEY}"
    changed = Collected(write(tmp_path / "a.car", root, damaged(blocks, key)))
    assert (changed.ids, changed.rejected[0].where) == (IDS[1:], f"a.car: {key}")
    assert "was damaged" in changed.rejected[0].why
    name = block(RECORDS[key])[0]
    absent = Collected(write(tmp_path / "b.car", root, [b for b in blocks if b[0] != name]))
    assert (absent.ids, absent.rejected[0].why) == (IDS[1:], "the file doesn't hold it")


def test_a_part_of_the_tree_that_is_missing_makes_it_partial(tmp_path):
    """What can be reached lands, and the rest is said to be missing."""
    records = {f"{POST}/{n:06d}": record(text=str(n)) for n in range(100)}
    root, blocks = repository(records, width=3)
    tree = [at for at, (_, data) in enumerate(blocks) if b"text" not in data and b"did" not in data]
    del blocks[tree[-1]]
    collected = Collected(write(tmp_path / "a.car", root, blocks))
    assert 0 < len(collected.posts) < 100
    assert collected.ended_early == ["a.car: 1 part of its tree can't be read"]


def test_a_file_that_is_cut_off_lands_what_can_be_reached(tmp_path):
    """The commit stands first, so that a broken download still has a beginning."""
    records = {f"{POST}/{n:06d}": record(text=str(n)) for n in range(300)}
    data = car(*repository(records))
    (tmp_path / "a.car").write_bytes(data[:-9000])
    collected = Collected(tmp_path / "a.car")
    assert 0 < len(collected.posts) < 300
    assert re.search(
        r"a.car: it is cut off in the block at byte \d\d,\d+, after \d+ blocks, so", collected.ended_early[0]
    )
    assert len(collected.posts) + len(collected.rejected) == 300


def test_a_tree_that_leads_back_into_itself_ends(tmp_path, monkeypatch):
    """A loop can't be made with honest hashes, but the check must not be what saves the reader."""
    monkeypatch.setattr(
        car_blocks.hashlib, "sha256", lambda data: type("Hash", (), {"digest": lambda self: b"h" * 32})()
    )
    name = b"\x01\x71\x12\x20" + b"h" * 32
    blocks = [
        (name, encode_dag_cbor({"did": DID, "data": name, "l": name, "e": [{"p": 0, "k": b"a", "t": name, "v": name}]}))
    ]
    with pytest.raises(InputError, match=r"parts? of its tree"):
        Collected(write(tmp_path / "a.car", name, blocks))


@pytest.mark.parametrize(
    "entry",
    [
        {"p": 9, "k": b"x"}, {"p": -1, "k": b"x"}, {"p": 0, "k": "x"}, {"p": 0, "k": b"x" * 2000}, {"p": True}, 3,
        {"p": 0, "k": POST.encode() + b"/\xff", "v": None},
    ],
)  # fmt: skip
def test_a_node_of_another_shape_never_raises(tmp_path, entry):
    """A tree that anybody may have written gives nothing, with a sentence."""
    tree = block({"l": None, "e": [entry]})
    commit = block({"did": DID, "data": tree[0]})
    with pytest.raises((InputError, NothingToDoError)):
        Collected(write(tmp_path / "a.car", commit[0], [commit, tree]))


@pytest.mark.parametrize("depth", [3000, 100_000])
def test_a_record_that_is_nested_too_deeply_is_rejected(tmp_path, depth):
    """Deep CBOR breaks neither the reader nor what writes it as JSON."""
    shallow = encode_dag_cbor(record(deep="DEEP"))
    data = shallow.replace(b"dDEEP", b"\x81" * depth + b"\x01")
    deep = (b"\x01\x71\x12\x20" + hashlib.sha256(data).digest(), data)
    good = block(record())
    entries = [
        {"p": 0, "k": f"{POST}/1".encode(), "v": deep[0], "t": None},
        {"p": len(POST) + 1, "k": b"2", "v": good[0], "t": None},
    ]
    tree = block({"l": None, "e": entries})
    commit = block({"did": DID, "data": tree[0]})
    collected = Collected(write(tmp_path / "a.car", commit[0], [commit, tree, deep, good]))
    assert collected.ids == [f"at://{DID}/{POST}/2"]
    assert "nested too deeply" in collected.rejected[0].why


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (car(*repository(RECORDS))[:80], "cut off|doesn't hold it"),
        (car(*repository(RECORDS))[:20], "commit"),
        (car(b"\x01\x71\x12\x20" + b"x" * 32, repository(RECORDS)[1][1:]), "the file doesn't hold it"),
        (car(*repository(RECORDS, did=7)), "names no author"),
        (number(40) + encode_dag_cbor({"roots": [], "version": 1}), "header"),
    ],
    ids=["cut", "within the header", "no commit", "no author", "no root"],
)
def test_a_file_without_a_commit_is_refused(tmp_path, data, why):
    """There is nothing that could be read of it."""
    (tmp_path / "a.car").write_bytes(data)
    with pytest.raises(InputError, match=why):
        Collected(tmp_path / "a.car", format="bluesky-car")


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_no_damage_raises_anything_else(tmp_path_factory, data):
    """Any bytes changed anywhere give posts, rejected records or a sentence."""
    whole = bytearray(car(*repository(RECORDS)))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("car") / "a.car"
    path.write_bytes(whole)
    try:
        collected = Collected(path, format="bluesky-car")
    except (InputError, NothingToDoError):
        return
    assert {post["id"] for post in collected.posts} <= {*IDS} or b"did:plc:adaexample" not in whole


MANY = repository({f"{POST}/{n:06d}": record(text=f"พรุ่งนี้ {n}") for n in range(60)} | {f"{REPOST}/1": {"by": DID}})
WHOLE = car(*MANY)
MIDDLE = len(WHOLE) // 2


@pytest.mark.parametrize(
    ("data", "least", "sentence"),
    [
        (WHOLE[:MIDDLE], 1, r"cut off in the block at byte \d,\d+, after \d+ blocks, so \d+ posts can't be read"),
        (WHOLE[:70], 0, r"its commit, which names the author, can't be read: it is cut off in the block at byte 5\d"),
        (WHOLE[:20], 0, r"its header, at byte 0, is damaged"),
        (b"\x00" + WHOLE[1:], 60, "header, at byte 0, is damaged"),
        (WHOLE[:30] + b"\x00" + WHOLE[31:], 60, "its header or its commit is damaged"),
        (WHOLE[:-100] + b"\x00" + WHOLE[-99:], 59, "1 post can't be read"),
        (WHOLE[:MIDDLE] + bytes(700) + WHOLE[MIDDLE + 700 :], 20, r"at byte \d,\d+, after \d+ blocks, so"),
        (WHOLE[:MIDDLE] + WHOLE[MIDDLE + 33 :], 45, r"at byte \d,\d+, after \d+ blocks, so"),
        (WHOLE[: WHOLE.index(DID.encode())] + b"?" + WHOLE[WHOLE.index(DID.encode()) + 1 :], 0, r"commit.*hash"),
        (WHOLE[: WHOLE.index(b"sss")] + b"?" + WHOLE[WHOLE.index(b"sss") + 1 :], 60, "commit is damaged"),
        (None, 0, "needs the package libipld"),
    ],
    ids=[
        "cut", "cut in the commit", "cut in the header", "no header", "another root", "one byte", "a hole",
        "bytes lost", "another author", "another signature", "no package",
    ],
)  # fmt: skip
def test_a_damaged_repository_costs_no_other_file(tmp_path, monkeypatch, data, least, sentence):
    """Its good posts land, a sentence names the place, and the landing is partial."""
    if data is None:
        monkeypatch.setitem(sys.modules, "libipld", None)
    for name, content in (
        ("a.jsonl", b'{"id": "1", "text": "a"}'),
        ("m.car", data or WHOLE),
        ("z.txt.csv", b"id,text\n2,b\n"),
    ):
        (tmp_path / name).write_bytes(content)
    collected = Collected(tmp_path)
    ids = collected.ids
    assert {"1", "2"} < {*ids} if least else {"1", "2"} == {*ids}
    assert {id for id in ids if len(id) > 1} <= {f"at://{DID}/{POST}/{n:06d}" for n in range(60)} | {
        f"at://{DID}/{REPOST}/1"
    }
    assert len(ids) - 2 >= least
    [ended_early] = collected.ended_early
    assert "m.car" in ended_early
    assert re.search(sentence, ended_early)


def test_what_is_too_large_is_refused(tmp_path, monkeypatch):
    """Bytes and blocks are bounded, with what to do instead."""
    path = write(tmp_path / "a.car", *repository(RECORDS))
    with monkeypatch.context() as patched:
        patched.setattr(car_blocks, "MOST_BLOCKS", 3)
        with pytest.raises(InputError, match=r"more than 3 blocks.*collect it from the network"):
            Collected(path)
    monkeypatch.setattr(bluesky_repo, "LARGEST", 100)
    with pytest.raises(InputError, match=r"is larger than.*collect it from the network"):
        Collected(path)


def test_without_the_package_a_sentence_says_how_to_install_it(tmp_path, monkeypatch):
    """The extra is named before anything is read."""
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "libipld":
            raise ImportError(name)
        return real(name, *rest, **more)

    path = write(tmp_path / "a.car", *repository(RECORDS))
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match="-m pip install libipld"):
        Collected(path)


LISTED = {"uri": URI, "cid": "x", "value": record()}
REPOST_ITEM = {"post": view(), "reason": REPOSTED}
GONE = {"uri": PARENT, "notFound": True}


@pytest.mark.parametrize(
    ("items", "count"),
    [
        ([{"post": view()}, REPOST_ITEM], 2),
        ([view()], 1),
        ([{"feed": [{"post": view()}, REPOST_ITEM], "cursor": "x"}], 2),
        ([{"posts": [view(), GONE]}], 1),
        ([{"records": [LISTED], "cursor": "x"}], 1),
        ([LISTED], 1),
    ],
    ids=["items", "posts", "page", "page of posts", "page of records", "records"],
)
@pytest.mark.parametrize("as_list", [True, False], ids=["list", "lines"])
def test_json_of_the_api_is_read(tmp_path, items, count, as_list):
    """Items, posts, records and whole pages, one a line or in a list."""
    path = tmp_path / "feed.json"
    path.write_text(json.dumps(items) if as_list else "\n".join(map(json.dumps, items)))
    for form in ("auto", "bluesky"):
        collected = Collected(path, format=form)
        assert len(collected.posts) == count
        assert {post["platform"] for post in collected.posts} == {"bluesky"}
        assert {post["text"] for post in collected.posts} == {"Tea & toast 🍞"}
        assert collected.rejected == []


def test_posts_that_are_gone_are_counted_and_odd_items_rejected(tmp_path):
    """A deleted post in a page is nobody's mistake; an item without a post is."""
    path = tmp_path / "feed.json"
    path.write_text(json.dumps({"feed": [{"post": view()}, {"post": GONE}, GONE, {"post": {}}, {"post": 3}]}))
    collected = Collected(path)
    assert len(collected.posts) == 1
    assert "the post was deleted" in collected.notices
    assert [record.where for record in collected.rejected] == ["feed.json:1, post 4", "feed.json:1, post 5"]
