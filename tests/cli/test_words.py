"""Words that are no text and no name: bytes that are not UTF-8, NULs, names and numbers that are too long."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from curation.corpus.pins.pin_file import Pins
from tests.cli.shell import Said, inside, jsonl, landed

#: Names as old zips and other systems have them, in bytes that are not UTF-8.
NAMES = {
    "Latin-1": "café".encode("latin-1"),
    "Shift-JIS": "三匹の猫".encode("shift_jis"),
    "cp1251": "кошки".encode("cp1251"),
    "ISO-8859-6": "قطط".encode("iso8859-6"),
}

POSTS = [
    {"id": "1", "author": "mira", "text": "three quiet herons stand here"},
    {"id": "2", "author": "mira", "text": "ثلاث قطط تنام تحت الطاولة"},
    {"id": "3", "author": "mira", "text": "三匹の猫がテーブルの下で眠っている"},
]


def named(name: str, ending: str = "") -> str:
    """A name as Python has it."""
    return os.fsdecode(NAMES[name]) + ending


def refused(said: Said, *words: str, rc: int = 2) -> None:
    """One sentence, with these words in it."""
    assert said.rc == rc, said.err
    for word in words:
        assert word in said.complaint, said.complaint
    assert len(said.complaint) < 700


@pytest.mark.parametrize("name", NAMES)
def test_files_of_any_name_land_and_runs_are_recorded(tmp_path: Path, name: str) -> None:
    """The name stays what it is: a second look finds it, and the records say it such that it can be read again."""
    data = tmp_path / "data"
    folder = tmp_path / named(name)
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this file system takes names in UTF-8 only")
    file = jsonl(folder / named(name, ".jsonl"), POSTS)
    assert inside("collect", "file", file, data=data).rc == 0
    assert inside("collect", "file", folder, data=data).rc == 0
    assert inside("collect", "file", folder / f"missing-{named(name)}", data=data).rc == 1
    assert inside("run", data=data).rc == 0
    assert len(landed(data)) == 3
    runs = inside("runs", "--json", data=data).json["runs"]
    assert [run["job"] for run in runs] == ["run", "collect", "collect", "collect"]
    assert runs[-1]["inputs"][0]["files"][0]["path"] == str(file)
    assert inside("runs", data=data).rc == 0
    assert inside("sources", "--status", data=data).rc == 0
    assert inside("lineage", data / "curated" / "baseline", data=data).rc == 0
    manifest = next(data.glob("raw/*/manifest.json"))
    assert json.loads(manifest.read_text(encoding="utf-8"))["target"] == str(file)


@pytest.mark.parametrize("name", ["Shift-JIS", "ISO-8859-6"])
def test_a_report_may_have_any_name_and_the_database_not(tmp_path: Path, name: str) -> None:
    """What Python writes can have it; what DuckDB writes is refused before anything is done, in readable words."""
    data = tmp_path / "data"
    jsonl(tmp_path / "posts.jsonl", POSTS)
    inside("collect", "file", tmp_path / "posts.jsonl", data=data)
    inside("run", data=data)
    readable = "\\x"
    refused(inside("export", "--out", tmp_path / named(name), data=data), "--out", "UTF-8", readable)
    refused(inside("run", data=tmp_path / named(name)), "--data", "UTF-8", readable)
    assert not (tmp_path / named(name)).exists()
    page = tmp_path / named(name, ".html")
    assert inside("report", "--out", page, "--samples", "1", data=data).rc == 0
    assert page.is_file()
    assert [run["job"] for run in inside("runs", "--json", data=data).json["runs"]] == ["report", "run", "collect"]


@pytest.mark.parametrize("option", ["--author", "--platform"])
@pytest.mark.parametrize("name", NAMES)
def test_bytes_in_a_text_become_the_replacement_and_are_said(tmp_path: Path, name: str, option: str) -> None:
    """As in a post."""
    (tmp_path / "posts.jsonl").write_text('{"id": "1", "text": "three quiet herons"}\n')
    said = inside("collect", "file", tmp_path / "posts.jsonl", option, named(name), "--json", data=tmp_path / "data")
    assert said.rc == 0, said.err
    assert f"{option} '" in said.err
    assert "U+FFFD" in said.err
    assert said.json["landed"] == 1


@pytest.mark.parametrize(
    "words",
    [
        ["ledger", "baseline", "--author", "caf\udce9"],
        ["pin", "1", "--keep", "--note", "caf\udce9"],
        ["pin", "1", "--keep", "--platform", "\ud83d"],
        ["export", "baseline", "--search", "caf\udce9"],
        ["export", "baseline", "--where", "text = 'caf\udce9'"],
        ["export", "baseline", "--format", "conversational", "--instruction", "\ud83d"],
        ["forget", "--author", "caf\udce9"],
        ["run", "--set", "min_words.min=\udce9"],
        ["collect", "file", "posts.jsonl", "--map", "text=\udce9"],
        ["card", "baseline", "--contact", "\udce9"],
        ["explain", "\udce9"],
    ],
    ids=" ".join,
)
def test_no_option_fails_over_half_a_character(workspace: Path, words: list[str]) -> None:
    """Whatever comes of it, it is a result or a sentence."""
    said = inside(*words, data=workspace)
    assert said.rc in (0, 1, 2, 3, 4)
    assert "should not have" not in said.err


LONG = "x" * 300


@pytest.mark.parametrize("name", [LONG, "a\0b", "/".join(["d" * 200] * 30)], ids=["a name", "a NUL", "a path"])
@pytest.mark.parametrize(
    "words",
    [
        ["run", "{}"],
        ["ledger", "{}"],
        ["compare", "baseline", "{}"],
        ["report", "baseline", "--against", "{}"],
        ["recipes", "{}"],
        ["lineage", "{}"],
        ["generate", "{}"],
        ["trace", "{}", "3"],
        ["export", "baseline", "--out", "{}"],
        ["report", "baseline", "--out", "{}"],
        ["run", "--rules", "{}"],
        ["check", "--pins", "{}"],
        ["runs", "--data", "{}"],
    ],
    ids=" ".join,
)
def test_a_name_that_no_file_can_have_is_wrong_usage(words: list[str], name: str) -> None:
    """Said with what was typed, shortened."""
    said = inside(*(word.format(name) for word in words))
    if "embedded null byte" in said.err:  # what the command line is read with refuses it
        assert said.rc == 2
        return
    refused(said, "is no name of a file", "NUL" if "\0" in name else "bytes")


@pytest.mark.parametrize("words", [["run", "--data", ""], ["run", "--data="], ["export", "--out", ""]], ids=" ".join)
def test_an_empty_path_is_not_this_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    """As of an unset variable in a script; nothing is written."""
    monkeypatch.chdir(tmp_path)
    assert inside(*words).complaint.startswith(f"{words[1].rstrip('=')} is empty.")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", [LONG, "a\0b"], ids=["a name", "a NUL"])
@pytest.mark.parametrize("source", ["file", "x-archive"])
def test_a_target_that_no_file_can_have_is_a_sentence(tmp_path: Path, source: str, name: str) -> None:
    """A target may be an address, which is longer than a name of a file may be."""
    said = inside("collect", source, tmp_path / name, data=tmp_path / "data")
    assert said.rc in (1, 2)
    assert "should not have" not in said.complaint


NESTED = {
    "brackets": "(" * 5000 + "true" + ")" * 5000,
    "negations": "NOT " * 3000 + "true",
    "sums": "1" + " + 1" * 5000 + " > 2",
    "cases": "CASE WHEN true THEN " * 600 + "true" + " END" * 600,
}


@pytest.mark.parametrize("case", NESTED)
def test_a_condition_that_is_nested_too_deeply_is_refused(tmp_path: Path, case: str) -> None:
    """With the recipe and the rule, and not with all of the condition."""
    recipe = tmp_path / "mine.toml"
    recipe.write_text(f'[[rule]]\nuse = "where"\nremoves = "{NESTED[case]}"\n')
    refused(inside("recipes", recipe), "mine.toml, rule 1", "where")


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        (f'[[rule]]\nuse = "min_words"\nmin = {"9" * 4400}\n', ["not valid TOML", "4,300 digits", "line 3"]),
        (f'[[rule]]\nuse = "min_words"\nmin = {"9" * 400}\n', ["rule 1", "min", "64 bits"]),
        (f'[[rule]]\nuse = "min_words"\nmin = 0x{"f" * 5000}\n', ["rule 1", "min", "64 bits"]),
        (f'name = "a"\n\n\n[[rule]]\nuse = {"[" * 3000}{"]" * 3000}\n', ["nested too deeply", "line 5"]),
        (f'name = "a"\nrule = {"{a=" * 900}1{"}" * 900}\n', ["nested too deeply", "line 2"]),
        ('name = "\\ud83d"\n', ["not valid TOML", "line 1"]),
        ("description = 7\n", ["description = 7", "text in quotes"]),
    ],
    ids=["digits", "beyond 64 bits", "hexadecimal", "lists", "tables", "half a character", "no text"],
)
def test_numbers_and_nesting_without_end_are_said_with_their_line(tmp_path: Path, toml: str, words: list[str]) -> None:
    """In a recipe; in pins as well."""
    recipe = tmp_path / "mine.toml"
    recipe.write_text(toml)
    refused(inside("recipes", recipe), "mine.toml", *words)
    if "TOML" in words[0]:
        pins = tmp_path / "pins.toml"
        pins.write_text(toml)
        refused(inside("pin", "--pins", pins, data=tmp_path / "data"), "pins.toml", *words, rc=1)


@pytest.mark.parametrize("id", ["9" * 4400, "0x" + "f" * 5000, "17.5", "true"])
def test_an_id_that_is_no_text_is_said_with_the_pin(tmp_path: Path, id: str) -> None:
    """A whole number is taken as the text that it is."""
    path = tmp_path / "pins.toml"
    path.write_text(f'[[pin]]\nplatform = "x"\nid = {id}\nwant = "kept"\n')
    refused(inside("pin", "--pins", path, data=tmp_path / "data"), "pins.toml", rc=1)
    path.write_text('[[pin]]\nplatform = "x"\nid = 1288834974657\nwant = "kept"\n')
    assert Pins.read(path).pins[0].id == "1288834974657"
