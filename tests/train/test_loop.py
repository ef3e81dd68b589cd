"""What the loop promises of each step."""

from __future__ import annotations

import pytest
import torch

from curation.options.training import TrainingOptions
from curation.training.bases import new_trainee
from curation.training.batches import batch_of, epoch_plan
from curation.training.encoding import encode
from curation.training.loop import Loop, StepPlan, summed_loss
from curation.training.readers import Segment

POSTS = [
    "The kettle sang before the rain came.", "Rain again, and the ferry is late. It is always late on Mondays.",
    "雨の日は本を読む。", "صباح الخير", "ok", "A literal <|endoftext|> in a post is text.", "🏮🏮🏮",
]  # fmt: skip


def trainee_of(**settings):
    options = TrainingOptions(**{"layers": 1, "width": 32, "vocabulary": 300, "block": 64, "dropout": 0.0, **settings})
    return new_trainee(options, [POSTS * 20], sum(map(len, POSTS)) * 20)


def loop_of(trainee, **settings):
    import dataclasses

    tokens = encode([[Segment(post)] for post in POSTS], trainee)
    options = dataclasses.replace(trainee.options, **settings)
    rows = tokens.rows(options.block)
    return Loop(trainee.model, rows, rows, StepPlan.of(rows, options), options, torch.device("cpu"), torch.float32)


@pytest.mark.parametrize("shape", ["gpt2", "llama"])
def test_no_post_sees_another_one_nor_the_padding(shape):
    """A post's loss is the same alone and in a batch, beside longer and shorter ones."""
    trainee = trainee_of(shape=shape)
    trainee.model.eval()
    tokens = encode([[Segment(post)] for post in POSTS], trainee)
    import numpy as np

    every = np.arange(len(tokens))
    with torch.inference_mode():
        together = float(summed_loss(trainee.model, *batch_of(tokens, every, torch.device("cpu"))))
        alone = 0.0
        for row in every:
            batch = batch_of(tokens, np.array([row]), torch.device("cpu"))
            alone += float(summed_loss(trainee.model, *batch))
    assert together == pytest.approx(alone, rel=1e-5)


def test_a_step_in_parts_is_the_same_step():
    """Gradient accumulation saves memory and changes nothing but the last digits."""
    gradients = []
    for parts in (1, 3):
        loop = loop_of(trainee_of(), accumulate=parts, batch_tokens=10_000)
        [rows] = epoch_plan(loop.rows, loop.options, 0)
        loop._backward(rows)
        gradients.append(torch.cat([parameter.grad.flatten() for parameter in loop.trained]))
    assert torch.allclose(*gradients, rtol=1e-4, atol=1e-6)


def test_the_estimate_changes_nothing():
    """The steps that are measured leave weights, gradients and random numbers as they were."""
    loop = loop_of(trainee_of(dropout=0.2))
    before = [parameter.detach().clone() for parameter in loop.trained]
    state = torch.get_rng_state()
    assert loop.seconds_per_step() > 0
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(one, other) for one, other in zip(before, loop.trained, strict=True))
    assert all(parameter.grad is None for parameter in loop.trained)


def test_a_typed_end_of_text_is_text():
    """The token that ends a document comes from no post, and the text comes back to the letter."""
    trainee = trainee_of()
    tokens = encode([[Segment(post)] for post in POSTS], trainee)
    assert int((tokens.ids == trainee.end).sum()) == 2 * len(POSTS)
    for at, post in enumerate(POSTS):
        ids = tokens.ids[tokens.offsets[at] + 1 : tokens.offsets[at + 1] - 1].tolist()
        assert trainee.tokenizer.decode(ids) == post


def test_only_answers_are_learned():
    """The prompt of a conversation is read, and costs nothing."""
    trainee = trainee_of()
    question, answer = Segment("How is the weather?", False, "user"), Segment("Rain again.", True, "assistant")
    tokens = encode([[question, answer]], trainee)
    learned = trainee.tokenizer.decode(tokens.ids[tokens.learned].tolist())
    assert learned == "Rain again.<|endoftext|>"
    assert tokens.characters.tolist() == [len("Rain again.")]


def test_a_chat_template_says_which_words_are_the_assistants():
    """And a typed special token ends no turn."""
    trainee = trainee_of()
    trainee.tokenizer.chat_template = (
        "{% for m in messages %}<{{ m.role }}>{{ m.content }}<|endoftext|>{% endfor %}"
        "{% if add_generation_prompt %}<assistant>{% endif %}"
    )
    turns = [
        Segment("Well? <|endoftext|>", False, "user"), Segment("Rain.", True, "assistant"),
        Segment("Again?", False, "user"), Segment("Again.", True, "assistant"),
    ]  # fmt: skip
    tokens = encode([turns], trainee)
    assert trainee.tokenizer.decode(tokens.ids[tokens.learned].tolist()) == "Rain.<|endoftext|>Again.<|endoftext|>"
    assert int((tokens.ids == trainee.end).sum()) == 4


def test_epochs_end_where_their_rows_end():
    """Also when the last one is cut."""
    loop = loop_of(trainee_of(), epochs=2.5, batch_tokens=30)
    lengths = [len(epoch_plan(loop.rows, loop.options, epoch)) for epoch in range(3)]
    assert loop.plan.ends[:2] == (lengths[0], lengths[0] + lengths[1])
    assert loop.plan.total == loop.plan.ends[1] + -(-lengths[2] // 2)
    assert loop.plan.epochs(loop.plan.ends[0]) == 1.0
