"""What copies are: the same in SQL as in Python."""

from __future__ import annotations

import hashlib
import random
import re
import unicodedata

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.exports.choosing import exact_key
from curation.sql import database

ODD = " \t\n\x1c\x1f\x85\u00a0\u2028\u3000\0aAßẞςΣİıŉǰée\u0301\u0345กำุ้К가각ᄀ\u1161ｱ\uff9eÅΏ🦊\ufe0f\u200dשּׁآحّ"


def in_sql(texts: list[str]) -> list[tuple]:
    """Canonical form, number and words of each, as SQL has them."""
    connection = database.connect(threads=1)
    exact_key.register(connection)
    connection.register("given", pa.table({"text": pa.array(texts, pa.string()), "place": range(len(texts))}))
    row = connection.execute(
        f"SELECT same, {exact_key.number_of('same', 7)}, {exact_key.words_of('same')} FROM "
        f"(SELECT place, {exact_key.canonical_of('text')} AS same FROM given) ORDER BY place"
    ).fetchall()
    connection.close()
    return row


def in_python(text: str) -> tuple:
    """The same in Python."""
    same = exact_key.canonical(text)
    digest = hashlib.md5(f"words\0{same}".encode(), usedforsecurity=False).digest()
    return same, exact_key.number(text, 7), int.from_bytes(digest[:8])


@given(st.lists(st.text(st.sampled_from(ODD) | st.characters(exclude_categories=["Cs"]), max_size=12), max_size=30))
@settings(max_examples=15, deadline=None)
def test_sql_says_what_python_says(texts):
    """To the last bit, whatever stands in the texts: blanks, marks, letters that fold to two, joiners, NUL."""
    assert in_sql(texts) == [in_python(text) for text in texts]


def test_sql_knows_every_character_of_its_own():
    """Each of those that SQL answers for, alone and among others: none is changed by NFC, or by what precedes it."""
    escapes = re.sub(r"\\x\{([0-9a-f]+)\}", lambda row: f"\\U{int(row[1], 16):08x}", exact_key.PLAIN)
    plain = re.compile(f"[{escapes}]")
    points = [chr(point) for point in range(0x20000) if not 0xD800 <= point <= 0xDFFF]
    own = [sign for sign in points if plain.match(sign)]
    joining = {unicodedata.normalize("NFD", sign)[1:2] for sign in points}
    assert not [sign for sign in own if unicodedata.combining(sign) or sign in joining]
    assert len(own) > 40_000
    draw = random.Random(1)
    texts = [f"a{''.join(draw.sample(own, 20))} Z" for _ in range(500)]
    every = ["".join(own[begin : begin + 50]) for begin in range(0, len(own), 50)]
    assert [same for same, _, _ in in_sql(texts + every)] == [exact_key.canonical(text) for text in texts + every]
