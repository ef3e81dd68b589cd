"""Every holder loses what is forgotten: before `forget` those that hold it say so, and after it none does."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.asking.review.record import Draw, change_reviews
from curation.corpus.pins.pin_file import FILE as PINS
from curation.corpus.saved_views import SavedViews, change_views, view_of
from curation.disk.tombstones import Tombstones
from curation.disk.workspace import Workspace
from curation.forgetting.forget import HOLDERS, ForgetRequest, forget
from curation.forgetting.holder import Forgetting, Holder, Sentence
from tests.cli.shell import inside
from tests.models import training_record, write_model, write_training

POSTS = [
    {"id": str(number), "author": author, "text": f"{text} {number}", "created_at": "2026-03-04T05:06:07Z"}
    for number, (author, text) in enumerate(
        [("mira_of_the_fog", "the kettle sings of rain and tide"), ("tom", "bread and tide in the harbour")] * 8, 1
    )
]


class Diary(Holder):
    """A holder that somebody adds: a text file of the workspace with an id a line."""

    name = "diary"

    def remove(self, work: Forgetting) -> Sequence[Sentence]:
        """Take the ids of forgotten posts out."""
        path = work.space.root / "diary.txt"
        lines = path.read_text(encoding="utf-8").split()
        with work.tombstones.connected() as connection:
            statement = (
                "SELECT id FROM (SELECT 'x' AS platform, unnest(?::VARCHAR[]) AS id, NULL::VARCHAR AS author) "
                f"WHERE {work.tombstones.forgotten()}"
            )
            gone = {id for (id,) in connection.execute(statement, [lines]).fetchall()}
        if gone and not work.dry_run:
            path.write_text("\n".join(line for line in lines if line not in gone), encoding="utf-8")
        return [Sentence(f"diary.txt: {len(gone)} lines")] if gone else []


ALL = (*HOLDERS, Diary())


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which every holder but pages holds a post of its two authors."""
    place = tmp_path_factory.mktemp("holders")
    data = place / "data"
    archive = place / "mira_of_the_fog.jsonl"
    archive.write_text("".join(json.dumps(post) + "\n" for post in POSTS), encoding="utf-8")
    for words in (
        ("collect", "file", archive, "--platform", "x"), ("run", "--workers", "1"),
        ("export", "--format", "jsonl", "--allow-small"), ("words",), ("pin", "--keep", "1"),
    ):  # fmt: skip
        assert inside(*words, data=data).rc == 0
    seen = [("x", post["id"], post["author"], "train") for post in POSTS]
    write_model(data, training_record("mira-1"), seen)
    write_training(data, "waits", seen)
    write_map(data / "maps" / "baseline")
    (data / "diary.txt").write_text("1 2 17", encoding="utf-8")
    naming = [
        view_of(name, "baseline", {"q": [q]}, ["x"])
        for name, q in (("a post", "tea -(id:1 OR 2)"), ("an author", "author:Mira_of_the_fog"), ("words", "tide"))
    ]
    change_views(Workspace(data), lambda views: functools.reduce(SavedViews.save, naming, views))
    drawn = Draw("x", "1", "baseline", "f", "kept", "", "")
    change_reviews(Workspace(data), lambda old: old.with_draws([drawn]))
    return data


def write_map(folder: Path) -> None:
    """A map as far as forgetting knows it: one row a post."""
    folder.mkdir(parents=True)
    table = pa.table({"platform": ["x"] * len(POSTS), **{name: [p[name] for p in POSTS] for name in ("id", "author")}})
    pq.write_table(table, folder / "map-1.parquet")


def held(data: Path) -> set[str]:
    """Names of the holders that hold what is forgotten."""
    space = Workspace(data)
    return {holder.name for holder in ALL if holder.holds(space, Tombstones.read(space))}


def marked(data: Path, request: ForgetRequest) -> None:
    """Make the tombstones of a request, and leave everything that holds it."""
    space = Workspace(data)
    tombstones = Tombstones.read(space)
    tombstones.add(space, request.marks(tombstones), "2099-03-04T05:06:07+00:00")


@pytest.mark.parametrize(
    ("request_", "lacks"),
    [
        (ForgetRequest(ids=("1",)), {"pages", "records", "evidence"}),  # records name authors alone
        (
            ForgetRequest(authors=("Mira_of_the_Fog",)),
            {"pages", "pins", "reviews", "diary", "evidence"},
        ),  # these name ids alone
        (ForgetRequest(ids=("nowhere",)), {each.name for each in ALL} - {"leftovers", "words"}),
    ],
)
def test_after_forget_no_holder_holds(before: Path, tmp_path: Path, request_: ForgetRequest, lacks: set[str]) -> None:
    """Also one that somebody adds; each says so itself, before and after."""
    import shutil

    data = tmp_path / "data"
    shutil.copytree(before, data)
    marked(data, request_)
    holders = {each.name for each in ALL}
    assert holders - held(data) - {"exports", "leftovers", "trainings"} == lacks - {"exports", "leftovers", "trainings"}
    result = forget(data, ForgetRequest(), holders=ALL)
    assert result.unreadable == []
    assert held(data) == set()
    assert forget(data, ForgetRequest(), holders=ALL).changes["diary"] == []


def test_the_pins_file_is_a_holder(before: Path) -> None:
    """What a pin names is found where pins lie."""
    assert (before / PINS).is_file()
