"""Configurations for trainers: what they name is there, whatever the export is called."""

from __future__ import annotations

import doctest
import json

import pytest

from curation.cards import reproduce
from curation.disk import export_manifest
from curation.errors import UsageError
from curation.exports import export, formats
from curation.exports.trainers import TRAINERS, ollama, plan
from curation.exports.trainers.base import CHAT_BASE, LARGEST_BATCH, TEXT_BASE, TrainerData
from curation.exports.trainers.ollama import quoted
from tests.corpora import write_corpus
from tests.exports.configurations import EVERY, constants, lines, modelfile, values, workspace

#: Each ends a text, a line or a value in some language.
HOSTILE = [
    'it\'s "so": # no\n- {x}',
    "line\u2028and\u0085next\ttab",
    '"""\nFROM evil\nSYSTEM """',
    '""',
    "a\rPARAMETER b",
]


def test_a_trainer_declares_what_the_docs_and_the_command_print():
    """Each has its name, a first line, files of its own, and reads formats that there are."""
    files = [name for trainer in TRAINERS.values() for name in trainer.files]
    assert len(files) == len({*files})
    for name, trainer in TRAINERS.items():
        assert trainer.name == name
        assert type(trainer).__doc__
        assert {*trainer.formats, *trainer.formats.values()} <= {*formats()}
        assert trainer.trains == bool(trainer.trained)
        assert trainer.files[0] in trainer.run


@pytest.mark.parametrize("epochs", [None, 2])
def test_a_trainer_repeats_the_posts_and_its_file_has_them_once(tmp_path, epochs):
    """Unless told otherwise it trains four epochs, as huggingtweets did, on a file with one pass over the posts."""
    out, expected = tmp_path / "out", epochs or 4
    result = export(workspace(tmp_path), [], out, trainers=EVERY, valid=0.3, split="time", epochs=epochs)
    assert {constants(out, name)["num_train_epochs"] for name in ("train_trl.py", "train_unsloth.py")} == {expected}
    assert values(out, "axolotl.yaml")["num_epochs"] == expected
    assert values(out, "llamafactory.yaml")["num_train_epochs"] == expected
    mlx = values(out, "mlx_lora.yaml")
    assert mlx["iters"] == expected * mlx["save_every"]
    for file in result.files:
        if file.split == "train":
            texts = [one["id"] for one in lines(file.path)]
            assert len(texts) == len({*texts}) == file.posts


