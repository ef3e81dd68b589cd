"""What every dialect has."""

from __future__ import annotations

import inspect

import pytest

from curation.sources.dialects import dialects
from curation.sources.dialects.base import Dialect, OnePost


@pytest.mark.parametrize("dialect", dialects(), ids=lambda dialect: dialect.name)
def test_a_dialect_reads_its_records(dialect: type[Dialect]) -> None:
    """Nothing that it must have is left to be written, and it says what it is."""
    assert not inspect.isabstract(dialect)
    assert dialect.doc


def test_what_lacks_its_row_is_no_dialect() -> None:
    """The classes themselves say what must be written."""
    assert Dialect.__abstractmethods__ == {"posts"}
    assert OnePost.__abstractmethods__ == {"row"}
