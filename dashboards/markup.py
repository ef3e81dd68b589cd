"""Posts as HTML, and strangers' words in Markdown, so that no part of them acts as markup.

Every text passes through `escaped` (for HTML) or `plain` (for Streamlit's Markdown) on its way to a page. Characters
that are invisible or change the direction of writing become visible signs, so that a post can't pass for something
else. Each text is isolated, so that a right-to-left post does not affect the text beside it.
"""

from __future__ import annotations

import functools
import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from difflib import SequenceMatcher
from importlib import resources

from curation.corpus.search import parse
from curation.errors import UsageError
from curation.writing.colours import KEPT, REMOVED, REMOVED_DARK, rule_colour
from curation.writing.html import escaped, show_unseen
from curation.writing.terminal import count

#: Characters of a post that a list shows; the page of one post shows all.
SHOWN = 1_200
#: Most pairs of equal pieces for which two texts are compared: a tenth of a second. With more, the pieces are
#: larger: letters, then words, then lines, then the whole text.
PAIRS = 200_000

#: Characters that belong to the letter before: accents, vowel signs, variation selectors, skin tones, joiners.
JOINED = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u200d\u20d0-\u20ff\u3099\u309a\ufe00-\ufe0f\ufe20-\ufe2f\U0001f3fb-\U0001f3ff]"
)
LETTERS = re.compile(rf"(?s:.)(?:{JOINED.pattern}|(?<=\u200d).)*")
WORDS, LINES = re.compile(r"\s+|\S+"), re.compile(r".*\n|.+")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=&@/])")
#: What Streamlit would draw as an arrow, a dash or another sign, though it is escaped.
_DRAWN = re.compile(r"(?<!\S)(<->|->|<-|--|>=|<=|~=)(?!\S)")
#: A cell that is a figure: perhaps with a sign, a unit, and a difference in brackets; or that there is none.
_FIGURE = re.compile(
    r"|–|-|((≈|at most|at least) ?)?[+−±-]?\d[\d,.]*( ?(%|k|M|G|s|×))?( \((≈ ?|at most )?[+−±-]?[\d,.]+ ?%?\))?"
)
_JOINER = "\u2060"  # invisible, and no blank


def plain(text: str) -> str:
    """The text escaped for Streamlit's Markdown: labels, captions, messages."""
    words = _DRAWN.sub(lambda sign: f"{sign[0][0]}{_JOINER}{sign[0][1:]}", " ".join(show_unseen(text).split()))
    return _MARKDOWN.sub(r"\\\1", words)


def highlighted(text: str, search: str, most: int = 0, column: str = "") -> str:
    """The text as HTML with everything that a `search` finds in it marked. A cut text starts near the first.

    `column` is the text's, `text` or `raw_text`, since a search may be for one of them.
    """
    hits = spans_of(text, search, column)
    if not hits:
        return escaped(text, most)
    begin = max(0, hits[0][0] - 80) if most and hits[0][0] > most - 80 else 0
    end = min(len(text), begin + most) if most else len(text)
    pieces, at = ["… "] if begin else [], begin
    for low, high in hits:
        if low < at or high > end:
            continue
        pieces += [escaped(text[at:low]), "<mark>", escaped(text[low:high]), "</mark>"]
        at = high
    pieces.append(escaped(text[at:end]))
    if end < len(text):
        pieces.append(f" … {count(len(text) - end, 'more character')}")
    return "".join(pieces)


def spans_of(text: str, search: str, column: str = "") -> list[tuple[int, int]]:
    """Begin and end of all that a search finds in a text; nothing for a search that can't be read."""
    try:
        return parse(search).spans(text, column)
    except UsageError:
        return []


def compared(before: str, after: str, most: int = 0) -> tuple[str, str]:
    """Two texts as HTML: `<del>` marks what only the first has, `<ins>` what only the second has.

    `most` limits the characters of each; the HTML says how many are left out.
    """
    old, new = [], []
    for same, gone, come in differences(before, after):
        old.append((gone, "" if same else "del"))
        new.append((come, "" if same else "ins"))
    return _marked(old, most), _marked(new, most)


def differences(before: str, after: str) -> Iterator[tuple[bool, str, str]]:
    """Compare two texts piece by piece. Yields whether the pieces are equal, the first text's piece and the second's.

    A letter stays together with its accents, vowel signs and joiners, as people see it.
    """
    shortest = min(len(before), len(after))
    begin = next((at for at in range(shortest) if before[at] != after[at]), shortest)
    while begin and _joins(before, after, begin):
        begin -= 1
    left = shortest - begin
    end = next((at for at in range(left) if before[-1 - at] != after[-1 - at]), left)
    while end and (_joins(before, "", len(before) - end) or _joins(after, "", len(after) - end)):
        end -= 1
    one, other = before[begin : len(before) - end], after[begin : len(after) - end]
    if begin:
        yield True, before[:begin], after[:begin]
    yield from _between(one, other)
    if end:
        yield True, before[len(before) - end :], after[len(after) - end :]


