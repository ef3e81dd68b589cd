"""Every byte, row and token of an exported file is that of a post that is named, and every sentence is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from curation.disk import ranges
from curation.disk.export_manifest import RECORD
from curation.disk.exported_file import BOUNDARY
from curation.disk.workspace import Workspace
from curation.errors import InputError, NothingToDoError, UsageError
from curation.exports import export, formats, locate, search
from curation.exports.formats.base import NEUTRALISED
from curation.exports.formats.text import line
from curation.exports.locate import locate as trace
from tests.corpora import rule, write_corpus

FILES = {
    "text": "train.txt",
    "lines": "train.lines.txt",
    "jsonl": "train.jsonl",
    "parquet": "data/train-00000-of-00001.parquet",
    "prompt-completion": "train.prompt-completion.jsonl",
    "chat": "train.chat.jsonl",
    "tokens": "tokens/train.bin",
    "documents": "train.documents.jsonl",
    "mlx-text": "mlx/train.jsonl",
}
INVENTED = [
    "صباح الخير يا أصدقاء، الشاي جاهز ☕️",
    "วันนี้ฝนตกทั้งวัน แต่ตลาดยังเปิดอยู่",
    "「雨の日」は本を読む。\nお茶も飲む",
    'she said "no \\ maybe" 👩‍👩‍👧‍👦 and left',
    f"a typed {BOUNDARY} in between",
    "line\u2028break and\ttab\u00a0blank",
]


def made(folder, texts, **options):
    """A workspace with a corpus of these texts, each an answer to the one before, exported in every format."""
    rows = [
        {"text": text, "author": ("mira", "tom")[n % 2], "reply_to": str(n) if n else None, "url": f"https://x/{n + 1}"}
        for n, text in enumerate(texts)
    ]
    corpus = write_corpus(folder / "data", rows)
    out = folder / "data" / "exports" / corpus.recipe
    export(corpus, list(FILES), out, epochs=2, instruction="Go on.", vocabulary=300, allow_small=True, **options)
    return Workspace(folder / "data"), out


def places(out, name):
    """The noted places of the posts of a file."""
    import pyarrow.parquet as pq

    return pq.read_table(ranges.path_of(out, name)).to_pylist()


@pytest.fixture(scope="module")
def invented(tmp_path_factory):
    """The invented posts, exported; only read."""
    return made(tmp_path_factory.mktemp("trace"), INVENTED)


def test_every_format_is_traced():
    """No built-in format is left out here, but for one that writes what `chat` does where `mlx-text` is."""
    assert {*FILES, "mlx-chat"} == set(formats())


@given(
    st.lists(st.one_of(st.text(min_size=1, max_size=12), st.sampled_from(INVENTED)), min_size=1, max_size=5), st.data()
)
@example(INVENTED, None)
@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_place_is_its_posts(tmp_path_factory, texts, data):
    """What stands between begin and end of a post, read back, is its text, and any place between them names it."""
    space, out = made(tmp_path_factory.mktemp("trace"), ["at least one", *texts])
    known = dict(enumerate(["at least one", *texts], 1))
    for name, file in FILES.items():
        format, noted = formats()[name](), places(out, file)
        assert noted
        [read] = format.texts(out / file, [[(place["begin"], place["end"]) for place in noted]])
        for place, said in zip(noted, read, strict=True):
            text = known[int(place["id"])]
            as_written = {
                "text": text.replace(BOUNDARY, NEUTRALISED), "tokens": text.replace(BOUNDARY, NEUTRALISED),
                "lines": line(text), "jsonl": text, "parquet": text,
            }.get(name)  # fmt: skip
            assert said == (search.neutralised(text) if as_written is None else as_written)
        for place in [noted[-1]] if data is None else data.draw(st.lists(st.sampled_from(noted), max_size=1)):
            last = place["end"] - 1
            at = last if data is None else data.draw(st.integers(place["begin"], last))
            found = trace(space, out / file, offset=at)
            [post] = found.posts
            assert (post.id, post.begin, post.end) == (place["id"], place["begin"], place["end"])
            assert post.times == sum(other["id"] == post.id for other in noted)
            assert post.origin.text == known[int(post.id)]
            assert (found.between, found.corpus, found.checked) == (False, "the same", "digest")


@pytest.mark.parametrize("format", FILES)
def test_a_sentence_names_its_post_in_every_script(invented, format):
    """A part of a post is found as it was typed, with quotes, emoji and typed boundaries, and as it stands."""
    space, out = invented
    parts = [
        "يا أصدقاء، الشاي",
        "แต่ตลาดยัง",
        "は本を読む。",
        'said "no \\ maybe" 👩‍👩‍👧‍👦',
        f"typed {BOUNDARY} in",
        "\ttab\u00a0blank",
    ]
    for number, part in enumerate(parts, 1):
        found = trace(space, out / FILES[format], text=part)
        assert [post.id for post in found.posts] == [str(number)]
        assert found.exact
        assert found.posts[0].origin.url == f"https://x/{number}"


@pytest.mark.parametrize("format", FILES)
def test_case_and_blanks_are_overlooked_when_nothing_else_is_found(invented, format):
    """Capitals, other blanks and decomposed letters are found second, and said to be."""
    space, out = invented
    for number, part in ((4, "SHE\u3000said "), (3, "」は本を読む。\tお茶"), (6, "LINE break\nAND tab  blank")):
        found = trace(space, out / FILES[format], text=part)
        assert ([post.id for post in found.posts], found.exact) == ([str(number)], False)


def test_a_sentence_is_looked_for_in_texts_alone(invented):
    """The keys of a record and the author's name are no part of a post's text, nor are two posts one sentence."""
    space, out = invented
    for format, text in (("jsonl", '"author"'), ("jsonl", "mira"), ("chat", "assistant"), ("text", BOUNDARY + "she")):
        with pytest.raises(NothingToDoError, match="No post in"):
            trace(space, out / FILES[format], text=text)


def test_as_many_posts_are_named_as_are_asked_for(tmp_path, monkeypatch):
    """The places of the others are counted; a post that stands there several times is named once, with its places."""
    monkeypatch.setattr(search, "TOGETHER", 4)
    space, out = made(tmp_path, [f"fog over the harbour {n}" for n in range(9)])
    found = trace(space, out / "train.txt", text="over the", most=3)
    assert len({post.id for post in found.posts}) == 3
    assert [post.times for post in found.posts] == [2, 2, 2]
    assert all(post.places[0] == (post.begin, post.end) and len(post.places) == 2 for post in found.posts)
    assert found.more == 2 * 6
    assert trace(space, out / "train.txt", text="harbour 7").more == 0


def test_a_place_between_posts_has_the_posts_of_its_line(invented):
    """The JSON of a conversation is nobody's; what its line is made of is named, and that it is so is said."""
    space, out = invented
    content = (out / "train.chat.jsonl").read_bytes()
    ends = [at for at, byte in enumerate(content) if byte == 10]
    for number, at in enumerate([0, ends[0] + 1, ends[0]]):
        found = trace(space, out / "train.chat.jsonl", offset=at)
        said = json.loads(content.splitlines()[number % 2])
        assert found.between
        assert {post.id for post in found.posts} == set(said["ids"])


