"""An X archive, in each of its forms and in many states of damage, becomes posts."""

from __future__ import annotations

import json
import os
import stat
import zipfile
import zlib
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.errors import InputError, UsageError
from curation.posts import POST_SCHEMA
from curation.sources.base import PAGE_POSTS
from curation.sources.file import FileSource
from curation.sources.files import archive_files, json_items, x_archive_posts
from curation.sources.files.x_archive_files import kind_of_member
from curation.sources.x_archive import XArchive

SECRET = "hidden@example.org"
ACCOUNT = {
    "account": {
        "email": SECRET,
        "phone": SECRET,
        "username": "alice",
        "accountId": "7",
        "accountDisplayName": "Alice Example",
    }
}


def tweet(number: int, text: str = "a walk by the river", **more) -> dict:
    """An invented item of `tweets.js`."""
    time = "Wed Oct 19 20:07:25 +0000 2022"
    return {"tweet": {"id_str": str(number), "id": str(number), "created_at": time, "full_text": text, **more}}


def monthly(number: int, author: str = "alice", **more) -> dict:
    """An invented item of a monthly archive."""
    user = {"screen_name": author, "name": author.title(), "id_str": "7"}
    return {"source": "web", "id_str": str(number), "id": number, "text": "tea", "user": user, **more}


def note(text: str, created: str = "2022-10-19T20:07:25.000Z", number: int = 9001) -> dict:
    """An invented item of `note-tweet.js`."""
    return {"noteTweet": {"noteTweetId": str(number), "createdAt": created, "core": {"text": text}}}


def js(name: str, items: list, **options) -> bytes:
    """A file of an archive: a statement with a list."""
    return f"window.YTD.{name}.part0 = {json.dumps(items, indent=1, **options)}".encode()


