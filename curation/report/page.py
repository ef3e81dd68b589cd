"""The HTML of a report. It has no script and loads nothing."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources

from curation.writing.colours import KEPT, REMOVED_DARK
from curation.writing.html import Prose, escaped, with_code

#: The page may load nothing else, whatever a post contains.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


@functools.cache
def _style() -> str:
    colours = f":root {{ color-scheme: light dark; --line: #8884; --kept: {KEPT}; --removed: {REMOVED_DARK}; }}"
    return f"\n{colours}\n" + (resources.files(__package__) / "style.css").read_text(encoding="utf-8")


def page(title: str, sections: Mapping[str, str]) -> str:
    """The whole file: a list of contents, then the sections by their titles."""
    links = "".join(f'<li><a href="#{_anchor(name)}">{escaped(name)}</a></li>' for name in sections)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escaped(title)}</title>\n<style>{_style()}</style>\n</head>\n<body>\n"
        f'<h1>{escaped(title)}</h1>\n<nav aria-label="Contents"><ul>{links}</ul></nav>\n'
        + "\n".join(sections.values()) + "\n</body>\n</html>\n"
    )  # fmt: skip


def section(title: str, *inner: str) -> dict[str, str]:
    """A part of the report with its heading, by its title; `inner` is HTML."""
    heading = f'<h2 id="{_anchor(title)}">{escaped(title)}</h2>'
    return {title: f"<section>\n{heading}\n" + "\n".join(inner) + "\n</section>"}


def _anchor(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def folded(title: str, *inner: str) -> str:
    """A part that opens when somebody clicks its title; `inner` is HTML."""
    return f"<details>\n<summary>{escaped(title)}</summary>\n" + "\n".join(inner) + "\n</details>"


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph of plain text; code stands between backticks."""
    return f'<p class="{kind}">{with_code(text)}</p>' if kind else f"<p>{with_code(text)}</p>"


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
    inner = with_code(words) if isinstance(value, Prose) else escaped(words, 200)
    return f"<{tag}{scope}{' class=figure' if figure else ''}>{inner}</{tag}>"


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
