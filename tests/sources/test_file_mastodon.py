"""The `file` source on Mastodon: statuses of the API, and the archive in each of its forms and in states of damage."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from curation.errors import InputError, NothingToDoError, UsageError
from curation.sources.base import Rejected
from curation.sources.file import FileSource
from curation.sources.files import input_files

from .test_mastodon_posts import ACTOR, ADA, announce, create, status

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SECRET = "nobody may read this"
PRIVATE = create("103", to=(f"{ADA}/followers",), cc=(), content=f"<p>{SECRET}</p>")
ITEMS = [create("100"), announce("101"), create("102", content="<p>お茶<br>🍵</p>"), PRIVATE]
IDS = [f"{ADA}/statuses/100", f"{ADA}/statuses/101/activity", f"{ADA}/statuses/102"]


def outbox(items: list[Any], **more: Any) -> bytes:
    """An `outbox.json`, as the archive has it."""
    head = {"@context": "https://www.w3.org/ns/activitystreams", "id": "outbox.json", "type": "OrderedCollection"}
    return json.dumps(head | {"totalItems": len(items), "orderedItems": items} | more, ensure_ascii=False).encode()


FILES = {
    "media_attachments/1.png": b"\x89PNG" + SECRET.encode(),
    "likes.json": json.dumps({"type": "OrderedCollection", "orderedItems": ["https://example.org/1"]}).encode(),
    "outbox.json": outbox(ITEMS),
    "actor.json": json.dumps(ACTOR).encode(),
}


def make_zip(path: Path, files: dict[str, bytes]) -> Path:
    """An archive as Mastodon has sent it since 4.2."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def make_tar(path: Path, files: dict[str, bytes], more: Iterable[tarfile.TarInfo] = ()) -> Path:
    """An archive as Mastodon sent it before, compressed if its name says so."""
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        for member in more:
            archive.addfile(member)
    return path


class Collected:
    """What the source gave."""

    def __init__(self, *paths: Path, **options: Any) -> None:
        source = FileSource(paths, **options)
        pages = list(source.pages())
        self.posts = [row for page in pages for row in page.posts.to_pylist()]
        self.rejected: list[Rejected] = [r for page in pages for r in page.rejected]
        self.ended_early = [page.ended_early for page in pages if page.ended_early]
        self.notices = " ".join(source.notices())
        self.everything = repr((self.posts, self.rejected, self.ended_early, self.notices))

    @property
    def ids(self) -> list[str]:
        """The ids in their order."""
        return [post["id"] for post in self.posts]


def plain(folder: Path) -> Path:
    """The archive, unpacked; the outbox is what is named."""
    for name in ("outbox.json", "actor.json"):
        (folder / name).write_bytes(FILES[name])
    return folder / "outbox.json"


FORMS = {
    "zip": lambda folder: make_zip(folder / "archive.zip", FILES),
    "zip with a folder": lambda folder: make_zip(folder / "a.zip", {f"archive/{n}": d for n, d in FILES.items()}),
    "tar.gz": lambda folder: make_tar(folder / "archive.tar.gz", FILES),
    "tar": lambda folder: make_tar(folder / "archive.tar", FILES),
    "tar with dots": lambda folder: make_tar(folder / "a.tar.gz", {f"./{n}": d for n, d in FILES.items()}),
    "outbox.json": plain,
}


@pytest.mark.parametrize("form", ["auto", "mastodon-archive"])
@pytest.mark.parametrize("make", FORMS.values(), ids=FORMS.keys())
def test_an_archive_is_read_in_each_of_its_forms(tmp_path, make, form):
    """All forms give the public posts and boosts, by the archive's owner, and count what is private."""
    collected = Collected(make(tmp_path), format=form)
    assert collected.ids == IDS
    assert {post["author"] for post in collected.posts} == {"ada@example.social"}
    assert {post["author_name"] for post in collected.posts} == {"Ada 🍵"}
    assert [post["text"] for post in collected.posts] == ["Tea & toast", "", "お茶\n🍵"]
    assert [post["source_line"] for post in collected.posts] == [1, 2, 3]
    assert collected.rejected == collected.ended_early == []
    assert "one post was left out: only what anybody may read is read" in collected.notices


@pytest.mark.parametrize("make", FORMS.values(), ids=FORMS.keys())
def test_nothing_private_leaves_the_archive(tmp_path, make):
    """Neither a private post's words nor another member's stand in a row, its raw record or a message."""
    assert SECRET not in Collected(make(tmp_path)).everything


def test_the_raw_record_is_the_activity(tmp_path):
    """What was downloaded stays whole beside the row."""
    assert json.loads(Collected(plain(tmp_path)).posts[0]["raw"]) == ITEMS[0]