def make_zip(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A zip of these files."""
    with zipfile.ZipFile(path, "w", method) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return path


def make_folder(path: Path, files: dict[str, bytes]) -> Path:
    """A folder of these files."""
    for name, data in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


def read(path: Path, author: str | None = None) -> tuple[list[dict], list, str | None, XArchive]:
    """Posts, rejected records, why it ended early, and the source."""
    source = XArchive(path, author)
    pages = list(source.pages())
    posts = pa.Table.from_batches([page.posts for page in pages], POST_SCHEMA).to_pylist()
    assert not any(page.ended_early for page in pages[:-1])
    assert [page.position for page in pages] == sorted(page.position for page in pages)
    return posts, [r for page in pages for r in page.rejected], pages[-1].ended_early, source


WHOLE = {
    "data/account.js": js("account", [ACCOUNT]),
    "data/tweets.js": js("tweets", [tweet(1), tweet(2, "salt &amp; pepper")]),
    "data/tweets-part1.js": js("tweets", [tweet(3)]),
    "data/tweets-part10.js": js("tweets", [tweet(5)]),
    "data/tweets-part2.js": js("tweets", [tweet(4)]),
    "data/deleted-tweets.js": js("deleted_tweets", [tweet(6, deleted_at="2022-11-01T00:00:00.000Z")]),
    "data/community-tweet.js": js("community_tweet", [tweet(7, community_id_str="77", community_id="77")]),
}
CLOSED = {
    "data/tweet-headers.js": js("tweet_headers", [tweet(90, SECRET)]),
    "data/tweets-headers.js": js("tweets", [tweet(90, SECRET)]),
    "data/deleted-tweet-headers.js": js("deleted_tweet_headers", [tweet(91, SECRET)]),
    "__MACOSX/data/._tweets.js": b"\x00\x05\x16\x07" + SECRET.encode(),
    "__MACOSX/data/tweets.js": js("tweets", [tweet(92, SECRET)]),
    "data/._tweets.js": js("tweets", [tweet(93, SECRET)]),
    "data/direct-messages.js": js("direct_messages", [tweet(94, SECRET)]),
    "data/phone-number.js": SECRET.encode(),
    "data/email-address-change.js": SECRET.encode(),
    "data/ad-impressions.js": SECRET.encode(),
    "data/like.js": js("like", [tweet(95, SECRET)]),
    "data/manifest.js": SECRET.encode(),
}


@pytest.mark.parametrize("below", ["", "twitter-2026-01-01-abc/"])
@pytest.mark.parametrize("make", [make_zip, make_folder])
def test_every_listed_file_is_read_and_no_other(tmp_path, make, below, monkeypatch):
    """Posts come from the listed files only, part 10 after part 2; nothing else is even opened."""
    opened = []
    open_member, open_path = zipfile.ZipFile.open, Path.open

    def member_open(file, member, *args, **options):
        opened.append(getattr(member, "filename", member))
        return open_member(file, member, *args, **options)

    def path_open(path, *args, **options):
        opened.append(path.as_posix())
        return open_path(path, *args, **options)

    path = make(tmp_path / "archive", {below + name: data for name, data in {**WHOLE, **CLOSED}.items()})
    monkeypatch.setattr(zipfile.ZipFile, "open", member_open)
    monkeypatch.setattr(Path, "open", path_open)
    posts, rejected, ended, source = read(path)
    assert [post["id"] for post in posts] == ["6", "1", "2", "3", "4", "5", "7"]
    assert (rejected, ended, source.notices()) == ([], None, ())
    assert {post["author"] for post in posts} == {"alice"}
    assert {post["is_deleted"] for post in posts if post["id"] != "6"} == {False}
    assert (posts[0]["is_deleted"], posts[0]["source_file"]) == (True, below + "data/deleted-tweets.js")
    assert (posts[-1]["community"], posts[2]["source_line"]) == ("77", 2)
    assert SECRET not in json.dumps(posts, default=str)
    assert source.size == sum(map(len, WHOLE.values()))
    assert opened
    listed = {name.rpartition("/")[2] for name in WHOLE}
    assert {name.rpartition("/")[2] for name in opened} <= {*listed, "archive"}
    assert not any("__MACOSX" in name for name in opened)


def test_the_last_page_s_position_is_the_size(tmp_path):
    """Progress ends at the whole size of what was to be read."""
    source = XArchive(make_zip(tmp_path / "a.zip", WHOLE))
    assert list(source.pages())[-1].position == source.size


def test_reading_twice_gives_the_same(tmp_path):
    """A source can be read again, and says everything once."""
    source = XArchive(make_zip(tmp_path / "a.zip", {**WHOLE, "data/note-tweet.js": js("n", [note("alone" * 9)])}))
    first, notices = [page.posts for page in source.pages()], source.notices()
    assert [page.posts for page in source.pages()] == first
    assert source.notices() == notices
    assert len(notices) == 1


@pytest.mark.parametrize("name", ["data/tweet.js", "tweet.js", "tweets.js", "data/tweets-part0.js"])
@pytest.mark.parametrize("wrapped", [True, False])
def test_older_names_and_unwrapped_items(tmp_path, name, wrapped):
    """Older archives say `tweet.js`, and their items have no wrapper."""
    item = tweet(1) if wrapped else tweet(1)["tweet"]
    posts, *_ = read(make_zip(tmp_path / "a.zip", {name: js("tweet", [item])}), "bob")
    assert [(post["id"], post["author"], post["source_file"]) for post in posts] == [("1", "bob", name)]
    assert json.loads(posts[0]["raw"]) == item


MONTHS = {
    "data/js/tweets/2009_01.js": b"Grailbird.data.tweets_2009_01 = \n " + json.dumps([monthly(1)]).encode(),
    "data/js/tweets/2009_02.js": b"Grailbird.data.tweets_2009_02 = "
    + json.dumps([monthly(2), monthly(3, "bob"), monthly(4, retweeted_status=monthly(50, "eve"))]).encode(),
    "data/js/user_details.js": b"var user_details = {}",
}


@pytest.mark.parametrize("inner", ["", "data", "data/js", "data/js/tweets"])
def test_monthly_archives_name_their_authors(tmp_path, inner):
    """Each post of a monthly archive has its own author, whichever of its folders is given."""
    path = make_folder(tmp_path / "archive", MONTHS) / inner
    posts, rejected, ended, source = read(path)
    assert [(p["id"], p["author"], p["is_repost"]) for p in posts] == [
        ("1", "alice", False),
        ("2", "alice", False),
        ("3", "bob", False),
        ("4", "alice", True),
    ]
    assert posts[3]["repost_of"] == "50"
    assert (rejected, ended, source.notices()) == ([], None, ())


def test_a_single_file_is_enough(tmp_path):
    """`tweets.js` by itself is read, with the author from the `account.js` beside it."""
    folder = make_folder(tmp_path, WHOLE) / "data"
    posts, *_ = read(folder / "tweets.js")
    assert [(post["id"], post["author"], post["source_file"]) for post in posts] == [
        ("1", "alice", "tweets.js"),
        ("2", "alice", "tweets.js"),
    ]


def test_a_folder_with_one_zip_is_that_zip(tmp_path):
    """Somebody may give the folder into which the zip was downloaded."""
    make_zip(tmp_path / "a.zip", WHOLE)
    assert len(read(tmp_path)[0]) == 7
    make_zip(tmp_path / "b.zip", WHOLE)
    with pytest.raises(InputError, match=r"holds 2 zips: a\.zip, b\.zip"):
        read(tmp_path)


def test_several_archives_are_not_mixed(tmp_path):
    """A folder of dated archives is refused with their names, for the order of collecting matters."""
    make_folder(tmp_path, {f"{year}/data/tweets.js": js("tweets", [tweet(1)]) for year in (2019, 2022)})
    with pytest.raises(InputError, match="holds 2 archives: 2019, 2022"):
        read(tmp_path, "alice")


# ---- the author


def test_without_an_account_the_posts_land_and_it_is_said(tmp_path):
    """Nobody says whose posts these are: they land without an author, and the notice says what to add."""
    path = make_zip(tmp_path / "a.zip", {"data/tweets.js": js("tweets", [tweet(1)])})
    posts, _, _, source = read(path)
    assert [post["author"] for post in posts] == [None]
    assert any("No account.js" in notice and "--author NAME" in notice for notice in source.notices())
    posts, *_ = read(path, "@bob")
    assert (posts[0]["author"], posts[0]["url"]) == ("bob", "https://x.com/bob/status/1")


def test_the_given_author_wins_and_the_difference_is_told(tmp_path):
    """`--author` stands above `account.js`, whose other columns would be those of somebody else."""
    posts, _, _, source = read(make_zip(tmp_path / "a.zip", WHOLE), "bob")
    assert {(p["author"], p["author_name"], p["author_id"]) for p in posts} == {("bob", None, None)}
    assert any("alice" in notice and "bob" in notice for notice in source.notices())
    posts, _, _, source = read(tmp_path / "a.zip", "Alice")
    assert {(p["author"], p["author_name"], p["author_id"]) for p in posts} == {("Alice", "Alice Example", "7")}
    assert source.notices() == ()


def test_an_author_that_no_post_needs_is_told(tmp_path):
    """Posts that name their author keep it, and a notice says that `--author` was for others."""
    posts, _, _, source = read(make_folder(tmp_path, MONTHS), "carol")
    assert {post["author"] for post in posts} == {"alice", "bob"}
    assert any("--author" in notice for notice in source.notices())


@pytest.mark.parametrize("author", ["", "@", " "])
def test_an_empty_author_is_no_author(tmp_path, author):
    """An empty handle is a mistake in the command."""
    with pytest.raises(UsageError, match="--author needs a handle"):
        XArchive(tmp_path, author)


@pytest.mark.parametrize("account", [b"", b"\x00\xff garbage", b"window.x = [", js("account", [{"account": 5}])])
def test_a_damaged_account_is_no_account(tmp_path, account):
    """With `account.js` damaged, `--author` serves; without it a notice says what is missing."""
    path = make_zip(tmp_path / "a.zip", {**WHOLE, "data/account.js": account})
    posts, _, _, source = read(path)
    assert {post["author"] for post in posts} == {None}
    assert "--author NAME" in " ".join(source.notices())
    assert {post["author"] for post in read(path, "bob")[0]} == {"bob"}


# ---- long posts

LONG = "Every spring the river takes a little of the garden, and every spring we plant it again, a bit higher. "
CUT = LONG[:60] + "… https://t.co/abc"


@pytest.mark.parametrize(
    ("whole", "cut"),
    [
        (LONG * 3, CUT),
        (LONG * 3, LONG[:60]),
        ("Salt & pepper <both> " + LONG, "Salt &amp; pepper &lt;both&gt; " + LONG[:50] + "…"),
        ("See https://t.co/1 first. " + LONG, "See https://t.co/2 first. " + CUT),
        ("Two\n\nlines, then more: " + LONG, "Two\nlines,  then more: " + CUT),
        (LONG * 2, "@bob @eve " + CUT),
        ("@bob " + LONG * 2, "@bob " + CUT),
    ],
)
@pytest.mark.parametrize("second", ["24.900", "25.000", "26.100"])
def test_a_long_post_gets_its_whole_text(tmp_path, whole, cut, second):
    """A note of the same second, give or take one, whose text begins like the tweet's belongs to it."""
    files = {
        "data/account.js": js("account", [ACCOUNT]),
        "data/tweets.js": js("tweets", [tweet(1, cut), tweet(2, cut), tweet(3, "short &amp; other")]),
        "data/note-tweet.js": js("note_tweet", [note(whole, f"2022-10-19T20:07:{second}Z")]),
    }
    posts, _, _, source = read(make_zip(tmp_path / "a.zip", files))
    assert [(p["id"], p["text"], p["text_format"]) for p in posts] == [
        ("1", whole, "plain"),
        ("2", whole, "plain"),
        ("3", "short &amp; other", "escaped"),
    ]
    raw = json.loads(posts[0]["raw"])
    assert (raw["tweet"]["full_text"], raw["noteTweet"]["core"]["text"]) == (cut, whole)
    assert source.notices() == ("2 posts got the whole text from note-tweet.js.",)


@pytest.mark.parametrize(
    "other",
    [
        note(LONG * 2, "2022-10-19T20:07:28.000Z"),
        note("Another beginning. " + LONG),
        note(LONG * 2, "not a date"),
        note("short " + LONG),
    ],
)
def test_a_note_without_a_tweet_lands_by_itself(tmp_path, other):
    """A note of another time or another text belongs to no tweet here; it is not lost."""
    files = {
        "data/account.js": js("account", [ACCOUNT]),
        "data/tweets.js": js("tweets", [tweet(1, CUT), tweet(2, "short")]),
        "data/note-tweet.js": js("note_tweet", [other]),
    }
    posts, _, _, source = read(make_zip(tmp_path / "a.zip", files))
    assert [post["id"] for post in posts] == ["1", "2", "9001"]
    assert posts[0]["text"] == CUT
    assert (posts[2]["text_format"], posts[2]["author"]) == ("plain", "alice")
    assert posts[2]["source_file"] == "data/note-tweet.js"
    assert json.loads(posts[2]["raw"]) == other
    assert any(notice.startswith("1 post of note-tweet.js") for notice in source.notices())


def test_notes_beyond_the_index_land_by_themselves(tmp_path, monkeypatch):
    """Notes that there is no room for are not joined, and not lost."""
    monkeypatch.setattr("curation.sources.records.note_tweets.LARGEST_INDEX", 10)
    files = {"data/tweets.js": js("t", [tweet(1, CUT)]), "data/note-tweet.js": js("n", [note(LONG)])}
    assert {post["id"] for post in read(make_zip(tmp_path / "a.zip", files), "bob")[0]} == {"1", "9001"}


# ---- records that can't be read


def test_a_broken_item_is_rejected_with_its_place(tmp_path):
    """One damaged post among good ones is reported with file, item, line and byte; the others land."""
    text = js("tweets", [tweet(1), tweet(2), tweet(3)])
    damaged = text.replace(b'"id_str": "2"', b'"id_str": 2"', 1)
    posts, rejected, ended, _ = read(make_zip(tmp_path / "a.zip", {"data/tweets.js": damaged}), "bob")
    assert ([post["id"] for post in posts], ended) == (["1", "3"], None)
    before = text[: text.index(b'{\n  "tweet": {\n   "id_str": "2"')]
    line = before.count(b"\n") + 1
    assert rejected[0].where == f"data/tweets.js: item 2, line {line}, byte {len(before)}"


@pytest.mark.parametrize(
    ("item", "why"),
    [
        ({"tweet": {"id_str": "2"}}, "without a text"),
        ({"tweet": {"id_str": "2", "full_text": 5}}, "without a text"),
        ({"tweet": "text"}, "another kind"),
        ("text", "another kind"),
        (None, "another kind"),
        ([], "another kind"),
    ],
)
def test_what_is_no_post_is_rejected(tmp_path, item, why):
    """An item that has no text, or is no post at all, is rejected for that reason."""
    text = js("tweets", [tweet(1), item, tweet(3)])
    posts, rejected, _, _ = read(make_zip(tmp_path / "a.zip", {"data/tweets.js": text}), "bob")
    assert [post["id"] for post in posts] == ["1", "3"]
    assert rejected[0].where.startswith("data/tweets.js: item 2, line ")
    assert why in rejected[0].why


def test_deeply_nested_items_are_rejected(tmp_path):
    """An item nested thousands of times is rejected, one nested hundreds of times at most is a post."""
    deep = json.dumps(tweet(2)).replace('"a walk', "[" * 3000 + '"a walk')
    data = f"[{json.dumps(tweet(1))}, {deep}, {json.dumps(tweet(3))}]".encode()
    posts, rejected, _, _ = read(make_folder(tmp_path, {"tweets.js": data}), "bob")
    assert ([post["id"] for post in posts], len(rejected)) == (["1", "3"], 1)


def test_missing_and_strange_values_are_null(tmp_path):
    """A post without id or with an unreadable time lands, with NULL there."""
    item = {"tweet": {"full_text": "no id", "created_at": "one fine day", "favorite_count": "many"}}
    posts, rejected, _, _ = read(make_folder(tmp_path, {"tweets.js": js("tweets", [item])}), "bob")
    assert rejected == []
    assert [posts[0][name] for name in ("id", "created_at", "like_count", "url")] == [None] * 4


@pytest.mark.parametrize(("bad", "share"), [("gestern", "(20%)"), ("昨日", "(20%)"), (None, "where it is empty")])
def test_times_that_are_not_understood_are_said(tmp_path, bad, share):
    """As they are of any other file, once they are more than one in a hundred."""
    items = [tweet(number, created_at=bad) if number < 3 else tweet(number) for number in range(1, 11)]
    posts, _, _, source = read(make_folder(tmp_path, {"tweets.js": js("tweets", items)}), "bob")
    assert sum(post["created_at"] is None for post in posts) == 2
    notices = "\n".join(source.notices())
    assert "2 of 10 posts (20%) have no time" in notices
    assert share in notices


def test_half_a_surrogate_pair_becomes_a_replacement_character(tmp_path):
    """A lone surrogate is no text: the column gets U+FFFD, the JSON keeps what was written."""
    items = [tweet(1, "half \ud83d emoji"), tweet(2, "whole 🌿, NUL \x00"), tweet(3, r"typed \ud83d")]
    posts, _, _, source = read(make_folder(tmp_path, {"tweets.js": js("tweets", items)}), "bob")
    assert [post["text"] for post in posts] == ["half \ufffd emoji", "whole 🌿, NUL \x00", r"typed \ud83d"]
    assert json.loads(posts[0]["raw"]) == items[0]
    assert [notice for notice in source.notices() if notice.startswith("1 post held half")]


def test_bytes_that_are_not_utf_8_are_told(tmp_path):
    """A file saved as Windows-1252 is read, and a notice says so."""
    text = js("tweets", [tweet(1, "grün"), tweet(2)], ensure_ascii=False).decode().encode("cp1252")
    posts, rejected, _, source = read(make_folder(tmp_path, {"tweets.js": text}), "bob")
    assert (posts[0]["text"], rejected) == ("grün", [])
    assert any("Windows-1252" in notice for notice in source.notices())


def test_numbers_beyond_64_bits_are_kept(tmp_path):
    """A number that no column can hold stays in the JSON and is NULL in its column."""
    item = tweet(1, favorite_count=2**80)
    posts, *_ = read(make_folder(tmp_path, {"tweets.js": js("tweets", [item])}), "bob")
    assert (posts[0]["like_count"], json.loads(posts[0]["raw"])) == (None, item)


def test_utf_16_is_read(tmp_path):
    """An editor may have saved the file as UTF-16."""
    data = js("tweets", [tweet(1, "grün 🌿")], ensure_ascii=False).decode().encode("utf-16")
    assert read(make_folder(tmp_path, {"tweets.js": data}), "bob")[0][0]["text"] == "grün 🌿"


# ---- archives that can't be read


def test_a_cut_file_lands_what_is_whole(tmp_path):
    """A file that stops in the middle gives its whole posts, says where it stops, and the others are read."""
    text = js("tweets", [tweet(1), tweet(2), tweet(3)])
    files = {"data/tweets.js": text[:-60], "data/tweets-part1.js": js("tweets", [tweet(4)])}
    posts, _, ended, _ = read(make_zip(tmp_path / "a.zip", files), "bob")
    assert [post["id"] for post in posts] == ["1", "2", "4"]
    assert ended.startswith("data/tweets.js: it stops in the middle of item 3")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_damaged_member_lands_what_was_before_the_damage(tmp_path, method):
    """A member whose packed data are damaged gives what comes before, and the other members are read."""
    words = [f"{zlib.crc32(str(n).encode()):x}" for n in range(40_000)]  # so that it doesn't pack to nothing
    many = [tweet(n, " ".join(words[n * 10 : n * 10 + 10])) for n in range(4000)]
    files = {"data/tweets.js": js("tweets", many), "data/tweets-part1.js": js("tweets", [tweet(9999)])}
    path = make_zip(tmp_path / "a.zip", files, method)
    data = bytearray(path.read_bytes())
    middle = zipfile.ZipFile(path).getinfo("data/tweets.js").compress_size // 2
    data[middle : middle + 40] = bytes(40)
    path.write_bytes(data)
    posts, _, ended, _ = read(path, "bob")
    ids = [post["id"] for post in posts]
    assert ids[:1000] == [str(n) for n in range(1000)]
    assert ids[-1] == "9999"
    assert ended.startswith("data/tweets.js: ")


def test_a_wrong_checksum_withholds_no_post(tmp_path):
    """When only the checksum is wrong, all posts land and the damage is told."""
    path = make_zip(tmp_path / "a.zip", {"data/tweets.js": js("t", [tweet(1), tweet(2)])}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"a walk", b"a talk", 1))
    posts, _, ended, _ = read(path, "bob")
    assert [post["text"] for post in posts] == ["a talk by the river", "a walk by the river"]
    assert "checksum" in ended


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_no_damage_raises_a_traceback(tmp_path_factory, data):
    """Whatever bytes of a zip are changed or cut away, the outcome is posts or one of our own errors."""
    path = make_zip(tmp_path_factory.mktemp("zips") / "a.zip", WHOLE)
    content = bytearray(path.read_bytes())
    for position in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=6)):
        content[position] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content))))])
    try:
        posts, *_ = read(path, "bob")
    except InputError:
        return
    assert {post["author"] for post in posts} <= {"bob"}


