"""Forgetting: nothing of a post is left in any file, it never lands again, and the rest stays as it was."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from curation.collecting.land import land
from curation.collecting.spool import Spool, folder_of
from curation.corpus.corpus import Corpus
from curation.corpus.curate import curate
from curation.corpus.ledger import Ledger
from curation.corpus.run_context import RunContext
from curation.disk.compaction import compact
from curation.disk.embedded import embedded
from curation.disk.manifest import read_manifest
from curation.disk.tombstones import FILE, Tombstones
from curation.disk.workspace import Workspace
from curation.engines.local import LocalEngine
from curation.errors import NothingToDoError, UsageError, WorkspaceError
from curation.exports import export
from curation.forgetting.forget import ForgetRequest, Forgotten, forget
from curation.recipes.recipe import Recipe
from curation.sources.feed import FeedState
from tests import workspaces
from tests.collecting.test_landing import given_posts, numbers

#: A text that stands in no other post; none of it may be left.
SECRET = "zebra-lantern 霧笛 👩‍🚀 whispered"
OTHER = "bread and tide in the harbour"


def record(**said: Any) -> str:
    """An original record."""
    return json.dumps(said, ensure_ascii=False)


POSTS = [
    {"id": "1", "author": "Mira", "text": SECRET, "raw": record(full_text=SECRET)},
    {"id": "2", "author": "tom", "text": f"RT @mira: {SECRET[:20]}…", "raw": record(full_text=SECRET)},
    {"id": "3", "author": "tom", "text": OTHER, "like_count": 3},
    {"id": "4", "author": "zoe", "text": "so true", "is_quote": True, "quote_of": "1",
     "raw": record(quoted_status={"id_str": "1", "full_text": SECRET})},
    {"id": "5", "author": "zoe", "text": OTHER, "is_repost": True, "repost_of": "3"},
    {"id": "6", "author": "zoe", "text": SECRET, "is_repost": True, "repost_of": "1", "raw": record(text=SECRET)},
    {"id": "7", "author": "nils", "text": "an answer of mine", "is_reply": True, "reply_to": "1", "raw": record(a=1)},
    {"id": "8", "author": "mira", "text": f"{SECRET} once more", "platform": "mastodon"},
    {"id": "9", "author": "nils", "text": OTHER.upper()},
]  # fmt: skip


def engine() -> LocalEngine:
    """One worker."""
    return LocalEngine(workers=1)


def made(data: Path) -> Path:
    """A workspace with two landings, a corpus and training text, here and elsewhere."""
    workspaces.copied(make, data.parent)
    return data


def make(folder: Path) -> None:
    """The same, built."""
    data = folder / "data"
    land(data, given_posts(*POSTS[:5]))
    land(data, given_posts(*POSTS[5:], {**POSTS[0], "like_count": 7}))
    corpus = curate(data, Recipe.parse(RECIPE), context=RunContext(engine())).corpus
    export(corpus, ["text", "jsonl", "parquet"], data / "exports" / "own", allow_small=True, valid=0.5, seed=4)
    export(corpus, ["lines"], data.with_name("elsewhere"))


RECIPE = {"name": "own", "rule": [{"use": "min_words"}, {"use": "exact_duplicate", "scope": "global"}]}


def everything(folder: Path) -> str:
    """Every byte below a folder, tables unpacked, as one text."""
    said = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        said.append(path.read_bytes().decode("utf-8", "replace"))
        if path.suffix == ".parquet":
            said.append(json.dumps(pq.read_table(path).to_pylist(), ensure_ascii=False, default=str))
    return "\n".join(said)


def check_gone(data: Path, words: str = "zebra-lantern") -> None:
    """Nothing is left of a text, here and where it was exported to."""
    assert words not in everything(data)
    assert words not in everything(data.with_name("elsewhere"))


def raw_rows(data: Path) -> list[dict[str, Any]]:
    """All rows that have landed."""
    return [
        row
        for folder in Workspace(data).landings()
        for name in read_manifest(folder)["files"]
        for row in pq.read_table(folder / name).to_pylist()
    ]


def check_balanced(data: Path) -> None:
    """Manifests and ledger agree with the rows that are there."""
    for folder in Workspace(data).landings():
        manifest = read_manifest(folder)
        rows = sum(pq.read_metadata(folder / name).num_rows for name in manifest["files"])
        assert manifest["counts"]["rows"] == rows
        assert {path.name for path in folder.glob("*.parquet")} == set(manifest["files"])
    corpus = Corpus.open(data, "own")
    ledger = Ledger.of(corpus)
    assert ledger.balances
    assert corpus.manifest["counts"]["downloaded"] == ledger.total.downloaded
    assert corpus.manifest["counts"]["kept"] == ledger.total.kept


def forget_all(data: Path, *ids: str, **named: Any) -> Forgotten:
    """Forget."""
    return forget(data, ForgetRequest(ids, **named))


# What goes


def test_a_post_goes_with_all_that_passes_it_on(tmp_path: Path) -> None:
    """Its versions and reposts go, told by id or by words; quotes and answers stay without their records."""
    data = made(tmp_path / "data")
    done = forget_all(data, "1")
    assert (done.posts, [(c.name, c.removed, c.emptied) for c in done.changes["landings"]]) == (
        3, [("000001-given", 2, 1), ("000002-given", 2, 1)],
    )  # fmt: skip
    left = {row["id"]: row for row in raw_rows(data)}
    assert sorted(left) == ["3", "4", "5", "7", "8", "9"]
    assert (left["4"]["raw"], left["7"]["raw"], left["3"]["raw"]) == (None, None, "{}")
    assert left["4"]["quote_of"] == "1"
    check_balanced(data)
    assert forget_all(data, "8").posts == 1
    check_gone(data)


def test_an_author_goes_with_all_later_posts(tmp_path: Path) -> None:
    """Whatever the case and the @, here and later, and so does what others pass on of it, `RT @` anywhere."""
    data = made(tmp_path / "data")
    assert forget_all(data, authors=("@MIRA",)).posts == 4
    check_gone(data)
    check_balanced(data)
    later = [
        {"id": "20", "author": "mira", "text": "a new word"},
        {"id": "21", "author": "tom", "text": "ha! RT @Mira a new word"},
        {"id": "22", "author": "tom", "text": "part @mirabelle: not hers"},
        {"id": "23", "author": "tom", "text": "a new word", "is_repost": True,
         "raw": record(reblog={"id": "20", "content": "a new word", "account": {"acct": "mira"}})},
    ]  # fmt: skip
    landing = land(data, given_posts(*later))
    assert (landing.landed, landing.forgotten) == (1, 3)
    assert any("3 posts were left out" in notice for notice in landing.notices)
    assert "a new word" not in everything(data)


def test_a_platform_narrows(tmp_path: Path) -> None:
    """The same handle on another platform is somebody else."""
    data = made(tmp_path / "data")
    assert forget_all(data, authors=("mira",), platform="mastodon").posts == 1
    assert forget_all(data, "1", platform="bluesky").posts == 0
    assert {"1", "6"} <= {row["id"] for row in raw_rows(data)}


def test_the_same_input_lands_nothing_again(tmp_path: Path) -> None:
    """Not from the same file, not from one that doesn't say who wrote it or what it passes on."""
    data = made(tmp_path / "data")
    forget_all(data, "1", "8")
    assert numbers(land(data, given_posts(*POSTS)))[:3] == ("unchanged", 0, 0)
    bare = [{"id": post["id"], "text": post["text"], "author": None} for post in POSTS if post["id"] in "126"]
    assert land(data, given_posts(*bare)).forgotten == 3
    check_gone(data)


