"""Settings of a training: bounds, what belongs together, presets."""

from __future__ import annotations

import dataclasses

import pytest

from curation.errors import UsageError
from curation.options.training import PRESETS, TrainingOptions
from curation.training.shapes import sized


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"epochs": 0.0}, "--epochs"),
        ({"learning_rate": -1.0}, "--learning-rate"),
        ({"learning_rate": float("nan")}, "--learning-rate"),
        ({"width": 100}, "multiple of 32"),
        ({"shape": "bert"}, "llama, gpt2"),
        ({"rank": 4}, "--lora"),
        ({"lora": True}, "--base"),
        ({"base": "gpt2", "layers": 2}, "--layers"),
        ({"schedule": "linear"}, "cosine"),
        ({"seed": -1}, "--seed"),
    ],
)
def test_a_setting_that_does_not_fit_is_refused_with_its_name(values, word):
    """The sentence names the option, so that somebody can mend the line."""
    with pytest.raises(UsageError, match=word):
        TrainingOptions.of(values)


def test_what_is_given_counts_more_than_a_preset():
    """`--like` fills in only what nobody set."""
    options = TrainingOptions.like("huggingtweets", {"learning_rate": 1e-3, "epochs": None})
    assert options.learning_rate == 1e-3
    assert options.joined
    assert options.batch_tokens == PRESETS["huggingtweets"]["batch_tokens"]


def test_an_unknown_preset_is_answered_with_those_there_are():
    """A typing error is recognised."""
    with pytest.raises(UsageError, match="Did you mean 'huggingtweets'"):
        TrainingOptions.like("hugingtweets", {})


def test_nothing_is_left_open_once_the_base_is_known():
    """The record of a model has a number for each setting that counts."""
    of_base = TrainingOptions(base="some/model").resolved(context=64)
    assert of_base.block == 64
    new = sized(TrainingOptions(), 500_000)
    assert (new.layers, new.width, new.learning_rate) == (2, 128, 0.0015)
    for resolved, more in ((of_base, {"layers", "width", "vocabulary"}), (new, {"vocabulary"})):
        unset = {field.name for field in dataclasses.fields(resolved) if getattr(resolved, field.name) is None}
        assert unset == {"steps", "every", "threads", *more}
