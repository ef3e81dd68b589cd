r"""How a word may stand in a text: its letters in any case and composition, and where a word begins and ends.

RE2's own `\b` and `\w` know only ASCII, and it can't look around. So a pattern holds the character before and the one
behind, and a `Pattern` has a second form for Python, which looks around, to tell where in a text the word stands. Both
are made from the same pieces: the letters are spelled out, because the two engines fold case differently.

A word consists of letters, marks, digits and underscores; underscores around it (`_so_`) don't belong to it. A letter
of a script without blanks ends a word of another script, and no edge is needed beside it. A mark that NFC would join
with the last letter does belong to the word: `cafe` is not in `café`, however that is written.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from curation.functions.patterns import CLASSES, IN_TAGS
from curation.sql import BLANKS

#: What stands inside a word, for brackets; `\w` is Python's.
_OF_WORDS = r"\p{L}\p{M}\p{N}_\x{200c}\x{200d}"
#: What ends a word though it is a letter or a mark: scripts without blanks, and the marks of emoji.
SPACELESS = "".join(CLASSES[name] for name in ("spaceless", "each_a_word", "katakana", "as_katakana")) + r"\x{3005}"
_ENDS = SPACELESS + r"\x{fe00}-\x{fe0f}\x{20d0}-\x{20ff}"
_KOREAN = r"\x{1100}-\x{11ff}\x{3130}-\x{318f}\x{a960}-\x{a97f}\x{ac00}-\x{d7ff}"
#: Marks that NFC joins with a Latin, Greek or Cyrillic letter, or with kana.
_JOINS = r"\x{300}-\x{36f}\x{3099}\x{309a}"
_HANDLE = "A-Za-z0-9_"

#: Signs that people and telephones write one for the other.
_SAME_SIGN = dict.fromkeys("'’ʼ＇", "'’ʼ＇") | {"#": "#＃", "＃": "#＃", "@": "@＠", "＠": "@＠"}
#: Letters that Unicode's mapping of case leaves out, by the letter that people type.
_ALSO = {"i": "İ", "σ": "ς", "k": "\u212a", "å": "\u212b", "ω": "\u2126", "ß": "ẞ"}
#: Most letters that a `*` inside a word stands for where Python looks; RE2 has no limit.
_MOST_INSIDE = 64

#: What may stand inside a word in the place of a `*`, and between the words of a phrase.
ANY, BLANK = ("any",), ("blank",)


@dataclass(frozen=True)
class Edge:
    """What may stand beside a match, as a piece of a pattern; empty for anything."""

    consuming: str  # for RE2
    around: str  # for Python: looks around


def _edge(before: bool, wrong: str, right: str = "", skip: str = "") -> Edge:
    """An edge beside which no character of `wrong` stands, unless it is one of `right`; `skip` may stand between."""
    end, no, yes = ("^", "(?<!", "(?<=") if before else ("$", "(?!", "(?=")
    good = f"(?:{end}|[^{wrong}]{f'|[{right}]' if right else ''})"
    seen = f"(?:{no}[{_python(wrong)}]){f'|{yes}[{_python(right)}])' if right else ''})"
    return Edge(good + skip, seen + skip) if before else Edge(skip + good, skip + seen)


def _python(inside: str) -> str:
    """The inside of brackets of RE2 as Python's `re` reads it."""
    inside = re.sub(r"\\x\{([0-9a-f]+)\}", lambda match: _escape(chr(int(match[1], 16))), inside)
    return inside.replace(r"\p{L}", r"\w").replace(r"\p{N}", "").replace(r"\p{M}", _marks())


def _escape(character: str) -> str:
    return f"\\U{ord(character):08x}"


@functools.cache
def _marks() -> str:
    """All marks as ranges for Python's `re`, which has no class of them."""
    planes = [*range(0x20000), *range(0xE0100, 0xE01F0)]
    ranges: list[list[int]] = []
    for point in planes:
        if unicodedata.category(chr(point))[0] == "M":
            if ranges and ranges[-1][1] == point - 1:
                ranges[-1][1] = point
            else:
                ranges.append([point, point])
    return "".join(f"{_escape(chr(low))}-{_escape(chr(high))}" for low, high in ranges)


#: No condition.
NOTHING = Edge("", "")
_LINK = r"(?i:https?://|www\.)(?:[!#-;=?-~]*[!#-/:;=?@\[-`{-~])?"
_LONGER_HANDLE = f"[.@-](?:$|[^{_HANDLE}])"


@functools.cache
def _edges() -> dict[str, Edge]:
    return {
        "before word": _edge(True, _OF_WORDS, _ENDS, "_*"),
        "behind word": _edge(False, _OF_WORDS, _ENDS, "_*"),
        "behind korean": _edge(False, _OF_WORDS, _ENDS + _KOREAN, "_*"),
        "behind letter": _edge(False, _JOINS),
        "behind tag": _edge(False, _OF_WORDS + IN_TAGS),
        "before handle": _edge(True, _HANDLE),
        "behind handle": Edge(f"(?:$|[^{_HANDLE}.@-]|{_LONGER_HANDLE})", f"(?![{_HANDLE}]|[.@-][{_HANDLE}])"),
        "before all": Edge("^", r"\A"),
        "behind all": Edge("$", r"\Z"),
        "in link": Edge(_LINK, _LINK),
    }


