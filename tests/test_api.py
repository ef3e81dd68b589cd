"""The same from Python: what `import curation` gives, and that it is what the command line does."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import curation
from curation.errors import InputError, NothingToDoError, RecipeError, RefusedError, UsageError
from tests.cli.shell import inside, jsonl, kept
from tests.cli.test_sample import ARCHIVE, JSONL, TABLE


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """The sample, landed and curated from Python; only read by the tests."""
    data = tmp_path_factory.mktemp("api") / "data"
    landings = [curation.collect(data, "x-archive", ARCHIVE), curation.collect(data, "file", JSONL, TABLE)]
    assert [(landing.status, landing.landed) for landing in landings] == [("complete", 157), ("complete", 260)]
    assert curation.run(data, "baseline").recipe == "baseline"
    return data


def test_five_lines_from_an_archive_to_training_text(tmp_path):
    """Collect, run, ledger, export: each gives what the next one takes."""
    curation.collect(tmp_path / "data", "x-archive", ARCHIVE)
    corpus = curation.run(tmp_path / "data", "baseline")
    ledger = curation.Ledger.of(corpus)
    result = curation.export(corpus, ["text", "jsonl"], tmp_path / "training")
    assert (ledger.total.downloaded, ledger.balances) == (157, True)
    assert [file.path.name for file in result.files] == ["train.txt", "train.jsonl"]
    assert all(file.path.is_file() and file.posts == ledger.total.kept for file in result.files)


def test_python_and_the_command_line_say_the_same(data):
    """The ledger and a post's verdict are those that the commands print."""
    corpus = curation.Corpus.open(data, "baseline")
    assert inside("ledger", "--json", data=data).json == curation.Ledger.of(corpus).to_json()
    [[post_id, removed_by]] = corpus.rows("SELECT id, removed_by FROM posts ORDER BY id LIMIT 1")
    assert inside("explain", post_id, "--json", data=data).json["removed_by"] == removed_by


def test_answers_are_frames(data):
    """A ledger and a query are Polars frames, for a notebook."""
    corpus = curation.Corpus.open(str(data), "baseline")
    frame = curation.Ledger.of(corpus, "source").frame
    assert dict(frame.select("source", "downloaded").iter_rows()) == {"x-archive": 157, "file": 260}
    assert corpus.query("SELECT count(*) AS n FROM posts WHERE removed_by IS NULL")["n"][0] == len(
        kept(data, "baseline")
    )


def test_options_are_those_of_the_source(tmp_path):
    """`map`, `author` and `format` are passed on as on the command line."""
    (tmp_path / "a.csv").write_text("No;Words\n7;some words of mine\n", encoding="utf-8")
    landing = curation.collect(
        tmp_path / "data", "file", str(tmp_path / "a.csv"), map={"text": "Words", "id": "No"}, author="mira"
    )
    assert (landing.landed, landing.authors) == (1, ("mira",))


def test_a_run_is_not_repeated_without_need(data):
    """A corpus that is up to date is opened; `again` makes it anew."""
    files = curation.Corpus.open(data, "baseline").manifest["files"]
    assert curation.run(data).manifest["files"] == files
    assert curation.run(data, again=True, workers=1).manifest["files"] != files


def test_errors_are_exceptions_with_the_message(data, tmp_path):
    """What the command line says in a paragraph, Python raises, each as its kind."""
    corpus = curation.Corpus.open(data, "baseline")
    with pytest.raises(InputError, match=r"nowhere[.]zip"):
        curation.collect(tmp_path / "data", "x-archive", "nowhere.zip")
    with pytest.raises(UsageError, match="no source 'pigeon'"):
        curation.collect(tmp_path / "data", "pigeon", "coo")
    with pytest.raises(UsageError, match="takes no --colour"):
        curation.collect(tmp_path / "data", "file", TABLE, colour="red")
    with pytest.raises(RecipeError, match="Did you mean 'baseline'"):
        curation.run(data, "basline")
    with pytest.raises(NothingToDoError, match="Nothing has landed"):
        curation.run(tmp_path / "empty")
    with pytest.raises(NothingToDoError, match="no post by 'nobody'"):
        curation.Ledger.of(corpus, authors=["nobody"])
    with pytest.raises(UsageError, match="Did you mean 'text'"):
        curation.export(corpus, ["txt"], tmp_path / "out")
    post = jsonl(tmp_path / "one.jsonl", [{"id": "1", "author": "mira", "text": "one single invented post"}])
    curation.collect(tmp_path / "data", "file", post)
    with pytest.raises(RefusedError, match="only 24 characters"):
        curation.export(curation.run(tmp_path / "data"), ["text"], tmp_path / "out")


def test_a_script_needs_no_guard(tmp_path):
    """A script of five lines runs with workers and without `if __name__ == "__main__"`."""
    script = tmp_path / "script.py"
    script.write_text(
        "import curation\n"
        f"curation.collect({str(tmp_path / 'data')!r}, 'x-archive', {str(ARCHIVE)!r})\n"
        "from curation.corpus.curate import curate\n"
        "from curation.corpus.run_context import RunContext\n"
        "from curation.engines.local import LocalEngine\n"
        "from curation.recipes.recipe import Recipe\n"
        "engine = LocalEngine(workers=2, shard_posts=50)\n"
        f"print(curate({str(tmp_path / 'data')!r}, Recipe.load('huggingtweets'), context=RunContext(engine)).status)\n"
    )
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=False, cwd=Path(__file__).parent.parent
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "complete\n", "")


def test_importing_the_package_imports_nothing_heavy():
    """`import curation` alone is light; a name that it doesn't have is an AttributeError."""
    heavy = "{'duckdb', 'polars', 'pyarrow', 'streamlit', 'ftfy'}"
    script = f"import curation, sys; assert not {heavy} & set(sys.modules), sorted({heavy} & set(sys.modules))"
    subprocess.run([sys.executable, "-c", script], check=True)
    assert set(curation.__all__) == {"Corpus", "Ledger", "collect", "compare", "export", "run"}
    assert all(getattr(curation, name) for name in curation.__all__)
    with pytest.raises(AttributeError, match="no attribute 'corpus_of'"):
        _ = curation.corpus_of


def test_the_wheel_has_both_packages() -> None:
    """What is installed has the dashboards, too."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["curation", "dashboards"]
