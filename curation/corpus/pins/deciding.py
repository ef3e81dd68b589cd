"""A corpus with its pins applied, put in the place of the one before; a change of pins alone costs no run."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import Timeout

from curation.corpus.corpus import Corpus
from curation.corpus.pins.applying import RowPins, applied, decide, pending
from curation.corpus.pins.pin_file import Pins, pins_of
from curation.disk.manifest import write_manifest
from curation.disk.whole_files import swap_in, writing
from curation.disk.workspace import Workspace
from curation.errors import RefusedError
from curation.recipes.verdict import BY_HAND, KEPT_BY_HAND


@dataclass(frozen=True)
class Applied:
    """What applying the pins to a corpus changed."""

    corpus: Corpus
    changed: int  # posts whose pin changed; 0: the corpus is as it was
    kept_before: int  # posts


def not_applied(corpus: Corpus, pins: Pins) -> int:
    """How many posts of a corpus have another pin than the one that is applied there. Raises `WorkspaceError`."""
    if not pins.pins and not corpus.pins:
        return 0
    return corpus.reading(lambda _, manifest: _posts(pending(_files(Corpus(corpus.folder, manifest)), pins)))


def apply_pins(
    space: Workspace, name: str, *, wait: bool = True, waiting: Callable[[str], None] | None = None
) -> Applied:
    """Apply the pins of a workspace to a corpus as it stands, without a run.

    Raises `NothingToDoError` without a corpus of this name, `InputError` for a damaged file of pins, `WorkspaceError`,
    and `RefusedError` where a run of this corpus is going on and `wait` is false.
    """
    purpose = f"run-{name}"
    try:
        with space.lock(purpose, waiting) if wait else space.at_once(purpose):
            space.sweep()
            corpus = Corpus.open(space, name)
            kept = corpus.manifest["counts"].get("kept", 0)
            changed = redecide(space, corpus, pins_of(space))
            return Applied(Corpus.open(space, name), changed, kept)
    except Timeout:
        raise RefusedError(
            f"A run of '{name}' is going on. It applies the decisions too; try again after it."
        ) from None


def redecide(space: Workspace, corpus: Corpus, pins: Pins) -> int:
    """Put a corpus with these pins in the place of `corpus`, whose lock the caller has; gives the changed posts."""
    if not pins.pins and not corpus.pins:
        return 0
    changes = pending(_files(corpus), pins)
    if changes:
        with space.staging(f"run-{corpus.recipe}") as staging, writing(corpus.folder):
            swap_in(with_pins(corpus, changes, staging), corpus.folder)
    return _posts(changes)


def with_pins(corpus: Corpus, changes: Mapping[int, RowPins], staging: Path) -> Path:
    """A copy of a corpus with the changes of `pending`, in a folder below `staging`."""
    folder = staging / f"decided-{uuid.uuid4().hex[:12]}"
    names = decide(_files(corpus), changes, folder)
    # Exports of its earlier files were made of another corpus now.
    manifest = {key: value for key, value in corpus.manifest.items() if key != "was"}
    complete_manifest(folder, {**manifest, "created_at": now(), "files": names}, pinned=True)
    return folder


def complete_manifest(folder: Path, manifest: dict[str, Any], *, pinned: bool) -> None:
    """Write the manifest of the corpus in `folder`, with its counts and, if it may be `pinned`, with its pins."""
    manifest.pop("pins", None)
    if pinned and (pins := applied([folder / name for name in manifest["files"]])):
        manifest["pins"] = pins
    manifest["counts"] = counts_of(Corpus(folder, manifest))
    write_manifest(folder, manifest)


def now() -> str:
    """The time as a manifest has it, UTC."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _files(corpus: Corpus) -> list[Path]:
    return [corpus.folder / name for name in corpus.manifest["files"]]


def _posts(changes: Mapping[int, RowPins]) -> int:
    return sum(map(len, changes.values()))


def counts_of(corpus: Corpus) -> dict[str, Any]:
    """Posts downloaded, removed by each rule, and kept, counted in the corpus's rows.

    With pins also those that they remove, as of a rule `by_hand`, and `kept_by_hand`, which are among the kept ones.
    """
    first = dict.fromkeys(corpus.removing_rules, 0)
    downloaded = kept = by_hand = 0
    of_pins = f"count(*) FILTER ({BY_HAND} = 'kept' AND len(matched) > 0)" if corpus.pins else "0"
    for removed_by, posts, against in corpus.rows(
        f"SELECT removed_by, count(*), {of_pins} FROM posts GROUP BY removed_by"
    ):
        downloaded += posts
        by_hand += against
        if removed_by is None:
            kept = posts
        else:
            first[removed_by] = posts
    of_hand = {KEPT_BY_HAND: by_hand} if corpus.pins else {}
    return {"downloaded": downloaded, "removed": first, "kept": kept, **of_hand}
