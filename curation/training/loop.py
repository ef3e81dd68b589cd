"""The training loop: plain PyTorch, with the same weights for the same seed, interrupted or not.

On a CPU the bytes are the same for the same number of threads. On a GPU the loop uses deterministic algorithms; if an
operation has none, torch warns and results can differ in the last digits.
"""

from __future__ import annotations

import bisect
import contextlib
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.training.batches import batch_of, epoch_plan, packed
from curation.training.heldout import Score, score, summed_loss

if TYPE_CHECKING:
    import numpy as np
    import torch

    from curation.options.training import ResolvedOptions
    from curation.training.encoding import TokenRows

#: Held-out posts that are measured at intervals; at the end of an epoch all are.
SAMPLE = 256

#: The fewest tokens in a measuring batch: without gradients there is room for more than in a step.
MEASURED = 2_048

#: Steps that are measured for the estimate of the time.
TRIALS = 5


@dataclass
class State:
    """The progress of a training. A checkpoint has it beside the weights, the optimizer and the random numbers."""

    step: int = 0  # steps so far
    tokens: int = 0  # predicted so far
    seconds: float = 0.0  # in steps, over all interruptions
    stopped: bool = False  # by early stopping
    interval_loss: float = 0.0  # nats, sum since the last measurement
    interval_tokens: int = 0
    epoch_loss: float = 0.0  # nats, sum since the epoch began
    epoch_tokens: int = 0
    best: float | None = None  # fewest held-out bits per character at the end of an epoch
    best_epoch: int | None = None
    worse: int = 0  # epochs since the best one


