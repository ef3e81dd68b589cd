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
dictionary) this estimate is off by half a word on average, and agrees for 89 % on whether there are fewer than three
words. With three or five letters it agrees for 86 %.
"""

from __future__ import annotations

from curation import sql
from curation.sql import BLANKS

NOT_BLANK = f"[^{BLANKS}]"

LINK = r"(?i:(?:https?://|\bwww\.)[!#-;=?-~]*[A-Za-z0-9/_=&#%~+$@*-])"
#: `@name` (X), `@name@host.org` (Mastodon), `@name.host.org` (Bluesky); the last two may hold hyphens.
MENTION = (
    r"[@＠](?:[A-Za-z0-9_]+(?:[.-]+[A-Za-z0-9_]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
    r"|[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)+\.[a-z]{2,}|[A-Za-z0-9_]+)"
)
#: Letters, marks, digits, and other signs that X allows in a tag, such as the joiners of Persian and Hindi.
TAG = (
    r"[#＃][\p{L}\p{M}\p{Nd}_·\x{200c}\x{200d}\x{5be}\x{5f3}\x{5f4}\x{f0b}\x{f0c}\x{3003}\x{301c}\x{309b}\x{309c}"
    r"\x{30a0}・\x{a67e}\x{ff5e}]+"
)

#: Letters of a word in Thai, Lao, Khmer and Burmese, without the marks above and below them.
SPACELESS_LETTERS = 4

#: Marks, joiners and invisible signs of letters; removed before words are counted.
_MARKS = (
    r"[\p{M}\x{ad}\x{61c}\x{180e}\x{200c}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{206f}\x{feff}\x{ff9e}\x{ff9f}"
    r"\x{fff9}-\x{fffb}\x{13430}-\x{1343f}\x{1bca0}-\x{1bca3}\x{1d173}-\x{1d17a}\x{1f3fb}-\x{1f3ff}"
    r"\x{e0001}\x{e0020}-\x{e007f}]+"
)
#: `צה"ל`: the quotation mark inside a Hebrew word.
_HEBREW = r"[\x{5d0}-\x{5ea}\x{5ef}-\x{5f2}\x{fb1d}\x{fb1f}-\x{fb28}\x{fb2a}-\x{fb4f}]"
_QUOTE_IN_HEBREW = f'({_HEBREW})"({_HEBREW})'

_LETTER = r"\p{L}\p{Nl}\x{24b6}-\x{24e9}\x{1f130}-\x{1f149}\x{1f150}-\x{1f169}\x{1f170}-\x{1f189}"  # circled ones too
#: Signs that are like a letter (the Hebrew geresh, tone marks) or a digit in a word, but not a word alone.
_AS_LETTER = (
    r"\x{2c2}-\x{2c5}\x{2d2}-\x{2d7}\x{2de}\x{2df}\x{2e5}-\x{2eb}\x{2ed}\x{2ef}-\x{2ff}\x{55a}-\x{55c}\x{55e}\x{58a}"
    r"\x{5f3}\x{70f}\x{a708}-\x{a716}\x{a720}\x{a721}\x{a789}\x{a78a}\x{ab5b}"
)
_AS_DIGIT = r"\x{600}-\x{605}\x{66b}\x{6dd}\x{890}\x{891}\x{8e2}\x{110bd}\x{110cd}"
_JOINER = r"\p{Pc}\x{202f}"
_MORE_LETTERS = rf"(?:['’‘.:·\x{{387}}\x{{55f}}\x{{5f4}}‧․︓﹒﹕＇．：][{_LETTER}{_AS_LETTER}])*"
_MORE_DIGITS = (
    r"(?:['’‘.,;\x{37e}\x{589}\x{60c}\x{60d}\x{66c}\x{7f8}\x{2044}․﹐﹒﹔＇，．；]" + rf"[\p{{Nd}}{_AS_DIGIT}])*"
)
WORD = (
    rf"[{_JOINER}{_AS_LETTER}{_AS_DIGIT}]*(?:[{_LETTER}]{_MORE_LETTERS}|\p{{Nd}}{_MORE_DIGITS})"
    rf"(?:[{_LETTER}{_AS_LETTER}]{_MORE_LETTERS}|[\p{{Nd}}{_AS_DIGIT}]{_MORE_DIGITS}|[{_JOINER}])*"
)

_SPACELESS = (
    r"[\x{e01}-\x{e30}\x{e32}\x{e33}\x{e40}-\x{e46}"  # Thai
    r"\x{e81}-\x{eb0}\x{eb2}\x{eb3}\x{ebd}\x{ec0}-\x{ec6}\x{edc}-\x{edf}"  # Lao
    r"\x{1780}-\x{17b3}\x{17d7}\x{17dc}"  # Khmer
    r"\x{1000}-\x{102a}\x{103f}\x{1050}-\x{1055}\x{105a}-\x{105d}\x{1061}\x{1065}\x{1066}\x{106e}-\x{1070}"
    r"\x{1075}-\x{1081}\x{108e}\x{a9e0}-\x{a9e4}\x{a9e6}-\x{a9ef}\x{a9fa}-\x{a9fe}\x{aa60}-\x{aa76}\x{aa7a}]"  # Burmese
)
_EACH_A_WORD = (  # Han, Hiragana, Tangut, Nushu
    r"[\x{3006}\x{3007}\x{3021}-\x{3029}\x{3038}-\x{303a}\x{3041}-\x{3096}\x{309d}-\x{309f}\x{3400}-\x{4dbf}"
    r"\x{4e00}-\x{9fff}\x{f900}-\x{fad9}\x{17000}-\x{18d08}\x{1b001}-\x{1b11f}\x{1b132}\x{1b150}-\x{1b152}"
    r"\x{1b170}-\x{1b2fb}\x{20000}-\x{323af}]+"
)
_KATAKANA = (
    r"\x{3031}-\x{3035}\x{30a1}-\x{30fa}\x{30fc}-\x{30ff}\x{31f0}-\x{31ff}\x{ff66}-\x{ff9d}\x{1aff0}-\x{1b000}"
    r"\x{1b120}-\x{1b122}\x{1b155}\x{1b164}-\x{1b167}"
)
_AS_KATAKANA = r"\x{309b}\x{309c}\x{30a0}\x{32d0}-\x{32fe}\x{3300}-\x{3357}"
_RUN_A_WORD = rf"[{_AS_KATAKANA}]*[{_KATAKANA}][{_KATAKANA}{_AS_KATAKANA}]*|{_SPACELESS}{{1,{SPACELESS_LETTERS}}}"
_HAS_RUNS = rf"[{_KATAKANA}]|{_SPACELESS}"
_HAS_SPACELESS = rf"{_EACH_A_WORD}|{_HAS_RUNS}"


def without_matches(text: str, pattern: str, guard: str) -> str:
    """SQL: the expression `text` with a blank for every match of `pattern`, where `guard` is true."""
    return f"CASE WHEN {guard} THEN {sql.replace_all(text, pattern, ' ')} ELSE {text} END"


def has_link(text: str) -> str:
    """SQL: a cheap test that is false for most texts without a link."""
    return sql.contains(text, "://", "www.", "WWW.", "Www.")


def own_words(text: str) -> str:
    """SQL: the expression `text` without links, mentions and tags."""
    pattern = f"{LINK}|{MENTION}|{TAG}"
    return without_matches(text, pattern, f"({has_link(text)} OR {sql.contains(text, '@', '#', '＠', '＃')})")


def count_words(text: str, rule: str) -> tuple[tuple[tuple[str, str], ...], str]:
    """SQL: the number of words in the expression `text`, by UAX #29 and the estimate above.

    Returns the steps before it (see `Filter.prepares`), with columns named after the `rule`, and the number. A run of
    characters that are words by themselves becomes one sign, which is fast; the number of the characters follows from
    the difference in length.
    """
    own, bare, joined, runs = (sql.identifier(f"{rule}:{step}") for step in ("own", "bare", "joined", "runs"))
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
    return steps, f"length({joined}) - length(replace({runs}, chr(1), '')) + {others}"


def count_blank_separated(text: str) -> str:
    """SQL: the number of runs of non-blanks without `http`, `@` and `#`, the words of huggingtweets."""
    marked = rf"{NOT_BLANK}*(?:(?i:http)|@|#){NOT_BLANK}*"
    guard = f"({sql.contains(text, '@', '#')} OR {text} ILIKE '%http%')"
    return f"len(regexp_extract_all({without_matches(text, marked, guard)}, {sql.literal(NOT_BLANK + '+')}))"
