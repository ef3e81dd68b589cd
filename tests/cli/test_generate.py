"""`curation generate` without a model: its options, its contract, what a terminal shows. `tests/train` has models."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from curation.cli import generate as command
from curation.errors import InputError
from curation.options.commands import GenerateOptions
from curation.training.generation import generate, loading, reference_text
from curation.training.generation.copied import Post
from curation.training.generation.generate import Sample
from curation.training.generation.reference_text import EXPORT, ReferenceText
from tests.cli.shell import inside

POST = "The lamp in the attic was lit again tonight, and nobody in the house will say who climbed the stairs."
TEXTS = ["My dream: " + POST[:60] + " \x1b[2J\u202eend", "My dream: nothing\nof the kind 🏮", "My dream: " + POST[:39]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A workspace with two folders of models, whose weights nobody reads."""
    for name in ("mira-1", "mira-1@v0"):
        folder = tmp_path / "data" / "models" / name
        folder.mkdir(parents=True)
        (folder / "config.json").write_text("{}", encoding="utf-8")
        (folder / "training.json").write_text("{}", encoding="utf-8")
    return tmp_path / "data"


class Writer:
    """Stands for a model: it writes the `TEXTS`."""

    def __init__(self, prompt: str, sampling: GenerateOptions) -> None:
        self.prompt, self.sampling = prompt, sampling.seeded()

    def samples(self) -> list[Sample]:
        """As many texts as there are to be."""
        return [Sample(text, len(self.prompt)) for text in TEXTS[: self.sampling.samples]]

    def streamed(self, number: int, show: Callable[[str], None]) -> Sample:
        """A text in pieces of seven characters."""
        for at in range(0, len(TEXTS[number]), 7):
            show(TEXTS[number][at : at + 7])
        return Sample(TEXTS[number], len(self.prompt))


