"""The `file` source on JSON whose posts lie somewhere inside: wrappers, maps, tables, other spellings of JSON."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.errors import CurationError, InputError
from curation.sources.file import FileSource
from curation.sources.files import json_sample

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = ("The urn sings in B flat.", "朝の散歩は短い。", "قهوة بلا سكر من فضلك", "Příliš žluťoučký kůň", "ชาร้อนตอนเช้า")
A, B, C = (f"17110000000000000{n:02}" for n in (1, 2, 3))


class Collected:
    """Everything that a source gave."""

    def __init__(self, path: Path, **options: Any) -> None:
        source = FileSource([path], **options)
        pages = list(source.pages())
        self.posts = [post for page in pages for post in page.posts.to_pylist()]
        self.texts = [post["text"] for post in self.posts]
        self.ids = [post["id"] for post in self.posts]
        self.rejected = [(r.where, r.why) for page in pages for r in page.rejected]
        self.ended_early = [page.ended_early for page in pages if page.ended_early]
        self.notices = "\n".join(source.notices())


def collected(folder: Path, content: Any, name: str = "a.json", **options: Any) -> Collected:
    """What comes of a file with this content: text, bytes, or anything that becomes JSON."""
    path = folder / name
    if not isinstance(content, str | bytes):
        content = json.dumps(content, ensure_ascii=False)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    return Collected(path, **options)


def post(number: int, **more: Any) -> dict[str, Any]:
    """An invented post."""
    return {"id": f"17110000000000000{number:02}", "author": "kiosk", "text": TEXTS[number % 5], **more}


ALL = ONE, TWO, THREE = post(1), post(2), post(3)
BARE = [{k: v for k, v in p.items() if k != "id"} for p in ALL]

PAIRS = list(zip(ALL, BARE, strict=True))

WRAPPED: dict[str, Any] = {
    "records": {"records": [ONE, TWO, THREE]},
    "data of somebody else": {"data": [ONE, TWO, THREE], "count": 3},
    "data.posts": {"status": "ok", "data": {"posts": [ONE, TWO, THREE], "cursor": "x"}},
    "a message beside": {"message": "OK", "data": [ONE, TWO, THREE]},
    "map by id": {"tweets": {A: BARE[0], B: BARE[1], C: BARE[2]}},
    "map at the top": {A: BARE[0], B: BARE[1], C: BARE[2]},
    "pandas index": {"0": ONE, "1": TWO, "2": THREE},
    "pandas columns": {k: {str(n): p[k] for n, p in enumerate(ALL)} for k in ONE},
    "columns of lists": {k: [p[k] for p in ALL] for k in ONE},
    "pandas split": {"columns": list(ONE), "index": [0, 1, 2], "data": [list(p.values()) for p in ALL]},
    "pandas split, columns last": {"data": [list(p.values()) for p in ALL], "columns": list(ONE)},
    "pandas table": {"schema": {"fields": [{"name": "id", "type": "string"}]}, "data": [ONE, TWO, THREE]},
    "rows with a header": [list(ONE), *(list(p.values()) for p in ALL)],
    "wrapped one by one": [{"post": ONE}, {"post": TWO}, {"post": THREE}],
    "edges": {"data": {"user": {"edges": [{"node": ONE, "cursor": "a"}, {"node": TWO}, {"node": THREE}]}}},
    "JSON:API": {"data": [{"id": p["id"], "type": "post", "attributes": b} for p, b in PAIRS]},
    "Elasticsearch": {"took": 3, "hits": {"total": 3, "hits": [{"_id": p["id"], "_source": b} for p, b in PAIRS]}},
    "pages in a list": [{"page": 1, "items": [ONE, TWO]}, {"page": 2, "items": [THREE]}],
    "lists in a list": [[ONE, TWO], [THREE]],
    "a map of lists": {"2021": [ONE], "2022": [TWO, THREE]},
    "posts and comments": {"posts": [ONE, TWO], "comments": [THREE]},
    "likes beside": {"likes": [post(n) for n in range(10, 40)], "posts": [ONE, TWO, THREE]},
    "JSON in a column": [{"n": n, "payload": json.dumps(p)} for n, p in enumerate(ALL)],
    "posts within posts": [ONE | {"replies": [post(n) for n in range(10, 20)]}, TWO, THREE],
    "numbers and an object": [[2, ONE], [3, "https://example.org/1.jpg", TWO], [3, "https://example.org/2.jpg", THREE]],
    "callback": f"show({json.dumps([ONE, TWO, THREE])});",
    "assignment": f"window.posts = {json.dumps({'posts': [ONE, TWO, THREE]})};",
    "typed": f"export const posts: Post[] = {json.dumps([ONE, TWO, THREE])};",
    "subscript": f"window[\"posts\"]['all'] = {json.dumps([ONE, TWO, THREE])};",
    "export default": f"// made by hand\nexport default {json.dumps([ONE, TWO, THREE])}\n",
}  # fmt: skip


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("name", WRAPPED)
def test_posts_are_found_in_whatever_wraps_them(tmp_path, name, indent):
    """Three posts land with their ids and authors, whatever lies around them, and nothing else does."""
    content = WRAPPED[name]
    if not isinstance(content, str):
        content = json.dumps(content, ensure_ascii=False, indent=indent)
    found = collected(tmp_path, content)
    assert found.ids == [A, B, C]
    assert found.texts == [TEXTS[1], TEXTS[2], TEXTS[3]]
    assert {p["author"] for p in found.posts} == {"kiosk"}
    assert (found.rejected, found.ended_early) == ([], [])


@pytest.mark.parametrize("last", [True, False])
def test_authors_are_joined_from_the_people_beside_the_posts(tmp_path, last):
    """A user's id leads to the name in the map or list beside, before or behind the posts."""
    tweets = {A: {"text": TEXTS[1], "user_id": "7"}, B: {"text": TEXTS[2], "user_id": 8}}
    people = {"7": {"username": "kiosk", "name": "The kiosk"}, "8": {"username": "bell"}}
    content = {"tweets": tweets, "users": people} if last else {"users": people, "tweets": tweets}
    found = collected(tmp_path, content)
    assert [(p["id"], p["author"]) for p in found.posts] == [(A, "kiosk"), (B, "bell")]
    listed = {"posts": [{"id": A, "text": TEXTS[3], "author": 7}], "accounts": [{"id": 7, "screen_name": "kiosk"}]}
    assert [(p["author"], p["author_id"]) for p in collected(tmp_path, listed).posts] == [("kiosk", "7")]


