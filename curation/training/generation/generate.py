"""Samples of a model: the prompt, and what the model writes after it.

Sampling is our own loop over parts of transformers, for two reasons. Each sample has its own random generator, so it
is the same text alone, streamed, or in a batch. And tokens can be shown as they come.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.errors import UsageError
from curation.options.commands import GenerateOptions
from curation.training import packages
from curation.training.generation.loading import Loaded
from curation.writing.terminal import count

if TYPE_CHECKING:
    import torch

#: Samples that are drawn together.
AT_ONCE = 16

#: Defaults without an option or a generation_config.json; the first two as in huggingtweets.
TOP_P, TEMPERATURE, NEW_TOKENS = 0.95, 1.0, 60

#: Names of a model's cache in transformers: from 5.24 on, and before.
CACHES = ("cache", "past_key_values")

#: The decoded form of an incomplete character.
INCOMPLETE = "\ufffd"


@dataclass(frozen=True)
class Sample:
    """A text that a model wrote."""

    text: str  # begins with the prompt, unless the prompt is what it answers
    prompt: int  # code points of `text` that are the prompt


@dataclass(frozen=True)
class Generator:
    """A model with the options of sampling, for one prompt."""

    loaded: Loaded
    prompt: str
    sampling: GenerateOptions
    ids: tuple[int, ...]  # tokens of the prompt
    opening: str  # how a sample begins: the prompt, or nothing

    @classmethod
    def of(cls, loaded: Loaded, prompt: str, sampling: GenerateOptions) -> Generator:
        """Raises `UsageError` for a prompt that is longer than the model looks back."""
        ids = _encoded(loaded, prompt)
        if len(ids) >= loaded.context:
            raise UsageError(
                f"The prompt has {count(len(ids), 'token')}, and the model looks back on "
                f"{loaded.context:,}, its own words "
                "included. Shorten the prompt."
            )
        return cls(loaded, prompt, sampling.seeded(), tuple(ids), "" if loaded.answers else prompt)

    def samples(self) -> Iterator[Sample]:
        """All samples, drawn in batches."""
        for begin in range(0, self.sampling.samples, AT_ONCE):
            numbers = range(begin, min(begin + AT_ONCE, self.sampling.samples))
            yield from map(self._sample, self._draw(numbers))

    def streamed(self, number: int, show: Callable[[str], None]) -> Sample:
        """The sample `number`, counted from 0, with its text handed to `show` in pieces while it comes."""
        printed = ""

        def on_tokens(rows: Sequence[list[int]]) -> None:
            nonlocal printed
            text = self._sample(rows[0]).text
            # The last character may still be incomplete.
            whole = text.rstrip(INCOMPLETE)
            if whole.startswith(printed):
                show(whole[len(printed) :])
                printed = whole

        on_tokens([[]])
        [row] = self._draw([number], on_tokens)
        sample = self._sample(row)
        show(sample.text[len(printed) :])
        return sample

    def _sample(self, tokens: list[int]) -> Sample:
        """The prompt and the tokens after it as text. Some tokenizers need them to be decoded together."""
        decoded = [
            str(self.loaded.tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))
            for ids in ([*self.ids, *tokens], list(self.ids))
        ]
        return Sample(self.opening + decoded[0][len(decoded[1]) :], len(self.opening))

    def _draw(
        self, numbers: Sequence[int], on_tokens: Callable[[Sequence[list[int]]], None] | None = None
    ) -> list[list[int]]:
        """The tokens of some samples, without those that end them."""
        import torch

        loaded, options = self.loaded, _Options.of(self.loaded, self.sampling, len(self.ids))
        draws = [torch.Generator().manual_seed((self.sampling.seed or 0) << 20 | number) for number in numbers]
        rows: list[list[int]] = [[] for _ in numbers]
        going = [True] * len(rows)
        every = torch.tensor([self.ids] * len(rows), device=loaded.device)
        new = every
        cache: dict[str, Any] = {}
        advice = "Draw fewer samples with -n, or shorter ones with --max-new-tokens."
        with packages.quiet(offline=True), torch.inference_mode(), packages.out_of_memory(advice):
            for _ in range(options.most):
                answer = loaded.model(input_ids=new, use_cache=True, **cache)
                cache = next(({name: answer[name]} for name in CACHES if answer.get(name) is not None), {})
                chosen = options.choose(every, answer.logits[:, -1].float(), draws)
                every = torch.cat([every, chosen[:, None].to(every.device)], dim=1)
                new = every[:, -1:] if cache else every
                for row, token in enumerate(chosen.tolist()):
                    going[row] = going[row] and token not in loaded.ends
                    if going[row]:
                        rows[row].append(token)
                if on_tokens:
                    on_tokens(rows)
                if not any(going):
                    break
        return rows


@dataclass(frozen=True)
class _Options:
    """The settings in force: an option, else the model's generation_config.json."""

    most: int  # new tokens
    temperature: float  # 0: the likeliest token
    warpers: tuple[Any, ...]  # of transformers, each given all tokens and the scores of the next

    @classmethod
    def of(cls, loaded: Loaded, sampling: GenerateOptions, prompt: int) -> _Options:
        import transformers

        usual = {
            "temperature": TEMPERATURE, "top_p": TOP_P, "max_new_tokens": NEW_TOKENS, "top_k": 0,
            "repetition_penalty": 1,
        }  # fmt: skip
        values = {name: _chosen(name, sampling, loaded.model.generation_config, value) for name, value in usual.items()}
        warpers: list[Any] = []
        if values["repetition_penalty"] > 0 and values["repetition_penalty"] != 1:
            warpers.append(transformers.RepetitionPenaltyLogitsProcessor(values["repetition_penalty"]))
        if values["temperature"] > 0 and values["temperature"] != 1:
            warpers.append(transformers.TemperatureLogitsWarper(float(values["temperature"])))
        if values["top_k"] >= 1:
            warpers.append(transformers.TopKLogitsWarper(int(values["top_k"])))
        if 0 < values["top_p"] < 1:
            warpers.append(transformers.TopPLogitsWarper(float(values["top_p"])))
        most = min(max(1, int(values["max_new_tokens"])), loaded.context - prompt)
        return cls(most, values["temperature"], tuple(warpers))

    def choose(self, every: torch.Tensor, scores: torch.Tensor, draws: Sequence[torch.Generator]) -> torch.Tensor:
        """The next token of each row, on the CPU."""
        import torch

        for warper in self.warpers:
            scores = warper(every, scores)
        if self.temperature == 0:
            return scores.argmax(dim=-1).cpu()
        # Sorted, since with few tokens left most of the vocabulary has no probability.
        likely, tokens = scores.softmax(dim=-1).cpu().double().sort(dim=-1, descending=True, stable=True)
        until = likely.cumsum(dim=-1)
        points = torch.stack([torch.rand(1, generator=draw, dtype=torch.float64) for draw in draws]) * until[:, -1:]
        return tokens.gather(1, torch.searchsorted(until, points, right=True).clamp(max=tokens.shape[1] - 1))[:, 0]


