"""What a model learned from, by its record: the ledger of its corpus, lengths, languages, authors."""

from __future__ import annotations

import contextlib
import itertools

from curation.corpus.corpus import Corpus
from curation.corpus.selection import KEPT
from curation.disk.training_record import TrainingRecord
from curation.disk.workspace import Workspace
from curation.errors import CurationError
from curation.recipes.verdict import LABELS
from dashboards.queries.overview import Step


def ledger(corpus: Corpus | None, record: TrainingRecord) -> list[Step]:
    """From downloaded to kept, at the time of the export; empty if the record's counts don't balance.

    `corpus`, that of the model's recipe now, has the labels of the rules.
    """
    counts = record.data.counts
    removed = counts.get("removed")
    removed = removed if isinstance(removed, dict) else {}
    numbers = [counts.get("downloaded"), counts.get("kept"), *removed.values()]
    if not all(isinstance(each, int) and not isinstance(each, bool) for each in numbers):
        return []
    downloaded, kept, *_ = numbers
    if downloaded != kept + sum(removed.values()):
        return []
    labels = LABELS | ({rule["name"]: rule["label"] for rule in corpus.rules} if corpus else {})
    left, steps = downloaded, [Step("", "Downloaded", downloaded, 0, downloaded)]
    for rule, posts in removed.items():
        steps.append(Step(rule, labels.get(str(rule), str(rule)), posts, left - posts, left))
        left -= posts
    return [*steps, Step(KEPT, "Kept", kept, 0, kept)]


def is_current(corpus: Corpus | None, record: TrainingRecord) -> bool:
    """Whether the corpus is still the one that was exported for this model."""
    return corpus is not None and tuple(corpus.manifest["files"]) == record.data.corpus_files


def corpus_of(space: Workspace, record: TrainingRecord) -> Corpus | None:
    """The corpus of the model's recipe; None without one."""
    with contextlib.suppress(CurationError):
        return Corpus.open(space, record.data.recipe)
    return None


def lengths(record: TrainingRecord) -> list[tuple[str, int]]:
    """Training posts by their length in characters, as `40–79`; without the empty classes at both ends."""
    ends = [begin for begin, _ in record.data.lengths[1:]]
    rows = [
        (f"{begin:,}–{end - 1:,}" if end else f"{begin:,} or more", posts)
        for (begin, posts), end in itertools.zip_longest(record.data.lengths, ends)
    ]
    filled = [at for at, (_, posts) in enumerate(rows) if posts]
    return rows[filled[0] : filled[-1] + 1] if filled else []


def languages(record: TrainingRecord, most: int = 10) -> list[tuple[str, int]]:
    """Posts by language, largest first; those beyond `most` are one row."""
    ordered = sorted(record.data.languages.items(), key=lambda each: (-each[1], each[0]))
    shown, others = ordered[:most], ordered[most:]
    return [*shown, *([(f"{len(others):,} others", sum(posts for _, posts in others))] if others else [])]


def authors(record: TrainingRecord) -> list[tuple[str, int]]:
    """The authors with the most training posts, from the record."""
    named = [(each.get("author") or "unknown", each.get("posts")) for each in record.data.authors]
    return [(str(author), posts) for author, posts in named if isinstance(posts, int)]
