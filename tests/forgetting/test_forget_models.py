"""Forgetting in models: just those change that saw a post, and nothing of it is left beside their weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.collecting.land import land
from curation.corpus.corpus import Corpus
from curation.corpus.curate import curate
from curation.corpus.run_context import RunContext
from curation.disk.training_record import FILE, read_record
from curation.disk.workspace import Workspace
from curation.engines.local import LocalEngine
from curation.errors import RefusedError
from curation.exports import export
from curation.forgetting import models as forgetting
from curation.forgetting.forget import ForgetRequest, Forgotten, forget
from curation.recipes.recipe import Recipe
from curation.training.folders import POSTS, models_of
from curation.training.seen_posts import require_remembered
from tests import workspaces
from tests.cli.shell import inside
from tests.collecting.test_landing import given_posts
from tests.forgetting.test_forget import everything
from tests.models import seen, training_record, write_model, write_training

SECRET = "zebra-lantern whispered"
LANDED = [
    {"id": "1", "author": "Mira", "text": f"{SECRET} once"},
    {"id": "2", "author": "tom", "text": "bread and tide in the harbour"},
    {"id": "3", "author": "tom", "text": "RT @mira: zebra-lantern whispered once"},
    {"id": "4", "author": "zoe", "text": "moss on the ladder again"},
]
AUTHORS = ({"author": "Mira", "posts": 1}, {"author": "tom", "posts": 2}, {"author": "zoe", "posts": 1})


def saw(*ids: str) -> list[tuple[str, ...]]:
    """The posts that a model saw, by their ids; odd ones to learn from, even ones held out."""
    return [("x", post["id"], post["author"], "train" if int(post["id"]) % 2 else "valid")
            for post in LANDED if post["id"] in ids]  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Four posts with a corpus and an export, two models that saw post 1, one that did not, and three trainings."""
    workspaces.copied(make, tmp_path)
    return tmp_path / "data"


def make(folder: Path) -> None:
    """The same, built."""
    data = folder / "data"
    land(data, given_posts(*LANDED))
    recipe = Recipe.parse({"name": "baseline", "rule": [{"use": "min_words"}]})
    corpus = curate(data, recipe, context=RunContext(LocalEngine(workers=1))).corpus
    export(corpus, ["jsonl"], data / "exports" / "baseline")
    samples = training_record("both", data_authors=AUTHORS, data_author_count=3)
    samples = samples.of_json(json.loads(json.dumps(samples.to_json()).replace("the kettle", SECRET)))
    folder = write_model(data, samples, saw("1", "2", "3", "4"))
    (folder / "predictions.png").write_bytes(SECRET.encode())
    (folder / "progress.jsonl").write_text(json.dumps({"sample": SECRET}), encoding="utf-8")
    write_model(data, training_record("both", "v1", data_authors=AUTHORS), saw("1"), folder="both@v1")
    write_model(data, training_record("others", data_authors=AUTHORS[1:]), saw("2", "4"))
    write_training(data, "waits", saw("1", "2"))
    write_training(data, "unconcerned", saw("2", "4"))


