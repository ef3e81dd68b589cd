"""A model that curation trained, as the subject of its card, and the front matter of that card."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.cards.figures import by_language, main_languages
from curation.cards.hub import REPOSITORY
from curation.cards.parts import Details
from curation.disk.training_record import HUB, TrainingRecord, held_out
from curation.disk.workspace import Workspace
from curation.sources.platforms import tags_of
from curation.training.folders import POSTS

#: The pictures in a model's folder: the learning curve, and the samples that `curation generate` draws.
CURVE = "learning-curve.png"
SAMPLES = "predictions.png"

#: A file that only the folder of an adapter has.
ADAPTER = "adapter_config.json"

#: Decimal places of a loss, of bits per character, and of a perplexity.
LOSS, BITS, PERPLEXITY = 4, 4, 2


@dataclass(frozen=True)
class Trained:
    """The subject of a card: a record and the folder around it."""

    space: Workspace
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
