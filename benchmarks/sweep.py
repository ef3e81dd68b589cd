"""A sweep over a threshold of a rule that compares posts, at the first question and later.

`python -m benchmarks.sweep WORKSPACE [--corpus strict]` prints CPU seconds of five values, of the same five again, and
of five others. It first removes what the workspace keeps of earlier questions; that is made anew.
"""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path

from curation.asking.credit import Credit
from curation.asking.sweep import sweep
from curation.corpus.corpus import Corpus
from curation.disk.workspace import Workspace

FIVE, OTHERS = [0.6, 0.65, 0.75, 0.8, 0.85], [0.62, 0.68, 0.72, 0.78, 0.82]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--corpus", default="strict")
    options = parser.parse_args()
    shutil.rmtree(Workspace(options.workspace).evidence, ignore_errors=True)
    corpus = Corpus.open(options.workspace, options.corpus)
    print("| question | CPU seconds |\n| --- | --- |")
    for name, values in (("five thresholds", FIVE), ("the same again", FIVE), ("five others", OTHERS)):
        began = time.process_time()
        sweep(corpus, "near_duplicate.threshold", values)
        print(f"| {name} | {time.process_time() - began:.1f} |", flush=True)
    for name in ("what each rule removes, exactly", "the same again"):
        began = time.process_time()
        Credit.of(corpus, exact=True)
        print(f"| {name} | {time.process_time() - began:.1f} |", flush=True)


if __name__ == "__main__":
    main()