def test_a_zip_without_its_end_is_told(tmp_path):
    """A download that broke off is named as such, with what to do."""
    path = make_zip(tmp_path / "a.zip", WHOLE)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(InputError, match=r"not a complete zip \(its end is missing\): download it again"):
        read(path)


@pytest.mark.parametrize(
    "name",
    [
        "../evil.js",
        "data/../../evil.js",
        "/etc/evil.js",
        "C:/evil.js",
        "..\\evil.js",
        "\\etc\\evil.js",
        "..",
        "data/tweets.js/..",
    ],
)
def test_a_zip_that_climbs_out_is_refused(tmp_path, name):
    """One member whose name leaves the archive's folder is enough to refuse all of it."""
    path = make_zip(tmp_path / "a.zip", {**WHOLE, name: b"x"})
    with pytest.raises(InputError, match="leads out of the archive's own folder") as caught:
        read(path)
    assert repr(name) in str(caught.value)


def test_a_zip_with_a_symbolic_link_is_refused(tmp_path):
    """A member that is a link is refused, whatever it is called."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        link = zipfile.ZipInfo("data/tweets.js")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
    with pytest.raises(InputError, match=r"data/tweets\.js"):
        read(path)


def test_a_bomb_is_refused(tmp_path, monkeypatch):
    """A member that would grow out of all proportion is refused before a byte of it is unpacked."""
    monkeypatch.setattr(archive_files, "LARGE", 1_000_000)
    path = make_zip(tmp_path / "a.zip", {"data/tweets.js": b"[" + b" " * 3_000_000 + b"]"})
    with pytest.raises(InputError, match=r"data/tweets\.js would grow from .* to 3,000,002 bytes"):
        read(path)


def test_a_bomb_in_parts_is_refused(tmp_path, monkeypatch):
    """Many members that are each just small enough are refused together."""
    monkeypatch.setattr(archive_files, "LARGE", 1_000_000)
    files = {f"data/tweets-part{n}.js": b"[" + b" " * 600_000 + b"]" for n in range(3)}
    with pytest.raises(InputError, match="what is to be read of it would grow"):
        read(make_zip(tmp_path / "a.zip", files))


def test_an_encrypted_zip_is_told(tmp_path):
    """A zip with a password is refused with a way on."""
    path = make_zip(tmp_path / "a.zip", {"data/tweets.js": js("tweets", [tweet(1)])})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match="needs a password"):
        read(path)


def test_an_unknown_packing_method_is_told(tmp_path):
    """A zip that some programs pack in their own way is refused with a way on."""
    path = make_zip(tmp_path / "a.zip", {"data/tweets.js": js("tweets", [tweet(1)])})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 10] = 9
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"number 9\)"):
        read(path)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.zip", b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        ("a.tar.gz", b"\x1f\x8b\x08", "a gzip file"),
        ("posts.csv", b"id,name\n1,hello\n", "a CSV table"),
        ("posts.jsonl", b'{"id": 1}\n', "a JSON lines file"),
        ("a.zip", b"<!DOCTYPE html>", "a web page"),
        ("a.zip", b"", "an empty file"),
        ("a.zip", b"hello", "a file of an unknown kind"),
    ],
)
def test_a_file_of_another_kind_is_named(tmp_path, name, content, kind):
    """What is no archive is called what it is, beside what would be right."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=f"is {kind}.*, not an X archive.*tweets.js"):
        read(tmp_path / name)


