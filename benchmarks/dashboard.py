"""How long the dashboard takes on a million posts, as somebody in front of a browser sees it.

`python -m benchmarks.dashboard DATA [--posts 1000000] [--workspace DIR] [--recipe baseline] [--times 5]`. The posts
are those of the sets in DATA, again and again under other ids (see `benchmarks.growth`). With `--workspace`, that
workspace is looked at as it is if it has a corpus of the recipe; else its landed posts are what is repeated. A time is
from the click to the moment when the first of the new figures, rows or charts stand on the page, and to the moment when
all of it is drawn; the median of five. The words of the corpus are counted before. The memory is that of the server's
process: at the end, and the most that it had. It needs Chromium.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.growth import Repeated
from benchmarks.measure import curation
from benchmarks.whole_run import landed_posts, landed_sets
from curation.collecting.land import land
from curation.corpus.corpus import Corpus
from curation.errors import NothingToDoError
from tests.browser.serving import Dashboard, begin
from tests.browser.visitor import FLAGS, INSTALL, PATIENCE, Visitor, chromium

#: A card of a post, the charts, the boxes of figures, as the browser finds them.
CARDS = ".posts article"
CHART = '[data-testid="stVegaLiteChart"] svg'
FIGURES = '[data-testid="stMetricValue"]'
#: The figures, and what they are of: two searches may find as many posts.
SEARCHED = f'{FIGURES}, [class*="st-key-chip-q"]'
#: Words that are searched for, one a time, so that no answer is known already.
WORDS = ("coffee", "morning", "question", "football", "winter", "monday", "kitchen", "paper", "window")
#: Regular expressions, for the same reason.
EXPRESSIONS = ("/colou?r/", "/[0-9]{4}/", "/b[aeiou]ok/", "/train(ing|ed)/", "/(foot|basket)ball/")
#: Pages that are opened by their link at the side.
PAGES = ("Browse", "Decide", "Words", "Repairs", "Duplicates", "SQL", "Recipe", "Thresholds and rules", "Export")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="a folder with the sets, each unpacked under its name")
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--recipe", default="baseline")
    parser.add_argument("--times", type=int, default=5)
    arguments = parser.parse_args()
    if not chromium():
        print(f"There is no Chromium here. This installs it: {INSTALL}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="curation-benchmarks-") as name:
        folder = Path(name)
        space = curated(arguments, folder)
        corpus = Corpus.open(space, arguments.recipe)
        before = time.perf_counter()
        curation("words", arguments.recipe, "--top", "1", "--data", str(space))
        counting = time.perf_counter() - before
        print(f"### `curation dashboard`, {corpus.manifest['counts']['downloaded']:,} posts, `{arguments.recipe}`\n")
        print("| seconds until | it is there | slowest | all is drawn | slowest |")
        print("| --- | --- | --- | --- | --- |", flush=True)
        for what, *figures in measured(space, arguments.recipe, arguments.times, folder):
            cells = [f"{figure:,.2f}" for each in figures for figure in (statistics.median(each), max(each))]
            print(f"| {what} | {' | '.join(cells)} |", flush=True)
        print(f"\nCounting the words before, once a corpus: {counting:,.1f} s (nothing if they were counted already).")
    return 0


def curated(arguments: argparse.Namespace, folder: Path) -> Path:
    """The workspace that is looked at."""
    if arguments.workspace:
        try:
            Corpus.open(arguments.workspace, arguments.recipe)
            return arguments.workspace
        except NothingToDoError:
            pass
    posts = landed_posts(arguments.workspace or landed_sets(arguments.data, folder / "data"))
    space = folder / "many"
    times = math.ceil(arguments.posts / posts.height)
    land(space, Repeated(posts.head(math.ceil(arguments.posts / times)), times))
    curation("run", arguments.recipe, "--data", str(space))
    return space


def measured(space: Path, recipe: str, times: int, folder: Path) -> Iterator[tuple[str, list[float], list[float]]]:
    """What was done, and the seconds of each time: until it is there, until all is drawn. Prints the memory last."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        cold, starts = [], []
        for number in range(times):
            before = time.perf_counter()
            dashboard = begin(space, folder / f"said-{number}.txt")
            starts.append((time.perf_counter() - before,) * 2)
            visitor = Visitor(browser, dashboard)
            address = f"{dashboard.url}/?corpus={recipe}"
            cold.append(timed(lambda page=visitor.page, at=address: page.goto(at), visitor, CHART))
            visitor.context.close()
            if number < times - 1:
                dashboard.end()
        yield "the server answers", *zip(*starts, strict=True)
        yield "Overview, the first visitor of a server", *zip(*cold, strict=True)
        try:
            for what, seconds in by_clicks(lambda: Visitor(browser, dashboard), dashboard, recipe, times):
                yield what, *zip(*seconds, strict=True)
            for what, seconds in by_links(Visitor(browser, dashboard), dashboard, recipe, times).items():
                yield what, *zip(*seconds, strict=True)
            now, most = (megabytes(dashboard, name) for name in ("VmRSS", "VmHWM"))
            print(f"\nMemory of the server at the end: {now:,.0f} MB; at most {most:,.0f} MB.", flush=True)
        finally:
            dashboard.end()


