"""Slack and Matrix: of a room only one person's words are read."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from typing import Any

import pytest

from curation.errors import InputError
from curation.sources.dialects import Context, best_of, find_dialect
from curation.sources.records.not_a_post import LeftOutRecord
from tests.sources.dialects.landing import collected, only

WHEN = datetime(2024, 3, 5, 9, 15, tzinfo=UTC)
SLACK = {
    "type": "message", "user": "U01ADA", "text": "霧 &amp; 海", "ts": "1709630100.000200",
    "user_profile": {"name": "ada", "real_name": "Ада", "display_name": "ada_fog"},
}  # fmt: skip
MATRIX = {
    "type": "m.room.message", "sender": "@ada:fog.example", "event_id": "$1", "origin_server_ts": 1709630100000,
    "content": {"msgtype": "m.text", "body": "туман"},
}  # fmt: skip


def read(name: str, record: dict[str, Any], author: str | None) -> Any:
    """The row of a message, or why there is none."""
    assert best_of(record) == (name, 1.0)
    (found,) = find_dialect(name).posts(record, Context(author=author))
    return str(found) if isinstance(found, LeftOutRecord) else found[0]


@pytest.mark.parametrize("author", ["U01ADA", "ada", "Ада", "ADA_FOG"])
def test_a_message_of_slack_is_of_whoever_it_names(author):
    """By number, handle or name."""
    row = read("slack", SLACK, author)
    assert (row["id"], row["author"], row["text"]) == ("U01ADA/1709630100.000200", author, "霧 &amp; 海")
    assert (row["created_at"], row["text_format"], row["is_reply"]) == (WHEN, "escaped", False)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<@U02BOB> да", "@U02BOB да"),
        ("<@U02BOB|bob> да", "@bob да"),
        ("<https://example.org/a|หมอก> <https://example.org>", "หมอก https://example.org"),
        ("<#C01|general> <!here> <!subteam^S1|@crew> a &lt;b&gt;", "#general @here @crew a &lt;b&gt;"),
        ("<mailto:a@example.org|a@example.org> < 3", "a@example.org < 3"),
    ],
)
def test_slacks_markup_is_read_as_people_see_it(text, shown):
    """Mentions, channels and links."""
    assert read("slack", {**SLACK, "text": text}, "ada")["text"] == shown


@pytest.mark.parametrize("record", [{k: v for k, v in SLACK.items() if k != "ts"}, {**SLACK, "ts": [1]}])
def test_a_message_of_slack_without_a_time_has_no_id(record):
    """It lands, and its file too."""
    ((row, _),) = find_dialect("slack").posts(record, Context(author="ada"))
    assert (row["id"], row["created_at"], row["text"]) == (None, None, "霧 &amp; 海")


def test_an_answer_in_a_thread_of_slack():
    """By whoever began it."""
    answer = {**SLACK, "thread_ts": "1709630000.000100", "parent_user_id": "U02BOB"}
    assert read("slack", answer, "ada")["reply_to"] == "U02BOB/1709630000.000100"
    assert read("slack", {**SLACK, "thread_ts": SLACK["ts"]}, "ada")["is_reply"] is False


@pytest.mark.parametrize(
    ("name", "record", "author"),
    [
        ("slack", SLACK, None),
        ("slack", SLACK, "bob"),
        ("slack", {**SLACK, "subtype": "channel_join"}, "ada"),
        ("slack", {**SLACK, "subtype": "bot_message", "user": None}, "ada"),
        ("slack", {**SLACK, "text": ""}, "ada"),
        ("slack", {**SLACK, "text": None, "user_profile": 3}, "U01ADA"),
        ("matrix", MATRIX, None),
        ("matrix", MATRIX, "bob"),
        ("matrix", {**MATRIX, "type": "m.room.member"}, "ada"),
        ("matrix", {**MATRIX, "type": "m.room.encrypted"}, "ada"),
        ("matrix", {**MATRIX, "content": {"msgtype": "m.image", "body": "fog.png"}}, "ada"),
        ("matrix", {**MATRIX, "content": {}}, "ada"),
    ],
)
def test_notices_pictures_and_others_are_left_out(name, record, author):
    """And everything where nobody is named."""
    assert isinstance(read(name, record, author), str)


def test_a_message_of_matrix_its_answers_and_its_edits():
    """The lines that an answer repeats are somebody else's; an edit is the later version of what it replaces."""
    for author in ("ada", "ada:fog.example"):
        row = read("matrix", MATRIX, author)
        assert (row["id"], row["author"], row["text"], row["created_at"]) == ("$1", author, "туман", WHEN)
    relation = {"m.in_reply_to": {"event_id": "$0"}}
    quoting = {"msgtype": "m.text", "body": "> <@bob:fog.example> 霧\n> 海\n\nда", "m.relates_to": relation}
    row = read("matrix", {**MATRIX, "content": quoting}, "ada")
    assert (row["text"], row["is_reply"], row["reply_to"]) == ("да", True, "$0")
    edit = {
        "msgtype": "m.text", "body": "* หมอก", "m.new_content": {"msgtype": "m.text", "body": "หมอก"},
        "m.relates_to": {"rel_type": "m.replace", "event_id": "$1"},
    }  # fmt: skip
    row = read("matrix", {**MATRIX, "event_id": "$2", "content": edit}, "ada")
    assert (row["id"], row["text"], row["edited_at"]) == ("$1", "หมอก", WHEN)


def test_an_export_of_slack_is_read_as_a_folder_and_as_a_zip(tmp_path):
    """Its channels; conversations of two, and the list of people with their e-mail, stay closed."""
    folder = tmp_path / "export"
    for channel in ("general", "D0ABCDEFGH", "mpdm-ada--bob-1"):
        (folder / channel).mkdir(parents=True)
        (folder / channel / "2024-03-05.json").write_text(json.dumps([SLACK | {"text": channel}]), encoding="utf-8")
    (folder / "channels.json").write_text('[{"id": "C1", "creator": "U1", "topic": {}, "purpose": {}, "members": []}]')
    (folder / "users.json").write_text(
        '[{"id": "U1", "team_id": "T", "deleted": false, "profile": {"email": "nobody@example.org"}}]'
    )
    shutil.make_archive(str(folder), "zip", folder)
    for path in (folder, tmp_path / "export.zip"):
        rows, rejected, notices = collected(path, author="ada")
        assert (only(rows, "author", "text"), rejected) == ([("ada", "general")], [])
        assert "nobody@" not in " ".join(notices)


def test_a_folder_in_which_nothing_can_be_read_says_what_else_there_is(tmp_path):
    """Folders below it among them."""
    (tmp_path / "a.json").write_text('{"a": 1}')
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "b.jsonl").write_text('{"text": "туман", "id": "1"}')
    with pytest.raises(InputError, match=r"a\.json is JSON.*To read a folder as well, name it too"):
        collected(tmp_path)