@pytest.mark.parametrize("name", ["data/direct-messages.js", "data/account.js", "data/tweet-headers.js"])
def test_a_file_that_must_stay_closed_stays_closed(tmp_path, name):
    """Even named by itself, a file that holds no posts is not opened."""
    make_folder(tmp_path, {**WHOLE, **CLOSED})
    with pytest.raises(InputError, match="not opened"):
        read(tmp_path / name)


def test_nothing_there_is_told(tmp_path):
    """A missing path, an empty folder and a zip without posts each get their sentence."""
    with pytest.raises(InputError, match="There is no file or folder"):
        read(tmp_path / "missing.zip")
    with pytest.raises(InputError, match="holds no posts of an X archive"):
        read(tmp_path)
    with pytest.raises(InputError, match="holds no posts of an X archive"):
        read(make_zip(tmp_path / "a.zip", CLOSED))


def test_a_file_of_garbage_is_told(tmp_path):
    """When nothing at all can be read, that is an error and not an empty landing."""
    with pytest.raises(InputError, match=r"tweets\.js: no list of posts was found"):
        read(make_folder(tmp_path, {"data/tweets.js": b"\x89PNG" * 1000}), "bob")


def test_an_empty_file_is_told(tmp_path):
    """A file of 0 bytes is mentioned, and the others are read."""
    posts, _, ended, source = read(make_folder(tmp_path, {**WHOLE, "data/tweets.js": b""}))
    assert ([post["id"] for post in posts], ended) == (["6", "3", "4", "5", "7"], None)
    assert source.notices() == ("data/tweets.js is empty (0 bytes).",)


