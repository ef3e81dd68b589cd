"""Chats and channels: Telegram, Discord and WhatsApp. What is private stays unread, and nobody else's words land."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from curation.sources.dialects import Context, JsonFormat
from curation.sources.dialects.discord import Discord
from curation.sources.dialects.telegram import Telegram, text_of_parts
from curation.sources.files.whatsapp_chat import is_chat
from curation.sources.records.not_a_post import LeftOutRecord
from tests.sources.dialects.landing import collected, only

MESSAGE = {
    "id": 2,
    "type": "message",
    "date": "2024-03-05T10:15:00",
    "date_unixtime": "1709630100",
    "from": "Паром",
    "from_id": "user9",
    "text": "туман",
    "text_entities": [],
}


def read(kind: str | None, author: str | None = None, private: bool = False, **fields: Any) -> Any:
    """The row of a message in a chat of a kind, or why there is none."""
    around = ({"name": "Fog news", "type": kind, "id": 77},) if kind else ()
    context = Context(author=author, private=private, around=around)
    (found,) = Telegram.posts({**MESSAGE, **fields}, context)
    return str(found) if isinstance(found, LeftOutRecord) else found[0]


def test_a_public_channel_is_read_whole():
    """By the channel, at the time that has a zone."""
    row = read("public_channel", from_id="channel77", **{"from": "Fog news"})
    assert (row["platform"], row["id"], row["author"], row["text"]) == ("telegram", "77/2", "Fog news", "туман")
    assert row["created_at"] == datetime(2024, 3, 5, 9, 15, tzinfo=UTC)
    assert (row["is_repost"], row["is_reply"]) == (False, False)
    assert read("public_channel", author="ada")["author"] == "Fog news"  # a channel says whose it is


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"forwarded_from": "Bell"}, {"is_repost": True}),
        ({"forwarded_from": None}, {"is_repost": False}),
        ({"forwarded_from": None, "forwarded_from_id": "channel5"}, {"is_repost": True}),
        ({"reply_to_message_id": 1}, {"is_reply": True, "reply_to": "77/1"}),
        (
            {"date_unixtime": "x", "date": "2024-03-05T10:15:00"},
            {"created_at": datetime(2024, 3, 5, 10, 15, tzinfo=UTC)},
        ),
        (
            {"text": ["霧の", {"type": "bold", "text": "中"}, {"type": "link", "text": "https://example.org"}]},
            {"text": "霧の中https://example.org"},
        ),
    ],
)
def test_what_a_message_says_of_itself(fields, expected):
    """Forwarded, answered, old, in parts."""
    row = read("public_channel", **fields)
    assert {key: row[key] for key in expected} == expected


@pytest.mark.parametrize(
    "fields", [{"type": "service", "text": ""}, {"text": ""}, {"text": []}, {"text": [{"type": "x"}]}]
)
def test_what_has_no_words_is_left_out(fields):
    """Notices, pictures, stickers."""
    assert isinstance(read("public_channel", **fields), str)


@pytest.mark.parametrize("kind", ["public_supergroup", "private_group", "private_supergroup"])
def test_of_a_group_only_one_persons_words_are_read(kind):
    """By the name that the group shows, or by number."""
    assert "--author" in read(kind)
    assert "somebody else" in read(kind, author="Bell")
    assert [read(kind, author=name)["author"] for name in ("паром", "9", "user9")] == ["паром", "9", "user9"]


@pytest.mark.parametrize("kind", ["personal_chat", "bot_chat", "saved_messages", "private_channel"])
def test_a_private_chat_is_read_only_when_it_is_asked_for(kind):
    """And then too only one's own words."""
    assert "private" in read(kind, author="паром")
    assert read(kind, author="паром", private=True)["text"] == "туман"
    assert "somebody else" in read(kind, author="bell", private=True)


def test_one_is_known_by_the_handle_of_ones_own_export():
    """An export of all chats says who one is; nothing else of that is looked at."""
    me = {"personal_information": {"user_id": 9, "username": "@ferry_clerk", "phone_number": "+0"}}
    chat = {"name": "Fog", "type": "private_group", "id": 77}
    ((row, record),) = Telegram.posts(MESSAGE, Context(author="ferry_clerk", around=(me, chat)))
    assert row["author"] == "ferry_clerk"
    assert "+0" not in json.dumps([row["text"], record])


@pytest.mark.parametrize("parts", [None, 3, {"text": "a"}, [None, 3, {"text": 4}, ["a"]]])
def test_a_damaged_text_is_no_text(parts):
    """Nothing is raised."""
    assert text_of_parts(parts) == ""


