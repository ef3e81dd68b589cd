"""`curation card`: the published tables, and where a card goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import inside
from tests.corpora import rule, write_corpus

RULES = [rule("retweet", label="Retweets"), rule("min_words", label="Short tweets")]


def posts(author: str, name: str, retweets: int, short: int, kept: int) -> list[dict[str, Any]]:
    """So many posts of an author with each verdict."""
    verdicts = ["retweet"] * retweets + ["min_words"] * short + [None] * kept
    return [{"author": author, "author_name": name, "removed_by": verdict} for verdict in verdicts]


def test_the_published_table_of_one_author(tmp_path: Path) -> None:
    """Character for character."""
    write_corpus(tmp_path, posts("ada", "Ada", 2040, 351, 770), recipe="huggingtweets", rules=RULES)
    said = inside("card", "huggingtweets", "--kind", "table", data=tmp_path)
    assert (said.rc, said.err) == (0, "")
    assert said.out == (
        "| Data | Quantity |\n"
        "| --- | --- |\n"
        "| Tweets downloaded | 3161 |\n"
        "| Retweets | 2040 |\n"
        "| Short tweets | 351 |\n"
        "| Tweets kept | 770 |\n"
    )


def test_the_published_table_of_three_authors(tmp_path: Path) -> None:
    """Character for character: by name, and in the order in which authors are asked for."""
    rows = [
        *posts("three", "Sergiusz G.", 23, 671, 2555),
        *posts("two", "SA Wardega", 1, 32, 108),
        *posts("one", "Karol Wiśniewski", 3, 33, 235),
    ]
    write_corpus(tmp_path, rows, recipe="huggingtweets", rules=RULES)
    published = (
        "| Data | Karol Wiśniewski | SA Wardega | Sergiusz G. |\n"
        "| --- | --- | --- | --- |\n"
        "| Tweets downloaded | 271 | 141 | 3249 |\n"
        "| Retweets | 3 | 1 | 23 |\n"
        "| Short tweets | 33 | 32 | 671 |\n"
        "| Tweets kept | 235 | 108 | 2555 |\n"
    )
    table = ["card", "huggingtweets", "--kind", "table"]
    chosen = ["--author", "one", "--author", "two", "--author", "three"]
    assert inside(*table, data=tmp_path).out == inside(*table, *chosen, data=tmp_path).out == published
    turned = inside(*table, "--author", "three", "--author", "one", data=tmp_path)
    assert turned.out.startswith("| Data | Sergiusz G. | Karol Wiśniewski |\n")


def test_it_is_printed_written_or_json(workspace: Path, tmp_path: Path) -> None:
    """The same text on stdout, in a file, and in JSON with its figures; what is no result goes to stderr."""
    printed = inside("card", data=workspace)
    assert printed.rc == 0
    assert printed.out.startswith("---\n")
    assert "Note: " in printed.err
    answer = inside("card", "--json", data=workspace).json
    assert list(answer) == ["schema", "recipe", "kind", "text", "figures"]
    assert (answer["recipe"], answer["kind"], answer["text"]) == ("baseline", "dataset", printed.out)
    assert answer["figures"]["ledger"]["total"]["kept"] == answer["figures"]["posts"] == 337
    out = tmp_path / "new" / "README.md"
    assert inside("card", "--out", out, data=workspace).out == f"{out}\n"
    assert out.read_text("utf-8") == printed.out
    assert inside("card", "--out", out, "--json", data=workspace).json["path"] == str(out)
    assert list(out.parent.iterdir()) == [out]


def test_beside_an_export_it_is_its_readme(workspace: Path) -> None:
    """Written into the folder of the export, it needs no word about its place."""
    folder = workspace / "exports" / "baseline"
    said = inside("card", "--out", folder / "README.md", "--contact", "someone@example.org", data=workspace)
    assert (said.rc, said.err) == (0, "")
    assert 'path: "train.jsonl"' in (folder / "README.md").read_text("utf-8")


def test_a_place_that_is_a_folder_is_refused(workspace: Path) -> None:
    """Nothing is written, and the message names a file."""
    said = inside("card", "--out", workspace, data=workspace)
    assert said.rc == 1
    assert "README.md" in said.complaint


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["--kind", "modle"], "Did you mean 'model'"),
        (["--base-model", "gpt2"], "--base-model is for --kind model"),
        (["--kind", "model", "--contact", "me"], "--contact is for --kind dataset"),
        (["--kind", "model", "--hyperparameter", "lr"], "name=value"),
        (["--kind", "model", "--explore", "javascript:alert(1)"], "begins with https://"),
        (["--kind", "model", "--thumbnail", "https://example.org/a b"], "without blanks"),
    ],
)
def test_wrong_options_are_said(workspace: Path, words: list[str], hint: str) -> None:
    """Exit code 2, and what would be right."""
    said = inside("card", *words, data=workspace)
    assert said.rc == 2
    assert hint in said.complaint


def test_a_recipe_that_was_not_run_has_no_card(workspace: Path) -> None:
    """Exit code 3, with the way to make it."""
    said = inside("card", "strict", data=workspace)
    assert said.rc == 3
    assert "curation run strict" in said.complaint
