"""A corpus read while runs replace it, and one that can't be read."""

from __future__ import annotations

import json
import shutil

import duckdb
import pytest

from curation.corpus.corpus import Corpus
from curation.corpus.ledger import Ledger
from curation.errors import NothingToDoError, WorkspaceError
from tests.cli.shell import inside
from tests.corpora import rule, write_corpus


def replace(workspace, rows, rules=None):
    """What a new run does to a corpus: files of other names, and the old ones gone."""
    new = write_corpus(workspace / "elsewhere", rows, rules=rules)
    old = workspace / "curated" / "invented"
    shutil.rmtree(old)
    new.folder.rename(old)
    for name in new.manifest["files"]:
        (old / name).rename(old / f"new-{name}")
    manifest = {**new.manifest, "files": [f"new-{name}" for name in new.manifest["files"]]}
    (old / "manifest.json").write_text(json.dumps(manifest))


def test_a_corpus_answers_sql(tmp_path):
    """Frames, tuples and batches are the same answer, and `?` takes the parameters."""
    corpus = write_corpus(tmp_path, [{"author": "mira"}, {"author": "tom"}, {"author": "tom"}], parts=2)
    statement = "SELECT id FROM posts WHERE author = ? ORDER BY id"
    assert corpus.query(statement, ["tom"]).rows() == [("2",), ("3",)]
    assert corpus.rows(statement, ["tom"]) == [("2",), ("3",)]
    batches = list(corpus.batches(statement, ["tom"], rows=1))
    assert [batch["id"].to_pylist() for batch in batches] == [["2"], ["3"]]
    assert list(corpus.batches(statement, ["nobody"])) == []
    assert corpus.authors() == ["mira", "tom"]


def test_a_query_after_a_new_run_is_answered_from_the_new_files(tmp_path):
    """A corpus that was opened before a run reads what the run wrote, and its manifest."""
    corpus = write_corpus(tmp_path, [{"author": "mira"}])
    replace(tmp_path, [{"author": "tom"}, {"author": "zoe"}], rules=[rule("retweet")])
    assert corpus.authors() == ["tom", "zoe"]
    assert corpus.query("SELECT count(*) AS n FROM posts")["n"].to_list() == [2]
    assert [batch.num_rows for batch in corpus.batches("SELECT id FROM posts")] == [2]
    assert corpus.reading(lambda _, manifest: manifest["recipe"]["rules"][0]["name"]) == "retweet"


def test_work_that_finds_the_disk_full_blames_no_file(tmp_path, monkeypatch):
    """What a query writes is no part of the corpus; the command says what is missing, and doesn't call it a defect."""
    full = duckdb.IOException('Async write failed: {"exception_message":"… words.parquet: No space …","errno":"28"}')

    def work(*_: object, **__: object) -> None:
        raise full

    with pytest.raises(duckdb.IOException):
        write_corpus(tmp_path, [{"author": "mira"}]).reading(work)
    monkeypatch.setattr(Ledger, "of", work)
    assert inside("ledger", "invented", data=tmp_path).complaint.startswith(
        "Can't write what this takes: No space left"
    )


def test_a_run_in_the_middle_of_a_query_makes_it_be_asked_again(tmp_path):
    """Work that loses its files halfway is done anew on the new files."""
    corpus = write_corpus(tmp_path, [{"author": "mira"}])
    seen = []

    def ask(connection, manifest):
        seen.append(manifest["files"])
        if len(seen) == 1:
            replace(tmp_path, [{"author": "tom"}])
        return connection.execute("SELECT author FROM posts").fetchall()

    assert corpus.reading(ask) == [("tom",)]
    assert seen == [["part-00000.parquet"], ["new-part-00000.parquet"]]


def test_a_damaged_or_missing_file_is_said_in_a_sentence(tmp_path):
    """A truncated file, an emptied one and one that is gone name the corpus and how to make it again."""
    corpus = write_corpus(tmp_path, [{"author": "mira"}, {"author": "tom"}], parts=2)
    part = corpus.folder / "part-00001.parquet"
    whole = part.read_bytes()
    for damaged in (whole[: len(whole) // 2], b""):
        part.write_bytes(damaged)
        with pytest.raises(WorkspaceError, match=r"curated/invented.*curation run invented"):
            corpus.authors()
    part.unlink()
    with pytest.raises(WorkspaceError, match="curation run invented"):
        corpus.query("SELECT * FROM posts")
    shutil.rmtree(corpus.folder)
    with pytest.raises(WorkspaceError, match="curation run invented"):
        next(corpus.batches("SELECT * FROM posts"))


def test_a_wrong_question_is_the_askers_error(tmp_path):
    """A query that doesn't fit the table is no damaged corpus."""
    corpus = write_corpus(tmp_path, [{"author": "mira"}])
    with pytest.raises(Exception, match="nonsense") as raised:
        corpus.rows("SELECT nonsense FROM posts")
    assert not isinstance(raised.value, WorkspaceError)


def test_a_recipe_that_was_not_run_is_named_with_those_that_were(tmp_path):
    """`Corpus.open` says what there is and how to make what there isn't."""
    write_corpus(tmp_path, [])
    with pytest.raises(NothingToDoError, match=r"Did you mean 'invented'.*curation run invente"):
        Corpus.open(tmp_path, "invente")
    with pytest.raises(NothingToDoError, match="No recipe has been run"):
        Corpus.open(tmp_path / "empty")


def test_a_folder_whose_name_looks_like_a_pattern_is_read(tmp_path):
    """`[` and `*` in a path are not wildcards."""
    corpus = write_corpus(tmp_path / "da[t]a *", [{"author": "mira"}])
    assert corpus.authors() == ["mira"]
