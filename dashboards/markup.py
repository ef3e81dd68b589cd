"""Posts as HTML, and strangers' words in Markdown, such that nothing in them acts.

Every text goes through `escaped` (for HTML) or `plain` (for Streamlit's Markdown) on its way to a page. Characters
that nobody sees, and those that turn the direction of writing, become visible signs: a post can't read as something
else than it is. Each text is isolated, so that a right-to-left post does not turn what stands beside it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from curation.ledger_formats import DIRECTION_CONTROLS

#: Characters of a post that a list shows; the post in full shows all.
SHOWN = 1_200
#: Characters up to which two texts are laid beside each other letter by letter; longer ones piece by piece.
COMPARED = 4_000

#: Control characters but for the line's end and the tabulator, lone surrogates, and the ends of other lines.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff" + "".join(DIRECTION_CONTROLS) + "]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=&@/])")


def visible(text: str) -> str:
    """The text with what nobody sees, or what turns the direction of writing, as `⟨U+202E⟩`."""
    return _UNSEEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


def escaped(text: str, most: int = 0) -> str:
    """The text as HTML; with `most`, at most so many characters of it, and how many are left out."""
    cut = f" … {len(text) - most:,} more characters" if most and len(text) > most else ""
    return html.escape(visible(text[:most] if most else text)) + cut


def plain(text: str) -> str:
    """The text for Streamlit's Markdown (labels, captions, messages), as it stands."""
    return _MARKDOWN.sub(r"\\\1", " ".join(visible(text).split()))


def highlighted(text: str, wanted: str, most: int = 0) -> str:
    """The text as HTML with every occurrence of `wanted` marked, in capitals or not; from the first one on, if cut."""
    if not wanted:
        return escaped(text, most)
    hits = [match.span() for match in re.finditer(re.escape(wanted), text, re.IGNORECASE)]
    begin = max(0, hits[0][0] - 80) if hits and most and hits[0][0] > most - 80 else 0
    end = min(len(text), begin + most) if most else len(text)
    pieces, at = ["… "] if begin else [], begin
    for low, high in hits:
        if low < at or high > end:
            continue
        pieces += [escaped(text[at:low]), "<mark>", escaped(text[low:high]), "</mark>"]
        at = high
    pieces.append(escaped(text[at:end]))
    if end < len(text):
        pieces.append(f" … {len(text) - end:,} more characters")
    return "".join(pieces)


def compared(before: str, after: str) -> tuple[str, str]:
    """Two texts as HTML, what only the first has as `<del>` and what only the second has as `<ins>`."""
    pattern = r".|\n" if max(len(before), len(after)) <= COMPARED else r"\s+|\S+"
    one, other = re.findall(pattern, before), re.findall(pattern, after)
    old, new = [], []
    for kind, low, high, first, last in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        gone, come = escaped("".join(one[low:high])), escaped("".join(other[first:last]))
        old.append(gone if kind == "equal" or not gone else f"<del>{gone}</del>")
        new.append(come if kind == "equal" or not come else f"<ins>{come}</ins>")
    return "".join(old), "".join(new)


def block(inner: str, *, kind: str = "text") -> str:
    """HTML of a text whose direction is its own; `inner` is HTML already."""
    return f'<div class="{kind}" dir="auto">{inner}</div>'


def badge(words: str, *, kept: bool, doc: str = "") -> str:
    """HTML of a small label: kept or removed, in words too, since colour alone tells not everybody."""
    kind = "kept" if kept else "removed"
    sign = "✓" if kept else "✗"
    return f'<span class="badge {kind}" title="{html.escape(doc)}">{sign} {escaped(words)}</span>'


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """HTML of a small table of texts; none of the cells is HTML."""
    head = "".join(f'<th scope="col">{escaped(word)}</th>' for word in heads)
    lines = ("<tr>" + "".join(f'<td dir="auto">{escaped(cell)}</td>' for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


#: The look of all of it; colours are mixed from the page's own, so that they fit in light and in dark.
STYLE = """
<style>
.text { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; line-height: 1.5; }
.meta { opacity: .8; font-size: .85rem; overflow-wrap: anywhere; }
.badge { border-radius: .6rem; padding: .1rem .5rem; font-size: .8rem; font-weight: 600; white-space: nowrap; }
.badge.kept { background: #1a7f64; color: #fff; }
.badge.removed { background: #9a4a12; color: #fff; }
del { background: color-mix(in srgb, #e07b39 30%, transparent); text-decoration: line-through; }
ins { background: color-mix(in srgb, #1a7f64 30%, transparent); text-decoration: none; }
mark { background: #ffd666; color: #111; border-radius: .15rem; }
table { border-collapse: collapse; font-size: .9rem; display: block; overflow-x: auto; }
th, td { text-align: start; padding: .25rem .75rem .25rem 0; vertical-align: top; overflow-wrap: anywhere; }
</style>
"""