def test_texts_by_themselves_land(tmp_path):
    """A list of texts is a list of posts, and a map by id gives the ids."""
    assert collected(tmp_path, list(TEXTS[:3]), author="kiosk").texts == list(TEXTS[:3])
    found = collected(tmp_path, {A: TEXTS[0], B: TEXTS[1]})
    assert list(zip(found.ids, found.texts, strict=True)) == [(A, TEXTS[0]), (B, TEXTS[1])]


def test_a_broken_record_in_a_wrapper_costs_itself(tmp_path):
    """It is named by line and byte, and its neighbours land."""
    content = json.dumps({"count": 3, "records": [ONE, TWO, THREE]}, ensure_ascii=False).replace(f'"{B}"', "oops")
    found = collected(tmp_path, content)
    assert found.ids == [A, C]
    begin = len(content[: content.index('{"id": oops')].encode())
    assert [where for where, _ in found.rejected] == [f"a.json: item 2, line 1, byte {begin}"]


@pytest.mark.parametrize("keep", [0.5, 0.7, 0.95])
def test_a_wrapper_that_stops_gives_its_whole_records(tmp_path, keep):
    """What came before the cut lands, and the cut is said."""
    content = json.dumps({"data": {"posts": [post(n) for n in range(10, 40)]}})
    found = collected(tmp_path, content[: int(len(content) * keep)])
    assert len(found.posts) in (int(30 * keep) - 1, int(30 * keep), int(30 * keep) + 1)
    assert "stops" in found.ended_early[0]


