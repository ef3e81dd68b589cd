"""The parts of a report on one corpus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from curation.corpus.reasons import in_words, reason
from curation.report.page import badge, paragraph, post, section, table
from curation.report.svg_charts import Bar, Piece, bars, columns
from curation.rules import RuleBook
from curation.writing.colours import KEPT, NEUTRAL, REMOVED

if TYPE_CHECKING:
    from curation.asking.credit import Credit
    from curation.corpus.corpus import Corpus
    from curation.corpus.ledger import Ledger, Row

#: The most authors that are shown one by one; the others are summed up.
AUTHORS = 40


def beginning(corpus: Corpus, total: Row, texts: bool) -> str:
    """The subject of the report, and the ledger in one sentence."""
    manifest = corpus.manifest
    recipe = manifest["recipe"]
    share = 100 * total.kept / max(total.downloaded, 1)
    parts = [
        paragraph(
            f"{total.downloaded:,} posts downloaded = {total.kept:,} kept + "
            f"{sum(total.removed.values()):,} removed; {share:.1f} % are kept."
        )
    ]
    if recipe.get("description"):
        parts.append(paragraph(recipe["description"]))
    when = manifest.get("created_at", "at an unknown time")
    holds = "This page holds texts of posts: treat it as you treat them." if texts else "No text of a post is here."
    parts.append(paragraph(f"Recipe {recipe['name']}, fingerprint {recipe['fingerprint']}, of {when}. {holds}", "note"))
    return section("In short", *parts)


def waterfall(ledger: Ledger) -> str:
    """From downloaded, rule by rule, to kept."""
    total, left = ledger.total, ledger.total.downloaded
    lines = [Bar("Downloaded", (Piece(left, NEUTRAL, f"{left:,} posts"),))]
    for rule in ledger.rules:
        count = total.removed[rule.name]
        left -= count
        lines.append(
            Bar(rule.label, (Piece(count, REMOVED, f"{count:,} posts removed by {rule.name}"),), left, f"− {count:,}")
        )
    lines.append(Bar("Kept", (Piece(total.kept, KEPT, f"{total.kept:,} posts"),)))
    return section("From downloaded to kept", bars("From downloaded to kept", lines, total.downloaded))


def authors(ledger: Ledger) -> str:
    """The ledger by author, and its picture."""
    shown, others = ledger.rows[:AUTHORS], ledger.rows[AUTHORS:]
    most = max((row.downloaded for row in shown), default=0)
    lines = [
        Bar(
            row.key,
            (
                Piece(row.kept, KEPT, f"{row.kept:,} kept"),
                Piece(row.downloaded - row.kept, REMOVED, f"{row.downloaded - row.kept:,} removed"),
            ),
            words=f"{row.kept:,} of {row.downloaded:,}",
        )
        for row in shown
    ]
    heads = [ledger.by.capitalize(), "Downloaded", *(rule.label for rule in ledger.rules), "Kept", "Kept %"]
    rows = [_line(row) for row in shown]
    if others:
        rows.append(_line(ledger_sum(f"{len(others):,} others", others)))
    rows.append(_line(ledger.total))
    return section("By author", bars("Kept and removed by author", lines, most), table(heads, rows))


def _line(row: Row) -> list[str | int | float]:
    return [row.key, row.downloaded, *row.removed.values(), row.kept, 100 * row.kept / max(row.downloaded, 1)]


def ledger_sum(key: str, rows: tuple[Row, ...]) -> Row:
    """Several rows as one."""
    from curation.corpus.ledger import Row

    removed = {rule: sum(row.removed[rule] for row in rows) for rule in rows[0].removed}
    return Row(key, sum(row.downloaded for row in rows), removed, sum(row.kept for row in rows))


def months(ledger: Ledger) -> str:
    """When the posts are from."""
    dated = [row for row in ledger.rows if row.key != "unknown"]
    stacks = [
        (
            Piece(row.kept, KEPT, f"{row.kept:,} kept"),
            Piece(row.downloaded - row.kept, REMOVED, f"{row.downloaded - row.kept:,} removed"),
        )
        for row in dated
    ]
    undated = sum(row.downloaded for row in ledger.rows) - sum(row.downloaded for row in dated)
    notes = [paragraph(f"{undated:,} posts have no date.", "note")] if undated else []
    if not dated:
        return section("Over time", *notes)
    drawn = columns("Kept and removed by month", [row.key for row in dated], stacks)
    return section("Over time", drawn, paragraph("Months, UTC; kept below, removed above.", "note"), *notes)


def rules(corpus: Corpus, credit: Credit, book: RuleBook) -> str:
    """Every rule in words, with its figures."""
    by_name = {rule.name: rule for rule in credit.rules}
    rows = []
    for number, rule in enumerate(corpus.rules, start=1):
        summary, parameters = in_words(rule, book)
        did = by_name.get(rule["name"])
        figures = [f"{did.matched:,}", f"{did.first:,}", f"{did.only:,}"] if did else ["", "", ""]
        rows.append([str(number), rule["label"], summary, parameters, *figures])
    heads = ["", "Rule", "Removes or rewrites", "Parameters", "Would remove", "Removes first", "Alone"]
    words = (
        "Would remove: posts that the rule is against, whatever other rules say. Removes first: no earlier rule does. "
        "Alone: no other rule does."
    )
    notes = [paragraph(warning, "note") for warning in credit.warnings]
    return section("The rules, in their order", table(heads, rows), paragraph(words, "note"), *notes)


def posts(corpus: Corpus, by_verdict: Mapping[str | None, list[dict[str, Any]]]) -> str:
    """Samples of kept posts and of those that each rule removes."""
    by_name = {rule["name"]: rule for rule in corpus.rules}
    parts = ["<h3>Kept</h3>", *(_post(by_name, row) for row in by_verdict.get(None, []))]
    for name in corpus.removing_rules:
        if by_verdict.get(name):
            parts.append(f"<h3>{_heading(by_name[name]['label'])}</h3>")
            parts += [_post(by_name, row) for row in by_verdict[name]]
    return section("Some of the posts", *parts)


def _heading(label: str) -> str:
    from curation.writing.html import escaped

    return escaped(label)


def _post(rules: Mapping[str, dict[str, Any]], row: Mapping[str, Any]) -> str:
    return post(row["text"], whose(row), *_badges(rules, row), before=_before(row))


def whose(row: Mapping[str, Any]) -> str:
    """Who posted it when, and its id."""
    when = f"{row['created_at']:%Y-%m-%d %H:%M} UTC" if row.get("created_at") else "without a date"
    return f"{row['author']}, {when}, {row['platform']} {row['id']}"


def _before(row: Mapping[str, Any]) -> str | None:
    return row["raw_text"] if row["rewritten_by"] and row["raw_text"] != row["text"] else None


def _badges(rules: Mapping[str, dict[str, Any]], row: Mapping[str, Any]) -> Iterator[str]:
    if row["removed_by"] is None:
        yield badge("kept", kept=True)
    for name in row["matched"]:
        yield badge(reason(rules[name], row) if name in rules else name, kept=False)
