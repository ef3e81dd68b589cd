"""A model's folder: weights, configuration and tokenizer as transformers reads them, the record, and the card.

It is written in staging, and one rename puts it in place. The previous version keeps its folder, under its number.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from curation.disk.training_record import TrainingRecord, write_record
from curation.disk.whole_files import flush, put_in_place, writing
from curation.disk.workspace import Workspace
from curation.training.bases import Trainee
from curation.training.folders import POSTS, models_of, version_number
from curation.training.removal import LOCK
from curation.training.seen_posts import require_remembered

#: Default sampling of a saved model, as in huggingtweets.
SAMPLING = {"do_sample": True, "temperature": 1.0, "top_p": 0.95, "top_k": 0, "max_new_tokens": 60}

#: In a model's folder: the adapter that was merged into the base.
ADAPTER = "adapter"


def save_model(
    space: Workspace,
    trainee: Trainee,
    record: TrainingRecord,
    seen: pa.Table,
    write_card: Callable[[Workspace, Path, TrainingRecord], None],
) -> Path:
    """Write a model, put it in place, and give its folder.

    `seen` are the posts that it saw, and `write_card` writes its card into the folder. Raises `WorkspaceError`, and
    `RefusedError` if one of these posts was forgotten meanwhile.
    """
    import pyarrow.parquet as pq

    place = models_of(space) / record.model
    with space.staging("model") as staging, writing(place.parent):
        folder = staging / record.model
        folder.mkdir()
        _save_weights(trainee, record, folder)
        pq.write_table(seen, folder / POSTS, compression="zstd")
        write_record(folder, record)
        write_card(space, folder, record)
        for path in sorted(folder.rglob("*")):
            flush(path)
        flush(folder)
        with space.lock(LOCK):
            require_remembered(space, folder)
            if place.exists():
                place.rename(place.with_name(f"{record.model}@v{version_number(place)}"))
            put_in_place(folder, place)
    return place


def _save_weights(trainee: Trainee, record: TrainingRecord, folder: Path) -> None:
    model: Any = trainee.model
    if trainee.options.lora:
        model.save_pretrained(folder if trainee.options.adapter_only else folder / ADAPTER)
        model = model.get_base_model() if trainee.options.adapter_only else model.merge_and_unload()
    _set_sampling(model, trainee)
    if trainee.options.adapter_only:
        model.generation_config.save_pretrained(folder)
    else:
        model.save_pretrained(folder)
    tokenizer: Any = trainee.tokenizer
    if record.data.train.files[0]["format"] != "chat" or not tokenizer.chat_template:
        begin_prompts(tokenizer, trainee.begin)
    tokenizer.save_pretrained(folder)


def _set_sampling(model: Any, trainee: Trainee) -> None:
    from transformers import GenerationConfig

    most = min(SAMPLING["max_new_tokens"], trainee.base.context // 2)  # the rest is for the prompt
    model.generation_config = GenerationConfig(
        **{**SAMPLING, "max_new_tokens": most}, bos_token_id=trainee.begin, eos_token_id=trainee.end,
        pad_token_id=trainee.end if trainee.tokenizer.pad_token_id is None else trainee.tokenizer.pad_token_id,
    )  # fmt: skip


def begin_prompts(tokenizer: Any, begin: int) -> None:
    """Make the tokenizer put the token that begins a post before a prompt too."""
    if tokenizer("a")["input_ids"][:1] == [begin]:
        return
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:  # written in Python: it has no template
        return
    from tokenizers import processors

    token = tokenizer.convert_ids_to_tokens(begin)
    backend.post_processor = processors.TemplateProcessing(
        single=f"{token} $A", pair=f"{token} $A {token} $B", special_tokens=[(token, begin)]
    )
