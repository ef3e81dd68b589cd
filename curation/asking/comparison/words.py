"""The words of a text as people read them, for counting which come and go.

Other than when words are counted (`curation.functions.patterns`), a word here keeps its marks, since it is shown: Hindi
and Arabic words stay whole. Scripts that write no blanks between words (Han, kana, Thai, Lao, Khmer, Burmese) give
pairs of neighbouring characters as people see them, which say more than single ones and need no dictionary.
"""

from __future__ import annotations

from curation import sql
from curation.functions import patterns

#: A run of characters of scripts that write no blanks between words.
SPACELESS = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\x{30fc}\x{ff70}]+"
_LETTERS = r"[\p{L}\p{N}][\p{L}\p{M}\p{N}\x{200c}\x{200d}]*"
#: Letters and digits with their marks, and the signs that join them: `don't`, `3.5`.
WORD = rf"{_LETTERS}(?:['’.·]{_LETTERS})*"


def words_of(text: str) -> str:
    """SQL: the words of the expression `text` in small letters, without links, mentions and tags; a list.

    Words with blanks around them come first, pairs of characters after them.
    """
    own = f"lower({patterns.own_words(text)})"
    spaced = f"regexp_extract_all({sql.replace_all(own, SPACELESS, ' ')}, {sql.literal(WORD)})"
    pairs = (
        f"flatten(list_transform(regexp_extract_all({own}, {sql.literal(SPACELESS)}), lambda run: "
        "CASE WHEN length_grapheme(run) < 2 THEN [run] ELSE "
        "list_transform(range(1, length_grapheme(run)), lambda place: substring_grapheme(run, place, 2)) END))"
    )
    return f"CASE WHEN {sql.not_ascii(text)} THEN list_concat({spaced}, {pairs}) ELSE {_plain(own)} END"


def _plain(own: str) -> str:
    return f"regexp_extract_all({own}, {sql.literal(WORD)})"
