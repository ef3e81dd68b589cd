"""Small models in folders of their own, as a training leaves them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from curation.disk import export_manifest
from curation.disk import training_record as record
from curation.disk.exported_file import BOUNDARY
from curation.disk.whole_files import flush

#: Tokens that the models look back on.
CONTEXT = 128


def tokenizer(texts: Sequence[str], size: int = 400) -> Any:
    """A byte-level tokenizer learned from some texts, that begins a prompt with the end of a document."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import GPT2Tokenizer

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=[BOUNDARY], initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator(texts, trainer)
    end = made.token_to_id(BOUNDARY)
    made.post_processor = processors.TemplateProcessing(single=f"{BOUNDARY} $A", special_tokens=[(BOUNDARY, end)])
    return GPT2Tokenizer(tokenizer_object=made, model_max_length=CONTEXT, pad_token=BOUNDARY, padding_side="left")


def new_model(vocabulary: int, end: int, *, seed: int = 0) -> Any:
    """A GPT-2 of two small layers with weights drawn at random."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(seed)
    shape = GPT2Config(
        vocab_size=vocabulary, n_positions=CONTEXT, n_embd=64, n_layer=2, n_head=2, bos_token_id=end, eos_token_id=end,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
    )  # fmt: skip
    return GPT2LMHeadModel(shape).eval()


def overfit(model: Any, words: Any, text: str, steps: int = 80) -> None:
    """Teach the model one text by heart."""
    import torch

    ids = torch.tensor([[*words(text)["input_ids"], words.eos_token_id]])
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    model.train()
    for _ in range(steps):
        loss = model(input_ids=ids, labels=ids).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.eval()
    assert float(loss.detach()) < 0.05


def save(folder: Path, model: Any, words: Any, **sampling: Any) -> Path:
    """Write the folder of a model."""
    options = {"top_p": 0.95, "temperature": 1.0, "max_new_tokens": 60, "do_sample": True, **sampling}
    for name, value in options.items():
        setattr(model.generation_config, name, value)
    model.generation_config.eos_token_id = words.eos_token_id
    model.generation_config.pad_token_id = words.eos_token_id
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def write_record(folder: Path, export: Path, root: Path, format: str = "jsonl") -> None:
    """Write the training.json of a model that was trained on an export of the workspace `root`."""
    [*_, exported] = export_manifest.read(export) or []
    files = [file for file in exported.files if (file["format"], file["split"]) == (format, "train")]
    sides = [
        record.TrainingSide(
            sum(file["posts"] for file in some), sum(file["characters"] for file in some), 1_000,
            tuple({key: file[key] for key in ("name", "format", "sha256")} for file in some),
        )
        for some in (files, [])
    ]  # fmt: skip
    place = export.relative_to(root).as_posix() if export.is_relative_to(root) else str(export)
    data = record.TrainingData(place, exported.recipe, "f", exported.made_of, 0, {}, *sides, "time")
    base = record.Base("scratch", "", "gpt2", 1, 1, CONTEXT, 400)
    trained = record.TrainingRecord(
        folder.name, "v0", "2026-03-04T05:06:07Z", record.COMPLETE, base, data, {}, 0, "cpu", "float32", 1, 1, 1.0,
        1.0, (), (), None, None, "last", {},
    )  # fmt: skip
    (folder / record.FILE).write_text(json.dumps(trained.to_json()), encoding="utf-8")
    flush(folder)
