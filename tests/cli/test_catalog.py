"""`curation rules`, `recipes`, `sources`, `demo`, and the ways not to call a command."""

from __future__ import annotations

import json
import re

import pytest

from tests.cli.shell import curation, inside
from tests.cli.test_sample import ARCHIVE, JSONL, TABLE

VERBS = ("collect", "run", "ledger", "explain", "export", "rules", "recipes", "sources", "demo")


def test_rules_have_parameters_defaults_and_docs():
    """`rules NAME --json` describes one rule; without a name all of them, in the same form."""
    [rule] = inside("rules", "min_words", "--json").json["rules"]
    assert rule.keys() >= {"use", "kind", "label", "summary", "details", "parameters"}
    assert (rule["use"], rule["kind"]) == ("min_words", "filter")
    parameters = {parameter["name"]: parameter for parameter in rule["parameters"]}
    assert parameters["min"]["default"] == "3"
    assert all(parameter.keys() >= {"name", "default", "doc"} for parameter in rule["parameters"])
    everything = inside("rules", "--json").json["rules"]
    assert rule in everything
    assert {"retweet", "fix_mojibake", "exact_duplicate", "where"} <= {each["use"] for each in everything}
    assert all(each["summary"] for each in everything)


def test_rules_are_shown_to_people(tmp_path):
    """The list names every rule under its kind; one rule shows how it stands in a recipe."""
    listed = inside("rules").out
    assert (
        listed.index("Transforms") < listed.index("  strip_urls") < listed.index("Filters") < listed.index("  retweet")
    )
    assert 'use = "min_words"' in inside("rules", "min_words").out


def test_recipes_can_be_read_and_begun_with(tmp_path):
    """`recipes NAME` prints the file as it stands, which `recipes PATH` takes again with the same rules."""
    listed = inside("recipes", "--json").json["recipes"]
    assert [recipe["name"] for recipe in listed] == ["baseline", "huggingtweets", "strict"]
    printed = inside("recipes", "huggingtweets").out
    assert '[[rule]]\nuse = "retweet"' in printed
    (tmp_path / "copy.toml").write_text(printed, encoding="utf-8")
    [again] = curation("recipes", tmp_path / "copy.toml", "--json").json["recipes"]
    assert again == listed[1]


def test_sources_say_what_they_need():
    """`sources` lists each source with what it needs and gives, and the options of `collect` that it takes."""
    listed = {source["name"]: source for source in inside("sources", "--json").json["sources"]}
    assert set(listed) >= {"x-archive", "file"}
    assert all(source["summary"] and source["needs"] and source["gives"] for source in listed.values())
    reading = {"author", "dates", "encoding", "format", "map", "platform", "private"}
    assert set(listed["file"]["options"]) == reading
    assert "auto" in listed["file"]["formats"]
    forms = [line for line in inside("sources", "file").out.splitlines() if line.startswith("    --format ")]
    assert "--format csv" in " ".join(" ".join(forms).split())
    assert len({len(re.match(r" +--format \S+ +", line)[0]) for line in forms}) == 1  # the meanings are one column


def test_demo_shows_every_command_and_ends_with_ledger_and_paths(demonstrated):
    """`demo --json` holds the landings, the ledger and the files; stderr shows the commands as one types them."""
    answer = json.loads((demonstrated / "said.json").read_text(encoding="utf-8"))
    assert answer["schema"] == 1
    assert [landing["landed"] for landing in answer["collect"]] == [157, 130, 130]
    assert answer["ledger"]["total"]["downloaded"] == 417
    assert [file["format"] for file in answer["export"]["files"]] == ["text", "text", "jsonl", "jsonl"]
    said = (demonstrated / "said.txt").read_text(encoding="utf-8")
    assert [line.split()[2] for line in said.splitlines() if line.startswith("$ curation ")] == [
        "collect",
        "collect",
        "collect",
        "run",
        "export",
        "ledger",
    ]


def test_the_commands_of_the_demo_do_what_it_does(demonstrated, tmp_path):
    """Typing what the demo shows gives the same ledger."""
    for source, path in (("x-archive", ARCHIVE), ("file", JSONL), ("file", TABLE)):
        assert inside("collect", source, path, data=tmp_path / "data").rc == 0
    assert inside("run", data=tmp_path / "data").rc == 0
    answer = json.loads((demonstrated / "said.json").read_text(encoding="utf-8"))
    assert inside("ledger", "--json", data=tmp_path / "data").json == answer["ledger"]


def test_demo_takes_a_fresh_folder_only(workspace, tmp_path):
    """A folder with something in it is refused, exit 2, and stays as it was; the default name is free."""
    said = inside("demo", data=workspace)
    assert said.rc == 2
    assert str(workspace) in said.complaint
    printed = curation("demo", cwd=tmp_path)
    assert printed.rc == 0
    assert "\nTraining text:\n  curation-demo/exports/baseline/train.txt" in printed.out
    assert "total " in printed.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["frobnicate"], "No such command 'frobnicate'"),
        (["run", "--frobnicate"], "No such option: --frobnicate"),
        (["collect", "file"], "Missing argument"),
        (["run", "--workers", "two"], "--workers"),
        (["run", "--memory-limit", "3"], "at least 100MB"),
        (["run", "--memory-limit", "2000000TB"], "no machine has so much"),
        (["run", "--memory-limit", "9" * 400], "no machine has so much"),
        (["collect", "carrier-pigeon", "coo"], "There is no source 'carrier-pigeon'"),
        (["collect", "x-archive", "a.zip", "--map", "text=a"], "takes no --map"),
        (["collect", "x-archive", "a.zip", "b.zip"], "one target at a time"),
        (["collect", "file", "a.csv", "--map", "text"], "field=column"),
        (["ledger", "--by", "auhtor"], "Did you mean 'author'?"),
        (["ledger", "--format", "xls"], "csv, json, markdown, table"),
        (["rules", "min_wrods"], "Did you mean 'min_words'?"),
        (["recipes", "basline"], "Did you mean 'baseline'?"),
        (["sources", "fil"], "Did you mean 'file'?"),
    ],
)
def test_wrong_usage_is_2_and_says_what_is_right(demonstrated, words, said):
    """An unknown command, option, rule, recipe, source or value: exit 2, the reason, nothing on stdout."""
    data = demonstrated / "data" if words[0] in ("ledger", "run") else None
    answer = inside(*words, data=data)
    assert (answer.rc, answer.out) == (2, "")
    assert said in answer.err
    assert answer.err.strip()


def test_no_command_shows_the_help():
    """`curation` alone shows the commands, exit 2; `--help` does so with exit 0, for each command as well."""
    assert curation().rc == 2
    shown = curation("--help")
    assert shown.rc == 0
    assert all(f"  {verb} " in shown.out for verb in VERBS)
    assert "--rules" in curation("run", "--help").out
