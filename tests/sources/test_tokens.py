"""Tokens: out of a file or the environment, and never shown."""

from __future__ import annotations

import pytest

from curation.errors import UsageError
from curation.sources.http.tokens import token_from

TOKEN = "AAAAkettle%2Fsecret"


@pytest.mark.parametrize("written", [TOKEN, f"  {TOKEN}\r\n\n", f"Bearer {TOKEN}\n", f"\ufeffbearer\t{TOKEN}"])
def test_the_file_wins_over_the_environment(tmp_path, monkeypatch, written):
    """A token file may begin with `Bearer` and end with blank lines, and counts before the environment."""
    path = tmp_path / "token"
    path.write_text(written, encoding="utf-8")
    monkeypatch.setenv("ANY", "another")
    assert token_from(["ANY"], path) == TOKEN


def test_names_are_tried_in_their_order(monkeypatch):
    """The first variable that holds anything gives the token; none gives None."""
    monkeypatch.setenv("FIRST_NAME", "  ")
    monkeypatch.setenv("SECOND_NAME", f" Bearer {TOKEN}")
    assert token_from(["FIRST_NAME", "SECOND_NAME"], None) == TOKEN
    assert token_from(["FIRST_NAME"], None) is None


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        (b"", "is empty"),
        (b" \n ", "is empty"),
        (b"Bearer", "nothing after it"),
        (b"kettle\nsecret", "several lines"),
        (b"kettle secret", "blanks"),
        ("kéttle-secret".encode(), "no token has"),
        (b"kettle\x00secret", "no token has"),
        (b"\xff\xfekettle", "holds no text"),
        (b"kettle" * 10_000, "more than"),
    ],
)
def test_what_is_no_token_is_said_without_showing_it(tmp_path, written, wrong):
    """A file that holds no token is a wrong option; the sentence names the file and shows nothing out of it."""
    path = tmp_path / "my.token"
    path.write_bytes(written)
    with pytest.raises(UsageError) as error:
        token_from([], path)
    assert wrong in str(error.value)
    assert "my.token" in str(error.value)
    told = str(error.value) + repr(error.value.__cause__)
    assert "secret" not in told
    assert "kettle" not in told


def test_a_token_file_that_is_not_there(tmp_path):
    """A file that can't be read is a sentence with its name and the reason."""
    with pytest.raises(UsageError, match=r"nowhere can't be read: No such file"):
        token_from([], tmp_path / "nowhere")
