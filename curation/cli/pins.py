"""`curation pin` and `curation check`: posts that must be kept or removed, and whether a recipe does so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curation.cli import output
from curation.cli.options import Data, Json, RecipeName, Rules, Set, load_rules, recipe_name
from curation.cli.record_options import record_of, with_options
from curation.errors import CheckFailedError, NothingToDoError, UsageError
from curation.options.commands import PinOptions
from curation.writing.terminal import aligned

if TYPE_CHECKING:
    from curation.asking.pins.checking import Check
    from curation.asking.pins.suggestions import Suggestion
    from curation.corpus.pins.pin_file import Pins
    from curation.disk.workspace import Workspace

PinsFile = Annotated[Path | None, typer.Option("--pins", metavar="FILE", help="The pins file; default: DIR/pins.toml.")]


def pin(
    post_id: Annotated[
        list[str] | None, typer.Argument(metavar="[POST_ID]…", help="Ids of posts; without any, list the pins.")
    ] = None,
    pins: PinsFile = None,
    data: Data = Path("data"),
    json: Json = False,
    **settings: Any,
) -> None:
    """Decide by hand that posts are kept or removed; without a post, list the pins."""
    from curation.corpus.pins.pin_file import FILE, KEPT, REMOVED, change_pins, pins_of
    from curation.corpus.pins.posts_called import posts_called
    from curation.disk.workspace import Workspace

    space = Workspace(data)
    file = pins or space.root / FILE
    options = record_of(PinOptions, settings)
    deeds, drop, texts = options.deeds, options.drop, options.texts
    ids = list(dict.fromkeys(post_id or ()))
    if options.undo:
        if ids or pins or len(deeds) > 1:
            raise UsageError("--undo takes back the latest change of the workspace's pins, and takes nothing else.")
        _undo(space, json)
        return
    if not ids:
        if given := [*deeds, *(f"--{name}" for name, value in texts.items() if value is not None)]:
            raise UsageError(f"{given[0]} of which post? Name it: curation pin POST_ID --keep")
        _print(pins_of(space, pins), file, json)
        return
    if len(deeds) != 1:
        raise UsageError("What must happen to these posts? Give one of: --keep, --remove, --drop.")
    posts = (
        _pinned(pins_of(space, pins), ids, options.platform, file)
        if drop
        else posts_called(space, ids, options.platform)
    )

    want = KEPT if options.keep else REMOVED

    def change(old: Pins) -> Pins:
        for post in posts:
            old = old.unpin(*post) if drop else old.pin(*post, want, note=texts["note"], by=texts["by"])
        return old

    changed = change_pins(space, change, pins, waiting=output.say)
    if json:
        _print(changed, file, json)
        return
    what = "are not pinned any more" if drop else f"must be {want}"
    named = ", ".join(f"{where} {each}" for where, each in posts)
    print(output.visible(f"{named}: {what.replace('are', 'is', 1) if drop and len(posts) == 1 else what}. In {file}"))


pin = with_options(pin, PinOptions, after="post_id")


def check(
    recipe: RecipeName = "baseline",
    pins: PinsFile = None,
    set: Set = None,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Suggest thresholds that satisfy the pins, with what they keep.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Also exit with 4 if a pinned post is not in the corpus.")
    ] = False,
    rules: Rules = None,
    data: Data = Path("data"),
    json: Json = False,
) -> None:
    """Check the pins: exit with 4 if the recipe alone, without them, decides otherwise."""
    from curation.asking.judge import judge_nearest
    from curation.asking.pins.checking import check as hold_against
    from curation.asking.pins.suggestions import suggest as suggestions_of
    from curation.corpus.pins.pin_file import FILE, pins_of
    from curation.disk.workspace import Workspace

    space = Workspace(data)
    file = pins or space.root / FILE
    all_pins = pins_of(space, pins)
    if not all_pins.pins:
        raise NothingToDoError(f"There are no pins in {file}. Pin a post with: curation pin POST_ID --keep")
    book = load_rules(rules)
    named = recipe if recipe.endswith(".toml") else recipe_name(recipe)
    verdicts = judge_nearest(space, named, set or (), book=book)
    result = hold_against(verdicts, all_pins)
    suggestions = suggestions_of(verdicts.corpus, all_pins, recipe=verdicts.recipe, book=book) if suggest else []
    if json:
        more = {"suggestions": [each.to_json() for each in suggestions]} if suggest else {}
        output.print_json({**result.to_json(), **more})
    else:
        kept = verdicts.corpus.manifest["counts"].get("kept")
        print(output.visible("\n".join(_lines(result, suggestions, kept))))
    if result.broken or (strict and result.missing):
        raise CheckFailedError(_failure(result, strict))


def _undo(space: Workspace, json: bool) -> None:
    from curation.corpus.pins.pin_file import FILE, pins_of, undo_pins

    change = undo_pins(space, output.say)
    if change is None:
        raise NothingToDoError(f"There is no change of pins in {space.root / FILE} that can be taken back.")
    if json:
        pins = [pin.to_json() for pin in pins_of(space).pins]
        output.print_json({"schema": 1, "file": str(space.root / FILE), "undone": change.to_json(), "pins": pins})
        return
    for post in change.posts:
        now = f"must be {post.before['want']} again" if post.before else "is not pinned any more"
        print(output.visible(f"{post.platform} {post.id}: {now}. In {space.root / FILE}"))


def _pinned(pins: Pins, ids: list[str], platform: str | None, file: Path) -> list[tuple[str, str]]:
    """The pinned posts with these ids."""
    posts = []
    for post_id in ids:
        places = [pin.platform for pin in pins.pins if pin.id == post_id and platform in (None, pin.platform)]
        if not places:
            raise NothingToDoError(f"The post '{post_id}' is not pinned in {file}. What is pinned: curation pin")
        if len(places) > 1:
            raise UsageError(
                f"The posts '{post_id}' of {' and of '.join(sorted(places))} are pinned. Say which one is meant: "
                f"--platform {min(places)}"
            )
        posts.append((places[0], post_id))
    return posts


def _print(pins: Pins, file: Path, json: bool) -> None:
    if json:
        output.print_json({"schema": 1, "file": str(file), "pins": [pin.to_json() for pin in pins.pins]})
        return
    if not pins.pins:
        output.say(f"There are no pins in {file}. Pin a post with: curation pin POST_ID --keep")
        return
    lines = [[output.visible(cell.replace("\n", " ")) for cell in pin.to_json().values()] for pin in pins.pins]
    print("\n".join(aligned([["platform", "id", "must be", "note", "by"], *lines], left=(0, 1, 2, 3, 4))))


def _lines(result: Check, suggestions: list[Suggestion], kept: int | None) -> Iterator[str]:
    from curation.asking.approach import Way

    judged = "" if result.way == Way.CURRENT else f" (computed from the corpus '{result.corpus}')"
    held, of = len(result.judged) - len(result.broken), output.count(len(result.judged), "pin")
    yield f"{result.recipe}: {held:,} of {of} {'holds' if 1 in (held, len(result.judged)) else 'hold'}{judged}."
    for each in result.broken:
        note = f" · {each.pin.note}" if each.pin.note else ""
        yield f"  ✗ {each.pin.platform} {each.pin.id} must be {each.pin.want}: {each.why}{note}".replace("\n", " ")
    for pin in result.missing:
        yield f"  ? {pin.platform} {pin.id} must be {pin.want}: it is not in the corpus".replace("\n", " ")
    if suggestions:
        yield ""
    for suggestion in suggestions:
        yield f"  {'·' if suggestion.holds else '✗'} {suggestion.sentence}"
        point = suggestion.point
        if point and suggestion.value != suggestion.now:
            now = f" (now {kept:,})" if kept is not None else ""
            yield (
                f"      {suggestion.value:g} would keep "
                f"{'' if point.exact else 'about '}{output.count(point.kept, 'post')}{now}"
            )


def _failure(result: Check, strict: bool) -> str:
    sentences = []
    if result.broken:
        lost = sum(each.pin.want == "kept" for each in result.broken)
        left = len(result.broken) - lost
        parts = [f"removes {lost:,} that must be kept"] if lost else []
        parts += [f"keeps {left:,} that must go"] if left else []
        sentences.append(f"'{result.recipe}' {' and '.join(parts)}")
    if strict and result.missing:
        sentences.append(f"{output.count(len(result.missing), 'pinned post')} not in the corpus")
    return f"Of {output.count(len(result.judged) + len(result.missing), 'pinned post')}, " + "; ".join(sentences) + "."
