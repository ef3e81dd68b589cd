"""A ledger as text: for the terminal, as JSON, as Markdown, as CSV.

Keys and names come from strangers, so each format removes whatever would act on its reader: escape sequences and
changes of writing direction in a terminal, `|` and line breaks in a Markdown table, formulas in a spreadsheet.
"""

from __future__ import annotations

import csv as csv_module
import io
import json as json_module
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from curation.corpus.ledger import Ledger, RemovingRule, Row, all_figures, figures
from curation.errors import UsageError, did_you_mean
from curation.recipes.verdict import KEPT_BY_HAND, LABELS
from curation.writing.markdown import markdown_table
from curation.writing.terminal import aligned, display_width, shortened, visible_line

#: Columns of the terminal that a key may take.
KEY_WIDTH = 40

#: The head of the column of several rules.
FOLDED = "other rules"

#: The beginnings of a formula in a spreadsheet.
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")


def render(ledger: Ledger, format: str = "table") -> str:
    """The ledger in a format of `FORMATS`, ending in a line break. Raises `UsageError` for another format."""
    if format not in FORMATS:
        raise UsageError(f"A ledger can't be written as '{format}'.{did_you_mean(format, FORMATS)}")
    return FORMATS[format](ledger)


def table(ledger: Ledger, most: int = 0, width: int = 0) -> str:
    """Aligned columns for a terminal: key, downloaded, one a rule by its label, kept, in percent, and by hand.

    Rows after the first `most` become one row, so that a community fits on a screen; 0: all rows. Where a line would be
    wider than `width` columns, the rules that removed least share a column; 0: any width.
    """
    whole = _table(ledger, most)
    if not width or _widest(whole) <= width:
        return whole
    by_size = sorted(ledger.rules, key=lambda rule: ledger.total.removed[rule.name])
    for number in range(2, len(by_size) + 1):
        folded = by_size[:number]
        printed = _table(_with_folded(ledger, {rule.name for rule in folded}), most)
        if _widest(printed) <= width or number == len(by_size):
            labels = zip(ledger.rules, rule_labels(ledger.rules), strict=True)
            named = ", ".join(
                f"{visible_line(label)} {ledger.total.removed[rule.name]:,}" for rule, label in labels if rule in folded
            )
            return f"{printed}{FOLDED.capitalize()}: {named}. All columns: --wide\n"
    return whole


def _widest(printed: str) -> int:
    return max(map(display_width, printed.splitlines()))


def _with_folded(ledger: Ledger, names: Collection[str]) -> Ledger:
    """The ledger with one column for the rules with these names, after the others."""
    rules = tuple(rule for rule in ledger.rules if rule.name not in names)
    other = RemovingRule(FOLDED, "", FOLDED)

    def fold(row: Row) -> Row:
        removed = {rule.name: row.removed[rule.name] for rule in rules}
        return replace(row, removed={**removed, FOLDED: sum(row.removed[name] for name in names)})

    return replace(ledger, rules=(*rules, other), rows=tuple(map(fold, ledger.rows)), total=fold(ledger.total))


def _table(ledger: Ledger, most: int) -> str:
    heads = [ledger.by, "downloaded", *rule_labels(ledger.rules), "kept", "kept %", *_by_hand(ledger)]
    shown, others = (ledger.rows[:most], ledger.rows[most:]) if most else (ledger.rows, ())
    lines = [[shortened(visible_line(row.key), KEY_WIDTH), *_with_share(row)] for row in shown]
    if others:
        lines.append([f"… {len(others):,} more", *_with_share(summed(others))])
    total = ["total", *_with_share(ledger.total)]
    heads = [visible_line(head) for head in heads]
    printed = list(aligned([heads, *lines, total]))
    rule = "─" * display_width(printed[0])
    return "\n".join([printed[0], rule, *printed[1:-1], *([rule] if lines else []), printed[-1]]) + "\n"


def json(ledger: Ledger) -> str:
    """One JSON object, `Ledger.to_json`."""
    return json_module.dumps(ledger.to_json(), ensure_ascii=False) + "\n"


