"""Landing: what counts as the same post, what a later import changes, and what an interruption leaves behind."""

from __future__ import annotations

import datetime
import os
import random
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.collecting.land import Landing, land
from curation.corpus.curate import curate
from curation.corpus.run_context import RunContext
from curation.disk.manifest import read_manifest
from curation.disk.workspace import Workspace
from curation.engines.local import LocalEngine
from curation.errors import InputError, NothingToDoError, WorkspaceError
from curation.posts import RAW_SCHEMA
from curation.recipes.recipe import Recipe
from curation.sources.base import Page, PageBuilder, Rejected, Source

ROOT = Path(__file__).parents[2]
MOMENT = datetime.datetime(2024, 2, 29, 12, 0, tzinfo=datetime.UTC)
USUAL = {
    "platform": "x", "author": "mira", "created_at": MOMENT, "text": "fog", "text_format": "plain", "source": "given",
    "source_file": "given.csv",
}  # fmt: skip


class Given(Source):
    """Posts that a test has written down."""

    name = "given"
    needs = gives = "nothing"

    def __init__(self, posts: list[dict[str, Any]], page: int = 3) -> None:
        self.posts, self.page = posts, page

    @property
    def target(self) -> str:
        """A name."""
        return "given.csv"

    def pages(self) -> Iterator[Page]:
        """The posts, a few at a time."""
        builder = PageBuilder()
        for number, post in enumerate(self.posts, start=1):
            builder.rows.append({**USUAL, "source_line": number, "raw": "{}", **post})
            if len(builder.rows) == self.page:
                yield builder.page()
        yield builder.page()


def given_posts(*posts: dict[str, Any]) -> Given:
    """A source of these posts."""
    return Given(list(posts))


def counted(data: Path) -> dict[str, dict[str, Any]]:
    """The posts that count, by id, as a run without any rule sees them."""
    corpus = curate(data, Recipe("nothing", ()), context=RunContext(LocalEngine(workers=1)), again=True).corpus
    rows = corpus.query("SELECT * FROM posts").to_dicts()
    assert len({(row["platform"], row["id"]) for row in rows}) == len(rows)
    return {row["id"]: row for row in rows}


def texts(data: Path) -> dict[str, str]:
    """The texts that count, by id."""
    return {post_id: row["text"] for post_id, row in counted(data).items()}


def latest_texts(data: Path) -> dict[str, str]:
    """The texts of the latest landings, by id, as the schema says that they count."""
    files = [str(file) for file in data.glob("raw/*/*.parquet")]
    query = "SELECT id, arg_max(text, ROW(landing, file_row_number)) FROM read_parquet(?) GROUP BY id"
    return dict(duckdb.execute(query, [files]).fetchall())


