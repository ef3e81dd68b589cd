"""A person's SQL is answered, and a hostile statement reaches nothing."""

from __future__ import annotations

import io
import threading
import time

import pyarrow.csv
import pyarrow.parquet
import pytest

from curation.asking.query import Query, QueryError, columns_of
from curation.asking.query.process import reply
from curation.asking.query.query import LONGEST
from curation.corpus.corpus import Corpus
from curation.disk.states import ReplacedError
from tests.cli.shell import inside
from tests.corpora import rule, write_corpus

IDS = ["9007199254740993", "9007199254740995", "3"]
POSTS = [
    {"id": post_id, "text": text, "raw_text": text, "author": "mira", "matched": ["min_words"] if text == "-" else []}
    for post_id, text in zip(IDS, ["=1+1 tea", "コーヒー", "-"], strict=True)
]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Corpus:
    """Three posts in two files, beside a file that is nobody's business."""
    folder = tmp_path_factory.mktemp("asked")
    corpus = write_corpus(folder, POSTS, rules=[rule("min_words", measure="min_words")], parts=2)
    (corpus.folder / "secret.csv").write_text("password\nhunter2\n", encoding="utf-8")
    return corpus


def files(corpus: Corpus) -> list[str]:
    """The files of a corpus."""
    return [str(corpus.folder / name) for name in corpus.manifest["files"]]


def ask(corpus: Corpus, statement: str, **settings: object):
    """The answer to a statement."""
    return Query(files(corpus), statement, **settings).run()


def test_posts_are_asked(corpus):
    """Ids are texts, rows are in order, the number of rows is bounded, and so it is said."""
    answer = ask(corpus, "SELECT id, text, id AS id FROM posts ORDER BY id DESC; -- a comment", rows=2)
    assert answer.table().to_pydict() == {"id": IDS[1::-1], "text": ["コーヒー", "=1+1 tea"], "id_1": IDS[1::-1]}
    assert (answer.rows, answer.more) == (2, True)
    all_of_them = ask(
        corpus, "WITH kept AS (FROM posts WHERE len(matched) = 0) SELECT count(*) AS n FROM kept, range(3)"
    )
    assert (all_of_them.table().to_pylist(), all_of_them.more) == ([{"n": 6}], False)


def test_the_command_line_asks_the_same(corpus, tmp_path):
    """`curation sql` prints a table, JSON or a CSV with the rows of the page; what is wrong is a sentence."""
    space = corpus.folder.parent.parent
    statement = "SELECT id, text FROM posts ORDER BY id"
    given = ["sql", statement, "--recipe", corpus.recipe]
    rows = [list(row) for row in corpus.rows(statement)]
    answer = inside(*given, "--json", data=space).json
    assert (answer["columns"], answer["rows"], answer["more"]) == (["id", "text"], rows, False)
    assert [line.split()[0] for line in inside(*given, data=space).out.splitlines()] == ["id", *(id for id, _ in rows)]
    assert inside(*given, "--csv", tmp_path / "a.csv", data=space).rc == 0
    assert pyarrow.csv.read_csv(tmp_path / "a.csv").num_rows == len(rows)
    wrong = inside("sql", "SELECT nope FROM posts", "--recipe", corpus.recipe, data=space)
    assert (wrong.rc, "nope" in wrong.err) == (2, True)
    assert inside("sql", "SELECT * FROM read_csv('secret.csv')", "--recipe", corpus.recipe, data=space).rc == 2


def test_answers_are_files(corpus):
    """A download holds all rows: as CSV, with lists as texts, and as Parquet, with their types."""
    statement = "SELECT id, matched, 1.5::DECIMAL(4, 1) AS n FROM posts ORDER BY text"
    table = pyarrow.csv.read_csv(io.BytesIO(ask(corpus, statement, format="csv").content))
    assert table.column("matched").to_pylist() == ["[min_words]", "[]", "[]"]
    parquet = pyarrow.parquet.read_table(io.BytesIO(ask(corpus, statement, format="parquet").content))
    assert parquet.column("matched").to_pylist() == [["min_words"], [], []]
    assert parquet.column("id").to_pylist() == [IDS[2], IDS[0], IDS[1]]


