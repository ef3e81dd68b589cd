"""The card of a trained model: every figure is the record's, and no text of anybody stands in it."""

from __future__ import annotations

import dataclasses
import io
import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import ModelCard, ModelCardData
from PIL import Image

import curation
from curation.cards import Details
from curation.corpus.corpus import Corpus
from curation.disk.training_record import Measurement
from curation.disk.workspace import Workspace
from curation.training.cards.curve import HEIGHT, WIDTH, picture, ticks
from curation.training.cards.trained import trained_card, write_trained_card
from curation.training.cards.trained_model import CURVE, SAMPLES
from tests.cards.reading import parsed, tokens
from tests.cli.shell import inside
from tests.corpora import rule, write_corpus
from tests.models import SAMPLE, of_export, training_record, write_model

POSTS = [("x", str(n), "mira") for n in range(8)]

#: A record in which no two figures are equal, as far as that can be.
ODD = training_record(
    "odd-1", "v3",
    before=Measurement(0, 0.0, 0, 0.0, None, None, 7.65432, 4.80808, 2109.7531),
    hyperparameters={"epochs": 2.0, "learning_rate": 0.0001372, "keep": None, "lora": True, "schedule": "cosine"},
    base_kind="hub", base_name="openai-community/gpt2", base_parameters=124_439_808, base_trained_parameters=811_008,
    base_lora={"r": 16, "alpha": 32, "target_modules": ["c_attn", "c_proj"]}, seed=4711, tokens_per_second=9752.4,
)  # fmt: skip


def card(record: Any, tmp_path: Path, details: Details | None = None, posts: Any = POSTS) -> str:
    """The card of a model with this record."""
    folder = write_model(tmp_path, record, posts)
    return trained_card(Workspace(tmp_path), folder, record, details)


def cells(text: str) -> list[list[str]]:
    """All rows of all tables of a card."""
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines() if line.startswith("|")
    ]


def numbers(text: str) -> set[float]:
    """All numbers in a text, without the commas between thousands."""
    numbers_there = re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?:e-?\d+)?(?![\w])", text)
    return {float(number.replace(",", "")) for number in numbers_there}


def recorded(record: Any) -> set[float]:
    """All numbers in a record, also as far as a card rounds them."""
    numbers_there: set[float] = set()

    def walk(value: Any) -> None:
        if isinstance(value, bool):
            return
        if isinstance(value, int | float):
            numbers_there.update({float(value), *(round(float(value), places) for places in (0, 2, 3, 4))})
        elif isinstance(value, dict):
            [walk(each) for each in value.values()]
        elif isinstance(value, list | tuple):
            [walk(each) for each in value]
        elif isinstance(value, str):
            numbers_there.update(numbers(value))

    walk(json.loads(json.dumps(record.to_json())))
    return numbers_there


def test_every_figure_is_the_records(tmp_path):
    """No number stands in the card that is not in the record, and the important ones all do."""
    text = card(ODD, tmp_path).replace(ODD.created_at[:10], "that day")
    # The bounds of lengths are the record's, less one; the lines of Python ask for 60 tokens and 3 texts.
    # Languages have shares.
    measured = ODD.data.languages.values()
    own = {39.0, 60.0, 3.0, *(round(100 * posts / sum(measured), 1) for posts in measured)}
    before_limits, _, after = text.partition("## How to use it")
    stray = numbers(before_limits.partition("---\n\n")[2] + after.partition("```\n")[2]) - recorded(ODD) - own
    assert stray == set()
    there = numbers(text)
    for figure in (
        ODD.base.parameters, ODD.base.trained_parameters, ODD.seed, ODD.steps, ODD.data.train.characters,
        ODD.data.train.tokens, ODD.data.valid.posts, 0.0001372, 16, 32, 2.75, 79.44, 7.6543, 4.8081, 2109.75, 4.375,
    ):  # fmt: skip
        assert float(figure) in there, figure
    rows = cells(text)
    for name, value in (("learning\\_rate", "0.0001372"), ("keep", "none"), ("lora", "yes"), ("schedule", "cosine")):
        assert [name, value] in rows
    for epoch in ODD.epochs:
        line = [f"{epoch.valid_loss:.4f}", f"{epoch.valid_bits_per_character:.4f}", f"{epoch.valid_perplexity:,.2f}"]
        assert [str(epoch.epoch), str(epoch.step), f"{epoch.train_loss:.4f}", *line] in rows