def everything_below(folder: Path) -> dict[str, bytes]:
    """All files of a folder with their bytes."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def numbers(landing: Landing) -> tuple[str, int, int, int]:
    """What a landing counted."""
    return landing.status, landing.landed, landing.updated, landing.already_had


# What counts as the same post


def test_the_same_input_twice_changes_nothing(tmp_path: Path) -> None:
    """The second time nothing is written, and every post is known."""
    posts = [{"id": str(number), "text": f"fog {number}"} for number in range(7)]
    assert numbers(land(tmp_path, Given(posts))) == ("complete", 7, 0, 0)
    before = everything_below(tmp_path / "raw")
    assert numbers(land(tmp_path, Given(posts))) == ("unchanged", 0, 0, 7)
    assert everything_below(tmp_path / "raw") == before


def test_two_imports_share_posts_by_platform_and_id(tmp_path: Path) -> None:
    """An id of another platform is another post."""
    land(tmp_path, given_posts({"id": "1"}, {"id": "2"}))
    again = land(tmp_path, given_posts({"id": "2"}, {"id": "3"}, {"id": "1", "platform": "mastodon"}))
    assert numbers(again) == ("complete", 2, 0, 1)
    corpus = curate(tmp_path, Recipe("nothing", ()), context=RunContext(LocalEngine(workers=1))).corpus
    assert sorted(corpus.rows("SELECT platform, id FROM posts")) == [
        ("mastodon", "1"), ("x", "1"), ("x", "2"), ("x", "3"),
    ]  # fmt: skip


def test_a_changed_text_counts_from_then_on(tmp_path: Path) -> None:
    """The later landing's text is the post's; the earlier one stays where it landed."""
    land(tmp_path, given_posts({"id": "1", "text": "fgo"}, {"id": "2"}))
    first = everything_below(tmp_path / "raw")
    assert numbers(land(tmp_path, given_posts({"id": "1", "text": "fog"}, {"id": "2"}))) == ("complete", 0, 1, 2)
    assert texts(tmp_path) == {"1": "fog", "2": "fog"}
    assert first.items() <= everything_below(tmp_path / "raw").items()


def test_the_older_text_counts_when_it_is_imported_last(tmp_path: Path) -> None:
    """What is imported last counts, back and forth, and each time it is noticed."""
    for text in ("fgo", "fog", "fgo"):
        land(tmp_path, given_posts({"id": "1", "text": text}))
        assert texts(tmp_path) == {"1": text}


def test_silence_says_nothing_new(tmp_path: Path) -> None:
    """An import that lacks the likes takes them from nobody, and so lands nothing."""
    land(tmp_path, given_posts({"id": "1", "like_count": 5, "client": "a telephone"}))
    assert numbers(land(tmp_path, given_posts({"id": "1"}))) == ("unchanged", 0, 0, 1)
    assert counted(tmp_path)["1"]["like_count"] == 5


def test_another_number_is_something_new(tmp_path: Path) -> None:
    """A count that has grown updates the post."""
    land(tmp_path, given_posts({"id": "1", "like_count": 5}))
    assert numbers(land(tmp_path, given_posts({"id": "1", "like_count": 6}))) == ("complete", 0, 1, 1)
    assert counted(tmp_path)["1"]["like_count"] == 6


def test_where_a_record_came_from_is_nothing_new(tmp_path: Path) -> None:
    """Another file name, line or original JSON around the same post lands nothing."""
    land(tmp_path, given_posts({"id": "1"}))
    elsewhere = {"id": "1", "source_file": "other.csv", "source_line": 99, "raw": '{"a": 1}', "source": "other"}
    assert land(tmp_path, given_posts(elsewhere)).status == "unchanged"


def test_the_last_of_two_versions_in_one_landing_counts(tmp_path: Path) -> None:
    """A file with two versions of a post is one post with the later text."""
    source = given_posts({"id": "1", "text": "fgo"}, {"id": "2"}, {"id": "1", "text": "fog"})
    assert numbers(land(tmp_path, source)) == ("complete", 2, 0, 0)
    assert texts(tmp_path) == {"1": "fog", "2": "fog"}


def test_two_versions_in_one_landing_land_once(tmp_path: Path) -> None:
    """The same file with two versions of a post, landed again, changes nothing."""
    versions = [{"id": "1", "text": "fgo"}, {"id": "1", "text": "fog"}, {"id": "1", "text": "fog"}]
    land(tmp_path, Given(versions))
    before = everything_below(tmp_path / "raw")
    assert land(tmp_path, Given(versions)).status == "unchanged"
    assert everything_below(tmp_path / "raw") == before


def test_rows_land_the_same_in_groups_of_any_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Landings whose posts are old, new, changed and completed are equal, however many rows are written together."""
    draw = random.Random(7)
    columns = {"lang": (None, "en"), "like_count": (None, 3, 4), "text": ("fog", "rain"), "author": ("unknown", "mira")}
    files = [
        [
            {
                "id": draw.choice((None, str(draw.randrange(12)))),
                **{name: draw.choice(columns[name]) for name in columns},
            }
            for _ in range(30)
        ]
        for _ in range(3)
    ]
    rows = {}
    for size in (2, 5, 1000):
        monkeypatch.setattr("curation.disk.rewriting.GROUP_ROWS", size)
        counts = [read_counts(land(tmp_path / str(size), Given(file))) for file in files]
        assert any(count["filled"] for count in counts)
        paths = sorted((tmp_path / str(size)).glob("raw/*/*.parquet"))
        rows[size] = [pq.read_table(path).drop_columns("landed_at") for path in paths]
    assert rows[2] == rows[5] == rows[1000]


