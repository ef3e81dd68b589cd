"""An export as a whole: what is refused, what is said, and that files appear whole or not at all."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import re
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from curation.cards import card
from curation.disk import export_manifest
from curation.disk.export_manifest import RECORD
from curation.disk.exported_file import BOUNDARY
from curation.disk.ranges import Ranges
from curation.errors import NothingToDoError, RefusedError, UsageError, WorkspaceError
from curation.exports import Export, export, formats, registry
from curation.exports.files import readme
from curation.exports.formats.jsonl import Jsonl
from curation.exports.formats.parquet import Parquet
from curation.exports.formats.text import Text
from curation.options.export import ExportOptions
from curation.sql import database
from dashboards.queries import overview, selection
from dashboards.snapshot import Answers, Snapshot
from tests.corpora import TIME, write_corpus

ALL = ["text", "lines", "jsonl", "parquet"]
OF_CONVERSATIONS = ["prompt-completion", "chat"]
FOR_TRAINERS = ["documents", "mlx-text", "mlx-chat"]


def files_in(folder) -> dict[str, bytes]:
    """Every file of a folder but its record, which says when it was made, and the card, which says that too."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name not in (RECORD, readme.NAME))
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def small(tmp_path, posts=5):
    """A corpus of a few posts."""
    return write_corpus(tmp_path / "data", [{"text": f"post number {n}"} for n in range(posts)])


def test_every_format_has_a_name_an_extension_of_its_own_and_a_first_line():
    """What the command line and the docs print is there."""
    assert list(formats()) == [*ALL, *OF_CONVERSATIONS, "tokens", *FOR_TRAINERS]
    assert len({format.extension for format in formats().values()}) == 10
    for name, format in formats().items():
        assert issubclass(format, Export)
        assert format.name == name
        assert re.match(r"\S.{20,}[.,:]", format.__doc__)


