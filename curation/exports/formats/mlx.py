"""What mlx_lm reads: a folder in which each split has the name that it looks for."""

from __future__ import annotations

from curation.exports.conversations.chat import Chat
from curation.exports.formats.documents import Documents

FOLDER = "mlx"


class MlxText(Documents):
    """The records of `documents` in `mlx/train.jsonl` and `mlx/valid.jsonl`, the names that `mlx_lm.lora` reads."""

    name = "mlx-text"
    extension = "mlx-text.jsonl"  # not that of its files: in their folder, nothing is called as an export is

    def file(self, split: str) -> str:
        """The file, in its folder."""
        return f"{FOLDER}/{split}.jsonl"


class MlxChat(Chat):
    """The records of `chat` in `mlx/train.jsonl` and `mlx/valid.jsonl`, the names that `mlx_lm.lora` reads."""

    name = "mlx-chat"
    extension = "mlx-chat.jsonl"

    def file(self, split: str) -> str:
        """The file, in its folder."""
        return f"{FOLDER}/{split}.jsonl"