def read_counts(landing: Landing) -> dict[str, int]:
    """The counts in the manifest of a landing."""
    counts: dict[str, int] = read_manifest(Path(landing.files[0]).parent)["counts"]
    return counts


snapshots = st.lists(
    st.lists(st.tuples(st.integers(1, 5), st.sampled_from(("fog", "rain", "snow"))), min_size=1, max_size=7),
    min_size=2,
    max_size=3,
)


@given(snapshots, st.randoms(use_true_random=False))
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_order_of_imports_gives_the_same_posts(files: list[list[tuple[int, str]]], random: Any) -> None:
    """The ids and their number do not depend on the order of imports; the text is that of the last one."""
    counts = []
    for order in (files, random.sample(files, len(files))):
        with tempfile.TemporaryDirectory() as name:
            expected: dict[str, str] = {}
            landed = 0
            for file in order:
                landing = land(Path(name), given_posts(*({"id": str(i), "text": text} for i, text in file)))
                expected |= {str(i): text for i, text in file}
                landed += landing.landed
                assert landing.landed + landing.already_had == len({i for i, _ in file})
                assert landing.landed == len(expected) - (landed - landing.landed)
            assert latest_texts(Path(name)) == expected
            counts.append((landed, set(expected)))
    assert counts[0] == counts[1]


# Ids


def test_posts_without_ids_get_the_same_ids_in_every_import(tmp_path: Path) -> None:
    """An id is made of author, time and text, and copies in one file are counted with -2, -3."""
    posts = [{"text": "fog"}, {"text": "rain"}, {"text": "fog"}, {"text": "fog"}, {"text": "fog", "author": "nils"}]
    landing = land(tmp_path, Given(posts))
    assert numbers(landing) == ("complete", 5, 0, 0)
    assert any("without an id" in notice for notice in landing.notices)
    ids = sorted(texts(tmp_path))
    assert all(post_id.startswith("text-") for post_id in ids)
    assert sorted(post_id.rpartition("-")[2] for post_id in ids if post_id.count("-") == 2) == ["2", "3"]
    assert numbers(land(tmp_path, Given(posts))) == ("unchanged", 0, 0, 5)
    assert numbers(land(tmp_path, Given([{"text": "snow"}, *posts]))) == ("complete", 1, 0, 5)


def test_posts_without_ids_are_told_apart_by_time(tmp_path: Path) -> None:
    """The same words a second later are another post."""
    later = MOMENT + datetime.timedelta(seconds=1)
    assert land(tmp_path, given_posts({"text": "fog"}, {"text": "fog", "created_at": later})).landed == 2


