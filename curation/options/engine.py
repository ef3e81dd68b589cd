"""What can be set of the machine that curates."""

from __future__ import annotations

from dataclasses import dataclass

from curation.options.bounds import AtLeast
from curation.options.option import Options, option


@dataclass(frozen=True)
class EngineOptions(Options):
    """Processes and memory."""

    workers: int = option(0, "Worker processes; 0: one for each core.", bound=AtLeast(0))
    memory_limit: str = option("1GB", "Memory for the databases; the rest spills to disk.")
