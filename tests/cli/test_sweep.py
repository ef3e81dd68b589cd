"""`curation sweep`: kept posts for each value of a parameter."""

from __future__ import annotations

import pytest

from tests.cli.shell import inside


@pytest.fixture(scope="module")
def data(demonstrated):
    """The sample, landed and curated; only read here."""
    return demonstrated / "data"


def test_json_is_the_contract(data):
    """Recipe, parameter, and for each value what is kept and what the rule removes; the corpus's own as the ledger."""
    answer = inside("sweep", "baseline", "min_words.min", "3,4", "--json", data=data).json
    total = inside("ledger", "--json", data=data).json["total"]
    assert (answer["recipe"], answer["parameter"], answer["now"]) == ("baseline", "min_words.min", 3)
    [now, more] = answer["points"]
    assert now == {
        "value": 3, "kept": total["kept"], "removed_by_rule": total["removed"]["min_words"], "how": "current",
        "exact": True,
    }  # fmt: skip
    assert (more["value"], more["how"]) == (4, "recalculated")
    assert "sweeps" not in answer


def test_several_parameters(data):
    """The first stands where it stands alone, all of them in `sweeps`."""
    words = ("min_words.min", "3", "exact_duplicate.keep", "earliest,latest")
    answer = inside("sweep", "baseline", *words, "--json", data=data).json
    assert answer["parameter"] == "min_words.min"
    assert [(each["parameter"], len(each["points"])) for each in answer["sweeps"]] == [
        ("min_words.min", 1), ("exact_duplicate.keep", 2),
    ]  # fmt: skip
    assert answer["sweeps"][0]["points"] == answer["points"]


def test_a_table_with_bars(data):
    """A line a value, and below which rules were recalculated."""
    said = inside("sweep", "baseline", "min_words.min", "3..4", data=data)
    assert said.rc == 0
    head, columns, now, more, *_ = said.out.splitlines()
    assert head == "baseline: min_words.min (now 3), 417 posts"
    assert columns.split() == ["value", "kept", "removed", "by", "it"]
    assert now.split()[0] == "3"
    assert "█" in now
    assert now.endswith("current")
    assert more.endswith("exact")
    assert "exact_duplicate was recalculated" in said.err


def test_an_estimate_takes_one_query(data):
    """No rule is recalculated, and what is not exact is marked."""
    said = inside("sweep", "baseline", "min_words.min", "3..4", "--estimate", data=data)
    assert "≈" in said.out
    assert "recalculated" not in said.err
    assert "Leave out --estimate" in said.err


def test_a_recipe_file_must_be_that_of_the_corpus(workspace, tmp_path):
    """A file whose corpus stands is swept; after an edit it is said what to run."""
    recipe = tmp_path / "mine.toml"
    recipe.write_text('[[rule]]\nuse = "min_words"\nmin = 2\n')
    first = inside("sweep", recipe, "min_words.min", "2", data=workspace)
    assert first.rc == 3
    assert "curation run mine" in first.complaint
    assert inside("run", recipe, data=workspace).rc == 0
    answer = inside("sweep", recipe, "min_words.min", "2..3", "--json", data=workspace).json
    assert [point["how"] for point in answer["points"]] == ["current", "queried"]
    recipe.write_text('[[rule]]\nuse = "min_words"\nmin = 5\n')
    said = inside("sweep", recipe, "min_words.min", "2", data=workspace)
    assert said.rc == 3
    assert f"curation run {recipe}" in said.complaint


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("min_words.min",), "'min_words.min' has no values"),
        (("min_words.min", "0..2"), "min = 0 should be a number of at least 1"),
        (("min_words.min", "a..b"), "no number and no range"),
        (("min_words.mni", "1"), "Did you mean 'min'"),
        (("strip_urls.wrappers", "keep,strip"), "takes a run for each value"),
        (("min_words.min", "1", "min_words.min", "2"), "given twice"),
    ],
)
def test_what_cant_be_swept_is_wrong_usage(data, words, complaint):
    """Exit 2, with the rule's own sentence."""
    said = inside("sweep", "baseline", *words, "--json", data=data)
    assert (said.rc, said.out) == (2, "")
    assert complaint in said.complaint
