"""Reads TOML that a person wrote; an error becomes a clause with its line."""

from __future__ import annotations

import re
import sys
import tomllib
from typing import Any

#: The begin or end of a list or table; texts and comments match as a whole, so their content does not count.
_BRACKETS = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|#[^\n]*|[\[{]|[\]}]|\n")


def toml_content(text: str) -> dict[str, Any]:
    """The content of a TOML file. Raises `ValueError`, with a message that continues "NAME is not valid TOML: "."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(str(error).replace("\n", " ")) from error
    except RecursionError:
        raise ValueError(f"lists or tables are nested too deeply (at line {_deepest(text)})") from None
    except ValueError as error:  # Python limits the digits of a number
        most = sys.get_int_max_str_digits()
        number = re.search(rf"[0-9_]{{{most},}}", text)
        at = f" (at line {1 + text.count(chr(10), 0, number.start())})" if number else ""
        why = f"a number has more than {most:,} digits" if number else str(error)
        raise ValueError(f"{why}{at}") from error


def _deepest(text: str) -> int:
    """The line, from 1, with the most open lists and tables."""
    line, depth, deepest = 1, 0, (0, 1)
    for bracket in _BRACKETS.finditer(text):
        if bracket[0] == "\n":
            line += 1
        elif bracket[0] in ("[", "{"):
            depth += 1
            deepest = max(deepest, (depth, line), key=lambda one: one[0])
        elif bracket[0] in ("]", "}"):
            depth -= 1
    return deepest[1]