def test_posts_behind_megabytes_of_other_things_are_found(tmp_path, monkeypatch):
    """The search goes on through the stream, and what lies between is not kept."""
    monkeypatch.setattr(json_sample, "_FIRST_LOOK", 1 << 16)
    words = [{"word": "tea", "weight": n} for n in range(60_000)]
    found = collected(tmp_path, {"words": words, "export": {"posts": [ONE, TWO]}, "version": 3})
    assert found.ids == [A, B]


DAMAGED: dict[str, tuple[str, int]] = {
    "trailing commas": ('[{"id": 1, "text": "a b",}, {"id": 2, "text": "朝の散歩",},]', 2),
    "comments": ('[ // first\n{"id": 1, "text": "a // b"}, /* قهوة */ {"id": 2, /* two */ "text": "b"}]', 2),
    "missing comma": ('[{"id": 1, "text": "a"} {"id": 2, "text": "b"}]', 2),
    "two lists": ('[{"id": 1, "text": "a"}]\n[{"id": 2, "text": "b"}]', 2),
    "two assignments": ('window.a = [{"id": 1, "text": "a"}];\nwindow.b = [{"id": 2, "text": "b"}];', 2),
    "objects on one line": ('{"id": 1, "text": "a"}{"id": 2, "text": "b"} {"id": 3, "text": "c"}', 3),
    "two objects on a line": ('{"id": 1, "text": "a"}\n{"id": 2, "text": "b"}{"id": 3, "text": "c"}\n', 3),
    "lines with commas": ('[\n{"id": 1, "text": "a"},\n{"id": 2, "text": "b"}\n]', 2),
    "lines with commas and no list": ('{"id": 1, "text": "a"},\n{"id": 2, "text": "b"},\n', 2),
    "NaN": ('[{"id": 1, "text": "a", "n": NaN}, {"id": 2, "text": "b", "n": -Infinity}]', 2),
    "Python": ("{'id': 1, 'text': \"it's\", 'ok': True, 'x': None}\n{'id': 2, 'text': 'ชาร้อน'}\n", 2),
    "Python's list": ("[{'id': 1, 'text': 'a'}, {'id': 2, 'text': \"it's\"}]", 2),
    "joined files": ('\ufeff{"id": 1, "text": "a"}\n\ufeff{"id": 2, "text": "b"}\n', 2),
    "record separators": ('\x1e{"id": 1, "text": "a"}\n\x1e{"id": 2, "text": "b"}\n', 2),
    "events": ('event: post\ndata: {"id": 1, "text": "a"}\n\ndata: {"id": 2, "text": "b"}\n\n: ping\n', 2),
    "a log": ('2024-03-05T09:00:00Z\t{"id": 1, "text": "a"}\n2024-03-05 09:00:01 INFO {"id": 2, "text": "b"}\n', 2),
    "CRLF and NULs": ('{"id": 1, "text": "a"}\r\n\x00\x00{"id": 2, "text": "b"}\r\n', 2),
    "JSON in texts": ('"{\\"id\\": 1, \\"text\\": \\"a\\"}"\n"{\\"id\\": 2, \\"text\\": \\"b\\"}"\n', 2),
    "words behind the list": ('[{"id": 1, "text": "a"}] // end of file', 1),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_other_spellings_of_json_lose_nothing(tmp_path, name):
    """All objects land, and nobody is told of damage that cost nothing."""
    content, count = DAMAGED[name]
    found = collected(tmp_path, content)
    assert found.ids == [str(n) for n in range(1, count + 1)]
    assert (found.rejected, found.ended_early) == ([], [])


def test_what_is_not_certain_stays_broken(tmp_path):
    """A call in a Python dict, words around an object, half a line: each costs itself and is named."""
    lines = [
        json.dumps(ONE),
        "{'id': 2, 'at': open('x')}",
        '{"id": 3, "text": "a"} and more',
        "{'a': (",
        json.dumps(TWO),
    ]
    found = collected(tmp_path, "\n".join(lines), name="p.jsonl")
    assert found.ids == [A, B]
    assert [where for where, _ in found.rejected] == ["p.jsonl:2", "p.jsonl:3", "p.jsonl:4"]


IDS: dict[str, Any] = {
    "ids.csv": f"status_id\n{A}\n{B}\n",
    "authors.csv": f"author;tweet_id\n23337157;{A}\n23337157;{B}\n",
    "labels.csv": f"id,label\n{A},positive\n{B},negative\n",
    "formulas.csv": f'id\n="{A}"\n="{B}"\n',
    "ids.txt": f"{A}\n{B}\n{C}\n",
    "prefixed.txt": f"ID_{A}\nID_{B}\n",
    "list.json": f"[{A}, {B}]",
    "texts.json": json.dumps([A, B, C]),
    "lines.jsonl": f'{{"id": {A}}}\n{{"id": {B}}}\n',
    "labels.jsonl": f'{{"id": {A}, "label": "a"}}\n{{"id": {B}, "label": "b"}}\n',
    "wrapped.json": json.dumps({"ids": [A, B]}),
}


@pytest.mark.parametrize("name", IDS)
def test_ids_alone_are_refused_and_hydrating_is_the_way_on(tmp_path, name):
    """No id lands as a post, and nobody is told to map one as a text."""
    with pytest.raises(InputError, match=r"only ids here, no texts\. Hydrate them first") as raised:
        collected(tmp_path, IDS[name], name=name)
    assert "--map" not in str(raised.value)


@pytest.mark.parametrize(
    "content",
    [
        {"participants": [{"name": "A"}], "items": [{"messageCreate": {"text": "psst, only you", "senderId": "1"}}]},
        [{"dmConversation": {"conversationId": "1-2", "messages": [{"messageCreate": {"text": "psst, only you"}}]}}],
        {"direct_messages": [{"id": "1", "text": "psst, only you", "created_at": "2020-01-01"}]},
    ],
)
def test_direct_messages_are_never_read(tmp_path, content):
    """Wherever they lie, no word of them lands or is shown."""
    for options in ({}, {"format": "posts"}, {"columns": {"text": "text"}}):
        with pytest.raises(CurationError) as raised:
            collected(tmp_path, content, **options)
        assert "psst" not in str(raised.value)


def test_map_reaches_nested_values(tmp_path):
    """Paths name what lies in lists and objects, from a record on or from the top of the file."""
    item = {"meta": {"key": A, "by": {"nick": "@kiosk"}, "at": "2024-03-05T09:00:00Z"}, "media": [{"title": TEXTS[1]}]}
    content = {"export": {"entries": [item, {"meta": {"key": B}, "media": [{"title": TEXTS[2]}, {"title": TEXTS[3]}]}]}}
    with pytest.raises(InputError, match=r"--map text=export\.entries\[\]\.media\[\]\.title\. These hold texts: "):
        collected(tmp_path, content)
    fields = {"id": "meta.key", "author": "meta.by.nick", "created_at": "meta.at"}
    for text in ("media[].title", "export.entries[].media[].title"):
        found = collected(tmp_path, content, columns={"text": text, **fields})
        assert [(p["id"], p["author"], p["text"]) for p in found.posts] == [
            (A, "kiosk", TEXTS[1]),
            (B, None, f"{TEXTS[2]}\n{TEXTS[3]}"),
        ]
        assert found.posts[0]["created_at"].year == 2024
    assert collected(tmp_path, content, columns={"text": "media[0].title"}).texts == [TEXTS[1], TEXTS[2]]


def test_a_hint_names_only_what_holds_texts(tmp_path):
    """Ids, addresses, dates and labels are no texts."""
    record = {
        "key": A,
        "link": "https://example.org/a",
        "when": "2024-03-05",
        "kind": "note",
        "words": TEXTS[2],
        "n": 3,
    }
    with pytest.raises(InputError) as raised:
        collected(tmp_path, [record, record | {"words": TEXTS[0]}])
    assert "--map text=words. These hold texts: words." in str(raised.value)
    with pytest.raises(InputError, match="list of rows without names"):
        collected(tmp_path, [[1, TEXTS[0]], [2, TEXTS[1]]])


SNSCRAPE = {
    "_type": "snscrape.modules.twitter.Tweet", "rawContent": TEXTS[1], "id": int(A),
    "user": {"username": "kiosk", "id": 12}, "date": "2022-11-03T18:33:16+00:00",
}  # fmt: skip
TWEET = {"id_str": B, "full_text": TEXTS[2], "user": {"screen_name": "bell"}, "truncated": False}


@pytest.mark.parametrize("order", [1, -1])
def test_two_dialects_in_one_file_are_each_read_as_what_they_are(tmp_path, order):
    """Neither the majority nor the order decides over a record that another dialect fits."""
    records = [SNSCRAPE, *(SNSCRAPE | {"id": n} for n in range(100, 320)), TWEET, {"id": C, "body": TEXTS[3]}]
    found = collected(tmp_path, "\n".join(map(json.dumps, records[::order])), name="p.jsonl")
    assert {(A, TEXTS[1], "kiosk"), (B, TEXTS[2], "bell")} <= {(p["id"], p["text"], p["author"]) for p in found.posts}
    assert C in found.ids
    assert found.rejected == []


HTML = [
    f"<p>{TEXTS[0]}</p><p>{TEXTS[1]}<br />second</p>",
    f'<p><a href="https://example.org/a">{TEXTS[2]}</a></p>',
    f"<p>{TEXTS[3]} &amp; tea</p>",
]


@pytest.mark.parametrize("key", ["text", "content", "full_text"])
def test_texts_that_are_mostly_html_are_landed_as_html(tmp_path, key):
    """The file decides; a text in it that only mentions a tag stays plain."""
    records = [{"id": str(n), key: text} for n, text in enumerate([*HTML, "what does <b> do?", "a < b"], 1)]
    found = collected(tmp_path, records)
    assert [p["text_format"] for p in found.posts] == ["html"] * 3 + ["unknown"] * 2
    assert "3 texts are HTML" in found.notices
    talk = [{"id": str(n), key: f"{text} <br> and <b>so</b>" if n == 2 else text} for n, text in enumerate(TEXTS)]
    assert {p["text_format"] for p in collected(tmp_path, talk).posts} == {"unknown"}


def test_mongo_values_are_unwrapped(tmp_path):
    """`$oid`, `$date` and `$numberLong` are what they hold."""
    record = {
        "_id": {"$oid": "65f0c0ffee"}, "text": TEXTS[1], "created_at": {"$date": "2024-03-05T09:00:00Z"},
        "like_count": {"$numberLong": "5"},
    }  # fmt: skip
    found = collected(tmp_path, [record, record])
    assert [(p["like_count"], p["created_at"].hour) for p in found.posts] == [(5, 9)] * 2


def test_explain_says_what_told(tmp_path):
    """Every file has its dialect, the scores and the keys, or why it isn't read."""
    (tmp_path / "a.json").write_text(json.dumps({"data": [TWEET, TWEET]}), encoding="utf-8")
    (tmp_path / "b.json").write_text(f"[{A}, {B}]", encoding="utf-8")
    first, second = FileSource([tmp_path]).explain()
    assert (first["format"], first["paths"], first["scores"]) == ("tweet", ["data[]"], {"tweet": 1.0})
    assert "id_str" in first["told_by"]
    assert "Hydrate" in second["error"]


VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=12) | st.sampled_from([*TEXTS, A, "<p>a</p>"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "text", "data", "posts", "user", "0", A, "users", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(value=VALUES, cut=st.integers(0, 40), form=st.sampled_from(["auto", "posts", "x-api"]))
def test_no_document_makes_the_reader_fail(tmp_path_factory, value, cut, form):
    """Whatever a document is, and wherever it is cut, it lands, or a sentence says why not."""
    content = json.dumps(value, ensure_ascii=False)
    path = tmp_path_factory.mktemp("any") / "a.json"
    path.write_bytes(content.encode()[: len(content.encode()) - cut if cut % 3 == 0 else None])
    with contextlib.suppress(CurationError):
        assert all(p["text"] is not None for p in Collected(path, format=form).posts)
