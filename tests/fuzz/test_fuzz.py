"""Mutated inputs of every kind, a minute of them from a fixed seed; `make fuzz` runs more."""

from __future__ import annotations

import contextlib
from pathlib import Path
from random import Random

import pytest

from curation.collecting.land import land
from curation.disk.workspace import Workspace
from curation.errors import CurationError, InputError
from curation.sources import open_source
from curation.sources.dialects import best_of, dialects
from tests.fuzz import inputs, mutations
from tests.fuzz.harness import run
from tests.fuzz.posts import records
from tests.fuzz.shrinking import shrunk
from tests.fuzz.trials import TRIALS, source_of, write

SEED = 12

#: Inputs by kind: about a minute of processor time together.
INPUTS = {"dialect": 8000, "read": 2500, "land": 70, "text": 2000, "command": 60, "workspace": 40}


@pytest.mark.parametrize("kind", TRIALS)
def test_no_mutated_input_does_more_than_it_may(kind: str) -> None:
    """Only sentences and sound posts come out of it, in time."""
    tally = run(kind, TRIALS[kind], SEED, inputs=INPUTS[kind])
    assert tally.inputs == INPUTS[kind]
    assert not tally.findings, "\n".join(map(str, tally.findings))


#: Dialects that only a file, or the way to a record in it, tells.
TOLD_BY_THE_FILE = frozenset({"whatsapp", "bluesky-car", "tiktok"})


def test_every_dialect_has_a_record_to_begin_with() -> None:
    """A new dialect needs a line in `posts.jsonl`, and is recognised by it."""
    recognised = {name: {best_of(record)[0] for record in some} for name, some in records().items()}
    assert set(recognised) == {dialect.name for dialect in dialects()}
    missed = {name: found for name, found in recognised.items() if name not in found | TOLD_BY_THE_FILE}
    assert not missed


def test_sound_inputs_land(tmp_path: Path) -> None:
    """Before it is mutated, each kind lands something or says why not, so that mutations begin at what is read."""
    landed = 0
    made = inputs.sound_inputs()
    for number, given in enumerate(made):
        folder = tmp_path / str(number)
        folder.mkdir()
        write(given, folder)
        with contextlib.suppress(CurationError):
            landed += sum(page.posts.num_rows for page in source_of(given, folder).pages()) > 0
    assert landed > 0.5 * len(made)


def test_a_fault_is_found_and_can_be_seen_again(tmp_path: Path) -> None:
    """The harness itself: exceptions and endless work are findings, each kept once; sentences are none."""

    def faulty(draw: Random, folder: Path) -> None:
        number = draw.randrange(3)
        if number == 0:
            raise InputError("a sentence")
        if number == 1:
            raise ValueError("a fault")

    tally = run("faulty", faulty, 1, inputs=30)
    assert tally.refused
    assert [finding.what for finding in tally.findings] == ["faulty: ValueError"]
    assert tally.times["faulty: ValueError"] > 1
    again = run("faulty", faulty, 1, inputs=1, first=tally.findings[0].number)
    assert again.findings[0].what == "faulty: ValueError"


def test_mutated_values_leave_their_seed_alone() -> None:
    """Or a second run from the same seed would try other inputs."""
    record = records()["mastodon"][0]
    before = repr(record)
    draw = Random(1)
    changed = [mutations.mutated_value(record, draw) for _ in range(50)]
    assert repr(record) == before
    assert sum(value != record for value in changed) > 40


def test_half_a_character_anywhere_becomes_the_replacement(tmp_path: Path) -> None:
    """In every column of every row, whoever reads it."""
    account = (
        '[{"account": {"username": "mi\\ud83dra", "accountId": "9\\ud83d", "accountDisplayName": "\\udc00 名前"}}]'
    )
    tweets = '[{"tweet": {"id_str": "12", "created_at": "Wed Oct 19 20:07:25 +0000 2022", "full_text": "ثلاث قطط"}}]'
    files = {"data/account.js": account, "data/tweets.js": tweets}
    for name, text in files.items():
        path = tmp_path / "archive" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"window.YTD.{path.stem}.part0 = {text}", encoding="utf-8")

    space = Workspace(tmp_path / "data")
    landing = land(space, open_source("x-archive", [str(tmp_path / "archive")]))
    assert landing.authors == ("mi\ufffdra",)
    assert any("half of a surrogate pair" in notice for notice in landing.notices)


def test_a_fault_is_shown_with_few_bytes() -> None:
    """What does not matter is left out."""
    data = b"words " * 50 + b"[[" + "ثلاث".encode() * 20
    assert shrunk(data, lambda less: less.count(b"[") == 2) == b"[["
    assert shrunk(data, lambda less: True) == b""
