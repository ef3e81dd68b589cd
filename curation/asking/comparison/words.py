"""The words of a text, to show which become more or less frequent.

Unlike in `curation.functions.patterns`, a word keeps its marks, since it is shown: Hindi and Arabic words stay whole.
Scripts without spaces between words (Han, kana, Thai, Lao, Khmer, Burmese) give pairs of neighbouring characters, which
tell more than single ones and need no dictionary.
"""

from __future__ import annotations

from curation import sql
from curation.functions import patterns

#: A run of characters of scripts without spaces between words.
SPACELESS = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\x{30fc}\x{ff70}]+"
_LETTERS = r"[\p{L}\p{N}][\p{L}\p{M}\p{N}\x{200c}\x{200d}]*"
#: Letters and digits with their marks, and the signs that join them: `don't`, `3.5`.
WORD = rf"{_LETTERS}(?:['’.·]{_LETTERS})*"


def words_of(text: str) -> str:
    """SQL: the words of the expression `text` in lower case, without links, mentions and tags; a list.

    Words with spaces around them come first, then pairs of characters.
    """
    own = f"lower({patterns.own_words(text)})"
    spaced, plain = (
        f"regexp_extract_all({words}, {sql.literal(WORD)})" for words in (sql.replace_all(own, SPACELESS, " "), own)
    )
    pairs = (
        f"flatten(list_transform(regexp_extract_all({own}, {sql.literal(SPACELESS)}), lambda run: "
        "CASE WHEN length_grapheme(run) < 2 THEN [run] ELSE "
        "list_transform(range(1, length_grapheme(run)), lambda place: substring_grapheme(run, place, 2)) END))"
    )
    return f"CASE WHEN {sql.not_ascii(text)} THEN list_concat({spaced}, {pairs}) ELSE {plain} END"
