"""The model card: for a model that was fine-tuned on an export, with the fields that huggingtweets' cards had."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from curation.cards.figures import Figures
from curation.cards.front_matter import front_matter
from curation.cards.hub import REPOSITORY
from curation.cards.parts import Details, few, paragraphs, tags, title, training_table, when, where, who
from curation.cards.reproduce import fenced
from curation.writing.html import show_unseen
from curation.writing.markdown import markdown_table, markdown_text
from curation.writing.terminal import count

#: The placeholder for a model without a name.
SOMEWHERE = "path/to/the/model"
#: The placeholder for a prompt.
SOMETHING = "the beginning of a post"
#: With fewer posts than these a model soon repeats itself.
FEW_POSTS = 1_000


def model_card(manifest: dict[str, Any], figures: Figures, details: Details, authors: Sequence[str]) -> str:
    """The card. The table keeps the order of `authors`."""
    prompts = details.examples(figures.main_languages)
    name = details.name or f"A model of {_lower(title(figures))}"
    return front_matter(_fields(figures, details, prompts)) + "\n" + "".join(
        paragraphs(
            f"# {markdown_text(name)}",
            f"A language model that writes in the manner of {who(figures)}.",
            "## Whose posts it learned from",
            f"{count(figures.posts, 'post')} from {where(figures)}. {when(figures)}".rstrip(),
            "It was not made by those who wrote the posts, and nothing that it writes was said by them.",
            "## How it works", *_works(details),
            "## Training data", *_data(manifest, figures, details, authors),
            "## Training procedure", *_procedure(details),
            "## How to use it", *_use(details, prompts),
            "## Limitations", limitations(figures.posts),
        )
    ).rstrip("\n") + "\n"  # fmt: skip


def _fields(figures: Figures, details: Details, prompts: Sequence[str]) -> dict[str, Any]:
    return {
        "language": figures.main_languages,
        "thumbnail": details.thumbnail,
        "tags": ["text-generation", "social-media", *tags(figures)],
        "base_model": details.base_model if REPOSITORY.fullmatch(details.base_model) else None,
        "pipeline_tag": "text-generation",
        "widget": [{"text": prompt} for prompt in prompts],
    }


def _works(details: Details) -> Iterator[str]:
    before = (
        f"{link_to_model(details.base_model)} was"
        if details.base_model
        else "A model that had learned language in general was"
    )
    yield (
        f"{before} trained further on the posts below. Given the beginning of a text it goes on word by word, each "
        "time with one that is likely in these posts. It looks nothing up, and the posts told it nothing of what "
        "happened after the last of them."
    )


def _data(manifest: dict[str, Any], figures: Figures, details: Details, authors: Sequence[str]) -> Iterator[str]:
    recipe = manifest["recipe"]
    yield training_table(few(figures.ledger), authors)
    yield (
        f"The posts that are kept have {count(figures.characters, 'character')}. The recipe is "
        f"`{recipe['name']}`, with the "
        f"fingerprint `{recipe['fingerprint']}`."
    )
    if details.explore:
        yield f"[Explore the data](<{details.explore}>)"


def _procedure(details: Details) -> Iterator[str]:
    if details.base_model:
        yield f"The base model is {link_to_model(details.base_model)}."
    if details.hyperparameters:
        yield markdown_table(["Hyperparameter", "Value"], details.hyperparameters)
    if not details.base_model and not details.hyperparameters:
        yield "Base model and hyperparameters are not recorded in this card."


def link_to_model(name: str) -> str:
    """A model of the Hub as a link, any other by its name."""
    return (
        f"[{markdown_text(name)}](https://huggingface.co/{name})" if REPOSITORY.fullmatch(name) else markdown_text(name)
    )


def _use(details: Details, prompts: Sequence[str]) -> Iterator[str]:
    yield in_python(details.name if REPOSITORY.fullmatch(details.name) else SOMEWHERE, prompts)


def in_python(model: str, prompts: Sequence[str]) -> str:
    """Lines of Python that generate texts with a model. `model` is its folder, or its name on the Hub."""
    beginning = json.dumps(show_unseen(prompts[0]) if prompts else SOMETHING, ensure_ascii=False)
    return fenced(
        "python",
        "from transformers import pipeline\n\n"
        f'write = pipeline("text-generation", model={json.dumps(model)})\n'
        f"for text in write({beginning}, do_sample=True, max_new_tokens=60, num_return_sequences=3):\n"
        '    print(text["generated_text"])',
    )


def limitations(posts: int, *, of_base: bool = True) -> str:
    """The limitations of a model of so many posts, as a list. `of_base`: it was trained before."""
    limits = [
        "What it writes is invented. It may be wrong, hurtful, or about people who exist, and it sounds like somebody "
        "who did not say it: don't pass it off as theirs.",
        f"It has the opinions, the errors and the blind spots of the posts{', and those of its base model' * of_base}.",
        "It may have learned some posts by heart and write them word for word, with the personal data in them.",
        "A post that is taken out of the training data afterwards is still in what the model learned.",
    ]
    if posts < FEW_POSTS:
        limits.append(f"It learned from no more than {count(posts, 'post')}: expect it to repeat itself.")
    return "\n".join(f"- {limit}" for limit in limits)


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
