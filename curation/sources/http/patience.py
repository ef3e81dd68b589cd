"""How long a request may wait: apart from the transport, so that reading files loads no package for the network."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """How often a request is tried, and how long one wait may be, in seconds."""

    tries: int = 6
    first: float = 1.0  # seconds before the second try if the server names none
    ceiling: float = 16 * 60.0  # X and Mastodon count requests in windows of 15 and 5 minutes

    def backoff(self, failed: int) -> float:
        """Seconds to wait after `failed` tries, at least one."""
        return min(self.first * 2.0 ** (failed - 1), 120.0, self.ceiling)