HOSTILE = [
    "SELECT * FROM read_csv('{folder}/secret.csv')", "SELECT * FROM '{folder}/secret.csv'",
    "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM read_blob('/etc/passwd')", "FROM glob('{folder}/*')",
    "SELECT * FROM sniff_csv('{folder}/secret.csv')", "SELECT * FROM read_parquet('{folder}/*.parquet')",
    "SELECT * FROM parquet_metadata('{file}')", "SELECT * FROM read_parquet('{file}')", "FROM query('SELECT 1')",
    "SELECT (SELECT count(*) FROM read_text('/etc/passwd'))", "WITH a AS (FROM glob('/*')) SELECT * FROM a",
    "SELECT * FROM 'https://example.org/x.parquet'", "SELECT * FROM duckdb_secrets()", "FROM duckdb_settings()",
    "COPY posts TO '{folder}/out.csv'", "COPY (SELECT 1) TO '{file}'", "EXPORT DATABASE '{folder}/out'",
    "ATTACH '{folder}/other.db'", "INSTALL httpfs", "LOAD httpfs", "SET memory_limit = '100GB'", "RESET memory_limit",
    "PRAGMA database_list", "CALL pragma_version()", "SELECT 1; SELECT 2", "SELECT 1; DROP VIEW posts",
    "CREATE TABLE x AS SELECT 1", "INSERT INTO posts VALUES (1)", "DELETE FROM posts", "DROP VIEW posts",
    "WITH x AS (DELETE FROM posts RETURNING *) SELECT * FROM x", "SELECT getenv('HOME')", "SELECT * FROM request",
    "SELECT * FROM pandas_scan(1)", "FROM which_secret('x', 's3')", "VACUUM", "CHECKPOINT", "PREPARE x AS FROM posts",
    "BEGIN", "EXPLAIN ANALYZE SELECT 1", "", "  -- nothing", "\0", "\udc80", "SELECT '" + "x" * LONGEST + "'",
]  # fmt: skip


def test_hostile_statements(corpus):
    """None is run, each is answered with a sentence, and no file is written, changed or shown.

    A few are asked of a process of their own, as all are in use; the others, to save its start, of the same code here.
    """
    before = {path: path.read_bytes() for path in corpus.folder.iterdir()}
    for number, statement in enumerate(HOSTILE):
        filled = statement.replace("{folder}", str(corpus.folder)).replace("{file}", files(corpus)[0])
        if number % 8 == 0 or not filled.isprintable() or not 0 < len(filled) <= LONGEST:
            with pytest.raises(QueryError) as refused:
                pytest.fail(f"{filled}: {ask(corpus, filled).content!r}")
            sentence = str(refused.value)
        else:
            head, content = reply(Query(files(corpus), filled).request())
            assert not content, filled
            sentence = head["error"]
        assert "hunter2" not in sentence
        assert "Traceback" not in sentence
    assert {path: path.read_bytes() for path in corpus.folder.iterdir()} == before


def test_an_error_shows_its_place(corpus):
    """A mistake is a sentence, with the line and a sign below the word."""
    with pytest.raises(QueryError, match="syntax error at or near") as wrong:
        ask(corpus, "SELECT id\nFORM posts WHERE")
    assert wrong.value.place.startswith("LINE 2: FORM posts")
    assert "^" in wrong.value.place
    with pytest.raises(QueryError, match='"nope" not found') as wrong:
        ask(corpus, "SELECT id,\n nope FROM posts")
    assert "LINE 2:  nope FROM posts" in wrong.value.place


def test_what_takes_too_long_is_ended(corpus):
    """A cross join without end is ended in time, or by the person who began it."""
    endless = (
        "SELECT count(*) FROM range(1000000) a, range(1000000) b, range(1000000) c WHERE a.range + b.range < c.range"
    )
    began = time.monotonic()
    with pytest.raises(QueryError, match="took more than 1 seconds"):
        ask(corpus, endless, seconds=1)
    query = Query(files(corpus), endless)
    threading.Timer(0.5, query.cancel).start()
    with pytest.raises(QueryError, match="Cancelled"):
        query.run()
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    "statement",
    ["SELECT repeat('x', 8000000000)", "SELECT list(a.range) FROM range(30000) a, range(30000) b"],
    ids=["one value", "many values"],
)
def test_what_takes_too_much_memory_is_ended(corpus, statement):
    """A value or a group larger than the bound of memory is refused, and this process lives on."""
    with pytest.raises(QueryError, match=r"more memory|Cannot|exceed|Maximum|too large|more than"):
        ask(corpus, statement, seconds=20)


def test_replaced_files(corpus, tmp_path):
    """A file that a run has replaced is no error of the statement."""
    with pytest.raises(ReplacedError):
        Query([str(tmp_path / "gone.parquet")], "SELECT 1").run()


def test_columns_have_types_and_words(corpus):
    """Text and verdict come first, then measures, then what was downloaded; each has a sentence."""
    columns = columns_of(corpus)
    assert [column.name for column in columns][:3] == ["text", "raw_text", "removed_by"]
    assert {column.name: column.type for column in columns}["matched"] == "VARCHAR[]"
    assert not [column.name for column in columns if not column.doc]
