"""Training text as numbers, for loops that read it with `numpy.memmap`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from curation.disk.ranges import TOKENS
from curation.errors import UsageError
from curation.exports.choosing.snapshot import PostSnapshot
from curation.exports.formats import tokenizing
from curation.exports.formats.base import Export
from curation.exports.formats.sink import Sink, Written
from curation.exports.formats.text import Text, shuffled
from curation.exports.formats.tokenizing import Coder
from curation.options.export import TRAIN, VALID, ExportOptions
from curation.writing.characters import json_text

FOLDER = "tokens"
META = f"{FOLDER}/meta.json"
TOKENIZER = f"{FOLDER}/{tokenizing.FILE}"

#: What loops of nanoGPT's kind call the splits.
SPLITS = {VALID: "val"}

#: A vocabulary of so many tokens has numbers of two bytes.
SMALL = 1 << 16

#: Posts that are encoded at a time.
ENCODED = 2_048


@dataclass(frozen=True)
class Tokens(Export):
    """Numbers of tokens, as nanoGPT reads them: `tokens/train.bin`, `val.bin`, `meta.json` and `tokenizer.json`.

    The files hold only numbers, little-endian, of two bytes for a vocabulary of up to 65,536 tokens and of four above.
    `meta.json` has their type, the size of the vocabulary, the token between documents, and the counts of each file:

        meta = json.loads(Path("tokens/meta.json").read_text())
        train = numpy.memmap("tokens/train.bin", dtype=meta["dtype"], mode="r")
        tokenizer = tokenizers.Tokenizer.from_file("tokens/tokenizer.json")
        print(tokenizer.decode(train[:100], skip_special_tokens=False))

    A loop that was written for GPT-2's vocabulary needs the size of this one: nanoGPT's default is 50,304.

    The file has one pass over the posts, in the order of the first epoch of `text`, with the token between documents
    before, between and after them: training loops draw from it at random, as often as they like. `--balance` repeats
    smaller authors as in `text`. Posts without text are left out.

    `--tokenizer` names a `tokenizer.json`, a folder that has one, or one on the Hub (`gpt2`), which is downloaded. It
    needs a token between documents: `<|endoftext|>`, or the one that `--end-of-document` names. Without `--tokenizer`,
    byte-pair encoding is learned from the training side, from at most the first 4 million characters in shuffled
    order. It has at most `--vocabulary` tokens; the default is one for 256 characters of training text, as a power of
    two between 512 and 8,192. Its tokens are pieces of the posts that it was learned from.

    A post's text never becomes a special token: text that looks like one is encoded as text, and a `<|endoftext|>` that
    somebody typed is first written `< |endoftext| >`, as in `text`. The same version of the package `tokenizers`, which
    this format needs, gives the same bytes.
    """

    name = "tokens"
    extension = "tokens.bin"  # not that of its files: in their folder, nothing is called as an export is
    needs_text = True
    boundaries = True
    own_options = ("tokenizer", "vocabulary", "end_of_document")
    preview_note = (
        "Numbers; decoded, they are the first epoch of text. The tokenizer is learned from the posts when the files "
        "are written."
    )
    others = (META, TOKENIZER)

    coder: Coder | None = None

    def require(self, options: ExportOptions) -> None:
        """Check the package, the tokenizer and the size."""
        tokenizing.require()
        if options.tokenizer:
            if options.vocabulary:
                raise UsageError("A given tokenizer has its vocabulary; leave out --vocabulary, or --tokenizer.")
            tokenizing.load_tokenizer(options)
        elif options.end_of_document:
            raise UsageError("--end-of-document names a token of a given tokenizer; name that with --tokenizer.")
        if options.vocabulary and not tokenizing.LEAST <= options.vocabulary <= tokenizing.MOST:
            raise UsageError(
                f"--vocabulary {options.vocabulary}: it must be at least {tokenizing.LEAST}, a token for each byte "
                f"and one between documents, and at most {tokenizing.MOST:,}; 8192 is usual for small models."
            )

    def prepared(self, snapshot: PostSnapshot, options: ExportOptions) -> Tokens:
        """With the tokenizer that is given, or learned from the training side."""
        if options.tokenizer:
            return replace(self, coder=tokenizing.load_tokenizer(options))
        size = options.vocabulary or tokenizing.vocabulary_size(snapshot.characters(TRAIN, with_text=True))
        chunks = snapshot.rows(_texts(TRAIN, replace(options, balance=False)), ENCODED)
        return replace(self, coder=tokenizing.learn_tokenizer(([row[0] for row in chunk] for chunk in chunks), size))

    def write(self, snapshot: PostSnapshot, split: str, options: ExportOptions, sink: Sink) -> None:
        """Write the pass."""
        import numpy as np

        coder = (self if self.coder else self.prepared(snapshot, options))._coder()
        end, dtype, position = coder.end_id, _dtype(coder), 0
        for chunk in snapshot.rows(_texts(split, options), ENCODED):
            if not position:
                sink.write(np.array([end], dtype).tobytes())
                position = 1
            documents = [[*ids, end] for ids in coder.encode([row[0] for row in chunk])]
            sink.rows([post for _, post in chunk], position, TOKENS, list(map(len, documents)))
            numbers = np.concatenate([np.array(each, dtype) for each in documents])
            sink.write(numbers.tobytes())
            position += len(numbers)
            sink.wrote(len(chunk))

    def file(self, split: str) -> str:
        """`train.bin` or `val.bin`."""
        return f"{FOLDER}/{SPLITS.get(split, split)}.bin"

    def beside(self, options: ExportOptions, written: Mapping[str, Sequence[Written]]) -> Mapping[str, bytes]:
        """The description of the numbers, and the tokenizer."""
        coder, dtype = self._coder(), _dtype(self._coder())
        learned = {"name": coder.name} if coder.name else {"learned_from_characters": coder.learned_from}
        meta = {
            "schema": 1,
            "dtype": dtype.name,
            "byte_order": "little",
            "vocabulary": coder.vocabulary,
            "end_of_document": {"id": coder.end_id, "text": coder.end},
            "splits": {
                split: {
                    "file": Path(file.name).name,
                    "tokens": file.bytes // dtype.itemsize,
                    "documents": file.ranges.posts if file.ranges else 0,
                }
                for split, [file] in written.items()
            },
            "tokenizer": {"file": tokenizing.FILE, "sha256": coder.sha256, "origin": coder.origin, **learned},
            "order": "one pass, shuffled by the seed" + (", smaller authors repeated" if options.balance else ""),
            "seed": options.seed,
        }
        content = json_text(meta, indent=2) + "\n"
        return {META: content.encode("utf-8", "backslashreplace"), TOKENIZER: coder.file}

    def texts(self, file: Path, places: Iterable[Sequence[tuple[int, int]]]) -> Iterator[list[str]]:
        """Decoded by the tokenizer that lies beside. Raises `UsageError` where there is none that can be read."""
        import numpy as np

        coder = tokenizing.open_tokenizer(file.parent / tokenizing.FILE)
        numbers = np.memmap(file, _dtype(coder), mode="r")
        for some in places:
            # Without the token between documents, which is the last of each.
            yield coder.decode([numbers[begin : end - 1].tolist() for begin, end in some])

    def expected(self, snapshot: PostSnapshot, split: str, options: ExportOptions) -> int:
        """Posts of the pass."""
        return Text().expected(snapshot, split, replace(options, epochs=1))

    def _coder(self) -> Coder:
        assert self.coder is not None  # `prepared` gives it before anything is written
        return self.coder


def _texts(split: str, options: ExportOptions) -> str:
    """SQL: the texts of the pass, each with the number of its post."""
    return f"SELECT text, post FROM ({shuffled(split, options, 0)})"


def _dtype(coder: Coder) -> np.dtype:
    import numpy as np

    return np.dtype("<u2" if coder.vocabulary <= SMALL else "<u4")