@pytest.mark.parametrize(
    "ids",
    [
        [f"5.7030{number % 3}E+17" for number in range(60)],
        ["5,70E+17"] * 60,
        [f"57030613362790{number % 4}000" for number in range(60)],
        [f"57030613362790{number % 10}00" for number in range(60)],
        [str(1000 + number // 6) for number in range(60)],
    ],
    ids=("scientific", "scientific with a comma", "zeros at the end", "two zeros at the end", "few ids for many texts"),
)
def test_destroyed_ids_are_noticed_and_not_merged(tmp_path: Path, ids: list[str]) -> None:
    """Posts whose ids a spreadsheet destroyed all land, with made ids, and the user is told."""
    posts = [{"id": post_id, "text": f"fog {number}"} for number, post_id in enumerate(ids)]
    landing = land(tmp_path, Given(posts))
    assert landing.landed == 60
    assert any("destroyed" in notice and "given.csv" in notice for notice in landing.notices)
    assert not any("60 different ids" in notice for notice in landing.notices)
    assert land(tmp_path, Given(posts)).status == "unchanged"


def test_one_destroyed_file_leaves_the_others_their_ids(tmp_path: Path) -> None:
    """Only the file whose ids are destroyed loses them."""
    destroyed = [{"id": "5.70E+17", "text": f"fog {n}", "source_file": "saved.csv"} for n in range(20)]
    sound = [{"id": str(n), "text": f"rain {n}", "source_file": "sound.csv"} for n in range(20)]
    land(tmp_path, Given([*destroyed, *sound]))
    assert {post_id for post_id in texts(tmp_path) if not post_id.startswith("text-")} == {str(n) for n in range(20)}


@pytest.mark.parametrize(
    "posts",
    [
        [{"id": "1", "text": "fgo"}, {"id": "1", "text": "fog"}, {"id": "2"}],
        [{"id": "1"}, {"id": "1", "text": "rain"}, {"id": "1", "text": "snow"}],
        [{"id": "100"}, {"id": "200"}, {"id": "300"}],
        [{"id": "1"}, {"id": "1"}, {"id": "1"}],
        [{"id": str(n), "text": f"fog {n}"} for n in (1000, 2000, 3000, 4000, 5000)],
        [{"id": str(10**17 + n), "text": f"fog {n}"} for n in range(100)],
        [{"id": "1700000000000000000"}],
        [{"id": "at://did:plc:abc/1e5"}, {"id": "2e5f"}, {"id": "abc"}],
    ],
    ids=("edited", "edited twice", "hundreds", "the same", "thousands", "long", "zeros at the end", "no numbers"),
)
def test_small_honest_files_are_not_accused(tmp_path: Path, posts: list[dict[str, Any]]) -> None:
    """Few posts, round numbers and edits are no destroyed ids."""
    landing = land(tmp_path, Given(posts))
    assert not any("destroyed" in notice for notice in landing.notices)
    assert set(texts(tmp_path)) == {post["id"] for post in posts}


@pytest.mark.parametrize(
    "ids",
    [
        [str(int(float(1767900771427791001 + 4_194_304 * 777 * n + n))) for n in range(9)],
        [f"{float(1767900771427791001 + 4_194_304 * 777 * n + n):.0f}" for n in range(2)],
        [f"{float(1767900771427791001 + n)}" for n in range(3)],
        [f"17679007714277{number:03}00" for number in range(9)],
        [f"1767900771427791{number}04.0" for number in range(3)],
        ["1767900771427791000", "1767900771427791000"],
        [f"3934647355739{number:03}20" for number in range(1, 17, 2)],
    ],
    ids=("doubles", "two doubles", "Python's floats", "JavaScript's", "with .0", "one id, two texts", "18 digits"),
)
def test_ids_that_went_through_a_double_are_noticed(tmp_path: Path, ids: list[str]) -> None:
    """Also without a spreadsheet's zeros, and in a file of two posts: no two texts are merged."""
    landing = land(tmp_path, Given([{"id": post_id, "text": f"туман {n}"} for n, post_id in enumerate(ids)]))
    assert landing.landed == len(ids)
    assert any("destroyed" in notice for notice in landing.notices)


def _made(moment: datetime.datetime, sequence: int = 0) -> str:
    """An id of X that was made at a moment."""
    milliseconds = int(moment.timestamp() * 1000) - 1_288_834_974_657
    return str((milliseconds << 22) + (5 << 12) + sequence)


def _dated(count: int, hours: float = 0.0) -> list[dict[str, Any]]:
    """Posts whose times are some hours ahead of their ids."""
    moments = [MOMENT + datetime.timedelta(minutes=17 * n) for n in range(count)]
    ahead = datetime.timedelta(hours=hours)
    return [{"id": _made(m), "text": f"霧 {n}", "created_at": m + ahead} for n, m in enumerate(moments)]


@pytest.mark.parametrize("hours", [0, 0.5], ids=("to the second", "half an hour"))
def test_ids_of_x_that_agree_with_their_times_say_nothing(tmp_path: Path, hours: float) -> None:
    """Genuine ids are often multiples of 4096, which a double holds exactly; they are not destroyed."""
    assert land(tmp_path, Given(_dated(40, hours))).notices == ()


def test_an_id_that_contradicts_its_time_is_said(tmp_path: Path) -> None:
    """A digit that changed on the way; the post lands as it stands."""
    posts = _dated(40)
    changed = posts[7]["id"]
    posts[7]["id"] = changed[:3] + str((int(changed[3]) + 5) % 10) + changed[4:]
    landing = land(tmp_path, Given(posts))
    [notice] = landing.notices
    assert (
        f"1 of 40 posts (2.50%) has an id of X that contradicts its time by an hour or more, such as {posts[7]['id']}"
        in notice
    )
    assert landing.landed == 40


@pytest.mark.parametrize(("hours", "zone"), [(8, "UTC+8"), (-5, "UTC-5"), (5.5, "UTC+5:30")])
def test_times_that_are_local_are_said(tmp_path: Path, hours: float, zone: str) -> None:
    """Where nearly all differ from their ids by the same hours."""
    [notice] = land(tmp_path, Given(_dated(40, hours))).notices
    assert f"the times look like local time, {zone}, without a zone" in notice


@pytest.mark.parametrize("digits", [21, 25, 40])
def test_ids_longer_than_any_are_said(tmp_path: Path, digits: int) -> None:
    """Digits that were added on the way."""
    posts = [*_dated(9), {"id": "1" * digits, "text": "снег"}]
    [notice] = land(tmp_path, Given(posts)).notices
    assert f"1 of 10 posts (10%) has an id longer than any platform gives, such as {'1' * digits}" in notice


# What is written


def test_what_lands_is_in_the_raw_schema_with_a_manifest(tmp_path: Path) -> None:
    """A landing is one folder with Parquet in the raw schema and a manifest that counts it."""
    landing = land(tmp_path, given_posts({"id": "1"}, {"id": "2"}))
    [folder] = Workspace(tmp_path).landings()
    assert [str(folder / name) for name in read_manifest(folder)["files"]] == list(landing.files)
    table = pq.read_table(landing.files[0])
    assert list(zip(table.schema.names, table.schema.types, strict=True)) == list(
        zip(RAW_SCHEMA.names, RAW_SCHEMA.types, strict=True)
    )
    assert table["landing"].to_pylist() == [1, 1]
    assert not list((tmp_path / ".work").glob("*-*"))


def test_numbers_of_landings_grow(tmp_path: Path) -> None:
    """Landings are numbered from 1 in the order in which they came to be."""
    for number in range(3):
        land(tmp_path, given_posts({"id": str(number)}))
    assert [folder.name for folder in Workspace(tmp_path).landings()] == [
        "000001-given",
        "000002-given",
        "000003-given",
    ]


def test_an_import_of_nothing_lands_nothing(tmp_path: Path) -> None:
    """A source without a post leaves no folder, and a run has nothing to do."""
    assert numbers(land(tmp_path, Given([]))) == ("unchanged", 0, 0, 0)
    with pytest.raises(NothingToDoError):
        counted(tmp_path)


class Failing(Given):
    """Breaks in the middle."""

    def pages(self) -> Iterator[Page]:
        """Two pages, then an error."""
        for _, page in zip(range(2), super().pages(), strict=False):
            yield page
        raise InputError("the line was cut")


def test_a_source_that_breaks_leaves_what_was_there(tmp_path: Path) -> None:
    """An error of the source is reported as it is, and nothing of the import stays."""
    land(tmp_path, given_posts({"id": "1"}))
    before = everything_below(tmp_path / "raw")
    with pytest.raises(InputError, match="the line was cut"):
        land(tmp_path, Failing([{"id": str(n)} for n in range(20)]))
    assert everything_below(tmp_path / "raw") == before
    assert not [path for path in (tmp_path / ".work").iterdir() if path.is_dir()]


class Partial(Given):
    """Ends early, and could not read a record."""

    def pages(self) -> Iterator[Page]:
        """The posts, then what is said of the rest."""
        yield from super().pages()
        rejected = [Rejected("given.csv:9", "not a post")]
        yield PageBuilder(rejected=rejected).page(ended_early="the rest is cut off")


def test_what_could_be_read_of_a_broken_input_lands(tmp_path: Path) -> None:
    """The posts land, the status is partial, and what could not be read is written down."""
    landing = land(tmp_path, Partial([{"id": "1"}]))
    assert numbers(landing) == ("partial", 1, 0, 0)
    assert landing.rejected == (Rejected("given.csv:9", "not a post"),)
    [folder] = Workspace(tmp_path).landings()
    assert "given.csv:9" in (folder / "rejected.jsonl").read_text(encoding="utf-8")
    assert read_manifest(folder)["complete"] is False


# Interruptions, other processes, and folders that can't be written


PROGRAM = """
import sys, time
from pathlib import Path
from curation.errors import CurationError
from curation.collecting.land import land
from tests.collecting.test_landing import Given

class Slow(Given):
    def pages(self):
        for page in super().pages():
            yield page
            {meanwhile}

posts = {posts}
try:
    print(land(Path(sys.argv[1]), Slow(posts)).landed, flush=True)
except CurationError as error:
    print(type(error).__name__, error, flush=True)
"""


def start(data: Path, posts: str, meanwhile: str = "pass", first: str = "") -> subprocess.Popen[str]:
    """A process that lands posts, given as Python."""
    program = textwrap.dedent(first) + PROGRAM.format(posts=posts, meanwhile=meanwhile)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", program, str(data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def test_two_landings_at_once_both_land(tmp_path: Path) -> None:
    """Two processes that begin together land every post once."""
    begin = f"Path({str(tmp_path / 'begin')!r})"
    wait = f"\n            while not {begin}.exists(): time.sleep(0.01)"
    one = start(tmp_path, "[{'id': str(n), 'text': f'fog {n}'} for n in range(0, 60)]", wait)
    other = start(tmp_path, "[{'id': str(n), 'text': f'fog {n}'} for n in range(40, 100)]", wait)
    (tmp_path / "begin").touch()
    landed = []
    for process in (one, other):
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        landed.append(int(out))
    assert sum(landed) == 100
    assert set(texts(tmp_path)) == {str(n) for n in range(100)}
    assert len(Workspace(tmp_path).landings()) == 2


def test_a_killed_landing_leaves_nothing_and_the_next_one_sweeps(tmp_path: Path) -> None:
    """After a kill -9 in the middle `raw` is as it was, and the next landing removes the rubbish."""
    land(tmp_path, given_posts({"id": "1"}))
    before = everything_below(tmp_path / "raw")
    process = start(tmp_path, "[{'id': str(n)} for n in range(9)]", "print('reading', flush=True); time.sleep(60)")
    assert process.stdout is not None
    assert process.stdout.readline() == "reading\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert everything_below(tmp_path / "raw") == before
    rubbish = [path for path in (tmp_path / ".work").iterdir() if path.is_dir()]
    assert len(rubbish) == 1
    land(tmp_path, given_posts({"id": "2"}))
    assert not rubbish[0].exists()
    assert set(texts(tmp_path)) == {"1", "2"}


def test_a_living_landing_is_not_swept(tmp_path: Path) -> None:
    """Another process's unfinished work stays while that process lives, and lands afterwards."""
    go_on = tmp_path / "go on"
    meanwhile = f"print('reading', flush=True)\n            while not Path({str(go_on)!r}).exists(): time.sleep(0.01)"
    process = start(tmp_path, "[{'id': '1'}]", meanwhile)
    assert process.stdout is not None
    assert process.stdout.readline() == "reading\n"
    land(tmp_path, given_posts({"id": "2"}))
    go_on.touch()
    out, err = process.communicate(timeout=60)
    assert out.splitlines()[-1] == "1", err
    assert set(texts(tmp_path)) == {"1", "2"}


@pytest.mark.parametrize("data", ["{file}", "{file}/data", "/proc/data"])
def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, data: str) -> None:
    """A workspace below a file, or where nobody may write, is one clear error that names the place."""
    (tmp_path / "file").touch()
    place = Path(data.format(file=tmp_path / "file"))
    with pytest.raises(WorkspaceError) as refused:
        land(place, given_posts({"id": "1"}))
    assert str(place) in str(refused.value)
    assert "--data" in str(refused.value)


@pytest.mark.parametrize("limit", [1_000, 60_000, 300_000])
def test_a_full_disk_is_said_and_changes_nothing(tmp_path: Path, limit: int) -> None:
    """When there is no room, the landing says so in one sentence, and what was there before is unchanged."""
    land(tmp_path, given_posts({"id": "1"}))
    before = everything_below(tmp_path / "raw")
    process = start(
        tmp_path,
        "[{'id': str(n), 'text': random.randbytes(3000).hex()} for n in range(200)]",
        first=f"""
        import random, resource
        resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
        """,
    )
    out, err = process.communicate(timeout=60)
    assert out.startswith("WorkspaceError"), err
    assert "Can't write to" in out
    assert "unchanged" in out
    assert "Traceback" not in err
    assert everything_below(tmp_path / "raw") == before
    assert not [path for path in (tmp_path / ".work").iterdir() if path.is_dir()]