@given(
    st.lists(st.tuples(st.text(max_size=20), st.sampled_from(["mira", "tom"])), min_size=1, max_size=20),
    st.integers(1, 4),
    st.integers(1, 3),
    st.booleans(),
    st.sampled_from([0.0, 0.4]),
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_same_corpus_and_options_give_the_same_bytes(tmp_path_factory, posts, parts, threads, balance, valid):
    """However the corpus is cut into files and however many threads read it."""
    folder = tmp_path_factory.mktemp("corpus")
    rows = [{"text": "some", "author": "mira"}, *({"text": text, "author": author} for text, author in posts)]
    connect = database.connect
    written = []
    for pieces, cores in ((1, 1), (parts, threads)):
        place = folder / str(len(written))
        corpus = write_corpus(place, rows, parts=pieces)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(database, "connect", lambda n=cores, **given: connect(**{**given, "threads": n}))
            try:
                export(corpus, ALL, place / "out", balance=balance, valid=valid, allow_small=True)
            except NothingToDoError:
                reject()  # no text is left for training, which is refused
        written.append(files_in(place / "out"))
    assert written[0] == written[1]


def test_the_result_names_every_file_with_its_figures(tmp_path):
    """Paths, posts, characters and SHA-256 are those of the files, in the form of the contract."""
    rows = [{"text": "hello"}, {"text": "日本 👋"}, {"text": " "}, {"text": "no", "removed_by": "retweet"}]
    result = export(write_corpus(tmp_path, rows), ALL, tmp_path / "out", allow_small=True).to_json()
    assert json.loads(json.dumps(result)) == result
    assert {key: result[key] for key in ("schema", "recipe")} == {"schema": 1, "recipe": "invented"}
    with_text = {"posts": 2, "characters": len("hello日本 👋")}
    everything = {"posts": 3, "characters": len("hello日本 👋 ")}
    names = ["train.txt", "train.lines.txt", "train.jsonl", "data/train-00000-of-00001.parquet"]
    assert result["files"] == [
        {
            "path": str(tmp_path / "out" / name),
            "format": format,
            "split": "train",
            **(with_text if format in ("text", "lines") else everything),
            "sha256": hashlib.sha256((tmp_path / "out" / name).read_bytes()).hexdigest(),
            **({"passes": 1, "file_characters": len(f"hello日本 👋{BOUNDARY * 3}")} if format == "text" else {}),
        }
        for name, format in zip(names, ALL, strict=True)
    ]
    assert sorted(files_in(tmp_path / "out")) == sorted([*names, *(f".ranges/{name}.parquet" for name in names)])
    assert "1 kept post has no text and is not in text, lines." in result["warnings"]


@pytest.mark.parametrize("characters", [5_999, 6_000, 39_999, 40_000])
def test_too_little_text_is_refused_and_little_text_is_a_warning(tmp_path, characters):
    """These limits count as huggingtweets did, texts joined by boundaries, and say so; figures count the texts."""
    texts = ["x" * 100, "y" * (characters - 100 - len(BOUNDARY))]
    corpus = write_corpus(tmp_path, [*({"text": t} for t in texts), {"text": "z" * 50_000, "removed_by": "r"}])
    out = tmp_path / "new" / "out"
    if characters < 6_000:
        with pytest.raises(RefusedError, match=r"only 5,999 characters .* 2 posts \(counted as hugg.* --allow-small"):
            export(corpus, ["jsonl", "text"], out)
        assert not out.parent.exists()
        result = export(corpus, ["jsonl", "text"], out, allow_small=True)
    else:
        result = export(corpus, ["jsonl", "text"], out)
    assert [file.characters for file in result.files] == [characters - len(BOUNDARY)] * 2
    assert [
        f"{characters:,} characters of kept text (counted as huggingtweets did" in each for each in result.warnings
    ] == ([True] * (characters < 40_000))
    assert export(corpus, ["jsonl"], out).warnings == ()


def test_a_refusal_leaves_an_earlier_export_as_it_was(tmp_path):
    """The folder holds the same files with the same bytes."""
    corpus = small(tmp_path)
    export(corpus, ALL, tmp_path / "out", allow_small=True)
    before = files_in(tmp_path / "out")
    with pytest.raises(RefusedError):
        export(corpus, ALL, tmp_path / "out", seed=1)
    assert files_in(tmp_path / "out") == before
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(
        {*(name.partition("/")[0] for name in before), RECORD, readme.NAME}
    )


@pytest.mark.parametrize(
    "failure",
    [
        OSError(28, "No space left on device"),
        OSError("Error writing bytes to file. Detail: [errno 28] No space left on device"),  # Arrow
        duckdb.IOException('IO Error: Async write failed: {"exception_type":"IO","errno":"28"}'),
    ],
    ids=["Python", "Arrow", "DuckDB"],
)
def test_a_failure_in_the_last_file_leaves_all_older_files(tmp_path, monkeypatch, failure):
    """Files take their places when all are complete, so no mixture of two exports is left."""
    corpus = small(tmp_path)
    export(corpus, ALL, tmp_path / "out", allow_small=True)
    before = files_in(tmp_path / "out")

    def full(self, kept, split, settings, sink):
        sink.write(b"half a")
        raise failure

    monkeypatch.setattr(Parquet, "write", full)
    with pytest.raises(WorkspaceError, match=r"/out: No space left on device.*unchanged.*--out DIR"):
        export(corpus, ALL, tmp_path / "out", allow_small=True, seed=1)
    assert files_in(tmp_path / "out") == before


def test_an_export_goes_on_where_one_was_killed_among_its_files(tmp_path, monkeypatch):
    """Files that its record does not name yet are the killed export's own."""
    corpus = small(tmp_path)
    export(corpus, ["jsonl"], tmp_path / "out", allow_small=True)
    rename = Path.replace

    def killed(path, target):
        if Path(target) == tmp_path / "out" / RECORD:
            raise KeyboardInterrupt
        return rename(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            export(corpus, ALL, tmp_path / "out", allow_small=True, seed=1)
    assert (tmp_path / "out" / "train.txt").exists()
    export(corpus, ALL, tmp_path / "out", allow_small=True, seed=1)
    export(corpus, ALL, tmp_path / "anew", allow_small=True, seed=1)
    names = {name for name in files_in(tmp_path / "anew") if name != readme.NAME}
    assert {name: files_in(tmp_path / "out")[name] for name in names} == {
        name: files_in(tmp_path / "anew")[name] for name in names
    }


def test_a_place_that_can_not_be_written_is_said(tmp_path):
    """A file where a folder is needed is one sentence with the place."""
    corpus = small(tmp_path)
    (tmp_path / "file").write_text("mine")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(WorkspaceError, match=f"Can't write to {re.escape(str(out))}: Not a directory"):
            export(corpus, ["lines"], out)
    assert (tmp_path / "file").read_text() == "mine"


def test_another_selection_replaces_the_whole_export_and_a_format_of_the_same_joins_it(tmp_path):
    """What goes is said before and after, with files and posts; what no export wrote, or somebody changed, stays."""
    rows = [{"text": f"post number {n}", "author": "ab"[n % 2]} for n in range(50)]
    corpus, out = write_corpus(tmp_path / "data", rows), tmp_path / "out"
    notices = []
    options = {"valid": 0.5, "near": 0, "on_notice": notices.append}
    export(corpus, ["jsonl"], out, authors=["a"], **options)
    (out / "mine.txt").write_text("mine")
    joined = export(corpus, ["lines"], out, authors=["a"], **options)
    assert (joined.warnings, joined.replaced, notices) == ((), (), [])
    sides = [
        {line["text"] for line in map(json.loads, (out / f"{side}.jsonl").read_text().splitlines())}
        for side in ("train", "valid")
    ]
    assert [{*(out / f"{side}.lines.txt").read_text().splitlines()} for side in ("train", "valid")] == sides
    (out / "valid.lines.txt").write_text("edited by hand\n")
    result = export(corpus, ["jsonl"], out, authors=["b"], on_notice=notices.append)
    assert {path.name for path in out.iterdir()} == {
        "train.jsonl", "export.json", "mine.txt", "valid.lines.txt", ".ranges",
    }  # fmt: skip
    assert {json.loads(line)["author"] for line in (out / "train.jsonl").read_text().splitlines()} == {"b"}
    assert (out / "valid.lines.txt").read_text() == "edited by hand\n"
    [notice] = notices
    assert f"{out} holds another export, which this one replaces as a whole: 25 posts of invented by a in " in notice
    assert "--as NAME, keeps both" in notice
    assert [(one["posts"], one["recipe"]) for one in result.to_json()["replaced"]] == [(25, "invented")] * 2
    assert sum("The earlier export" in warning for warning in result.warnings) == 2
    assert any("valid.lines.txt was changed since" in warning for warning in result.warnings)
    # The changed file stays on record, so that forgetting finds it; it is replaced only once.
    assert [(one.options["authors"], one.names) for one in export_manifest.read(out)] == [
        (["a"], ("valid.lines.txt",)), (["b"], ("train.jsonl",)),
    ]  # fmt: skip
    again = export(corpus, ["jsonl"], out, authors=["b"], on_notice=notices.append)
    assert (len(notices), again.replaced) == (1, ())


@pytest.mark.parametrize(
    ("first", "second", "stays"),
    [
        ({}, {"seed": 3}, True),  # without a split or caps, a seed orders and chooses nothing
        ({"valid": 0.4}, {"valid": 0.4, "seed": 3}, False),
        ({"valid": 0.4}, {}, False),
        ({"where": {"month": ["2020-01", "2020-02"]}}, {"where": {"month": ["2020-02", "2020-01"]}}, True),
        ({"search": "post"}, {}, False),
        ({"caps": ["author=3"]}, {"caps": ["author=4"]}, False),
        ({}, {"balance": True, "epochs": 2}, True),
    ],
)
def test_a_folder_has_one_selection(tmp_path, first, second, stays):
    """Formats of the same posts on the same sides stay together, whatever else differs."""
    rows = [{"text": f"post {n}", "created_at": TIME.replace(year=2020, month=1 + n % 2)} for n in range(20)]
    corpus, out = write_corpus(tmp_path / "data", rows), tmp_path / "out"
    export(corpus, ["lines"], out, **first)
    export(corpus, ["jsonl", "text"] if stays else ["jsonl"], out, allow_small=True, **second)
    assert (out / "train.lines.txt").exists() is stays
    assert len(export_manifest.read(out)) == 1 + stays


def test_conversations_do_not_stand_beside_a_split_that_cuts_them(tmp_path):
    """`chat` splits by conversation, so a file that was split by text goes."""
    rows = [{"id": f"{n}", "text": f"post {n}", "reply_to": f"{n - 1}" if n % 2 else None} for n in range(40)]
    corpus, out = write_corpus(tmp_path / "data", rows), tmp_path / "out"
    export(corpus, ["jsonl"], out, valid=0.4, near=0)
    export(corpus, ["chat"], out, valid=0.4, near=0, instruction="Go on.")
    assert sorted(path.name for path in out.glob("*.jsonl")) == ["train.chat.jsonl", "valid.chat.jsonl"]


def test_a_file_that_no_export_wrote_is_not_overwritten(tmp_path):
    """It is refused before anything is written, and a renewed export of a later run goes without a word."""
    corpus, out, notices = small(tmp_path), tmp_path / "out", []
    out.mkdir()
    (out / "train.jsonl").write_text("mine")
    with pytest.raises(WorkspaceError, match=r"train\.jsonl is there, and no export wrote it"):
        export(corpus, ["jsonl"], out)
    assert [path.name for path in out.iterdir()] == ["train.jsonl"]
    assert (out / "train.jsonl").read_text() == "mine"
    (out / "train.jsonl").unlink()
    export(corpus, ["jsonl"], out)
    [one] = export_manifest.read(out)
    export_manifest.write(out, [export_manifest.ExportRecord(**{**vars(one), "made_of": ("part-older.parquet",)})])
    assert export(corpus, ["jsonl"], out, on_notice=notices.append).warnings == ()
    assert notices == []


@pytest.mark.parametrize("change", [{"sha256": None}, {"posts": "many"}, {"name": "../x"}, {"split": 3}])
def test_a_damaged_record_is_none(tmp_path, change):
    """A file's entry that lacks a fact: the record counts as unreadable, and an export is made all the same."""
    corpus, out = small(tmp_path), tmp_path / "out"
    export(corpus, ["jsonl"], out)
    path = out / RECORD
    content = json.loads(path.read_text())
    content["exports"][0]["files"][0] |= change
    path.write_text(json.dumps(content))
    assert export_manifest.read(out) is None
    export(corpus, ["jsonl"], out, valid=0.4, allow_small=True)
    assert export_manifest.read(out)


@pytest.mark.parametrize("format", [*OF_CONVERSATIONS, "mlx-chat", "text", "lines", "documents"])
def test_an_empty_file_is_refused_with_the_way_on(tmp_path, format):
    """Nothing is written, and an earlier export stays."""
    blank = write_corpus(tmp_path / "blank", [{"text": " ", "author": "a"}])
    alone = write_corpus(tmp_path / "alone", [{"text": "hello", "reply_to": "99"}, {"text": "there"}])
    out, is_chat = tmp_path / "out", format not in ("text", "lines", "documents")
    with pytest.raises(NothingToDoError, match=r"would be empty: of the 1 kept post .* none has text; jsonl"):
        export(blank, [format], out, allow_small=True)
    assert not out.exists()
    if is_chat:
        with pytest.raises(NothingToDoError, match=r"of the 2 kept posts .* --instruction 'Write a post\.'.* jsonl"):
            export(alone, ["jsonl", format], out)
        assert not out.exists()
        assert export(alone, [format], out, instruction="Write.").files[0].posts == 2
    with pytest.raises(NothingToDoError, match=r"hold out less than --valid 0\.99"):
        export(write_corpus(tmp_path / "held", [{"text": "b"}]), ["jsonl"], tmp_path / "no", valid=0.99, near=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"formats": ["jsnol"]}, r"no export format 'jsnol'.*Did you mean 'jsonl'\?"),
        (
            {"formats": []},
            "chat, documents, jsonl, lines, mlx-chat, mlx-text, parquet, prompt-completion, text, tokens",
        ),
        ({"valid": 1.0}, "at least 0 and below 1"),
        ({"valid": -0.1}, "at least 0 and below 1"),
        ({"valid": float("nan")}, "at least 0 and below 1"),
        ({"epochs": 0}, "at least 1"),
        ({"valid": 0.1, "split": "tiem"}, "--split tiem: it must be one of random, time, conversation"),
        ({"instruction": "Write a post."}, "prompt-completion and chat"),
        ({"split": "time"}, r"needs the share .* --valid 0\.1"),
    ],
)
def test_wrong_options_are_usage_errors_before_anything_is_read(tmp_path, options, message):
    """Each says what was given and what would be right, and no folder is made."""
    corpus = small(tmp_path)
    with pytest.raises(UsageError, match=message):
        export(corpus, **{"formats": ["jsonl"], "out": tmp_path / "out", **options})
    assert not (tmp_path / "out").exists()


