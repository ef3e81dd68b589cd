"""LLaMA-Factory: YAML, and `dataset_info.json`, which names its data sets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from curation.exports.formats.base import CHAT, PAIRS
from curation.exports.trainers.base import BLOCK, LEARNING_RATE, LORA_ALPHA, LORA_RANK, Job, Trainer
from curation.exports.trainers.scalars import yaml_lines

#: The names of the data sets.
TRAIN, VALID = "posts", "posts_valid"


class LlamaFactory(Trainer):
    """LLaMA-Factory, with `llamafactory.yaml` and `dataset_info.json`: stage `pt` for text, else `sft`."""

    name = "llamafactory"
    title = "LLaMA-Factory"
    formats = {name: name for name in ("documents", "jsonl", "chat", "prompt-completion")}
    files = ("llamafactory.yaml", "dataset_info.json")
    install = "pip install llamafactory"
    run = "llamafactory-cli train llamafactory.yaml"
    trained = "trained-llamafactory"
    merged = "trained-llamafactory-merged"
    merge = (
        "llamafactory-cli export --model_name_or_path BASE --adapter_name_or_path trained-llamafactory "
        "--template smollm2 --export_dir trained-llamafactory-merged"
    )
    checkpoints = "checkpoint-*"

    def write(self, job: Job) -> Mapping[str, str]:
        """The configuration, and what the data sets are."""
        data = job.data
        head = (
            f"# LLaMA-Factory: {self.run}    (once: {self.install}; in this folder)\n"
            f"# {job.rows}. Posts are not packed, so none sees another.\n\n"
            "# The model to start from, a name on the Hub or a folder: edit this line"
            f"{' and `template`' if job.lora else ''}.\n"
        )
        values: dict[str, Any] = {"model_name_or_path": job.base, "do_train": True}
        if job.lora:
            values |= {
                "stage": "sft", "template": "smollm2", "finetuning_type": "lora", "lora_rank": LORA_RANK,
                "lora_alpha": LORA_ALPHA, "lora_dropout": 0.0, "lora_target": "all",
            }  # fmt: skip
        else:
            values |= {"stage": "pt", "finetuning_type": "full"}
        values |= {"dataset_dir": ".", "dataset": TRAIN}
        if data.valid:
            values |= {"eval_dataset": VALID, "eval_strategy": "epoch", "per_device_eval_batch_size": data.batch}
        values |= {
            "cutoff_len": BLOCK,
            "packing": False,
            "num_train_epochs": job.epochs,
            "per_device_train_batch_size": data.batch,
            "gradient_accumulation_steps": 1,
            "learning_rate": LEARNING_RATE,
            "lr_scheduler_type": "cosine",
            "warmup_steps": 0,
            "bf16": True,
            "seed": job.seed,
            "logging_steps": 10,
            "save_strategy": "epoch",
            "output_dir": f"./{self.trained}",
            "report_to": "none",
        }
        sets = {TRAIN: _dataset(job, data.train)} | ({VALID: _dataset(job, data.valid)} if data.valid else {})
        info = json.dumps(sets, indent=2, ensure_ascii=False) + "\n"
        return {self.files[0]: head + yaml_lines(values), self.files[1]: info}


def _dataset(job: Job, file: str) -> dict[str, Any]:
    """One file as `dataset_info.json` describes it."""
    if job.data.shape == CHAT:
        tags = {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"}
        columns = {"messages": "messages"}
        return {"file_name": file, "formatting": "sharegpt", "columns": columns, "tags": tags}
    columns = {"prompt": "prompt", "response": "completion"} if job.data.shape == PAIRS else {"prompt": "text"}
    return {"file_name": file, "columns": columns}
