"""A rule, a source and a format of another package are each one class, and stand wherever shipped ones do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import dashboards
from curation import sources
from curation.cards import card
from curation.corpus.corpus import Corpus
from curation.corpus.ledger import Ledger
from curation.corpus.ledger_text import render
from curation.corpus.reasons import reason
from curation.exports.registry import formats
from curation.recipes.recipe import Recipe
from curation.rules import RuleBook, installed
from curation.sources.platforms import platforms
from dashboards.queries.thresholds import knobs
from dashboards.snapshot import Answers, Snapshot
from docs import catalog
from tests.cli.shell import inside

APP = str(Path(dashboards.__file__).with_name("app.py"))

MODULE = '''
import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from curation import sql
from curation.exports.formats.base import Export
from curation.options.bounds import OneOf
from curation.rules.base import Filter, column, param
from curation.sources.base import PageBuilder, Platform, Source


@dataclass(frozen=True, kw_only=True)
class Shouting(Filter):
    """More than `most` capitals in a row"""

    use: ClassVar[str] = "shouting"
    title: ClassVar[str] = "Shouts"
    training_row: ClassVar[str] = "Shouted tweets"
    if_most_go: ClassVar[str] = "loudest: {most}; try --set {name}.most=99"

    most: int = param(
        4, doc="letters", unit="letters", removes="more",
        check=lambda value: None if value % 2 == 0 else "an even number",
    )
    script: str = param("latin", doc="which letters count", check=OneOf("latin", "greek"))

    @classmethod
    def masks(cls, parameters):
        return ("loud words",)

    def measure(self):
        return r"length(regexp_extract(text, '\\p{Lu}+'))"

    def removes(self):
        return f"{column(self)} > {sql.literal(self.most)}"


class Diary(Source):
    """A folder of diary entries, one text file a day."""

    name: ClassVar[str] = "diary"
    needs: ClassVar[str] = "a folder of files called like 2024-03-01.txt"
    gives: ClassVar[str] = "each day as one post"
    options: ClassVar[tuple[str, ...]] = ("author",)
    target_is_file: ClassVar[bool] = True
    platforms: ClassVar[tuple[Platform, ...]] = (Platform("diary", "a *paper* diary", "diaries"),)

    def __init__(self, folder, author=None):
        self.folder, self.author = Path(folder), author

    @property
    def target(self):
        return str(self.folder)

    def pages(self):
        builder = PageBuilder()
        for number, file in enumerate(sorted(self.folder.glob("*.txt")), start=1):
            builder.rows.append({
                "platform": "diary", "id": file.stem, "author": self.author, "text": file.read_text(),
                "created_at": datetime.datetime.fromisoformat(file.stem).replace(tzinfo=datetime.UTC),
                "text_format": "plain", "source": self.name, "source_file": file.name, "source_line": number,
            })
        yield builder.page()


class Screenplay(Export):
    """One line of a screenplay for each post"""

    name = "screenplay"
    extension = "screenplay.txt"
    needs_text = True
    boundaries = False

    def write(self, kept, split, settings, sink):
        for chunk in kept.in_order("author, text, post", split, with_text=True):
            sink.posts([post for *_, post in chunk], [f"{who.upper()}: {text}\\n".encode() for who, text, _ in chunk])
            sink.wrote(len(chunk))
'''
ENTRY_POINTS = """
[curation.rules]
shouting = extras_of_a_test:Shouting
[curation.sources]
diary = extras_of_a_test:Diary
[curation.exports]
screenplay = extras_of_a_test:Screenplay
"""
DAYS = {"2024-03-01": "the kettle is on", "2024-03-02": "somebody CAMEIN, on a horse", "2024-03-03": "rain again"}
RECIPE = '[[rule]]\nuse = "shouting"\n'


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace with what the package's source, rule and format made, by the command line alone."""
    package = tmp_path / "site-packages"
    (package / "extras-1.0.dist-info").mkdir(parents=True)
    (package / "extras_of_a_test.py").write_text(MODULE)
    (package / "extras-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: extras\nVersion: 1.0\n")
    (package / "extras-1.0.dist-info" / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(package)
    monkeypatch.chdir(tmp_path)
    forget_what_is_installed()
    entries = tmp_path / "papers" / "entries"
    entries.mkdir(parents=True)
    for day, text in DAYS.items():
        (entries / f"{day}.txt").write_text(text)
    (tmp_path / "quiet.toml").write_text(RECIPE)
    space = tmp_path / "data"
    assert inside("collect", "diary", entries.relative_to(tmp_path), "--author", "mira", data=space).rc == 0
    assert inside("run", "quiet.toml", data=space).rc == 0
    yield space
    forget_what_is_installed()


def forget_what_is_installed() -> None:
    """Have rules, platforms and pages look for packages again."""
    installed.cache_clear()
    platforms.cache_clear()
    st.cache_resource.clear()


def test_the_command_line_has_all_three(data: Path) -> None:
    """They are listed, described and used as shipped ones are."""
    assert "shouting             More than `most` capitals in a row" in inside("rules").out
    assert "letters" in inside("rules", "shouting").out
    assert "diary: A folder of diary entries, one text file a day." in inside("sources").out
    assert "--author" in inside("sources", "diary").out
    assert "1 Shouts" in inside("run", "quiet.toml", "--again", data=data).out
    written = inside("export", "quiet", "--format", "screenplay", data=data)
    assert written.rc == 0, written.err
    [file] = (data / "exports" / "quiet").glob("*.screenplay.txt")
    assert file.read_text() == "MIRA: the kettle is on\nMIRA: rain again\n"
    traced = inside("trace", file, 2, data=data)
    assert traced.rc == 0, traced.err
    assert "2024-03-01" in traced.out
    wrong = inside("run", "quiet.toml", "--set", "shouting.most=3", data=data)
    assert "most = 3 should be an even number" in wrong.complaint
    wrong = inside("run", "quiet.toml", "--set", "shouting.script=thai", data=data)
    assert 'script = "thai" should be one of "latin", "greek"' in wrong.complaint


def test_a_hint_of_a_rule_is_given(data: Path) -> None:
    """Where it removes most of an author's posts, in the rule's own words."""
    said = inside("run", "quiet.toml", "--again", "--set", "shouting.most=-2", data=data)
    assert "loudest: 0; try --set shouting.most=99" in said.err


def test_the_docs_have_all_three(data: Path) -> None:
    """The generator takes whatever is installed, and writes down the shipped ones by itself."""
    assert "### shouting" in catalog.rules_page(installed().rules.values())
    assert "## diary" in catalog.sources_page(sources.source_names())
    assert "## screenplay" in catalog.exports_page(formats().values())
    assert "shouting" not in catalog.rules_page()


def test_ledgers_reasons_and_cards_have_them(data: Path) -> None:
    """What the classes declare stands there: a row, a unit, the platform's name, no folder above a target."""
    corpus = Corpus.open(data, "quiet")
    assert "| Shouted tweets | 1 |" in render(Ledger.of(corpus), "markdown")
    [rule] = corpus.rules
    assert reason(rule, {"shouting": 6}) == "Shouts: 6 letters > 4"
    text = card(corpus).text
    assert "a \\*paper\\* diary" in text
    assert '"diaries"' in text
    assert "curation collect diary entries\n" in text
    assert '| 1 | Shouts | More than most capitals in a row | most = 4, script = "latin" | removed 1 |' in text
    assert "The recipe masks loud words that it recognises" in text


def test_pages_have_them(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A threshold can be moved, words of a choice are offered, and the format is among those to choose from."""
    snapshot = Snapshot(Corpus.open(data, "quiet"), Answers())
    [most, script] = knobs(snapshot, Recipe.load("quiet.toml", book=RuleBook.load()))["shouting"]
    assert (most.kind, most.now, script.kind, script.choices) == ("slider", 4, "choice", ("latin", "greek"))
    monkeypatch.setenv("CURATION_DATA", str(data))
    app = AppTest.from_file(APP, default_timeout=60).run()
    page = app.switch_page("pages/rules.py").run()
    assert not page.exception
    assert "More than most capitals in a row" in "".join(element.proto.body for element in page.get("html"))
    assert page.selectbox[0].options == ["Shouts · shouting.most"]
    page = app.switch_page("pages/export.py").run()
    assert not page.exception
    assert any("screenplay" in str(box.options) for box in [*page.multiselect, *page.selectbox, *page.get("pills")])
