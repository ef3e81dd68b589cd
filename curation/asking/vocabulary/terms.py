r"""The terms of a post, as SQL: its words, and its hashtags, mentions, link domains, client and emoji.

**Words** are those of `curation.functions.patterns`, which `min_words` counts, in lower case and with their marks,
since they are shown. A script without spaces is cut into words that its texts taught
(`curation.functions.segmentation`). Links, mentions, tags and entities are no words. A number is none either, and a
phrase does not go on over one, nor over a sign, an emoji or a line break.

**Tags, mentions, links and emoji** come from the text as it was downloaded, since a recipe may take them out.
"""

from __future__ import annotations

from dataclasses import dataclass

from curation import sql
from curation.corpus.ledger import UNKNOWN
from curation.functions import patterns
from curation.functions.html_text import HTML_TEXT
from curation.functions.segmentation.clusters import SPACELESS
from curation.sql import BLANKS

_LETTERS = r"[\p{L}\p{N}][\p{L}\p{M}\p{N}\x{200c}\x{200d}]*"
#: Letters and digits with their marks, and the signs that join them: `don't`, `3.5`.
_WORD = rf"{_LETTERS}(?:['.·]{_LETTERS})*"
_LETTER = r"\p{L}"
#: A word, or one sign or line break, over which no phrase goes on.
TOKEN = rf"{_WORD}|\n|[^{BLANKS}]"
_MAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
_ENTITY = r"&(?:[a-zA-Z]+|#[0-9]+);"

_SKIN, _JOIN = r"[\x{1f3fb}-\x{1f3ff}]", r"\x{200d}"
#: Signs that are pictures by themselves, and those that become one with U+FE0F.
_PICTURE = (
    r"[\x{231a}\x{231b}\x{23e9}-\x{23f3}\x{25fd}\x{25fe}\x{2600}-\x{27bf}\x{2b50}\x{2b55}\x{1f004}\x{1f0cf}\x{1f18e}"
    r"\x{1f191}-\x{1f19a}\x{1f201}-\x{1f265}\x{1f300}-\x{1f3fa}\x{1f400}-\x{1f64f}\x{1f680}-\x{1f6ff}\x{1f7e0}-\x{1f7eb}"
    r"\x{1f900}-\x{1f9ff}\x{1fa70}-\x{1faff}]"
)
_ONE = rf"(?:{_PICTURE}\x{{fe0f}}?{_SKIN}?|[\x{{2000}}-\x{{2bff}}\x{{3030}}\x{{303d}}\x{{3297}}\x{{3299}}©®]\x{{fe0f}})"
#: An emoji as people see it: a flag, a key, or a picture with its skin and all that is joined to it.
EMOJI = (
    rf"[\x{{1f1e6}}-\x{{1f1ff}}]{{2}}|[0-9#*]\x{{fe0f}}?\x{{20e3}}"
    rf"|{_ONE}(?:[\x{{e0020}}-\x{{e007f}}]+|(?:{_JOIN}(?:{_ONE}|[♀♂⚕⚖✈❤]))*)"
)
_PICTURED = r"[\x{2000}-\x{2bff}\x{3030}\x{303d}\x{3297}\x{3299}\x{20e3}©®\x{1f000}-\x{1faff}]"


@dataclass(frozen=True)
class TermList:
    """One kind of terms besides words, at most one of each a post."""

    name: str  # in the JSON
    title: str  # for people
    terms: str  # SQL over `posts`, a list of texts
    facet: str = ""  # the condition of Browse that finds them; "": a search


