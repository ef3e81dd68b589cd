"""`curation run`: a corpus, by a shipped recipe or one of one's own."""

from __future__ import annotations

import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq

from curation.corpus.curate import curate
from curation.corpus.run_context import RunContext
from curation.engines.local import LocalEngine
from curation.posts import RAW_SCHEMA
from curation.recipes.recipe import Recipe
from curation.rules import RuleBook
from tests.cli.shell import OWN_RULE, curation, environment, inside, jsonl, kept
from tests.cli.test_pins import ids

OWN_RECIPE = """
name = "mine"
description = "Vowels, and no giveaways."

[[rule]]
use = "vowels"
min = 5

[[rule]]
use = "where"
name = "giveaway"
label = "Giveaways"
removes = "text ILIKE '%giveaway%'"
"""

POSTS = [
    {"id": "1", "author": "mira", "text": "an ordinary evening at the harbour"},
    {"id": "2", "author": "mira", "text": "hm grr psst"},
    {"id": "3", "author": "mira", "text": "Giveaway! Everything you ever wanted"},
]


def test_json_says_what_was_run(workspace):
    """`--json` is one object with the counts of the manifest, which add up."""
    said = inside("run", "huggingtweets", "--json", data=workspace)
    assert said.rc == 0
    answer = said.json
    counts = answer["counts"]
    assert (answer["recipe"], answer["status"]) == ("huggingtweets", "complete")
    assert counts["downloaded"] == 417 == counts["kept"] + sum(counts["removed"].values())
    assert list(counts["removed"]) == ["retweet", "min_words"]
    manifest = json.loads((workspace / "curated/huggingtweets/manifest.json").read_text(encoding="utf-8"))
    assert manifest["counts"] == counts
    assert manifest["recipe"]["fingerprint"] == answer["fingerprint"]


def test_curated_parquet_has_the_columns_of_the_contract(workspace):
    """The raw columns except `raw`, the verdict, and one column for each measuring rule."""
    assert inside("run", "strict", data=workspace).rc == 0
    carried = {field.name: field.type for field in RAW_SCHEMA if field.name != "raw"}
    verdict = {
        "raw_text": pa.string(),
        "matched": pa.list_(pa.string()),
        "removed_by": pa.string(),
        "rewritten_by": pa.list_(pa.string()),
        "duplicate_of": pa.string(),
    }
    for part in workspace.glob("curated/strict/*.parquet"):
        table = pq.read_table(part)
        types = {field.name: field.type for field in table.schema}
        assert {name: types[name] for name in carried | verdict} == carried | verdict
        assert "raw" not in types
        assert types["language"] == pa.string()
        assert pa.types.is_integer(types["min_words"])
        assert table["matched"].null_count == table["text"].null_count == 0


def test_a_second_run_has_nothing_to_do(workspace):
    """Run again: `unchanged`, the same files; `--again`: `complete`, the same verdicts in new files."""
    before = sorted(path.name for path in (workspace / "curated/baseline").iterdir())
    verdicts = kept(workspace, "baseline")
    assert curation("run", "--json", data=workspace).json["status"] == "unchanged"
    assert sorted(path.name for path in (workspace / "curated/baseline").iterdir()) == before
    assert inside("run", "--again", "--json", data=workspace).json["status"] == "complete"
    assert sorted(path.name for path in (workspace / "curated/baseline").iterdir()) != before
    assert kept(workspace, "baseline") == verdicts


def test_new_posts_and_changed_parameters_are_noticed(workspace, tmp_path):
    """A run after another landing, or with `--set`, is no longer up to date."""
    jsonl(tmp_path / "more.jsonl", POSTS)
    assert inside("collect", "file", tmp_path / "more.jsonl", data=workspace).rc == 0
    more = inside("run", "--json", data=workspace).json
    assert (more["status"], more["counts"]["downloaded"]) == ("complete", 420)
    stricter = inside("run", "--set", "min_words.min=9", "--json", data=workspace).json
    assert stricter["status"] == "complete"
    assert stricter["counts"]["kept"] < more["counts"]["kept"]


def test_next_commands_are_named_as_they_must_be_typed(workspace):
    """What to type next names the workspace, unless it is found without; stdout is the result alone."""
    said = curation("run", data=workspace)
    assert said.out.startswith("baseline: 417 downloaded = ")
    assert f"curation ledger baseline --data {workspace}" in said.err
    bare = curation("run", env=environment(CURATION_DATA=str(workspace)))
    assert "curation ledger baseline " in bare.err
    assert "--data" not in bare.err


def test_a_recipe_and_a_rule_of_ones_own(tmp_path):
    """A TOML path with a `where` and a rule from `--rules`; every verb takes the path or the name."""
    data, recipe, rule = tmp_path / "data", tmp_path / "some.toml", tmp_path / "own.py"
    recipe.write_text(OWN_RECIPE)
    shutil.copy(OWN_RULE, rule)
    assert inside("collect", "file", jsonl(tmp_path / "posts.jsonl", POSTS), data=data).rc == 0
    said = curation("run", recipe, "--rules", rule, "--json", data=data)
    assert said.rc == 0, said.err
    assert said.json["counts"] == {"downloaded": 3, "removed": {"vowels": 1, "giveaway": 1}, "kept": 1}
    for name in (recipe, "mine"):
        assert inside("ledger", name, "--json", data=data).json["total"]["kept"] == 1
    explained = curation("explain", "2", "--recipe", recipe, "--rules", rule, "--json", data=data).json
    assert (explained["removed_by"], explained["measures"]) == ("vowels", {"vowels": 0})
    without = inside("explain", "2", "--recipe", "mine", data=data)
    assert without.rc == 2
    assert "--rules" in without.complaint
    described = inside("rules", "vowels", "--rules", rule, "--json").json
    assert described["rules"][0]["parameters"][0] == {"name": "min", "default": "3", "doc": "vowels"}


