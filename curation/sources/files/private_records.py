"""What tells that records are private messages, whatever their file is called: the names of their keys or columns.

Chats with dialects of their own (Telegram, WhatsApp, Discord, Slack, Matrix, Meta's) are not among these: there one's
own words may be read when the user asks for them. Nothing reads these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: What is not private, and yet nobody's own posts; and why none of it is read.
ADS, OTHERS, UNSENT = "advertisements that were shown", "what was liked, saved or followed", "drafts"
HISTORY, LIST = "what was watched or looked for", "a list of channels or rooms"
SUBSTACK = "a list of Substack's posts without their texts"
_WHY = {
    ADS: "There is no post of one's own in it.",
    OTHERS: "It is other people's, and nothing says whose, so that it is not read.",
    HISTORY: "There is no post in it.",
    LIST: "There is no post in it.",
    SUBSTACK: "Those are the pages in the folder 'posts'; make JSON lines of them and collect these: "
    "python -c \"import json, pathlib; [print(json.dumps({'id': p.stem, 'text': p.read_text()})) "
    "for p in pathlib.Path('posts').glob('*.html')]\" > posts.jsonl",
    UNSENT: "They were never sent, so that they are not read.",
}
#: Keys that a message has, and whose it is.
_SIGNATURES: tuple[tuple[str, frozenset[str]], ...] = (
    ("direct messages", frozenset({"senderId", "recipientId"})),
    ("direct messages", frozenset({"sender_id", "recipient_id"})),
    ("messages of Signal", frozenset({"chatItem"})),
    ("messages of Signal", frozenset({"version", "backupTimeMs"})),
    ("messages of Signal", frozenset({"sender", "body", "quote", "sticker", "reactions", "attachments"})),
    ("messages of Signal", frozenset({"conversationId", "sent_at", "body", "hasAttachments"})),
    ("messages of Snapchat", frozenset({"From", "Media Type", "Content", "IsSender"})),
    ("messages of Snapchat", frozenset({"From", "Media Type", "Text"})),
    ("messages of Google Chat", frozenset({"creator", "created_date", "topic_id"})),
    ("messages of Hangouts", frozenset({"conversation_id", "sender_id", "chat_message"})),
    ("messages of Skype", frozenset({"messagetype", "originalarrivaltime", "content"})),
    ("messages of Teams", frozenset({"chatId", "messageType", "body", "from"})),
    ("messages of LinkedIn", frozenset({"CONVERSATION ID", "FROM", "TO", "CONTENT"})),
    ("invitations of LinkedIn", frozenset({"From", "To", "Sent At", "Message", "Direction"})),
    ("messages of Lemmy", frozenset({"private_message", "creator", "recipient"})),
    ("messages of TikTok", frozenset({"Date", "From", "Content"})),
    ("messages of Viber", frozenset({"ConversationID", "MessageID", "Body", "PhoneNumber"})),
    ("text messages", frozenset({"address", "body", "thread_id", "date_sent"})),
    ("text messages", frozenset({"is_from_me", "text", "handle_id"})),
    ("e-mail or messages", frozenset({"from", "to", "subject", "body"})),
    ("e-mail or messages", frozenset({"From", "To", "Subject", "Body"})),
    ("messages of Reddit", frozenset({"channel_url", "conversation_type", "message"})),
    ("details of an account", frozenset({"phoneNumber", "accountId"})),
    ("members of a workspace of Slack", frozenset({"id", "profile", "team_id", "deleted"})),
    (LIST, frozenset({"id", "creator", "topic", "purpose", "members"})),
    (HISTORY, frozenset({"header", "title", "time", "products"})),
    (SUBSTACK, frozenset({"post_id", "post_date", "is_published", "audience"})),
    (UNSENT, frozenset({"title", "body", "kind", "send_replies", "is_public_link"})),
    (OTHERS, frozenset({"title", "string_list_data"})),
    (ADS, frozenset({"promotedTweetInfo", "advertiserInfo"})),
    (ADS, frozenset({"impressionAttributes", "deviceInfo"})),
    ("conversations with an assistant", frozenset({"mapping", "create_time", "title"})),
    ("conversations with an assistant", frozenset({"chat_messages", "uuid", "account"})),
)
#: All that X's archive says of a post that was liked; scrapers say more of posts, also whose they are.
_OF_LIKES = frozenset({"tweetId", "fullText", "expandedUrl"})
_PATH = re.compile(
    r"direct[\s_-]?messag|\bdm[\s_-]?conversation|message[\s_-]?create|^dms?$|^inbox$|chat[\s_-]?history|private[\s_-]?messag",
    re.IGNORECASE,
)


def sentence(what: str) -> str:
    """What a file holds, and that it is not read; to stand behind the file's name."""
    return f"holds {what}. {_WHY.get(what, 'They are private, and no option reads them.')}"


def of_path(steps: Iterable[Any]) -> str | None:
    """What lies under a path that says it is private; None for any other path."""
    return "direct messages" if any(isinstance(step, str) and _PATH.search(step) for step in steps) else None


def of_records(records: Sequence[Mapping[str, Any]]) -> str | None:
    """What these records are, if one of the first is a private message."""
    for record in records[:20]:
        if private := of_names(record.keys()):
            return private
    return None


def of_names(names: Iterable[str]) -> str | None:
    """What a record with these keys, or a table with these columns, holds that is private."""
    held = names if isinstance(names, set | frozenset) else set(names)
    if held <= _OF_LIKES and {"tweetId", "fullText"} <= held:
        return OTHERS
    return next((what for what, keys in _SIGNATURES if keys <= held), None)
