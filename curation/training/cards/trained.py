"""The card of a model that curation trained. Every figure comes from the record.

It holds no post and no text by the model, since that may quote a post.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from curation.cards.front_matter import front_matter
from curation.cards.hub import CARD, REPOSITORY
from curation.cards.model import in_python, limitations, link_to_model
from curation.cards.parts import Details, paragraphs
from curation.cards.reproduce import fenced
from curation.disk.training_record import (
    BEST,
    COMPLETE,
    FILE,
    HUB,
    SCRATCH,
    EpochResult,
    Measurement,
    TrainingRecord,
    held_out,
    read_record,
)
from curation.disk.whole_files import write_to_disk, write_whole, writing
from curation.disk.workspace import Workspace
from curation.options.training import OF_LORA, OF_SCRATCH
from curation.training.cards.curve import picture
from curation.training.cards.trained_model import (
    BITS,
    CURVE,
    LOSS,
    PERPLEXITY,
    SAMPLES,
    Trained,
    data_of,
    explore,
    fields,
    who,
)
from curation.training.removal import LOCK
from curation.writing.markdown import markdown_table, markdown_text
from curation.writing.terminal import count, spoken_time


def write_trained_card(space: Workspace, folder: Path, record: TrainingRecord) -> None:
    """Write the card and the learning curve into the folder of a model. Raises `OSError`."""
    drawn = picture(record)
    if drawn:
        write_to_disk(folder / CURVE, drawn)
    write_whole(folder / CARD, trained_card(space, folder, record).encode("utf-8", "backslashreplace"))


def show_samples(space: Workspace, folder: Path, picture: Path) -> bool:
    """Rewrite the card of a model if `picture` is the one that its card shows. True if it is.

    Raises `InputError` for a damaged record, `WorkspaceError`.
    """
    if picture.name != SAMPLES or picture.parent.resolve() != folder.resolve() or not (folder / FILE).is_file():
        return False
    with space.lock(LOCK), writing(folder):
        write_trained_card(space, folder, read_record(folder))
    return True


def trained_card(space: Workspace, folder: Path, record: TrainingRecord, details: Details | None = None) -> str:
    """The card of the model in `folder`. `details` come from the user; `name` is `owner/name` for the Hub."""
    model = Trained(folder, record, details or Details())
    return front_matter(fields(model)) + "\n" + "".join(
        paragraphs(
            f"# {markdown_text(model.name)}",
            _forgotten(record),
            _what(model),
            *_pictures(model),
            "## How it works", _works(model),
            "## Training data", *data_of(space, record),
            "### Explore the data", *explore(record, model.details.explore),
            "## Training procedure", *_procedure(model),
            "## How well it predicts", *_results(model),
            "## How to use it", *_use(model),
            "## Limitations", limitations(record.data.train.posts, of_base=record.base.kind != SCRATCH),
            "## Where it comes from", *_origin(model),
        )
    ).rstrip("\n") + "\n"  # fmt: skip


def _forgotten(record: TrainingRecord) -> str:
    if not record.forgotten_posts:
        return ""
    posts = count(record.forgotten_posts, "post")
    one = record.forgotten_posts == 1
    return (
        f"> **{posts} that this model saw {'was' if one else 'were'} removed from its data since; the model still "
        f"learned from {'it' if one else 'them'}.**"
    )


def _what(model: Trained) -> str:
    record = model.record
    learned = f"{count(record.data.train.posts, 'post')} by {who(record)}"
    stopped = "" if record.status == COMPLETE else " The training was stopped before its end."
    return (
        f"A language model that writes in the manner of the {learned} that it learned from. It was made with curation "
        f"on {record.created_at[:10]}.{stopped} It was not made by those who wrote the posts, and nothing that it "
        "writes was said by them."
    )


def _pictures(model: Trained) -> Iterator[str]:
    if (model.folder / SAMPLES).is_file():
        yield f"![Texts that the model wrote]({SAMPLES})"


def _works(model: Trained) -> str:
    base = model.record.base
    if base.kind == HUB:
        before = f"{link_to_model(base.name)} was trained further on the posts below."
    elif base.name:
        before = f"A model called {markdown_text(base.name)} was trained further on the posts below."
    else:
        before = "It learned from the posts below and from nothing else; its weights were drawn at random before."
    return (
        f"{before} Given the beginning of a text it goes on token by token, each time with one that is likely in these "
        "posts. It looks nothing up, and the posts told it nothing of what happened after the last of them."
    )


def _procedure(model: Trained) -> Iterator[str]:
    record, base = model.record, model.record.base
    lines: list[list[str]] = [
        ["base", base.name or base.kind],
        ["architecture", base.architecture],
        ["parameters", f"{base.parameters:,}"],
        ["trained parameters", f"{base.trained_parameters:,}"],
        ["context, tokens", f"{base.context:,}"],
        ["vocabulary, tokens", f"{base.vocabulary:,}"],
        *([f"LoRA {name}", _plain(value)] for name, value in (base.lora or {}).items()),
    ]
    yield markdown_table(["Model", ""], lines)
    # The card doesn't show folders of the machine.
    hyperparameters = {**record.hyperparameters, "base": base.name or base.kind}
    idle = {*(() if base.lora else OF_LORA), *(() if base.kind == SCRATCH else OF_SCRATCH)}
    lines = [[name, _plain(value)] for name, value in hyperparameters.items() if name not in idle]
    yield markdown_table(["Hyperparameter", "Value"], lines)
    threads = f", {count(record.threads, 'thread')}" if record.threads else ""
    yield (
        f"Seed {record.seed}; {count(record.steps, 'step')} in {spoken_time(record.seconds)} on {record.device} in "
        f"{record.precision}{threads}, {record.tokens_per_second:,.0f} tokens per second."
    )
    if record.versions:
        yield (
            "Made with " + ", ".join(f"{markdown_text(n)} {markdown_text(v)}" for n, v in record.versions.items()) + "."
        )


def _results(model: Trained) -> Iterator[str]:
    record, figures = model.record, held_out(model.record)
    if figures:
        bits = f"{_shown(figures.bits_per_character, BITS)} bits per character"
        perplexity = f"a perplexity of {_shown(figures.perplexity, PERPLEXITY)} per token"
        yield f"On the held-out posts: **{bits}**, {perplexity}."
    if (model.folder / CURVE).is_file():
        yield f"![Learning curve]({CURVE})"
    lines = [_line("before", 0, None, record.before)] if record.before else []
    lines += [_line(str(epoch.epoch), epoch.step, epoch.train_loss, epoch) for epoch in record.epochs]
    if lines:
        heads = ["Epoch", "Step", "Training loss", "Held-out loss", "Bits per character", "Perplexity"]
        yield markdown_table(heads, lines)
        best = f"; epoch {record.best_epoch} was the best" if record.best_epoch is not None else ""
        which = "of the best epoch" if record.weights == BEST else "of the last step"
        yield f"Losses are nats per token. The weights here are those {which}{best}."
    yield (
        "Bits per character compare models with different tokenizers; fewer are better. They reward that a model knows "
        "what the posts are about more than that it sounds like them."
    )


def _line(name: str, step: int, train_loss: float | None, figures: EpochResult | Measurement) -> list[str]:
    return [
        name, f"{step:,}", _shown(train_loss, LOSS), _shown(figures.valid_loss, LOSS),
        _shown(figures.valid_bits_per_character, BITS), _shown(figures.valid_perplexity, PERPLEXITY),
    ]  # fmt: skip


def _use(model: Trained) -> Iterator[str]:
    yield in_python(model.name if REPOSITORY.fullmatch(model.name) else f"models/{model.record.model}", model.prompts)
    if model.is_adapter:
        yield "It is an adapter: install `peft`, and its base model is fetched when it is loaded."


def _origin(model: Trained) -> Iterator[str]:
    data = model.record.data
    yield (
        f"The posts are what the recipe `{data.recipe}` (fingerprint `{data.fingerprint}`) kept. "
        "`curation lineage` walks from this folder to the export, the corpus and what was downloaded."
    )
    files = [*data.train.files, *data.valid.files]
    if files:
        lines = "\n".join(f"{file['sha256']}  {file['name']}" for file in files)
        yield fenced("text", lines)


def _shown(figure: float | None, places: int) -> str:
    return "–" if figure is None else f"{figure:,.{places}f}"


def _plain(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)
