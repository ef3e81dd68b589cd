"""Rows, batches and steps: each token is learned once an epoch, in the same order each time."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from curation.options.training import TrainingOptions
from curation.training.batches import epoch_plan, in_order, joined
from curation.training.encoding import TokenRows

END = 0

LENGTHS = some.lists(some.integers(min_value=2, max_value=60), min_size=1, max_size=80)


def documents(lengths: list[int]) -> TokenRows:
    """Documents of so many tokens, each token with a number of its own but for the ends."""
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    ids = np.arange(1, offsets[-1] + 1, dtype=np.int32)
    learned = np.ones(len(ids), bool)
    learned[offsets[:-1]] = False
    ids[offsets[:-1]] = END
    ids[offsets[1:] - 1] = END
    return TokenRows(ids, learned, offsets, np.array(lengths, np.int32))


def options(**values: int) -> TrainingOptions:
    return TrainingOptions(**values).resolved()


@given(LENGTHS, some.integers(min_value=8, max_value=70), some.integers(0, 9), some.integers(0, 9))
def test_an_epoch_has_every_row_once_and_no_batch_is_too_large(lengths, most, seed, epoch):
    """Padding counts; a row that is longer than a step may be is a step of its own."""
    tokens = documents(lengths)
    steps = epoch_plan(tokens, options(batch_tokens=most, seed=seed), epoch)
    assert sorted(np.concatenate(steps).tolist()) == list(range(len(tokens)))
    for rows in steps:
        assert len(rows) == 1 or len(rows) * tokens.lengths[rows].max() <= most


@given(LENGTHS, some.integers(0, 9))
def test_the_order_is_the_same_for_a_seed_and_an_epoch(lengths, seed):
    """A training that is resumed finds the steps where they were."""
    tokens, settings = documents(lengths), options(batch_tokens=64, seed=seed)
    first, again = (epoch_plan(tokens, settings, 3) for _ in range(2))
    assert [rows.tolist() for rows in first] == [rows.tolist() for rows in again]


@given(LENGTHS, some.integers(min_value=8, max_value=20))
def test_a_long_post_is_cut_and_each_of_its_tokens_predicted_once(lengths, block):
    """The pieces overlap by the token from which the next one is predicted."""
    tokens = documents(lengths)
    rows = tokens.rows(block)
    assert int(rows.lengths.max()) <= block
    assert rows.predicted == tokens.predicted
    assert sorted(rows.ids[rows.learned].tolist()) == sorted(tokens.ids[tokens.learned].tolist())
    assert int(rows.characters.sum()) == int(tokens.characters.sum())
    assert not rows.learned[rows.offsets[:-1]].any()


@given(LENGTHS)
def test_measuring_sees_every_document_once(lengths):
    """In batches by length."""
    tokens = documents(lengths)
    assert sorted(np.concatenate(list(in_order(tokens, 64))).tolist()) == list(range(len(tokens)))


@given(LENGTHS, some.integers(min_value=8, max_value=64))
def test_joined_rows_hold_all_posts_with_one_end_between_two(lengths, block):
    """As huggingtweets laid them: an end is the next one's beginning."""
    tokens = documents(lengths)
    rows = joined(tokens, options(block=block))
    inner = {token for token in tokens.ids.tolist() if token != END}
    there = rows.ids.tolist()
    assert inner - set(there) == set() or len(there) % block == 0
    assert there.count(END) <= len(tokens) + 1
    assert all(length <= block for length in rows.lengths.tolist())


def test_the_first_documents_are_taken_evenly():
    """The sample that is measured at intervals is from all of the held-out posts."""
    tokens = documents([3] * 100)
    sample = tokens.first(10)
    assert len(sample) == 10
    assert sample.ids[1] == tokens.ids[1]
    assert sample.ids[-2] == tokens.ids[-2]
