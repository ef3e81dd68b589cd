"""Words that Python adds to SQL.

A `BatchFunction` maps texts to values, many at a time. DuckDB calls it like any other function, so nothing else needs
to know which rules use Python. Within a connection, Python sees each distinct text once: timelines repeat themselves,
and a call costs far more than a look-up. Values of `cached` functions are also kept between runs
(`curation.functions.memo`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import InitVar, dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    import duckdb

    from curation.functions.memo import Shelf

#: Distinct texts that a function remembers in a connection; about 25 MB of short posts. Four times as many find 96% of
#: the repeats in five archives instead of 88%, and cost more than they save.
REMEMBERED = 50_000

ARROW_TYPES: dict[str, pa.DataType] = {
    "VARCHAR": pa.string(),
    "DOUBLE": pa.float64(),
    "BIGINT": pa.int64(),
    "BOOLEAN": pa.bool_(),
}


@dataclass(frozen=True)
class BatchFunction:
    """A function of a text, computed for many texts at a time.

    `call` gets distinct texts, never None, and gives their values in the same order; a value may be None. It must
    depend only on the text and the `version`, so that values can be kept.
    """

    name: str  # the word in SQL, which includes parameters that change the values
    version: str  # changes when the same text may get another value
    returns: str  # a key of ARROW_TYPES
    call: Callable[[list[str]], Sequence[Any]]
    rare: bool = False  # few texts need it, thanks to a cheap test before it; so it needs no process of its own
    cost: float = 2.0  # about how many microseconds a text takes; for the time left
    cached: bool = False  # whether the workspace keeps its values between runs
    dear: InitVar[bool] = False  # the former name of `cached`

    def __post_init__(self, dear: bool) -> None:
        if dear:
            object.__setattr__(self, "cached", True)

    def register(self, connection: duckdb.DuckDBPyConnection, shelf: Shelf | None = None) -> None:
        """Add the word to a connection; the `shelf` has the values that are kept between runs."""
        from duckdb.func import ARROW, SPECIAL

        function = remembering(self, shelf)
        connection.create_function(self.name, function, ["VARCHAR"], self.returns, type=ARROW, null_handling=SPECIAL)


def remembering(function: BatchFunction, shelf: Shelf | None = None) -> Callable[[pa.ChunkedArray[Any]], pa.Array[Any]]:
    """The function over Arrow arrays, computed once for each distinct text that it remembers."""
    remembered: dict[str | None, Any] = {}
    arrow_type = ARROW_TYPES[function.returns]
    compute = function.call if shelf is None else _kept(function, shelf)

    # DuckDB evaluates these annotations, and at run time the classes take no parameters.
    def over_arrow(texts: pa.ChunkedArray) -> pa.Array:  # type: ignore[type-arg]
        column = texts.to_pylist()
        new = [text for text in dict.fromkeys(column) if text not in remembered and text is not None]
        if new:
            remembered.update(zip(new, compute(new), strict=True))
        answers = list(map(remembered.get, column))  # None for None, too
        if len(remembered) > REMEMBERED:
            remembered.clear()  # all at once costs less than an order of age
        return _array(answers, arrow_type)

    return over_arrow


def _kept(function: BatchFunction, shelf: Shelf) -> Callable[[list[str]], list[Any]]:
    """The function, called only for texts without a kept value."""

    def compute(texts: list[str]) -> list[Any]:
        digests, by_place = shelf.find(texts)
        new = [place for place in range(len(texts)) if place not in by_place]
        if new:
            values = function.call([texts[place] for place in new])
            shelf.keep([digests[place] for place in new], values)
            by_place |= zip(new, values, strict=True)
        return [by_place[place] for place in range(len(texts))]

    return compute


def _array(values: list[Any], arrow_type: pa.DataType) -> pa.Array[Any]:
    if arrow_type != pa.string():
        return pa.array(values, type=arrow_type)
    # `pa.array` would import pandas if it is installed, which takes half a second in each worker.
    builder = pa.lib.StringBuilder()
    builder.append_values(values)
    return builder.finish()
