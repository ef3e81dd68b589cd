"""`curation collect`: what lands, what is said of it, and its JSON."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.posts import RAW_SCHEMA
from tests.cli.shell import curation, environment, inside, jsonl, kept, landed
from tests.cli.test_sample import ARCHIVE, JSONL, TABLE

KEYS = {"schema", "source", "target", "status", "landed", "already_had", "rejected", "expected", "files"}

#: Columns that scripts read, with their types.
PROMISED = {
    "platform": pa.string(),
    "id": pa.string(),
    "author": pa.string(),
    "author_name": pa.string(),
    "created_at": pa.timestamp("us", tz="UTC"),
    "text": pa.string(),
    "text_format": pa.string(),
    "lang": pa.string(),
    "is_repost": pa.bool_(),
    "is_reply": pa.bool_(),
    "is_quote": pa.bool_(),
    "raw": pa.string(),
}


@pytest.mark.parametrize(
    ("source", "path", "posts"), [("x-archive", ARCHIVE, 157), ("file", JSONL, 130), ("file", TABLE, 135)]
)
def test_json_says_what_landed(tmp_path, source, path, posts):
    """`--json` is one object with the keys of the contract, and the files it names hold the posts."""
    said = curation("collect", source, path, "--json", data=tmp_path / "data")
    assert said.rc == 0
    answer = said.json
    assert answer.keys() >= KEYS
    assert answer["source"] == source
    assert answer["target"] == str(path)
    assert answer["status"] == "complete"
    assert (answer["landed"], answer["already_had"], answer["rejected"]) == (posts, 0, [])
    assert sum(pq.read_metadata(file).num_rows for file in answer["files"]) == posts


def test_raw_parquet_has_the_columns_of_the_contract(workspace):
    """Every raw file has the documented schema, and in it the columns and types that scripts read."""
    parts = sorted(workspace.glob("raw/*/*.parquet"))
    assert len(parts) == 3
    for part in parts:
        schema = pq.read_schema(part)
        assert [(field.name, field.type) for field in schema] == [(field.name, field.type) for field in RAW_SCHEMA]
        assert {name: schema.field(name).type for name in PROMISED} == PROMISED


def test_the_same_input_again_changes_nothing(workspace):
    """A second landing of the same input is `unchanged`, exit 0, and adds no file."""
    before = sorted(workspace.glob("raw/**/*"))
    said = curation("collect", "x-archive", ARCHIVE, "--json", data=workspace)
    assert said.rc == 0
    answer = said.json
    assert (answer["status"], answer["landed"], answer["already_had"]) == ("unchanged", 0, 157)
    assert answer["files"] == []
    assert sorted(workspace.glob("raw/**/*")) == before


def test_inputs_that_overlap_share_posts(tmp_path):
    """A post that two inputs hold with nothing new to say is landed once; several targets are one landing."""
    posts = [{"id": str(n), "author": "mira", "text": f"invented post number {n}"} for n in range(6)]
    one, two = jsonl(tmp_path / "one.jsonl", posts[:4]), jsonl(tmp_path / "two.jsonl", posts[2:])
    data = tmp_path / "data"
    both = inside("collect", "file", one, two, "--json", data=data).json
    assert (both["landed"], len(both["files"])) == (6, 1)
    edited = [posts[0] | {"text": "an edited post"}, posts[1], posts[1] | {"id": "new"}]
    third = inside("collect", "file", jsonl(tmp_path / "three.jsonl", edited), "--json", data=data).json
    assert (third["landed"], third["already_had"], third["updated"]) == (1, 2, 1)
    assert inside("run", data=data).rc == 0
    assert dict(kept(data, "baseline"))["0"] == "an edited post"


def test_a_sentence_says_what_landed(tmp_path):
    """Without `--json` stdout is a sentence with the count and the authors, in the singular for one post."""
    one = jsonl(tmp_path / "one.jsonl", [{"id": "1", "author": "mira", "text": "one single post"}])
    said = curation("collect", "file", one, data=tmp_path / "data")
    assert (said.rc, said.out) == (0, "Landed 1 post by mira.\n")
    again = inside("collect", "file", one, data=tmp_path / "data")
    assert (again.rc, again.out) == (0, "Landed 0 posts. 1 was there already.\n")


def test_only_authors_of_new_posts_are_named(tmp_path):
    """Those whose posts were there already are no part of what landed."""
    data = tmp_path / "data"
    old = [{"id": str(n), "author": author, "text": f"霧 {n}"} for n, author in enumerate(["mira", "mira", "кай"])]
    assert inside("collect", "file", jsonl(tmp_path / "old.jsonl", old), data=data).rc == 0
    new = [*old, {"id": "8", "author": "نور", "text": "ضباب"}, {"id": "9", "text": "nobody's fog"}]
    said = inside("collect", "file", jsonl(tmp_path / "new.jsonl", new), data=data)
    assert said.out == "Landed 2 posts by نور. 3 were there already.\n"


def test_rejected_records_are_named_and_good_ones_land(tmp_path):
    """Broken lines among good ones: exit 0, `complete`, each named with file and line, on stderr too."""
    path = tmp_path / "some.jsonl"
    jsonl(path, [{"id": str(n), "author": "mira", "text": f"a good post number {n}"} for n in range(7)])
    with path.open("a") as file:
        file.write('{"id": "8", "text": \n' * 7)
    said = curation("collect", "file", path, "--json", data=tmp_path / "data")
    assert said.rc == 0
    answer = said.json
    assert (answer["status"], answer["landed"], answer["rejected_count"]) == ("complete", 7, 7)
    assert [record["where"] for record in answer["rejected"]] == [f"some.jsonl:{n}" for n in range(8, 15)]
    assert all(record["why"] for record in answer["rejected"])
    assert [reason["count"] for reason in answer["reasons"]] == [7]
    assert "Could not be read: some.jsonl:8: " in said.err
    assert "… and 2 more." in said.err
    assert len(list((tmp_path / "data").glob("raw/*/rejected.jsonl"))) == 1


@pytest.mark.parametrize("good", [1, 0])
def test_a_landing_that_rejects_more_than_it_takes_is_no_success(tmp_path, good):
    """Exit 1 and `partial`; the first line has the share, and a line each the commonest reasons, with their place."""
    broken = ['{"id": "8", "text": ', '["霧"]', '{"id": "9", "author": "мира"}', '{"id": "10", "author": "ميرا"}', "7"]
    posts = [f'{{"id": "{n}", "author": "mira", "text": "หมอก {n}"}}' for n in range(good)]
    path = tmp_path / "some.jsonl"
    path.write_text("\n".join(['{"id": "x", "author": "", "text": null}', *broken, *posts]), encoding="utf-8")
    said = inside("collect", "file", path, "--format", "posts", data=tmp_path / "data")
    first, *reasons = said.out.splitlines()
    assert said.rc == 1
    records = "6 of 7 records (85.7%) could not be read." if good else "None of the 6 records could be read."
    assert first == f"Landed {'1 post by mira' if good else '0 posts'}. {records}"
    assert reasons[0].startswith("  3 × ")
    assert "the first is some.jsonl:1" in reasons[0]
    assert len([line for line in reasons if " × " in line]) == 4
    assert "--map" in reasons[-1]
    answer = inside("collect", "file", path, "--format", "posts", "--json", data=tmp_path / "data")
    assert (answer.rc, answer.json["status"], answer.json["landed"]) == (1, "partial", 0)
    assert sum(reason["count"] for reason in answer.json["reasons"]) == answer.json["rejected_count"] == 6


def test_what_is_left_out_is_no_missing_post(tmp_path):
    """Where all posts are private, that is said, with their number; nothing is said of an author."""
    post = {"uri": "https://a.example/users/b/statuses/1", "content": "<p>霧</p>", "account": {"acct": "b"}}
    private = [post | {"visibility": "private", "uri": f"{post['uri']}{n}", "reblog": None} for n in range(3)]
    path = jsonl(tmp_path / "some.jsonl", private)
    said = inside("collect", "file", path, "--format", "mastodon", "--author", "b", data=tmp_path / "data")
    assert said.rc == 3
    assert "3 posts: only what anybody may read" in said.err
    assert "left out" in said.err
    assert "There is no post" not in said.err
    assert "--author" not in said.err


def test_map_author_and_platform_fill_what_the_input_lacks(tmp_path):
    """`--map`, `--author` and `--platform` reach the landed posts."""
    table = tmp_path / "table.csv"
    table.write_text("No;Words\n7;some words of mine\n8;other words of mine\n", encoding="utf-8")
    said = curation(
        "collect", "file", table, "--map", "text=Words", "--map", "id=No", "--author", "mira",
        "--platform", "pigeon", "--json", data=tmp_path / "data",
    )  # fmt: skip
    assert said.rc == 0
    [part] = said.json["files"]
    posts = pq.read_table(part, columns=["platform", "id", "author", "text"]).to_pylist()
    assert posts[0] == {"platform": "pigeon", "id": "7", "author": "mira", "text": "some words of mine"}


def test_the_environment_names_the_workspace_and_the_option_wins(tmp_path):
    """`CURATION_DATA` is the workspace, `--data` goes before it, and `data` here is the default."""
    post = jsonl(tmp_path / "one.jsonl", [{"id": "1", "author": "mira", "text": "one single post"}])
    env = environment(CURATION_DATA=str(tmp_path / "named"))
    assert curation("collect", "file", post, env=env).rc == 0
    assert curation("collect", "file", post, data=tmp_path / "said", env=env).rc == 0
    assert curation("collect", "file", post, cwd=tmp_path).rc == 0
    assert [landed(tmp_path / name) for name in ("named", "said", "data")] == [[("1", "one single post")]] * 3
    assert not (tmp_path / "said" / "named").exists()
