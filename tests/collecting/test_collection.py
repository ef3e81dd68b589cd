"""Collecting from feeds: every post exactly once, whatever fails, and never complete without being so."""

from __future__ import annotations

import json
import random
import threading
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from curation.cli import Interrupted
from curation.collecting.collection import MOST_RETRIES, collect
from curation.collecting.land import Landing
from curation.collecting.spool import Spool, folder_of
from curation.collecting.targets import targets
from curation.disk.landings import landed_files
from curation.disk.manifest import read_manifest
from curation.disk.page_files import read_journal, seal
from curation.disk.workspace import Workspace
from curation.errors import InputError, WorkspaceError
from curation.sources.base import Source
from curation.sources.feed import Entry, FeedPage, FeedState, Profile
from tests.feeds import ListedFeed, Server, row


def landed(data: Path) -> list[int]:
    """The numbers of the posts in `raw/`, one for each row."""
    files = landed_files(Workspace(data).landings())
    if not files:
        return []
    return [int(n) for (n,) in duckdb.sql(f"SELECT id FROM read_parquet({[str(f) for f in files]})").fetchall()]


def spool(data: Path) -> Spool:
    """What is known of the account `ada`."""
    return Spool.open(folder_of(Workspace(data), "test-feed", "ada"))


def random_server(rng: random.Random) -> Server:
    """A server with some of the faults that servers have."""
    return Server(
        rng,
        page_posts=rng.randint(1, 9),
        fails=rng.choice([0, 0.1, 0.3]),
        empties=rng.choice([0, 0.05, 0.15]),
        truncates=rng.choice([0, 0, 0.05]),
        expires=rng.choice([0, 0.5]),
        repeats=rng.choice([0, 0.05, 0.15]),
        grows=rng.choice([0, 0.05, 0.15]),
        counts=rng.random() < 0.7,
        can_renew=rng.random() < 0.5,
    )


def some_runs(seed: int, data: Path) -> Server:
    """A few runs with whatever fails, grows, expires and is deleted in and between them, then some without faults."""
    rng = random.Random(seed)
    server = random_server(rng)
    server.post(rng.randint(0, 40))
    for _ in range(rng.randint(1, 4)):
        server.post(rng.randint(0, 20))
        server.delete(rng.randint(0, 4))
        server.pinned = rng.choice(server.posts) if server.posts and rng.random() < 0.5 else None
        server.expire([gap.cursor for gap in spool(data).state.gaps if gap.cursor])
        try:
            collect(data, ListedFeed(server, max_posts=rng.choice([None, None, 13])))
        except InputError:
            continue  # the first request of the first run failed
    server.fails = server.grows = server.truncates = server.empties = 0
    for _ in range(4):
        status = collect(data, ListedFeed(server)).status
        if status != "partial":
            return server
    raise AssertionError(f"seed {seed} never got complete")


@pytest.mark.parametrize("seed", range(20))
def test_after_enough_runs_every_post_is_there_once(tmp_path: Path, seed: int) -> None:
    """Whatever fails, grows and is deleted between and in runs, every listed post lands exactly once."""
    server = some_runs(seed, tmp_path)
    rows = landed(tmp_path)
    assert len(rows) == len(set(rows))
    assert set(server.posts) <= set(rows)


class MemorySpool:
    """Pages and state in memory: what a disk adds is tested elsewhere, and five hundred walks need to be quick."""

    def __init__(self) -> None:
        self.record, self.state, self.waiting, self.posts = {"landed_to": 0}, FeedState(), [], 0

    def append(self, rows: list[dict], rejected: object, state: FeedState, origin: object) -> None:
        self.waiting.append(rows)
        self.state = FeedState.from_json(json.loads(json.dumps(state.to_json())))

    def landed(self, state: FeedState | None = None, **record: object) -> None:
        self.waiting, self.state = [], state or self.state
        self.record |= {**record, "state": self.state.to_json()}