@pytest.mark.parametrize(("format", "first"), [("text", len(BOUNDARY)), ("tokens", 1)])
def test_the_first_boundary_is_nobodys(invented, format, first):
    """It is said where the first post begins."""
    space, out = invented
    with pytest.raises(NothingToDoError, match=f"next one begins at {first}"):
        trace(space, out / FILES[format], offset=first - 1)
    assert trace(space, out / FILES[format], offset=first).posts[0].begin == first


def test_parts_of_a_thread_are_named_with_the_post_they_were_joined_to(tmp_path):
    """A place of the joined text is also that of its parts, and a sentence of a part is found in it."""
    rows = [
        {"id": "1", "author": "mira", "text": "one\n\ntwo lamps", "raw_text": "one"},
        {"id": "2", "author": "mira", "text": "two lamps", "removed_by": "threads", "duplicate_of": "1"},
        {"id": "3", "author": "tom", "text": "something else"},
    ]
    corpus = write_corpus(tmp_path, rows, rules=[rule("threads", use="thread", kind="dedup")])
    export(corpus, ["jsonl", "parquet"], tmp_path / "out")
    for file in (FILES["jsonl"], FILES["parquet"]):
        [post] = trace(Workspace(tmp_path), tmp_path / "out" / file, text="two lamps").posts
        assert (post.id, [part.id for part in post.parts]) == ("1", ["2"])
        assert post.parts[0].origin.removed_by == "threads"
        assert trace(Workspace(tmp_path), tmp_path / "out" / file, offset=post.begin).posts == (post,)


