"""A model that curation trained, as the subject of its card: front matter, and the paragraphs on its training data.

The training-data table comes from the corpus while that is still the exported one, else from the counts in the record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.cards.figures import NAMED, NAMED_SHARE, by_language, main_languages
from curation.cards.hub import REPOSITORY
from curation.cards.parts import Details, few, listed, short_name, training_table
from curation.corpus.corpus import Corpus
from curation.corpus.ledger import UNKNOWN, Ledger, RemovingRule, Row
from curation.disk.training_record import HUB, TrainingRecord, TrainingSide, held_out
from curation.disk.workspace import Workspace
from curation.errors import CurationError
from curation.recipes.verdict import KEPT_BY_HAND, LABELS
from curation.sources.platforms import tags_of
from curation.tracking.model_artifacts import export_of
from curation.training.folders import POSTS
from curation.writing.markdown import markdown_table, markdown_text
from curation.writing.terminal import count, visible_line

#: The pictures in a model's folder: the learning curve, and the samples that `curation generate` draws.
CURVE = "learning-curve.png"
SAMPLES = "predictions.png"

#: A file that only the folder of an adapter has.
ADAPTER = "adapter_config.json"

#: Decimal places of a loss, of bits per character, and of a perplexity.
LOSS, BITS, PERPLEXITY = 4, 4, 2

#: How held-out posts are chosen, by the name of the split.
SPLITS = {
    "time": "the newest",
    "random": "drawn at random, with copies on the same side",
    "conversation": "whole conversations, drawn at random",
}


@dataclass(frozen=True)
class Trained:
    """The subject of a card: a record and the folder around it."""

    folder: Path
    record: TrainingRecord
    details: Details

    @property
    def name(self) -> str:
        """The model's name, on the Hub if it goes there."""
        return self.details.name or self.record.model

    @property
    def is_adapter(self) -> bool:
        """Whether the folder holds an adapter without its base."""
        return (self.folder / ADAPTER).is_file()

    @property
    def languages(self) -> list[str]:
        """Codes of the languages with at least one training post in a hundred, the most first."""
        return main_languages(by_language(self.record.data.languages.items()))

    @property
    def prompts(self) -> list[str]:
        """Beginnings to try the model with."""
        return self.details.examples(self.languages)

    @property
    def thumbnail(self) -> str:
        """The picture for previews: the user's, else the one in the folder, with its address on the Hub."""
        if self.details.thumbnail:
            return self.details.thumbnail
        here = next((name for name in (SAMPLES, CURVE) if (self.folder / name).is_file()), "")
        on_hub = here and REPOSITORY.fullmatch(self.details.name)
        return f"https://huggingface.co/{self.details.name}/resolve/main/{here}" if on_hub else here


def fields(model: Trained) -> dict[str, Any]:
    """The front matter of the card."""
    record = model.record
    on_hub = record.base.kind == HUB and REPOSITORY.fullmatch(record.base.name)
    return {
        "language": model.languages,
        "library_name": "peft" if model.is_adapter else "transformers",
        "pipeline_tag": "text-generation",
        "base_model": record.base.name if on_hub else None,
        "base_model_relation": ("adapter" if model.is_adapter else "finetune") if on_hub else None,
        "tags": ["text-generation", "social-media", *_platforms(model.folder)],
        "thumbnail": model.thumbnail,
        "widget": [{"text": prompt} for prompt in model.prompts],
        "model-index": _index(model),
    }


def _index(model: Trained) -> list[dict[str, Any]]:
    """The results as the Hub reads them."""
    record, figures = model.record, held_out(model.record)
    if not figures:
        return []
    metrics = [
        {"type": type_, "name": name, "value": value}
        for type_, name, value in (
            ("perplexity", "Perplexity per token", _rounded(figures.perplexity, PERPLEXITY)),
            ("bits_per_character", "Bits per character", _rounded(figures.bits_per_character, BITS)),
            ("loss", "Loss in nats per token", _rounded(figures.loss, LOSS)),
        )
        if value is not None
    ]
    dataset = {"name": f"Held-out posts of {record.data.recipe}", "type": "social-media-posts", "split": "validation"}
    task = {"type": "text-generation", "name": "Text generation"}
    return [{"name": model.name, "results": [{"task": task, "dataset": dataset, "metrics": metrics}]}]


