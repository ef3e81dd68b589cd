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

    Posts of one author that answer their own posts are one completion, joined by line breaks in the order of time. The
    prompt is the answered post, with up to 19 posts that its author wrote in a row before it. It must be a kept post of
    the corpus, by whatever author and whether or not it was chosen: removed text is in no prompt either. Answers to
    other posts are left out, and a warning gives their number. Posts that answer nobody are left out as well, unless
    `--instruction` gives them a prompt.

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
