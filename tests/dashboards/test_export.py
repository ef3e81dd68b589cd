"""Exports of a selection: from the page, from the command line, and again when a post is forgotten."""

from __future__ import annotations

import datetime
import io
import json
import shlex
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import dashboards
from curation.disk.export_manifest import RECORD
from curation.errors import NothingToDoError, UsageError
from curation.exports import export, formats, write_export
from curation.exports.preview import preview
from curation.exports.reading import Stretch, read_stretch
from curation.options.export import ExportOptions, parse_where
from dashboards.parts.reading import stretch_html
from dashboards.queries import selection
from dashboards.snapshot import Answers, Snapshot
from dashboards.view import View
from tests.cli.shell import inside
from tests.corpora import rule, write_corpus

APP = str(Path(dashboards.__file__).with_name("app.py"))
RULES = [rule("retweet"), rule("strip_urls", kind="transform")]
AUTHORS = ["mira", "-oya", "'; drop table posts; --", "<b>ไทย</b>", "שלום"]
LONG = "a long walk by the harbour, with 100 % soup_and *bread* 🦊 今日は "


def posts():
    """Invented posts of several authors, months, languages and lengths."""
    for number in range(80):
        yield {
            "author": AUTHORS[number % len(AUTHORS)],
            "text": f"{LONG * (number % 4)}{number}",
            "raw_text": f"{LONG * (number % 4)}{number} https://t.example/{number % 9}",
            "created_at": datetime.datetime(2020, 1 + number % 6, 3, tzinfo=datetime.UTC),
            "lang": ["en", "th", None][number % 3],
            "is_reply": number % 2 == 0,
            "reply_to": str(number // 4 + 1) if number % 4 == 0 else None,
            "removed_by": "retweet" if number % 11 == 0 else None,
            "rewritten_by": ["strip_urls"] if number % 2 else [],
        }


@pytest.fixture
def snapshot(tmp_path):
    """A corpus of these posts."""
    return Snapshot(write_corpus(tmp_path / "data", posts(), rules=RULES), Answers())


VIEWS = [
    View(),
    View(chosen={"author": ("mira", "-oya"), "month": ("2020-02", "2020-04")}),
    View(chosen={"language": ("unknown",), "kind": ("reply",)}, q="100 % *SOUP_*"),
    View(chosen={"length": ("160-279", "0-19")}, rewritten="strip_urls"),
    View(chosen={"author": ("'; drop table posts; --",)}, q="t.example/3"),
]


def test_the_line_of_conversations_writes_what_the_page_hands_over(snapshot, tmp_path):
    """Formats made of conversations are the same bytes from both, with an instruction that a shell could misread."""
    options = ExportOptions(
        ("prompt-completion", "chat", "jsonl"),
        valid=0.3,
        instruction="-Write as '$HOME' does; ไทย",
        authors=("mira", "-oya"),
    )
    files = selection.written(snapshot, options)
    data = ["--data", str(snapshot.corpus.folder.parent.parent)]
    line = selection.command("invented", options, data)
    assert inside(*shlex.split(line)[1:], "--out", tmp_path / "out").rc == 0
    assert {name: (tmp_path / "out" / name).read_bytes() for name in files.contents} == files.contents
    prompts = {json.loads(line)["prompt"] for line in files.contents["train.prompt-completion.jsonl"].splitlines()}
    assert "-Write as '$HOME' does; ไทย" in prompts


@pytest.mark.parametrize("split", ["time", "conversation"])
def test_the_line_of_a_split_writes_what_the_page_hands_over(snapshot, tmp_path, split):
    """What decides which posts are valid is in the line, and the files of both are the same."""
    options = ExportOptions(
        ("jsonl",), valid=0.3, split=split, near=0, seed=2
    )  # nearly all of these posts are near copies
    files = selection.written(snapshot, options)
    data = ["--data", str(snapshot.corpus.folder.parent.parent)]
    line = selection.command("invented", options, data)
    assert f"--split {split} --near 0" in line
    assert inside(*shlex.split(line)[1:], "--out", tmp_path / "out").rc == 0
    assert {name: (tmp_path / "out" / name).read_bytes() for name in files.contents} == files.contents
    assert all(files.contents.values())


@pytest.mark.parametrize("view", VIEWS, ids=range(len(VIEWS)))
def test_the_download_is_what_the_command_line_writes(snapshot, tmp_path, view):
    """The line that the page shows writes the same bytes that the page hands over, and the posts are the view's."""
    options = ExportOptions(
        ("text", "jsonl", "parquet"), valid=0.25, epochs=2, balance=True, seed=5, allow_small=True,
        **selection.of_view(view),
    )  # fmt: skip
    space = snapshot.corpus.folder.parent.parent
    before = sorted(space.rglob("[!.]*.parquet"))
    files = selection.written(snapshot, options)
    assert [each for each in sorted(space.rglob("[!.]*.parquet")) if each.parent.name != ".near"] == before
    out = tmp_path / "out"
    line = selection.command("invented", options, ["--data", str(space)])
    said = inside(*shlex.split(line)[1:], "--out", out, "--json")
    assert said.rc == 0, said.err
    assert {name: (out / name).read_bytes() for name in files.contents} == files.contents
    assert [file["sha256"] for file in said.json["files"]] == [file.sha256 for file in files.result.files]
    chosen, parameters = view.where(_facets(snapshot))
    rows = snapshot.corpus.rows(f"SELECT id FROM posts WHERE removed_by IS NULL AND {chosen} ORDER BY id", parameters)
    lines = b"".join(content for name, content in files.contents.items() if name.endswith(".jsonl")).splitlines()
    assert sorted(json.loads(line)["id"] for line in lines) == [post for (post,) in rows]
    assert selection.figures(snapshot, options).posts == len(rows)


def _facets(snapshot):
    from curation.corpus.selection import facets

    return facets(snapshot.manifest)


def test_a_zip_holds_every_file(snapshot):
    """The same files, and the same bytes each time."""
    files = selection.written(snapshot, ExportOptions(("lines", "jsonl")))
    with zipfile.ZipFile(io.BytesIO(files.zipped())) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files.contents
    assert files.zipped() == files.zipped()


@pytest.mark.parametrize(
    "options",
    [{}, {"valid": 0.4, "seed": 3}, {"balance": True}, {"valid": 0.3, "split": "time"}],
    ids=["plain", "split", "balance", "time"],
)
def test_the_preview_is_how_the_file_begins(snapshot, tmp_path, options):
    """For every format made of text the preview's beginning is the file's, and the drawn posts are among its posts."""
    names = [name for name in formats() if name not in ("parquet", "tokens", "mlx-text", "mlx-chat")]
    chosen = ExportOptions(names, where={"kind": ("reply",)}, allow_small=True, **options)
    write_export(snapshot.corpus, chosen, tmp_path)
    for name in names:
        looked = preview(snapshot.corpus, name, chosen)
        written = (tmp_path / f"train.{formats()[name].extension}").read_bytes()
        assert looked.beginning
        assert written.startswith(looked.beginning)
        pieces = looked.drawn.split(b"<|endoftext|>" if name == "text" else b"\n")
        assert len([piece for piece in pieces if piece]) == 4
        assert all(piece in written for piece in pieces)


@pytest.mark.parametrize(
    "format", [name for name in formats() if name not in ("parquet", "tokens", "mlx-text", "mlx-chat")]
)
@pytest.mark.parametrize(
    "options", [{}, {"valid": 0.3}, {"balance": True, "seed": 3}], ids=["plain", "split", "balance"]
)
def test_a_stretch_stands_in_the_file_as_it_is_shown(snapshot, tmp_path, format, options):
    """Byte for byte, marks and changes of the format included; the same for one draw, another for another one."""
    options = ExportOptions((format,), where={"kind": ("reply",)}, instruction="Go on.", allow_small=True, **options)
    if format not in ("chat", "prompt-completion"):
        options = replace(options, instruction="")
    write_export(snapshot.corpus, options, tmp_path)
    written = (tmp_path / formats()[format]().file("train")).read_bytes().decode()
    found = [read_stretch(snapshot.corpus, format, options, draw=draw, posts=5) for draw in (0, 0, 1, 2, 3)]
    assert found[0] == found[1]
    assert len({each.text for each in found}) > 1
    for each in found:
        assert each.text in written
        assert "".join(piece for piece, _ in each.pieces()) == each.text
        assert sum(not is_mark for _, is_mark in each.pieces()) == each.posts == 5
        assert each.first + 4 <= each.of
    rough = read_stretch(snapshot.corpus, format, options, posts=5, few=1)
    assert rough.not_applied == tuple(name for name in ("valid", "balance") if getattr(options, name))


def test_a_stretch_is_plain_text_and_its_marks_are_seen():
    """Markup in a post is text, each post has its own direction, marks are no part of a post, and it is cut."""
    text = "<|endoftext|><b>bold</b> *x*<|endoftext|>שלום\u202e<|endoftext|>" + "a" * 20_000
    stretch = Stretch("text", "train.txt", text, 1, 3, 3)
    html = stretch_html(stretch)
    assert html.count('class="between"') == 3
    assert "<bdi>&lt;b&gt;bold&lt;/b&gt; *x*</bdi>" in html
    assert "<bdi>שלום⟨U+202E⟩</bdi>" in html
    assert "more characters" in html
    lines = stretch_html(replace(stretch, format="lines", text="one\ntwo\n"))
    assert lines.count("↵") == 2


def test_overview_and_export_let_one_read(snapshot, monkeypatch):
    """A button gives another stretch; for a format that is no text the page says so."""
    monkeypatch.setenv("CURATION_DATA", str(snapshot.corpus.folder.parent.parent))
    app = AppTest.from_file(APP, default_timeout=60).run()
    assert not app.exception
    assert any("in train" in caption.value for caption in app.caption)
    page = app.switch_page("pages/export.py").run()
    page.multiselect(key="export:formats").set_value(["jsonl", "lines"]).run()
    shown = [next(c.value for c in page.caption if " in train" in c.value)]
    for _ in range(3):
        page.button(key="export:reading:another").click().run()
        shown.append(next(c.value for c in page.caption if " in train" in c.value))
    assert not page.exception
    assert all(each.endswith("in train\\.jsonl.") for each in shown)
    assert len(set(shown)) > 1
    page.multiselect(key="export:formats").set_value(["parquet"]).run()
    assert any("no text" in caption.value for caption in page.caption)


def test_what_tells_removed_posts_apart_is_left_out():
    """Verdict, matched and only choose no kept post, and the page says that they are not asked."""
    view = View(chosen={"verdict": ("retweet",), "kind": ("reply",)}, matched="retweet")
    assert selection.left_out(view) == ["verdict", "matched"]
    assert selection.of_view(view) == {"authors": (), "where": {"kind": ("reply",)}, "search": ""}


def test_the_record_repeats_the_selection(snapshot, tmp_path):
    """What an export remembers as its options makes the same files again."""
    out, again = tmp_path / "out", tmp_path / "again"
    where = {"month": ("2020-02",), "rewritten": ("strip_urls",)}
    export(snapshot.corpus, ["jsonl"], out, authors=["mira"], where=where, search="harbour")
    [one] = json.loads((out / RECORD).read_text(encoding="utf-8"))["exports"]
    assert one["options"]["where"] == {"month": ["2020-02"], "rewritten": ["strip_urls"]}
    export(snapshot.corpus, one["formats"], again, **one["options"])
    assert (again / "train.jsonl").read_bytes() == (out / "train.jsonl").read_bytes() != b""


@pytest.mark.parametrize(
    ("words", "error", "says"),
    [
        ([("--only", "month")], UsageError, "write a facet and a value"),
        ([("--only", "mnth=2020-02")], UsageError, "Did you mean 'month'"),
        ([("--only", "verdict=retweet")], UsageError, "Only kept posts are exported"),
        ([("--only", "length=7")], UsageError, "classes of lengths"),
        ([("--only", "rewritten=pii")], UsageError, "rewrites texts"),
        ([("--only", "month=2021-01")], NothingToDoError, "No post has month=2021-01"),
        ([("--search", "nowhere")], NothingToDoError, "Leave out an --only, or --search"),
    ],
)
def test_a_wrong_choice_is_said(snapshot, tmp_path, words, error, says):
    """What no kept post can have is refused with what there is, and nothing is written."""
    data = snapshot.corpus.folder.parent.parent
    given = [word for pair in words for word in pair]
    said = inside("export", "invented", "--format", "jsonl", *given, "--out", tmp_path / "out", data=data)
    assert (said.rc, says in said.err) == (error.exit_code, True), said.err
    assert not (tmp_path / "out").exists()


def test_one_of_several_values_that_is_not_there_is_a_warning(snapshot, tmp_path):
    """The others are exported, so that an export can be repeated when the last post of a month is forgotten."""
    result = export(snapshot.corpus, ["jsonl"], tmp_path, where={"month": ["2020-02", "2020-12"]})
    assert result.files[0].posts
    assert any(warning.startswith("No post has month=2020-12.") for warning in result.warnings)


def test_values_of_one_name_gather():
    """A value may hold an equals sign."""
    assert parse_where(["month=2020-01", "month=2020-02", "author=a=b"]) == {
        "month": ("2020-01", "2020-02"), "author": ("a=b",),
    }  # fmt: skip


def facets_given(page):
    """What the control of facets was given."""
    components = [json.loads(component.proto.json) for component in page.get("bidi_component")]
    return next(component["facets"] for component in components if "facets" in component)


def test_the_page_follows_its_address_and_hands_over_the_files(snapshot, monkeypatch):
    """A deep link sets the boxes, a choice changes counts and line, and the button makes the files of that line."""
    monkeypatch.setenv("CURATION_DATA", str(snapshot.corpus.folder.parent.parent))
    app = AppTest.from_file(APP, default_timeout=60).run()
    page = app.switch_page("pages/export.py")
    page.query_params["author"] = "<b>ไทย</b>"
    page.run()
    assert not page.exception
    [author] = [each for each in facets_given(page) if each["name"] == "author"]
    assert author["chosen"] == ["<b>ไทย</b>"]
    options = ExportOptions(authors=("<b>ไทย</b>",))
    assert page.metric[0].value == f"{selection.figures(snapshot, options).posts:,}"
    [kind] = [each for each in facets_given(page) if each["name"] == "kind"]
    options = ExportOptions(authors=("<b>ไทย</b>",), where={"kind": ("reply",)})
    posts = selection.figures(snapshot, options).posts
    assert {value: count for value, _, count, _ in kind["values"]}["reply"] == posts
    page.query_params["kind"] = "reply"
    page.run()
    assert page.metric[0].value == f"{selection.figures(snapshot, options).posts:,}"
    assert page.code[0].value.startswith(
        "curation export invented --format text --author '<b>ไทย</b>' --only kind=reply"
    )
    page.button(key="export:prepare").click().run()
    assert any("too few to learn from" in warning.value for warning in page.warning)
    page.toggle(key="export:allow_small").set_value(True).run()
    page.button(key="export:prepare").click().run()
    assert not page.exception
    assert "--allow-small" in page.code[0].value
    assert [button.label.partition(" ")[0] for button in page.get("download_button")] == ["train\\.txt"]
    assert page.selectbox(key="export:split").disabled
    page.number_input(key="export:valid").set_value(0.2).run()
    page.selectbox(key="export:split").select("time").run()
    assert not page.exception
    assert "--valid 0.2 --split time" in page.code[0].value
    assert not [box for box in page.text_input if box.key == "export:instruction"]
    page.multiselect(key="export:formats").select("chat").run()
    page.text_input(key="export:instruction").set_value("Write a post.").run()
    assert not page.exception
    assert "--format text --format chat" in page.code[0].value
    assert "--instruction 'Write a post.'" in page.code[0].value
    drawn = "".join(element.proto.body for element in page.get("html"))
    assert "&lt;|endoftext|&gt;" in drawn


def test_visitors_from_elsewhere_name_no_tokenizer(snapshot, monkeypatch):
    """Where other machines reach the pages, the box is closed: what is typed there would be read on this machine."""
    monkeypatch.setenv("CURATION_DATA", str(snapshot.corpus.folder.parent.parent))
    for writes, closed in (("local", False), ("allowed", True), ("", True)):
        monkeypatch.setenv("CURATION_WRITES", writes)
        page = AppTest.from_file(APP, default_timeout=60).run().switch_page("pages/export.py").run()
        page.multiselect(key="export:formats").set_value(["tokens"]).run()
        assert page.text_input(key="export:tokenizer").disabled is closed


def test_more_settings_has_what_the_format_or_the_trainer_needs(snapshot, monkeypatch, tmp_path):
    """Every option of an export has a box; those of some formats appear with them, and the line has their values."""
    monkeypatch.setenv("CURATION_DATA", str(snapshot.corpus.folder.parent.parent))
    page = AppTest.from_file(APP, default_timeout=60).run().switch_page("pages/export.py").run()
    page.multiselect(key="export:formats").set_value(["tokens", "chat"]).run()
    page.number_input(key="export:vocabulary").set_value(300).run()
    assert not page.exception
    boxes = {
        box.key
        for kind in ("multiselect", "number_input", "text_input", "selectbox", "toggle")
        for box in page.get(kind)
    }
    boxes |= {f"export:{facet['name']}" for facet in facets_given(page)}
    renamed = {"authors": "author", "where": "month", "search": "q", "caps": "cap:author"}
    offered = {f"export:{renamed.get(field.name, field.name)}" for field in ExportOptions.fields()}
    assert offered - boxes == {"export:near"}  # a switch that appears with a share for validation
    assert "--format tokens --format chat" in page.code[0].value
    assert "--vocabulary 300" in page.code[0].value
    page.multiselect(key="export:formats").set_value([]).run()
    assert [info.value for info in page.info] == ["Choose a format."]
    page.multiselect(key="export:trainers").set_value(["trl", "ollama"]).run()
    assert "export:tokenizer" not in {box.key for box in page.text_input}
    assert page.text_input(key="export:instruction").value == ""
    line = page.code[0].value
    assert "--for trl --for ollama --valid 0.0 --split random" in line
    assert page.code[1].value.count("\n") == 1
    page.button(key="export:prepare").click().run()
    assert not page.exception
    buttons = {button.label.partition(" ")[0].replace("\\", "") for button in page.get("download_button")}
    words = shlex.split(line)
    assert inside(*words[1:], "--out", tmp_path / "out").rc == 0
    assert buttons - {"All"} == {path.name for path in (tmp_path / "out").iterdir()} - {"export.json", ".ranges"}
    page.multiselect(key="export:formats").set_value(["tokens"]).run()
    assert any("can't read tokens" in warning.value for warning in page.warning)


def test_too_little_text_is_said_before_the_export(tmp_path, monkeypatch):
    """The page names the switch that writes it, and the switch silences it."""
    corpus = write_corpus(tmp_path, [{"text": "one lamp"}], recipe="baseline", rules=RULES)
    monkeypatch.setenv("CURATION_DATA", str(corpus.folder.parent.parent))
    at = AppTest.from_file(APP, default_timeout=60).run().switch_page("pages/export.py").run()
    assert not at.exception

    def said() -> bool:
        return any("switch *Even very little text* on" in warning.value for warning in at.warning)

    assert said()
    next(box for box in at.toggle if box.label == "Even very little text").set_value(True).run()
    assert not said()