def test_a_record_that_lands_later_does_not_bring_it_back(tmp_path: Path) -> None:
    """A new post that quotes a forgotten one lands without its record; others keep theirs."""
    data = made(tmp_path / "data")
    forget_all(data, "1", "8")
    quote = {"id": "30", "text": "look", "is_quote": True, "raw": POSTS[3]["raw"], "source_line": 8}
    land(data, given_posts(quote, {"id": "31", "text": "mine", "raw": '{"b":2}'}))
    assert {row["id"]: row["raw"] for row in raw_rows(data) if row["id"] in ("30", "31")} == {
        "30": None, "31": '{"b":2}',
    }  # fmt: skip
    check_gone(data)


def test_posts_with_made_ids_are_known_again(tmp_path: Path) -> None:
    """An id that landing made of a post's words is made again, and so is its tombstone's hash."""
    posts = [{"text": "fog"}, {"text": "fog"}, {"text": SECRET}]
    land(tmp_path / "data", given_posts(*posts))
    [made_id] = [row["id"] for row in raw_rows(tmp_path / "data") if row["text"] == SECRET]
    forget_all(tmp_path / "data", made_id)
    assert numbers(land(tmp_path / "data", given_posts(*posts))) == ("unchanged", 0, 0, 2)
    check_gone(tmp_path / "data")


