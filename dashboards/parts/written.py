"""Texts of a model, with marks on stretches that posts contain word for word, and the form that generates texts.

A model's text is a stranger's text, like a post: it passes through the same escaping.
"""

from __future__ import annotations

import html
import secrets
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import streamlit as st

from curation.errors import CurationError
from curation.training.generation.copied import Stretch
from curation.writing.html import escaped
from curation.writing.terminal import count
from dashboards import session
from dashboards.markup import SHOWN, block, plain
from dashboards.queries import writing
from dashboards.queries.training import ModelFolder
from dashboards.queries.writing import Copies, Order
from dashboards.session import PageContext
from dashboards.view import View

if TYPE_CHECKING:
    from curation.training.generation.generate import Sample

#: HTML in the place of an empty text.
NOTHING = '<span class="meta">(empty)</span>'
#: Seeds that the box draws from.
SEEDS = 1 << 32


def side_by_side(columns: Sequence[tuple[str, str, Sequence[str]]]) -> str:
    """HTML of several columns: a heading, a line below it, and texts as HTML."""
    sections = [
        f"<section><h4>{escaped(head)}</h4>"
        + (f'<div class="meta">{escaped(line)}</div>' if line else "")
        + "".join(f"<article>{text}</article>" for text in texts)
        + "</section>"
        for head, line, texts in columns
    ]
    return f'<div class="written">{"".join(sections)}</div>'


def text_html(text: str, copies: Sequence[Stretch] = (), *, recipe: str = "", prompt: int = 0) -> str:
    """HTML of a text: copies marked, each with a link to its post below; the first `prompt` code points bold.

    Links lead to the corpus of `recipe`; without one, posts are named only.
    """
    cut = min(len(text), SHOWN)
    marks = [(begin, min(end, cut)) for begin, end in writing.merged(copies) if begin < cut]
    edges = sorted({0, cut, min(prompt, cut), *(at for mark in marks for at in mark)})
    pieces = []
    for begin, end in pairwise(edges):
        piece = escaped(text[begin:end])
        piece = f"<b>{piece}</b>" if end <= prompt else piece
        copied = any(low <= begin and end <= high for low, high in marks)
        pieces.append(f"<mark>{piece}</mark>" if copied else piece)
    if len(text) > cut:
        pieces.append(f" … {count(len(text) - cut, 'more character')}")
    below = "".join(_source(copy, recipe) for copy in copies)
    return block("".join(pieces) or NOTHING) + below


def _source(copy: Stretch, recipe: str) -> str:
    """HTML: the post that a copy comes from."""
    post = f"{copy.platform}:{copy.id}"
    name = f"<bdi>{escaped(post, 80)}</bdi>"
    if recipe:
        address = session.address("browse", View(corpus=recipe, post=post))
        name = f'<a href="{html.escape(address)}" target="_self">{name}</a>'
    length = count(copy.end - copy.begin, "character")
    return f'<div class="source">{length} word for word from {name}</div>'


def write_box(context: PageContext, model: ModelFolder, recipe: str) -> None:
    """Draw the form that generates texts, if the packages for it are installed."""
    st.subheader("Let it write", help="The model runs on this machine; nothing is sent anywhere.")
    if missing := writing.missing():
        names = f"{', '.join(missing[:-1])} and {missing[-1]}" if len(missing) > 1 else missing[0]
        st.caption(
            f"To generate text here, install {names} where the dashboard runs: pip install 'curation\\[train\\]'"
        )
        return
    with st.form("training:write", border=True):
        prompt = st.text_input(
            "Beginning",
            key="training:prompt",
            placeholder="empty: the model starts",
            help="The beginning of each text.",
        )
        left, right, end = st.columns(3, vertical_alignment="bottom")
        samples = left.number_input("Texts", min_value=1, max_value=8, value=3, key="training:texts")
        temperature = right.number_input(
            "Temperature",
            min_value=0.0,
            max_value=2.0,
            value=1.0,
            step=0.1,
            key="training:temperature",
            help="Above 1: bolder; below 1: more predictable; 0: always the likeliest token.",
        )
        pressed = end.form_submit_button("Write", type="primary", width="stretch")
    # Changes when a post that the model saw is forgotten, since earlier texts may quote that post.
    model_state = (str(model.folder), model.record.created_at, model.record.forgotten_posts)
    if pressed:
        order = Order(prompt or "", int(samples), round(float(temperature), 2), secrets.randbelow(SEEDS))
        st.session_state.pop("training:written", None)
        try:
            with st.spinner("Writing"):
                st.session_state["training:written"] = (model_state, order, _written(context, model, order))
        except CurationError as error:
            st.warning(plain(str(error)))
    written_for, order, result = st.session_state.get("training:written", (None, None, None))
    if written_for == model_state:
        texts, copies = result
        show_copies(copies)
        marks = copies.texts or [()] * len(texts)
        cards = [text_html(t.text, c, recipe=recipe, prompt=t.prompt) for t, c in zip(texts, marks, strict=True)]
        st.html(side_by_side([(f"Text {number}", "", [card]) for number, card in enumerate(cards, 1)]))
        st.caption("To generate the same texts in a terminal:")
        st.code(writing.command(model.folder.name, order, context.data_option()), language=None, wrap_lines=True)


def _written(context: PageContext, model: ModelFolder, order: Order) -> tuple[list[Sample], Copies]:
    texts = writing.write(model.folder, order)
    written = [text.text for text in texts]
    prompt = texts[0].prompt if texts else 0
    return texts, writing.copies(context.space, context.snapshot.answers, model.folder, model.record, written, prompt)


def show_copies(copies: Copies) -> None:
    """Say how many texts repeat posts, and what they were compared with."""
    if copies.note:
        st.caption(plain(copies.note))
    if not copies.least:
        return
    least = f"{copies.least} characters or more of a post word for word"
    if copies.number:
        verb = "text repeats" if copies.number == 1 else "texts repeat"
        st.warning(f"{copies.number:,} of {len(copies.texts):,} {verb} {least}; they are marked.")
    else:
        st.caption(f"No text repeats {least}.")
