"""Draws by a seed: the same on every machine, and the same as in every version before."""

from __future__ import annotations

import hashlib

import duckdb
import pytest

from curation.sql.order import drawn, drawn_number, seeded


def value(expression: str) -> object:
    """What an expression gives for one post."""
    [(answer,)] = duckdb.sql(f"SELECT {expression} FROM (SELECT 'x' AS platform, '17' AS id)").fetchall()
    return answer


@pytest.mark.parametrize(
    ("purpose", "text"),
    [("cap", "cap/3/x/17"), ("sample", "x:173"), ("comparison", "x\x0017\x003"), ("copies", "split\x003\x00x17")],
)
def test_a_draw_hashes_a_text_that_stays(purpose, text):
    """Another text would draw other posts for the same seed."""
    keys = ["platform || id"] if purpose == "copies" else ["platform", "id"]
    assert value(seeded(3, purpose, keys)) == text
    digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    assert value(drawn(3, purpose, keys)) == digest
    assert value(drawn_number(3, purpose, keys)) == int.from_bytes(bytes.fromhex(digest[:16]), "little")