def by_clicks(
    visits: Callable[[], Visitor], dashboard: Dashboard, recipe: str, times: int
) -> Iterator[tuple[str, list[tuple[float, float]]]]:
    """The same for what a visitor does on the pages."""
    warm, clicks, facets, searches, expressions, compared, moves = [], [], [], [], [], [], []
    for number in range(times):
        visitor = visits()
        page = visitor.page
        warm.append(timed(lambda p=page: p.goto(f"{dashboard.url}/?corpus={recipe}"), visitor, CHART))
        visitor.waits()
        bar = page.locator(f"{CHART} path[aria-label]").nth(number % 3)
        clicks.append(timed(lambda b=bar: b.click(force=True), visitor, CARDS))
        page.goto(f"{dashboard.url}/browse?corpus={recipe}")
        visitor.waits()
        facet = page.locator('[data-testid="stSidebar"] .facet-value').nth(number)
        facets.append(timed(lambda f=facet: f.click(), visitor, FIGURES))
        visitor.waits()
        search = page.get_by_label("Search", exact=True)
        search.fill(WORDS[number % len(WORDS)])
        searches.append(timed(lambda s=search: s.press("Enter"), visitor, SEARCHED))
        visitor.waits()
        search.fill(EXPRESSIONS[number % len(EXPRESSIONS)])
        expressions.append(timed(lambda s=search: s.press("Enter"), visitor, SEARCHED))
        compared.append(timed(lambda p=page: p.goto(f"{dashboard.url}/compare?corpus={recipe}"), visitor, FIGURES))
        visitor.waits()
        slider = page.get_by_role("slider").first
        slider.focus()
        for _ in range(2):  # the second move finds ready what the first one has prepared
            moves.append(timed(lambda p=page: p.keyboard.press("ArrowRight"), visitor, FIGURES))
            visitor.waits()
        visitor.context.close()
    yield "Overview, again", warm
    yield "a click on a bar, until its posts are there", clicks
    yield "another facet", facets
    yield "a search", searches
    yield "a search by a regular expression", expressions
    yield "Compare", compared
    yield "a slider's move", moves


def by_links(visitor: Visitor, dashboard: Dashboard, recipe: str, times: int) -> dict[str, list[tuple[float, float]]]:
    """The same for pages that are opened by their links, and for a statement in SQL."""
    page, statement = visitor.page, "a statement in SQL"
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in (*PAGES, statement)}
    page.goto(f"{dashboard.url}/?corpus={recipe}")
    visitor.waits()
    for number in range(times):
        for name in PAGES:
            link = page.get_by_role("link", name=name, exact=True)
            seconds[name].append(timed(lambda to=link: to.click(), visitor, "h1"))
            visitor.waits()
            if name == "SQL":
                box = page.get_by_role("textbox", name="A SELECT statement")
                box.fill(
                    f"SELECT author, count(*) AS posts, {number} AS round FROM posts GROUP BY author ORDER BY posts"
                )
                box.blur()
                visitor.waits()
                run = page.get_by_role("button", name="Run", exact=True)
                answer = '[data-testid="stDataFrame"], [data-testid="stMain"] table, .stCaptionContainer'
                seconds[statement].append(timed(lambda it=run: it.click(), visitor, answer))
                visitor.waits()
    visitor.context.close()
    return seconds


#: Whether what is watched says something else than before.
CHANGED = """([watched, before]) => document.querySelector(watched)
  && [...document.querySelectorAll(watched)].map(e => e.textContent).join(' ') !== before"""
#: Whether all is drawn.
DONE = """() => {
  return document.querySelector('[data-testid="stApp"]')?.getAttribute('data-test-script-state') === 'notRunning'
    && !document.querySelector('[data-stale="true"]');
}"""


def timed(act: Callable[[], object], visitor: Visitor, watched: str) -> tuple[float, float]:
    """Seconds from doing something until what is `watched`, a selector, says something new, and until all is drawn."""
    page = visitor.page
    before = page.evaluate(
        "w => document.querySelector(w) ? [...document.querySelectorAll(w)].map(e => e.textContent).join(' ') : null",
        watched,
    )
    began = time.perf_counter()
    act()
    page.wait_for_function(CHANGED, arg=[watched, before], timeout=PATIENCE, polling=20)
    there = time.perf_counter() - began
    page.wait_for_function(DONE, timeout=PATIENCE, polling=20)
    return there, time.perf_counter() - began


def megabytes(dashboard: Dashboard, name: str) -> float:
    """What the server's process has in memory, `VmRSS`, or the most that it had, `VmHWM`."""
    for line in Path(f"/proc/{dashboard.process.pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1e3
    return 0.0


if __name__ == "__main__":
    sys.exit(main())