def _platforms(folder: Path) -> list[str]:
    """Tags of the platforms of the posts that the model saw."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        names = set(pq.read_table(folder / POSTS, columns=["platform"]).to_pydict()["platform"])
    except (OSError, pa.ArrowException, KeyError):
        return []
    return tags_of(list(names))


def _rounded(figure: float | None, places: int) -> float | None:
    return None if figure is None else round(figure, places)


def who(record: TrainingRecord) -> str:
    """The authors of the posts, as far as a card names them."""
    names = [f"@{markdown_text(short_name(visible_line(handle)))}" for handle in _named(record)]
    if others := record.data.author_count - len(names):
        names.append(count(others, "other") if names else count(others, "author"))
    return listed(names) if names else "an unknown author"


def _named(record: TrainingRecord) -> list[str]:
    """Handles that a card names: all if there are few, else those with at least one post in a hundred."""
    authors = [each for each in record.data.authors if each["author"] not in (None, UNKNOWN)]
    if record.data.author_count > NAMED:
        authors = [each for each in authors if each["posts"] >= NAMED_SHARE * record.data.train.posts]
    return [each["author"] for each in authors[:NAMED]]


def data_of(space: Workspace, record: TrainingRecord) -> Iterator[str]:
    """The training-data table, and the training and held-out posts."""
    data = record.data
    yield training_table(*_ledger(space, record))
    sides = {"train": "learned from", "valid": "held out"}
    rows = [[words, *_figures(getattr(data, side))] for side, words in sides.items()]
    yield markdown_table(["Posts", "Number", "Characters", "Tokens"], rows)
    how = SPLITS.get(data.split, data.split)
    alone = (
        "Each is learned alone: no post sees another one."
        if data.separate
        else "Posts are joined, so a post sees those before it."
    )
    yield f"Held-out posts are {how}; the model never learned from them. {alone}"


def _figures(side: TrainingSide) -> list[str]:
    return [f"{figure:,}" for figure in (side.posts, side.characters, side.tokens)]


def _ledger(space: Workspace, record: TrainingRecord) -> tuple[Ledger, Sequence[str]]:
    """The ledger of the training data, from the corpus or else from the record's counts, and its authors in order."""
    data = record.data
    try:
        corpus = Corpus.open(space, data.recipe)
        if tuple(corpus.manifest["files"]) == data.corpus_files:
            exported = export_of(space, record)
            authors = tuple(exported.options.get("authors") or ()) if exported else ()
            return few(Ledger.of(corpus, authors=authors)), authors
    except CurationError:
        pass  # the card is written without it
    removed = {str(rule): int(posts) for rule, posts in (data.counts.get("removed") or {}).items()}
    kept, by_hand = data.counts.get("kept", 0), data.counts.get(KEPT_BY_HAND)
    total = Row("total", data.counts.get("downloaded", 0), removed, kept, kept_by_hand=by_hand)
    rules = tuple(RemovingRule(name, name, LABELS.get(name) or name.replace("_", " ").capitalize()) for name in removed)
    return Ledger(data.recipe, "author", rules, (), total), ()


def explore(record: TrainingRecord, address: str) -> Iterator[str]:
    """Authors, languages and lengths of the posts, and the address of a page that shows them, if there is one."""
    data = record.data
    if address:
        yield f"[Explore the data](<{address}>)"
    named = set(_named(record))
    authors = [
        [f"@{short_name(visible_line(a['author']))}", f"{a['posts']:,}"] for a in data.authors if a["author"] in named
    ]
    if authors:
        yield markdown_table(["Author", "Posts"], authors)
    measured = sum(data.languages.values())
    languages = [
        [code, f"{posts / measured:.1%}"] for code, posts in sorted(data.languages.items(), key=lambda e: (-e[1], e[0]))
    ]
    if languages:
        yield markdown_table(["Language", "Share"], languages[:NAMED])
    begins = [begin for begin, _ in data.lengths]
    lengths = [
        [f"{begin:,} to {after - 1:,}" if after is not None else f"{begin:,} and more", f"{posts:,}"]
        for (begin, posts), after in zip(data.lengths, [*begins[1:], None], strict=True)
        if posts
    ] if begins else []  # fmt: skip
    if lengths:
        yield markdown_table(["Characters of a post", "Posts"], lengths)
    yield (
        "Whoever has the workspace sees every post, and why it was kept or removed, with "
        f"`curation ledger {data.recipe}` and on the dashboard."
    )