def test_the_front_matter_is_what_the_hub_takes(tmp_path):
    """Its own library reads it, offline: languages, base model, results, thumbnail and widget."""
    loaded = ModelCard(card(ODD, tmp_path, Details(name="ada/odd", prompts=("My dream is",))))
    data = loaded.data
    assert isinstance(data, ModelCardData)
    assert data.language == ["en", "ja"]
    assert (data.base_model, data.base_model_relation) == ("openai-community/gpt2", "finetune")
    assert (data.library_name, data.pipeline_tag) == ("transformers", "text-generation")
    assert data.tags == ["text-generation", "social-media", "twitter"]
    assert data.thumbnail == "https://huggingface.co/ada/odd/resolve/main/learning-curve.png"
    assert data.widget == [{"text": "My dream is"}]
    assert {(each.metric_type, each.metric_value) for each in data.eval_results} == {
        ("perplexity", 79.44), ("bits_per_character", 2.75), ("loss", 4.375),
    }  # fmt: skip
    again = ModelCardData(**data.to_dict(), ignore_metadata_errors=False)
    assert again.to_dict() == data.to_dict()


def test_a_model_without_a_base_on_the_hub_claims_none(tmp_path):
    """Neither scratch nor a folder is a base model there; without measurements no result is claimed."""
    record = training_record(base_kind="folder", base_name="gpt2", curve=(), epochs=(), before=None)
    fields = parsed(card(record, tmp_path))
    assert not {"base_model", "base_model_relation", "model-index", "thumbnail"} & set(fields)
    assert ModelCard(card(training_record("two"), tmp_path)).data.base_model is None


def test_an_adapter_is_an_adapter(tmp_path):
    """Its library is peft, and the card says that its base is fetched."""
    folder = write_model(tmp_path, ODD)
    (folder / "adapter_config.json").write_text("{}", encoding="utf-8")
    text = trained_card(Workspace(tmp_path), folder, ODD)
    assert (parsed(text)["library_name"], parsed(text)["base_model_relation"]) == ("peft", "adapter")
    assert "install `peft`" in text


def test_no_text_stands_in_it(tmp_path):
    """What the model wrote may quote a post, so it stays in the record; folders of the machine stay there, too."""
    record = training_record(hyperparameters={"base": "/home/mira/secret"}, base_kind="folder", base_name="gpt2")
    text = card(record, tmp_path)
    assert SAMPLE in json.dumps(record.to_json())
    assert SAMPLE not in text
    assert "/home/mira" not in text


def test_what_was_forgotten_is_said_first(tmp_path):
    """One post and several; nothing where nothing was forgotten."""
    assert "removed from its data" not in card(training_record(), tmp_path / "none")
    one = card(training_record(forgotten_posts=1), tmp_path / "one")
    assert "**1 post that this model saw was removed from its data since; the model still learned from it.**" in one
    two = card(training_record(forgotten_posts=2), tmp_path / "two")
    assert "**2 posts that this model saw were removed from its data since; the model still learned from them.**" in two


def test_the_table_is_that_of_the_corpus_while_it_stands(tmp_path):
    """With authors in columns, as the export has them; of another corpus, the counts of the record."""
    rows = [{"author": ["ada", "bea"][n % 2], "text": f"the kettle sings number {n}"} for n in range(12)]
    rows += [{"author": "ada", "text": "RT", "removed_by": "retweet"}]
    corpus = write_corpus(tmp_path, rows, recipe="baseline", rules=[rule("retweet", label="Retweets")])
    curation.export(corpus, ["jsonl"], tmp_path / "exports" / "baseline", valid=0.3)
    record = of_export(Workspace(tmp_path), training_record())
    folder = write_model(tmp_path, record)
    assert ["Data", "ada", "bea"] in cells(trained_card(Workspace(tmp_path), folder, record))
    curation.export(corpus, ["jsonl"], tmp_path / "exports" / "baseline", valid=0.3, authors=["ada"])
    of_ada = of_export(Workspace(tmp_path), training_record())
    assert ["Tweets downloaded", "7"] in cells(trained_card(Workspace(tmp_path), folder, of_ada))
    assert ["Tweets kept", "6"] in cells(trained_card(Workspace(tmp_path), folder, of_ada))
    other = dataclasses.replace(record, data=dataclasses.replace(record.data, corpus_files=("another.parquet",)))
    kept = Corpus.open(tmp_path, "baseline").manifest["counts"]
    text = trained_card(Workspace(tmp_path), folder, other)
    assert ["Data", "Quantity"] in cells(text)
    assert ["Tweets downloaded", str(record.data.counts["downloaded"])] in cells(text)
    assert kept["kept"] == 12


def test_many_authors_are_counted(tmp_path):
    """With more than ten those are named who have one post in a hundred; nobody is named `unknown`."""
    authors = ({"author": "ada", "posts": 500}, {"author": "unknown", "posts": 90}, {"author": "zoe_rare", "posts": 1})
    record = training_record(data_authors=authors, data_author_count=300)
    record = dataclasses.replace(
        record, data=dataclasses.replace(record.data, train=dataclasses.replace(record.data.train, posts=1000))
    )
    text = card(record, tmp_path)
    assert "by @ada and 299 others" in text
    assert "zoe" not in text
    assert "@unknown" not in text


