"""Every number on a page is the ledger's."""

from __future__ import annotations

import pytest

from curation.corpus.corpus import Corpus
from curation.corpus.ledger import Ledger
from dashboards.parts.figures import short
from tests.browser.test_every_page import PAGES, address
from tests.cli.shell import inside


def number(words: str) -> int:
    """A number as a page writes it."""
    return int(words.replace(",", ""))


@pytest.mark.parametrize("recipe", ["baseline", "strict"])
def test_the_overviews_figures_are_the_ledgers(visits, sample, recipe):
    """Downloaded, kept, removed, every step of the waterfall and every author are what `curation ledger` says."""
    said = inside("ledger", recipe, "--json", data=sample).json
    visitor = visits(sample).goes(address("overview", corpus=recipe))
    total = said["total"]
    assert [number(visitor.metric(label)) for label in ("Downloaded", "Kept", "Removed")] == [
        total["downloaded"],
        total["kept"],
        sum(total["removed"].values()),
    ]
    tables = visitor.page.locator("table").all()
    steps, authors = (cells(table) for table in tables[:2])
    assert [number(row[1]) for row in steps] == [total["downloaded"], *total["removed"].values(), total["kept"]]
    assert sorted([row[0].partition(" ")[0], *map(number, row[1:4])] for row in authors) == sorted(
        [row["author"], row["downloaded"], row["kept"], sum(row["removed"].values())] for row in said["rows"]
    )


def cells(table) -> list[list[str]]:
    """The rows of a table on the page, without its head."""
    return table.evaluate("t => [...t.tBodies[0].rows].map(r => [...r.cells].map(c => c.textContent.trim()))")


@pytest.mark.skipif("duplicates" not in PAGES, reason="there is no such page")
def test_the_copies_are_the_ledgers(visits, sample):
    """What each rule removed for another post is what the ledger says of the rule."""
    total = Ledger.of(Corpus.open(sample, "strict")).total.removed
    visitor = visits(sample).goes(address("duplicates", corpus="strict"))
    labels = {rule["label"]: rule["name"] for rule in Corpus.open(sample, "strict").rules if rule["kind"] == "dedup"}
    shown = {labels[row[0]]: number(row[2]) for row in cells(visitor.page.locator("table").first)}
    assert shown == {name: total[name] for name in labels.values()}


@pytest.mark.skipif("export" not in PAGES, reason="there is no such page")
def test_the_exports_figures_are_the_commands(visits, sample, tmp_path):
    """Posts and characters of a selection are those that the library exports."""
    [row, *_] = inside("ledger", "--json", data=sample).json["rows"]
    visitor = visits(sample).goes(address("export", author=row["author"]))
    corpus = Corpus.open(sample, "baseline")
    [(posts, characters)] = corpus.rows(
        "SELECT count(*), sum(length(text))::BIGINT FROM posts WHERE removed_by IS NULL AND author = ?", [row["author"]]
    )
    assert posts == row["kept"]
    assert (number(visitor.metric("Posts")), visitor.metric("Characters")) == (posts, short(characters))
