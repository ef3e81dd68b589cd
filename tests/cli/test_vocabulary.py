"""`curation words`: its figures in JSON, its text, its graph, and what it says when there is nothing to count."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET

import pytest

from tests.cli.shell import inside


@pytest.fixture(scope="module")
def data(demonstrated, tmp_path_factory):
    """The sample, landed and curated; its index of words is kept here."""
    return shutil.copytree(demonstrated / "data", tmp_path_factory.mktemp("words") / "data")


def test_json_has_every_part_and_agrees_with_the_ledger(data):
    """The kept posts are the ledger's, and those that each rule removes too."""
    answer = inside("words", "--json", "--top", "5", data=data).json
    assert list(answer) == [
        "schema", "recipe", "author", "posts", "least_posts", "voice", "keyness", "lists", "network", "rhythm",
        "lengths", "languages",
    ]  # fmt: skip
    total = inside("ledger", "--json", data=data).json["total"]
    assert answer["posts"] == total["kept"]
    rules = {each["name"]: each["posts_a"] for each in answer["keyness"] if each["kind"] == "rule"}
    assert rules
    assert {name: total["removed"][name] for name in rules} == rules
    assert max(len(each["words"][side]) for each in answer["keyness"] for side in "ab") <= 5
    assert sum(map(sum, answer["rhythm"]["hours"])) <= total["kept"]


def test_the_text_names_words_and_the_graph_is_xml(data, tmp_path):
    """One author's words for a person; the graph is written where it was asked for."""
    said = inside(
        "words", "--author", "marlow_of_the_lamp", "--gexf", str(tmp_path / "net.gexf"), "--offset", "+2", data=data
    )
    assert said.rc == 0, said.err
    assert "Words" in said.out
    assert "marlow_of_the_lamp" in said.out
    assert ET.parse(tmp_path / "net.gexf").getroot().tag.endswith("gexf")


@pytest.mark.parametrize(
    ("words", "rc", "named"),
    [
        (["--rule", "retwet"], 3, "retweet"),
        (["--author", "nobody_here"], 3, "nobody_here"),
        (["--offset", "noon"], 2, "--offset noon"),
        (["--top", "0"], 2, "--top"),
        (["--against", "baseline"], 2, "same corpus"),
    ],
)
def test_wrong_words_are_sentences(data, words, rc, named):
    """Each is one paragraph, and names what was given."""
    said = inside("words", *words, data=data)
    assert said.rc == rc
    assert named in said.err