def test_an_outbox_without_an_actor_names_its_author_by_address(tmp_path):
    """Without `actor.json`, or with a broken one, the handle is read from the activities."""
    for number, actor in enumerate((None, b"{", b"[]", b"\xff\xfe\x00")):
        files = {"outbox.json": FILES["outbox.json"]} | ({"actor.json": actor} if actor else {})
        collected = Collected(make_zip(tmp_path / f"{number}.zip", files))
        assert {post["author"] for post in collected.posts} == {"ada@example.social"}
        assert "without its actor.json" in collected.notices


def test_an_actor_beside_an_outbox_is_no_link(tmp_path):
    """A link beside the outbox is not followed."""
    (tmp_path / "real.json").write_bytes(json.dumps(ACTOR | {"name": SECRET}).encode())
    (tmp_path / "outbox.json").write_bytes(FILES["outbox.json"])
    (tmp_path / "actor.json").symlink_to(tmp_path / "real.json")
    assert SECRET not in Collected(tmp_path / "outbox.json").everything


def test_a_folder_of_an_unpacked_archive_gives_its_outbox_only(tmp_path):
    """The other files of the archive are left out, each with a reason."""
    for name, data in FILES.items():
        if "/" not in name:
            (tmp_path / name).write_bytes(data)
    collected = Collected(tmp_path)
    assert collected.ids == IDS
    assert "likes.json holds addresses only" in collected.notices


def test_a_file_of_likes_is_refused_with_what_holds_the_posts(tmp_path):
    """Likes and bookmarks are addresses of others' posts."""
    path = tmp_path / "likes.json"
    path.write_bytes(FILES["likes.json"])
    with pytest.raises(InputError, match=r"holds addresses only .* stand in its outbox\.json"):
        Collected(path)


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_an_archive_without_an_outbox_is_refused(tmp_path, make):
    """Another archive is said to be one, in the format that was asked for and in any."""
    path = make(tmp_path / ("a.zip" if make is make_zip else "a.tar"), {"notes.txt": b"tea"})
    with pytest.raises(InputError, match=r"holds no outbox\.json"):
        Collected(path, format="mastodon-archive")
    with pytest.raises(InputError, match="neither JSON nor a table"):
        Collected(path)


