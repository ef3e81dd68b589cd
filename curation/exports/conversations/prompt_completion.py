"""Answers, each with what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from curation.exports.conversations.base import Conversational
from curation.exports.formats.base import PAIRS
from curation.exports.formats.jsonl import quoted

if TYPE_CHECKING:
    from curation.exports.conversations.turns import Dialogue, Message


class PromptCompletion(Conversational):
    """One answer a line: `prompt`, which is what it answers, `completion`, `id`, `author`, `created_at`, `ids`.

    What an author said in a row, in answers to their own posts, is one completion, joined by line breaks in the order
    of time. The prompt is the post that is answered, with at most 19 that its author said in a row before. It has to
    be among the kept posts of the corpus, whoever is its author and whether or not it was chosen: what a rule removed
    isn't read in a prompt either. Answers to other posts are left out, and their number is said. Posts that answer
    nobody are left out as well, unless `--instruction` gives them a prompt.

    `ids` are the ids of all posts in the record, those of the prompt first, `platform` is where they are from; `id`
    and `created_at` are those of the first post of the completion. Texts are as the recipe left them, but `<|…|>`
    around a word becomes `< |…| >`, since templates of chats would end the turn there. Posts without text are left
    out.
    """

    name = "prompt-completion"
    extension = "prompt-completion.jsonl"
    unit = "turn"
    shape = PAIRS

    def said(self, dialogue: Dialogue, instruction: str) -> Iterator[str | Message]:
        """The record."""
        *prompt, completion = dialogue.messages
        yield '{"prompt": '
        yield prompt[0] if prompt else quoted(instruction)
        yield ', "completion": '
        yield completion
        yield ", " + quoted(dialogue.fields())[1:]
