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

    The assistant is the author of the posts that were chosen, a user whoever is answered. A conversation of several
    chosen authors is a record for each of them. It begins with a user's message, ends with the assistant's, and each
    message answers the one before: where the author answers the same post again, or two others spoke in between, a
    new record begins with the message that is answered. So every answer stands in one record only.

    A message is a turn: what somebody said in a row, in answers to their own posts, is joined by line breaks in the
    order of time. A user's turn ends with the post that is answered and has at most 20 posts. `ids` are the ids of
    all posts in the record, `id` and `created_at` those of the first post of the assistant. The rest is as in
    `prompt-completion`.
    """

    name = "chat"
    extension = "chat.jsonl"
    unit = "chain"
    shape = CHAT

    def said(self, dialogue: Dialogue, instruction: str) -> Iterator[str | Message]:
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
