"""Tombstones that several processes add at once are all on the disk afterwards."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from curation.collecting.land import land
from curation.disk import spread
from curation.disk.tombstones import POST, Tombstones
from curation.disk.workspace import Workspace
from curation.errors import WorkspaceError
from curation.forgetting.forget import HOLDERS, ForgetRequest, forget
from curation.forgetting.holder import Forgetting, Holder, Sentence
from tests.collecting.test_landing import given_posts, numbers


def mark(number: int) -> tuple[str, str]:
    """A tombstone of some post."""
    return POST, f"{number:032x}"


class SlowCorpora(Holder):
    """A holder that adds a tombstone, as corpora do, after another request has gone through meanwhile."""

    name = "corpora"

    def remove(self, work: Forgetting) -> Sequence[Sentence]:
        """Let somebody else forget a post, then add the tombstone of another one."""
        other = threading.Thread(target=forget, args=(work.space, ForgetRequest(ids=("2",), platform="x")))
        other.start()
        other.join()
        work.add([mark(3)])
        return []


def test_a_request_keeps_the_tombstones_of_another_one(tmp_path: Path) -> None:
    """One that began earlier and adds a tombstone later overwrites none; each counts what it added itself."""
    land(tmp_path, given_posts({"id": "1", "text": "fog"}, {"id": "2", "text": "tide"}))
    result = forget(tmp_path, ForgetRequest(ids=("1",), platform="x"), holders=(*HOLDERS[:2], SlowCorpora()))
    assert result.tombstones_added == 2
    assert len(Tombstones.read(Workspace(tmp_path)).marks) == result.tombstones == 3
    assert numbers(land(tmp_path, given_posts({"id": "2", "text": "tide"})))[1] == 0


def test_threads_that_add_lose_nothing(tmp_path: Path) -> None:
    """Every line is there, once, below one salt."""
    space = Workspace(tmp_path)
    Tombstones.read(space).add(space, [mark(0)], "2026-03-04T05:06:07+00:00")
    works = [Forgetting(space, Tombstones.read(space)) for _ in range(3)]

    def add(first: int) -> None:
        for number in range(4):
            works[first].add([mark(1 + 4 * first + number)])

    threads = [threading.Thread(target=add, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tombstones = Tombstones.read(space)
    assert tombstones.marks == {mark(number) for number in range(13)}
    assert len(tombstones.lines) == 14


def test_a_landing_keeps_the_tombstones_of_a_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A landing adds tombstones too: of what passes a forgotten post on."""
    land(tmp_path, given_posts({"id": "1", "text": "fog"}))
    forget(tmp_path, ForgetRequest(ids=("1",), platform="x"))
    space = Workspace(tmp_path)
    fresh = spread.fresh

    def fresh_after_another(connection: object, tombstones: Tombstones) -> object:
        Forgetting(space, Tombstones.read(space)).add([mark(3)])
        return fresh(connection, tombstones)  # type: ignore[arg-type]  # it is the landing's own connection

    monkeypatch.setattr(spread, "fresh", fresh_after_another)
    land(tmp_path, given_posts({"id": "5", "text": "fog", "is_repost": True, "repost_of": "1"}))
    tombstones = Tombstones.read(space)
    assert mark(3) in tombstones.marks
    assert len(tombstones.marks) == 3


def test_another_salt_is_an_error(tmp_path: Path) -> None:
    """Hashes of a file that somebody replaced meanwhile mean nothing below the new salt."""
    space = Workspace(tmp_path)
    Tombstones("an old salt").add(space, [mark(1)], "2026-03-04T05:06:07+00:00")
    with pytest.raises(WorkspaceError, match="another salt"):
        Tombstones("a new salt").add(space, [mark(2)], "2026-03-04T05:06:07+00:00")
    assert Tombstones.read(space).marks == {mark(1)}
