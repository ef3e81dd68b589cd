"""Comparisons that workers share out among themselves: the rows are those of one process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from curation.engines.candidates import Candidates
from curation.engines.local import LocalEngine
from curation.engines.pace import OnProgress
from curation.engines.sharing import is_worth, share_out
from curation.engines.tasks import ATTEMPT, Workers
from curation.functions.exchange import Exchange
from curation.rules import installed
from curation.rules.base import Dedup, Filter
from curation.rules.duplicates import NearDuplicate
from tests.engines.test_conformance import RULES, archive, plan_of, rows

#: Every rule that compares, with what changes how it does.
COMPARING: list[dict[str, Any]] = [
    {"use": "thread"},
    {"use": "burst", "max": 3, "seconds": 3600},
    {"use": "exact_duplicate"},
    {"use": "exact_duplicate", "scope": "global", "keep": "latest", "name": "anybody"},
    {"use": "canonical_duplicate", "keep": "longest"},
    {"use": "near_duplicate", "threshold": 0.9},
    {"use": "near_duplicate", "scope": "global", "keep": "most_engaged", "name": "near_anybody"},
    {"use": "template", "posts": 3, "authors": 2, "words": 1},
    {"use": "template", "posts": 4, "authors": 2, "words": 1, "scope": "author", "keep": "none", "name": "own"},
    {"use": "language", "author_weight": 0.5},
    {"use": "superseded"},
]


@dataclass(frozen=True)
class Sharing(LocalEngine):
    """Has its workers compare, as the engines of clusters do."""

    compared: ClassVar[list[str]] = []

    def exchange(
        self,
        candidates: Candidates,
        on_progress: OnProgress = lambda done, of: None,
        workers: Workers | None = None,
    ) -> None:
        """Share the comparison out wherever the rule can be."""
        if not (workers and candidates.find_shared):
            super().exchange(candidates, on_progress, workers)
            return
        share_out(candidates, workers, self.memory, on_progress)
        for path in candidates.out.parent.iterdir():
            if ATTEMPT.fullmatch(path.name) and path.name.startswith(candidates.out.stem):
                self.compared.append(path.name)
                path.unlink()


def test_every_rule_gives_the_rows_of_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every column of every post, whether partitions are so small that there are many, or there is one."""
    files = archive(tmp_path)
    for number, rule in enumerate(COMPARING):
        here = tmp_path / f"here{number}"
        here.mkdir()
        expected = rows(LocalEngine(workers=1, shard_posts=13).run(plan_of(rule), files, here))
        for size in (300, 100_000):
            monkeypatch.setattr("curation.functions.partitions.PARTITION", size)
            shared = tmp_path / f"shared{number}-{size}"
            shared.mkdir()
            Sharing.compared.clear()
            assert rows(Sharing(workers=1, shard_posts=13).run(plan_of(rule), files, shared)) == expected, rule
            assert len(Sharing.compared) > 2, f"{rule} was not shared out"


def test_a_recipe_gives_the_rows_of_one_process(tmp_path: Path) -> None:
    """Several comparisons after one another, by two workers."""
    files = archive(tmp_path)
    for name in ("here", "shared"):
        (tmp_path / name).mkdir()
    expected = rows(LocalEngine(workers=1).run(plan_of(*RULES), files, tmp_path / "here"))
    assert rows(Sharing(workers=2, shard_posts=13).run(plan_of(*RULES), files, tmp_path / "shared")) == expected
    assert {path.name for path in (tmp_path / "shared").iterdir() if "marks" in path.name} == {
        "marks0.parquet",
        "marks1.parquet",
        "marks2.parquet",
    }


def test_every_rule_that_compares_says_whether_it_can_be_shared_out() -> None:
    """The rules of this package can be."""
    comparing = {rule["use"] for rule in COMPARING}
    assert comparing == {use for use, rule in installed().rules.items() if issubclass(rule, Dedup) or rule.within_key}


def test_a_rule_says_so_itself_when_it_finds_its_marks_itself() -> None:
    """What is inherited says nothing about another way of finding marks."""

    class Silent(NearDuplicate):
        def find(self, exchange: Exchange) -> None:
            exchange.write(self.marks())

    class Declared(Dedup):
        within_key: ClassVar[bool] = True

        def marks(self) -> str:
            return "SELECT 1"

    class Marking(Filter):
        def marks(self) -> str:
            return "SELECT 1"

        def removes(self) -> str:
            return "true"

    class Keyed(Dedup):
        pass

    assert [each.within_key for each in (Silent, Declared, Marking, Keyed)] == [False, True, False, True]
    assert Silent().find_shared() is None


def test_few_candidates_are_compared_in_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What decides is how many there are, and the memory."""
    files = tuple(archive(tmp_path))
    candidates = Candidates(files, ("author",), ("author",), lambda exchange: None, tmp_path / "marks.parquet")
    assert not is_worth(candidates, 1_000_000_000)
    assert is_worth(candidates, 100)
    monkeypatch.setattr("curation.engines.sharing.WORTH", 60)
    assert is_worth(candidates, 1_000_000_000)
