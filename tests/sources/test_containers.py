"""Zips and tars of files of posts, folders, patterns and standard input: what is read, and what stays closed."""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
import tarfile
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import zstandard

from curation.errors import CurationError, InputError, UsageError
from curation.sources.file import FileSource
from curation.sources.files import containers, input_files, open_files, unfolding
from curation.sources.files.containers import select
from curation.sources.files.private import is_private
from curation.sources.x_archive import XArchive

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "nobody may read this"
#: Texts in several scripts, by the name of the file that holds them.
TEXTS = {
    "a": "ตลาดเช้าวันนี้เงียบ",
    "b": "سوق الصباح هادئ اليوم",
    "c": "朝の市場は静かだ",
    "d": "утренний рынок сегодня тих",
}


def lines(key: str, count: int = 2) -> bytes:
    """Posts as JSON lines."""
    posts = ({"id": f"{key}{n}", "author": "ada", "text": f"{TEXTS[key]} {n}"} for n in range(count))
    return "".join(json.dumps(post, ensure_ascii=False) + "\n" for post in posts).encode()


def table(key: str, count: int = 2) -> bytes:
    """Posts as a table."""
    return ("id,author,text\n" + "".join(f"{key}{n},ada,{TEXTS[key]} {n}\n" for n in range(count))).encode()


def js(name: str, items: list[Any]) -> bytes:
    """A file of an X archive."""
    return f"window.YTD.{name}.part0 = {json.dumps(items)}".encode()


def tweet(number: int, **more: Any) -> dict:
    """A post as an X archive holds it."""
    time = "Wed Oct 19 20:07:25 +0000 2022"
    return {"tweet": {"id_str": str(number), "full_text": f"{TEXTS['c']} {number}", "created_at": time} | more}


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip of these files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def tarred(files: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar of these files."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


MIXED = {
    "posts/a.jsonl": lines("a"),
    "posts/b.csv": table("b"),
    "c.jsonl.gz": gzip.compress(lines("c")),
    "d.jsonl.zst": zstandard.compress(lines("d")),
    "messages/inbox/thread.json": SECRET.encode(),
    "myContacts.csv": SECRET.encode(),
    "__MACOSX/posts/._a.jsonl": SECRET.encode(),
    ".hidden.jsonl": SECRET.encode(),
    "photo.png": b"\x89PNG",
    "z.json": b'{"nothing": "here"}',
}
ARCHIVE = {
    "data/account.js": js("account", [{"account": {"username": "mira", "email": SECRET}}]),
    "data/tweets.js": js("tweets", [tweet(1), tweet(2)]),
    "data/direct-messages.js": SECRET.encode(),
    "data/like.js": SECRET.encode(),
    "posts.csv": SECRET.encode(),
}
PACKERS: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "a.zip": zipped,
    "a.tar": tarred,
    "a.tar.gz": lambda files: gzip.compress(tarred(files)),
    "a.tar.zst": lambda files: zstandard.compress(tarred(files, tarfile.GNU_FORMAT)),
    "without an ending": zipped,
    "a.zip.gz": lambda files: gzip.compress(zipped(files)),
}


class Collected:
    """What a source gave."""

    def __init__(self, *targets: Path | str, source: type = FileSource, **options: Any) -> None:
        opened = source(targets if source is FileSource else targets[0], **options)
        size = opened.size
        pages = list(opened.pages())
        self.posts = [row for page in pages for row in page.posts.to_pylist()]
        self.ids = [post["id"] for post in self.posts]
        self.files = list(dict.fromkeys(post["source_file"] for post in self.posts))
        self.ended_early = [page.ended_early for page in pages if page.ended_early]
        self.notices = "\n".join(opened.notices())
        positions = [page.position for page in pages]
        assert positions == sorted(positions)
        assert positions[-1] <= size
        assert SECRET not in repr((self.posts, self.notices, self.ended_early))