@pytest.mark.parametrize("instruction", ["", "Write a post."])
def test_every_file_that_a_configuration_names_is_there_with_its_rows(tmp_path, instruction):
    """Of all trainers at once; figures that follow from the rows are those of the files."""
    out = tmp_path / "out"
    result = export(
        workspace(tmp_path), [], out, trainers=EVERY, valid=0.3, split="time", instruction=instruction, seed=7, epochs=3
    )
    kind, shape = ("chat", "messages") if instruction else ("documents", "text")
    by_name = {file.path.relative_to(out).as_posix(): file for file in result.files}
    assert {*by_name} == {
        *(f"{split}.{kind}.jsonl" for split in ("train", "valid")), "mlx/train.jsonl", "mlx/valid.jsonl",
        *(name for trainer in TRAINERS.values() for name in trainer.files),
    }  # fmt: skip
    train, valid = lines(out / f"train.{kind}.jsonl"), lines(out / f"valid.{kind}.jsonl")
    assert train
    assert valid
    assert [one[shape] for one in lines(out / "mlx/train.jsonl")] == [one[shape] for one in train]
    assert [one[shape] for one in lines(out / "mlx/valid.jsonl")] == [one[shape] for one in valid]
    if not instruction:
        assert len(train) == by_name["train.documents.jsonl"].posts
        assert "<|im_end|>" not in (out / "train.documents.jsonl").read_text()
    base = CHAT_BASE if instruction else TEXT_BASE
    for name in ("train_trl.py", "train_unsloth.py"):
        script = constants(out, name)
        assert (out / script["TRAIN"]).read_bytes() == (out / f"train.{kind}.jsonl").read_bytes()
        assert (out / script["VALID"]).read_bytes() == (out / f"valid.{kind}.jsonl").read_bytes()
        assert (script["BASE"], script["seed"], script["num_train_epochs"]) == (base, 7, 3)
        assert (script["learning_rate"], script["eval_strategy"]) == (1.372e-4, "epoch")
        assert (script.get("r"), script.get("lora_alpha")) == ((16, 32) if instruction else (None, None))
    axolotl = values(out, "axolotl.yaml")
    for key, rows in (("datasets", train), ("test_datasets", valid)):
        [dataset] = axolotl[key]
        assert lines(out / dataset["path"]) == rows
        assert dataset["type"] == ("chat_template" if instruction else "completion")
        assert dataset.get("field", dataset.get("field_messages")) == shape
    assert (axolotl["base_model"], axolotl["num_epochs"], axolotl["seed"]) == (base, 3, 7)
    assert (axolotl["learning_rate"], axolotl.get("lora_r")) == (1.372e-4, 16 if instruction else None)
    factory, sets = values(out, "llamafactory.yaml"), json.loads((out / "dataset_info.json").read_text())
    assert lines(out / factory["dataset_dir"] / sets[factory["dataset"]]["file_name"]) == train
    assert lines(out / factory["dataset_dir"] / sets[factory["eval_dataset"]]["file_name"]) == valid
    assert {shape} == {*sets[factory["dataset"]]["columns"].values()}
    assert (factory["stage"], factory["model_name_or_path"]) == ("sft" if instruction else "pt", base)
    mlx = values(out, "mlx_lora.yaml")
    assert mlx["data"] == "mlx"
    assert mlx["iters"] == 3 * (len(train) // mlx["batch_size"]) == mlx["lr_schedule"]["arguments"][1]
    assert mlx["batch_size"] <= min(len(train), len(valid))
    commands = modelfile((out / "Modelfile").read_text())
    named = dict(commands)
    assert commands[0][0] == "from"
    assert ("adapter" in named, named.get("system")) == (bool(instruction), instruction or None)
    assert named["adapter" if instruction else "from"] == "./trained-trl"
    assert "checkpoint" not in (out / "Modelfile").read_text()  # of TRL they lie elsewhere


def test_the_same_export_elsewhere_has_the_same_configurations(tmp_path):
    """No file names its folder, so that it can be copied to another machine."""
    corpus = workspace(tmp_path)
    for name in ("one", 't\'wo\n: "x"'):
        export(corpus, [], tmp_path / name, trainers=EVERY, valid=0.3)
    names = [name for trainer in TRAINERS.values() for name in trainer.files]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / 't\'wo\n: "x"' / name).read_bytes()
        assert str(tmp_path) not in (tmp_path / "one" / name).read_text()


@pytest.mark.parametrize("text", HOSTILE)
def test_an_instruction_stays_a_value(tmp_path, text):
    """Whatever it holds, it is one system message in the Modelfile and ends no other file."""
    export(workspace(tmp_path), [], tmp_path / "out", trainers=EVERY, instruction=text)
    commands = modelfile((tmp_path / "out" / "Modelfile").read_bytes().decode())
    assert [name for name, _ in commands].count("system") == 1
    assert [name for name, _ in commands].count("from") == 1
    system = dict(commands)["system"].strip()
    plain = "".join(c if c == "\n" or c.isprintable() else " " for c in text.replace('"""', "'''")).strip()
    assert system == plain
    for name in ("train_trl.py", "train_unsloth.py"):
        assert constants(tmp_path / "out", name)["TRAIN"] == "train.chat.jsonl"
    assert values(tmp_path / "out", "axolotl.yaml")["datasets"][0]["path"] == "./train.chat.jsonl"


@pytest.mark.parametrize("text", [*HOSTILE, '"', '"a"', 'a"""', '""""""', " "])
def test_a_value_in_a_modelfile_ends_where_it_ends(text):
    """What comes after it is read as a command of its own."""
    assert [name for name, _ in modelfile(f"FROM a\nSYSTEM {quoted(text)}\nPARAMETER top_p 1\n")] == [
        "from", "system", "top_p",
    ]  # fmt: skip


