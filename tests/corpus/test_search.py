"""A search finds what its cases say, whatever is typed is read or refused, and the marks are what was found."""

from __future__ import annotations

import datetime
import re
import tomllib
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.corpus.corpus import Corpus
from curation.corpus.search import FIELDS, SIGNS, parse
from curation.corpus.search.query import DEEPEST, LONGEST, TERMS
from curation.corpus.selection import of_kept
from curation.errors import UsageError
from curation.options.export import ExportOptions
from curation.sql import database

CASES = tomllib.loads(Path(__file__).with_name("search_cases.toml").read_text("utf-8"))
NONE = dict.fromkeys(("author", "author_name", "reply_to_author", "id", "url", "client", "created_at"))


def found(search: str, *posts: dict | str) -> list[bool]:
    """Whether each post is found; a text stands for a post with it."""
    rows = [{**NONE, **(post if isinstance(post, dict) else {"text": post})} for post in posts]
    table = "unnest(?::STRUCT(text VARCHAR, raw_text VARCHAR, author VARCHAR, author_name VARCHAR, "
    table += "reply_to_author VARCHAR, id VARCHAR, url VARCHAR, client VARCHAR, created_at TIMESTAMPTZ)[]) AS _(post)"
    sql, parameters = parse(search).condition()
    given = [{"raw_text": row["text"], **row} for row in rows]
    order = ("text", "raw_text", *NONE)
    answer = database.reader().execute(
        f"SELECT {sql} FROM (SELECT unnest(post) FROM {table}) AS posts",
        [*parameters, [{name: row[name] for name in order} for row in given]],
    )
    return [one for (one,) in answer.fetchall()]


@pytest.mark.parametrize("case", CASES["case"], ids=lambda case: case["search"])
def test_cases(case):
    """A search finds the texts of its case, leaves the others, and marks something in what it found only."""
    texts = [*case["finds"], *case["misses"]]
    assert found(case["search"], *texts) == [True] * len(case["finds"]) + [False] * len(case["misses"])
    search = parse(case["search"])
    if case["search"] != "link:*":  # it says that there is one, and no word
        assert all(search.spans(text) for text in case["finds"])
    if not re.search(r"\s|NOT", case["search"]):  # of several terms one may be there
        assert not any(search.spans(text) for text in case["misses"])


@pytest.mark.parametrize("wrong", CASES["wrong"], ids=lambda wrong: wrong["search"])
def test_what_cannot_be_read(wrong):
    """An error says at which character, and what is wrong there."""
    with pytest.raises(UsageError, match=re.escape(wrong["says"])):
        parse(wrong["search"])


def test_a_search_has_bounds():
    """A very long one, one of very many terms and a very deep one are refused."""
    for text in ("a" * (LONGEST + 1), " ".join("a" * (TERMS + 1)), "(" * (DEEPEST + 1), "-(" * DEEPEST + "a", "\udc80"):
        with pytest.raises(UsageError):
            parse(text)


MARCH = datetime.datetime(2020, 3, 31, 23, tzinfo=datetime.UTC)
POST = {
    "text": "tea", "raw_text": "tea https://a.example", "author": "Mira", "author_name": "Mira of the sea", "id": "12",
    "reply_to_author": "bob", "url": "https://x.example/mira/status/12", "client": "Phone App", "created_at": MARCH,
}  # fmt: skip


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("text:tea", True), ("text:example", False), ("raw:example", True), ("example", True),
        ("author:@mira", True), ("author:mir", False), ("author:mir*", True), ("author:(bob OR mira)", True),
        ("name:sea", True), ("name:se", False), ("to:Bob", True), ("id:12", True), ("id:1", False), ("id:1*", True),
        ("url:status", True), ("client:app", True), ("client:*", True), ("-client:*", False), ("client:/^phone/", True),
        ("since:2020-03", True), ("since:2020-04-01", False), ("until:2020-03", True), ("until:2020-03-30", False),
        ("until:2020", True), ("until:2019", False), ("since:2020 until:2020-03-31", True), ("AUTHOR:mira", True),
    ],
)  # fmt: skip
def test_fields(search, expected):
    """A field is compared with its column, and a post without a value never has one."""
    empty = {"text": "-"}
    assert found(search, POST, empty) == [expected, search.startswith("-")]


def test_the_help_is_right():
    """Every example of the help can be read, and every field is in it."""
    assert [parse(example).text for example, _ in SIGNS]
    assert {parse(field.example).node.field.name for field in FIELDS.values()} == set(FIELDS)


def test_marks_of_a_field():
    """A term of one text is not marked in the other, and no term behind a minus is marked."""
    search = parse("raw:tea -cup milk")
    assert search.spans("tea cup milk", "text") == [(8, 12)]
    assert search.spans("tea cup milk", "raw_text") == [(0, 3), (8, 12)]
    assert parse("good OR /o+/ OR *od*").spans("good food") == [(0, 4), (6, 9)]


