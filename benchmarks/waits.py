"""What somebody waits for at a terminal: help, completion, a report, a comparison of two corpora.

`python -m benchmarks.waits DATA [--rounds N]` lands the archives of X that lie in DATA, runs two recipes, and prints
the least wall time and processor time of the rounds, beside those of Python that starts and imports what reads Parquet.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.__main__ import ARCHIVES
from benchmarks.measure import Measured, command, curation

RECIPES = ("baseline", "huggingtweets")


def main() -> None:
    """Measure each command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="a folder with archives of X, each unpacked under its name")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    archives = [arguments.data / name for name in ARCHIVES if (arguments.data / name).is_dir()]
    if not archives:
        sys.exit(f"None of the archives is in {arguments.data}; nothing was measured.")
    with tempfile.TemporaryDirectory(prefix="curation-benchmarks-") as folder:
        data = ("--data", str(Path(folder) / "data"))
        for archive in archives:
            curation("collect", "x-archive", str(archive), *data)
        for recipe in RECIPES:
            curation("run", recipe, *data)
        print("| command | seconds | CPU seconds | peak MB |\n| --- | --- | --- | --- |")
        imports = [command(sys.executable, "-c", "import pyarrow.parquet, duckdb") for _ in range(arguments.rounds)]
        row("Python with pyarrow and DuckDB", imports)
        for words in (
            ("--help",), ("run", "--help"), ("export", "--help"), ("compare", "--help"), ("compare", *RECIPES, *data),
            ("report", RECIPES[0], "--out", str(Path(folder) / "report.html"), *data),
        ):  # fmt: skip
            shown = " ".join(words[: words.index("--data")] if "--data" in words else words).replace(folder, "…")
            row(f"`curation {shown}`", [curation(*words) for _ in range(arguments.rounds)])
        os.environ |= {"_CURATION_COMPLETE": "complete_bash", "COMP_WORDS": "curation ru", "COMP_CWORD": "1"}
        script = "import sys; from curation.cli import main; sys.argv = ['curation']; main()"
        tab = [command(sys.executable, "-c", script) for _ in range(arguments.rounds)]
        assert "run" in tab[0].stdout, "the shell gets no words"
        row("the Tab key after a word that is not whole", tab)


def row(name: str, runs: list[Measured]) -> None:
    """Print a row of the table."""
    seconds, cpu = min(run.seconds for run in runs), min(run.cpu for run in runs)
    print(f"| {name} | {seconds:.2f} | {cpu:.2f} | {max(run.megabytes for run in runs):.0f} |", flush=True)


if __name__ == "__main__":
    main()
