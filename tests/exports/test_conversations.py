"""Answers with what they answer, and conversations: `prompt-completion` and `chat`."""

from __future__ import annotations

import contextlib
import datetime
import io
import json
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.collecting.land import land
from curation.corpus.corpus import Corpus
from curation.corpus.curate import curate
from curation.corpus.run_context import RunContext
from curation.disk import export_manifest
from curation.engines.local import LocalEngine
from curation.exports import export, formats
from curation.exports.choosing.snapshot import PostSnapshot
from curation.exports.conversations.turns import BEFORE, make_turns
from curation.exports.formats.sink import Sink
from curation.forgetting.forget import ForgetRequest, forget
from curation.options.export import ExportOptions
from curation.recipes.recipe import Recipe
from curation.sql import database
from tests.collecting.test_landing import given_posts
from tests.corpora import CURATED, TIME, rule, write_corpus
from tests.exports.test_leakage_groups import conversations

GOLDEN = Path(__file__).with_name("golden")
FORMATS = ["prompt-completion", "chat"]


def golden_posts() -> list[dict]:
    """Invented conversations: several scripts, hostile texts, circles, missing and removed parents, equal ids."""
    posts = [json.loads(line) for line in (GOLDEN / "posts.jsonl").read_text(encoding="utf-8").splitlines()]
    return [{**post, "created_at": datetime.datetime.fromisoformat(post["created_at"])} for post in posts]


