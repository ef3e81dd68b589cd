"""The HTML of a report. It has no script and loads nothing."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from importlib import resources

from curation.writing.colours import KEPT, REMOVED_DARK
from curation.writing.html import escaped

#: The page may load nothing else, whatever a post contains.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


@functools.cache
def _style() -> str:
    colours = f":root {{ color-scheme: light dark; --line: #8884; --kept: {KEPT}; --removed: {REMOVED_DARK}; }}"
    return f"\n{colours}\n" + (resources.files(__package__) / "style.css").read_text(encoding="utf-8")


def page(title: str, sections: Iterable[str]) -> str:
    """The whole file."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escaped(title)}</title>\n<style>{_style()}</style>\n</head>\n<body>\n"
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