@pytest.mark.parametrize("block", range(5))
def test_no_walk_leaves_a_hole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    """The same for hundreds of servers, whose pages go from memory into a set."""
    there: set[str] = set()
    memory = MemorySpool()

    def land_in_memory(space: Workspace, source: Source, **_: object) -> Landing:
        ids = {row["id"] for rows in memory.waiting for row in rows}
        new = len(ids - there)
        there.update(ids)
        counts = {"landed": new, "updated": 0, "already_had": len(ids) - new, "rejected_count": 0, "expected": None}
        nothing = {"rejected": (), "files": (), "notices": ()}
        return Landing(source=source.name, target=source.target, status="complete", **counts, **nothing)

    monkeypatch.setattr("curation.collecting.collection.land", land_in_memory)
    monkeypatch.setattr("curation.collecting.collection.landed_posts", lambda space, profile: len(there))
    monkeypatch.setattr(Spool, "open", lambda folder: memory)
    for seed in range(1000 + block * 100, 1100 + block * 100):
        there.clear()
        memory.__init__()
        server = some_runs(seed, tmp_path)
        assert set(server.posts) <= {int(number) for number in there}, f"seed {seed} lost posts"


def test_second_run_asks_for_the_top_only(tmp_path: Path) -> None:
    """A run with nothing new asks for one page and is unchanged."""
    server = Server(page_posts=5)
    server.post(40)
    assert collect(tmp_path, ListedFeed(server)).status == "complete"
    server.requests = 0
    landing = collect(tmp_path, ListedFeed(server))
    assert (landing.status, landing.landed, server.requests) == ("unchanged", 0, 1)


def test_a_run_that_dies_leaves_a_gap_and_the_next_one_closes_it(tmp_path: Path) -> None:
    """What the network cut off is fetched by the next run, after what is new, and nothing twice."""
    server = Server(page_posts=5)
    server.post(50)

    class Dying(ListedFeed):
        def read(self, cursor, stop):
            for number, page in enumerate(super().read(cursor, stop)):
                if number == 3:
                    raise InputError("The connection broke again and again.")
                yield page

    first = collect(tmp_path, Dying(server))
    assert (first.status, first.landed, first.gaps, first.expected, first.had) == ("partial", 15, 1, 50, 15)
    assert any("35 are missing" in notice for notice in first.notices)
    server.post(7)
    server.requests = 0
    second = collect(tmp_path, ListedFeed(server))
    assert (second.status, second.landed, second.gaps) == ("complete", 42, 0)
    assert server.requests == 2 + 7 + MOST_RETRIES, "two pages down to the head, seven of the gap, and the end again"
    assert sorted(landed(tmp_path)) == server.posts


def test_pinned_post_stops_nothing(tmp_path: Path) -> None:
    """A pinned old post on top of the list is no sign that the rest has landed."""
    server = Server(page_posts=5)
    server.post(20)
    collect(tmp_path, ListedFeed(server))
    server.post(12)
    server.pinned = 3
    collect(tmp_path, ListedFeed(server))
    assert sorted(landed(tmp_path)) == server.posts


def test_fewer_posts_than_the_profile_counts_are_partial(tmp_path: Path) -> None:
    """A list that ends early is said, with what is missing, until it is accepted as it is."""
    server = Server(page_posts=5)
    server.post(20)

    class Counting(ListedFeed):
        def profile(self) -> Profile:
            return Profile("test", "ada", expected=25)

    landing = collect(tmp_path, Counting(server))
    assert (landing.status, landing.landed, landing.expected, landing.had) == ("partial", 20, 25, 20)
    assert any("counts 25 posts and 20 are here: 5 are missing" in notice for notice in landing.notices)
    assert collect(tmp_path, Counting(server), missing_ok=True).status == "unchanged"
    assert collect(tmp_path, Counting(server)).status == "partial"


