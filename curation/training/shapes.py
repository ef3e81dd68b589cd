"""New small models: a GPT-2 or Llama of a size that suits the text, with random weights."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from curation.options.training import SizedOptions, TrainingOptions

if TYPE_CHECKING:
    from transformers import PreTrainedModel

#: Layers and width of a model, from so many training characters on. A few posts can't fill a large model, and a large
#: one takes hours on a CPU. On 5,069 posts (400,000 characters), two layers of 64 reached 2.33 held-out bits per
#: character in 25 s on one core.
SIZES = ((0, 2, 64), (250_000, 2, 128), (1_000_000, 4, 192), (4_000_000, 6, 256), (40_000_000, 8, 512))

#: Width of one attention head.
HEAD = 32

#: Learning rate × width of new models. On 1,429 posts a Llama of width 64 reached 3.13 held-out bits per character with
#: 0.003, 3.18 with 0.002 and 3.45 with 0.005; one of width 128 reached 3.39 with 0.003.
RATE = 0.192

#: Width from which a step has 1,024 tokens instead of 512. With more tokens a short text has too few steps.
WIDE = 192


def size_of(options: TrainingOptions, characters: int) -> tuple[int, int]:
    """Layers and width: those of the options, else the ones that suit this many characters of training text."""
    layers, width = next((layers, width) for least, layers, width in reversed(SIZES) if characters >= least)
    return options.layers or layers, options.width or width


def sized(options: TrainingOptions, characters: int) -> SizedOptions:
    """The options with layers, width and dependent values, for this many characters of training text."""
    layers, width = size_of(options, characters)
    chosen = replace(
        options, layers=layers, width=width,
        learning_rate=options.learning_rate or RATE / width,
        batch_tokens=options.batch_tokens or (512 if width < WIDE else 1024),
    )  # fmt: skip
    return SizedOptions(**asdict(chosen.resolved()))


def new_model(options: SizedOptions, vocabulary: int, end: int) -> PreTrainedModel:
    """A model with random weights from the seed; `end` is the token between posts."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

    torch.manual_seed(options.seed)
    width, dropout = options.width, options.dropout
    heads = max(1, width // (HEAD if width < 512 else 2 * HEAD))
    common: dict[str, Any] = {"vocab_size": vocabulary, "bos_token_id": end, "eos_token_id": end}
    if options.shape == "gpt2":
        gpt2 = GPT2Config(
            n_layer=options.layers, n_embd=width, n_head=heads, n_positions=options.block,
            resid_pdrop=dropout, embd_pdrop=dropout, attn_pdrop=dropout, **common,
        )  # fmt: skip
        return GPT2LMHeadModel(gpt2)
    # Llama's own layers have dropout in the attention alone; two thirds of 4 × width keep the size of GPT-2's.
    llama = LlamaConfig(
        num_hidden_layers=options.layers, hidden_size=width, num_attention_heads=heads,
        num_key_value_heads=heads, intermediate_size=-(-width * 8 // 3 // 32) * 32,
        max_position_embeddings=options.block, attention_dropout=dropout, tie_word_embeddings=True, **common,
    )  # fmt: skip
    return LlamaForCausalLM(llama)