def write(path: Path, data: bytes) -> Path:
    """A file, in folders of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", PACKERS)
def test_each_member_is_a_file_of_its_own(tmp_path, name):
    """Members are recognised one by one and named with the container; private ones, litter and others stay closed."""
    found = Collected(write(tmp_path / name, PACKERS[name](MIXED)))
    members = ["c.jsonl.gz", "d.jsonl.zst", "posts/a.jsonl", "posts/b.csv"]
    assert found.files == [f"{name}: {member}" for member in members]
    assert [post["text"] for post in found.posts] == [f"{TEXTS[key]} {n}" for key in "cdab" for n in (0, 1)]
    assert "left closed, since the name speaks of something private: messages/inbox/thread.json" in found.notices
    assert "myContacts.csv" in found.notices
    assert "skipped, since files of posts have other names: photo.png" in found.notices
    assert f"Left out: {tmp_path / name}: z.json" in found.notices
    assert "MACOSX" not in found.notices


DAMAGED = {
    "b.parquet": b"PAR1" + bytes(40),
    "b.csv.gz": gzip.compress(table("b"))[:12],
    "b.json": b'[{"id": "7", "te',
    "b.zip": zipped({"b.jsonl": lines("b")})[:60],
}


@pytest.mark.parametrize("name", DAMAGED)
@pytest.mark.parametrize("pack", [zipped, None])
def test_a_damaged_file_among_others_makes_it_partial(tmp_path, pack, name):
    """The others land, and a landing that lacks a file of posts is not complete; a file without posts does no harm."""
    files = {"a.jsonl": lines("a"), name: DAMAGED[name], "z.json": b'{"nothing": "here"}'}
    for member, data in {"all.zip": pack(files)}.items() if pack else files.items():
        write(tmp_path / "in" / member, data)
    found = Collected(tmp_path / "in")
    assert [post["text"] for post in found.posts] == [f"{TEXTS['a']} {n}" for n in (0, 1)]
    assert len(found.ended_early) == 1
    assert name in found.ended_early[0]
    assert "z.json" in found.notices


@pytest.mark.parametrize("source", [FileSource, XArchive])
@pytest.mark.parametrize("name", PACKERS)
def test_an_archive_of_x_is_read_by_either_command(tmp_path, name, source):
    """In any container only the listed files of the archive are opened, and account.js says whose they are."""
    found = Collected(write(tmp_path / name, PACKERS[name](ARCHIVE)), source=source)
    assert (found.ids, {post["author"] for post in found.posts}) == (["1", "2"], {"mira"})
    assert "no X archive" not in found.notices


@pytest.mark.parametrize("source", [FileSource, XArchive])
def test_an_archive_in_a_zip_is_read(tmp_path, source):
    """Somebody zipped the zip; a third one around it is told, not opened."""
    twice = zipped({"twitter-2024.zip": zipped(ARCHIVE), "readme.txt": b"x"})
    assert Collected(write(tmp_path / "b.zip", twice), source=source).ids == ["1", "2"]
    with pytest.raises(
        CurationError, match="zip inside two others" if source is FileSource else "no posts of an X archive"
    ):
        Collected(write(tmp_path / "c.zip", zipped({"b.zip": twice})), source=source)


@pytest.mark.parametrize("source", [FileSource, XArchive])
@pytest.mark.parametrize(
    ("name", "data", "deleted"),
    [
        ("tweets.js", js("tweets", [tweet(7), tweet(8)]), False),
        ("renamed.txt", js("tweets", [tweet(7), tweet(8)]), False),
        ("tweets.json", json.dumps([tweet(7), tweet(8)], indent=1).encode(), False),
        ("deleted-tweets.json", json.dumps([tweet(7), tweet(8)]).encode(), True),
        ("list.js", b"module.exports = " + json.dumps([tweet(7), tweet(8)]).encode() + b";\n", False),
        ("lines.jsonl", "\n".join(json.dumps(tweet(n)) for n in (7, 8)).encode(), False),
        ("deleted.js", js("deleted_tweets", [tweet(7), tweet(8)]), True),
    ],
)
def test_a_file_out_of_an_archive_is_read_by_itself(tmp_path, source, name, data, deleted):
    """Without its folder, with its statement cut off, and under another name; nobody need say whose it is."""
    found = Collected(write(tmp_path / name, data), source=source)
    assert [(post["id"], post["is_deleted"]) for post in found.posts] == [("7", deleted), ("8", deleted)]
    assert "--author NAME" in found.notices
    assert {post["author"] for post in Collected(tmp_path / name, source=source, author="bo").posts} == {"bo"}


@pytest.mark.parametrize("source", [FileSource, XArchive])
@pytest.mark.parametrize("name", ["direct-messages.js", "account.js", "phone-number.js", "like.js", "tweet-headers.js"])
def test_a_private_file_of_an_archive_is_not_opened(tmp_path, monkeypatch, source, name):
    """Even when it is named: the name alone decides."""
    path = write(tmp_path / name, SECRET.encode())
    monkeypatch.setattr(type(path), "open", lambda *_, **__: pytest.fail("it was opened"))
    with pytest.raises(InputError, match="was not opened"):
        Collected(path, source=source)


def test_other_files_are_read_by_x_archive_too(tmp_path):
    """A table or an archive of Mastodon given to `x-archive` is read as by `file`, and that is said."""
    found = Collected(write(tmp_path / "a.csv", table("b")), source=XArchive)
    assert found.ids == ["b0", "b1"]
    assert "is no X archive; it was read as by: curation collect file" in found.notices


@pytest.mark.parametrize(
    ("names", "platform", "opened"),
    [
        (["data/tweets.js", "data/direct-messages.js", "extra.csv"], "x", {"data/tweets.js"}),
        (["data/manifest.js", "data/email-address-change.js", "a.csv"], "x", set()),
        (["outbox.json", "actor.json", "likes.json", "a.csv"], "mastodon", {"outbox.json", "actor.json"}),
        (
            [
                "your_instagram_activity/messages/inbox/x/message_1.json",
                "your_instagram_activity/threads/threads_and_replies.json",
                "personal_information/personal_information.json",
                "your_instagram_activity/media/posts_1.json",
                "connections/contacts/synced_contacts.json",
            ],
            "meta",
            {
                "your_instagram_activity/threads/threads_and_replies.json",
                "your_instagram_activity/media/posts_1.json",
            },
        ),
        (["a.jsonl", "sentEmails.json", "b/phone numbers.csv", "x.txt"], None, {"a.jsonl"}),
        (["only.txt"], None, {"only.txt"}),
        (["data", "LICENSE.txt"], None, {"data"}),
    ],
)
def test_names_decide_what_is_opened(names, platform, opened):
    """Of a known platform's archive only the listed files; of any other container what is named as posts are."""
    selection = select(names)
    assert (selection.platform, set(selection.names)) == (platform, opened)