def edge(name: str) -> Edge:
    """An edge by its name."""
    return _edges()[name]


@dataclass(frozen=True)
class Pattern:
    """Pieces that follow one another in a text, and what may stand beside them."""

    pieces: tuple[Sequence[str], ...]  # each the spellings of a letter, or ANY, or BLANK
    left: Edge
    right: Edge

    @property
    def re2(self) -> str:
        """The pattern for DuckDB: whether a text has it."""
        return f"{self.left.consuming}{self._inner}{self.right.consuming}"

    @property
    def guard(self) -> str:
        """An expression that is faster, and matches each text that has it; empty where none is."""
        return self._inner if self.left.consuming and self.pieces else ""

    @property
    def _inner(self) -> str:
        return "".join(map(_of_re2, self.pieces))

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Begin and end of each match in a text."""
        pattern, at = _compiled(self), 0
        while at <= len(text) and (match := pattern.search(text, at)):
            begin, end = match.span(1)
            if end > begin:
                yield begin, end
            at = max(end, begin + 1)


@functools.lru_cache(256)
def _compiled(pattern: Pattern) -> re.Pattern[str]:
    inner = "".join(map(_of_python, pattern.pieces))
    return re.compile(f"{pattern.left.around}({inner}){pattern.right.around}")


def _of_re2(piece: Sequence[str]) -> str:
    if piece == ANY:
        return f"[{_OF_WORDS}]*"
    return f"[{BLANKS}]+" if piece == BLANK else _one_of(piece, lambda sign: f"\\x{{{ord(sign):x}}}")


def _of_python(piece: Sequence[str]) -> str:
    if piece == ANY:
        return f"[{_python(_OF_WORDS)}]{{0,{_MOST_INSIDE}}}"
    return f"[{_python(BLANKS)}]+" if piece == BLANK else _one_of(piece, _escape)


def _one_of(spelled: Sequence[str], escape: Callable[[str], str]) -> str:
    """The pattern of one of several spellings, the longer ones first."""
    written = [
        "".join(sign if sign.isascii() and sign.isalnum() else escape(sign) for sign in text) for text in spelled
    ]
    longer = [one for one, text in zip(written, spelled, strict=True) if len(text) > 1]
    single = "".join(one for one, text in zip(written, spelled, strict=True) if len(text) == 1)
    either = [*longer, *([f"[{single}]"] if single else [])]
    return f"(?:{'|'.join(either)})" if longer else either[0]


@functools.lru_cache(8_192)
def spellings(letter: str) -> tuple[str, ...]:
    """The ways to write a letter: in each case, composed and decomposed; similar signs for a sign.

    >>> spellings("É")
    ('e\u0301', 'E\u0301', 'É', 'é')
    """
    forms = {letter, *_SAME_SIGN.get(letter, "")}
    while True:
        more = {form for old in forms for form in (old.lower(), old.upper(), old.casefold())}
        more |= {also for old in forms for also in _ALSO.get(old, "")}
        more |= {unicodedata.normalize(form, old) for old in forms for form in ("NFC", "NFD")}
        if more <= forms:
            return tuple(sorted(forms, key=lambda form: (-len(form), form)))
        forms |= more


def letters(text: str) -> tuple[tuple[str, ...], ...]:
    """The spellings of each letter of a text."""
    return tuple(spellings(letter) for letter in unicodedata.normalize("NFC", text))


def spelled(parts: Sequence[str], joint: Sequence[str], left: Edge, right: Edge) -> Pattern:
    """The pattern of some texts with a `joint` between them, ANY or BLANK."""
    pieces: list[Sequence[str]] = []
    for number, part in enumerate(parts):
        pieces += [*([joint] if number else []), *letters(part)]
    return Pattern(tuple(pieces), left, right)


def before(text: str) -> Edge:
    """What may stand before a text that is a word, or anything if it does not begin as one."""
    return edge("before word") if is_of_word(text[0]) and not _in(SPACELESS, text[0]) else NOTHING


def behind(text: str) -> Edge:
    """What may stand behind a text that is a word, or whatever leaves its last letter whole."""
    last = next((sign for sign in reversed(text) if unicodedata.category(sign)[0] != "M"), text[-1])
    if not is_of_word(last) or _in(SPACELESS, last):
        return edge("behind letter")
    return edge("behind korean" if _in(_KOREAN, last) else "behind word")


def is_of_word(character: str) -> bool:
    """Whether it can be a part of a word."""
    return character == "_" or unicodedata.category(character)[0] in "LMN"


def _in(inside: str, character: str) -> bool:
    return _class(inside).match(character) is not None


@functools.cache
def _class(inside: str) -> re.Pattern[str]:
    return re.compile(f"[{_python(inside)}]")
