"""The parts of a report on one corpus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from curation.asking.credit import Credit
from curation.corpus.corpus import Corpus
from curation.corpus.grounds import columns_of, with_grounds
from curation.corpus.ledger import Ledger, Row
from curation.corpus.ledger_text import summed
from curation.corpus.reasons import decision, in_words
from curation.recipes.verdict import BY_HAND, LABELS
from curation.report.page import badge, folded, paragraph, post, section, table
from curation.report.svg_charts import Bar, Piece, bars, columns
from curation.rules import RuleBook
from curation.sql import identifier
from curation.sql.order import drawn
from curation.training.evaluation.result import LIMIT, READING, Evaluation
from curation.writing.colours import KEPT, NEUTRAL, REMOVED, rule_colour
from curation.writing.html import Prose
from curation.writing.terminal import count, shortened

#: The most authors that are shown one by one; the others are summed up.
AUTHORS = 40
#: The most characters of a text that are read.
READ = 4_000
#: The most columns of a rule's parameters; `curation recipes` has them whole.
PARAMETERS = 160
#: The most evaluations that are shown.
SHOWN = 6


def beginning(corpus: Corpus, total: Row, texts: bool) -> dict[str, str]:
    """The subject of the report, and the ledger in one sentence."""
    manifest = corpus.manifest
    recipe = manifest["recipe"]
    share = 100 * total.kept / max(total.downloaded, 1)
    parts = [
        paragraph(
            f"{count(total.downloaded, 'post')} downloaded = {total.kept:,} kept + "
            f"{sum(total.removed.values()):,} removed; {share:.1f}% are kept."
        )
    ]
    if total.kept_by_hand is not None:
        by_hand = f"{total.removed[BY_HAND]:,} of the posts are removed by hand and {total.kept_by_hand:,} kept by hand"
        parts.append(paragraph(f"{by_hand}, where the recipe alone decides otherwise."))
    if recipe.get("description"):
        parts.append(paragraph(recipe["description"]))
    when = manifest.get("created_at", "at an unknown time")
    holds = "This page holds texts of posts: treat it as you treat them." if texts else "No text of a post is here."
    parts.append(paragraph(f"Recipe {recipe['name']}, fingerprint {recipe['fingerprint']}, of {when}. {holds}", "note"))
    return section("In short", *parts)


def waterfall(ledger: Ledger) -> dict[str, str]:
    """From downloaded, rule by rule, to kept."""
    total, left = ledger.total, ledger.total.downloaded
    lines = [Bar("Downloaded", (Piece(left, NEUTRAL, count(left, "post")),))]
    for rule in ledger.rules:
        removed = total.removed[rule.name]
        left -= removed
        lines.append(
            Bar(
                rule.label,
                (Piece(removed, rule_colour(rule.name), f"{count(removed, 'post')} removed by {rule.name}"),),
                left,
                f"− {removed:,}",
            )
        )
    lines.append(Bar("Kept", (Piece(total.kept, KEPT, count(total.kept, "post")),)))
    return section("From downloaded to kept", bars("From downloaded to kept", lines, total.downloaded))


def authors(ledger: Ledger) -> dict[str, str]:
    """The ledger by author, and its picture."""
    shown, others = ledger.rows[:AUTHORS], ledger.rows[AUTHORS:]
    most = max((row.downloaded for row in shown), default=0)
    lines = [Bar(row.key, _pieces(row), words=f"{row.kept:,} of {row.downloaded:,}") for row in shown]
    heads = [ledger.by.capitalize(), "Downloaded", *(rule.label for rule in ledger.rules), "Kept", "Kept %"]
    rows = [_line(row) for row in shown]
    if others:
        rows.append(_line(replace(summed(others), key=f"{len(others):,} others")))
    rows.append(_line(ledger.total))
    return section("By author", bars("Kept and removed by author", lines, most), table(heads, rows))


def _pieces(row: Row) -> tuple[Piece, ...]:
    removed = row.downloaded - row.kept
    return Piece(row.kept, KEPT, f"{row.kept:,} kept"), Piece(removed, REMOVED, f"{removed:,} removed")


def _line(row: Row) -> list[str | int | float]:
    return [row.key, row.downloaded, *row.removed.values(), row.kept, 100 * row.kept / max(row.downloaded, 1)]


def months(ledger: Ledger) -> dict[str, str]:
    """The kept and the removed posts of each month."""
    dated = [row for row in ledger.rows if row.key != "unknown"]
    undated = sum(row.downloaded for row in ledger.rows) - sum(row.downloaded for row in dated)
    notes = [paragraph(f"{count(undated, 'post has', 'posts have')} no date.", "note")] if undated else []
    if not dated:
        return section("Over time", *notes)
    chart = columns("Kept and removed by month", [row.key for row in dated], list(map(_pieces, dated)))
    return section("Over time", chart, paragraph("Months, UTC; kept below, removed above.", "note"), *notes)


def rules(corpus: Corpus, credit: Credit, book: RuleBook) -> dict[str, str]:
    """Every rule in words, with its figures."""
    by_name = {rule.name: rule for rule in credit.rules}
    rows = []
    for number, rule in enumerate(corpus.rules, start=1):
        summary, parameters = in_words(rule, book)
        did = by_name.get(rule["name"])
        figures = [f"{did.matched:,}", f"{did.first:,}", f"{did.only:,}"] if did else ["", "", ""]
        rows.append([str(number), rule["label"], Prose(summary), shortened(parameters, PARAMETERS), *figures])
    heads = ["", "Rule", "Removes or rewrites", "Parameters", "Would remove", "Removes first", "Alone"]
    words = (
        "Would remove: posts that the rule is against, whatever other rules say. Removes first: no earlier rule does. "
        "Alone: no other rule does."
    )
    notes = [paragraph(warning, "note") for warning in credit.warnings]
    return section("The rules, in their order", table(heads, rows), paragraph(words, "note"), *notes)


def samples(corpus: Corpus, count: int, seed: int) -> Mapping[str | None, list[dict[str, Any]]]:
    """At most `count` posts for each verdict: None for kept, else the rule that removes them.

    Each row has the post's author, id and time, its texts, the verdict, and every measure of the recipe.
    """
    measures = sorted({name for rule in corpus.rules for name in rule["columns"]})
    names = [
        "platform", "id", "author", "created_at", "matched", "removed_by", "rewritten_by", "duplicate_of",
    ]  # fmt: skip
    names += [name for name in columns_of(corpus.rules) if name not in (*names, "raw_text")]
    texts = [f"left({name}, {READ}) AS {name}" for name in ("text", "raw_text")]
    order = drawn(seed, "sample")
    frame = corpus.query(
        f"""
        WITH drawn AS (
            SELECT platform, id, {order} AS place FROM posts
            QUALIFY row_number() OVER (PARTITION BY removed_by ORDER BY {order}, platform, id) <= {int(count)}
        )
        SELECT {", ".join([*map(identifier, [*names, *measures]), *texts])} FROM posts JOIN drawn USING (platform, id)
        ORDER BY place, platform, id
        """
    )
    by_verdict: dict[str | None, list[dict[str, Any]]] = {}
    for row in with_grounds(corpus.rules, frame.to_dicts()):
        by_verdict.setdefault(row["removed_by"], []).append(row)
    return by_verdict


def posts(corpus: Corpus, by_verdict: Mapping[str | None, list[dict[str, Any]]]) -> dict[str, str]:
    """Samples of kept posts and of those that each rule removes."""
    by_name = {rule["name"]: rule for rule in corpus.rules}
    parts = ["<h3>Kept</h3>", *(_post(by_name, row) for row in by_verdict.get(None, []))]
    labels = {rule["name"]: rule["label"] for rule in corpus.rules} | LABELS
    for name in corpus.removing_rules:
        if by_verdict.get(name):
            label = f"{labels[name]}: {count(len(by_verdict[name]), 'post')}"
            parts.append(folded(label, *(_post(by_name, row) for row in by_verdict[name])))
    return section("Some of the posts", *parts)


def _post(rules: Mapping[str, dict[str, Any]], row: Mapping[str, Any]) -> str:
    before = row["raw_text"] if row["rewritten_by"] and row["raw_text"] != row["text"] else None
    return post(row["text"], whose(row), *_badges(rules, row), before=before)


def whose(row: Mapping[str, Any]) -> str:
    """Who posted it when, and its id."""
    when = f"{row['created_at']:%Y-%m-%d %H:%M} UTC" if row.get("created_at") else "without a date"
    return f"{row['author']}, {when}, {row['platform']} {row['id']}"


def _badges(rules: Mapping[str, dict[str, Any]], row: Mapping[str, Any]) -> Iterator[str]:
    verdict = decision(rules.values(), row)
    yield badge(f"{verdict.words} ({verdict.alone})" if verdict.alone else verdict.words, kept=verdict.kept)
    for words in verdict.also:
        yield badge(words, kept=False)


def better_model(evaluations: Sequence[Evaluation], manifest: Mapping[str, Any]) -> dict[str, str]:
    """The evaluations of a recipe; `manifest` is that of its corpus."""
    landings = tuple(each["landing"] for each in manifest.get("inputs") or ())
    parts = [part for each in evaluations[:SHOWN] for part in _one(each, landings)]
    if len(evaluations) > SHOWN:
        more = count(len(evaluations) - SHOWN, "more is", "more are")
        parts.append(paragraph(f"Of the evaluations of this recipe, {more} not shown.", "note"))
    return section("Which recipe makes the better model", *parts, paragraph(f"{READING} {LIMIT}", "note"))


def _one(result: Evaluation, landings: tuple[str, ...]) -> Iterator[str]:
    yield paragraph(result.headline)
    if result.inputs != landings:
        yield paragraph("This was evaluated over other landings than those of the corpus.", "note")
    heads = ["Bits per character", "Posts kept", "All it keeps", "95% interval", "Equal amount", "95% interval"]
    yield table(heads, [[each.name, each.kept, *each.full.words, *each.equal.words] for each in result.recipes])
    heads = ["Difference", "All it keeps", "95% interval", "Equal amount", "95% interval"]
    yield table(heads, [[f"{p.a} → {p.b}", *p.full.in_full, *p.equal.in_full] for p in result.pairs])
    held = result.held_out
    yield paragraph(
        f"Model: {result.model}. {count(held['posts'], 'held-out post')} with "
        f"{count(held['characters'], 'character')}; the equal "
        f"amount is {count(result.budget, 'character')}.",
        "note",
    )
    for note in result.notes:
        yield paragraph(note, "note")