@pytest.fixture
def writer(data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same workspace, with a model and a training text that need no torch."""
    for folder in (data / "models").iterdir():
        (folder / "training.json").unlink()
    monkeypatch.setattr(loading, "require", lambda _: None)
    monkeypatch.setattr(loading, "load", lambda *_: None)
    monkeypatch.setattr(generate.Generator, "of", lambda _, prompt, sampling: Writer(prompt, sampling))
    text = ReferenceText(EXPORT, "", lambda: iter([[Post("x", "17", "other"), Post("x", "1\x1b7", POST)]]))
    monkeypatch.setattr(reference_text.ReferenceText, "of", lambda *_: text)
    return data


def test_json_is_as_the_contract_says(writer: Path) -> None:
    """Places are code points of the text, and what a post has is found there."""
    answer = inside("generate", "mira-1", "My dream:", "-n", "3", "--seed", "9", "--json", data=writer).json
    assert answer == {
        "schema": 1,
        "model": "mira-1",
        "prompt": "My dream:",
        "seed": 9,
        "compared_with": "export",
        "samples": [
            {"text": TEXTS[0], "copied": [{"begin": 10, "end": 70, "platform": "x", "id": "1\x1b7"}]},
            {"text": TEXTS[1], "copied": []},
            {"text": TEXTS[2], "copied": []},
        ],
    }
    assert TEXTS[0][10:70] in POST


def test_without_a_seed_one_is_drawn_and_named(writer: Path) -> None:
    """So that the texts can be had again."""
    seeds = {inside("generate", "mira-1", "--json", data=writer).json["seed"] for _ in range(3)}
    assert len(seeds) == 3
    run = inside("generate", "mira-1", "-n", "1", data=writer)
    assert run.rc == 0
    assert "The same texts again: --seed " in run.err


def test_elsewhere_than_on_a_terminal_copies_are_between_marks(writer: Path) -> None:
    """Each sample with its number, and below it the posts that it repeats."""
    run = inside("generate", "mira-1", "My dream:", "-n", "2", "--seed", "9", data=writer)
    assert (run.rc, run.err) == (0, "")
    lines = run.out.splitlines()
    assert lines[0].startswith("1. My dream: The lamp")
    assert lines[1] == f"   copied from x 1\\x1b7: «{POST[:60].strip()}»"
    assert lines[2:] == ["2. My dream: nothing", "   of the kind 🏮"]


def test_a_terminal_shows_words_as_they_come_and_nothing_that_steers_it(
    writer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copies are underlined; escape sequences of a model or an id are written out."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    shown = Terminal()
    monkeypatch.setattr(sys, "stdout", shown)
    command.generate("mira-1", "My dream:", samples=2, seed=9, data=writer)
    lines = shown.getvalue().splitlines()
    assert lines[0] == f"1. {TEXTS[0][:71]}\\x1b[2J\\u202eend"
    assert lines[1] == f"   copied from x 1\\x1b7: \x1b[4m{POST[:60].strip()}\x1b[24m"
    assert lines[2:] == ["2. My dream: nothing", "   of the kind 🏮"]
    monkeypatch.setenv("TERM", "dumb")
    shown.truncate(0)
    command.generate("mira-1", "My dream:", samples=1, seed=9, data=writer)
    assert "«The lamp" in shown.getvalue()
    assert "\x1b" not in shown.getvalue()


def test_a_picture_is_written(writer: Path, tmp_path: Path) -> None:
    """Beside the texts; where it can't be, that is a sentence after them."""
    path = tmp_path / "predictions.png"
    run = inside("generate", "mira-1", "My dream:", "-n", "3", "--picture", path, "--json", data=writer)
    assert (run.rc, len(run.json["samples"])) == (0, 3)
    assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert f"The picture is {path}." in run.err
    (tmp_path / "file").write_text("", encoding="utf-8")
    run = inside("generate", "mira-1", "-n", "1", "--picture", tmp_path / "file" / "a.png", data=writer)
    assert run.rc == 1
    assert "a.png can't be written" in run.complaint


@pytest.mark.parametrize(
    ("words", "rc", "message"),
    [
        (["mira-1", "-n", "0"], 2, "--samples 0: it must be at least 1 and at most 1,000"),
        (["mira-1", "-n", "1001"], 2, "--samples 1001"),
        (["mira-1", "--temperature", "-0.1"], 2, "--temperature -0.1: it must be at least 0 and at most 100"),
        (["mira-1", "--temperature", "nan"], 2, "--temperature nan"),
        (["mira-1", "--top-p", "0"], 2, "--top-p 0.0: it must be above 0 and at most 1"),
        (["mira-1", "--top-p", "1.01"], 2, "--top-p 1.01"),
        (["mira-1", "--max-new-tokens", "0"], 2, "--max-new-tokens 0: it must be at least 1"),
        (["mira-1", "--seed", "-1"], 2, "--seed -1"),
        (["mira-1", "--picture", "a.gif"], 2, "the picture is PNG"),
        (["mira-2"], 3, "There is no model 'mira-2'"),
        (["mira-2"], 3, "Did you mean 'mira-1'?"),
        (["{folder}"], 3, "is no model: it has no config.json"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_mistakes_are_a_sentence_before_anything_is_loaded(
    data: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], rc: int, message: str
) -> None:
    """With the exit code of its kind, whether or not torch is there."""
    monkeypatch.setitem(sys.modules, "torch", None)
    run = inside("generate", *(word.format(folder=data) for word in words), data=data)
    assert (run.rc, run.out) == (rc, "")
    assert message in run.complaint


def test_without_torch_a_sentence_says_what_to_install(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The small build first, for those without a GPU; peft only for an adapter."""
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setitem(sys.modules, "peft", None)
    run = inside("generate", "mira-1", data=data)
    assert run.rc == 2
    assert "pip install torch==2.13.0" in run.complaint
    assert "'curation[train]'" in run.complaint
    assert "peft" not in run.complaint
    (data / "models" / "mira-1" / "adapter_config.json").write_text("{}", encoding="utf-8")
    assert "peft" in inside("generate", "mira-1", data=data).complaint


def test_a_damaged_record_is_named(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The model may be whole, but what it saw is not known."""
    monkeypatch.setattr(loading, "require", lambda _: None)
    run = inside("generate", "mira-1", data=data)
    assert run.rc == InputError.exit_code
    assert "training.json is damaged" in run.complaint


def test_help_names_every_option(data: Path) -> None:
    """It is read without torch, transformers or Pillow."""
    run = inside("generate", "--help")
    for option in ("--samples", "-n", "--temperature", "--top-p", "--max-new-tokens", "--seed", "--picture", "--json"):
        assert option in run.out