DISCORD = {
    "id": "31",
    "type": "Default",
    "timestamp": "2024-03-05T10:15:00+01:00",
    "content": "หมอก",
    "author": {"id": "9", "name": "ferry_clerk", "discriminator": "0000", "nickname": "Паром", "isBot": False},
}


def test_of_discord_only_one_persons_words_are_read():
    """By name, nickname or number."""
    assert Discord.score(DISCORD) == 1
    around = ({"guild": {"name": "Fog"}, "channel": {"id": "5", "type": "GuildTextChat"}},)
    for name in ("ferry_clerk", "паром", "9"):
        ((row, _),) = Discord.posts(DISCORD, Context(author=name, around=around))
        assert (row["author"], row["text"], row["community"]) == (name, "หมอก", "5")
        assert row["created_at"] == datetime(2024, 3, 5, 9, 15, tzinfo=UTC)
    direct = ({"channel": {"id": "6", "type": "DirectTextChat"}},)
    for context in (Context(around=around), Context(author="bell", around=around), Context(author="9", around=direct)):
        assert isinstance(Discord.posts(DISCORD, context)[0], LeftOutRecord)
    assert isinstance(Discord.posts({**DISCORD, "type": "GuildMemberJoin"}, Context(author="9"))[0], LeftOutRecord)


def test_ones_own_package_of_discord_does_not_say_to_whom_things_were_written():
    """So all of it counts as private."""
    own = {"ID": 31, "Timestamp": "2024-03-05 09:15:00", "Contents": "fog", "Attachments": ""}
    (left_out,) = JsonFormat("discord", Context(author="ada")).posts(own)
    assert isinstance(left_out, LeftOutRecord)
    ((row, _),) = JsonFormat("discord", Context(author="ada", private=True)).posts(own)
    assert (row["id"], row["author"], row["text"]) == ("31", "ada", "fog")


IPHONE = (
    "\u200e[13/03/2024, 09:15:32] Fog: \u200eMessages and calls are end-to-end encrypted.\r\n"
    "[13/03/2024, 09:15:40] Ада: туман\r\nи лодка\r\n"
    "\u200e[13/03/2024, 09:16:00] Ада: \u200eimage omitted\r\n"
    "[14/03/2024, 21:00:00] Bob: https://example.org: a link\r\n"
)
ANDROID = (
    "3/12/24, 9:15\u202fPM - Messages to this chat are end-to-end encrypted.\n"
    "3/13/24, 9:15\u202fPM - Ada: one: two\n"
    "3/13/24, 9:16\u202fPM - Ada: <Media omitted>\n"
    "3/13/24, 9:17\u202fPM - Bob: three\n"
)
GERMAN = (
    "12.03.24, 21:15 - Ada: eins\n12.03.24, 21:16 - Ada: Diese Nachricht wurde gelöscht.\n13.03.24, 07:00 - Bob: zwei\n"
)
JAPANESE = "2024/03/12 21:15 - エイダ: 霧\n2024/03/12 21:16 - ボブ: 船\n"


@pytest.mark.parametrize(
    ("chat", "author", "expected"),
    [
        (IPHONE, "Ада", [("туман\nи лодка", datetime(2024, 3, 13, 9, 15, 40, tzinfo=UTC))]),
        (ANDROID, "ada", [("one: two", datetime(2024, 3, 13, 21, 15, tzinfo=UTC))]),
        (GERMAN, "Ada", [("eins", datetime(2024, 3, 12, 21, 15, tzinfo=UTC))]),
        (JAPANESE, "エイダ", [("霧", datetime(2024, 3, 12, 21, 15, tzinfo=UTC))]),
    ],
)
def test_a_chat_of_whatsapp_has_one_persons_messages(tmp_path, chat, author, expected):
    """Whatever the telephone's language; messages of several lines are one."""
    path = tmp_path / "_chat.txt"
    path.write_text(chat, encoding="utf-8", newline="")
    rows, rejected, _ = collected(path, author=author)
    assert rejected == []
    assert only(rows, "text", "created_at") == expected
    assert {row["platform"] for row in rows} == {"whatsapp"}


@pytest.mark.parametrize(
    "text", ["12.03.24: a list\n13.03.24: another\n", "[1] a\n[2] b\n", "", "2024-03-05 10:00 error: x\n"]
)
def test_what_only_looks_a_little_like_a_chat_is_none(text):
    """Logs, lists, nothing."""
    assert not is_chat(text.encode())
