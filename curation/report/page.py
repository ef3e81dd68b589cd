"""The HTML of a report. It has no script and loads nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from curation.writing.colours import KEPT, REMOVED_DARK
from curation.writing.html import escaped

#: The page may load nothing else, whatever a post contains.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

STYLE = (
    f"""
:root {{ color-scheme: light dark; --line: #8884; --kept: {KEPT}; --removed: {REMOVED_DARK}; }}
"""
    """\
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.25; } h2 { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .92rem; }
th, td { text-align: start; padding: .3rem .9rem .3rem 0; vertical-align: top; border-bottom: 1px solid var(--line); }
td.figure, th.figure { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; margin: .2rem 0; }
.post { border-inline-start: 3px solid var(--line); padding-inline-start: .8rem; margin: 1rem 0; }
.meta, .note { opacity: .8; font-size: .88rem; }
.badge { color: #fff; border-radius: .6rem; padding: .1rem .55rem; font-size: .8rem; font-weight: 600; }
.kept { background: var(--kept); } .removed { background: var(--removed); }
svg { max-width: 100%; min-width: 36rem; height: auto; } svg text { fill: currentColor; font-size: 13px; }
"""
)


def page(title: str, sections: Iterable[str]) -> str:
    """The whole file."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escaped(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{escaped(title)}</h1>\n" + "\n".join(sections) + "\n</body>\n</html>\n"
    )


def section(title: str, *inner: str) -> str:
    """A part of the report with its heading; `inner` is HTML."""
    return f"<section>\n<h2>{escaped(title)}</h2>\n" + "\n".join(inner) + "\n</section>"


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph of plain text."""
    return f'<p class="{kind}">{escaped(text)}</p>' if kind else f"<p>{escaped(text)}</p>"


def table(heads: Sequence[str], rows: Iterable[Sequence[str | int | float]]) -> str:
    """A table. Numbers are aligned right, with commas at the thousands."""
    lines = list(rows)
    figures = [bool(lines) and all(isinstance(row[at], int | float) for row in lines) for at in range(len(heads))]
    head = "".join(_cell("th", word, figure) for word, figure in zip(heads, figures, strict=True))
    body = "\n".join(
        "<tr>" + "".join(_cell("td", value, figure) for value, figure in zip(row, figures, strict=True)) + "</tr>"
        for row in lines
    )
    return f'<div class="scroll"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>'


def _cell(tag: str, value: str | int | float, figure: bool) -> str:
    words = f"{value:,}" if isinstance(value, int) else f"{value:,.1f}" if isinstance(value, float) else value
    scope = ' scope="col"' if tag == "th" else ' dir="auto"'
    return f"<{tag}{scope}{' class=figure' if figure else ''}>{escaped(words, 200)}</{tag}>"


def badge(words: str, *, kept: bool) -> str:
    """A small label: kept or removed, in words too."""
    return f'<span class="badge {"kept" if kept else "removed"}">{"✓" if kept else "✗"} {escaped(words)}</span>'


def post(text: str, meta: str, *badges: str, before: str | None = None, most: int = 2_000) -> str:
    """One post: author and time, verdict, its text, and the original text if it differs."""
    was = f'<div class="text note" dir="auto">before: {escaped(before, most)}</div>' if before is not None else ""
    return (
        f'<div class="post"><div class="meta" dir="auto">{escaped(meta)} {" ".join(badges)}</div>'
        f'<div class="text" dir="auto">{escaped(text, most)}</div>{was}</div>'
    )