def test_pages_that_have_not_landed_are_cleaned(tmp_path: Path) -> None:
    """A feed's pages on disk lose the post and keep the feed's state; a dry run says so and changes nothing."""
    data = made(tmp_path / "data")
    folder = folder_of(Workspace(data), "feed", "mira")
    state = FeedState(head=7)
    rows = [{"text_format": "plain", "source": "given", "platform": "x", **post} for post in POSTS[:3]]
    spool = Spool.open(folder)
    for row in rows:
        spool.append([row], (), state)
    before = [(path.name, path.read_bytes()) for path in folder.iterdir()]
    dry = forget(data, ForgetRequest(("1", "8")), dry_run=True)
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == before
    done = forget_all(data, "1", "8")
    for changes, name in ((dry, "pages-00000001.spool"), (done, "page-00000003.parquet")):
        assert [(c.name, c.removed) for c in changes.changes["pages"]] == [(f"{folder.name}/{name}", 2)]
    assert (Spool.open(folder).state, Spool.open(folder).posts) == (state, 1)
    check_gone(data)


def test_a_copy_that_was_removed_for_it_is_named(tmp_path: Path) -> None:
    """A post that stays removed as a copy of a forgotten one is counted, and a new run keeps it."""
    data = made(tmp_path / "data")
    assert Corpus.open(data, "own").rows("SELECT id FROM posts WHERE duplicate_of = '3' ORDER BY id") == [
        ("5",),
        ("9",),
    ]
    [changed] = forget_all(data, "3").changes["corpora"]
    assert (changed.removed, changed.removed_kept, changed.copies) == (2, 1, 1)  # the repost went with it
    kept = "SELECT id FROM posts WHERE removed_by IS NULL AND lower(text) = ?"
    assert Corpus.open(data, "own").rows(kept, [OTHER]) == []
    again = curate(data, Recipe.parse(RECIPE), context=RunContext(engine()))
    assert (again.status, again.corpus.rows(kept, [OTHER])) == ("complete", [("9",)])


def test_compacted_landings_are_cleaned_too(tmp_path: Path) -> None:
    """Several landings in one folder lose the post, each in its own account."""
    data = made(tmp_path / "data")
    compact(data)
    forget_all(data, "1", "8")
    check_gone(data)
    check_balanced(data)
    [folder] = Workspace(data).landings()
    assert [said["counts"]["rows"] for said in read_manifest(folder)["landings"]] == [3, 2]
    assert [said["counts"]["forgotten"] for said in read_manifest(folder)["landings"]] == [2, 3]


# Training text


def test_exports_are_made_again_with_their_options(tmp_path: Path) -> None:
    """The files are those that the same command makes of the cleaned corpus, and an unconcerned export stays."""
    data = made(tmp_path / "data")
    forget_all(data, "1", "8")
    corpus = Corpus.open(data, "own")
    export(corpus, ["text", "jsonl", "parquet"], tmp_path / "fresh", allow_small=True, valid=0.5, seed=4)
    for path in (tmp_path / "fresh").glob("[tv]*.*"):
        assert path.read_bytes() == (data / "exports" / "own" / path.name).read_bytes()
    before = (data / "exports" / "own" / "export.json").read_bytes()
    assert forget_all(data, "nowhere").changes["exports"] == []
    assert (data / "exports" / "own" / "export.json").read_bytes() == before


@pytest.mark.parametrize("why", ["no record", "no corpus", "no post left"])
def test_exports_that_cannot_be_made_again_are_deleted(tmp_path: Path, why: str) -> None:
    """Without a record, a corpus or a post there is nothing to make them of; files of one's own stay."""
    data = made(tmp_path / "data")
    folder = data / "exports" / "own"
    (folder / "notes.md").write_text("my own notes")
    asked = ForgetRequest(("1", "8"))
    if why == "no record":
        (folder / "export.json").unlink()
    elif why == "no corpus":
        shutil.rmtree(data / "curated")
    else:
        asked = ForgetRequest(authors=("mira", "tom", "zoe", "nils"))
    done = forget(data, asked)
    assert "deleted" in {cleaned.outcome for cleaned in done.changes["exports"] if cleaned.folder == folder}
    # Without a record nobody knows who wrote the card, so it is pointed at.
    left = [name for cleaned in done.changes["exports"] if cleaned.outcome == "left" for name in cleaned.files]
    assert left == (["README.md"] if why == "no record" else [])
    assert sorted(path.name for path in folder.iterdir()) == [*left, "notes.md"]
    check_gone(data)


