"""The loop of rounds, with a medium that has its answers ready."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from curation.sameness.rounds import run_rounds

#: The number of a text; codes of pairs of its neighbours differ in their last bits only.
TEXT = 1 << 31


@dataclass
class Prepared:
    """Gives pairs round by round, each with a similarity."""

    rounds: list[dict[tuple[int, int], float]]
    gone: list[list[int]] = field(default_factory=list)

    def similar(self, gone: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
        """The pairs of the round."""
        self.gone.append(gone.tolist())
        pairs = self.rounds[number]
        codes = [lesser << 32 | greater for lesser, greater in pairs]
        return np.array(codes, dtype=np.uint64), np.array(list(pairs.values()))

    def crowded(self, gone: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
        """No crowds."""
        return np.empty(0, dtype=np.uint64), np.empty(0)


def test_rounds_go_on_while_there_are_new_pairs() -> None:
    """Pairs of any order are put together, and each text goes with the similarity of its pair."""
    first, second, third = (TEXT, TEXT + 2), (TEXT, TEXT + 1), (TEXT + 1, TEXT + 3)
    medium = Prepared([{first: 0.9, (5, 7): 0.75}, {second: 0.8, first: 0.9}, {third: 0.7, second: 0.8}, {third: 0.7}])
    removals = run_rounds(medium)
    assert removals.gone.tolist() == [7, TEXT + 1, TEXT + 2]
    assert removals.kept.tolist() == [5, TEXT, TEXT]
    assert removals.similarity.tolist() == [0.75, 0.8, 0.9]
    assert medium.gone == [[], [7, TEXT + 2], [7, TEXT + 1, TEXT + 2], [7, TEXT + 1, TEXT + 2]]


def test_no_pairs_end_the_search() -> None:
    """Nothing goes."""
    removals = run_rounds(Prepared([{}, {}]))
    assert (len(removals.gone), len(removals.kept), len(removals.similarity)) == (0, 0, 0)