def written(out: Path, format: str, split: str = "train") -> list[dict]:
    """The records of a file."""
    return [json.loads(line) for line in (out / f"{split}.{format}.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("format", FORMATS)
def test_the_golden_conversations_are_written_as_they_always_were(tmp_path, format):
    """To the byte, in whatever order the posts lie."""
    posts = golden_posts()
    export(write_corpus(tmp_path / "one", posts), [format], tmp_path / "a")
    export(write_corpus(tmp_path / "other", posts[::-1], parts=3), [format], tmp_path / "b")
    expected = (GOLDEN / f"{format}.jsonl").read_bytes()
    assert (tmp_path / "a" / f"train.{format}.jsonl").read_bytes() == expected
    assert (tmp_path / "b" / f"train.{format}.jsonl").read_bytes() == expected


def test_what_is_left_out_is_counted_and_said(tmp_path):
    """Answers to what is not here, to what was removed, to blanks and in circles; and posts that answer nobody."""
    warnings = export(write_corpus(tmp_path, golden_posts()), FORMATS, tmp_path / "out").warnings
    assert any(
        each.startswith("7 kept posts answer what is not among the kept ones, and are not in prompt-completion, chat;")
        for each in warnings
    )
    [alone] = [warning for warning in warnings if "--instruction TEXT" in warning]
    assert alone.startswith("5 kept posts answer nobody, and are not in prompt-completion, chat;")
    assert any("written as '< |endoftext| >'" in warning for warning in warnings)


def test_an_instruction_is_the_prompt_of_what_answers_nobody(tmp_path):
    """Only of that, where replies to posts that are not here are left out."""
    out = tmp_path / "out"
    corpus = write_corpus(tmp_path, golden_posts())
    result = export(corpus, FORMATS, out, instruction=" Write a post. ", without_orphans=True)
    prompted = {r["completion"]: r["ids"] for r in written(out, "prompt-completion") if r["prompt"] == "Write a post."}
    assert prompted == {
        "wer kommt mit ans Meer? 🌊": ["1"],
        "a part of a day\nand its other part\na third one, later": ["10", "11", "12"],
        "same id, other place": ["1"],
    }
    [long] = [r for r in written(out, "chat") if r["ids"][0] == "1" and r["author"] == "mira"]
    assert [m["role"] for m in long["messages"]] == ["user", "assistant"] * 3
    assert long["messages"][0]["content"] == "Write a post."
    assert not any("answer nobody" in warning for warning in result.warnings)
    assert export_manifest.read(out)[0].options["instruction"] == "Write a post."


@pytest.mark.parametrize(("own", "prompt"), [("", "Write a post."), ("Write a reply.", "Write a reply.")])
def test_a_reply_to_a_post_that_is_not_here_has_a_prompt(tmp_path, own, prompt):
    """The instruction, or one of its own; the text of the missing post is not made up, and a warning has the number."""
    out, corpus = tmp_path / "out", write_corpus(tmp_path, golden_posts())
    before = export(corpus, FORMATS, tmp_path / "before", instruction="Write a post.", without_orphans=True)
    result = export(corpus, FORMATS, out, instruction="Write a post.", reply_instruction=own)
    assert any("7 kept posts answer what is not among the kept ones; in" in each for each in result.warnings)
    assert any(f"the prompt is '{prompt}'" in each for each in result.warnings)
    old = {tuple(each["ids"]): each for each in written(tmp_path / "before", "prompt-completion")}
    new = {tuple(each["ids"]): each for each in written(out, "prompt-completion")}
    orphans = [each for ids, each in new.items() if ids not in old]
    assert {each["prompt"] for each in orphans} == {prompt}
    assert sum(len(each["ids"]) for each in orphans) == 7
    assert {ids: new[ids] for ids in old} == old
    assert result.files[0].posts == before.files[0].posts + 7
    told = {each["messages"][0]["content"] for each in written(out, "chat") if each["id"] in {o["id"] for o in orphans}}
    assert prompt in told
    assert export_manifest.read(out)[0].options.get("reply_instruction", "") == own
    only = export(corpus, ["chat"], tmp_path / "only", reply_instruction="Write a reply.").warnings
    assert any("5 kept posts answer nobody, and are not in chat" in each for each in only)


def test_the_assistant_is_who_was_chosen_and_anybody_who_is_kept_may_ask(tmp_path):
    """Posts of others stand in prompts and in no completion; their number is that of all in the file."""
    out = tmp_path / "out"
    result = export(write_corpus(tmp_path, golden_posts()), FORMATS, out, authors=["mira"])
    for format in FORMATS:
        found = written(out, format)
        assert {each["author"] for each in found} == {"mira"}
        assert {"2", "3", "7"} <= {id for each in found for id in each["ids"]}
    texts = {id for each in written(out, "chat") for id in each["ids"]}
    assert [file.posts for file in result.files] == [len(texts)] * 2


def test_a_long_thread_is_one_turn_and_a_long_conversation_one_record(tmp_path):
    """A thousand posts each; of the thread a prompt has the post that is answered and those just before it."""
    rows = [{"id": f"{n}", "author": "mira", "text": f"part {n}", "reply_to": n and str(n - 1)} for n in range(1000)]
    rows += [{"id": f"a{n}", "author": "tom", "text": f"to {n}", "reply_to": str(n)} for n in range(0, 1000, 10)]
    rows += [
        {"id": f"c{n}", "author": "eve" if n % 2 else "zoe", "text": f"turn {n}", "reply_to": f"c{n - 1}"}
        for n in range(1001)
    ]
    rows = [{**row, "reply_to": row["reply_to"] or None, "created_at": TIME + datetime.timedelta(n)}
            for n, row in enumerate(rows)]  # fmt: skip
    out = tmp_path / "out"
    export(write_corpus(tmp_path, rows), FORMATS, out, instruction="Go on.")
    pairs = {each["id"]: each for each in written(out, "prompt-completion")}
    assert pairs["0"]["completion"] == "\n".join(f"part {n}" for n in range(1000))
    assert pairs["a0"]["prompt"] == "part 0"
    assert pairs["a990"]["prompt"] == "\n".join(f"part {n}" for n in range(991 - BEFORE, 991))
    [eve] = [each for each in written(out, "chat") if each["author"] == "eve"]
    assert [m["content"] for m in eve["messages"]] == [f"turn {n}" for n in range(1000)]


def test_a_part_that_was_joined_to_a_thread_is_answered_in_it(tmp_path):
    """The rule `thread` removes the later parts, whose texts stand in the first; other removed posts are not found."""
    rows = [
        {"id": "1", "author": "mira", "text": "one\n\ntwo"},
        {"id": "2", "author": "mira", "text": "two", "reply_to": "1", "removed_by": "threads", "duplicate_of": "1"},
        {"id": "3", "author": "mira", "text": "one", "removed_by": "exact", "duplicate_of": "1"},
        {"id": "4", "author": "tom", "text": "to the second part", "reply_to": "2"},
        {"id": "5", "author": "tom", "text": "to the copy", "reply_to": "3"},
    ]
    rules = [rule("threads", use="thread", kind="dedup"), rule("exact", use="exact_duplicate", kind="dedup")]
    export(write_corpus(tmp_path, rows, rules=rules), ["prompt-completion"], tmp_path / "out")
    [found] = written(tmp_path / "out", "prompt-completion")
    assert (found["prompt"], found["completion"]) == ("one\n\ntwo", "to the second part")


IDS = [str(number) for number in range(1, 13)]
PROMPTS = ("Write.", "Reply.")
POSTS = st.lists(
    st.builds(
        dict,
        reply_to=st.none() | st.sampled_from(IDS),
        author=st.sampled_from(["mira", "tom", "zoe"]),
        day=st.none() | st.integers(1, 28),
        removed_by=st.sampled_from([None] * 7 + ["retweet"]),
        blank=st.sampled_from([False] * 9 + [True]),
    ),
    min_size=1,
    max_size=12,
)


@given(
    POSTS, st.sampled_from([(), ("mira",)]), st.booleans(), st.sampled_from(["random", "time"]),
    st.sampled_from([{}, {"reply_instruction": "Reply."}, {"without_orphans": True}]),
)  # fmt: skip
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_post_is_accounted_for(tmp_path_factory, given_posts, authors, instruction, by, orphans):
    """A chosen post is in one completion and in one message of an assistant, or counted as left out; none leaks."""
    rows = [
        {"id": id, "platform": "x", "text": " " if post["blank"] else f"post {id}.", "author": post["author"],
         "reply_to": post["reply_to"], "created_at": post["day"] and TIME.replace(day=post["day"]),
         "removed_by": post["removed_by"]}
        for id, post in zip(IDS, given_posts, strict=False)
    ]  # fmt: skip
    table = pa.table({name: pa.array([row.get(name) for row in rows], type_) for name, type_ in CURATED.items()})
    corpus = Corpus(Path("nowhere"), {"files": [], "recipe": {"rules": []}})
    options = ExportOptions(valid=0.4, split=by, authors=authors, instruction="Write." * instruction, **orphans)
    with contextlib.closing(database.connect(threads=2)) as connection:
        connection.register("posts", table)
        snapshot = PostSnapshot.copied(connection, corpus, tmp_path_factory.mktemp("kept"), options, conversations=True)
        left = make_turns(snapshot, options)
        found = {}
        for format in FORMATS:
            for side in ("train", "valid"):
                file = io.BytesIO()
                formats()[format]().write(snapshot, side, options, Sink(file, lambda posts: None))
                found[format, side] = [json.loads(line) for line in file.getvalue().decode().splitlines()]
    texts = {row["text"]: row for row in rows if not row["removed_by"] and row["text"].strip()}
    chosen = sorted(text for text, row in texts.items() if not authors or row["author"] in authors)
    first = dict(zip((row["id"] for row in rows), conversations(rows), strict=True))
    for format in FORMATS:
        sides, said = [], []
        for side in ("train", "valid"):
            for each in found[format, side]:
                messages = each.get("messages") or [
                    {"role": "user", "content": each["prompt"]}, {"role": "assistant", "content": each["completion"]}
                ]  # fmt: skip
                assert [message["role"] for message in messages] == ["user", "assistant"] * (len(messages) // 2)
                answers = [line for m in messages[1::2] for line in m["content"].split("\n")]
                assert {texts[text]["author"] for text in answers} == {each["author"]}
                everything = [line for m in messages for line in m["content"].split("\n") if line not in PROMPTS]
                assert [texts[text]["id"] for text in everything] == each["ids"]
                for asked, answer in zip(messages[::2], messages[1::2], strict=True):
                    if asked["content"] not in PROMPTS:
                        parent = texts[asked["content"].split("\n")[-1]]["id"]
                        assert parent in [texts[text]["reply_to"] for text in answer["content"].split("\n")] or authors
                said += answers
            sides.append({first[id] for each in found[format, side] for id in each["ids"]})
        assert len(said) == len(set(said))
        assert set(said) <= set(chosen)
        assert len(chosen) == len(said) + left.lost + left.alone
        assert not sides[0] & sides[1]


def test_the_same_options_make_the_same_conversations_again(tmp_path):
    """The record has what it takes; all files of such an export are split by conversation, and that is said."""
    posts = [
        {**post, "id": f"{post['id']}-{n}", "text": f"{post['text']}{n}", "reply_to": f"{post.get('reply_to')}-{n}"}
        for n in range(6)
        for post in golden_posts()
        if post["platform"] == "x"
    ]
    corpus = write_corpus(tmp_path, posts)
    result = export(corpus, ["chat", "jsonl"], tmp_path / "one", valid=0.4, seed=1)
    assert any(warning.startswith("No conversation may be cut") for warning in result.warnings)
    [one] = export_manifest.read(tmp_path / "one")
    export(corpus, one.formats, tmp_path / "two", **one.options)
    sides = {}
    for name in one.names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes() != b""
    for side in ("train", "valid"):
        sides[side] = {
            each["id"] for each in map(json.loads, (tmp_path / "one" / f"{side}.jsonl").read_text().splitlines())
        }
        assert {id for each in written(tmp_path / "one", "chat", side) for id in each["ids"]} <= sides[side]
    assert not sides["train"] & sides["valid"]


def test_a_forgotten_author_is_gone_from_the_prompts_of_others(tmp_path):
    """The files of the one who answered are made again with all their options, as the same export makes them now."""
    said = [
        {"id": "1", "author": "zoe", "text": "zebra-lantern 霧笛, who knows it?"},
        {"id": "2", "author": "nils", "text": "I know it well", "reply_to": "1", "is_reply": True},
        {"id": "3", "author": "tom", "text": "and the bread in the harbour?"},
        {"id": "4", "author": "nils", "text": "fresh every day", "reply_to": "3", "is_reply": True},
        {"id": "5", "author": "nils", "text": "a post of its own"},
    ]
    data = tmp_path / "data"
    land(data, given_posts(*({**post, "created_at": TIME.replace(day=int(post["id"]))} for post in said)))
    recipe = Recipe.parse({"name": "own", "rule": [{"use": "min_words"}]})
    corpus = curate(data, recipe, context=RunContext(LocalEngine(workers=1))).corpus
    options = {"valid": 0.4, "split": "time", "authors": ["nils"], "instruction": "Write."}
    out = data / "exports" / "own"
    export(corpus, FORMATS, out, **options)
    assert next(each["prompt"] for each in written(out, FORMATS[0])) == "zebra-lantern 霧笛, who knows it?"
    assert [each["completion"] for each in written(out, FORMATS[0], "valid")] == ["a post of its own"]
    forget(data, ForgetRequest(authors=("zoe",)))
    export(Corpus.open(data, "own"), FORMATS, tmp_path / "fresh", **options)
    for path in (tmp_path / "fresh").glob("*.*.jsonl"):
        assert path.read_bytes() == (out / path.name).read_bytes()
        assert "zebra-lantern" not in path.read_text(encoding="utf-8")
    # The reply lost its post, so it has the prompt of such replies.
    assert [(each["prompt"], each["completion"]) for each in written(out, FORMATS[0])] == [
        ("Write.", "I know it well"), ("and the bread in the harbour?", "fresh every day"),
    ]  # fmt: skip
    assert (export_manifest.read(out)[0].options["split"], export_manifest.read(out)[0].options["instruction"]) == (
        "time",
        "Write.",
    )