def test_a_list_cut_short_is_read_on_once_it_is_whole(tmp_path: Path) -> None:
    """Where the server said that its list ends, though the profile counts more, the next run asks again."""
    server = Server(page_posts=5, truncates=1.0)
    server.post(20)
    first = collect(tmp_path, ListedFeed(server))
    assert (first.status, first.landed) == ("partial", 0)
    server.truncates = 0
    assert collect(tmp_path, ListedFeed(server)).status == "complete"
    assert sorted(landed(tmp_path)) == server.posts


def test_max_posts_bounds_a_run(tmp_path: Path) -> None:
    """A bound ends a run with a page, says so, and the next run goes on below."""
    server = Server(page_posts=5)
    server.post(20)
    first = collect(tmp_path, ListedFeed(server, max_posts=8))
    assert (first.status, first.landed, first.gaps) == ("partial", 10, 1)
    assert any("--max-posts 8 was reached" in notice for notice in first.notices)
    assert collect(tmp_path, ListedFeed(server)).landed == 10


def test_a_list_that_goes_round_in_circles_ends(tmp_path: Path) -> None:
    """A server that gives the same cursor again and again is said to do so."""
    server = Server()
    server.post(3)

    class Circling(ListedFeed):
        def read(self, cursor, stop):
            while True:
                yield FeedPage([Entry(row(3), 3)], "again")

    landing = collect(tmp_path, Circling(server))
    assert landing.status == "partial"
    assert any("round in circles" in notice for notice in landing.notices)


def test_pages_without_posts_do_not_go_on_for_ever(tmp_path: Path) -> None:
    """A server that only ever gives empty pages with new cursors is left after a hundred of them."""
    server = Server(empties=1.0)
    server.post(3)
    landing = collect(tmp_path, ListedFeed(server))
    assert (landing.status, server.requests) == ("partial", 100)


def test_interrupted_in_the_middle_lands_what_was_read(tmp_path: Path) -> None:
    """Ctrl-C during a run lands the pages that are there before the command ends."""
    server = Server(page_posts=5)
    server.post(30)

    class Stopped(ListedFeed):
        def read(self, cursor, stop):
            for number, page in enumerate(super().read(cursor, stop)):
                if number == 2:
                    raise Interrupted
                yield page

    with pytest.raises(Interrupted):
        collect(tmp_path, Stopped(server))
    assert sorted(landed(tmp_path)) == server.posts[-10:]
    assert collect(tmp_path, ListedFeed(server)).landed == 20


def test_pages_of_a_killed_run_land_first(tmp_path: Path) -> None:
    """Pages on disk whose run died land in the next one, even if the server can't be reached any more."""
    server = Server(page_posts=5)
    server.post(10)
    left = spool(tmp_path)
    state = left.state.at_the_top()
    page = server.page(None)
    left.append(ListedFeed(server).rows(page), (), state.after(state.gaps[0], page, None)[0], ListedFeed(server).origin)
    assert landed(tmp_path) == []

    class Gone(ListedFeed):
        def profile(self) -> Profile:
            raise InputError("There is no host.")

    with pytest.raises(InputError):
        collect(tmp_path, Gone(server))
    assert sorted(landed(tmp_path)) == server.posts[-5:]
    assert collect(tmp_path, ListedFeed(server)).landed == 5


@pytest.mark.parametrize("damage", ["cut off", "changed", "empty"])
def test_after_a_power_cut_pages_are_fetched_again(tmp_path: Path, damage: str) -> None:
    """A page that never reached the disk whole, and all behind it, count as never fetched."""
    server = Server(page_posts=5)
    server.post(40)
    left, sizes = fetched(tmp_path, server, 4)
    [journal] = left.folder.glob("pages-*.spool")
    whole = journal.read_bytes()
    lost = {
        "cut off": whole[: sizes[2] - 20],
        "changed": whole[: sizes[2] - 1] + b"~" + whole[sizes[2] :],
        "empty": whole[: sizes[1]] + bytes(len(whole) - sizes[1]),
    }
    journal.write_bytes(lost[damage])
    left = spool(tmp_path)
    assert (len(left.waiting), left.posts, left.state.gaps[0].below) == (2, 10, 31)
    landing = collect(tmp_path, ListedFeed(server))
    assert (landing.status, landing.had) == ("complete", 40)
    assert sorted(landed(tmp_path)) == server.posts


