"""Documents from the files of an export: posts, or conversations in turns."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Rows or documents that are read at a time.
ROWS = 4_096


@dataclass(frozen=True)
class Segment:
    """A piece of a document; only what is `learned` counts for the loss."""

    text: str
    learned: bool = True
    role: str = ""  # in a conversation: user or assistant


#: A post, or a conversation in turns.
Document = list[Segment]


def _jsonl(path: Path) -> Iterator[Document]:
    for row in _json_lines(path):
        yield [Segment(row["text"])]


def _parquet(path: Path) -> Iterator[Document]:
    import pyarrow.parquet as pq

    for batch in pq.ParquetFile(path).iter_batches(ROWS, columns=["text"]):
        yield from ([Segment(text)] for text in batch.to_pydict()["text"])


def _lines(path: Path) -> Iterator[Document]:
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            yield [Segment(line.rstrip("\n"))]


def _prompt_completion(path: Path) -> Iterator[Document]:
    for row in _json_lines(path):
        yield [Segment(row["prompt"], False, "user"), Segment(row["completion"], True, "assistant")]


def _chat(path: Path) -> Iterator[Document]:
    for row in _json_lines(path):
        yield [
            Segment(message["content"], message["role"] == "assistant", message["role"]) for message in row["messages"]
        ]


def _tokens(path: Path) -> Iterator[Document]:
    """Documents of tokens, decoded by the tokenizer beside them. Encoding them again gives the same numbers."""
    import numpy as np

    from curation.exports.formats.tokenizing import FILE, open_tokenizer

    meta = json.loads((path.parent / "meta.json").read_text(encoding="utf-8"))
    coder = open_tokenizer(path.parent / FILE)
    numbers = np.memmap(path, meta["dtype"], mode="r")
    ends = np.flatnonzero(numbers == meta["end_of_document"]["id"])
    for begin in range(0, len(ends) - 1, ROWS):
        some = ends[begin : begin + ROWS + 1].tolist()
        chunk = [numbers[first + 1 : last].tolist() for first, last in itertools.pairwise(some)]
        yield from ([Segment(text)] for text in coder.decode(chunk))


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            yield json.loads(line)


READERS: dict[str, Callable[[Path], Iterator[Document]]] = {
    "jsonl": _jsonl,
    "parquet": _parquet,
    "lines": _lines,
    "tokens": _tokens,
    "prompt-completion": _prompt_completion,
    "chat": _chat,
}