ALPHABET = st.sampled_from(
    [*"aAbéßσς1_#@-*:/\\\"'()[].|?+$%; なガ\u3099", "\u0301", "ด", "커", "न", "\u094d", "OR ", "NOT "]
)
TYPED = st.lists(ALPHABET | st.sampled_from([*FIELDS, "text:", "since:2"]), max_size=14).map("".join) | st.text(
    max_size=9
)


@given(TYPED)
@settings(max_examples=300, deadline=None)
def test_whatever_is_typed(typed):
    """It is read or refused with a sentence; none of it gets into the SQL, which the database can run."""
    try:
        search = parse(typed)
    except UsageError:
        return
    sql, parameters = search.condition()
    assert sql.count("?") == len(parameters)
    assert re.fullmatch(r"[A-Za-z_ (),?<>=:']*", sql)
    assert set(re.findall(r"'[^']*'", sql)) <= {"''"}
    assert found(typed, typed) in ([True], [False])
    assert all(0 <= begin < end <= len(typed) for begin, end in search.spans(typed))


# What a search should find, worked out letter by letter and without a regular expression.

LETTERS = [*"abAB", "é", "E\u0301", "σ", "ς", "1", "な", "ガ", "ด", "커", "न", "\u094d", "_", "'", ".", "☕", "\ufe0f"]
TEXTS = st.lists(st.sampled_from([*LETTERS, " ", " ", "\u3000"]), max_size=12).map("".join)
WORDS = st.lists(st.sampled_from([sign for sign in LETTERS if sign not in "'._\ufe0f"]), min_size=1, max_size=2)


def is_plain(text: str, at: int, *, spaceless: bool = False) -> bool:
    """Whether a letter, mark, digit or underscore of a script with blanks stands there."""
    if not 0 <= at < len(text) or text[at] == "\ufe0f":
        return False
    return (text[at] == "_" or unicodedata.category(text[at])[0] in "LMN") and text[at] not in "なカガด"


def expected_word(word: str) -> Callable[[str], bool]:
    """Whether a text has a whole word."""
    word = unicodedata.normalize("NFC", word)

    def has(text: str) -> bool:
        text = unicodedata.normalize("NFC", text)
        for at in range(len(text) - len(word) + 1):
            end = at + len(word)
            if text[at:end].casefold() != word.casefold():
                continue
            left, right = at, end
            while is_plain(word, 0) and left and text[left - 1] == "_":
                left -= 1
            while is_plain(word, -1 + len(word)) and right < len(text) and text[right] == "_":
                right += 1
            begins = not (is_plain(word, 0) and is_plain(text, left - 1))
            last = word.rstrip("\u094d")[-1:] or word[-1]
            korean = last == "커" and text[right : right + 1] == "커"
            ends = not (is_plain(last, 0) and is_plain(text, right)) or korean
            if begins and ends:
                return True
        return False

    return has


@st.composite
def searches(draw: st.DrawFn, depth: int = 2) -> tuple[str, Callable[[str], bool]]:
    """A search, and the oracle of what it finds."""
    kind = draw(st.sampled_from(["word"] * 3 + ["not", "and", "or"] * bool(depth)))
    if kind == "word":
        word = "".join(draw(WORDS))
        return f'"{word}"', expected_word(word)
    one, finds = draw(searches(depth - 1))
    if kind == "not":
        return f"-({one})", lambda text: not finds(text)
    other, also = draw(searches(depth - 1))
    if kind == "and":
        return f"({one}) {other}", lambda text: finds(text) and also(text)
    return f"({one} OR {other})", lambda text: finds(text) or also(text)


@given(searches(), st.lists(TEXTS, min_size=1, max_size=8))
@settings(max_examples=300, deadline=None)
def test_an_oracle_agrees(search, texts):
    """What is found in any texts is what the rules of words say, and a single word is marked where it was found."""
    typed, finds = search
    expected = [finds(text) for text in texts]
    assert found(typed, *texts) == expected, (typed, texts)
    if typed.startswith('"'):
        assert [bool(parse(typed).spans(text)) for text in texts] == expected


def test_the_command_line_has_the_same_search():
    """`--search` is read as the page reads it, and an older manifest keeps a text to search for as it is written."""
    corpus = Corpus(Path("nowhere"), {"recipe": {"rules": []}})
    [condition] = of_kept(corpus, {}, "coffee -tea")
    assert (condition.sql, list(condition.parameters)) == parse("coffee -tea").condition()
    with pytest.raises(UsageError, match="character 1"):
        of_kept(corpus, {}, "OR")
    now = ExportOptions(search="and/or OR (x)")
    assert ExportOptions.of_manifest(now.manifest()) == now
    old = ExportOptions.of_manifest({"search": "and/or OR (x) \\/"}).search
    assert found(old, "AND/or or (X) \\/!", "and/or") == [True, False]
