"""Posts as rows, and decisions as the browser sends them."""

from __future__ import annotations

import re
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.corpus.pins.pin_file import KEPT, REMOVED, change_pins, pins_of
from curation.disk.workspace import Workspace
from dashboards import session
from dashboards.markup import spans_of
from dashboards.parts.post_list import _write
from dashboards.queries.post_rows import rows, text_pieces
from tests import hostile
from tests.dashboards.test_cards import RULES, post

LETTERS = st.text("ab é\n👩‍👩", max_size=12)


@given(LETTERS, LETTERS, st.sampled_from(["", "a", "B", "ab", '"a b"', "a*", "/b+/"]), st.sampled_from([0, 3, 50]))
def test_pieces_are_both_texts(before, after, search, most):
    """Without what is gone the pieces are the text after, without what came the one before; a cut is counted."""
    pieces, more = text_pieces(before, after, search, most)
    new = "".join(text for what, text in pieces if not what.startswith("del"))
    old = "".join(text for what, text in pieces if not what.startswith("ins"))
    if not most:
        assert (old, new, more) == (before, after, 0)
    assert all(text for _, text in pieces)
    hits = "".join(text for what, text in pieces if what.endswith("mark"))
    searched, spans = next(
        (
            (text, spans)
            for text, column in ((after, "text"), (before, "raw_text"))
            if (spans := spans_of(text, search, column))
        ),
        ("", []),
    )
    if not most:
        assert hits == "".join(searched[low:high] for low, high in spans)


def test_a_late_hit_is_shown():
    """A long text begins shortly before what was searched for."""
    pieces, more = text_pieces("a " * 2_000 + "soup" + " b" * 2_000, "a " * 2_000 + "soup" + " b" * 2_000, "soup", 200)
    assert pieces[0] == ["", "… "]
    assert ["mark", "soup"] in pieces
    assert more == 8_004 - (4_000 - 80) - 200


def test_a_row_says_why():
    """The reason that counts comes first, with the value; what the recipe does and what holds now are apart."""
    both = ["min_words", "exact_duplicate"]
    [row] = rows([post(matched=both, removed_by="min_words", min_words=2, duplicate_of="5", is_reply=True)], RULES)
    assert row["reasons"] == ["Short tweets: 2 words < 3", "Exact duplicates: a copy of 5"]
    assert (row["recipe"], row["now"], row["original"], row["kind"]) == (REMOVED, REMOVED, "x:5", "reply")
    [row] = rows([post(matched=["min_words"], removed_by=None, by_hand=KEPT, author="", created_at=None)], RULES)
    assert (row["recipe"], row["now"], row["applied"]) == (REMOVED, KEPT, KEPT)
    assert (row["author"], row["at"]) == ("unknown", "no time")


def test_hostile_posts_steer_nothing():
    """No string of a row turns the direction of writing or is invisible; the browser makes text nodes of them."""
    for row in rows(
        [post(**{k: each[k] for k in ("author", "author_name", "text")}) for each in hostile.HOSTILE], RULES
    ):
        words = [row["author"], row["name"], *(text for _, text in row["text"])]
        assert not re.search(r"[\u202e\u2066\x00-\x08]", "".join(words))


@pytest.fixture(autouse=True)
def local(monkeypatch):
    """A visitor on this machine, who may write."""
    monkeypatch.setenv(session.WRITES, "local")


def batch(*decisions: tuple, first: int = 1) -> dict:
    """Decisions as the browser sends them: post, what is wanted, and perhaps a note."""
    keys = ("post", "want", "note")
    return {
        "tab": "t",
        "decisions": [{"number": first + n, **dict(zip(keys, each, strict=False))} for n, each in enumerate(decisions)],
    }


def test_a_batch_is_written_in_its_order(tmp_path):
    """The last decision about a post holds, its note stays unless another one is given, and the answer names it."""
    space = Workspace(tmp_path)
    first = batch(("x:1", REMOVED, "so"), ("x:2", KEPT), ("x:1", KEPT), ("file:a:b", REMOVED), ("x:2", "none"))
    assert _write(space, first) == {"tab": "t", "number": 5, "count": 5}
    pins = pins_of(space)
    assert [(pin.platform, pin.id, pin.want, pin.note) for pin in pins.pins] == [
        ("x", "1", KEPT, "so"),
        ("file", "a:b", REMOVED, ""),
    ]
    # A browser that heard no answer sends it again.
    assert _write(space, first)
    assert pins_of(space) == pins


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        {"decisions": "x"},
        {"decisions": [5, None]},
        batch(
            ("x", KEPT),
            (":1", KEPT),
            ("x:", KEPT),
            ("x:1", "gone"),
            (5, KEPT),
            ("x:1", KEPT, 5),
            ("x:1", KEPT, "n" * 9_999),
        ),
    ],
)
def test_what_is_no_decision_writes_nothing(tmp_path, wrong):
    """Whatever a browser sends, nothing but decisions comes into the file, and it is answered."""
    answer = _write(Workspace(tmp_path), wrong)
    assert not (tmp_path / "pins.toml").exists()
    assert answer is None or answer["count"] == 0


def test_a_damaged_file_is_said(tmp_path):
    """The answer says what is wrong, and the file stays as it is."""
    (tmp_path / "pins.toml").write_text("[[pin]", encoding="utf-8")
    answer = _write(Workspace(tmp_path), batch(("x:1", KEPT)))
    assert "TOML" in answer["error"]
    assert (tmp_path / "pins.toml").read_text(encoding="utf-8") == "[[pin]"


def test_who_only_looks_writes_nothing(tmp_path, monkeypatch):
    """A server that other machines reach refuses, and the answer says why."""
    monkeypatch.setenv(session.WRITES, "")
    assert _write(Workspace(tmp_path), batch(("x:1", KEPT)))["error"] == session.READ_ONLY
    assert not (tmp_path / "pins.toml").exists()


def test_two_tabs_lose_nothing(tmp_path):
    """Batches of several tabs at once, and the command line beside them, all come into the file."""
    space = Workspace(tmp_path)
    work = [
        lambda tab=tab: [_write(space, batch((f"x:{tab}{n}", KEPT), first=n)) for n in range(1, 8)] for tab in "abc"
    ]
    work.append(lambda: [change_pins(space, lambda pins, n=n: pins.pin("x", f"d{n}", REMOVED)) for n in range(1, 8)])
    threads = [threading.Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {pin.id for pin in pins_of(space).pins} == {f"{tab}{n}" for tab in "abcd" for n in range(1, 8)}