def markdown(ledger: Ledger) -> str:
    """By author: the training-data table that huggingtweets printed; else a table of `Ledger.columns`.

    The training-data table has a column for each author, headed by display name or handle, or `Quantity` for a single
    author. Its rows are the downloaded posts, retweets and short posts if the recipe has such a rule, every other rule
    that removed something, and the kept posts. Numbers are plain digits.
    """
    if ledger.by == "author":
        return _training_data(ledger)
    heads = [ledger.by, "downloaded", *rule_labels(ledger.rules), "kept", *_by_hand(ledger)]
    lines: list[list[str | int]] = [[row.key, *all_figures(row)] for row in (*ledger.rows, ledger.total)]
    return markdown_table(heads, lines)


def csv(ledger: Ledger) -> str:
    r"""`Ledger.columns`, a line for each row and none for the total; RFC 4180, so lines end in `\r\n`.

    A key that looks like a formula gets `'` before it.
    """
    out = io.StringIO()
    writer = csv_module.writer(out, lineterminator="\r\n")
    writer.writerow([_no_formula(name) for name in ledger.columns])
    writer.writerows([_no_formula(row.key), *all_figures(row)] for row in ledger.rows)
    return out.getvalue()


FORMATS: dict[str, Callable[[Ledger], str]] = {"table": table, "json": json, "markdown": markdown, "csv": csv}


def author_names(rows: Iterable[Row]) -> list[str]:
    """The display names of a ledger's authors, or their handles; with the handle where two names are equal."""
    rows = list(rows)
    return _distinct_heads([(row.author_name or "").strip() or row.key for row in rows], [row.key for row in rows])


def rule_labels(rules: Iterable[RemovingRule]) -> list[str]:
    """The labels of rules, with the rule's name where two labels are equal."""
    rules = list(rules)
    return _distinct_heads([rule.label for rule in rules], [rule.name for rule in rules])


def summed(rows: Sequence[Row]) -> Row:
    """The sum of one or more rows, as one row."""
    downloaded, *removed, kept = (sum(column) for column in zip(*map(figures, rows), strict=True))
    by_hand = None if rows[0].kept_by_hand is None else sum(row.kept_by_hand or 0 for row in rows)
    return Row("", downloaded, dict(zip(rows[0].removed, removed, strict=True)), kept, kept_by_hand=by_hand)


def _with_share(row: Row) -> list[str]:
    share = f"{100 * row.kept / row.downloaded:.1f}" if row.downloaded else "–"
    by_hand = [] if row.kept_by_hand is None else [f"{row.kept_by_hand:,}"]
    return [*(f"{figure:,}" for figure in figures(row)), share, *by_hand]


def _by_hand(ledger: Ledger) -> list[str]:
    """The head of the column of posts that are kept by hand, which only a ledger with pins has."""
    return [LABELS[KEPT_BY_HAND].lower()] if ledger.pinned else []


def _distinct_heads(heads: Sequence[str], names: Sequence[str]) -> list[str]:
    times = Counter(heads)
    return [f"{head} ({name})" if times[head] > 1 else head for head, name in zip(heads, names, strict=True)]


def _training_data(ledger: Ledger) -> str:
    from curation.rules import installed

    rows = ledger.rows or (ledger.total,)
    heads = author_names(rows) if len(rows) > 1 else ["Quantity"]
    lines: list[list[str | int]] = [["Tweets downloaded", *(row.downloaded for row in rows)]]
    always: dict[str, RemovingRule] = {}  # as in huggingtweets, even where they are 0
    for rule in ledger.rules:
        if label := installed().class_of({"use": rule.use}).training_row:
            always.setdefault(label, rule)
    for label, rule in sorted(always.items()):
        lines.append([label, *(row.removed[rule.name] for row in rows)])
    others = [rule for rule in ledger.rules if rule not in always.values() and ledger.total.removed[rule.name]]
    for rule, label in zip(others, rule_labels(others), strict=True):
        lines.append([label, *(row.removed[rule.name] for row in rows)])
    lines.append(["Tweets kept", *(row.kept for row in rows)])
    if ledger.total.kept_by_hand:
        lines.append([LABELS[KEPT_BY_HAND], *(row.kept_by_hand or 0 for row in rows)])
    return markdown_table(["Data", *heads], lines)


def _no_formula(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_BEGINS) else cell
