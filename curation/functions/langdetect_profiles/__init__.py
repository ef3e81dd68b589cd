"""langdetect's profiles, asked about many texts at once.

Two answers from the same n-grams. `replay` is the seeded library's own, draw for draw, at ten times its speed.
`probabilities` scores every n-gram once instead of drawing some at random: it has no seed, and is faster again by
an order of magnitude. The package langdetect is where the profiles and the normalisation of characters come from.
"""

from __future__ import annotations

from curation.functions.langdetect_profiles.replay import replay
from curation.functions.langdetect_profiles.scoring import probabilities

#: Codes as langdetect writes them (`en`, `zh-cn`), in the order of the columns of `probabilities`; read when asked for.
LANGUAGES: tuple[str, ...]


def __getattr__(name: str) -> tuple[str, ...]:
    if name != "LANGUAGES":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from curation.functions.langdetect_profiles.profiles import profiles

    return profiles().languages


__all__ = ["LANGUAGES", "probabilities", "replay"]