def test_links_out_of_the_folder_are_not_followed(tmp_path):
    """A link to a file elsewhere is left alone and mentioned; one within the folder is read."""
    (tmp_path / "elsewhere.js").write_bytes(js("tweets", [tweet(9, SECRET)]))
    folder = make_folder(tmp_path / "archive", WHOLE)
    (folder / "data/tweets-part7.js").symlink_to(tmp_path / "elsewhere.js")
    (folder / "data/part.txt").write_bytes(js("tweets", [tweet(8)]))
    (folder / "data/tweets-part8.js").symlink_to("part.txt")
    posts, _, _, source = read(folder)
    assert {post["id"] for post in posts} == set("12345678")
    assert source.notices() == ("data/tweets-part7.js leads out of the folder, so it was not read.",)


# ---- size


def test_pages_stay_small(tmp_path, monkeypatch):
    """A page is taken when it has its number of posts, enough text, or many rejected records."""
    count = PAGE_POSTS + 10
    folder = make_folder(tmp_path, {"tweets.js": js("tweets", [tweet(n) for n in range(count)])})
    pages = [page.posts.num_rows for page in XArchive(folder, "bob").pages()]
    assert sum(pages) == count
    assert PAGE_POSTS <= pages[0] < 2 * PAGE_POSTS
    monkeypatch.setattr(x_archive_posts, "PAGE_CHARACTERS", 10_000)
    monkeypatch.setattr(archive_files, "CHUNK", 1 << 13)
    monkeypatch.setattr(json_items, "WINDOW", 1 << 13)
    assert max(page.posts.num_rows for page in XArchive(folder, "bob").pages()) < 200
    monkeypatch.setattr(x_archive_posts, "PAGE_REJECTED", 7)
    (folder / "tweets.js").write_bytes(js("tweets", [None] * 20))
    assert [len(page.rejected) for page in XArchive(folder, "bob").pages()] == [7, 7, 6]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("tweets.js", "tweet"),
        ("data/tweet.js", "tweet"),
        ("x/y/data/tweets-part12.js", "tweet"),
        ("data/js/tweets/2012_03.js", "month"),
        ("data/note-tweet.js", "note"),
        ("data/tweet-headers.js", None),
        ("data/tweets.js.bak", None),
        ("data/mytweets.js", None),
        ("data/tweets.json", None),
        ("data/direct-messages.js", None),
        ("data/deleted-note-tweet.js", "note"),
        (".hidden/tweets.js", None),
        ("data/tweets.js\n", None),
    ],
)
def test_the_list_of_names(name, kind):
    """Only names on the list have a kind."""
    assert kind_of_member(name) == kind