@pytest.mark.parametrize("name", ["DirectMessages.json", "a/sms/x.csv", "e_mails-2020.csv", "chat.json", "MyDMs.json"])
def test_private_names(name):
    """Whole words in any spelling; parts of other words are none."""
    assert is_private(name)
    assert not is_private("blackmailer_posts/admsx.csv")


def link(kind: bytes, name: str = "a.jsonl") -> bytes:
    """A tar with a link."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member)
    return stream.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        zipped({"a.jsonl": lines("a"), "../b.jsonl": b""}),
        tarred({"a.jsonl": lines("a"), "/b.jsonl": b""}),
        tarred({"a.jsonl": lines("a"), "x/../../b.jsonl": b""}, tarfile.GNU_FORMAT),
        tarred({"a.jsonl": lines("a"), "../" + "long/" * 60 + "b.jsonl": b""}),
        link(tarfile.SYMTYPE),
        link(tarfile.LNKTYPE),
    ],
)
def test_what_leads_out_of_its_folder_is_refused(tmp_path, data):
    """Names that climb, also those that stand in a header of their own, and links."""
    with pytest.raises(InputError, match="somebody tampered with this one"):
        Collected(write(tmp_path / "a", data))


def test_links_within_a_tar_are_named_and_not_followed(tmp_path):
    """Tools that save space write them for files of the same content, which are read once."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, kind, target in [
            ("d/a.jsonl", tarfile.REGTYPE, ""),
            ("d/b.jsonl", tarfile.LNKTYPE, "d/a.jsonl"),
            ("d/c.jsonl", tarfile.SYMTYPE, "../" + "e" * 120),
            ("z.csv", tarfile.REGTYPE, ""),
        ]:
            member = tarfile.TarInfo(name)
            data = {"d/a.jsonl": lines("a"), "z.csv": table("b")}.get(name, b"")
            member.type, member.linkname, member.size = kind, target, len(data)
            archive.addfile(member, io.BytesIO(data))
    landing = Collected(write(tmp_path / "a.tar", stream.getvalue()))
    assert landing.ids == ["a0", "a1", "b0", "b1"]
    assert "links to other files in it: d/b.jsonl, d/c.jsonl." in landing.notices


