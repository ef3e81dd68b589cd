"""Models that learned from these posts: how well, from which posts, and what they write."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st

from curation.disk.training_record import BEST, COMPLETE, EpochResult, Measurement, TrainingRecord, held_out
from curation.errors import CurationError
from curation.writing.html import escaped
from curation.writing.terminal import count, spoken_time
from dashboards import session
from dashboards.markup import block, plain, table
from dashboards.parts.choosing import following, one_line
from dashboards.parts.figures import figure, metric, metric_row, short, terminal
from dashboards.parts.learned_from import what_it_saw
from dashboards.parts.trainings import curves, list_runs, watch
from dashboards.parts.written import show_copies, side_by_side, text_html, write_box
from dashboards.queries import learned, training, writing
from dashboards.queries.training import ModelFolder, ModelList
from dashboards.queries.writing import Copies
from dashboards.session import PageContext

#: Models that the list shows at first.
LISTED = 10


def main(context: PageContext) -> None:
    """Draw the page."""
    st.title("Training")
    st.caption("Language models that learned from posts of this workspace. Everything here stays on this machine.")
    open_now = training.open_trainings(context.space, context.snapshot.answers)
    if open_now:
        watch(context, open_now)
    models = training.models(context.space, context.snapshot.answers)
    for sentence in models.damaged:
        st.warning(plain(sentence))
    if models.models:
        model = choose(context, models)
        list_models(context, models)
        draw_model(context, model)
    elif not open_now and not models.damaged:
        invite(context)
    list_runs(context)


def invite(context: PageContext) -> None:
    """Draw what to do in a workspace without a model."""
    st.info("There is no model here yet. This line trains a small one on the kept posts:")
    name = f"{context.corpus.recipe}-1"
    words = ["curation", "train", context.corpus.recipe, "--name", name, *context.data_option()]
    terminal(words)
    if writing.missing():
        st.caption("It needs PyTorch and transformers: pip install 'curation\\[train\\]'")
    st.button("Look again")


def choose(context: PageContext, models: ModelList) -> ModelFolder:
    """Draw the choice of a model: the one in the address, or the newest of this corpus."""
    usual = models.newest_of(context.corpus.recipe) or models.models[0]
    request = st.query_params.get("model", "")
    current = models.find(request) if request else None
    titles = [each.title for each in models.models]
    chosen = following(
        "training:model",
        (current or usual).title,
        lambda: st.selectbox("Model", titles, key="training:model", format_func=one_line, width=420),
    )
    if request and current is None and chosen == usual.title:
        st.warning(f"There is no model {plain(request)} here; this is {plain(usual.title)}.")
    elif chosen != (current or usual).title:
        st.query_params.from_dict({"corpus": context.corpus.recipe, "model": chosen})
    return models.find(chosen) or usual


def list_models(context: PageContext, models: ModelList) -> None:
    """Draw every model as a line of a table."""
    heads = ["Model", "Base", "Posts", "Bits per character", "Steps", "Trained (UTC)", "Corpus", "Forgotten posts"]
    rows = [[each.title, *cells(each.record)] for each in models.models]
    recipe = context.corpus.recipe
    links = [f"training?{urlencode({'corpus': recipe, 'model': each.title})}" for each in models.models]
    with st.expander(f"All models ({len(rows):,})", expanded=1 < len(rows) <= LISTED):
        st.html(table(heads, rows, links))


def cells(record: TrainingRecord) -> list[str]:
    """A model's line without its name."""
    figures = held_out(record)
    bits, created_at = figure(figures.bits_per_character if figures else None), record.created_at[:16].replace("T", " ")
    forgotten = f"{record.forgotten_posts:,}" if record.forgotten_posts else ""
    size = [base(record), f"{record.data.train.posts:,}", bits, f"{record.steps:,}"]
    return [*size, created_at, record.data.recipe, forgotten]


def base(record: TrainingRecord) -> str:
    """The base model, and the size of the model."""
    lora = " + LoRA" if record.base.lora is not None else ""
    name = record.base.name or f"{record.base.kind} {record.base.architecture}"
    return f"{name}{lora}, {short(record.base.parameters)} parameters"


def draw_model(context: PageContext, model: ModelFolder) -> None:
    """Draw all of one model."""
    record = model.record
    corpus = learned.corpus_of(context.space, record)
    recipe = record.data.recipe if corpus else ""
    st.header(plain(model.title))
    forgotten(context, model)
    figures_of(record)
    curves(record.before, record.curve, record.epochs, name=model.title)
    by_epoch(record)
    samples(context, model, recipe)
    write_box(context, model, recipe)
    what_it_saw(context, record, corpus)
    details(context, model)


def forgotten(context: PageContext, model: ModelFolder) -> None:
    """Warn that the model saw posts that have been forgotten since."""
    number = model.record.forgotten_posts
    if not number:
        return
    were = f"{count(number, 'post')} that {'was' if number == 1 else 'were'}"
    st.warning(
        f"This model learned from {were} forgotten since. A model can't forget; its samples are gone from its record. "
        "To remove the model:"
    )
    words = ["curation", "models", "--remove", model.title, *context.data_option()]
    terminal(words)


