"""How samples are drawn, checked before anything heavy is imported."""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass, replace

from curation.errors import UsageError

#: Samples that may be drawn at once, and seeds.
MOST_SAMPLES, SEEDS = 1_000, 1 << 32


@dataclass(frozen=True)
class Sampling:
    """Options of sampling. None stands for what the model's generation_config.json says."""

    samples: int = 5
    temperature: float | None = None  # 0: always the likeliest token
    top_p: float | None = None  # share of the probability that the tokens to draw from have together
    max_new_tokens: int | None = None
    seed: int | None = None  # None: another one each time

    def require(self) -> None:
        """Raise `UsageError` for an option out of bounds."""
        if not 1 <= self.samples <= MOST_SAMPLES:
            raise UsageError(f"-n {self.samples}: draw from 1 to {MOST_SAMPLES:,} samples.")
        if self.temperature is not None and not 0 <= self.temperature <= 100:
            raise UsageError(
                f"--temperature {self.temperature}: it must be from 0 (always the likeliest token) to 100; "
                "1 draws as the model learned."
            )
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise UsageError(f"--top-p {self.top_p}: it is a share of the probability, above 0 and at most 1.")
        if self.max_new_tokens is not None and self.max_new_tokens < 1:
            raise UsageError(f"--max-new-tokens {self.max_new_tokens}: it must be at least 1.")
        if self.seed is not None and not 0 <= self.seed < SEEDS:
            raise UsageError(f"--seed {self.seed}: it must be from 0 to {SEEDS - 1:,}.")

    def seeded(self) -> Sampling:
        """The same with a seed."""
        return self if self.seed is not None else replace(self, seed=secrets.randbelow(SEEDS))


def finite(value: object, otherwise: float) -> float:
    """The value if it is a finite number, else the default."""
    number = value if isinstance(value, (int, float)) and not isinstance(value, bool) else otherwise
    return float(number) if math.isfinite(number) else otherwise