def test_backslashes_between_folders_are_read_as_slashes(tmp_path):
    """Programs for Windows wrote them for years; what is private or leads out is so in this spelling too."""
    data = zipped({"a\\b\\x.jsonl": lines("a"), "a\\messages\\inbox.json": SECRET.encode()})
    landing = Collected(write(tmp_path / "a.zip", data))
    assert (landing.ids, landing.files) == (["a0", "a1"], ["a.zip: a/b/x.jsonl"])
    assert "private: a/messages/inbox.json" in landing.notices


def test_parts_of_a_zip_are_named(tmp_path):
    """The last part of a zip in several files looks whole; a zip behind a program is one."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.jsonl", lines("a", 500))
    whole = stream.getvalue()
    half, end = len(whole) // 2, whole.rindex(b"PK\x05\x06")
    last = whole[half : end + 4] + b"\x01" + whole[end + 5 :]
    write(tmp_path / "b.jsonl", lines("b"))
    for names, why in (
        ({"a.z01": whole[:half], "a.zip": last}, "a.zip was not read: it is part 2 of a zip in several files"),
        ({"c.zip.001": whole[:half], "c.zip.002": whole[half:]}, "it: cat c.zip.* > c.zip"),
    ):
        for name, data in names.items():
            write(tmp_path / name, data)
        landing = Collected(tmp_path)
        assert landing.ids == ["b0", "b1"]
        assert why in landing.ended_early[0]
        assert next(name for name in names if not name.endswith((".zip", ".001"))) in landing.notices
        for name in names:
            (tmp_path / name).unlink()
    assert len(Collected(write(tmp_path / "p.zip", b"#!/bin/sh\nexit\n" + whole)).ids) == 500


def test_devices_in_a_tar_are_no_files(tmp_path):
    """A pipe or a device has no bytes to read."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, kind in (("a.jsonl", tarfile.FIFOTYPE), ("b.jsonl", tarfile.CHRTYPE)):
            member = tarfile.TarInfo(name)
            member.type = kind
            archive.addfile(member)
    with pytest.raises(InputError, match="holds no file of posts"):
        Collected(write(tmp_path / "a.tar", stream.getvalue()))


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress, lambda data: data], ids=["gz", "zst", "plain"])
@pytest.mark.parametrize("large", [1, 2])
def test_a_tar_that_is_cut_off_lands_what_is_there(tmp_path, monkeypatch, pack, large):
    """Small members, a large one that is streamed and large ones that are laid aside: each gives what it has."""
    monkeypatch.setattr(containers, "SMALL", 2000)
    files = {"a.jsonl": lines("a"), "b.jsonl": lines("b", 400), **({"c.jsonl": lines("c", 400)} if large > 1 else {})}
    whole = tarred(files | {"d.jsonl": lines("d", 2000)})
    cut = whole[: whole.index(b'"d900"')]
    found = Collected(write(tmp_path / "a.tar", pack(cut)))
    assert found.ids[:3] == ["a0", "a1", "b0"]
    assert 895 <= sum(name.startswith("d") for name in found.ids) <= 900
    assert len(found.ids) - sum(name.startswith("d") for name in found.ids) == 2 + 400 * large
    assert found.ended_early


def test_a_zip_inside_two_others_makes_it_partial(tmp_path):
    """It is named, with what to do, and the posts beside it land."""
    deep = zipped({"d.jsonl": lines("d")})
    data = zipped({"b.zip": zipped({"b.jsonl": lines("b"), "c.zip": deep, "c.tgz": tarred({"c.csv": table("c")})})})
    landing = Collected(write(tmp_path / "a.zip", data))
    assert landing.ids == ["b0", "b1"]
    assert [sentence.partition(" was not read: ")[::2] for sentence in landing.ended_early] == [
        (f"{tmp_path}/a.zip: b.zip: c.tgz", "it is a tar inside two others. Unpack it, and collect what comes of it"),
        (f"{tmp_path}/a.zip: b.zip: c.zip", "it is a zip inside two others. Unpack it, and collect what comes of it"),
    ]


