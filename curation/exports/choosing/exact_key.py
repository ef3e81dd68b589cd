r"""Copies, for a split: texts that are equal but for case, blanks and Unicode composition.

`canonical` and `number` define them in Python. SQL computes the same, to the last bit, for nearly all texts: those
whose characters stay as they are under NFC, whatever stands beside them, and whose case folding is the small letter.
Only the others go to Python.
"""

from __future__ import annotations

import hashlib
import unicodedata

import duckdb

from curation import sql
from curation.sql.order import drawn

#: Characters for which `canonical` does no more than SQL's `lower`, besides blanks, as a class of RE2. They are the
#: scripts and signs of most posts, without combining marks, which may merge with the character before them.
PLAIN = (
    r"\x{0}-\x{7f}\x{80}-\x{b4}\x{b6}-\x{de}\x{e0}-\x{12f}\x{131}-\x{148}\x{14a}-\x{17e}\x{180}-\x{1ef}"
    r"\x{388}-\x{38a}\x{38c}\x{38e}\x{38f}\x{391}-\x{3a1}\x{3a3}-\x{3af}\x{3b1}-\x{3c1}\x{3c3}-\x{3ce}"
    r"\x{400}-\x{482}\x{48a}-\x{52f}\x{5d0}-\x{5ea}\x{60c}\x{61b}\x{61f}-\x{64a}\x{660}-\x{66f}\x{671}-\x{6d5}"
    r"\x{6f0}-\x{6f9}\x{904}-\x{93b}\x{93d}-\x{94c}\x{964}-\x{96f}\x{e01}-\x{e37}\x{e3f}-\x{e47}\x{e4f}-\x{e59}"
    r"\x{200b}-\x{2027}\x{2028}-\x{205f}\x{20a0}-\x{20bf}\x{2190}-\x{2328}\x{232b}-\x{23ff}\x{2500}-\x{27bf}"
    r"\x{2b00}-\x{2b73}\x{3000}-\x{3029}\x{3030}-\x{3096}\x{309b}-\x{30ff}\x{3131}-\x{318e}\x{3400}-\x{4db5}"
    r"\x{4e00}-\x{9fef}\x{ac00}-\x{d7a3}\x{fe0e}\x{fe0f}\x{ff01}-\x{ff9d}\x{1f300}-\x{1f6d5}\x{1f900}-\x{1f9ff}"
)


def canonical(text: str) -> str:
    r"""The form that copies of a text share.

    >>> canonical("Good  Morning\n")
    'good morning'
    """
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def number(text: str, seed: int) -> float:
    r"""The number in [0, 1) that decides the side of `text`, from the first 52 bits of an MD5.

    >>> number("Good  Morning", seed=0) == number("good morning\n", seed=0)
    True
    """
    digest = hashlib.md5(f"split\0{seed}\0{canonical(text)}".encode(), usedforsecurity=False)
    return int(digest.hexdigest()[:13], 16) / 16**13


#: The function in SQL for the few texts with other characters than `PLAIN`.
_CANONICAL = "split_canonical"


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """Register the function that `canonical_of` calls, once for a connection."""
    from curation.functions.base import BatchFunction  # imports Arrow

    BatchFunction(_CANONICAL, "1", "VARCHAR", lambda texts: [canonical(text) for text in texts], rare=True).register(
        connection
    )


def canonical_of(text: str) -> str:
    """SQL: `canonical` of the expression `text`, a column if possible; it needs `register`."""
    lower = f"lower({text})"
    folded = f"CASE WHEN {sql.has_odd_blanks(text)} THEN {sql.fold_blanks(lower)} ELSE {lower} END"
    other = f"{sql.not_ascii(text)} AND {sql.matches(text, f'[^{PLAIN}]')}"
    return f"CASE WHEN {other} THEN {_CANONICAL}({text}) ELSE {folded} END"


def number_of(canonical: str, seed: int) -> str:
    """SQL: `number` by the expression `canonical`, which is a text's canonical form."""
    return f"(('0x' || left({drawn(seed, 'copies', [canonical])}, 13))::UBIGINT / {16**13}::DOUBLE)"


def words_of(canonical: str) -> str:
    """SQL: a number of 64 bits that copies share, by the expression `canonical`."""
    before = sql.literal("words\0")
    digest = f"md5({before} || {canonical})"
    return f"('0x' || left({digest}, 16))::UBIGINT"
