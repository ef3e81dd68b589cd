"""Conversations, as trainers of chat models read them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from curation.exports.conversations.base import Conversational
from curation.exports.formats.base import CHAT
from curation.exports.formats.jsonl import quoted

if TYPE_CHECKING:
    from curation.exports.conversations.turns import Dialogue, Message


class Chat(Conversational):
    """One conversation a line: `messages` by `user` and `assistant` in turn, `id`, `author`, `ids`.

    The assistant is the author of the chosen posts, and a user is whoever is answered. A conversation of several chosen
    authors gives a record for each of them. A record begins with a user's message and ends with the assistant's, and
    each message answers the one before. Where the author answers the same post again, or two others spoke in between, a
    new record begins with the answered message. So every answer is in one record only.

    A message is a turn: posts of one author that answer their own posts, joined by line breaks in the order of time. A
    user's turn ends with the answered post and has at most 20 posts. `ids` are the ids of all posts in the record; `id`
    and `created_at` belong to the assistant's first post. The rest is as in `prompt-completion`.
    """

    name = "chat"
    extension = "chat.jsonl"
    unit = "chain"
    shape = CHAT

    def pieces(self, dialogue: Dialogue, instruction: str) -> Iterator[str | Message]:
        """The record."""
        begin = '{"messages": ['
        if dialogue.messages[0].role != "user":
            yield begin + quoted({"role": "user", "content": instruction})
            begin = ", "
        for message in dialogue.messages:
            yield f'{begin}{{"role": {quoted(message.role)}, "content": '
            yield message
            begin = "}, "
        yield "}], " + quoted(dialogue.fields())[1:]