@pytest.mark.parametrize("inside", [False, True], ids=["folder", "zip"])
def test_any_number_of_zips_needs_few_open_files(tmp_path, monkeypatch, inside):
    """A process on macOS may have 256; a file that has taken the place of another isn't read for it."""
    monkeypatch.setattr(open_files, "MOST_OPEN", 4)
    zips = {f"{n:02}.zip": zipped({"a.csv": f"id,text\n{n},{TEXTS['a']}\n".encode()}) for n in range(40)}
    for name, data in {"all.zip": zipped(zips)}.items() if inside else zips.items():
        write(tmp_path / name, data)
    descriptors = Path("/dev/fd")
    before = len([*descriptors.iterdir()])
    opened = open_files.OpenFiles.number

    def number(self: open_files.OpenFiles, path: Path) -> int:
        place = opened(self, path)
        assert len([*descriptors.iterdir()]) < before + 10
        return place

    monkeypatch.setattr(open_files.OpenFiles, "number", number)
    if not inside:
        source = FileSource([tmp_path])
        source.recognise()
        (tmp_path / "new").write_bytes(zips["01.zip"] + b" ")
        (tmp_path / "new").replace(tmp_path / "02.zip")
        pages = list(source.pages())
        assert "02.zip: a.csv" in str([page.ended_early for page in pages if page.ended_early])
        assert sum(page.posts.num_rows for page in pages) == 39
        (tmp_path / "02.zip").write_bytes(zips["02.zip"])
    assert Collected(tmp_path).ids == [str(n) for n in range(40)]


def test_names_in_containers_have_a_bound(tmp_path, monkeypatch):
    """A small file may unpack to zips of millions of names."""
    monkeypatch.setattr(unfolding, "MOST_NAMES", 6)
    zips = {f"{n}.zip": zipped({"a.jsonl": lines("abc"[n]), "b.png": b""}) for n in range(3)}
    landing = Collected(write(tmp_path / "a.zip", zipped(zips)))
    assert landing.ids == ["a0", "a1"]
    assert "1.zip was not read: with it, the archives hold more than 6 files. Unpack it" in landing.ended_early[0]


def test_a_bomb_in_a_container_is_stopped(tmp_path, monkeypatch):
    """A member that unpacks to absurdly more than its size is left where that shows."""
    monkeypatch.setattr(input_files, "BOMB_BYTES", 1 << 20)
    monkeypatch.setattr(input_files, "BOMB_RATIO", 50)
    bomb = gzip.compress(lines("a", 1) + b'{"id": "x", "text": "%s"}\n' % (b"b" * 200) * 10_000)
    found = Collected(write(tmp_path / "a.zip", zipped({"a.jsonl.gz": bomb})))
    assert 3_000 < len(found.posts) < 6_000
    assert "unpacks to more than" in found.ended_early[0]


def test_an_encrypted_zip_is_told(tmp_path):
    """As for an archive of X."""
    data = bytearray(zipped({"a.jsonl": lines("a")}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(InputError, match="needs a password"):
        Collected(write(tmp_path / "a.zip", bytes(data)))


def headers(size: int, filling: bytes, kind: bytes = b"x") -> bytes:
    """A tar that begins with a header of this size that only describes the next member."""
    member = tarfile.TarInfo("x")
    member.type, member.size = kind, size
    return member.tobuf(tarfile.USTAR_FORMAT) + filling * size + bytes(-size % 512)


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(headers(200_000, b" ")),
        gzip.compress(headers(200_000, b"1")),
        gzip.compress(headers(60_000, b"1") * 40),
        headers(60_000, b" ", b"L") * 30,
        gzip.compress(b" " * 250_000 + b"x"),
        gzip.compress(b"{" * 500_000),
        gzip.compress(b'[{"' * 300_000),
        gzip.compress(b'"' * 500_000),
        gzip.compress(b'{"type": "OrderedCollection", ' + b'"a":[' * 50_000),
        gzip.compress(b"window.YTD." + b"a" * 500_000),
        gzip.compress(b"Grailbird.data" + b" " * 500_000),
        gzip.compress(b"module.exports" + b" " * 500_000),
    ],
    ids=range(12),
)
def test_recognising_what_was_made_to_harm_takes_no_time(tmp_path, data):
    """Some hundred bytes that unpack to a header of blanks are refused at once, and so is every other beginning."""
    path = write(tmp_path / "a", data)
    began = time.process_time()
    with pytest.raises(CurationError):
        Collected(path)
    assert time.process_time() - began < 5


# ---- folders, patterns, standard input, addresses