def _between(before: str, after: str) -> Iterator[tuple[bool, str, str]]:
    """The same for two texts without a common beginning or end."""
    for pattern in (LETTERS, WORDS, LINES):
        one, other = pattern.findall(before), pattern.findall(after)
        times = Counter(other)
        if sum(times[piece] for piece in one) <= PAIRS:
            matcher = SequenceMatcher(None, one, other, autojunk=False)
            yield from _without_chance(
                [
                    (kind == "equal", "".join(one[low:high]), "".join(other[first:last]))
                    for kind, low, high, first, last in matcher.get_opcodes()
                ]
            )
            return
    yield False, before, after


def _without_chance(pieces: list[tuple[bool, str, str]]) -> list[tuple[bool, str, str]]:
    """The pieces without chance matches: a few equal letters inside a word, between larger changes."""
    joined: list[tuple[bool, str, str]] = []
    for number, (same, old, new) in enumerate(pieces):
        if same and joined and number + 1 < len(pieces) and not re.search(r"\s", old):
            around = (joined[-1], pieces[number + 1])
            same = not all(len(old) <= max(len(gone), len(come)) for _, gone, come in around)
        if joined and not same and not joined[-1][0]:
            _, gone, come = joined.pop()
            old, new = gone + old, come + new
        joined.append((same, old, new))
    return joined


def _joins(text: str, other: str, at: int) -> bool:
    """Whether a cut at `at` would separate a letter from what belongs to it, in either text."""
    return any(
        at < len(one) and (JOINED.match(one[at]) is not None or one[at - 1] == "\u200d") for one in (text, other)
    )


def _marked(pieces: Iterable[tuple[str, str]], most: int) -> str:
    """Pieces as HTML with their tags, cut after `most` characters."""
    html_pieces, shown, left = [], 0, 0
    for piece, tag in pieces:
        part = piece[: max(0, most - shown)] if most else piece
        shown, left = shown + len(part), left + len(piece) - len(part)
        if part:
            html_pieces.append(f"<{tag}>{escaped(part)}</{tag}>" if tag else escaped(part))
    return "".join(html_pieces) + (f" … {count(left, 'more character')}" if left else "")


def block(inner: str, *, kind: str = "text") -> str:
    """HTML of a text with its own direction; `inner` is HTML already."""
    return f'<div class="{kind}" dir="auto">{inner}</div>'


def badge(words: str, *, kept: bool, doc: str = "", rule: str = "") -> str:
    """HTML of a small label: kept or removed, in words too, since not everybody sees the colour.

    `rule` is the rule that removes, whose colour it has.
    """
    kind, sign = ("kept", "✓") if kept else ("removed", "✗")
    style = f' style="--rule: {rule_colour(rule)}"' if rule and not kept else ""
    return f'<span class="badge {kind}"{style} title="{html.escape(doc)}">{sign} {escaped(words)}</span>'


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], links: Sequence[str] = ()) -> str:
    """HTML of a table of plain texts; the first cell names its row. `links` are addresses of those, "" for none.

    Columns of figures are aligned at their ends.
    """
    figures = {at for at in range(1, len(heads)) if _are_figures([row[at] for row in rows])}
    lines = [[escaped(cell) for cell in row] for row in rows]
    for line, link in zip(lines, links, strict=False):
        if link:
            line[0] = f'<a href="{html.escape(link)}" target="_self">{line[0]}</a>'
    return html_table(heads, lines, figures)


def html_table(heads: Sequence[str], rows: Sequence[Sequence[str]], figures: Set[int], *, wide: bool = False) -> str:
    """HTML of a table whose cells are HTML already; the columns in `figures` are aligned at their ends.

    Its name for screen readers is what names its rows, and what they have. A `wide` one fills its place, and shortens
    what names a row.
    """

    def kind(at: int) -> str:
        return ' class="figure"' if at in figures else ' dir="auto"'

    head = "".join(f'<th scope="col"{kind(at)}>{escaped(word)}</th>' for at, word in enumerate(heads))
    lines = "".join(
        f'<tr><th scope="row" dir="auto">{row[0]}</th>'
        + "".join(f"<td{kind(at)}>{cell}</td>" for at, cell in enumerate(row[1:], 1))
        + "</tr>"
        for row in rows
    )
    name = f' aria-label="{html.escape(": ".join(filter(None, (heads[0], ", ".join(filter(None, heads[1:]))))))}"'
    name += ' class="wide"' if wide else ""
    return f"<table{name}><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def _are_figures(cells: Sequence[str]) -> bool:
    return any(cells) and all(_FIGURE.fullmatch(cell) for cell in cells)


@functools.cache
def style() -> str:
    """The style of all pages as HTML, with the colours of verdicts."""
    colours = f":root {{ --kept: {KEPT}; --removed: {REMOVED}; --removed-dark: {REMOVED_DARK}; }}"
    rules = resources.files("dashboards").joinpath("style.css").read_text(encoding="utf-8")
    return f"<style>{colours}\n{rules}</style>"


@functools.cache
def script() -> str:
    """The script of all pages; it holds nothing of anybody's."""
    return resources.files("dashboards").joinpath("history.js").read_text(encoding="utf-8")
