"""The saved model: what transformers makes of the folder, and bases that are somebody else's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from curation.corpus.corpus import Corpus
from curation.disk.training_record import read_record
from curation.errors import InputError, UsageError
from curation.exports import export
from curation.exports.formats import tokenizing
from curation.options.export import TRAIN
from curation.training import packages
from curation.training.text import TrainingText

PIPELINE = """
import json, sys, warnings
from transformers import pipeline, set_seed
write = pipeline("text-generation", model=sys.argv[1])
set_seed(0)
print(json.dumps({
    "several": [each["generated_text"] for each in write("My dream is", num_return_sequences=5)],
    "empty": [each["generated_text"] for each in write("", num_return_sequences=2)],
    "batch": [each[0]["generated_text"] for each in write(["One", "Two of them"], batch_size=2)],
}))
"""


def written(folder: Path) -> dict[str, list[str]]:
    """What `pipeline` writes with a folder, in a process of its own that reaches no network."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": ""}
    process = subprocess.run(
        [sys.executable, "-c", PIPELINE, str(folder)], capture_output=True, text=True, env=environment, check=False
    )
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


@pytest.mark.parametrize("shape", ["gpt2", "llama"])
def test_pipeline_writes_with_the_folder(trained, shape):
    """As the card shows it: several samples, an empty prompt, a batch; the sampling is in the folder."""
    folder = trained(shape=shape).folder
    texts = written(folder)
    assert len(texts["several"]) == 5
    assert len(set(texts["several"])) > 1
    assert all(text.startswith("My dream is") for text in texts["several"])
    assert all(texts["empty"])
    assert [text[:3] for text in texts["batch"]] == ["One", "Two"]
    configuration = json.loads((folder / "generation_config.json").read_text())
    assert (configuration["do_sample"], configuration["top_p"], configuration["max_new_tokens"]) == (True, 0.95, 24)


def test_a_prompt_begins_as_a_post_does(trained):
    """With the token that stands before each post, without which a model begins in the middle."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(trained().folder)
    assert tokenizer("My dream")["input_ids"][0] == tokenizer.eos_token_id
    assert tokenizer("")["input_ids"] == [tokenizer.eos_token_id]


def test_a_base_in_a_folder_is_trained_whole(trained):
    """It begins where it was, so its first figures are those of the base's end."""
    first = trained("first", epochs=3.0)
    second = trained("second", base=str(first.folder), epochs=1.0)
    record = read_record(second.folder)
    end = read_record(first.folder).epochs[-1]
    assert record.base.kind == "folder"
    assert record.base.name == "first"
    assert record.before.valid_bits_per_character == pytest.approx(end.valid_bits_per_character, rel=1e-4)


def test_a_model_of_tokens_has_their_tokenizer(trained, workspace):
    """The vocabulary is the export's, and the saved tokenizer writes a text in the same numbers."""
    from transformers import AutoTokenizer

    out = workspace / "exports" / "mine"
    export(Corpus.open(workspace, "baseline"), ["tokens"], out, valid=0.1, split="time", vocabulary=400)
    coder = tokenizing.open_tokenizer(out / "tokens" / "tokenizer.json")
    text = TrainingText.open(out)
    folder = trained(text=text, vocabulary=None).folder
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert tokenizer.get_vocab() == coder.tokenizer.get_vocab()
    assert read_record(folder).base.vocabulary == coder.vocabulary == 400
    texts = [document[0].text for document in text.documents(TRAIN)]
    encoded = tokenizer(texts, add_special_tokens=False, split_special_tokens=True)["input_ids"]
    numbers = [number for ids in encoded for number in (*ids, coder.end_id)]
    assert np.fromfile(out / "tokens" / "train.bin", "<u2").tolist() == [coder.end_id, *numbers]
    assert written(folder)["several"]


def test_a_base_is_trained_on_tokens_of_its_own_tokenizer(trained, workspace):
    """On the texts that `jsonl` has, so the held-out posts are as hard to predict before the first step."""
    first = trained("first")
    out = workspace / "exports" / "mine"
    options = {"valid": 0.1, "split": "time", "tokenizer": str(first.folder)}
    export(Corpus.open(workspace, "baseline"), ["jsonl", "tokens"], out, **options)
    before = []
    for format in ("jsonl", "tokens"):
        second = trained(format, text=TrainingText.open(out, format), base=str(first.folder), steps=1)
        before.append(read_record(second.folder).before.valid_bits_per_character)
    assert before[0] == pytest.approx(before[1])