def test_a_folder_says_what_it_passes_over(tmp_path):
    """Files directly in it are read; others, private ones and folders below are named."""
    for name, data in MIXED.items():
        write(tmp_path / name, data)
    write(tmp_path / "x.zip", zipped(ARCHIVE))
    found = Collected(tmp_path)
    assert found.files == ["c.jsonl.gz", "d.jsonl.zst", "x.zip: data/tweets.js"]
    for words in (
        "posts/a.jsonl",
        "To read a folder as well, name it too",
        "Left unread",
        "myContacts.csv",
        "photo.png",
    ):
        assert words in found.notices


def test_a_folder_of_folders_is_searched(tmp_path):
    """Where nothing lies directly in it, files further down are read, and named with their folder."""
    write(tmp_path / "2023" / "a.jsonl", lines("a"))
    write(tmp_path / "2024" / "deep" / "a.jsonl", lines("b"))
    write(tmp_path / "messages" / "a.jsonl", SECRET.encode())
    found = Collected(tmp_path)
    assert found.files == ["2023/a.jsonl", "2024/deep/a.jsonl"]


def test_links_that_are_not_followed_are_named(tmp_path):
    """A data set whose files were not downloaded has links that lead nowhere; a cache has links out of a folder."""
    write(tmp_path / "blobs" / "1", lines("a"))
    for place, name, target in (("set", "a.jsonl", "../blobs/1"), ("set/b", "b.csv", "x"), ("c", "c.csv", "x")):
        (tmp_path / place).mkdir(exist_ok=True)
        (tmp_path / place / name).symlink_to(target)
    assert " holds 2 links that lead nowhere (c/c.csv, set/b/b.csv)." in Collected(tmp_path).notices
    with pytest.raises(InputError, match=r"c holds a link that leads nowhere \(c\.csv\)"):
        Collected(tmp_path / "c")
    (tmp_path / "set" / "a.jsonl").unlink()
    (tmp_path / "set" / "b" / "a.jsonl").symlink_to("../../blobs/1")
    with pytest.raises(InputError, match=r"leads nowhere .* leads out of it, to files that were not read \(b/a\.jsonl"):
        Collected(tmp_path / "set")
    with pytest.raises(InputError, match=r"c\.csv is a link to x, which isn't there"):
        Collected(tmp_path / "c" / "c.csv")


def test_a_workspace_among_the_files_is_not_read(tmp_path, monkeypatch):
    """Texts that a recipe made never take the place of those that were downloaded, however the workspace is met."""
    write(tmp_path / "in" / "a.jsonl", lines("a"))
    write(tmp_path / "data" / "raw" / "000001-file" / "manifest.json", b"{}")
    write(tmp_path / "data" / "exports" / "mine" / "train.jsonl", lines("b"))
    monkeypatch.chdir(tmp_path)
    for targets in ([tmp_path], ["."], ["**/*.jsonl"], [tmp_path / "data", tmp_path / "in"]):
        landing = Collected(*targets)
        assert [post["text"] for post in landing.posts] == [f"{TEXTS['a']} {n}" for n in (0, 1)]
        assert "data is a workspace" in landing.notices
    for target in (tmp_path / "data", "**/train.jsonl"):
        with pytest.raises(InputError, match="data is a workspace: its posts have landed"):
            Collected(target)
    assert Collected(tmp_path / "data/exports/mine").posts
    with pytest.raises(UsageError, match="is empty"):
        Collected("")


def test_a_folder_is_an_archive_of_x_where_it_has_its_files(tmp_path):
    """`file FOLDER` reads an unpacked archive as `x-archive FOLDER` does."""
    for name, data in ARCHIVE.items():
        write(tmp_path / name, data)
    assert Collected(tmp_path).ids == Collected(tmp_path, source=XArchive).ids == ["1", "2"]


@pytest.mark.parametrize(
    ("pattern", "ids"),
    [("*.csv", ["b0", "b1"]), ("**/*.jsonl", ["a0", "a1", "d0", "d1"]), ("?.[cj]s*", ["b0", "b1", "d0", "d1"])],
)
def test_a_pattern_in_quotes_means_the_files_that_match(tmp_path, pattern, ids):
    """`*`, `**`, `?` and sets, as the shell has them."""
    write(tmp_path / "below" / "a.jsonl", lines("a"))
    write(tmp_path / "b.csv", table("b"))
    write(tmp_path / "d.jsonl", lines("d"))
    assert sorted(Collected(f"{tmp_path}/{pattern}").ids) == ids
    with pytest.raises(InputError, match=r"Nothing matches .*\*\.nope"):
        Collected(f"{tmp_path}/*.nope")