def fetched(data: Path, server: Server, pages: int) -> tuple[Spool, list[int]]:
    """A spool with the first pages of a list, and the size of its journal after each."""
    left, cursor, sizes = spool(data), None, []
    state = left.state.at_the_top()
    for _ in range(pages):
        page = server.page(cursor)
        state, _ = state.after(state.gaps[0], page, cursor)
        left.append(ListedFeed(server).rows(page), (), state, ListedFeed(server).origin)
        cursor = page.next
        sizes += [path.stat().st_size for path in left.folder.glob("pages-*.spool")]
    return left, sizes


@pytest.mark.parametrize("held", [1 << 20, 0])
def test_a_page_written_while_its_journal_is_sealed_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    """A collect goes on in a new journal, with what the sealed file lacks; all posts are there once."""
    monkeypatch.setattr("curation.collecting.spool.HELD_BYTES", held)
    server = Server(page_posts=5)
    server.post(20)
    left, sizes = fetched(tmp_path, server, 3)
    [journal] = left.folder.glob("pages-*.spool")
    whole = journal.read_bytes()
    journal.write_bytes(whole[: sizes[1]])
    assert seal(journal, journal.parent)
    journal.unlink()
    left.append(ListedFeed(server).rows(server.page(None)), (), left.state, ListedFeed(server).origin)
    numbers = [row["id"] for page in left.pages() for row in page.posts.to_pylist()]
    assert sorted(map(int, numbers)) == sorted([*range(6, 21), *range(16, 21)])
    again = spool(tmp_path)
    assert (again.posts, again.state) == (20, left.state)
    assert [row["id"] for page in again.pages() for row in page.posts.to_pylist()] == numbers


def test_pages_of_an_earlier_program_land(tmp_path: Path) -> None:
    """A killed run of a program that wrote a Parquet file for each page loses none of them."""
    server = Server(page_posts=5)
    server.post(20)
    left, _ = fetched(tmp_path, server, 3)
    [journal] = left.folder.glob("pages-*.spool")
    for page in read_journal(journal):
        metadata = {"curation.state": json.dumps(page.state), "curation.rejected": json.dumps(page.rejected)}
        pq.write_table(page.posts.replace_schema_metadata(metadata), left.folder / f"page-{page.number:08d}.parquet")
    journal.unlink()
    assert (spool(tmp_path).waiting, spool(tmp_path).posts) == ([1, 2, 3], 15)
    assert collect(tmp_path, ListedFeed(server)).had == 20


def test_again_reads_everything(tmp_path: Path) -> None:
    """With `again` an old post that came in between, below the head, is found."""
    server = Server(page_posts=5)
    server.post(30)
    server.posts.remove(4)
    collect(tmp_path, ListedFeed(server))
    server.posts.insert(3, 4)
    server.counts = False
    assert collect(tmp_path, ListedFeed(server)).landed == 0
    assert collect(tmp_path, ListedFeed(server), again=True).landed == 1


def test_two_runs_of_one_target_wait_for_each_other(tmp_path: Path) -> None:
    """A second run of a target says who holds it and goes on after it, with nothing fetched twice."""
    server, said, at_work, go_on = Server(page_posts=5), [], threading.Event(), threading.Event()
    server.post(20)

    class Slow(ListedFeed):
        def read(self, cursor, stop):
            for page in super().read(cursor, stop):
                at_work.set()
                assert go_on.wait(30)
                yield page

    first = threading.Thread(target=collect, args=(tmp_path, Slow(server)))
    first.start()
    assert at_work.wait(30)

    def told(sentence: str) -> None:
        said.append(sentence)
        go_on.set()

    landing = collect(tmp_path, ListedFeed(server), waiting=told)
    first.join()
    assert landing.status == "unchanged"
    assert "Waiting for another curation process" in said[0]
    assert sorted(landed(tmp_path)) == server.posts


