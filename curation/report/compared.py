"""The part of a report that compares its recipe with another one."""

from __future__ import annotations

from collections.abc import Iterator

from curation.asking.comparison import Comparison
from curation.asking.comparison.result import Character
from curation.corpus.selection import KEPT as STAYS
from curation.report.page import badge, paragraph, post, section, table
from curation.report.svg_charts import Bar, Piece, bars
from curation.writing.colours import KEPT, NEUTRAL, REMOVED
from curation.writing.terminal import count

#: Authors that are shown, those with the most changes first, and pairs of verdicts.
AUTHORS, FLOWS = 20, 12


def comparison(compared: Comparison) -> dict[str, str]:
    """What the other recipe would do with the same posts."""
    total = compared.total
    kept = (
        ("Both keep", total.both, KEPT), ("Only A keeps", total.only_a, REMOVED),
        ("Only B keeps", total.only_b, REMOVED), ("Neither keeps", total.neither, NEUTRAL),
    )  # fmt: skip
    parts = [
        paragraph(f"A is {compared.a.name}: {compared.a.words}. B is {compared.b.name}: {compared.b.words}."),
        *(paragraph(note, "note") for note in compared.notes),
        paragraph(
            f"Of {count(compared.posts, 'post')} {count(total.both, 'is', 'are')} kept by both, "
            f"{total.only_a:,} only by A, "
            f"{total.only_b:,} only by B, {total.neither:,} by neither."
        ),
        bars(
            "Kept by both, by one, by neither",
            [Bar(name, (Piece(posts, colour, count(posts, "post")),)) for name, posts, colour in kept],
            compared.posts,
        ),
    ]
    if compared.texts_differ:
        parts.append(
            paragraph(
                f"{count(compared.texts_differ, 'text differs', 'texts differ')}, since the two rewrite differently.",
                "note",
            )
        )
    changed = sorted((row for row in compared.tables["author"] if row.changed), key=lambda row: (-row.changed, row.key))
    if changed:
        heads = ["Author", "Both keep", "Only A", "Only B", "Neither"]
        rows: list[list[str | int]] = [
            [row.key, row.both, row.only_a, row.only_b, row.neither] for row in changed[:AUTHORS]
        ]
        parts.append(table(heads, rows))
    if len(changed) > AUTHORS:
        parts.append(paragraph(f"{len(changed) - AUTHORS:,} other authors have changes, too.", "note"))
    if compared.flows:
        parts.append(table(["A says", "B says", "Posts"], [[f.a, f.b, f.posts] for f in compared.flows[:FLOWS]]))
    parts += _character(compared.character)
    parts += _changed(compared)
    return section(f"Compared with {compared.b.name}", *parts)


def _character(character: Character) -> Iterator[str]:
    def shown(figure: float | None, places: int = 0, unit: str = "") -> str:
        return "–" if figure is None else f"{figure:,.{places}f}{unit}"

    sides = (character.a, character.b)
    yield table(
        ["Of the kept text", "A", "B"],
        [
            ["posts", *(f"{side.posts:,}" for side in sides)],
            ["characters of a post, in the middle", *(shown(side.median_characters) for side in sides)],
            ["replies", *(shown(side.replies and 100 * side.replies, 1, " %") for side in sides)],
            ["different words of a thousand", *(shown(side.distinct_words) for side in sides)],
        ],
    )
    for what, words in (("Words gained", character.gained), ("Words lost", character.lost)):
        if words:
            yield paragraph(f"{what}: {', '.join(word.word for word in words)}.")
    yield paragraph(character.how, "note")


def _changed(compared: Comparison) -> Iterator[str]:
    if not compared.changed:
        return
    yield "<h3>Some of the posts that change</h3>"
    for each in compared.changed:
        badges = [
            badge(f"{letter}: {verdict}", kept=verdict == STAYS) for letter, verdict in (("A", each.a), ("B", each.b))
        ]
        text = each.text_a if each.a == STAYS else each.text_b
        yield post(text, f"{each.author}, {each.platform} {each.id}", *badges)