def test_without_the_corpus_the_post_is_still_named(tmp_path):
    """Another workspace, or a corpus that was made anew, is said; the ranges know the post."""
    space, out = made(tmp_path, ["fog over the harbour", "lamps"])
    found = trace(Workspace(tmp_path / "empty"), out / "train.txt", text="harbour")
    assert (found.corpus, found.posts[0].id, found.posts[0].origin) == ("gone", "1", None)
    manifest = Path(space.curated / "invented" / "manifest.json")
    said = json.loads(manifest.read_text())
    (manifest.parent / said["files"][0]).rename(manifest.parent / "part-new.parquet")
    manifest.write_text(json.dumps({**said, "files": ["part-new.parquet"]}))
    found = trace(space, out / "train.txt", text="harbour")
    assert (found.corpus, found.posts[0].origin.text) == ("another", "fog over the harbour")


def test_a_file_that_was_changed_is_not_traced(tmp_path, monkeypatch):
    """One byte more, less or other: its places would be wrong. Of a large one the length is compared for a place."""
    space, out = made(tmp_path, ["fog over the harbour", "lamps"])
    for format, name in FILES.items():
        file = out / name
        before = file.read_bytes()
        middle = len(before) // 2
        other = before[:middle] + bytes([before[middle] ^ 1]) + before[middle + 1 :]
        for changed in (before[:-1], before + b" ", other):
            file.write_bytes(changed)
            with pytest.raises(InputError, match="was changed since"):
                trace(space, file, offset=1)
        with monkeypatch.context() as patch:
            patch.setattr(locate, "AFFORDABLE", 0)
            if format not in ("parquet", "chat", "prompt-completion"):
                file.write_bytes(before[: middle // 2 * 2])
                with pytest.raises(InputError, match="was changed since"):
                    trace(space, file, offset=1)
            file.write_bytes(before)
            assert trace(space, file, offset=places(out, name)[0]["begin"]).checked == "length"
            file.write_bytes(other)
            with pytest.raises(InputError, match="was changed since"):
                trace(space, file, text="fog")


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        ({}, UsageError, "one of them"),
        ({"offset": 1, "text": "one"}, UsageError, "one of them"),
        ({"offset": -1}, UsageError, "no place -1"),
        ({"offset": 10_000}, UsageError, r"numbers from 0 to \d+\."),
        ({"text": " \u3000"}, UsageError, "--text is empty"),
        ({"text": "one", "most": 0}, UsageError, "--most 0"),
        ({"text": "nobody wrote this"}, NothingToDoError, "No post in"),
    ],
)
def test_what_can_not_be_answered_is_said(invented, asked, error, message):
    """Which places there are, what is missing."""
    space, out = invented
    with pytest.raises(error, match=message):
        trace(space, out / "train.txt", **asked)


def test_files_that_no_export_wrote_are_not_traced(tmp_path):
    """A file beside, a copy elsewhere, one without ranges or with those of another, one that goes with an export."""
    space, out = made(tmp_path, ["fog over the harbour", "lamps"])
    (out / "notes.txt").write_text("mine")
    (tmp_path / "train.txt").write_bytes((out / "train.txt").read_bytes())
    for file, message in (
        (out / "notes.txt", "no file that an export wrote"), (tmp_path / "train.txt", "no file that an export wrote"),
        (out / "absent.txt", "There is no file"), (out / "tokens/meta.json", "holds no posts itself"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=message):
            trace(space, file, offset=0)
    place = ranges.path_of(out, "train.txt")
    place.write_bytes(ranges.path_of(out, "train.jsonl").read_bytes())
    with pytest.raises(InputError, match="is of another file"):
        trace(space, out / "train.txt", offset=0)
    place.unlink()
    with pytest.raises(InputError, match="curation export invented"):
        trace(space, out / "train.txt", offset=0)
    said = json.loads((out / RECORD).read_text())
    said["exports"][0]["files"] = [{**file, "format": "shouted"} for file in said["exports"][0]["files"]]
    (out / RECORD).write_text(json.dumps(said))
    with pytest.raises(InputError, match="'shouted', which no installed package has"):
        trace(space, out / "train.jsonl", offset=0)
