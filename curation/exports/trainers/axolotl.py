"""axolotl: YAML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.exports.formats.base import CHAT
from curation.exports.trainers.base import BLOCK, LEARNING_RATE, LORA_ALPHA, LORA_RANK, Job, Trainer
from curation.exports.trainers.scalars import yaml_lines


class Axolotl(Trainer):
    """axolotl, with `axolotl.yaml`: text as `completion`, conversations with the base's own chat template."""

    name = "axolotl"
    title = "axolotl"
    formats = {"documents": "documents", "jsonl": "jsonl", "chat": "chat"}
    files = ("axolotl.yaml",)
    install = "pip install axolotl"
    run = "axolotl train axolotl.yaml"
    trained = "trained-axolotl"
    merged = "trained-axolotl/merged"
    merge = "axolotl merge-lora axolotl.yaml"
    checkpoints = "checkpoint-*"

    def write(self, job: Job) -> Mapping[str, str]:
        """The configuration."""
        data = job.data
        head = (
            f"# axolotl: {self.run}    (once: {self.install}; in this folder)\n"
            f"# {job.rows}. Posts are not packed, so none sees another.\n\n"
            "# The model to start from, a name on the Hub or a folder: edit this line.\n"
        )
        values: dict[str, Any] = {"base_model": job.base, "datasets": [self._dataset(job, data.train)]}
        if data.valid:
            values["test_datasets"] = [self._dataset(job, data.valid)]
        if job.lora:
            values |= {
                "adapter": "lora", "lora_r": LORA_RANK, "lora_alpha": LORA_ALPHA, "lora_dropout": 0.0,
                "lora_target_linear": True,
            }  # fmt: skip
        values |= {
            "sequence_len": BLOCK,
            "sample_packing": False,
            "eval_sample_packing": False,
            "num_epochs": job.epochs,
            "micro_batch_size": data.batch,
            "gradient_accumulation_steps": 1,
            "optimizer": "adamw_torch",
            "learning_rate": LEARNING_RATE,
            "lr_scheduler": "cosine",
            "warmup_steps": 0,
            "bf16": "auto",
            "seed": job.seed,
            "logging_steps": 10,
            "saves_per_epoch": 1,
            "output_dir": f"./{self.trained}",
            "dataset_prepared_path": f"./{self.trained}-prepared",
        }
        if data.valid:
            values["evals_per_epoch"] = 1
        return {self.files[0]: head + yaml_lines(values)}

    def _dataset(self, job: Job, file: str) -> dict[str, Any]:
        """One file as axolotl takes it; `split` is what `datasets` calls all that a file holds."""
        values = {"path": f"./{file}", "ds_type": "json", "split": "train"}
        if job.data.shape == CHAT:
            return values | {
                "type": "chat_template", "field_messages": "messages", "roles_to_train": ["assistant"],
                "train_on_eos": "turn",
            }  # fmt: skip
        return values | {"type": "completion", "field": "text"}