def climbing(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    """A member that leads out of the archive."""
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


@pytest.mark.parametrize(
    "member",
    [
        climbing("../outbox.json"),
        climbing("/etc/passwd"),
        climbing("..\\outbox.json"),
        climbing("outbox.json", tarfile.SYMTYPE, "/etc/passwd"),
        climbing("actor.json", tarfile.LNKTYPE, "../x"),
    ],
    ids=["up", "root", "backslash", "symbolic link", "hard link"],
)
def test_a_tar_that_leads_out_of_itself_is_refused(tmp_path, member):
    """Names that climb and links are signs of tampering."""
    with pytest.raises(InputError, match="somebody tampered with this one"):
        Collected(make_tar(tmp_path / "a.tar.gz", FILES, [member]))


def test_a_zip_that_leads_out_of_itself_is_refused(tmp_path):
    """The guard is that of an X archive."""
    with pytest.raises(InputError, match="somebody tampered with this one"):
        Collected(make_zip(tmp_path / "a.zip", FILES | {"../x": b""}))


def test_a_tar_that_unpacks_to_too_much_ends_there(tmp_path, monkeypatch):
    """What stands before is landed, and the reason is said."""
    monkeypatch.setattr(input_files, "BOMB_BYTES", 1 << 20)
    big = FILES | {"z": bytes(16 << 20)}
    path = make_tar(tmp_path / "a.tar.gz", big)
    assert path.stat().st_size * input_files.BOMB_RATIO < 16 << 20
    assert Collected(path).ids == IDS  # the outbox stands before the bomb, and nothing behind it is needed
    with pytest.raises(InputError, match="unpacks to more than 250 times its size"):
        Collected(make_tar(tmp_path / "b.tar.gz", dict(reversed(big.items()))))


@pytest.mark.parametrize("suffix", [".tar.gz", ".tar"])
def test_a_tar_that_is_cut_off_lands_what_is_there(tmp_path, suffix):
    """A download that broke off gives the posts before the break, and says that it did."""
    many = [create(str(number), content=f"<p>{number * 7919 % 10007}</p>") for number in range(2000)]
    whole = make_tar(tmp_path / f"a{suffix}", {"outbox.json": outbox(many), "actor.json": FILES["actor.json"]})
    path = tmp_path / f"b{suffix}"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    collected = Collected(path)
    assert 0 < len(collected.posts) < 2000
    assert {post["author"] for post in collected.posts} == {"ada@example.social"}
    assert len(collected.ended_early) == 1


def test_a_zip_whose_outbox_is_damaged_lands_what_is_there(tmp_path):
    """A wrong checksum is said, with the posts before it landed."""
    path = make_zip(tmp_path / "a.zip", FILES)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        checksum = archive.getinfo("outbox.json").CRC.to_bytes(4, "little")
    data[data.rindex(checksum)] ^= 0xFF  # in the zip's directory
    path.write_bytes(data)
    collected = Collected(path)
    assert collected.ids == IDS
    assert "its checksum is wrong" in collected.ended_early[0]


def test_a_broken_activity_costs_itself_and_has_its_place(tmp_path):
    """Line and byte are those of the file, and nothing is quoted of a broken record."""
    text = json.dumps({"type": "OrderedCollection", "orderedItems": [create("1"), "@", create("2")]}, indent=1)
    broken = text.replace('"@"', f'{{"id": "x", "content": {SECRET} }}')
    (tmp_path / "outbox.json").write_text(broken)
    collected = Collected(tmp_path / "outbox.json")
    assert collected.ids == [f"{ADA}/statuses/1", f"{ADA}/statuses/2"]
    at = broken.index('{"id": "x"')
    line = broken[:at].count("\n") + 1
    assert collected.rejected[0].where == f"outbox.json: item 2, line {line:,}, byte {at:,}"
    assert SECRET not in collected.everything


@pytest.mark.parametrize("item", ["https://example.org/1", 3, None, [create()]])
def test_what_is_no_activity_is_rejected(tmp_path, item):
    """An item that is no object has its place and its kind told."""
    (tmp_path / "outbox.json").write_bytes(outbox([create("1"), item]))
    assert [record.where for record in Collected(tmp_path / "outbox.json").rejected] == ["outbox.json: item 2"]


def test_other_activities_and_posts_without_content_are_told_apart(tmp_path):
    """A like is left out and counted; a post without anything in it is rejected."""
    like = {"type": "Like", "actor": ADA, "object": "https://example.org/1"}
    (tmp_path / "outbox.json").write_bytes(outbox([create("1"), like, create("2", content=None, contentMap=None)]))
    collected = Collected(tmp_path / "outbox.json")
    assert len(collected.posts) == len(collected.rejected) == 1
    assert "another kind than a post or a boost" in collected.notices


def test_an_outbox_of_private_posts_only_lands_nothing(tmp_path):
    """That there was nothing to land is said as for any other file."""
    (tmp_path / "outbox.json").write_bytes(outbox([PRIVATE]))
    with pytest.raises(NothingToDoError):
        Collected(tmp_path / "outbox.json")


def test_keys_behind_the_list_lose_nothing(tmp_path):
    """An outbox that says more after its posts gives all of them."""
    (tmp_path / "outbox.json").write_bytes(outbox([create("1")], first="https://example.org/p", note="y" * 2000))
    assert Collected(tmp_path / "outbox.json").ids == [f"{ADA}/statuses/1"]


def test_map_has_no_use_for_an_archive(tmp_path):
    """Its fields are known."""
    with pytest.raises(UsageError, match="--map has no use"):
        Collected(plain(tmp_path), columns={"text": "content"})


STATUSES = [status("1"), status("2", visibility="private", content=f"<p>{SECRET}</p>"), status("3")]


@pytest.mark.parametrize(
    "write",
    [lambda items: json.dumps(items), lambda items: "\n".join(map(json.dumps, items))],
    ids=["list", "lines"],
)
@pytest.mark.parametrize("form", ["auto", "mastodon"])
def test_statuses_of_the_api_are_read_from_files(tmp_path, write, form):
    """A list or lines of statuses; private ones are left out and counted."""
    path = tmp_path / "statuses.json"
    path.write_text(write(STATUSES))
    collected = Collected(path, format=form)
    assert collected.ids == [f"{ADA}/statuses/1", f"{ADA}/statuses/3"]
    assert {post["text"] for post in collected.posts} == {"Tea & toast"}
    assert {post["platform"] for post in collected.posts} == {"mastodon"}
    assert SECRET not in collected.everything
    assert "one post was left out" in collected.notices


def test_a_compressed_outbox_and_activities_by_line_are_read(tmp_path):
    """As other JSON files are."""
    (tmp_path / "outbox.json.gz").write_bytes(gzip.compress(FILES["outbox.json"]))
    (tmp_path / "b.jsonl").write_text("\n".join(map(json.dumps, ITEMS)))
    assert Collected(tmp_path / "outbox.json.gz").ids == IDS
    assert Collected(tmp_path / "b.jsonl").ids == IDS


@pytest.mark.parametrize("between", [b"", b'"note": "' + b"x" * 100_000 + b'", ', b'"a": {"orderedItems": [1, 2]}, '])
@pytest.mark.parametrize("empty", [b'"orderedItems":[],', b'"orderedItems" : [ \n ] , "orderedItems":[],', b""])
def test_the_list_may_stand_twice_and_far_away(tmp_path, empty, between):
    """Archives of early 2024 have an empty list first: the last of equal keys counts, wherever it stands."""
    text = FILES["outbox.json"].replace(b'"orderedItems"', empty + between + b'"orderedItems"')
    (tmp_path / "outbox.json").write_bytes(text)
    collected = Collected(tmp_path / "outbox.json")
    assert collected.ids == IDS
    assert collected.rejected == []
    assert Collected(make_zip(tmp_path / "a.zip", FILES | {"outbox.json": text})).ids == IDS