@dataclass(frozen=True)
class StepPlan:
    """The steps of a training."""

    ends: tuple[int, ...]  # the step with which each epoch ends; the last one may be cut
    every: int  # steps between two measurements
    last: int  # steps that the last epoch would have if it were not cut

    @classmethod
    def of(cls, rows: TokenRows, options: ResolvedOptions) -> StepPlan:
        """The plan for these rows. Epochs can differ by a few steps, since their posts are packed differently."""
        ends: list[int] = []
        end, left, steps = 0, options.epochs, 1
        while left > 0:
            steps = len(epoch_plan(rows, options, len(ends)))
            end += max(1, math.ceil(steps * min(left, 1)))
            left = round(left - 1, 6)
            ends.append(min(end, options.steps or end))
            if options.steps and end >= options.steps:
                break
        return cls(tuple(ends), options.every or max(1, ends[0] // 10), steps)

    @property
    def total(self) -> int:
        """All steps."""
        return self.ends[-1]

    def place(self, step: int) -> tuple[int, int]:
        """Epoch (0, 1, …) and place in it of the step with this number, from 0."""
        epoch = bisect.bisect_right(self.ends, step)
        return epoch, step - (self.ends[epoch - 1] if epoch else 0)

    def epoch_end(self, step: int) -> int | None:
        """The number of the epoch, 1, 2, …, that ends after so many steps."""
        return self.ends.index(step) + 1 if step in self.ends else None

    def epochs(self, step: int) -> float:
        """Passes over the posts after so many steps."""
        epoch, within = self.place(min(step, self.total - 1))
        within += step - min(step, self.total - 1)
        begin = self.ends[epoch - 1] if epoch else 0
        whole = self.last if epoch == len(self.ends) - 1 else self.ends[epoch] - begin
        return round(epoch + within / whole, 4)


class Loop:
    """One training in memory. `run` takes the steps, and its hooks write the results."""

    def __init__(
        self, model: Any, rows: TokenRows, valid: TokenRows, plan: StepPlan, options: ResolvedOptions,
        device: torch.device, dtype: torch.dtype,
    ) -> None:  # fmt: skip
        import numpy as np
        import torch

        self.model, self.rows, self.valid, self.plan, self.options = model, rows, valid, plan, options
        self.device, self.dtype = device, dtype
        self.state = State()
        self.sample = valid.first(SAMPLE)
        self.trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        # Decay would only pull biases and norms towards 0.
        groups: list[dict[str, Any]] = [
            {"params": [p for p in self.trained if p.dim() >= 2], "weight_decay": options.weight_decay},
            {"params": [p for p in self.trained if p.dim() < 2], "weight_decay": 0.0},
        ]
        fused = True if device.type in ("cuda", "cpu") else None
        self.optimizer = torch.optim.AdamW(groups, lr=options.learning_rate, fused=fused)
        self._predicted = np.add.reduceat(rows.learned, rows.offsets[:-1], dtype=np.int64)
        # Sums of losses, of the interval and of the epoch, that are not read at each step: a GPU would wait.
        exact = torch.float32 if device.type == "mps" else torch.float64
        self._losses = torch.zeros(2, dtype=exact, device=device)
        self._steps: tuple[int, list[np.ndarray]] = (-1, [])

    def run(
        self,
        on_interval: Callable[[Loop], None],
        on_epoch: Callable[[Loop, int], None],
        on_step: Callable[[Loop], bool],
    ) -> bool:
        """Take the remaining steps. False if `on_step` stopped the training.

        `on_step` runs after each step, `on_interval` after every `plan.every` steps, `on_epoch` at the end of an epoch.
        """
        self.model.train()
        while self.state.step < self.plan.total and not self.state.stopped:
            started = time.monotonic()
            self._step()
            self.state.seconds += time.monotonic() - started
            epoch = self.plan.epoch_end(self.state.step)
            if epoch is not None:
                on_epoch(self, epoch)
            elif self.state.step % self.plan.every == 0:
                on_interval(self)
            if on_step(self):
                return False
        return True

    def settled(self) -> State:
        """The state, with the losses of the steps so far."""
        self.state.interval_loss, self.state.epoch_loss = self._losses.tolist()
        return self.state

    def restore(self, state: State) -> None:
        """Go on from a settled state."""
        self.state = state
        self._losses[0], self._losses[1] = state.interval_loss, state.epoch_loss

    def end_interval(self) -> float:
        """Mean loss of the tokens since the last interval ended, in nats."""
        mean = float(self._losses[0]) / max(1, self.state.interval_tokens)
        self._losses[0], self.state.interval_tokens = 0.0, 0
        return mean

    def end_epoch(self) -> float:
        """Mean loss of the tokens of the epoch, in nats."""
        mean = float(self._losses[1]) / max(1, self.state.epoch_tokens)
        self._losses[1], self.state.epoch_tokens = 0.0, 0
        return mean

    def learning_rate(self, step: int) -> float:
        """The learning rate of a step, from 0: it rises in the warm-up, then follows the schedule."""
        warm = round(self.options.warmup * self.plan.total)
        if step < warm:
            return self.options.learning_rate * (step + 1) / warm
        if self.options.schedule == "constant":
            return self.options.learning_rate
        share = (step - warm) / max(1, self.plan.total - warm)
        return self.options.learning_rate * 0.5 * (1 + math.cos(math.pi * share))

    def score(self, *, sample: bool = False) -> Score:
        """The score of the held-out posts, or of a fixed sample of them."""
        with self.measuring():
            posts = self.sample if sample else self.valid
            return score(self.model, posts, self.device, self.cast, max(self.options.batch_tokens, MEASURED))

    def cast(self) -> contextlib.AbstractContextManager[Any]:
        """The context that sets the precision."""
        import torch

        if self.dtype == torch.float32:
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, self.dtype)

    def seconds_per_step(self) -> float:
        """Seconds of a step, measured on some steps of the first epoch. The model stays as it is."""
        steps = self._epoch(0)
        chosen = [steps[len(steps) * at // TRIALS] for at in range(min(TRIALS, len(steps)))]
        times = []
        with self._unchanged():
            for rows in [chosen[0], *chosen]:
                started = time.monotonic()
                self._backward(rows)
                times.append(time.monotonic() - started)
        # The first step also pays for setting up, and the optimizer takes about a tenth of a step.
        return sum(times[1:]) / len(chosen) * 1.1

    def _step(self) -> None:
        """Take one step: the gradient of a batch, in parts, then the optimizer."""
        import torch

        epoch, within = self.plan.place(self.state.step)
        rows = self._epoch(epoch)[within]
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate(self.state.step)
        loss, tokens = self._backward(rows)
        if self.options.clip:
            torch.nn.utils.clip_grad_norm_(self.trained, self.options.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.state.step += 1
        self.state.tokens += tokens
        self.state.interval_tokens += tokens
        self.state.epoch_tokens += tokens
        self._losses += loss

    def _backward(self, rows: np.ndarray) -> tuple[torch.Tensor, int]:
        """Add the gradient of the mean loss over the tokens of some rows; gives the sum of losses, and the tokens."""
        tokens = max(1, int(self._predicted[rows].sum()))
        total: Any = 0.0
        for part in self._parts(rows):
            with self.cast():
                loss = summed_loss(self.model, *batch_of(self.rows, part, self.device))
            (loss / tokens).backward()
            total = total + loss.detach()
        return total, tokens

    def _parts(self, rows: np.ndarray) -> Iterator[np.ndarray]:
        import numpy as np

        if self.options.accumulate == 1 or len(rows) == 1:
            return iter([rows])
        most = max(1, self.options.batch_tokens // self.options.accumulate)
        ordered = rows[np.argsort(self.rows.lengths[rows], kind="stable")]
        return iter(np.split(ordered, packed(self.rows.lengths[ordered], most)))

    def _epoch(self, epoch: int) -> list[np.ndarray]:
        if self._steps[0] != epoch:
            self._steps = (epoch, epoch_plan(self.rows, self.options, epoch))
        return self._steps[1]

    @contextlib.contextmanager
    def measuring(self) -> Iterator[None]:
        """Learn nothing, and turn dropout off."""
        import torch

        self.model.eval()
        try:
            with torch.inference_mode():
                yield
        finally:
            self.model.train()

    @contextlib.contextmanager
    def _unchanged(self) -> Iterator[None]:
        """Restore gradients and random numbers afterwards."""
        import torch

        devices = [self.device] if self.device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices):
            self.model.train()
            yield
        self.optimizer.zero_grad(set_to_none=True)