def test_what_lies_in_files_of_its_own_is_joined(tmp_path):
    """A deleted long post and an article get their whole text; a draft and a share are told for what they are."""
    begin = "朝の市場は静かだったと、隣の店の人が何度も何度も言っていた。"
    long = f"{begin}それから雨が降った。"
    note = {"noteTweet": {"noteTweetId": "50", "createdAt": "2022-10-19T20:07:25.000Z", "core": {"text": long}}}
    address = {"url": "https://t.co/a", "expanded_url": "http://x.com/i/article/900"}
    articles = [
        {"article": {"id": "900", "title": "О клее", "plainText": "Клей это терпение."}},
        {"article": {"id": "901", "title": "x", "plainText": "draft"}},
    ]
    files = {
        "data/account.js": js("account", [ACCOUNT]),
        "data/deleted-note-tweet.js": js("deleted_note_tweet", [note]),
        "data/deleted-tweets.js": js(
            "deleted_tweets", [tweet(1, f"{begin}… https://t.co/b", created_at="Wed Oct 19 20:07:25 +0000 2022")]
        ),
        "data/deleted-tweet.js": js(
            "deleted_tweet",
            [{"tweet": {"id": 1521925264967675000, "text": "RT @b: سوق", "share": {"source_status_id": "77"}}}],
        ),
        "data/article.js": js("article", articles),
        "data/tweets.js": js("tweets", [tweet(2, "https://t.co/a", entities={"urls": [address]})]),
    }
    posts, rejected, _, source = read(make_zip(tmp_path / "a.zip", files))
    by_id = {post["id"]: post for post in posts}
    assert (by_id["1"]["text"], by_id["1"]["is_deleted"], by_id["2"]["text"]) == (
        long,
        True,
        "О клее\n\nКлей это терпение.",
    )
    share = by_id["1521925264967675000"]
    assert (share["is_repost"], share["repost_of"], share["is_deleted"]) == (True, "77", True)
    assert (len(posts), rejected) == (3, [])
    assert "One article of article.js" in " ".join(source.notices())


@pytest.mark.parametrize("source", [XArchive, lambda path: FileSource([path])])
def test_a_pipe_is_no_file(tmp_path, source):
    """Nobody waits for a pipe that was named as a file; the message says how to read one."""
    os.mkfifo(tmp_path / "posts.jsonl")
    with pytest.raises(InputError, match=r"posts.jsonl is neither a file nor a folder.*file - < "):
        list(source(tmp_path / "posts.jsonl").pages())
