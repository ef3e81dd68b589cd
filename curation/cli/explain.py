"""`curation explain`: one post, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli import output, values
from curation.cli.options import Data, Json, Rules, load_rules, recipe_name
from curation.errors import UsageError
from curation.recipes.verdict import BY_HAND, KEPT_BY_HAND, LABELS

if TYPE_CHECKING:
    from curation.corpus.corpus import Corpus
    from curation.corpus.explain import Explanation
    from curation.corpus.pins.pin_file import Pin


def explain(
    post_id: Annotated[str, typer.Argument(metavar="POST_ID", help="The post's id on its platform.")],
    corpus: Annotated[
        str | None,
        typer.Argument(metavar="RECIPE", help="The same as --recipe.", autocompletion=values.recipes),
    ] = None,
    recipe: Annotated[
        str,
        typer.Option("--recipe", help="A shipped recipe, a TOML file or a corpus.", autocompletion=values.recipes),
    ] = "baseline",
    platform: Annotated[
        str | None, typer.Option("--platform", help="The platform, if several have a post with this id.")
    ] = None,
    rules: Rules = None,
    data: Data = Path("data"),
    json: Json = False,
) -> None:
    """Show one post: its text after each step, what was measured, and every rule that would remove it."""
    from curation.corpus.corpus import Corpus
    from curation.corpus.explain import explain as explained
    from curation.disk.workspace import Workspace

    if corpus and recipe not in ("baseline", corpus):
        raise UsageError(f"Two recipes were given, {corpus} and --recipe {recipe}. Give one.")
    of = Corpus.open(data, recipe_name(corpus or recipe))
    explanation = explained(Workspace(data), of, post_id, platform=platform, book=load_rules(rules))
    if explanation.also_on and not platform:
        output.say(
            f"This is the post of {explanation.post['platform']}. One of the same id is on: "
            f"{', '.join(explanation.also_on)}. See it with --platform."
        )
    if json:
        output.print_json(explanation.to_json())
    else:
        print("\n".join(_lines(explanation, of)))


def _lines(explanation: Explanation, corpus: Corpus) -> Iterator[str]:
    from curation.corpus.findings import finding
    from curation.corpus.grounds import GROUNDS

    post = explanation.post
    when = post["created_at"]
    at = f", {when:%Y-%m-%d %H:%M} UTC" if when else ""
    yield line(f"{post['platform']} {post['id']} by {post['author'] or 'unknown'}{at}")
    yield line(_verdict(explanation))
    if explanation.pin:
        yield line(_pin(explanation.pin, explanation.by_hand))
    yield ""
    yield from block("downloaded", post["text"])
    for rewrite in explanation.rewrites:
        if rewrite.changed:
            yield from block(rewrite.rule, rewrite.text)
    unchanged = [rewrite.rule for rewrite in explanation.rewrites if not rewrite.changed]
    if unchanged:
        yield f"  changed nothing: {', '.join(unchanged)}"
    yield ""
    for rule in corpus.rules:
        if rule["kind"] == "transform":
            continue
        name = rule["name"]
        row = {**explanation.measures, "matched": explanation.matched, GROUNDS: explanation.grounds}
        found = finding(rule, row, explanation.decides_by.get(name))
        yield f"  {'✗' if name in explanation.matched else '·'} {name}{line(f': {found}') if found else ''}"
    if explanation.others:
        yield ""
    for what, ids in explanation.others.items():
        yield line(f"  {what}: {', '.join(ids)}")


def line(text: str) -> str:
    """The text on one line, visible: ids and names are strangers' texts too."""
    return output.visible(text.replace("\n", " "))


def _pin(pin: Pin, applied: str | None) -> str:
    words = [f"pinned: must be {pin.want}", *filter(None, (pin.by and f"by {pin.by}", pin.note))]
    return " · ".join([*words, *([] if applied == pin.want else ["not applied yet: run the recipe again"])])


def _verdict(explanation: Explanation) -> str:
    if explanation.removed_by == BY_HAND:
        return f"{LABELS[BY_HAND]}; the recipe alone keeps it"
    if explanation.by_pin:
        return f"{LABELS[KEPT_BY_HAND]}; the recipe alone removes it by {', '.join(explanation.matched)}"
    if explanation.removed_by is None:
        return "kept"
    also = [name for name in explanation.matched if name != explanation.removed_by]
    kept = explanation.duplicate_of
    copy = f", {explanation.relation or 'a copy of'} {kept}" if kept else ""
    if explanation.similarity is not None:
        copy += f" (similarity {explanation.similarity:.2f})"
    return f"removed by {explanation.removed_by}{copy}" + (f" (and also by {', '.join(also)})" if also else "")


def block(name: str, text: str) -> Iterator[str]:
    """The lines of a text, with its name before the first."""
    first, *others = output.visible(text).split("\n")
    yield f"  {name:<20} │ {first}"
    for other in others:
        yield f"  {'':<20} │ {other}"