def test_a_name_with_signs_of_a_pattern_is_that_file(tmp_path):
    """What lies there is meant before what a pattern would match."""
    write(tmp_path / "a[1].jsonl", lines("a"))
    write(tmp_path / "a1.jsonl", lines("b"))
    assert Collected(tmp_path / "a[1].jsonl").ids == ["a0", "a1"]


@pytest.mark.parametrize("source", [FileSource, XArchive])
@pytest.mark.parametrize(
    "data", [lines("a"), gzip.compress(lines("a")), zipped({"x.jsonl": lines("a")})], ids=["lines", "gz", "zip"]
)
def test_standard_input_is_read_like_a_file(monkeypatch, source, data):
    """`-` is recognised by what is piped in."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    found = Collected("-", source=source)
    assert found.ids == ["a0", "a1"]
    assert found.files[0].startswith("standard input")


def test_standard_input_has_a_bound_and_must_be_there(monkeypatch):
    """More than is laid aside is refused; a terminal is no input."""
    monkeypatch.setattr(input_files, "SPOOL_BYTES", 100)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines("a", 50))))
    with pytest.raises(InputError, match="Standard input has more than"):
        list(FileSource(["-"]).pages())
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UsageError, match="nothing is piped into it"):
        list(FileSource(["-"]).pages())


@pytest.mark.parametrize("source", [FileSource, XArchive])
@pytest.mark.parametrize(
    ("address", "way"),
    [
        (
            "https://example.org/data/po%20sts.csv?x=1",
            "curl -L -o po-sts.csv 'https://example.org/data/po%20sts.csv?x=1'",
        ),
        ("http://example.org/", "curl -L -o downloaded 'http://example.org/'"),
        ("https://x.com/ada/status/1", "curation collect x-api ada"),
        ("https://bsky.app/profile/ada.example", "curation collect bluesky ada.example"),
        ("https://social.example/@ada", "curation collect mastodon ada@social.example"),
        ("https://huggingface.co/datasets/o/posts", "hf download o/posts --repo-type dataset"),
        ("s3://bucket/key.jsonl", "the program of its service"),
    ],
)
def test_an_address_is_told_with_the_line_to_type(source, address, way):
    """Nothing is fetched; the whole line that fetches it is said."""
    with pytest.raises(UsageError) as raised:
        source([address] if source is FileSource else address)
    assert way in str(raised.value)


@pytest.mark.parametrize(
    ("name", "data", "ids"),
    [
        ("posts", table("b"), ["b0", "b1"]),
        ("a.csv", lines("a"), ["a0", "a1"]),
        ("a.json", table("d"), ["d0", "d1"]),
        ("a.txt", gzip.compress(lines("c")), ["c0", "c1"]),
        ("a.jsonl", zstandard.compress(lines("a")) + zstandard.compress(lines("d")), ["a0", "a1", "d0", "d1"]),
    ],
)
def test_the_content_says_what_a_file_is(tmp_path, name, data, ids):
    """A name without an ending, or with a wrong one, keeps nothing from being read."""
    assert Collected(write(tmp_path / name, data)).ids == ids


def test_a_long_window_of_zstd_is_read(tmp_path):
    """Dumps of whole sites are packed with a window of two gibibytes."""
    setting = zstandard.ZstdCompressionParameters.from_level(1, window_log=31, enable_ldm=False)
    packer = zstandard.ZstdCompressor(compression_params=setting).compressobj()
    data = packer.compress(lines("b")) + packer.flush()
    assert Collected(write(tmp_path / "RS_2023-01.zst", data)).ids == ["b0", "b1"]


def test_a_name_that_is_not_utf_8_is_kept_readable(tmp_path):
    """A file as an old zip unpacks it has a name with stray bytes; its posts land."""
    path = os.fsencode(tmp_path) + b"/caf\xe9.jsonl"
    try:
        with open(path, "wb") as file:  # noqa: PTH123 - the name is bytes
            file.write(lines("a"))
    except OSError:
        pytest.skip("this file system wants names in UTF-8")
    assert Collected(os.fsdecode(path)).files == ["caf\ufffd.jsonl"]