def test_a_folder_elsewhere_that_is_gone_is_pointed_at(tmp_path: Path) -> None:
    """Training text that was moved away can't be cleaned, and that is said each time."""
    data = made(tmp_path / "data")
    (tmp_path / "elsewhere").rename(tmp_path / "moved")
    [left] = [cleaned for cleaned in forget_all(data, "1").changes["exports"] if cleaned.outcome == "left"]
    assert left.folder == tmp_path / "elsewhere"
    assert "see for yourself" in left.why


# Tombstones


def test_the_file_does_not_say_who_was_forgotten(tmp_path: Path) -> None:
    """Neither id nor handle stands in it, and another workspace's hashes are others."""
    for name in ("one", "two"):
        data = made(tmp_path / name / "data")
        forget_all(data, "1", authors=("zoe",))
    one, two = (Tombstones.read(Workspace(tmp_path / name / "data")) for name in ("one", "two"))
    assert len(one.marks) == len(two.marks) > 3
    assert one.marks.isdisjoint(two.marks)
    assert "zoe" not in (tmp_path / "one/data" / FILE).read_text()


def test_a_line_that_is_deleted_lets_a_post_land(tmp_path: Path) -> None:
    """The way back that is documented: the lines of a request go, and what is collected again lands."""
    data = made(tmp_path / "data")
    forget_all(data, "1")
    first, *_ = (data / FILE).read_text().splitlines()
    (data / FILE).write_text(f"{first}\n\n")
    assert land(data, given_posts(*POSTS)).landed == 3


@pytest.mark.parametrize(
    "text", ["", "{}\n", '{"salt": "a"}\n{"forgotten": "post"}\n', '{"salt": "a"}\n{"for\n', '{"salt": "a"}\n[]\n']
)
def test_a_damaged_file_stops_landings(tmp_path: Path, text: str) -> None:
    """Passing over a tombstone would bring a post back, so that the line is named and nothing lands."""
    (tmp_path / FILE).write_text(text)
    with pytest.raises(WorkspaceError, match=r"forgotten\.jsonl is damaged"):
        land(tmp_path, given_posts({"id": "1"}))
    assert not (tmp_path / "raw").exists()


def test_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    """It says the same as the run that follows, and no byte is another."""
    data = made(tmp_path / "data")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    asked = ForgetRequest(("1",), authors=("mira",))
    planned = forget(data, asked, dry_run=True)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    done = forget(data, asked)
    said = [{**each.to_json(), "dry_run": None} for each in (planned, done)]
    assert said[0] == said[1]


def test_wrong_requests_are_said(tmp_path: Path) -> None:
    """No workspace, an address for a handle, and the word that stands for nobody."""
    with pytest.raises(NothingToDoError, match="no workspace"):
        forget_all(tmp_path / "nowhere", "1")
    for author in ("https://example.org/mira", "@", "unknown"):
        with pytest.raises(UsageError):
            ForgetRequest(authors=(author,))


# What must always hold


people = st.sampled_from(["mira", "tom", "zoe"])
posts_of = st.lists(
    st.fixed_dictionaries(
        {"id": st.integers(1, 9).map(str), "author": people, "text": st.sampled_from(["fog", "rain", "RT @mira: fog"])},
        optional={"repost_of": st.integers(1, 9).map(str), "quote_of": st.integers(1, 9).map(str)},
    ),
    min_size=1,
    max_size=8,
)


#: One post that two versions name two authors of, and a post that quotes it.
TWO_AUTHORS = [
    [
        {"id": "9", "author": "tom", "text": "fog", "quote_of": "1"},
        {"id": "7", "author": "mira", "text": "fog", "quote_of": "9"},
        {"id": "9", "author": "mira", "text": "fog"},
    ]
]


