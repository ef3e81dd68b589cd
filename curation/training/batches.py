"""The rows of each step, in an order from the seed: the same on every machine and after every interruption.

Posts of similar length go together, to save padding. A row holds one post, or a piece of a long one, and never sees
another post. With `joined`, as in huggingtweets, a row holds as many tokens as fit, from several posts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import torch

    from curation.options.training import ResolvedOptions
    from curation.training.encoding import TokenRows

#: Steps' worth of posts that are sorted by length at a time. The order stays random and the padding small.
POOL = 64

#: The label of tokens that don't count; torch's default.
IGNORED = -100


def epoch_plan(tokens: TokenRows, options: ResolvedOptions, epoch: int) -> list[np.ndarray]:
    """The steps of an epoch (0, 1, …), each the numbers of its rows."""
    import numpy as np

    lengths = tokens.lengths
    random = np.random.default_rng([options.seed, epoch])
    order = random.permutation(len(lengths))
    if options.joined:
        per_step = max(1, options.batch_tokens // options.block)
        return [order[at : at + per_step] for at in range(0, len(order), per_step)]
    mean = max(1, int(lengths.mean()))
    pool = max(1, POOL * options.batch_tokens // mean)
    steps: list[np.ndarray] = []
    for at in range(0, len(order), pool):
        some = order[at : at + pool]
        some = some[np.argsort(lengths[some], kind="stable")]
        cuts = packed(lengths[some], options.batch_tokens)
        parts = np.split(some, cuts)
        steps += [parts[number] for number in random.permutation(len(parts))]
    return steps


def packed(lengths: np.ndarray, most: int) -> list[int]:
    """Where to cut rows of rising length into batches of at most `most` tokens, padding included."""
    cuts, begin = [], 0
    for at, length in enumerate(lengths.tolist()):
        if at > begin and (at - begin + 1) * length > most:
            cuts.append(at)
            begin = at
    return cuts


def in_order(tokens: TokenRows, most: int) -> Iterator[np.ndarray]:
    """All rows by length, in batches of at most `most` tokens, padding included. For measuring."""
    import numpy as np

    order = np.argsort(tokens.lengths, kind="stable")
    yield from np.split(order, packed(tokens.lengths[order], most))


def batch_of(tokens: TokenRows, rows: np.ndarray, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Tokens and labels of some rows, int64, padded on the right with 0 and IGNORED.

    It needs no attention mask: a token sees only those before it, and padding comes after.
    """
    import numpy as np
    import torch

    lengths = tokens.lengths[rows]
    ids = np.zeros((len(rows), int(lengths.max())), np.int64)
    labels = np.full_like(ids, IGNORED)
    for at, (row, length) in enumerate(zip(rows.tolist(), lengths.tolist(), strict=True)):
        begin = tokens.offsets[row]
        ids[at, :length] = tokens.ids[begin : begin + length]
        labels[at, :length] = np.where(tokens.learned[begin : begin + length], ids[at, :length], IGNORED)
    tokens_of, labels_of = (torch.from_numpy(each).to(device, non_blocking=True) for each in (ids, labels))
    return tokens_of, labels_of


def joined(tokens: TokenRows, options: ResolvedOptions) -> TokenRows:
    """Posts one after the other, in an order drawn by the seed, cut into rows of `block` tokens.

    A post's end also begins the next post if both are the same token. The last row may be shorter.
    """
    import numpy as np

    from curation.training.encoding import TokenRows as Rows

    order = np.random.default_rng([options.seed, 0, 1]).permutation(len(tokens))
    same = len(tokens) and tokens.ids[0] == tokens.ids[tokens.offsets[1] - 1]
    pieces, marks = [], []
    for at, document in enumerate(order.tolist()):
        begin, end = tokens.offsets[document], tokens.offsets[document + 1]
        begin += 1 if same and at else 0
        pieces.append(tokens.ids[begin:end])
        marks.append(tokens.learned[begin:end])
    ids, learned = np.concatenate(pieces), np.concatenate(marks).copy()
    offsets = np.append(np.arange(0, len(ids), options.block), len(ids)).astype(np.int64)
    if len(offsets) > 2 and offsets[-1] - offsets[-2] < 2:  # one token alone predicts nothing
        offsets = offsets[:-1]
        ids, learned = ids[: offsets[-1]], learned[: offsets[-1]]
    learned[offsets[:-1]] = False
    return Rows(ids, learned, offsets, np.zeros(len(offsets) - 1, np.int32))
