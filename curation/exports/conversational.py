"""What formats made of conversations have in common."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from curation.exports import turns
from curation.exports.base import Export, Settings, Sink

if TYPE_CHECKING:
    from curation.exports.kept import Kept


class Conversational(Export):
    """A format with a JSON object a line, made of a turn or of a chain of turns."""

    needs_text = True
    boundaries = True
    conversations = True

    unit: ClassVar[str]  # what makes a record: "turn" or "chain"

    @abstractmethod
    def line(self, dialogue: turns.Dialogue, instruction: str) -> str:
        """A record as JSON on one line."""

    def write(self, kept: Kept, split: str, settings: Settings, sink: Sink) -> None:
        """Write the records."""
        for dialogue in turns.dialogues(kept, split, self.unit):
            sink.write((self.line(dialogue, settings.instruction) + "\n").encode())
            sink.wrote(1)

    def expected(self, kept: Kept, split: str, settings: Settings) -> int:
        """Number of records."""
        return turns.records(kept, split, self.unit)

    def draw(self, kept: Kept, seed: int, most: int) -> None:
        """Some records of the training file."""
        turns.draw(kept, self.unit, seed, most)

    def figures(self, kept: Kept, split: str) -> tuple[int, int]:
        """Different posts in the records, prompts included, and their characters."""
        return turns.figures(kept, split)
