"""Elements of a JSON list come out of a damaged stream, and the broken ones with their place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.errors import InputError
from curation.sources.files import json_items
from curation.sources.files.json_blocks import Block, first_block
from curation.sources.files.json_cursor import Broken
from curation.sources.files.json_items import Item, JsonItems, compact_json

PREFIX = b"window.YTD.tweets.part0 = "


def tweet(number: int, text: str = "a walk by the river") -> dict:
    """An invented archive item, with inner objects that must not be taken for items."""
    mentions = [{"name": "Bob", "id_str": "1"}, {"name": "Eve", "id_str": "2"}]
    return {"tweet": {"id_str": str(number), "full_text": text, "entities": {"user_mentions": mentions}}}


def read(data: bytes, chunk: int = 1 << 16, **options) -> tuple[list, list[Broken], JsonItems]:
    """The values, the broken elements and the reader."""
    items = JsonItems((data[i : i + chunk] for i in range(0, len(data), chunk)), **options)
    found = list(items)
    values = [item.value for item in found if isinstance(item, Item)]
    return values, [item for item in found if isinstance(item, Broken)], items


def ids(values: list) -> list[str]:
    """Ids of archive items; None for what is none."""
    return [value.get("tweet", {}).get("id_str") for value in values]


LISTS = st.lists(
    st.dictionaries(
        st.sampled_from(["tweet", "user", "n"]),
        st.text(max_size=12) | st.integers() | st.lists(st.none(), max_size=3),
    ),
    max_size=8,
)


@settings(deadline=None)
@given(
    values=LISTS,
    chunk=st.integers(1, 40),
    enough=st.integers(1, 40),
    indent=st.sampled_from([None, 1]),
    prefix=st.sampled_from([b"", PREFIX, b"x=", b"\xef\xbb\xbf", b"\xef\xbb\xbf" + PREFIX, b"\n"]),
    ascii_only=st.booleans(),
)
def test_any_list_in_any_pieces_is_read_whole(values, chunk, enough, indent, prefix, ascii_only):
    """However the bytes are cut, every element comes out once, in order and unchanged."""
    text = json.dumps(values, indent=indent, ensure_ascii=ascii_only)
    data = prefix + text.encode("utf-8", "surrogatepass").decode("utf-8", "ignore").encode()
    got, broken, items = read(data, chunk, enough=enough)
    assert got == json.loads(text)
    assert (broken, items.ended_early, items.position) == ([], None, len(data))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_other_encodings_are_recognised(encoding):
    """UTF-16, with or without a byte order mark, and UTF-8 with one read like UTF-8."""
    values = [tweet(1, "ein grüner Fluß 🌿"), tweet(2, "朝の散歩")]
    data = (PREFIX.decode() + json.dumps(values, ensure_ascii=False, indent=1)).encode(encoding)
    got, broken, items = read(data, chunk=7, enough=5)
    assert (got, broken, items.ended_early) == (values, [], None)


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ('"id_str": "2"', '"id_str": oops'),
        ('"id_str": "2"', '"id_str": "2'),
        ('"id_str": "2"', 'id_str": "2"'),
        ('"id_str": "2",', '"id_str": "2"'),
        ('"Bob"', '"B\\qb"'),
        ('"full_text": "two"', '"full_text": "two'),
        ('"full_text": "two"', '"full_text": "two}}, \n'),
        ('"full_text": "two"', "{{{{ [[[ garbage"),
        ('"user_mentions": [', '"user_mentions": [[['),
        ('"id_str": "2"', '"id_str": ' + "9" * 5000),
        ('"id_str": "2"', '"id_str": ' + "[" * 5000),
    ],
)
def test_a_broken_element_costs_nothing_but_itself(good, bad, indent):
    """Of three elements the second is broken in some way; the first and the third are read."""
    lines = [json.dumps(tweet(n, name), indent=indent) for n, name in ((1, "one"), (2, "two"), (3, "three"))]
    assert good in lines[1]
    before = PREFIX.decode() + "[\n" + lines[0] + ",\n"
    lines[1] = lines[1].replace(good, bad, 1)
    data = (before + lines[1] + ",\n" + lines[2] + "\n]").encode()
    values, broken, items = read(data, chunk=11, enough=16)
    assert [i for i in ids(values) if i] == ["1", "3"]
    assert (broken[0].number, broken[0].line, broken[0].byte) == (2, before.count("\n") + 1, len(before))
    assert items.ended_early is None


def test_a_list_that_swallows_the_rest_is_found_out():
    """When an inner list is never closed, all that follows would belong to it; it is read nevertheless."""
    whole = json.dumps([tweet(n) for n in range(1, 9)])
    data = whole.replace('"id_str": "2"}]}}}', '"id_str": "2"}', 1).encode()
    assert len(data) < len(whole)
    values, broken, _ = read(data, chunk=64, enough=64)
    assert ids(values) == ["2", "3", "4", "5", "6", "7", "8"]
    assert [b.number for b in broken] == [1]


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.builds(lambda n, text: f'{{"tweet": {{"n": {n}, "text": {json.dumps(text, ensure_ascii=False)}}}}}',
                      st.integers(-(2**70), 2**70), st.text(max_size=20)),
            st.sampled_from(['{"tweet": {"x": oops}}', '{"tweet": [{"tweet": 1}, {"tweet": 2}]}', "7", '"},"',
                             '{"a": 1e400}',
                             '{"tweet": "\\ud800"}', '{"tweet": 1.5e+30}', '{"tweet": {"tweet": [1', '{"b": NaN}', ""]),
        ), max_size=30,
    ),
    st.sampled_from(["window.YTD.tweets.part0 = [", "[", "\ufeff x = [", "(["]),
    st.sampled_from([",", " ,\n ", "\n"]),
    st.sampled_from(["]", "];\n", "", "]; [1]"]),
    st.integers(1, 90),
    st.integers(20, 300),
)  # fmt: skip
def test_blocks_hold_what_comes_one_by_one(items, begin, comma, end, chunk, window):
    """Whatever a list holds, reading it in blocks gives the same elements, faults and places."""
    data = (begin + comma.join(items) + end).encode("utf-8", "surrogatepass")
    chunks = [data[at : at + chunk] for at in range(0, len(data), chunk)]
    alone = JsonItems(chunks)
    singles = [(piece.number, compact_json(piece.value)) if isinstance(piece, Item) else piece for piece in alone]
    together: list = []
    several = JsonItems(chunks)

    def take(block: Block) -> bool:
        together.extend((block.number + at, raw) for at, raw in enumerate(block.raw.to_pylist()))
        return True

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_items, "WINDOW", window)
        for piece in several.in_blocks(take):
            if not isinstance(piece, Block):
                together.append((piece.number, compact_json(piece.value)) if isinstance(piece, Item) else piece)
    assert (together, several.ended_early) == (singles, alone.ended_early)


@pytest.mark.parametrize("length", [1, 20_000, 100_000, 300_000])
def test_a_block_ends_before_an_element_of_any_length(length):
    """However long the element is that the window cuts off, those before it are one block."""
    data = ", ".join(json.dumps(tweet(number, "a" * (length if number == 9 else 1))) for number in range(10))
    block = first_block(data[:-1].encode(), 0, ["tweet"], all_read=False)
    assert block
    assert block.values == [tweet(number, "a") for number in range(9)]


def test_a_never_ending_element_is_given_up():
    """An element beyond the allowed length is broken, and the following ones are read."""
    endless = '{"tweet": {"entities": [' + "1," * 5000
    data = f"[{json.dumps(tweet(1))}, {endless} {json.dumps(tweet(3))}, {json.dumps(tweet(4))}]".encode()
    values, broken, _ = read(data, chunk=64, enough=64, largest=2000)
    assert ids(values) == ["1", "3", "4"]
    assert "longer than 2,000 characters" in broken[0].why


def test_elements_of_the_older_kind_are_found_by_how_they_begin():
    """Monthly archives have no wrapper: the first key of the elements so far tells the next one."""
    values = [{"source": "web", "entities": {"m": [{"name": "a"}, {"name": "b"}]}, "id": n} for n in range(5)]
    data = ("Grailbird.data.tweets_2009_02 = \n " + json.dumps(values, indent=1)).replace('"id": 2', '"id": 2x')
    got, broken, _ = read(data.encode(), chunk=50, enough=50)
    assert [value["id"] for value in got] == [0, 1, 3, 4]
    assert [b.number for b in broken] == [3]


def test_a_first_element_that_is_all_damage_loses_no_other():
    """When nothing is known of the elements yet, any object that is no value of another may be the next."""
    values = [{"source": "web", "m": [{"name": "a"}, {"name": "b"}], "id": n} for n in range(4)]
    text = json.dumps(values).replace('{"source": "web"', '{\x00\x00"web"', 1)
    got, broken, _ = read(text.encode())
    assert [value["id"] for value in got if "id" in value] == [1, 2, 3]
    assert broken[0].number == 1


@pytest.mark.parametrize("keep", [0.3, 0.5, 0.9, 0.999])
def test_a_cut_file_gives_its_whole_elements(keep):
    """Everything before the cut is read, and where the file stops is said."""
    values = [tweet(100 + n) for n in range(10)]
    data = PREFIX + json.dumps(values, indent=1).encode()
    cut = data[: int(len(data) * keep)]
    whole = sum(f'"id_str": "{100 + n}"'.encode() in cut.rpartition(b"\n }")[0] for n in range(10))
    got, broken, items = read(cut, chunk=100)
    assert got == values[:whole]
    assert whole
    assert (len(broken), "stops" in items.ended_early, "byte" in items.ended_early) == (0, True, True)


def test_a_missing_bracket_at_the_end_is_told():
    """A list of whole elements that is not closed may have lost others."""
    got, broken, items = read(json.dumps([tweet(1), tweet(2)]).encode()[:-1])
    assert (ids(got), broken) == (["1", "2"], [])
    assert "before the list's end, after item 2" in items.ended_early


def test_damage_in_the_stream_ends_the_list_with_its_reason():
    """What the stream gave before it failed is read."""

    def chunks():
        yield json.dumps([tweet(1), tweet(2)]).encode()[:-20]
        raise InputError("the disk is gone")

    items = JsonItems(chunks())
    assert ids([item.value for item in items]) == ["1"]
    assert items.ended_early.startswith("the disk is gone; it stops in the middle of item 2")


@pytest.mark.parametrize("data", [b"[{}] ;\n", b"[]", b"window.x = [ ]", b'[1, null, true, "a"]', b'{"a": 1}'])
def test_small_lists_are_complete(data):
    """Empty lists, lists of other values and a lone object end without complaint."""
    _, broken, items = read(data, chunk=1, enough=1)
    assert (broken, items.ended_early) == ([], None)


def test_a_list_that_is_closed_too_early_goes_on():
    """What follows a stray bracket is read, and the bracket is reported."""
    data = f"[{json.dumps(tweet(1))}], {json.dumps(tweet(2))}, {json.dumps(tweet(3))}]".encode()
    values, broken, items = read(data)
    assert (ids(values), len(broken), items.ended_early) == (["1", "2", "3"], 1, None)


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf"])
def test_nothing_is_no_error(data):
    """An empty file has no elements."""
    values, broken, _ = read(data)
    assert (values, broken) == ([], [])


GARBAGE = {
    "binary": b"\x89PNG\r\n" + bytes(range(256)) * 20_000,
    "brackets": b"[" * 5_000_000,
    "keys": b'{"tweet"' * 600_000,
    "lists": b'{"tweet":[' * 300_000,
    "values": b'[{"tweet":' * 300_000,
    "quotes": b'"' * 3_000_000,
    "braces": b"{" * 3_000_000,
    "blanks": b" " * 5_000_000,
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_megabytes_of_garbage_end(garbage):
    """Garbage of several megabytes before the list is read in linear time, and the list after it is found."""
    values, broken, _ = read(garbage + b"\n\n,, " + json.dumps([tweet(1), tweet(2)]).encode())
    assert ids(values)[-2:] == ["1", "2"]
    assert broken or garbage.isspace()
    _, broken, items = read(garbage)
    assert broken or items.ended_early


def test_garbage_within_the_list_ends():
    """Megabytes of damage in the middle of a list cost no post around it."""
    for noise in (b"\x00\xff{}[]:," * 600_000, b'{"tweet": {' * 50_000, b'{"tweet": [' * 400_000):
        first, second = (json.dumps(tweet(n)).encode() for n in (1, 2))
        values, broken, _ = read(b"[" + first + b", " + noise + b"\n" + second + b"]")
        assert [i for i in ids(values) if i][:1] == ["1"]
        assert [i for i in ids(values) if i][-1:] == ["2"]
        assert broken


def test_bytes_of_windows_are_read_and_told():
    """A post with bytes that are not UTF-8 is read as Windows-1252; its neighbours are left alone."""
    good = json.dumps(tweet(1, "grün"), ensure_ascii=False).encode()
    bad = json.dumps(tweet(2, "gr\udcfcn \udc85"), ensure_ascii=False).encode("utf-8", "surrogateescape")
    worse = json.dumps(tweet(3, "\udc81"), ensure_ascii=False).encode("utf-8", "surrogateescape")
    items = list(JsonItems([b"[" + good + b"," + bad + b"," + worse + b"," + good + b"]"]))
    assert [getattr(item, "repaired", None) for item in items] == [False, True, None, False]
    assert items[1].value["tweet"]["full_text"] == "grün …"
    assert items[3].value["tweet"]["full_text"] == "grün"
    assert (items[2].number, items[2].byte) == (3, len(good) + len(bad) + 3)


def test_stray_bytes_in_loosely_written_json_are_repaired_too():
    """A comma before what closes, or a comment, does not keep the element from being read."""
    data = b'[{"tweet": {"id_str": "1", "full_text": "caf\xe9",}}, {"tweet": {"id_str": "2"} /* \xe9 */}]'
    items = list(JsonItems([data]))
    assert [item.repaired for item in items] == [True, True]
    assert [item.value["tweet"] for item in items] == [{"id_str": "1", "full_text": "café"}, {"id_str": "2"}]


def test_a_place_is_where_the_item_begins():
    """Line and byte of an item count bytes, not characters."""
    data = PREFIX + json.dumps([tweet(1, "朝"), tweet(2)], ensure_ascii=False, indent=1).encode()
    items = JsonItems([data[:50], data[50:]], enough=8)
    for item in items:
        line, byte = items.place(item)
        assert data[byte : byte + 1] == b"{"
        assert line == data[:byte].count(b"\n") + 1


def test_compact_writes_what_fast_libraries_refuse():
    """Numbers beyond 64 bits and half a surrogate pair are kept as they came."""
    assert compact_json({"a": [1, "é"]}) == '{"a":[1,"é"]}'
    assert compact_json({"a": 2**70}) == '{"a":1180591620717411303424}'
    assert compact_json({"a": "\ud83d"}) == '{"a":"\\ud83d"}'