def files(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def forget_all(data: Path, *ids: str, **named: Any) -> Forgotten:
    """Forget."""
    return forget(data, ForgetRequest(ids, **named))


def test_exactly_the_models_that_saw_it_are_marked(data):
    """With all that passes it on; a model that did not see it keeps every byte, and so does its training."""
    space = Workspace(data)
    untouched = [models_of(space) / name for name in ("others", ".training/unconcerned")]
    before = [files(folder) for folder in untouched]
    weights = (models_of(space) / "both" / "model.safetensors").read_bytes()
    outcome = forget_all(data, "1")
    assert [(c.folder.name, c.posts, c.total, c.removal) for c in outcome.changes["models"]] == [
        ("both", 2, 2, "both@v0"), ("both@v1", 1, 1, "both@v1"),
    ]  # fmt: skip
    assert [(d.name, d.posts) for d in outcome.changes["trainings"]] == [("waits", 1)]
    assert [files(folder) for folder in untouched] == before
    assert not (models_of(space) / ".training" / "waits").exists()
    assert (models_of(space) / "both" / "model.safetensors").read_bytes() == weights
    assert "zebra-lantern" not in everything(data)
    assert forget_all(data, "1").changes["models"] == []


def test_what_lies_beside_the_weights_loses_it(data):
    """Rows, samples, pictures of samples, and the names of those of whom no post is left; the card says so."""
    forget_all(data, authors=("mira",))
    folder = models_of(Workspace(data)) / "both"
    assert pq.read_table(folder / POSTS).to_pylist() == seen(saw("2", "4")).to_pylist()
    record = read_record(folder)
    assert [each["author"] for each in record.data.authors] == ["tom", "zoe"]
    assert (record.forgotten_posts, [epoch.samples for epoch in record.epochs]) == (2, [(), ()])
    assert not (folder / "predictions.png").exists()
    assert not (folder / "progress.jsonl").exists()
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "2 posts that this model saw were removed from its data since; the model still learned from them" in card
    assert "mira" not in everything(folder).lower()
    assert (folder / "learning-curve.png").is_file()


def test_a_second_time_counts_up(data):
    """What was forgotten before stays counted, and each post is counted once."""
    forget_all(data, "1")
    forget_all(data, "2")
    assert read_record(models_of(Workspace(data)) / "both").forgotten_posts == 3
    assert read_record(models_of(Workspace(data)) / "others").forgotten_posts == 1


def test_a_dry_run_says_the_same_and_changes_nothing(data):
    """No byte is another, and the answer is that of the run that follows."""
    before = files(data)
    request = ForgetRequest(("1",))
    planned = forget(data, request, dry_run=True).to_json()
    assert files(data) == before
    outcome = forget(data, request).to_json()
    for key in ("models", "trainings"):
        assert planned[key] == outcome[key]
        assert planned[key]


def test_what_is_not_ours_is_left(data, tmp_path):
    """A link to a model, a folder without a record, and somebody's folder among the trainings."""
    space = Workspace(data)
    elsewhere = write_model(tmp_path / "elsewhere", training_record("linked"), saw("1"))
    (models_of(space) / "linked").symlink_to(elsewhere)
    mine = models_of(space) / "mine"
    mine.mkdir()
    (mine / "config.json").write_text(SECRET, encoding="utf-8")
    notes = models_of(space) / ".training" / "notes"
    notes.mkdir()
    (notes / "mine.txt").write_text("mine", encoding="utf-8")
    before = files(elsewhere), files(mine), files(notes)
    outcome = forget_all(data, "1")
    assert {c.folder.name for c in outcome.changes["models"]} == {"both", "both@v1"}
    assert (files(elsewhere), files(mine), files(notes)) == before


def test_a_link_in_a_model_stays_a_link(data, tmp_path):
    """What it leads to is not written to, whatever it is called."""
    folder = models_of(Workspace(data)) / "both"
    for name in ("notes.txt", "README.md"):
        (tmp_path / name).write_text("mine", encoding="utf-8")
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(tmp_path / name)
    forget_all(data, "1")
    assert [(tmp_path / name).read_text() for name in ("notes.txt", "README.md")] == ["mine", "mine"]
    assert (folder / "notes.txt").is_symlink()
    assert "removed from its data" in (folder / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("damage", ["missing", "damaged", "other columns"])
def test_a_model_that_does_not_say_what_it_saw_is_pointed_at(data, damage):
    """With the way on, each time, unless its export is younger than all that was forgotten; others are cleaned."""
    path = models_of(Workspace(data)) / "both@v1" / POSTS
    if damage == "missing":
        path.unlink()
    elif damage == "damaged":
        path.write_bytes(b"PAR1 and no more")
    else:
        pq.write_table(seen(saw("1")).select(["id"]), path)
    outcome = forget_all(data, "1")
    [sentence] = outcome.unreadable
    assert "curation models --remove both@v1" in sentence
    assert [c.folder.name for c in outcome.changes["models"]] == ["both"]
    assert forget_all(data, "1").unreadable == [sentence]


def test_a_damaged_record_is_pointed_at_where_it_matters(data):
    """A model that saw nothing of it may be damaged; one that did can't be marked, and that is said."""
    (models_of(Workspace(data)) / "others" / FILE).write_text("{", encoding="utf-8")
    assert forget_all(data, "1").unreadable == []
    (models_of(Workspace(data)) / "both" / FILE).write_text("{", encoding="utf-8")
    [sentence, _] = forget_all(data, "2").unreadable
    assert "training.json is damaged" in sentence


def test_a_training_that_does_not_say_what_it_saw_is_deleted(data):
    """If it is older than what was forgotten: a later one can't have seen it."""
    forget_all(data, "4")
    write_training(data, "unknown", None)
    assert [d.name for d in forget_all(data, "1").changes["trainings"] if d.posts is None] == ["unknown"]


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_training_is_known_by_its_export(data, dry_run):
    """Where it says no posts: it goes when its export loses one, and stays while that is as it was."""
    corpus = Corpus.open(data, "baseline")
    export(corpus, ["jsonl"], data / "exports" / "of_zoe", authors=["zoe"])
    for name in ("baseline", "of_zoe"):
        write_training(data, name, None, data / "exports" / name)
    outcome = forget(data, ForgetRequest(("1",)), dry_run=dry_run)
    assert [d.name for d in outcome.changes["trainings"]] == ["baseline", "waits"]
    assert (models_of(Workspace(data)) / ".training" / "of_zoe").is_dir()
    assert (models_of(Workspace(data)) / ".training" / "baseline").is_dir() == dry_run


@pytest.mark.parametrize("stop", ["_rewrite", "swap_in", "write_record"])
def test_interrupted_anywhere_the_next_one_completes_it(data, monkeypatch, stop):
    """A model is as it was or as it shall be, and is counted once."""
    with monkeypatch.context() as patch:
        patch.setattr(forgetting, stop, lambda *words: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            forget_all(data, "1")
    assert read_record(models_of(Workspace(data)) / "both").forgotten_posts == 0
    outcome = forget(data, ForgetRequest())
    assert [(c.folder.name, c.total) for c in outcome.changes["models"]] == [("both", 2), ("both@v1", 1)]
    assert "zebra-lantern" not in everything(data)


def test_a_training_asks_before_its_model_takes_its_place(data):
    """A post that was forgotten while it ran stops it, and so does a folder that forgetting has deleted."""
    space = Workspace(data)
    place = models_of(space) / ".training" / "waits"
    require_remembered(space, place)
    kept = place.with_name("kept")
    kept.mkdir()
    pq.write_table(seen(saw("1", "2")), kept / "posts")
    forget_all(data, "1")
    (kept / "posts").rename(kept / POSTS)
    with pytest.raises(RefusedError, match="1 post of this training was forgotten meanwhile"):
        require_remembered(space, kept)
    with pytest.raises(RefusedError, match="is gone"):
        require_remembered(space, place)


def test_the_command_lists_the_models_and_how_to_remove_them(data):
    """As text and as JSON; the record of the run counts them."""
    run = inside("forget", "--id", "1", data=data)
    assert run.rc == 0, run.err
    folder = models_of(Workspace(data))
    rest = "its list of posts, texts that it wrote and its card were written anew"
    assert f"  {folder}/.training/waits: deleted: its checkpoints hold what is forgotten\n" in run.out
    assert f"  {folder}/both: saw 2 posts of it and learned from them; {rest}\n" in run.out
    assert f"  {folder}/both@v1: saw 1 post of it and learned from it; {rest}\n" in run.out
    line = f"The weights of both@v1 can't forget. To remove it: curation models --remove both@v1 --data {data}\n"
    assert line in run.out
    again = inside("forget", "--id", "2", "--json", data=data).json
    assert again["models"] == [
        {"model": name, "version": "v0", "folder": str(folder / name), "posts": 1, "forgotten_posts": total,
         "remove": f"curation models --remove {removal}"}
        for name, total, removal in (("both", 3, "both@v0"), ("others", 1, "others"))
    ]  # fmt: skip
    assert [deleted["name"] for deleted in again["trainings"]] == ["unconcerned"]
    [last, _] = inside("runs", "--job", "forget", "--json", data=data).json["runs"]
    assert (last["metrics"]["models"], last["metrics"]["trainings"]) == (2, 1)


def test_what_only_a_model_has_left_is_forgotten_too(tmp_path):
    """A post that is in no landing any more is found in a model."""
    write_model(tmp_path, training_record(), saw("1"))
    run = inside("forget", "--id", "1", data=tmp_path)
    assert run.out.startswith("Forgot what only models and trainings had left.\n")
    assert read_record(models_of(Workspace(tmp_path)) / "mira-1").forgotten_posts == 1


people = st.sampled_from(["mira", "Mira", "tom", "zoe"])
posts = st.lists(
    st.tuples(
        st.sampled_from(["x", "mastodon"]), st.integers(1, 6).map(str), people, st.sampled_from(["train", "valid"])
    ),
    max_size=8, unique_by=lambda post: (post[0], post[1], post[3]),
)  # fmt: skip


@given(
    st.lists(posts, min_size=1, max_size=3),
    st.sets(st.integers(1, 6).map(str), max_size=2),
    st.none() | people,
    st.none() | st.sampled_from(["x", "mastodon"]),
)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_model_holds_what_is_forgotten(
    tmp_path_factory: pytest.TempPathFactory, all_seen: list[list[tuple[str, ...]]], ids: set[str], author: str | None,
    platform: str | None,
) -> None:  # fmt: skip
    """Whatever models saw and whatever is forgotten: rows that match go, all others stay, and the count is theirs."""
    data = tmp_path_factory.mktemp("data")
    names = [f"m{number}" for number in range(len(all_seen))]
    for name, rows in zip(names, all_seen, strict=True):
        authors = tuple({"author": each, "posts": 1} for each in dict.fromkeys(row[2] for row in rows))
        write_model(data, training_record(name, data_authors=authors), rows, card=False)
    outcome = forget(data, ForgetRequest(tuple(ids), (author,) if author else (), platform))

    def goes(row: tuple[str, ...]) -> bool:
        named = row[1] in ids or (author is not None and row[2].lower() == author.lower())
        return named and platform in (None, row[0])

    for name, rows in zip(names, all_seen, strict=True):
        folder = models_of(Workspace(data)) / name
        left = [row for row in rows if not goes(row)]
        gone = {row[:2] for row in rows if goes(row)}
        assert pq.read_table(folder / POSTS).to_pylist() == seen(left).to_pylist()
        record = read_record(folder)
        assert record.forgotten_posts == len(gone)
        named = {each["author"].lower() for each in record.data.authors}
        assert not gone or named == {row[2].lower() for row in left}
        assert (name in {c.model for c in outcome.changes["models"]}) == bool(gone)
        assert not gone or (folder / "README.md").is_file()
