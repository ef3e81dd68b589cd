"""`curation credit`: what each rule removes."""

from __future__ import annotations

import shutil

import pytest

from tests.cli.shell import inside


@pytest.fixture(scope="module")
def data(demonstrated):
    """The sample, landed and curated; only read here."""
    return demonstrated / "data"


def test_its_figures_are_the_ledgers(data):
    """`first` is what the ledger says a rule removes, in total and of one author."""
    for words in ((), ("--author", "marlow_of_the_lamp")):
        total = inside("ledger", "--json", *words, data=data).json["total"]
        answer = inside("credit", "--json", *words, data=data).json
        assert {rule["rule"]: rule["first"] for rule in answer["rules"]} == total["removed"]
        assert (answer["posts"], answer["kept"]) == (total["downloaded"], total["kept"])


def test_a_bound_is_marked_and_can_be_tried(data, tmp_path):
    """On the screen *at most*, in JSON `at_most`; `--exact` says first how long it takes, and gives neither."""
    assert "at most" not in inside("credit", data=data).out  # a dedup by key is recalculated in memory
    recipe = tmp_path / "near.toml"
    recipe.write_text('[[rule]]\nuse = "min_words"\n[[rule]]\nuse = "near_duplicate"\n', encoding="utf-8")
    shutil.copytree(data / "raw", tmp_path / "data" / "raw")
    assert inside("run", str(recipe), data=tmp_path / "data").rc == 0
    said = inside("credit", "near", data=tmp_path / "data")
    assert "at most" in said.out
    assert "Exactly: --exact" in said.err
    exact = inside("credit", "near", "--exact", data=tmp_path / "data")
    assert "without 1 rule, one at a time: some seconds. Ctrl-C stops it." in exact.err
    assert "at most" not in exact.out
    rules = inside("credit", "near", "--exact", "--json", data=tmp_path / "data").json["rules"]
    assert [(rule["rule"], rule["how"], rule["exact"], rule["at_most"]) for rule in rules] == [
        ("min_words", "recalculated", True, False),
        ("near_duplicate", "queried", True, False),
    ]


def test_a_rule_that_removes_much_is_warned_of(data):
    """A share in percent or as a number; what is neither is refused."""
    assert "Note: retweet would remove 9.1%" in inside("credit", "--most", "9%", data=data).err
    assert inside("credit", "--most", "0.09", "--json", data=data).json["warnings"]
    assert "Note" not in inside("credit", data=data).err
    for wrong in ("120%", "much", "-1"):
        said = inside("credit", f"--most={wrong}", data=data)
        assert (said.rc, said.out) == (2, "")
        assert "such as 30% or 0.3" in said.complaint


def test_who_is_not_there(data):
    """An unknown author and a recipe that has not been run: exit 3."""
    assert inside("credit", "--author", "marlow", data=data).rc == 3
    assert "curation run strict" in inside("credit", "strict", data=data).complaint
