"""`curation compare` against running both recipes again, on a million posts.

`python -m benchmarks.compare DATA [--posts 1000000] [--workspace DIR]`. The posts are those of the sets in DATA, over
and over under other ids. `two corpora` compares two that stand, `a threshold` asks one of them a what-if question, in
which a rule that compares posts is done again, and `a rule less` one that its columns answer. Every comparison counts
by author, month, length and language, draws samples and tells the character of both texts. Running both again is
`curation run --again`, twice, and does not compare anything yet.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path

from benchmarks.growth import Repeated
from benchmarks.measure import Measured, curation
from benchmarks.whole_run import landed_posts, landed_sets
from curation.collecting.land import land

A = "baseline"
#: Rules in SQL alone: with one that asks Python, running again would be as dear as one likes.
B = """
name = "stricter"
description = "baseline with higher bounds, and a few filters more"

[[rule]]
use = "retweet"
[[rule]]
use = "unescape_html"
[[rule]]
use = "strip_urls"
[[rule]]
use = "collapse_whitespace"
[[rule]]
use = "automated"
[[rule]]
use = "hashtag_ratio"
[[rule]]
use = "min_words"
min = 5
[[rule]]
use = "exact_duplicate"
scope = "global"
"""
WHAT_IF = {"a threshold": ("--set", "min_words.min=5"), "a rule less": ("--without", "exact_duplicate")}


def main() -> None:
    """Run them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="a folder with the sets, each unpacked under its name")
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workspace", type=Path, help="a workspace in which the sets have landed already")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="curation-benchmarks-") as name:
        work = Path(name)
        space = work / "many"
        posts = landed_posts(arguments.workspace or landed_sets(arguments.data, work / "data"))
        times = -(-arguments.posts // posts.height)
        land(space, Repeated(posts.head(-(-arguments.posts // times)), times))
        recipe = work / "stricter.toml"
        recipe.write_text(B, encoding="utf-8")
        data = ("--data", str(space), "--json")
        for one in (A, str(recipe)):
            curation("run", one, *data)
        asked = {"two corpora": ("stricter",), **WHAT_IF}
        taken: dict[str, list[Measured]] = {}
        for _ in range(arguments.rounds):
            runs = [curation("run", one, "--again", *data) for one in (A, str(recipe))]
            seconds, peak = sum(run.seconds for run in runs), max(run.megabytes for run in runs)
            taken.setdefault("both again", []).append(Measured(seconds, peak, ""))
            for what, words in asked.items():
                taken.setdefault(what, []).append(curation("compare", A, *words, *data))
    found = {what: json.loads(each[-1].stdout) for what, each in taken.items() if each[-1].stdout}
    print(f"\n### `curation compare`: {found['two corpora']['posts']:,} posts, {arguments.rounds} rounds, medians\n")
    print("| | how B was found | posts that change | seconds | of running both again | peak MB |")
    print("| --- | --- | --- | --- | --- | --- |")
    again = statistics.median(run.seconds for run in taken["both again"])
    for what, each in taken.items():
        seconds = statistics.median(run.seconds for run in each)
        said = found.get(what)
        how = said["sides"]["b"]["how"] if said else ""
        changed = f"{said['only_a'] + said['only_b']:,}" if said else ""
        ratio = f"1/{again / seconds:.1f}" if said else "1"
        peak = max(run.megabytes for run in each)
        print(f"| {what} | {how} | {changed} | {seconds:.1f} | {ratio} | {peak:,.0f} |", flush=True)


if __name__ == "__main__":
    main()