def test_the_examples_of_quoting_hold():
    """What the docstrings show is what comes out."""
    assert doctest.testmod(ollama).failed == 0


def test_each_trainer_gets_the_format_that_it_reads():
    """Chosen formats are written once; mlx has names of its own for its files."""
    assert plan(["trl"], []).formats == ("documents",)
    assert plan(["trl"], [], instruction=True).formats == ("chat",)
    assert plan(["mlx"], ["chat"]).formats == ("mlx-chat",)
    both = plan(["mlx", "trl", "ollama"], ["chat", "text"])
    assert (both.formats, both.reads) == (
        ("mlx-chat", "chat", "text"),
        {"mlx": "mlx-chat", "trl": "chat", "ollama": "mlx-chat"},
    )
    for names in (["mlx"], ["trl", "mlx"], ["ollama"], EVERY):
        first = plan(names, [])
        assert plan(names, first.formats) == first  # what a record remembers gives the same again


def test_a_format_that_no_trainer_reads_is_one_sentence(tmp_path):
    """Before anything is written; so is a trainer that there isn't, with the nearest name."""
    corpus = write_corpus(tmp_path / "data", [{"text": "hello"}])
    with pytest.raises(UsageError, match=r"^TRL can't read tokens or text; it reads documents, jsonl, chat or"):
        export(corpus, ["tokens", "text"], tmp_path / "out", trainers=["trl"])
    with pytest.raises(UsageError, match=r"no trainer 'axolotle'\. Did you mean 'axolotl'\?"):
        export(corpus, [], tmp_path / "out", trainers=["axolotle"])
    assert not (tmp_path / "out").exists()


def test_without_records_for_validation_none_is_named(tmp_path):
    """Neither where no share was asked for, nor where the share came out empty; mlx is warned of."""
    corpus = write_corpus(tmp_path / "data", [{"text": f"hello {n}", "created_at": None} for n in range(5)])
    for out, valid in ((tmp_path / "none", 0.0), (tmp_path / "empty", 0.3)):
        result = export(corpus, [], out, trainers=EVERY, valid=valid, split="time" if valid else "random")
        assert constants(out, "train_trl.py")["VALID"] is None
        assert constants(out, "train_trl.py")["eval_strategy"] == "no"
        assert "test_datasets" not in values(out, "axolotl.yaml")
        assert "eval_dataset" not in values(out, "llamafactory.yaml")
        assert [*json.loads((out / "dataset_info.json").read_text())] == ["posts"]
        assert "val_batches" not in values(out, "mlx_lora.yaml")
        assert any("remove that file" in warning for warning in result.warnings) == bool(valid)


def test_posts_without_text_are_not_in_the_way(tmp_path):
    """mlx_lm stops at a record of no token, so there is none."""
    rows = [{"text": "hello"}, {"text": " "}, {"text": ""}]
    export(write_corpus(tmp_path, rows), [], tmp_path / "out", trainers=["mlx"])
    assert [one["text"] for one in lines(tmp_path / "out" / "mlx" / "train.jsonl")] == ["hello"]


@pytest.mark.parametrize(("rows", "characters"), [(1, 10), (500, 0), (500, 20_000), (500, 4_000_000), (3, 30)])
def test_a_step_is_about_a_block(rows, characters):
    """The batch is a power of two, neither more than the records nor than fit in memory."""
    batch = TrainerData("documents", "train", "", rows, 0, characters).batch
    assert batch in (1, 2, 4, 8, 16, 32)
    assert batch <= min(rows, LARGEST_BATCH)
    assert batch == 1 or batch * characters <= 4096 * rows


def test_a_card_says_the_command_that_gives_the_same(tmp_path):
    """With the share and the split, which the command chooses otherwise for a trainer."""
    out = tmp_path / "out"
    export(workspace(tmp_path), [], out, trainers=["mlx", "trl"])
    [*_, line] = reproduce.commands({"recipe": {"name": "own"}}, export_manifest.read(out), "own")
    assert line == (
        "curation export own --format mlx-text --format documents --for mlx --for trl --valid 0.0 --split random"
    )
