"""`curation explain`: what became of one post of the sample, for each thing that can happen to one."""

from __future__ import annotations

import json

import pytest

from curation.corpus.corpus import Corpus
from tests.cli.shell import curation, inside, jsonl


@pytest.fixture(scope="module")
def data(demonstrated):
    """The sample, landed and curated; only read here."""
    return demonstrated / "data"


def of(data, condition):
    """One post of the corpus for which `condition` holds, as a mapping."""
    statement = f"SELECT * FROM posts WHERE {condition} ORDER BY id LIMIT 1"
    [post] = Corpus.open(data, "baseline").query(statement).to_dicts()
    return post


#: A condition for each thing that can happen to a post, and what stands on the screen besides its texts.
HAPPENINGS = {
    "a retweet": ("removed_by = 'retweet' AND len(matched) = 1", ["removed by retweet", "✗ retweet", "· min_words: "]),
    "a short post": ("matched = ['min_words']", ["removed by min_words", "· retweet", "✗ min_words: "]),
    "a copy": ("removed_by = 'exact_duplicate'", ["removed by exact_duplicate, a copy of ", "✗ exact_duplicate"]),
    "a repaired mojibake": (
        "removed_by IS NULL AND list_contains(rewritten_by, 'fix_mojibake') AND raw_text NOT SIMILAR TO '.*\\p{Cc}.*'",
        ["kept", "fix_mojibake ", "changed nothing: "],
    ),
    "a kept post": ("removed_by IS NULL AND rewritten_by = []", ["kept", "· retweet", "· exact_duplicate"]),
}


@pytest.mark.parametrize("happening", HAPPENINGS)
def test_a_post_is_explained(data, happening):
    """Who and when, the verdict, the raw text, each changed text, measured values, and every rule with its mark."""
    condition, shown = HAPPENINGS[happening]
    post = of(data, condition)
    said = inside("explain", post["id"], data=data)
    assert (said.rc, said.err) == (0, "")
    head, verdict, *_ = said.out.splitlines()
    assert head == f"{post['platform']} {post['id']} by {post['author']}, {post['created_at']:%Y-%m-%d %H:%M} UTC"
    assert verdict.startswith("kept" if post["removed_by"] is None else f"removed by {post['removed_by']}")
    assert post["raw_text"].splitlines()[0] in said.out
    assert post["text"].splitlines()[0] in said.out
    for words in shown:
        assert words in said.out
    if post["duplicate_of"]:
        assert f"a copy of {post['duplicate_of']}" in verdict


@pytest.mark.parametrize("happening", ["a copy", "a repaired mojibake"])
def test_json_is_what_the_corpus_holds(data, happening):
    """`--json` has every text, measure and verdict as the corpus has it, and the original record."""
    post = of(data, HAPPENINGS[happening][0])
    answer = inside("explain", post["id"], "--json", data=data).json
    for key in ("id", "author", "raw_text", "text", "matched", "removed_by", "duplicate_of"):
        assert answer[key] == post[key]
    assert answer["measures"] == {name: post[name] for name in ("fix_mojibake", "pii", "min_words")}
    assert [rewrite["rule"] for rewrite in answer["rewrites"]] == [
        "unescape_html", "fix_mojibake", "pii", "strip_urls", "collapse_whitespace",
    ]  # fmt: skip
    assert [r["rule"] for r in answer["rewrites"] if r["changed"]] == post["rewritten_by"]
    assert answer["rewrites"][-1]["text"] == post["text"]
    assert isinstance(json.loads(answer["raw"]), dict)


def test_the_kept_one_names_its_copies(data):
    """The post that a copy names knows the copy."""
    copy = of(data, "duplicate_of IS NOT NULL")
    answer = inside("explain", copy["duplicate_of"], "--json", data=data).json
    assert copy["id"] in answer["copies"]
    assert answer["removed_by"] is None


def test_the_kept_one_names_its_earlier_versions(tmp_path):
    """What was edited later, and what is only the same again, are two lines."""
    data = tmp_path / "data"
    texts = {"41": "Tomorow the ferry is late", "42": "Tomorrow the ferry is late", "43": "tomorrow the ferry is  late"}
    posts = [{"id": key, "author": "mira", "text": text} for key, text in texts.items()]
    for post, versions in zip(posts, (["41", "42"], ["41", "42"], ["43"]), strict=True):
        post["edit_history_tweet_ids"] = versions
    assert inside("collect", "file", jsonl(tmp_path / "edited.jsonl", posts), data=data).rc == 0
    assert inside("run", data=data).rc == 0
    said = inside("explain", "42", data=data)
    assert said.out.splitlines()[-2:] == [
        "  Earlier versions of it that were removed: 41",
        "  Copies of it that were removed: 43",
    ]


def test_an_unknown_post_is_nothing_to_explain(data):
    """An id that no post has: exit 3, and where ids are found."""
    said = curation("explain", "4711", "--json", data=data)
    assert (said.rc, said.out) == (3, "")
    assert "There is no post '4711'" in said.complaint


def test_a_thread_is_shown_as_it_was_joined(tmp_path):
    """Behind the rule that joins stand the texts of all parts, as the rules before left them."""
    data = tmp_path / "data"
    posts = [
        {"id": "1", "author": "mira", "text": "The fog  came early."},
        {"id": "2", "author": "mira", "text": "It stayed https://a.org/1 for lunch.", "in_reply_to_status_id": "1"},
    ]
    assert inside("collect", "file", jsonl(tmp_path / "thread.jsonl", posts), data=data).rc == 0
    recipe = tmp_path / "threads.toml"
    recipe.write_text('[[rule]]\nuse = "strip_urls"\n[[rule]]\nuse = "thread"\n[[rule]]\nuse = "collapse_whitespace"\n')
    assert inside("run", str(recipe), data=data).rc == 0
    answer = inside("explain", "1", "--recipe", str(recipe), "--json", data=data).json
    assert [(step["rule"], step["text"], step["changed"]) for step in answer["rewrites"]] == [
        ("strip_urls", "The fog  came early.", False),
        ("thread", "The fog  came early.\n\nIt stayed for lunch.", True),
        ("collapse_whitespace", "The fog came early.\n\nIt stayed for lunch.", True),
    ]
    assert answer["text"] == answer["rewrites"][-1]["text"]
    assert answer["copies"] == ["2"]


def test_posts_of_one_id_are_told_apart_by_platform(tmp_path):
    """Where two platforms have a post of this id it is said, and each can be asked for; a third one has none."""
    texts = {"bluesky": "The lamp by the gate is lit", "x": "The lamp by the well is dark"}
    posts = [{"id": "1", "author": "mira", "text": text, "platform": name} for name, text in texts.items()]
    data = tmp_path / "data"
    assert inside("collect", "file", jsonl(tmp_path / "posts.jsonl", posts), data=data).rc == 0
    assert inside("run", data=data).rc == 0
    said = inside("explain", "1", "--json", data=data)
    assert (said.json["raw_text"], said.json["also_on"]) == (texts["bluesky"], ["x"])
    assert "One of the same id is on: x." in said.err
    for name, text in texts.items():
        said = inside("explain", "1", "--platform", name, "--json", data=data)
        assert (said.json["raw_text"], said.err) == (text, "")
    said = inside("explain", "1", "--platform", "file", data=data)
    assert said.rc == 3
    assert "no post '1' of file" in said.complaint
    assert "There is one of bluesky, x." in said.complaint