def test_a_function_of_ones_own_reaches_the_workers(tmp_path):
    """A rule's Python function runs in worker processes, although they never imported its file."""
    data, recipe, rule = tmp_path / "data", tmp_path / "some.toml", tmp_path / "own.py"
    recipe.write_text(OWN_RECIPE)
    shutil.copy(OWN_RULE, rule)
    posts = [{"id": f"{n}", "author": "mira", "text": f"an ordinary evening, number {n}"} for n in range(5_000)]
    posts += [post | {"id": f"more-{post['id']}"} for post in POSTS]
    assert inside("collect", "file", jsonl(tmp_path / "posts.jsonl", posts), data=data).rc == 0
    engine = LocalEngine(workers=2, shard_posts=1_000)  # as few as these would not be worth a worker
    done = curate(data, Recipe.load(recipe, book=RuleBook.load([rule])), context=RunContext(engine))
    assert done.to_json()["counts"] == {"downloaded": 5_003, "removed": {"vowels": 1, "giveaway": 1}, "kept": 5_001}


def test_a_function_that_fails_is_blamed(tmp_path):
    """An error in a rule's own function names the rule, exit 2, and the workspace stays as it was."""
    data, recipe, rule = tmp_path / "data", tmp_path / "some.toml", tmp_path / "own.py"
    recipe.write_text(OWN_RECIPE)
    rule.write_text(OWN_RULE.read_text().replace("return [sum(", "return [1 // 0 or sum("))
    assert inside("collect", "file", jsonl(tmp_path / "posts.jsonl", POSTS), data=data).rc == 0
    said = inside("run", recipe, "--rules", rule, data=data)
    assert said.rc == 2
    assert "vowels" in said.complaint
    assert "ZeroDivisionError" in said.complaint
    assert not (data / "curated").exists()


def test_a_corpus_under_a_name_of_its_own(workspace):
    """`--as` leaves the recipe's corpus alone; other commands take the name, and `run` brings it up to date."""
    before = json.loads((workspace / "curated/baseline/manifest.json").read_text(encoding="utf-8"))
    said = inside("run", "baseline", "--set", "min_words.min=1", "--as", "loose", data=workspace)
    assert said.rc == 0
    assert said.out.startswith("loose: 417 downloaded = 347 kept")
    assert "curation ledger loose" in said.err
    assert json.loads((workspace / "curated/baseline/manifest.json").read_text(encoding="utf-8")) == before
    assert inside("ledger", "loose", "--json", data=workspace).json["total"]["kept"] == 347
    again = inside("run", "loose", "--json", data=workspace)
    assert (again.json["recipe"], again.json["status"]) == ("loose", "unchanged")
    assert inside("run", "loose", "--set", "min_words.min=2", "--json", data=workspace).json["counts"]["kept"] == 338
    for name, complaint in (
        ("strict", "is a shipped recipe"),
        ("a/b", "can't be that of a corpus"),
        ("x.toml", "'.toml'"),
    ):
        wrong = inside("run", "baseline", "--as", name, data=workspace)
        assert (wrong.rc, wrong.out) == (2, "")
        assert complaint in wrong.complaint


def test_decisions_by_hand_are_applied(workspace):
    """At the next run, or alone; the ledger counts them, and tells how many are not applied yet."""
    short, kept_one = ids(workspace, "removed_by = 'min_words'")[0], ids(workspace, "removed_by IS NULL")[0]
    inside("pin", short, "--keep", data=workspace)
    inside("pin", kept_one, "--remove", "--note", "not mine", "--by", "mira", data=workspace)
    waiting = inside("ledger", data=workspace)
    assert "2 decisions by hand are not applied to this corpus yet. Apply with: curation run baseline" in waiting.err
    assert "by hand" not in waiting.out
    only = inside("run", "--pins-only", "--json", data=workspace).json
    assert (only["status"], only["pins"]["only"], only["counts"]["kept"]) == ("complete", True, 337)
    ledger = inside("ledger", "--json", data=workspace).json
    assert ledger["rules"][-1] == "by_hand"
    assert (ledger["total"]["removed"]["by_hand"], ledger["total"]["kept_by_hand"]) == (1, 1)
    assert "kept by hand" in inside("ledger", data=workspace).out
    assert "Kept by hand" in inside("ledger", "--format", "markdown", data=workspace).out
    explained = inside("explain", kept_one, data=workspace).out
    assert "Removed by hand; the recipe alone keeps it" in explained
    assert "pinned: must be removed · by mira · not mine" in explained
    answer = inside("explain", short, "--json", data=workspace).json
    assert (answer["removed_by"], answer["by_hand"], answer["recipe_alone"]) == (None, "kept", "min_words")
    assert inside("check", data=workspace).rc == 4
    assert "decided about single posts by hand: 1 are removed and 1 kept" in inside("card", data=workspace).out
    out = inside("run", "--without-pins", data=workspace).out
    assert out == "baseline: 417 downloaded = 337 kept + 38 Retweets, 26 Short posts, 16 Exact duplicates." + (
        " Only decisions by hand had changed.\n"
    )
    assert inside("run", "--pins-only", "--again", data=workspace).rc == 2
