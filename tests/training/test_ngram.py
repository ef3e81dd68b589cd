"""The 6-gram in NumPy against the formula in plain Python."""

from __future__ import annotations

import math
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.training.evaluation.ngram import BOUNDARY, ORDER, SYMBOLS, Grams, Ngram

TEXTS = st.lists(st.text(alphabet="ab é霧😀\n\0", max_size=12), max_size=8)
ANY_TEXTS = st.lists(st.text(max_size=10), max_size=5)
#: On a busy machine to draw takes as long as it takes.
BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Plain:
    """The definition, symbol by symbol."""

    def __init__(self, texts: list[str]) -> None:
        self.follow: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
        for text in texts:
            for context, symbol in positions(text):
                for length in range(ORDER):
                    self.follow[context[len(context) - length :]][symbol] += 1

    def probability(self, context: tuple[int, ...], symbol: int) -> float:
        """P(symbol | context)."""
        shorter = self.probability(context[1:], symbol) if context else 1 / SYMBOLS
        if context not in self.follow:
            return shorter
        follow = self.follow[context]
        kinds = len(follow)
        return (follow[symbol] + kinds * shorter) / (follow.total() + kinds)


def positions(text: str) -> list[tuple[tuple[int, ...], int]]:
    """Each symbol of a document, its end included, with the five before it."""
    symbols = [BOUNDARY] * (ORDER - 1) + list(text.encode("utf-8", "surrogatepass")) + [BOUNDARY]
    return [(tuple(symbols[at - ORDER + 1 : at]), symbols[at]) for at in range(ORDER - 1, len(symbols))]


@BUSY
@given(TEXTS, TEXTS)
def test_it_is_the_formula(train: list[str], held_out: list[str]) -> None:
    """Every probability agrees with the definition to 1e-9, for contexts that were seen and that were not."""
    model, plain = Ngram.train(Grams.of(train)), Plain(train)
    expected = [plain.probability(*each) for text in held_out for each in positions(text)]
    assert model.probabilities(Grams.of(held_out).keys) == pytest.approx(expected, abs=1e-9, rel=1e-9)


@BUSY
@given(ANY_TEXTS, ANY_TEXTS)
def test_bits_of_a_document_are_those_of_its_symbols(train: list[str], held_out: list[str]) -> None:
    """The bits of each document, its end among them, also of an empty one."""
    bits, plain = Ngram.train(Grams.of(train)).bits(Grams.of(held_out)), Plain(train)
    assert len(bits) == len(held_out)
    expected = [-sum(math.log2(plain.probability(*each)) for each in positions(text)) for text in held_out]
    assert bits == pytest.approx(expected)


@settings(BUSY, max_examples=30)
@given(TEXTS, st.lists(st.integers(0, 256), min_size=ORDER - 1, max_size=ORDER - 1))
def test_probabilities_sum_to_one(train: list[str], context: list[int]) -> None:
    """After any five symbols the 257 that may come next have probabilities that sum to one."""
    before = sum(symbol << 9 * (ORDER - 1 - at) for at, symbol in enumerate(context))
    likely = Ngram.train(Grams.of(train)).probabilities(np.uint64(before) | np.arange(SYMBOLS, dtype=np.uint64))
    assert likely.min() > 0
    assert likely.sum() == pytest.approx(1, abs=1e-9)


@BUSY
@given(TEXTS, st.randoms())
def test_order_of_documents_does_not_matter(train: list[str], random: object) -> None:
    """The same documents in another order make the same model, to the last bit."""
    shuffled = random.sample(train, len(train))  # type: ignore[attr-defined]
    held_out = Grams.of(["ab a", "霧"])
    assert (
        Ngram.train(Grams.of(train)).bits(held_out).tolist() == Ngram.train(Grams.of(shuffled)).bits(held_out).tolist()
    )


@BUSY
@given(TEXTS, st.data())
def test_chosen_documents_are_as_if_the_others_were_not_there(texts: list[str], data: st.DataObject) -> None:
    """`only` gives the 6-grams of the chosen texts."""
    chosen = np.array(data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts))), dtype=bool)
    some, alone = Grams.of(texts).only(chosen), Grams.of([t for t, c in zip(texts, chosen, strict=True) if c])
    assert some.keys.tolist() == alone.keys.tolist()
    assert some.counts.tolist() == alone.counts.tolist()


def test_a_text_that_was_learned_costs_less() -> None:
    """Learning helps, and learning the same text twice helps it more."""
    once, twice = (Ngram.train(Grams.of(["the ferry came late"] * times)) for times in (1, 2))
    other = Ngram.train(Grams.of(["霧が深い"]))
    seen = Grams.of(["the ferry came late"])
    assert twice.bits(seen) < once.bits(seen) < other.bits(seen)
