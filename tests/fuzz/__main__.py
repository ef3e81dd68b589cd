"""`make fuzz`: mutated inputs for as long as one likes, with each fault and the line to see it again."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.fuzz.harness import attempt, run
from tests.fuzz.shrinking import smallest
from tests.fuzz.trials import ON_FILES, TRIALS

#: Share of the inputs by kind: what takes longer is tried less often.
SHARES = {"dialect": 40, "read": 40, "land": 8, "text": 20, "command": 4, "workspace": 4}


def main() -> int:
    """Run; exit with 1 when there is a finding."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, help="how long; default 60, or no bound with --inputs")
    parser.add_argument("--inputs", type=int, help="how many inputs at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=TRIALS)
    parser.add_argument(
        "--only",
        type=int,
        help="one input by its number, made small, with what it raises",
    )
    given = parser.parse_args()
    if given.only is not None:
        if given.kind in ON_FILES and (least := smallest(given.kind, given.seed, given.only)):
            print(f"{least.kind}: {least.source} {least.target} {dict(least.options)}")
            for name, data in least.files.items():
                print(f"  {name!r}: {data!r}")
        with tempfile.TemporaryDirectory() as folder:
            attempt(given.kind, TRIALS[given.kind], given.seed, given.only, Path(folder))
        print("nothing was raised")
        return 0
    kinds = [given.kind] if given.kind else list(TRIALS)
    seconds = given.seconds or (None if given.inputs else 60.0)
    whole = sum(SHARES[kind] for kind in kinds)
    found = tried = 0
    print(f"seed {given.seed}", flush=True)
    for kind in kinds:
        share = SHARES[kind] / whole
        inputs = None if given.inputs is None else max(1, int(given.inputs * share))
        tally = run(
            kind,
            TRIALS[kind],
            given.seed,
            inputs=inputs,
            seconds=None if seconds is None else seconds / len(kinds),
            on_finding=lambda finding: print(f"  {finding}", flush=True),
        )
        tried, found = tried + tally.inputs, found + len(tally.findings)
        print(
            f"{kind}: {tally.inputs:,} inputs in {tally.seconds:,.0f} s of processor time, {tally.refused:,} refused "
            f"with a sentence, {len(tally.findings)} findings",
            flush=True,
        )
        for what, times in tally.times.most_common():
            print(f"  {times:,} × {what}", flush=True)
    print(f"{tried:,} inputs, {found} findings")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