def figures_of(record: TrainingRecord) -> None:
    """Draw the numbers at the top."""
    figures = held_out(record)
    before = record.before.valid_bits_per_character if record.before else None
    after = figures.bits_per_character if figures else None
    delta = f"{after - before:+.3f} by the training" if after is not None and before is not None else None
    row, perplexity = metric_row(), figure(figures.perplexity if figures else None, 1)
    lower = "On posts that were held out; lower is better, whatever the tokenizer."
    metric(row, "Bits per character", figure(after), lower, delta=delta, delta_color="inverse")
    same = "Per token, on posts that were held out. It compares only models with the same tokenizer."
    metric(row, "Perplexity", perplexity, same)
    metric(row, "Learned from", count(record.data.train.posts, "post"), "")
    metric(row, "Held out", count(record.data.valid.posts, "post"), "")
    metric(row, "Steps", f"{record.steps:,}", "")
    metric(row, "Time", spoken_time(record.seconds), "Training time, without interruptions.")
    which = "of the best epoch" if record.weights == BEST else "of the last step"
    stopped = "" if record.status == COMPLETE else " The training was stopped before its end."
    st.caption(
        f"{plain(base(record))}; trained on {plain(record.device)}, {record.tokens_per_second:,.0f} tokens per second, "
        f"seed {record.seed}. The weights are those {which}.{stopped}"
    )


def by_epoch(record: TrainingRecord) -> None:
    """Draw the figures of the curve as a table."""
    heads = ["Epoch", "Step", "Training loss", "Held-out loss", "Bits per character", "Perplexity"]
    rows = [epoch_row("before", 0, None, record.before)] if record.before else []
    for each in record.epochs:
        best = " (best)" if each.epoch == record.best_epoch and len(record.epochs) > 1 else ""
        rows.append(epoch_row(f"{each.epoch}{best}", each.step, each.train_loss, each))
    if rows:
        with st.expander("Show as a table"):
            st.html(table(heads, rows))


def epoch_row(name: str, step: int, loss: float | None, figures: Measurement | EpochResult) -> list[str]:
    """A line of the table of epochs."""
    measured = [figure(loss), figure(figures.valid_loss), figure(figures.valid_bits_per_character)]
    return [name, f"{step:,}", *measured, figure(figures.valid_perplexity, 1)]


def samples(context: PageContext, model: ModelFolder, recipe: str) -> None:
    """Draw the samples of each epoch, side by side."""
    written = training.epochs_with_samples(model.record.epochs)
    if not written:
        return
    doc = "Samples without a prompt from the end of each epoch, not selected."
    st.subheader("What it wrote while it learned", help=doc)
    numbers = list(written)
    shown = numbers
    if len(numbers) > training.SIDE_BY_SIDE:
        usual = [numbers[at] for at in training.spread(len(numbers), training.SIDE_BY_SIDE)]
        shown = st.multiselect("Epochs", numbers, default=usual, key=f"training:epochs:{model.title}")
    epochs = [written[number] for number in sorted(shown)]
    texts = [text for epoch in epochs for text in epoch.samples]
    copies = compared(context, model, texts)
    marks = iter(copies.texts or [()] * len(texts))
    columns = []
    for epoch in epochs:
        bits = epoch.valid_bits_per_character
        line = f"{bits:.3f} bits per character" if bits is not None else ""
        cards = [text_html(text, next(marks), recipe=recipe) for text in epoch.samples]
        columns.append((f"Epoch {epoch.epoch}", line, cards))
    if columns:
        show_copies(copies)
        st.html(side_by_side(columns))


def compared(context: PageContext, model: ModelFolder, texts: Sequence[str]) -> Copies:
    """The copies in samples; with much training text, only on request."""
    if not texts:
        return Copies(())
    if model.record.data.train.characters > writing.AT_ONCE and not st.toggle(
        "Mark what the training posts contain word for word", key=f"training:copies:{model.title}"
    ):
        return Copies(())
    try:
        with st.spinner("Comparing with the posts"):
            return writing.copies(context.space, context.snapshot.answers, model.folder, model.record, texts)
    except (CurationError, OSError) as error:
        st.warning(f"The texts can't be compared with the posts: {plain(str(error))}")
        return Copies(())


def details(context: PageContext, model: ModelFolder) -> None:
    """Draw every setting, the versions of packages, and commands for the terminal."""
    record = model.record
    with st.expander("Settings and versions"):
        rows = [[name, setting(value)] for name, value in record.hyperparameters.items()]
        st.html(table(["Setting", "Value"], rows))
        st.html(table(["Package", "Version"], [[name, version] for name, version in record.versions.items()]))
        st.html(block(escaped(str(model.folder)), kind="meta"))
    with st.expander("In a terminal"):
        card = ["card", "--kind", "model", "--model", model.folder.name]
        for command in (["models", model.title], card, ["lineage", str(model.folder)]):
            terminal(["curation", *command, *context.data_option()])


def setting(value: object) -> str:
    """A setting in words."""
    if value is None or isinstance(value, bool):
        return {None: "–", True: "yes", False: "no"}[value]
    return f"{value:g}" if isinstance(value, float) else str(value)


main(session.here())