def _chosen(name: str, sampling: GenerateOptions, config: Any, usual: float) -> float:
    """The option of this name, else a finite number in the model's configuration, else the usual value."""
    value: Any = getattr(sampling, name, None)
    if value is None:
        value = getattr(config, name, None)
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if is_number else usual


def _encoded(loaded: Loaded, prompt: str) -> list[int]:
    """The tokens of a prompt, as a text begins in training. A typed special token is plain text."""
    tokenizer = loaded.tokenizer
    ids: list[int]
    if loaded.answers and tokenizer.chat_template:
        for token in filter(None, tokenizer.all_special_tokens):
            prompt = prompt.replace(token, f"{token[:1]} {token[1:]}")
        text = tokenizer.apply_chat_template(
            [{"role": "user", "content": prompt}], tokenize=False, add_generation_prompt=True
        )
        ids = tokenizer(str(text), add_special_tokens=False)["input_ids"]
        return ids
    if loaded.answers and prompt:
        prompt += "\n"  # between what is answered and the answer
    with packages.quiet(offline=True):
        ids = tokenizer(prompt, split_special_tokens=True)["input_ids"]
    begin = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
    if begin is None:
        begin = min(loaded.ends, default=None)
    if begin is not None and (not ids or (loaded.trained_here and ids[0] != begin)):
        return [begin, *ids]
    if not ids:
        raise UsageError("The model's tokenizer has no token to begin with, so it needs a prompt.")
    return ids
