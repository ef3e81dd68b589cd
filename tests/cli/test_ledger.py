"""`curation ledger`: the contract's JSON, its formats, and that the figures add up."""

from __future__ import annotations

import csv
import io

import pytest

from curation.corpus.corpus import Corpus
from curation.corpus.ledger import Ledger
from curation.corpus.ledger_text import table
from tests.cli.shell import curation, inside, on_a_terminal


@pytest.fixture(scope="module")
def data(demonstrated):
    """The sample, landed and curated; only read here."""
    return demonstrated / "data"


@pytest.mark.parametrize("by", ["author", "month", "language", "source"])
def test_json_has_the_shape_of_the_contract_and_balances(data, by):
    """`ledger --json` has the contract's keys and no other, and downloaded = kept + Σ removed in every row."""
    answer = inside("ledger", "baseline", "--by", by, "--json", data=data).json
    assert list(answer) == ["schema", "recipe", "by", "rules", "rows", "total"]
    assert (answer["recipe"], answer["by"]) == ("baseline", by)
    assert answer["rules"] == ["retweet", "min_words", "exact_duplicate"]
    for row in answer["rows"]:
        assert list(row) == [by, "downloaded", "removed", "kept"]
        assert isinstance(row[by], str)
    assert list(answer["total"]) == ["downloaded", "removed", "kept"]
    for row in (*answer["rows"], answer["total"]):
        assert list(row["removed"]) == answer["rules"]
        assert row["downloaded"] == row["kept"] + sum(row["removed"].values())
    assert sum(row["downloaded"] for row in answer["rows"]) == answer["total"]["downloaded"] == 417
    assert len({row[by] for row in answer["rows"]}) == len(answer["rows"]) > 1


def test_every_format_has_the_same_figures(data):
    """Table, Markdown, CSV and JSON say the same; `--format json` and `--json` are one."""
    answer = curation("ledger", "--json", data=data).json
    assert inside("ledger", "--format", "json", data=data).json == answer
    rows = {row["author"]: [row["downloaded"], *row["removed"].values(), row["kept"]] for row in answer["rows"]}
    table = list(csv.reader(io.StringIO(inside("ledger", "--format", "csv", data=data).out)))
    assert table[0] == ["author", "downloaded", "retweet", "min_words", "exact_duplicate", "kept"]
    assert {row[0]: [int(cell) for cell in row[1:]] for row in table[1:]} == rows
    printed = curation("ledger", data=data)
    assert printed.err == ""
    lines = [line.split() for line in printed.out.splitlines()]
    assert {line[0]: [int(cell) for cell in line[1:-1]] for line in lines[2:-2]} == rows
    markdown = inside("ledger", "--format", "markdown", data=data).out.splitlines()
    names = ["Marlow of the Lamp", "Nine Beds \\| a garden behind a gate", "Tiny Aperture Notes"]
    assert markdown[0].startswith("| Data | ")
    assert [line.split(" | ")[0].strip("| ") for line in markdown[2:]] == [
        "Tweets downloaded", "Retweets", "Short tweets", "Exact duplicates", "Tweets kept",
    ]  # fmt: skip
    assert names[1] in markdown[0]


def test_one_author_is_a_ledger_of_one(data):
    """`--author` limits the ledger; its Markdown has the head `Quantity`."""
    one = inside("ledger", "--author", "marlow_of_the_lamp", "--json", data=data).json
    assert [row["author"] for row in one["rows"]] == ["marlow_of_the_lamp"]
    assert one["total"]["downloaded"] == one["rows"][0]["downloaded"] == 157
    markdown = inside("ledger", "--author", "marlow_of_the_lamp", "--format", "markdown", data=data).out
    assert markdown.startswith("| Data | Quantity |\n| --- | --- |\n| Tweets downloaded | 157 |\n")


def test_a_narrow_terminal_gets_the_rules_that_matter(data):
    """Where a line would wrap, the rules that removed least share a column, and the figures still add up."""
    wide = Ledger.of(Corpus.open(data))
    narrow = table(wide, width=60)
    assert max(len(line) for line in narrow.splitlines()[:-1]) <= 60
    assert "other rules" in narrow.splitlines()[0]
    assert narrow.splitlines()[-1].startswith("Other rules: ")
    total = [int(cell.replace(",", "")) for cell in narrow.splitlines()[-2].split()[1:-1]]
    assert total[0] == sum(total[1:]) == 417
    assert table(wide, width=200) == table(wide)
    rc, screen = on_a_terminal(["ledger", "--wide", "--data", str(data)], "", width=60)
    assert (rc, "other rules" in screen) == (0, False)
