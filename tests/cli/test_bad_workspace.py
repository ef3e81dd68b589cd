"""Data folders that are missing, damaged or no folders: what is said, and that a way back exists."""

from __future__ import annotations

import pytest

from tests.cli.shell import curation, inside, jsonl, kept
from tests.cli.test_sample import ARCHIVE

POST = {"id": "1", "author": "mira", "text": "one single invented post"}

VERBS = {
    "run": ["run"],
    "ledger": ["ledger"],
    "explain": ["explain", "1"],
    "export": ["export", "--format", "jsonl"],
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_workspace_without_anything_is_nothing_to_do(tmp_path, verb):
    """Nothing landed, nothing run: exit 3, the command to begin with, and no folder is made."""
    said = inside(*VERBS[verb], "--json", data=tmp_path / "data")
    assert (said.rc, said.out) == (3, "")
    assert f"curation {'collect' if verb == 'run' else 'run'}" in said.complaint
    assert not (tmp_path / "data").exists()


def test_a_recipe_that_never_ran_is_nothing_to_do(demonstrated):
    """Ledger, explain and export of another recipe: exit 3, and the recipes that ran."""
    for words in (["ledger", "huggingtweets"], ["explain", "1", "--recipe", "strict"], ["export", "../baseline"]):
        said = inside(*words, data=demonstrated / "data")
        assert said.rc == 3
        assert "There is: baseline" in said.complaint


def test_an_author_who_is_not_there(demonstrated):
    """An unknown author: exit 3 and the closest name, on stderr alone."""
    said = inside("ledger", "--author", "marlow_of_the_lam", "--json", data=demonstrated / "data")
    assert (said.rc, said.out) == (3, "")
    assert "Did you mean 'marlow_of_the_lamp'?" in said.complaint


@pytest.mark.parametrize("place", ["a file", "below a file"])
def test_a_data_folder_that_is_a_file_is_refused(tmp_path, place):
    """Exit 1 and the path, for every verb; the file stays as it is."""
    file = tmp_path / "notes.txt"
    file.write_text("mine")
    data = file if place == "a file" else file / "data"
    post = jsonl(tmp_path / "one.jsonl", [POST])
    for words in (["collect", "file", post], *VERBS.values()):
        said = inside(*words, data=data)
        assert said.rc == 1, words
        assert str(data) in said.complaint
        assert "--data DIR" in said.complaint
    assert file.read_text() == "mine"


def test_a_folder_to_export_to_that_is_a_file_is_refused(demonstrated, tmp_path):
    """`--out` below a file: exit 1, the path, the option."""
    (tmp_path / "notes.txt").write_text("mine")
    said = curation("export", "--out", tmp_path / "notes.txt/out", data=demonstrated / "data")
    assert said.rc == 1
    assert "--out DIR" in said.complaint


def cut(path):
    """Take the end of a file away."""
    path.write_bytes(path.read_bytes()[:-200])


def overwritten(path):
    """Damage the inside of a file."""
    content = bytearray(path.read_bytes())
    content[100 : len(content) // 2] = bytes(len(content) // 2 - 100)
    path.write_bytes(content)


#: What can happen to a landing: the file, and what is done to it.
DAMAGE = {
    "a manifest that is cut off": ("manifest.json", cut),
    "a manifest of something else": ("manifest.json", lambda path: path.write_text("[]")),
    "a manifest that is gone": ("manifest.json", lambda path: path.unlink()),
    "posts that are cut off": ("part-00000.parquet", cut),
    "posts that are gone": ("part-00000.parquet", lambda path: path.unlink()),
    "posts that are overwritten": ("part-00000.parquet", overwritten),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_a_damaged_landing_is_named_and_the_rest_still_answers(workspace, tmp_path, case):
    """Run and collect stop with exit 1, the place and the way on; the ledger answers as before."""
    name, damage = DAMAGE[case]
    landing = next(workspace.glob("raw/*-x-archive"))
    before = inside("ledger", "--json", data=workspace).json
    damage(landing / name)
    said = inside("run", "--again", data=workspace)
    assert said.rc == 1
    assert str(landing) in said.complaint
    if damage is not overwritten:  # what is inside is not read when other posts land
        assert "collect its input again" in said.complaint
        other = inside("collect", "file", jsonl(tmp_path / "one.jsonl", [POST]), data=workspace)
        assert (other.rc, str(landing) in other.complaint) == (1, True)
    assert inside("ledger", "--json", data=workspace).json == before


def test_landing_the_input_again_mends_a_damaged_landing(workspace, tmp_path):
    """Doing what the message says, moving the landing away and collecting again, gives the corpus that was."""
    verdicts = kept(workspace, "baseline")
    landing = next(workspace.glob("raw/*-x-archive"))
    cut(landing / "part-00000.parquet")
    landing.rename(tmp_path / "moved away")
    assert curation("collect", "x-archive", ARCHIVE, data=workspace).rc == 0
    assert curation("run", "--again", data=workspace).rc == 0
    assert kept(workspace, "baseline") == verdicts


#: What can happen to a corpus.
LOSS = {
    "a manifest that is cut off": ("manifest.json", cut),
    "a manifest of something else": ("manifest.json", lambda path: path.write_text("{}")),
    "posts that are cut off": ("part-*.parquet", cut),
    "posts that are gone": ("part-*.parquet", lambda path: path.unlink()),
}


@pytest.mark.parametrize("case", LOSS)
def test_a_damaged_corpus_is_named_and_made_anew(workspace, case):
    """Ledger and export stop with exit 1 and `curation run`, which notices by itself and makes it anew."""
    pattern, damage = LOSS[case]
    verdicts = kept(workspace, "baseline")
    damage(sorted((workspace / "curated/baseline").glob(pattern))[0])
    for words in (["ledger", "--json"], ["export", "--format", "jsonl", "--json"]):
        said = inside(*words, data=workspace)
        assert (said.rc, said.out) == (1, "")
        assert str(workspace / "curated/baseline") in said.complaint
        assert "curation run baseline" in said.complaint
    assert inside("run", "--json", data=workspace).json["status"] == "complete"
    assert kept(workspace, "baseline") == verdicts
