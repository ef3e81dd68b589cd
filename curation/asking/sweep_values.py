"""The values of a sweep, as users write them: `1..10`, `1..10:2`, `0.1..0.9:0.2`, `1,3,5`, `earliest,latest`,
`en;en,de`, `2019-01-01..2019-12-01:30`.

A range includes both ends. Its default step is 1 in the last decimal place: `1..10` by 1, `0.5..0.7` by 0.1, dates by
a day.
"""

from __future__ import annotations

import datetime
import re
import types
import typing
from decimal import Decimal
from typing import Any

from curation.errors import UsageError

#: More values than this are a slip.
MOST = 1000

_NUMBER = r"[+-]?[0-9]+(?:\.[0-9]+)?"
_NUMBERS = re.compile(rf"({_NUMBER})(?:\.\.({_NUMBER})(?::({_NUMBER}))?)?")
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DATES = re.compile(rf"({_DATE})(?:\.\.({_DATE})(?::([0-9]+))?)?")


def parse_values(text: str, type_of_value: Any, *, place: str, of_choice: bool = False) -> list[Any]:
    """The values in `text`, each once, in their order.

    `type_of_value` is the parameter's type, `place` its name in messages. Semicolons separate texts; commas do too if
    the parameter is `of_choice`, one of a few words. A list of texts contains commas itself. The recipe checks the
    values. Raises `UsageError`.
    """
    options = typing.get_args(type_of_value) if isinstance(type_of_value, types.UnionType) else (type_of_value,)
    options = tuple(option for option in options if option is not types.NoneType)
    if any(typing.get_origin(option) is tuple for option in options):
        values: list[Any] = [_pieces(piece, ",") for piece in _pieces(text, ";")]
    elif str in options:
        values = _pieces(text, "," if of_choice and ";" not in text else ";")
    elif bool in options:
        values = [_truth(piece, place) for piece in _pieces(text, ",")]
    else:
        parse = _dates if datetime.date in options else _numbers
        values = [value for piece in _pieces(text, ",") for value in parse(piece, place)]
        if float in options:
            values = [float(value) for value in values]
    if not values:
        raise UsageError(f"{place}: no value was given. Write them as 1..10, or one by one as 1,3,5.")
    if len(values) > MOST:
        raise _too_many(len(values), place)
    return [value for number, value in enumerate(values) if value not in values[:number]]


def _pieces(text: str, mark: str) -> list[str]:
    return [piece.strip() for piece in text.split(mark) if piece.strip()]


def _truth(piece: str, place: str) -> bool:
    if piece not in ("true", "false"):
        raise UsageError(f"{place}: {piece!r} is neither true nor false. Write true,false.")
    return piece == "true"


def _numbers(piece: str, place: str) -> list[int | float]:
    match = _NUMBERS.fullmatch(piece)
    if not match:
        raise UsageError(
            f"{place}: {piece!r} is no number and no range. Write 1..10, 1..10:2 for every second one, or 1,3,5."
        )
    first = Decimal(match[1])
    last = Decimal(match[2] or match[1])
    places = [int(number.as_tuple().exponent) for number in (first, last)]
    step = abs(Decimal(match[3])) if match[3] else Decimal(1).scaleb(min(places))
    if not step:
        raise UsageError(f"{place}: the step of {piece} is 0, so it never ends. Write 1..10:2 for every second one.")
    count = int(abs(last - first) / step) + 1
    if count > MOST:
        raise _too_many(count, place)
    sign = 1 if last >= first else -1
    values = [first + sign * number * step for number in range(count)]
    return [float(v) if v.as_tuple().exponent < 0 else int(v) for v in values]  # type: ignore[operator]


def _dates(piece: str, place: str) -> list[str]:
    match = _DATES.fullmatch(piece)
    try:
        if not match:
            raise ValueError
        first = datetime.date.fromisoformat(match[1])
        last = datetime.date.fromisoformat(match[2] or match[1])
    except ValueError:
        raise UsageError(
            f"{place}: {piece!r} is no date and no range. Write 2019-01-31, or 2019-01-01..2019-12-31:30 for every "
            "30th day."
        ) from None
    step = int(match[3] or 1)
    if not step:
        raise UsageError(f"{place}: the step of {piece} is 0, so it never ends. It is a number of days.")
    count = abs((last - first).days) // step + 1
    if count > MOST:
        raise _too_many(count, place)
    sign = 1 if last >= first else -1
    return [(first + datetime.timedelta(days=sign * number * step)).isoformat() for number in range(count)]


def _too_many(count: int, place: str) -> UsageError:
    return UsageError(
        f"{place}: {count:,} values are too many, at most {MOST:,}. Give a wider step, such as 1..1000:50."
    )