@given(st.lists(posts_of, min_size=1, max_size=3), st.sets(st.integers(1, 9).map(str), max_size=3), st.none() | people)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@example(TWO_AUTHORS, set(), "tom")
def test_forgotten_stays_forgotten(
    tmp_path_factory: pytest.TempPathFactory, inputs: list[list[dict[str, Any]]], ids: set[str], author: str | None
) -> None:
    """Whatever landed: none of it is left, the ledger balances, and landing all of it again brings none back."""
    data = tmp_path_factory.mktemp("data")
    # A post passes on one other post, whichever of its versions says so.
    origins = {post["id"]: post["repost_of"] for posts in inputs for post in posts if "repost_of" in post}
    inputs = [
        [post | ({"repost_of": origins[post["id"]]} if "repost_of" in post else {}) for post in posts]
        for posts in inputs
    ]
    for posts in inputs:
        land(data, given_posts(*posts))
    curate(data, Recipe.parse(RECIPE), context=RunContext(engine()))
    request = ForgetRequest(tuple(ids), (author,) if author else ())
    forget(data, request)
    before = sorted((row["id"], row["text"]) for row in raw_rows(data))
    check_balanced(data)
    for posts in inputs:
        landing = land(data, given_posts(*posts))
        assert landing.landed == 0
    left = raw_rows(data)
    assert not [row for row in left if row["id"] in ids or row["repost_of"] in ids or row["author"] == author]
    assert {row["id"] for row in left} == {post_id for post_id, _ in before}
    assert forget(data, request).posts == 0


@pytest.mark.parametrize(
    ("raw", "ids", "passed_on"),
    [
        ('{"retweeted_status": {"id_str": "1", "text": "a", "user": {"screen_name": "mira"}}}', ["1"], ["mira"]),
        ('{"quoted_status": {"id_str": "1", "text": "a", "user": {"screen_name": "mira"}}}', ["1"], []),
        ('{"retweetedTweet": {"id": 1, "rawContent": "a", "user": {"username": "mira"}}}', ["1"], ["mira"]),
        ('{"reason": {"$type": "app.bsky.feed.defs#reasonRepost"}, "post": {"uri": "at://1", "record": {"text": "a"}, '
         '"author": {"handle": "mira"}}}', ["at://1"], ["mira"]),
        ('{"legacy": {"retweeted_status_result": {"result": {"rest_id": "1", "legacy": {"full_text": "a"}, "core": '
         '{"user_results": {"result": {"legacy": {"screen_name": "mira"}}}}}}}}', ["1"], ["mira"]),
        ('{"data": {"id": "2"}, "includes": {"tweets": [{"id": "1", "text": "a", "author_id": "5"}], '
         '"users": [{"id": "5", "username": "mira"}]}}', ["1"], []),
        ('{"type": "Announce", "object": "https://fog.example/users/mira/statuses/1"}',
         ["https://fog.example/users/mira/statuses/1"],
         ["https://fog.example/users/mira/statuses/1", "mira@fog.example"]),
        ('{"reblog": [[[{"text": 3, "user": {"screen_name": ["x"]}}]], null, "\\ud800"], "id": 1e999}', [], []),
        ('{"reblog": ' + "[" * 3000, [], []),
        ("", [], []),
    ],
)  # fmt: skip
def test_posts_in_a_record_are_found(raw: str, ids: list[str], passed_on: list[str]) -> None:
    """In each dialect the embedded post, its author, and whether it was passed on; damage holds nothing."""
    found = embedded(raw)
    assert (found.ids, found.passed_on) == (ids, passed_on)
    assert "mira" in " ".join(found.handles) or not ids


def test_a_forgotten_part_leaves_no_text_in_its_thread(tmp_path: Path) -> None:
    """The post that has the text of a whole thread goes with a part of it, and is back after the next run."""
    thread = [
        {"id": "1", "text": "The fog came early today."},
        {"id": "2", "text": "My sister wept at the pier.", "reply_to": "1"},
        {"id": "3", "text": "It stayed for lunch again."},
    ]
    land(tmp_path, given_posts(*thread))
    recipe = Recipe.parse({"name": "threads", "rule": [{"use": "thread"}, {"use": "min_words"}]})
    corpus = curate(tmp_path, recipe).corpus
    assert "wept" in corpus.rows("SELECT text FROM posts WHERE id = '1'")[0][0]
    forget(tmp_path, ForgetRequest(ids=("2",)))
    assert Corpus.open(tmp_path, "threads").rows("SELECT id FROM posts") == [("3",)]
    again = curate(tmp_path, recipe).corpus
    assert again.rows("SELECT id, text FROM posts ORDER BY id") == [
        ("1", "The fog came early today."),
        ("3", "It stayed for lunch again."),
    ]
