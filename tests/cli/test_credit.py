"""`curation credit`: what each rule removes."""

from __future__ import annotations

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


def test_an_estimate_is_marked_and_can_be_tried(data):
    """On the screen `≈`, in JSON `exact`; with `--exact` neither is needed."""
    said = inside("credit", data=data)
    assert said.rc == 0
    assert "≈" in said.out
    assert "To try it: --exact" in said.err
    exact = inside("credit", "--exact", data=data)
    assert (exact.rc, exact.err) == (0, "")
    assert "≈" not in exact.out
    rules = inside("credit", "--exact", "--json", data=data).json["rules"]
    assert [(rule["rule"], rule["how"], rule["exact"]) for rule in rules] == [
        ("retweet", "done again", True),
        ("min_words", "done again", True),
        ("exact_duplicate", "queried", True),
    ]


def test_a_rule_that_removes_much_is_warned_of(data):
    """A share in percent or as a number; what is neither is refused."""
    assert "Note: retweet would remove 9.1 %" in inside("credit", "--most", "9%", data=data).err
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