def test_other_targets_run_side_by_side(tmp_path: Path) -> None:
    """A run of one account doesn't wait for a run of another that is under way."""
    server, at_work, go_on = Server(page_posts=5), threading.Event(), threading.Event()
    server.post(5)

    class Slow(ListedFeed):
        def profile(self) -> Profile:
            at_work.set()
            assert go_on.wait(30)
            return super().profile()

    first = threading.Thread(target=collect, args=(tmp_path, Slow(server)))
    first.start()
    assert at_work.wait(30)
    said = []
    try:
        assert collect(tmp_path, ListedFeed(server, "bob"), waiting=said.append).landed == 5
    finally:
        go_on.set()
    first.join()
    assert said == []


def test_manifest_says_how_complete_it_is(tmp_path: Path) -> None:
    """A landing's manifest has what the profile counts and what of the list is still open."""
    server = Server(page_posts=5)
    server.post(20)
    collect(tmp_path, ListedFeed(server, max_posts=5))
    [folder] = Workspace(tmp_path).landings()
    manifest = read_manifest(folder)
    assert manifest["expected"] == 20
    assert len(manifest["feed"]["gaps"]) == 1
    assert manifest["counts"]["new"] == 5


def test_status_lists_targets_with_gaps_and_empty_months(tmp_path: Path) -> None:
    """`targets` tells of each feed how many posts are here, how many there should be, and which months have none."""
    server = Server(page_posts=50)
    server.post(3)
    server.newest = 60 * 24 * 100  # a hundred days later: 2024-04-10
    server.post(3)
    server.newest = 60 * 24 * 130
    server.post(60)
    collect(tmp_path, ListedFeed(server, max_posts=5))
    [target] = targets(Workspace(tmp_path))
    assert (target.source, target.target, target.status) == ("test-feed", "ada", "partial")
    assert (target.posts, target.expected, target.gaps, target.first) == (50, 66, 1, "2024-05")
    collect(tmp_path, ListedFeed(server))
    [target] = targets(Workspace(tmp_path))
    assert (target.posts, target.gaps, target.first, target.last) == (66, 0, "2024-01", "2024-05")
    assert target.empty_months == ("2024-02 to 2024-03",)


def test_damaged_record_is_said(tmp_path: Path) -> None:
    """A record that was cut off is an error with its path and the way on."""
    server = Server()
    server.post(3)
    collect(tmp_path, ListedFeed(server))
    record = folder_of(Workspace(tmp_path), "test-feed", "ada") / "target.json"
    record.write_text('{"landed_to": ')
    with pytest.raises(WorkspaceError, match=r"target\.json is damaged"):
        collect(tmp_path, ListedFeed(server))
    record.unlink()
    assert collect(tmp_path, ListedFeed(server)).status == "unchanged"


def test_targets_never_share_a_folder(tmp_path: Path) -> None:
    """Names that look alike once they are made safe for a file system lie apart."""
    space = Workspace(tmp_path)
    names = ["ada", "Ada", "a/da", "a:da", "../ada", "ada" * 50, "ada" * 51, "アダ", "عدا", ""]
    folders = {folder_of(space, "test-feed", name) for name in names}
    assert len(folders) == len(names)
    assert all(folder.parent == space.targets for folder in folders)


def test_json_of_a_landing_has_had_and_gaps(tmp_path: Path) -> None:
    """What `--json` prints says how many posts are here and how many parts of the list are open."""
    server = Server(page_posts=5)
    server.post(20)
    said = json.loads(json.dumps(collect(tmp_path, ListedFeed(server, max_posts=5)).to_json()))
    assert {key: said[key] for key in ("status", "landed", "expected", "had", "gaps")} == {
        "status": "partial", "landed": 5, "expected": 20, "had": 5, "gaps": 1,
    }  # fmt: skip
