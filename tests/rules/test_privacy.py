"""What `pii` masks, and that its cheap test never stands in the way."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.errors import RecipeError
from curation.functions.privacy import kinds_of_pii, mask
from curation.rules.cleanup import Pii
from curation.sql import database
from tests import strategies
from tests.judge import judge, recipe_of

MASKS = {"email": "[email]", "phone": "[phone]", "ip": "[ip]", "handle": "@user"}
EVERY = Pii(kinds=tuple(MASKS))

#: What addresses and numbers are made of, so that what is drawn is often nearly one.
PARTS = st.sampled_from(
    (
        "0", "1", "6", "12", "34", "049", "555", "1234", "5678", "2014", "0170", "１２", "٠٥", "٣٤", "+", "00", "-",
        "–", "ー", "/", ".", " ", "\u3000", "  ", "(", ")", "（", "）", "mira", "a", "@", "＠", "(at)",
        " [at] ", "fog.org",
        "example", ".org", "192.0.2", "2001:db8", ":", "::", "f", "tel", "Tel. ", "電話", "☎", "https://", "www.", "#",
        "$", "_", ",", "霧", "[phone]", "\n", "\x00", "é", "31.12.", "%",
    )
)  # fmt: skip
NEARLY = st.lists(PARTS, max_size=14).map("".join)


def ask(sql: str, texts: list[str]) -> list[Any]:
    """The value of an expression over `text` for each text."""
    connection = database.connect(threads=1)
    for function in EVERY.functions():
        function.register(connection)
    rows = connection.execute(f"SELECT {sql} FROM (SELECT unnest($texts::VARCHAR[]) AS text)", {"texts": texts})
    return [value for (value,) in rows.fetchall()]


@given(st.lists(st.one_of(NEARLY, strategies.texts()), min_size=1, max_size=100))
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_cheap_test_lets_every_finding_through(texts: list[str]) -> None:
    """Where RE2 says that there is nothing to mask, Python finds nothing either."""
    asked = ask(EVERY.when(), texts)
    assert [
        text for text, asks in zip(texts, asked, strict=True) if not asks and mask([text], masks=MASKS) != [text]
    ] == []


@given(st.lists(st.one_of(NEARLY, strategies.texts()), min_size=1, max_size=100))
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_masking_twice_is_masking_once(texts: list[str]) -> None:
    """What is left after the first time is nothing to mask."""
    once = mask(texts, masks=MASKS)
    assert mask(once, masks=MASKS) == once


def test_nothing_else_is_touched() -> None:
    """Around what is masked every character stays, blanks and signs included."""
    assert mask(["\t(mira@example.org)\u3000\x00 555-123-4567…\n"], masks=MASKS) == ["\t([email])\u3000\x00 [phone]…\n"]


def test_the_kinds_are_named() -> None:
    """The record says which kinds were found, in a fixed order, each once."""
    texts = ["555-123-4567, a@fog.org, b@fog.org", "192.0.2.17 @mira", "soft fog"]
    assert kinds_of_pii(texts, masks=MASKS) == ["email, phone", "ip, handle", ""]
    assert ask(EVERY.records(), texts) == ["email, phone", "ip, handle", ""]


def test_a_placeholder_is_taken_as_it_is() -> None:
    """Whatever stands for an address or a number stands there as it was written."""
    for hostile in strategies.HOSTILE:
        masks = {"email": hostile, "phone": hostile}
        assert mask(["mira@example.org, tel 555-123-4567"], masks=masks) == [f"{hostile}, tel {hostile}"]
    both = " ".join(strategies.HOSTILE)
    [post] = judge([{"text": "write mira@example.org now"}], {"use": "pii", "email": both})
    assert post["text"] == f"write {both} now"


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"kinds": []}, "nothing would be masked"),
        ({"kinds": ["mail"]}, "no kind 'mail'; `kinds` may hold email"),
    ],
)
def test_wrong_kinds_are_refused(parameters: dict[str, Any], said: str) -> None:
    """A recipe that masks nothing, or something unheard of, is refused before any data is touched."""
    with pytest.raises(RecipeError, match=said.replace("`", ".")):
        recipe_of({"use": "pii", **parameters})


def test_long_runs_take_no_longer_than_their_length() -> None:
    """Texts made to mislead an expression that goes back and forth are done with at once."""
    parts = ("1-", "a.", "a%", "a--", "a@a.", "1.", "1,1.", "(1", "+1 ", "2001:", "@a.", "tel 1 ", "a (at) ", "@a-")
    texts = [part * 20_000 for part in parts]
    assert len(mask(texts, masks=MASKS)) == len(texts)


def test_the_expressions_are_those_of_re2_too() -> None:
    """DuckDB takes the cheap test of each kind by itself."""
    for kind in MASKS:
        duckdb.connect().execute(f"SELECT {Pii(kinds=(kind,)).when()} FROM (SELECT 'fog' AS text)")
