"""Samples without a prompt at the end of each epoch, to show how the model learns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.training.saving import SAMPLING

if TYPE_CHECKING:
    from curation.training.bases import Trainee
    from curation.training.loop import Loop


def write_samples(trainee: Trainee, loop: Loop, epoch: int) -> tuple[str, ...]:
    """Texts that the model writes now, the same for a seed and an epoch.

    The training's random numbers stay as they are.
    """
    import torch

    count = loop.options.samples
    if not count:
        return ()
    end = trainee.tokenizer.eos_token_id
    devices = [loop.device] if loop.device.type == "cuda" else []
    with loop.measuring(), torch.random.fork_rng(devices=devices), loop.cast():
        torch.manual_seed(loop.options.seed * 1_000_003 + epoch)
        begin = torch.full((count, 1), trainee.begin, device=loop.device)
        longest = min(SAMPLING["max_new_tokens"], loop.options.block - 1)
        tokens = loop.model.generate(
            input_ids=begin, attention_mask=torch.ones_like(begin), eos_token_id=end, pad_token_id=end, use_cache=True,
            **{**SAMPLING, "max_new_tokens": longest},
        )  # fmt: skip
    return tuple(str(trainee.tokenizer.decode(_until(row.tolist()[1:], end))) for row in tokens)


def _until(tokens: list[int], end: int) -> list[int]:
    return tokens[: tokens.index(end)] if end in tokens else tokens
