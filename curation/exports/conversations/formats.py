"""The formats that are made of conversations: a JSON object a line, made of a turn or of a chain of turns."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from curation.exports.choosing.snapshot import PostSnapshot
from curation.exports.conversations import turns
from curation.exports.conversations.turns import Dialogue, Message
from curation.exports.formats.base import CHAT, PAIRS, Export
from curation.exports.formats.columns import inside_quotes, on_one_line, quoted
from curation.exports.formats.sink import Sink
from curation.options.export import ExportOptions

#: Records that are written at a time.
AT_ONCE = 1_024


class Conversational(Export):
    """A format that is made of conversations."""

    needs_text = True
    boundaries = True
    conversations = True
    own_options = ("instruction", "reply_instruction", "without_orphans")
    reader = "json"

    unit: ClassVar[str]  # what makes a record: "turn" or "chain"

    @abstractmethod
    def pieces(self, dialogue: Dialogue, instruction: str) -> Iterator[str | Message]:
        """A record as JSON on one line, in pieces. A message stands for the string of its text.

        The `instruction` is the prompt of a record that begins with its author.
        """

    def write(self, snapshot: PostSnapshot, split: str, options: ExportOptions, sink: Sink) -> None:
        """Write the records."""
        posts: list[int | None] = []
        written: list[bytes] = []
        for number, dialogue in enumerate(turns.dialogues(snapshot, split, self.unit), start=1):
            for piece in self.pieces(dialogue, options.orphan_prompt if dialogue.is_orphan else options.instruction):
                for post, text in [(None, piece)] if isinstance(piece, str) else _string(piece):
                    posts.append(post)
                    written.append(on_one_line(text).encode())
            posts.append(None)
            written.append(b"\n")
            if number % AT_ONCE == 0:
                sink.posts(posts, written)
                sink.wrote(AT_ONCE)
                posts, written = [], []
        sink.posts(posts, written)
        sink.wrote(written.count(b"\n"))

    def text(self, piece: bytes) -> str:
        """The post's part of a string of JSON."""
        return str(json.loads(b'"' + piece + b'"'))

    def piece(self, text: str) -> bytes | None:
        """A part of a string of JSON."""
        return inside_quotes(turns.neutralised(text)).encode()

    def expected(self, snapshot: PostSnapshot, split: str, options: ExportOptions) -> int:
        """Number of records."""
        return turns.records(snapshot, split, self.unit)

    def draw(self, snapshot: PostSnapshot, seed: int, most: int) -> None:
        """Keep some records of the training file."""
        turns.draw(snapshot, self.unit, seed, most)

    def cut_out(self, snapshot: PostSnapshot, most: int, first: int) -> None:
        """Keep some records of the training file."""
        turns.cut_out(snapshot, self.unit, most, first)

    def figures(self, snapshot: PostSnapshot, split: str) -> tuple[int, int]:
        """Different posts in the records, prompts included, and their characters."""
        return turns.figures(snapshot, split)


class PromptCompletion(Conversational):
    """One answer a line: `prompt`, which is what it answers, `completion`, `id`, `author`, `created_at`, `ids`.

    Posts of one author that answer their own posts are one completion, joined by line breaks in the order of time. The
    prompt is the answered post, with up to 19 posts that its author wrote in a row before it. It must be a kept post of
    the corpus, by whatever author and whether or not it was chosen: removed text is in no prompt either.

    Without `--instruction`, posts that answer nobody are left out, and so are replies to posts that are not kept, as
    are most replies in the archive of one person. `--instruction` gives both a prompt, and `--reply-instruction`
    another one to these replies, such as *Write a reply.*; `--without-orphans` leaves the replies out all the same.
    Nothing is made up for the missing post. The command says how many posts that concerns.

    `ids` are the ids of all posts in the record, the prompt's first, and `platform` is where they are from; `id` and
    `created_at` belong to the first post of the completion. Texts are as the recipe left them, but `<|…|>` around a
    word becomes `< |…| >`, since chat templates would end the turn there. Posts without text are left out.
    """

    name = "prompt-completion"
    extension = "prompt-completion.jsonl"
    unit = "turn"
    shape = PAIRS

    def pieces(self, dialogue: Dialogue, instruction: str) -> Iterator[str | Message]:
        """The record."""
        *prompt, completion = dialogue.messages
        yield '{"prompt": '
        yield prompt[0] if prompt else quoted(instruction)
        yield ', "completion": '
        yield completion
        yield ", " + quoted(dialogue.fields())[1:]


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


class MlxChat(Chat):
    """The records of `chat` in `mlx/train.jsonl` and `mlx/valid.jsonl`, the names that `mlx_lm.lora` reads."""

    name = "mlx-chat"
    extension = "mlx-chat.jsonl"
    reader = ""

    def file(self, split: str) -> str:
        """The file, in its folder."""
        return f"mlx/{split}.jsonl"


def _string(message: Message) -> Iterator[tuple[int | None, str]]:
    """A message as a string of JSON, each post's part of it by itself."""
    between = '"'
    for part in message.parts:
        yield None, between
        yield part.post, quoted(part.text)[1:-1]
        between = quoted("\n")[1:-1]
    yield None, '"'