def test_a_model_knows_the_posts_of_its_base(trained, workspace):
    """So forgetting a post marks both, though the second one was never shown it."""
    import pyarrow.parquet as pq

    from curation.forgetting.forget import ForgetRequest, forget

    first = trained("first")
    seen = pq.read_table(first.folder / ".posts.parquet").to_pylist()
    post = next(row for row in seen if row["split"] == "train")
    kept = Path(workspace / "kept")
    export(Corpus.open(workspace, "baseline"), ["jsonl"], kept, valid=0.5, seed=3, search="*rain*", allow_small=True)
    assert post["id"] not in kept.joinpath("train.jsonl").read_text()
    second = trained("second", text=TrainingText.open(kept), base=str(first.folder), epochs=1.0)
    rows = pq.read_table(second.folder / ".posts.parquet").to_pylist()
    assert {row["split"] for row in rows} == {"train", "valid", "base"}
    assert len({(row["platform"], row["id"]) for row in rows}) == len(rows)
    forget(workspace, ForgetRequest(ids=(post["id"],)))
    assert [read_record(each.folder).forgotten_posts for each in (first, second)] == [1, 1]


@pytest.mark.parametrize("shape", ["gpt2", "llama"])
def test_lora_trains_little_and_is_merged(trained, shape):
    """The folder holds a whole model, which writes as base and adapter do together; the base is as it was."""
    from peft import AutoPeftModelForCausalLM
    from transformers import AutoModelForCausalLM

    first = trained("first", shape=shape)
    before = (first.folder / "model.safetensors").read_bytes()
    second = trained("second", base=str(first.folder), lora=True, learning_rate=0.01)
    record = read_record(second.folder)
    assert 0 < record.base.trained_parameters < record.base.parameters
    assert record.epochs[-1].valid_bits_per_character < record.before.valid_bits_per_character
    assert (first.folder / "model.safetensors").read_bytes() == before
    ids = torch.tensor([[0, 5, 9, 14]])
    with packages.quiet(offline=True), torch.inference_mode():
        merged = AutoModelForCausalLM.from_pretrained(second.folder).eval()(ids).logits
        apart = AutoPeftModelForCausalLM.from_pretrained(second.folder / "adapter").eval()(ids).logits
    assert torch.allclose(merged, apart, atol=1e-4)
    assert written(second.folder)["several"]


def test_an_adapter_can_stand_alone(trained):
    """Then the folder is small, and needs the base."""
    first = trained("first")
    second = trained("second", base=str(first.folder), lora=True, adapter_only=True)
    names = {path.name for path in second.folder.iterdir()}
    assert {"adapter_config.json", "adapter_model.safetensors", "tokenizer.json"} <= names
    assert "model.safetensors" not in names


def test_conversations_are_learned_too(trained):
    """From chat and from prompt-completion; only answers count."""
    for format in ("chat", "prompt-completion"):
        outcome = trained(format, format=format, epochs=1.0)
        assert read_record(outcome.folder).data.train.files[0]["format"] == format


def test_huggingtweets_joins_its_posts(trained):
    """And the record says so."""
    record = read_record(trained(joined=True, epochs=1.0).folder)
    assert not record.data.separate


@pytest.mark.parametrize(
    ("files", "word"),
    [
        ([], "no config.json"),
        (["config.json", "pytorch_model.bin"], "pickled"),
        (["adapter_config.json"], "merged"),
        (["a.gguf", "b.gguf"], "2 GGUF files"),
    ],
)
def test_a_folder_that_is_no_model_is_said_to_be_none(trained, tmp_path, files, word):
    """Before transformers is asked, whose words are others."""
    folder = tmp_path / "base"
    folder.mkdir()
    for name in files:
        (folder / name).write_text("{}")
    with pytest.raises(InputError, match=word):
        trained(base=str(folder))


def test_a_tokenizer_of_another_model_is_noticed(trained):
    """Its numbers would mean other words."""
    import shutil

    small, large = trained("small", vocabulary=300), trained("large", vocabulary=500)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(large.folder / name, small.folder / name)
    with pytest.raises(InputError, match="different vocabularies"):
        trained("third", base=str(small.folder))


def test_a_base_that_is_nowhere_is_said_with_a_way_on(trained, monkeypatch):
    """Offline a name of the Hub is only a name."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(InputError, match="--base scratch"):
        trained(base="nobody-at-all/no-such-model")
    with pytest.raises(UsageError, match="name a folder"):
        trained(base="/no/such/folder")
