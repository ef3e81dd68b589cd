r"""What the first lines of a table show of its escapes and quotation marks: a dump of PostgreSQL, or of Hive.

`COPY` writes a tab between cells, no quotation marks around them, and a backslash for each of `\t`, `\n`, `\r` and `\\`
within them. So every backslash in such a file begins one of these. Texts hold backslashes too (`\o/`, `C:\new`,
`\textbf`), and a few of them may look like escapes; so different escapes must be there, and no other.

>>> is_copy_text(["1\tone\\ntwo\n", "2\ta\\tb\n", "3\tC:\\\\new\n"]), is_copy_text(["1\tC:\\new\n", "2\t\\o/ \\n\n"])
(True, False)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

ESCAPE = re.compile(r"\\(.)", re.DOTALL)
#: The beginning of a path, whose backslashes are single.
DRIVE = re.compile(r"(?<![A-Za-z])[A-Za-z]:\\(?!\\)")
#: The line after the last row.
END = "\\."

_SHARE_PATH = re.compile(r"(?:^|[\s\"'(])\\\\[\w.-]+\\(?!\\)")
#: What follows the escape of a line break, and hardly ever the name of a command or of a folder.
_CLEAR = re.compile(r"\\[nrt]|[A-Z0-9#@*•–—-]|[^\x00-\x7f]")
_STATEMENT = re.compile(r"COPY\s+[^()]{1,200}\(([^()]{1,20000})\)\s+FROM\s+stdin;\s*", re.IGNORECASE)
#: Rows with escapes that are enough where little else shows them.
_ROWS = 3
#: Characters that no text has, and that Hive and others write between cells.
CONTROLS = ("\x01", "\x1f")


def is_copy_text(lines: Iterable[str]) -> bool:
    """Whether the backslashes in these lines of a table with tabs are those of `COPY`, or of MySQL's like it."""
    rows = clear_rows = 0
    kinds: set[str] = set()
    for line in lines:
        if line.rstrip("\r\n") == END:
            kinds.add("end")
            continue
        if "\\" not in line:
            continue
        if DRIVE.search(line) or _SHARE_PATH.search(line):
            return False
        escapes = [*ESCAPE.finditer(line)]
        if not all(_is_of_copy(escape, line) for escape in escapes):
            return False
        rows += 1
        kinds.update(escape[1] for escape in escapes)
        clear_rows += any(escape[1] in "nrt" and _CLEAR.match(line, escape.end()) for escape in escapes)
    tabs, breaks, doubled = "t" in kinds, bool(kinds & {"n", "r"}), "\\" in kinds
    if "end" in kinds and rows:
        return True
    if doubled and (tabs or breaks):
        return bool(clear_rows) or rows >= _ROWS or (tabs and breaks)
    return tabs and breaks and clear_rows > 1


def _is_of_copy(escape: re.Match[str], line: str) -> bool:
    if escape[1] == "N":
        return line[: escape.start()][-1:] in ("", "\t") and line[escape.end() :][:1] in ("", "\t", "\n", "\r")
    return escape[1] in "\\nrtbfv"


def columns_of_copy(line: str) -> list[str] | None:
    """The columns that a statement of a dump names: `COPY public.posts (id, text) FROM stdin;`."""
    if line[:4].upper() != "COPY" or not (match := _STATEMENT.fullmatch(line)):
        return None
    return [name.strip().strip('"') for name in match[1].split(",")]


def marks_are_text(rows: Sequence[Sequence[str]]) -> bool:
    """Whether quotation marks around cells, split at every delimiter, belong to the texts.

    Whoever writes marks around cells doubles those within, or writes them around all cells of a column.
    """
    columns = [*zip(*(row for row in rows if len(row) == len(rows[0])), strict=True)] if rows else []
    marked = [[_is_marked(cell) for cell in column if cell] for column in columns]
    if any(cell[1:-1].count('""') for column in columns for cell in column if _is_marked(cell)):
        return False
    return not any(column and all(column) and (len(column) > 1 or len(columns) == 1) for column in marked)


def _is_marked(cell: str) -> bool:
    return len(cell) > 1 and cell[0] == cell[-1] == '"'
