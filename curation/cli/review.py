"""`curation review`: how often a recipe was wrong about the posts that were drawn at random."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from curation.cli import output
from curation.cli.options import Data, Json, RecipeName, recipe_name
from curation.errors import NothingToDoError

if TYPE_CHECKING:
    from curation.asking.review.audit import Estimate
    from curation.corpus.corpus import Corpus


def review(recipe: RecipeName = "baseline", data: Data = Path("data"), json: Json = False) -> None:
    """Say how often the recipe was wrong, by your decisions on posts that the dashboard drew at random."""
    from curation.asking.review.audit import audit
    from curation.asking.review.record import FILE, reviews_of
    from curation.corpus.corpus import Corpus
    from curation.corpus.pins.pin_file import pins_of
    from curation.disk.workspace import Workspace

    space = Workspace(data)
    corpus = Corpus.open(space, recipe_name(recipe))
    estimates = audit(corpus, reviews_of(space), pins_of(space))
    if not estimates:
        raise NothingToDoError(
            f"No post of '{corpus.recipe}' was drawn at random under these settings (see {space.root / FILE}). "
            "Decide some on the page Decide of: curation dashboard"
        )
    if json:
        rows = [each.to_json() for each in estimates]
        output.print_json({"schema": 1, "recipe": corpus.recipe, "interval": "Wilson, 95%", "estimates": rows})
    else:
        output.print_text("\n".join(_lines(corpus, estimates)))


def _lines(corpus: Corpus, estimates: Sequence[Estimate]) -> Iterator[str]:
    from curation.writing.terminal import aligned

    labels = {rule["name"]: rule["label"] for rule in corpus.rules}
    rows = [["Posts", "Decided", "of", "Wrong", "Share", "95% interval"]]
    for each in estimates:
        low, high = each.interval
        removed = f"removed: {labels.get(each.rule, each.rule)}" if each.rule else "removed, all rules"
        rows.append(
            [
                output.visible(removed if each.of == "removed" else "kept"),
                f"{each.decided:,}",
                f"{each.posts:,}",
                f"{each.wrong:,}",
                "–" if each.share is None else f"{each.share:.1%}",
                f"{low:.1%} to {high:.1%}" if each.decided else "–",
            ]
        )
    yield from aligned(rows)
    yield ""
    yield "Wrong: removed posts that you keep, kept posts that you remove. Wilson's interval; random draws only."
