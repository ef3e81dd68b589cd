"""A record of options: one field is enough for the command line, the page, the manifest, the card and the docs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from curation.cards.reproduce import commands
from curation.cli.export import export
from curation.cli.record_options import in_order, record_of, values_of, with_options
from curation.cli.train import train
from curation.disk.export_manifest import ExportRecord
from curation.errors import UsageError
from curation.exports.registry import BUILT_IN
from curation.exports.trainers import TRAINERS
from curation.options.bounds import AtLeast, OneOf
from curation.options.export import Cap, ExportOptions
from curation.options.option import NEVER, Options, option
from curation.options.training import TrainingOptions
from docs.catalog import exports_page
from docs.commands import parameters

#: A value of each option of an export that is not the usual one.
OTHER: dict[str, Any] = {
    "formats": ("jsonl", "chat", "tokens"), "trainers": ("trl",), "valid": 0.25, "split": "time", "near": 0.9,
    "epochs": 2, "seed": 7, "instruction": "Write.", "reply_instruction": "Reply.", "without_orphans": True,
    "balance": True, "authors": ("mira", "-oya"), "search": "fog",
    "where": {"month": ("2020-01", "2020-02")}, "caps": (Cap("author", 5),), "tokenizer": "gpt2", "vocabulary": 600,
    "end_of_document": "<end>", "allow_small": True,
}  # fmt: skip


@dataclass(frozen=True)
class Larger(ExportOptions):
    """The options of an export and three more, as somebody adds them."""

    shout: bool = option(False, "Write in capitals.")
    width: int = option(80, "Longest line.", bound=AtLeast(10), unit="characters", label="Longest line")
    tone: str = option("calm", "The tone.", bound=OneOf("calm", "loud"))


def given(record: type[Options], *words: str) -> Options:
    """What a command gets whose options are those of a record."""
    got: dict[str, Any] = {}

    def command(name: str = "x", **settings: Any) -> None:
        got.update({key: value for key, value in values_of(record, settings).items() if value is not None})

    app = typer.Typer()
    app.command()(with_options(command, record, after="name"))
    answer = CliRunner().invoke(app, list(words))
    assert answer.exit_code == 0, answer.output
    return record(**got)


def test_every_option_is_said_somewhere_else():
    """The values here are other than usual, of every field, so nothing is left out below."""
    assert set(OTHER) == {field.name for field in ExportOptions.fields()}
    assert not [field.name for field in ExportOptions.fields() if field.default == OTHER[field.name]]


@pytest.mark.parametrize("record", [ExportOptions, Larger])
def test_the_words_give_the_record_back(record):
    """The words that a card shows are understood by the command line, also where a value looks like an option."""
    options = record(**OTHER) if record is ExportOptions else record(**OTHER, shout=True, width=20, tone="loud")
    words = options.words()
    assert {field.flag for field in record.fields()} <= {word.partition("=")[0] for word in words}
    assert given(record, *words) == options
    assert given(record) == record()


@pytest.mark.parametrize("record", [ExportOptions, Larger])
def test_the_manifest_gives_the_record_back(record):
    """What is kept is plain JSON; what is never kept is said by the manifest elsewhere."""
    options = record(**OTHER) if record is ExportOptions else record(**OTHER, shout=True, width=20, tone="loud")
    unkept = {field.name for field in record.fields() if field.in_manifest == NEVER}
    assert unkept == {"formats", "allow_small"}
    manifest = options.manifest()
    assert set(manifest) == {field.name for field in record.fields()} - unkept
    assert record.of_manifest(manifest, **{name: OTHER[name] for name in unkept}) == options
    assert list(record().manifest()) == ["valid", "seed", "balance", "authors"]


def test_what_no_manifest_has_is_refused():
    """An option of another version, or a value of another kind, is a sentence."""
    with pytest.raises(UsageError, match="'colour' is not known"):
        ExportOptions.of_manifest({"colour": "red"})
    with pytest.raises(UsageError, match="can't be read"):
        ExportOptions.of_manifest({"valid": "much"})


def test_a_card_names_every_option():
    """But for a tokenizer's folder, which is nobody's business."""
    options = ExportOptions(**OTHER)
    files = ({"name": "train.txt", "format": "text", "characters": 10},)
    record = ExportRecord(
        "own", options.formats, options.manifest() | {"tokenizer": "/home/mira/t.json"}, files, (), 0, ""
    )
    [*_, line] = commands({"recipe": {"name": "own"}}, [record], "own")
    assert {field.flag for field in ExportOptions.fields()} <= {word.partition("=")[0] for word in line.split()}
    assert "--tokenizer t.json" in line


def test_a_page_draws_what_was_added():
    """A box for each new field, with its label and its usual value, within its bounds."""

    def page() -> None:
        import streamlit as st

        from dashboards.parts.option_boxes import draw_boxes
        from tests.options.test_option import Larger

        st.json(draw_boxes((field for field in Larger.fields() if field.name in ("shout", "width", "tone")), "more"))

    app = AppTest.from_function(page).run()
    assert not app.exception
    assert app.number_input(key="more:width").min == 10
    assert app.number_input(key="more:width").label == "Longest line"
    assert app.selectbox(key="more:tone").options == ["calm", "loud"]
    app.toggle(key="more:shout").set_value(True).run()
    assert '"shout":true' in app.json[0].value.replace(" ", "")


@pytest.mark.parametrize(("command", "record"), [(export, ExportOptions), (train, TrainingOptions)])
def test_every_field_is_an_option_of_the_command(command, record):
    """With its flag and its words."""
    by_flag = {parameter.words.split()[0]: parameter for parameter in parameters(command)}
    for field in record.fields():
        assert by_flag[field.flag].help.startswith(field.doc)


def test_the_docs_have_every_option():
    """The page of exports lists the flags, and the formats and trainers that its text names are all there are."""
    page = exports_page()
    for field in ExportOptions.fields():
        assert f"| `{field.flag}" in page
    docs = {field.name: field.doc for field in ExportOptions.fields()}
    assert [export.name for export in BUILT_IN if export.name not in docs["formats"]] == []
    assert [name for name in TRAINERS if name not in docs["trainers"]] == []


@pytest.mark.parametrize(
    ("values", "message"),
    [({"width": 5}, "--width 5: it must be at least 10"), ({"tone": "shrill"}, "--tone shrill: .* one of calm, loud")],
)
def test_a_value_out_of_bounds_names_its_option(values, message):
    """The sentence is made from the bound."""
    with pytest.raises(UsageError, match=message):
        Larger(**values)


@dataclass(frozen=True)
class Brew(Options):
    """Options with a short flag, a bound and a path."""

    cups: int = option(2, "How many.", short="-n", bound=AtLeast(1))
    pot: Path | None = option(None, "Where it is made.", metavar="POT")


@dataclass(frozen=True)
class Guests(Options):
    """Options that the environment sets too."""

    guest: tuple[str, ...] = option((), "Who comes.", variable="TEA_GUEST")


def test_a_command_takes_several_records():
    """Each stands where it was put, in the order of the help; bounds are shown, and checked there, where wanted."""
    got: list[Any] = []

    def tea(name: str = "x", late: bool = False, **settings: Any) -> None:
        got.extend([record_of(Brew, settings), record_of(Guests, settings), in_order(tea, locals())])

    tea = with_options(tea, Guests, after="late")
    tea = with_options(tea, Brew, after="name", has_ranges=True)
    app = typer.Typer()
    app.command()(tea)
    answer = CliRunner().invoke(app, ["-n", "3", "--pot", "blue"], env={"TEA_GUEST": "mira tom"})
    assert answer.exit_code == 0, answer.output
    assert got[:2] == [Brew(3, Path("blue")), Guests(("mira", "tom"))]
    assert list(got[2]) == ["name", "cups", "pot", "late", "guest"]
    assert CliRunner().invoke(app, ["-n", "0"]).exit_code == 2
    assert "x>=1" in CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).output
