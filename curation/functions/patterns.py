r"""Links, mentions, tags and words, as expressions of RE2, the engine of DuckDB.

RE2's own `\s`, `\w` and `\b` know only ASCII, so every class is written in full.

**Links** are ASCII: `https://t.co/abcこれ` ends before `こ`, because Japanese and Chinese put no blank after a link.
They do not end with any of `.,;:!?)'`, so that a sentence keeps its full stop and a bracket its partner.

**Words** follow Unicode's standard for word boundaries (UAX #29): letters with their marks, digits, and the signs that
join them (`don't`, `3.5`, `snake_case`); each Han character and each Hiragana is a word, and so is a run of Katakana. A
word must contain a letter or a digit. One difference makes it faster: Katakana after or before an underscore is a
separate word (`ア_b` is two).

The standard leaves out Thai, Lao, Khmer and Burmese, which have no blanks and need a dictionary; there,
`SPACELESS_LETTERS` letters count as a word. For 7,220 beginnings of Thai sentences with one to six words (by ICU's
dictionary) this estimate is off by half a word on average, and agrees for 89% on whether there are fewer than three
words. With three or five letters it agrees for 86%.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files

from curation import sql
from curation.sql import BLANKS

#: Classes of characters for the inside of brackets, by name.
CLASSES: dict[str, str] = {
    name: "".join(parts)
    for name, parts in tomllib.loads(files("curation.functions").joinpath("patterns.toml").read_text("utf-8")).items()
}

NOT_BLANK = f"[^{BLANKS}]"

LINK = r"(?i:(?:https?://|\bwww\.)[!#-;=?-~]*[A-Za-z0-9/_=&#%~+$@*-])"
#: `@name` (X), `@name@host.org` (Mastodon), `@name.host.org` (Bluesky); the last two may hold hyphens.
MENTION = (
    r"[@＠](?:[A-Za-z0-9_]+(?:[.-]+[A-Za-z0-9_]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
    r"|[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)+\.[a-z]{2,}|[A-Za-z0-9_]+)"
)
#: Signs besides letters, marks and digits that X allows in a tag, such as the joiners of Persian and Hindi.
IN_TAGS = (
    r"_·\x{200c}\x{200d}\x{5be}\x{5f3}\x{5f4}\x{f0b}\x{f0c}\x{3003}\x{301c}\x{309b}\x{309c}"
    r"\x{30a0}・\x{a67e}\x{ff5e}"
)
TAG = rf"[#＃][\p{{L}}\p{{M}}\p{{Nd}}{IN_TAGS}]+"

#: Letters of a word in Thai, Lao, Khmer and Burmese, without the marks above and below them.
SPACELESS_LETTERS = 4

_MARKS = f"[{CLASSES['marks']}]+"
_LETTER, _AS_LETTER, _AS_DIGIT = CLASSES["letters"], CLASSES["as_letters"], CLASSES["as_digits"]
_KATAKANA, _AS_KATAKANA = CLASSES["katakana"], CLASSES["as_katakana"]
_SPACELESS, _EACH_A_WORD = f"[{CLASSES['spaceless']}]", f"[{CLASSES['each_a_word']}]+"
#: `צה"ל`: the quotation mark inside a Hebrew word.
_HEBREW = r"[\x{5d0}-\x{5ea}\x{5ef}-\x{5f2}\x{fb1d}\x{fb1f}-\x{fb28}\x{fb2a}-\x{fb4f}]"
_QUOTE_IN_HEBREW = f'({_HEBREW})"({_HEBREW})'

_JOINER = r"\p{Pc}\x{202f}"
_MORE_LETTERS = rf"(?:['’‘.:·\x{{387}}\x{{55f}}\x{{5f4}}‧․︓﹒﹕＇．：][{_LETTER}{_AS_LETTER}])*"
_MORE_DIGITS = (
    r"(?:['’‘.,;\x{37e}\x{589}\x{60c}\x{60d}\x{66c}\x{7f8}\x{2044}․﹐﹒﹔＇，．；]" + rf"[\p{{Nd}}{_AS_DIGIT}])*"
)
WORD = (
    rf"[{_JOINER}{_AS_LETTER}{_AS_DIGIT}]*(?:[{_LETTER}]{_MORE_LETTERS}|\p{{Nd}}{_MORE_DIGITS})"
    rf"(?:[{_LETTER}{_AS_LETTER}]{_MORE_LETTERS}|[\p{{Nd}}{_AS_DIGIT}]{_MORE_DIGITS}|[{_JOINER}])*"
)

_RUN_A_WORD = rf"[{_AS_KATAKANA}]*[{_KATAKANA}][{_KATAKANA}{_AS_KATAKANA}]*|{_SPACELESS}{{1,{SPACELESS_LETTERS}}}"
_HAS_RUNS = rf"[{_KATAKANA}]|{_SPACELESS}"
_HAS_SPACELESS = rf"{_EACH_A_WORD}|{_HAS_RUNS}"


def without_matches(text: str, pattern: str, guard: str) -> str:
    """SQL: the expression `text` with a blank for every match of `pattern`, where `guard` is true."""
    return f"CASE WHEN {guard} THEN {sql.replace_all(text, pattern, ' ')} ELSE {text} END"


def has_link(text: str) -> str:
    """SQL: a cheap test that is false for most texts without a link.

    It is true where `LINK` is found, except for `wwW.` and other spellings that nobody writes (none in 336,552 posts):
    they count as a link only beside another one.
    """
    return sql.contains(text, "://", "www.", "WWW.", "Www.")


def own_words(text: str) -> str:
    """SQL: the expression `text` without links, mentions and tags."""
    pattern = f"{LINK}|{MENTION}|{TAG}"
    return without_matches(text, pattern, f"({has_link(text)} OR {sql.contains(text, '@', '#', '＠', '＃')})")


def count_words(text: str, rule: str) -> tuple[tuple[tuple[str, str], ...], str]:
    """SQL: the number of words in the expression `text`, by UAX #29 and the estimate above.

    Returns its steps (see `Filter.prepares`), with columns named after the `rule`, and the column of the number. A run
    of characters that are words by themselves becomes one sign, which is fast; the number of the characters follows
    from the difference in length.
    """
    names = ("own", "bare", "joined", "runs", "count")
    own, bare, joined, runs, count = (sql.identifier(f"{rule}:{step}") for step in names)
    has_marks = f"{sql.not_ascii(own)} AND {sql.matches(own, _MARKS)}"
    quoted = f"contains({bare}, '\"') AND {sql.not_ascii(bare)}"
    once = sql.replace_all(bare, _QUOTE_IN_HEBREW, r"\1'\2")
    twice = sql.replace_all(once, _QUOTE_IN_HEBREW, r"\1'\2")  # a letter between two quotation marks matches once
    dense = f"{sql.not_ascii(joined)} AND {sql.matches(joined, _HAS_SPACELESS)}"
    signs = f"regexp_replace(replace({joined}, chr(1), ' '), {sql.literal(_EACH_A_WORD)}, chr(1), 'g')"
    steps = (
        (own, text),
        (bare, f"CASE WHEN {has_marks} THEN {sql.replace_all(own, _MARKS, '')} ELSE {own} END"),
        (joined, f"CASE WHEN {quoted} THEN {twice} ELSE {bare} END"),
        (runs, f"CASE WHEN {dense} THEN {signs} ELSE {joined} END"),
    )
    has_runs = f"{sql.not_ascii(runs)} AND {sql.matches(runs, _HAS_RUNS)}"
    spaced = f"CASE WHEN {has_runs} THEN {sql.replace_all(runs, _RUN_A_WORD, ' x ')} ELSE {runs} END"
    others = f"len(regexp_extract_all({spaced}, {sql.literal(WORD)}))"
    return (*steps, (count, f"length({joined}) - length(replace({runs}, chr(1), '')) + {others}")), count


def count_blank_separated(text: str) -> str:
    """SQL: the number of runs of non-blanks without `http`, `@` and `#`, the words of huggingtweets."""
    marked = rf"{NOT_BLANK}*(?:(?i:http)|@|#){NOT_BLANK}*"
    guard = f"({sql.contains(text, '@', '#')} OR {text} ILIKE '%http%')"
    return f"len(regexp_extract_all({without_matches(text, marked, guard)}, {sql.literal(NOT_BLANK + '+')}))"