def test_strangers_names_stay_names(tmp_path):
    """A handle can't add markup, a row of a table or a line of YAML."""
    name = "a|b\n---\n<b>*x*[y](http://z)\u202e"
    record = training_record(data_authors=({"author": name, "posts": 8},), data_author_count=1)
    text = card(record, tmp_path)
    assert parsed(text)["language"] == ["en", "ja"]
    assert not [token for token in tokens(text) if token.type in ("html_inline", "html_block", "em_open")]
    assert not [token for token in tokens(text) if token.type == "link_open" and "z" in token.attrs["href"]]
    assert "\u202e" not in text


def test_the_learning_curve_is_drawn(tmp_path):
    """Beside the card, of the right size, with both lines; the same record gives the same bytes."""
    folder = write_model(tmp_path, training_record(), POSTS)
    content = (folder / CURVE).read_bytes()
    assert content == picture(training_record())
    image = Image.open(io.BytesIO(content))
    assert image.size == (WIDTH, HEIGHT)
    colours = {colour for _, colour in image.getcolors(1 << 20)}
    assert {(18, 101, 127), (224, 138, 44), (255, 255, 255)} <= colours
    assert f"]({CURVE})" in (folder / "README.md").read_text(encoding="utf-8")
    (folder / SAMPLES).write_bytes(content)
    write_trained_card(Workspace(tmp_path), folder, training_record())
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert f"]({SAMPLES})" in text
    assert parsed(text)["thumbnail"] == SAMPLES


@pytest.mark.parametrize(
    "curve",
    [
        (),
        (Measurement(1, 0.1, 1, 1.0, 2.0),),
        (Measurement(1, 0.1, 1, 1.0, 2.0), Measurement(2, 0.2, 1, 1.0, 2.0)),
        (Measurement(1, 0.1, 1, 1.0, float("nan")), Measurement(2, 0.2, 1, 1.0, float("inf"))),
        (Measurement(1, 0.1, 1, 1.0, 1e9), Measurement(2, 1e-9, 1, 1.0, -1e-9)),
    ],
)
def test_any_curve_is_drawn_or_left_out(curve):
    """Two points are needed; flat, endless and huge ones do no harm, and neither does a long name."""
    record = training_record("m" * 80, curve=curve, epochs=(), before=None)
    finite = [point for point in curve if math.isfinite(point.train_loss)]
    assert (picture(record) is not None) == (len(finite) == 2)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (2.3, 7.6), (0.001, 0.0012), (-4, 900), (5, 5)])
def test_ticks_hold_what_they_are_for(low, high):
    """They begin at or below the least and end at or above the most, and are few."""
    numbers_there = ticks(low, high)
    assert numbers_there[0] <= low
    assert numbers_there[-1] >= high
    assert len(numbers_there) <= 9


def test_the_command_prints_it(tmp_path):
    """`--model` fills the card from the record; what the record has can't be said otherwise."""
    record = training_record()
    write_model(tmp_path, record, POSTS)
    run = inside("card", "--kind", "model", "--model", "mira-1", "--explore", "https://example.org/x", data=tmp_path)
    assert run.rc == 0, run.err
    assert "[Explore the data](<https://example.org/x>)" in run.out
    answer = inside("card", "--kind", "model", "--model", "mira-1", "--json", data=tmp_path).json
    assert (answer["model"], answer["kind"], answer["figures"]["bits_per_character"]) == ("mira-1", "model", 2.75)
    out = tmp_path / "card.md"
    assert inside("card", "--kind", "model", "--model", "mira-1", "--out", out, data=tmp_path).rc == 0
    assert out.read_text(encoding="utf-8") == (tmp_path / "models/mira-1/README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "rc", "hint"),
    [
        (["--model", "mira-1"], 2, "--model is for --kind model"),
        (["--kind", "model", "--model", "mira"], 3, "Did you mean 'mira-1'"),
        (["huggingtweets", "--kind", "model", "--model", "mira-1"], 2, "trained on posts of baseline"),
        (["--kind", "model", "--model", "mira-1", "--base-model", "a/b"], 2, "the record of mira-1 has it"),
        (["--kind", "model", "--model", "mira-1", "--author", "tom"], 2, "the record of mira-1 has it"),
    ],
)
def test_wrong_use_is_said(tmp_path, words, rc, hint):
    """The code and the reason."""
    write_model(tmp_path, training_record(), card=False)
    run = inside("card", *words, data=tmp_path)
    assert (run.rc, run.out) == (rc, "")
    assert hint in run.complaint
