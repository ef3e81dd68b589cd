"""The part of a report that shows which recipe makes the better model, if that was evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.report.page import paragraph, section, table
from curation.training.evaluation import LIMIT
from curation.training.evaluation.result import READING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from curation.training.evaluation import Evaluation

#: Evaluations that are shown.
SHOWN = 6


def better_model(evaluations: Sequence[Evaluation], manifest: Mapping[str, Any]) -> str:
    """The evaluations of a recipe; `manifest` is that of its corpus."""
    landings = tuple(each["landing"] for each in manifest.get("inputs") or ())
    parts = [part for each in evaluations[:SHOWN] for part in _one(each, landings)]
    if len(evaluations) > SHOWN:
        parts.append(paragraph(f"{len(evaluations) - SHOWN:,} more evaluations of this recipe are not shown.", "note"))
    return section("Which recipe makes the better model", *parts, paragraph(f"{READING} {LIMIT}", "note"))


def _one(result: Evaluation, landings: tuple[str, ...]) -> Iterator[str]:
    yield paragraph(result.headline)
    if result.inputs != landings:
        yield paragraph("This was evaluated over other landings than those of the corpus.", "note")
    heads = ["Bits per character", "Posts kept", "All it keeps", "95 % interval", "Equal amount", "95 % interval"]
    yield table(heads, [[each.name, each.kept, *each.full.words, *each.equal.words] for each in result.recipes])
    heads = ["Difference", "All it keeps", "95 % interval", "Equal amount", "95 % interval"]
    yield table(heads, [[f"{p.a} → {p.b}", *p.full.in_full, *p.equal.in_full] for p in result.pairs])
    held = result.held_out
    yield paragraph(
        f"Model: {result.model}. {held['posts']:,} held-out posts with {held['characters']:,} characters; the equal "
        f"amount is {result.budget:,} characters.",
        "note",
    )
    for note in result.notes:
        yield paragraph(note, "note")
