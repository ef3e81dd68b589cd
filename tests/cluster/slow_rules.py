"""Rules of a user's own file, as `--rules` takes it: slow ones, so that a test can kill somebody in the middle."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from curation.functions.base import BatchFunction
from curation.rules.base import Filter, param


@dataclass(frozen=True, kw_only=True)
class Dawdling(Filter):
    """Nothing, after `seconds` for each shard"""

    use: ClassVar[str] = "dawdling"
    title: ClassVar[str] = "Dawdling"

    seconds: float = param(0.2, doc="seconds of a shard")
    calls: str = param("", doc="a file that gets a line for each shard that is begun")

    def removes(self) -> str:
        return "dawdle(text) = 'never'"

    def functions(self) -> tuple[BatchFunction, ...]:
        def dawdle(texts: list[str]) -> list[str]:
            if self.calls:
                with Path(self.calls).open("a", encoding="ascii") as file:
                    file.write(".\n")
            time.sleep(self.seconds)
            return texts

        return (BatchFunction("dawdle", f"{self.seconds}", "VARCHAR", dawdle),)