def test_a_format_named_twice_is_written_once(tmp_path):
    """Repeating `--format` does no harm."""
    assert len(export(small(tmp_path), ["jsonl", "jsonl"], tmp_path / "out").files) == 1


def test_only_the_posts_of_the_authors_asked_for_are_exported(tmp_path):
    """An author without posts is nothing to do, with a suggestion."""
    rows = [{"author": author, "id": author} for author in ("mira", "tom", "zoe")]
    corpus = write_corpus(tmp_path, rows)
    export(corpus, ["jsonl"], tmp_path, authors=["mira", "zoe"])
    lines = (tmp_path / "train.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["mira", "zoe"]
    with pytest.raises(NothingToDoError, match="Did you mean 'mira'"):
        export(corpus, ["jsonl"], tmp_path / "out", authors=["tom", "mirra"])


def test_when_every_post_was_removed_the_ledger_is_named(tmp_path):
    """Nothing kept is nothing to do, and the way to see why."""
    corpus = write_corpus(tmp_path, [{"author": "mira", "removed_by": "retweet"}])
    with pytest.raises(NothingToDoError, match=r"every post was removed.*curation ledger invented"):
        export(corpus, ALL, tmp_path / "out")
    with pytest.raises(NothingToDoError, match="every post by mira was removed"):
        export(corpus, ALL, tmp_path / "out", authors=["mira"])
    assert not (tmp_path / "out").exists()


def test_progress_ends_at_what_was_expected(tmp_path):
    """It grows from file to file, epochs included, and its end is the whole."""
    on_notice = []
    export(
        small(tmp_path, 10),
        ALL,
        tmp_path / "out",
        allow_small=True,
        epochs=3,
        progress=lambda done, expected: on_notice.append((done, expected)),
    )
    assert [expected for _, expected in on_notice] == [60] * len(on_notice)
    assert [done for done, _ in on_notice] == [10, 20, 30, 40, 50, 60]


class Shouted(Jsonl):
    """Posts in capitals."""

    name = "shouted"
    extension = "shouted.txt"

    def write(self, kept, split, settings, sink):
        """Write them."""
        for chunk in kept.in_order("text", split):
            sink.write("".join(text.upper() + "\n" for (text,) in chunk).encode())


class Entry:
    """An entry point of an installed package."""

    dist = None

    def __init__(self, name: str, load):
        self.name, self.value, self.load = name, f"package:{name}", load


def test_another_package_adds_a_format(tmp_path, monkeypatch):
    """A class named in the entry-point group is a format like the built-in ones and replaces none."""
    entries = [Entry("shouted", lambda: Shouted), Entry("text", lambda: Shouted)]
    monkeypatch.setattr(registry, "entry_points", lambda group: entries if group == "curation.exports" else [])
    assert formats() == {
        **{n: formats()[n] for n in [*ALL, *OF_CONVERSATIONS, "tokens", *FOR_TRAINERS]},
        "shouted": Shouted,
    }
    assert formats()["text"] is Text
    export(small(tmp_path, 2), ["shouted"], tmp_path / "out")
    assert (tmp_path / "out" / "train.shouted.txt").read_text() == "POST NUMBER 0\nPOST NUMBER 1\n"


def test_a_format_that_can_not_be_loaded_names_its_package(monkeypatch):
    """A broken package is named, in a sentence."""

    def broken():
        raise ImportError("No module named 'tensors'")

    monkeypatch.setattr(registry, "entry_points", lambda group: [Entry("tensors", broken)])
    with pytest.raises(UsageError, match=r"'tensors' of package:tensors can't be loaded: No module named"):
        formats()


def test_two_formats_of_one_file_name_are_not_exported_at_once(tmp_path, monkeypatch):
    """Neither overwrites the other."""
    other = type("Other", (Shouted,), {"name": "other", "extension": "jsonl", "__doc__": "x"})
    monkeypatch.setattr(registry, "entry_points", lambda group: [Entry("other", lambda: other)])
    with pytest.raises(UsageError, match=r"'jsonl' and 'other' both write train\.jsonl"):
        export(small(tmp_path), ["jsonl", "other"], tmp_path / "out")


def test_the_entry_point_group_is_what_packages_declare():
    """The group is read from the installed packages."""
    assert registry.GROUP == "curation.exports"
    assert registry.entry_points is importlib.metadata.entry_points


def test_characters_are_one_figure_everywhere(tmp_path):
    """Formats, their manifest, the card, Overview and Export count the code points of the texts, and nothing else."""
    texts = ["hello", "日本 👋 two", "a\nb\u2028c", "<|endoftext|> typed", "fire 🔥" * 40]
    rows = [{"text": text, "author": "ab"[n % 2]} for n, text in enumerate(texts)]
    corpus = write_corpus(tmp_path / "data", [*rows, {"text": ""}, {"text": "no", "removed_by": "retweet"}])
    expected, out = sum(map(len, texts)), tmp_path / "out"
    words = [name for name in formats() if name not in (*OF_CONVERSATIONS, "mlx-chat")]
    result = export(corpus, words, out, vocabulary=300, allow_small=True, epochs=3, balance=True)
    written = [file.characters for file in result.files if file.split]
    [one] = export_manifest.read(out)
    recorded = [file["characters"] for file in one.files if file["split"]]
    assert written == recorded == [expected] * len(words)
    pairs = export(corpus, OF_CONVERSATIONS, tmp_path / "pairs", instruction="Go on.").files
    assert [file.characters for file in pairs] == [expected] * 2
    assert [Ranges.of(out, file["name"]).figures()[1] for file in one.files if file["split"]] == recorded
    snapshot = Snapshot(corpus, Answers())
    assert card(corpus).figures.characters == expected
    assert overview.training_text(snapshot).characters == expected
    assert selection.figures(snapshot, ExportOptions()).characters == expected


@pytest.mark.parametrize(("options", "passes"), [({}, 1), ({"epochs": 4}, 4), ({"epochs": 2, "balance": True}, 2)])
def test_a_file_says_how_often_it_has_its_posts_and_how_long_it_is(tmp_path, options, passes):
    """In the result, in the manifest, on the card and in words; of what is held out there is one pass."""
    rows = [{"text": f"日本 {n}", "author": "ab"[n % 3 == 0]} for n in range(30)]
    corpus, out = write_corpus(tmp_path / "data", rows), tmp_path / "out"
    result = export(corpus, ["text", "jsonl"], out, valid=0.3, near=0, allow_small=True, **options)
    train, valid, *others = result.files
    assert (train.passes, valid.passes) == (passes, 1)
    for file in (train, valid):
        content = file.path.read_text(encoding="utf-8")
        assert file.file_characters == len(content)
        assert content.count(BOUNDARY) >= file.passes * file.posts + 1
    assert [file.passes for file in others] == [None, None]
    words = "1 pass" if passes == 1 else f"{passes} passes"
    assert train.in_words() == (
        f"{train.posts} posts, {train.characters} characters; {words}, {train.file_characters:,} characters in the file"
    )
    [one] = export_manifest.read(out)
    assert [(file.get("passes"), file.get("file_characters")) for file in one.files] == [
        (file.passes, file.file_characters) for file in result.files
    ]
    assert (
        f"`train.txt` has {words} over its posts, {train.file_characters:,} characters" in card(corpus, beside=out).text
    )
