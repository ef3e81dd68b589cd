"""Good training text from the posts of a person or a community, with a ledger of what was removed and why.

>>> import curation                                                          # doctest: +SKIP
>>> curation.collect("data", "x-archive", "twitter-2026.zip")                # doctest: +SKIP
>>> corpus = curation.run("data", "baseline")                                # doctest: +SKIP
>>> print(curation.Ledger.of(corpus).frame)                                  # doctest: +SKIP
>>> curation.export(corpus, ["text", "jsonl"], "training")                   # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from curation.asking.comparison import Comparison
    from curation.collecting.land import Landing
    from curation.corpus.corpus import Corpus
    from curation.corpus.ledger import Ledger
    from curation.exports.formats.base import ExportResult

__all__ = ["Corpus", "Ledger", "collect", "compare", "export", "run"]


def collect(data: str | Path, source: str, *targets: str | Path, **options: Any) -> Landing:
    """Land posts from a source in the workspace `data`, as `curation collect` does.

    `options` are those of the source: `author="…"`, `format="csv"`, `map={"text": "Tweet"}`, `max_posts=500`.
    """
    from curation.collecting.collection import collect as land
    from curation.sources import open_source

    return land(data, open_source(source, [str(target) for target in targets], options))


def run(data: str | Path, recipe: str | Path = "baseline", *, again: bool = False, workers: int = 0) -> Corpus:
    """Curate the landed posts of the workspace `data` with a recipe: the name of a shipped one, or a TOML file."""
    from curation.corpus.curate import curate
    from curation.corpus.run_context import RunContext
    from curation.engines.local import local_engine
    from curation.recipes.recipe import Recipe

    return curate(data, Recipe.load(recipe), context=RunContext(local_engine(workers)), again=again).corpus


def compare(data: str | Path, a: str | Path, b: str | Path | None = None, **options: Any) -> Comparison:
    """Compare two recipes over the posts of the workspace `data`: corpora, shipped recipes or TOML files.

    Without `b`, B is A with changes, such as `changes=["min_words.min=5"]`. `options` are the fields of
    `curation.asking.comparison.CompareOptions`; `book`, the rules that the recipes may use; and the fields of
    `curation.corpus.run_context.RunContext`, where `progress` and `waiting` also mean `on_progress` and `on_notice`.
    """
    import dataclasses

    from curation.asking.comparison import compare as compare_recipes
    from curation.corpus.run_context import RunContext
    from curation.options.commands import CompareOptions

    book = options.pop("book", None)
    options = {{"progress": "on_progress", "waiting": "on_notice"}.get(name, name): options[name] for name in options}
    given = {field.name: options.pop(field.name, None) for field in dataclasses.fields(RunContext)}
    context = RunContext(**{name: value for name, value in given.items() if value is not None})
    return compare_recipes(data, a, b, CompareOptions(**options), book=book, context=context)


def export(corpus: Corpus, formats: Sequence[str], out: str | Path, **options: Any) -> ExportResult:
    """Write the kept posts of a corpus as training text, as `curation export` does.

    `options` are the fields of `curation.options.export.ExportOptions`: `valid=0.1`, `authors=["mira"]`, `seed=1`.
    """
    from curation.exports import export as write

    return write(corpus, formats, Path(out), **options)


def __getattr__(name: str) -> Any:
    import importlib

    modules = {"Corpus": "curation.corpus.corpus", "Ledger": "curation.corpus.ledger"}  # heavy, so imported on demand
    if name not in modules:
        raise AttributeError(f"module 'curation' has no attribute '{name}'")
    return getattr(importlib.import_module(modules[name]), name)