def words(segment: str) -> str:
    """SQL: the words and breaks of a post in order; `segment` is the name of the function that cuts texts."""
    shown = f"CASE WHEN text_format = 'html' AND contains(text, '<') THEN {HTML_TEXT.name}(text) ELSE text END"
    guard = f"({patterns.has_link('t')} OR {sql.contains('t', '@', '#', '＠', '＃', '&')})"
    left_out = f"{patterns.LINK}|{_MAIL}|{patterns.MENTION}|{patterns.TAG}|{_ENTITY}"
    own = f"CASE WHEN {guard} THEN {sql.replace_all('t', left_out, chr(10))} ELSE t END"
    cut = f"CASE WHEN {sql.not_ascii('t')} AND {sql.matches('t', f'[{SPACELESS}]')} THEN {segment}(t) ELSE t END"
    steps = (own, "replace(lower(t), '’', '''')", cut, f"regexp_extract_all(t, {sql.literal(TOKEN)})")
    value = shown
    for step in steps:
        # A list of one gives an expression a name; otherwise the next step would contain it several times.
        value = f"list_transform([{value}], lambda t: {step})[1]"
    return value


#: SQL: whether the token `word` is a word that counts.
IS_WORD = sql.matches("word", _LETTER)
#: SQL: whether the word `text` is shown in lists: not a single Hiragana, which is a particle or a fragment.
IS_SHOWN = r"NOT regexp_full_match(text, '[\x{3041}-\x{309f}ー]')"
#: SQL: whether `text` begins, or ends, with a letter of a script without spaces.
BEGINS_SPACELESS, ENDS_SPACELESS = (sql.matches("text", f"{a}[{SPACELESS}]{b}") for a, b in (("^", ""), ("", "$")))

#: SQL: the text as it was downloaded, without tags of HTML.
PLAIN = (
    f"CASE WHEN text_format IN ('html', 'unescaped') AND contains(raw_text, '<') THEN {HTML_TEXT.name}(raw_text) "
    "ELSE raw_text END"
)
_UNLINKED = f"CASE WHEN {patterns.has_link('plain')} THEN {sql.replace_all('plain', patterns.LINK, ' ')} ELSE plain END"


def _extracted(text: str, pattern: str, guard: str, value: str = "t") -> str:
    """SQL: the distinct values of all matches of a pattern's first group, where the cheap test `guard` is true."""
    found = f"regexp_extract_all({text}, {sql.literal(pattern)}, 1)"
    return f"CASE WHEN {guard} THEN list_distinct(list_transform({found}, lambda t: {value})) ELSE []::VARCHAR[] END"


_DOMAIN = r"(?i)^(?:https?://)?(?:[^/?#@]*@)?(?:www\.)?([a-z0-9.-]*[a-z0-9])"
_TAG = rf"(?:^|[^\p{{L}}\p{{N}}_&/#＃])({patterns.TAG})"
_MENTION = rf"(?:^|[^A-Za-z0-9_./@＠])({patterns.MENTION})"

_TAGS = _extracted(_UNLINKED, _TAG, sql.contains("plain", "#", "＃"), "'#' || lower(substr(t, 2))")
_MENTIONS = _extracted(_UNLINKED, _MENTION, sql.contains("plain", "@", "＠"), "'@' || lower(substr(t, 2))")
#: SQL: the domain of an address `t`, without `www.`.
HOST = f"lower(regexp_extract(t, {sql.literal(_DOMAIN)}, 1))"
_HAS_PICTURES = f"{sql.not_ascii('plain')} AND {sql.matches('plain', _PICTURED)}"

LISTS = (
    TermList("hashtags", "Hashtags", f"list_filter({_TAGS}, lambda t: {sql.matches('t', _LETTER)})"),
    TermList("mentions", "Mentions", _MENTIONS),
    TermList("domains", "Link domains", _extracted("plain", f"({patterns.LINK})", patterns.has_link("plain"), HOST)),
    TermList("clients", "Clients", f"[coalesce(nullif(client, ''), {sql.literal(UNKNOWN)})]"),
    TermList("emoji", "Emoji", _extracted("plain", f"({EMOJI})", _HAS_PICTURES, "replace(t, chr(65039), '')")),
)
#: What stands in no text, so that no search finds its posts; `hosts` is a column of `short_links`.
BEHIND = TermList("behind", "Domains behind t.co", "coalesce(hosts, []::VARCHAR[])")
