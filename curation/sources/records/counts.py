r"""Counts as spreadsheets write them: `1.250`, `1 250`, `1,250`, `12,0`.

A dot or a comma before three digits parts thousands, unless the column shows that it parts decimals: by `0,500`,
`2,5` or more than three digits before it.

>>> [plain_count(cell, None) for cell in ("1.250", "12,0", "1 250 000", "1.250,0", "2,5")]
['1250', '12', '1250000', '1250', '2,5']
>>> decimal_mark(["0,500", "3,000"]), plain_count("3,000", ",")
(',', '3')
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from curation.writing.characters import without_invisible

#: Thousands are parted by one character throughout; India's lakhs have groups of two.
_NUMBER = re.compile(
    r"(?P<whole>\d{1,3}(?P<parted>[.,'\u2019\u066c\s])\d{3}(?:(?P=parted)\d{3})*|\d{1,2}(?:,\d{2})+,\d{3}|\d+)"
    r"(?:(?P<mark>[.,\u066b])(?P<decimals>\d+))?"
)
_FRACTION = re.compile(r"(?:0|\d{4,})(?P<mark>[.,])\d+|\d+(?P<other>[.,])(?=\d*[1-9])(?:\d{1,2}|\d{4,})")


def decimal_mark(cells: Iterable[str]) -> str | None:
    """The decimal mark of a column of counts, if its cells show it."""
    for cell in cells:
        # `1234.0` is a float of pandas, whose column has no thousands.
        if match := _FRACTION.fullmatch(cell.strip()):
            return match["mark"] or match["other"]
    return None


def plain_count(cell: str, mark: str | None) -> str:
    """A count with digits alone; any other cell as it is. `mark` parts decimals."""
    cell = without_invisible(cell).strip()
    match = None if cell.isdecimal() else _NUMBER.fullmatch(cell)
    if not match or (match["mark"] and match["mark"] == match["parted"]):
        return cell
    whole, decimals = match["whole"], match["decimals"]
    if mark and match["parted"] == mark and decimals is None and whole.count(mark) == 1:
        whole, _, decimals = whole.partition(mark)
    return cell if decimals and decimals.strip("0") else "".join(filter(str.isdecimal, whole))
