"""Kept values: found again, never wrong, bounded, and no more than a cache."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.collecting.land import land
from curation.corpus.curate import curate
from curation.corpus.run_context import RunContext
from curation.functions import base
from curation.functions.base import BatchFunction
from curation.functions.memo import MOST_FILES, Memo
from curation.recipes.recipe import Recipe
from curation.rules.base import Filter, column, param
from tests.collecting.test_landing import given_posts

SEEN: Counter[str] = Counter()


def lengths(texts: list[str]) -> list[int]:
    """The lengths, remembering what was asked."""
    SEEN.update(texts)
    return [len(text) for text in texts]


@dataclass(frozen=True, kw_only=True)
class Long(Filter):
    """Long, measured at great expense"""

    use: ClassVar[str] = "long"
    title: ClassVar[str] = "Long"
    max: int = param(9, doc="characters")
    version_of_function: str = param("1", doc="version")

    def measure(self) -> str:
        return "dear_length(text)"

    def removes(self) -> str:
        return f"{column(self)} > {self.max}"

    def functions(self) -> tuple[BatchFunction, ...]:
        return (BatchFunction("dear_length", self.version_of_function, "BIGINT", lengths, cached=True),)


def asked(data: Path, rule: Filter, **context: Any) -> tuple[Counter[str], list[tuple[str, int]]]:
    """What the function was asked in a run, and the corpus's measures."""
    SEEN.clear()
    corpus = curate(
        data, Recipe(f"with_{rule.label.lower()}", (rule,)), context=RunContext(**context), again=True
    ).corpus
    return Counter(SEEN), corpus.rows("SELECT id, long FROM posts ORDER BY id")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A workspace of ten posts."""
    land(tmp_path, given_posts(*({"id": str(n), "text": f"fog {n % 7}"} for n in range(10))))
    return tmp_path


def test_a_second_recipe_pays_for_nothing(data: Path) -> None:
    """Another recipe finds every value; new posts are asked for, and only these."""
    first, measured = asked(data, Long())
    assert first == Counter(f"fog {n}" for n in range(7))
    assert asked(data, Long(label="Other")) == (Counter(), measured)
    land(data, given_posts({"id": "99", "text": "rain"}, {"id": "98", "text": "fog 1"}))
    assert asked(data, Long())[0] == Counter(["rain"])


def test_what_is_forgotten_is_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond its bound a function forgets, and still gives every text its value."""
    monkeypatch.setattr(base, "REMEMBERED", 3)
    function = base.remembering(BatchFunction("length", "1", "BIGINT", lengths))
    SEEN.clear()
    for texts in (["a", "bb", None, "a"], ["bb", "ccc", "dddd"], ["a", "dddd"]):
        assert function(pa.chunked_array([texts], pa.string())).to_pylist() == [text and len(text) for text in texts]
    assert SEEN == {"a": 2, "bb": 1, "ccc": 1, "dddd": 2}


def test_another_version_is_another_function(data: Path) -> None:
    """What an older version said is not taken for what a newer one says."""
    asked(data, Long())
    assert len(asked(data, Long(version_of_function="2"))[0]) == 7


def test_deleting_it_changes_nothing(data: Path) -> None:
    """Nor does keeping nothing at all."""
    _, measured = asked(data, Long())
    for path in (data / ".memo").rglob("*.npy"):
        path.unlink()
    assert asked(data, Long()) == (Counter(f"fog {n}" for n in range(7)), measured)
    assert asked(data, Long(), memo_limit=0) == (Counter(f"fog {n}" for n in range(7)), measured)


@pytest.mark.parametrize("damage", ["flipped", "cut off", "empty", "foreign"])
def test_damage_is_noticed(data: Path, damage: str) -> None:
    """A file that is not as it was written is left out, said, and made anew."""
    _, measured = asked(data, Long())
    [path] = (data / ".memo").rglob("*.npy")
    content = bytearray(path.read_bytes())
    if damage == "flipped":
        content[-3] ^= 1
    path.write_bytes({"cut off": content[:-9], "empty": b"", "foreign": b"fog" * 99}.get(damage, bytes(content)))
    said: list[str] = []
    assert asked(data, Long(), on_notice=said.append) == (Counter(f"fog {n}" for n in range(7)), measured)
    assert any(str(path) in note and "damaged" in note for note in said)
    assert not asked(data, Long())[0]


def test_its_size_is_bounded_and_the_oldest_goes_first(tmp_path: Path) -> None:
    """Beyond the limit old files are removed; many small ones become one."""
    memo = Memo(tmp_path, limit=40_000)
    for part in range(3 * MOST_FILES):
        shelf = memo.shelf("length", "1", "BIGINT")
        texts = [f"{part} {n}" for n in range(100)]
        shelf.keep(shelf.find(texts)[0], range(100))
        shelf.flush()
        memo.tidy()
        files = list(tmp_path.rglob("*.npy"))
        assert sum(path.stat().st_size for path in files) <= 40_000
        assert len(files) <= MOST_FILES + 1
    shelf = memo.shelf("length", "1", "BIGINT")
    assert len(shelf.find([f"{3 * MOST_FILES - 1} {n}" for n in range(100)])[1]) == 100
    assert not shelf.find([f"0 {n}" for n in range(100)])[1]


VALUES = {
    "VARCHAR": st.one_of(st.none(), st.text(max_size=9), st.sampled_from(["", "\0", "a\0", "霧"])),
    "BLOB": st.one_of(st.none(), st.binary(max_size=9)),
    "DOUBLE": st.one_of(st.none(), st.floats(allow_nan=False)),
    "BIGINT": st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
    "BOOLEAN": st.one_of(st.none(), st.booleans()),
}


@pytest.mark.parametrize("returns", VALUES)
def test_what_is_found_is_what_was_kept(returns: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Values of every type come back as they were, from any number of files."""

    @given(st.lists(st.dictionaries(st.text(max_size=4), VALUES[returns], max_size=9), max_size=4))
    @settings(max_examples=15, deadline=None)
    def kept(parts: list[dict[str, Any]]) -> None:
        memo = Memo(tmp_path_factory.mktemp("memo"))
        whole: dict[str, Any] = {}
        for part in parts:
            new = {text: value for text, value in part.items() if text not in whole}
            shelf = memo.shelf("f", "1", returns)
            shelf.keep(shelf.find(list(new))[0], list(new.values()))
            shelf.flush()
            whole |= new
        memo.tidy()
        texts = [*whole, "nobody asked this before"]
        _, found = memo.shelf("f", "1", returns).find(texts)
        assert {texts[place]: value for place, value in found.items()} == whole

    kept()


def test_forgetting_takes_the_kept_values_along(data: Path) -> None:
    """A digest of a text is a trace of it."""
    from curation.forgetting.forget import ForgetRequest, forget

    asked(data, Long())
    forget(data, ForgetRequest(ids=("1",)))
    assert not list((data / ".memo").rglob("*.npy"))
