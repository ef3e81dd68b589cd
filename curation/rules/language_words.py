r"""The words of a post that show its language, prepared like the text of a document.

This is SQL, because it is much faster than Python, and because posts that differ in a link or an emoji then share an
answer. Each step was measured on posts and sentences in known languages (`benchmarks/language_accuracy.py`):

- Links, mentions, tags, digits, signs and emoji become blanks. The marks of Hindi, Thai and Arabic are not signs.
- The words of tags count only beside fewer than `ENOUGH` letters. There they help: for short posts with tags in four
  archives, 75% of the answers were languages of the author without them and 79% with them. In longer texts English
  tags would do harm.
- Laughter goes (`hahaha`, `kkkk`, `ههههه`, `lol`): langdetect takes it for Somali, Basque or Persian.
- Words in capitals become lower case, because langdetect ignores capitals in a row.
- More than two of a letter in a row become two: `sooooo` is not Finnish.

A text with too few letters is NULL, and no engine sees it. Answers are right for five of six posts with 12 to 15
letters, and for one of four with 6 to 8.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from curation import sql
from curation.functions import patterns

_SIGN, _ASCII_SIGN = patterns.CLASSES["not_letters"], "^A-Za-z'"
_NO_LETTERS = f"[{_SIGN} ]+"
#: The same except for single spaces, which stay as they are: most words have nothing else between them.
_SIGNS = f"[{_SIGN}][{_SIGN} ]*| [{_SIGN} ]+"
_ASCII_SIGNS = f"[{_ASCII_SIGN} ][{_ASCII_SIGN}]*| [{_ASCII_SIGN}]+"

_ENTITY = "&(?:[a-zA-Z]+|#[0-9]+);"
_NOT_OWN = f"{patterns.LINK}|{patterns.MENTION}|{_ENTITY}"

#: With this many letters beside the tags, the words of the tags do not count.
ENOUGH = 25

#: `haha`, `jajaja`, `hihi`, `rsrs`, `kkkk`, `wkwk`, `lol`, `xD`, and the mark of a retweet.
_LAUGHTER = (
    r"(?i:\b(?:[bmw]?[aei]*(?:h+[aei]+){2,}[hs]*|[aei]*(?:j+[aei]+){2,}[js]*|[aei]h[aei]h[aei]?|(?:rs){2,}r?"
    r"|(?:ka|ks|wk|kw|as|sa){3,}[akswk]?|[kw]{3,}|l+o+l+z?|lmf?ao+|rofl|xd+|rt)\b)"
)
_LAUGHTER_BEYOND_ASCII = r"ه{3,}|خ{3,}|(?i:[ахе]{5,}|(?:ха|хе){2,}х?|(?:χα){2,}χ?)|[ㅋㅎㅠㅜ]{2,}|ｗ{2,}|w{2,}"

_CAPITALS = r"[A-Z]{2}"
_CAPITALS_BEYOND_ASCII = r"[A-ZÀ-ÖØ-Þ\x{391}-\x{3ab}\x{410}-\x{42f}]{2}"

#: RE2 has no back-references, but nine groups in a pattern; groups without a match are empty.
_DRAWN_OUT = ("aeiouyhsz", "nmrtlgkpw", "dfvxcbjq'")
_DRAWN_OUT_BEYOND_ASCII = ("аоуеияыэх", "اويهأéáóí", "üäöαοиеηι")

_DENSE = r"[\x{3005}-\x{3007}\x{3041}-\x{30ff}\x{3400}-\x{9fff}\x{ac00}-\x{d7af}\x{f900}-\x{faff}\x{20000}-\x{323af}]+"
DENSE_WEIGHT = 3


def preparing(
    text: str, rule: str, min_letters: int, *, as_typed: bool = False
) -> tuple[tuple[tuple[str, str], ...], str]:
    """SQL: the words of the expression `text`, or NULL with fewer than `min_letters` letters.

    With `as_typed`, words in capitals and drawn-out letters stay. Returns the steps before it (see `Filter.prepares`),
    with columns named after the `rule`, and the words. An ideograph, a kana or a Hangul syllable counts as three
    letters.
    """
    bodies = _bodies(text, min_letters, as_typed)
    names = [sql.identifier(f"{rule}:{step}") for step, _ in bodies]
    values = [body(before) for (_, body), before in zip(bodies, [text, *names], strict=False)]
    return tuple(zip(names[:-1], values[:-1], strict=True)), values[-1]


def words_of(text: str, min_letters: int, *, as_typed: bool = False) -> str:
    """SQL: the same as one expression, where there can be no steps; it takes twice as long."""
    words = text
    for _, body in _bodies(text, min_letters, as_typed):
        # A list of one gives an expression a name; otherwise the next step would contain it several times.
        words = f"list_transform([{words}], lambda t: {body('t')})[1]"
    return words


def _bodies(post: str, min_letters: int, as_typed: bool) -> tuple[tuple[str, Callable[[str], str]], ...]:
    return (
        ("own", lambda text: patterns.without_matches(patterns.own_words(text), _ENTITY, f"contains({text}, '&')")),
        ("plain", _plain),
        ("tagged", lambda text: _with_tags(text, post)),
        ("serious", lambda text: _by_script(text, f"{_LAUGHTER}|{_LAUGHTER_BEYOND_ASCII}", _LAUGHTER)),
        *(() if as_typed else (("small", _small), ("short", _short))),
        ("words", lambda text: _with_evidence(text, min_letters)),
    )


def _plain(text: str) -> str:
    return _by_script(text, _SIGNS, _ASCII_SIGNS)


def _by_script(text: str, pattern: str, ascii_pattern: str) -> str:
    blank, ascii_blank = (sql.replace_all(text, each, " ") for each in (pattern, ascii_pattern))
    return f"CASE WHEN {sql.not_ascii(text)} THEN {blank} ELSE {ascii_blank} END"


def _with_tags(text: str, post: str) -> str:
    few = f"{sql.contains(post, '#', '＃')} AND length(replace({text}, ' ', '')) < {ENOUGH}"
    return f"CASE WHEN {few} THEN {_plain(sql.replace_all(post, _NOT_OWN, ' '))} ELSE {text} END"


def _small(text: str) -> str:
    shouting = (
        f"{sql.matches(text, _CAPITALS)} OR {sql.not_ascii(text)} AND {sql.matches(text, _CAPITALS_BEYOND_ASCII)}"
    )
    word = "CASE WHEN w = upper(w) AND length(w) > 1 THEN lower(w) ELSE w END"
    lowered = f"array_to_string(list_transform(string_split({text}, ' '), lambda w: {word}), ' ')"
    return f"CASE WHEN {shouting} THEN {lowered} ELSE {text} END"


def _short(text: str) -> str:
    shortened = _shortened(text, _DRAWN_OUT)
    beyond = f"{sql.not_ascii(text)} AND {sql.matches(text, _triples(_DRAWN_OUT_BEYOND_ASCII))}"
    both = f"{sql.matches(text, _triples(_DRAWN_OUT))}"
    everything = _shortened(shortened, _DRAWN_OUT_BEYOND_ASCII)
    once = f"CASE WHEN {beyond} THEN {everything} WHEN {both} THEN {shortened} ELSE {text} END"
    return f"trim(regexp_replace({once}, '  +', ' ', 'g'))"


def _triples(groups: Sequence[str]) -> str:
    return "|".join(f"{letter}{{3}}" for group in groups for letter in group)


def _shortened(text: str, groups: Sequence[str]) -> str:
    for group in groups:
        pattern = "|".join(f"({letter}{letter}){letter}+" for letter in group)
        text = sql.replace_all(text, pattern, "".join(f"\\{place}" for place in range(1, len(group) + 1)))
    return text


def _with_evidence(text: str, min_letters: int) -> str:
    letters, least = f"length(replace({text}, ' ', ''))", max(min_letters, 1)
    dense = f"length({text}) - length(regexp_replace({text}, {sql.literal(_DENSE)}, '', 'g'))"
    # Ideographs are counted only where without them there are too few.
    enough = f"{sql.not_ascii(text)} AND {letters} + {DENSE_WEIGHT - 1} * ({dense}) >= {least}"
    return f"CASE WHEN {letters} >= {least} THEN {text} WHEN {enough} THEN {text} END"
