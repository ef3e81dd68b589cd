"""mlx_lm.lora: YAML, and a folder with `train.jsonl` and `valid.jsonl`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.exports.trainers.base import BLOCK, LEARNING_RATE, LORA_ALPHA, LORA_RANK, Job, Trainer
from curation.exports.trainers.scalars import yaml_lines


class Mlx(Trainer):
    """mlx_lm.lora, for Apple's chips, with `mlx_lora.yaml` and the folder `mlx`.

    It reads `train.jsonl` and `valid.jsonl` by their names, so text and conversations have formats of their own,
    `mlx-text` and `mlx-chat`; `--format documents` and `--format chat` become these.
    """

    name = "mlx"
    title = "mlx-lm"
    formats = {"documents": "mlx-text", "chat": "mlx-chat", "mlx-text": "mlx-text", "mlx-chat": "mlx-chat"}
    files = ("mlx_lora.yaml",)
    install = "pip install 'mlx-lm[train]'"
    run = "mlx_lm.lora --config mlx_lora.yaml"
    trained = "trained-mlx"
    merged = "trained-mlx-merged"
    merge = "mlx_lm.fuse --model BASE --adapter-path trained-mlx --save-path trained-mlx-merged"
    needs_merge = True

    def write(self, job: Job) -> Mapping[str, str]:
        """The configuration. It counts steps, not epochs, and leaves out what doesn't fill a batch."""
        data = job.data
        batch = self._batch(job)
        steps = max(1, data.train_rows // batch)
        iterations = steps * job.epochs
        head = (
            f"# mlx-lm: {self.run}    (once: {self.install}; in this folder)\n"
            f"# {job.rows}; {iterations:,} iterations are {job.epochs} epochs of {steps:,} steps.\n"
            f"# To merge the result into one model: {self.merge}\n"
        )
        head += "".join(f"# {warning}\n" for warning in self.warnings(job))
        head += "\n# The model to start from (BASE), a name on the Hub or a folder: edit this line.\n"
        values: dict[str, Any] = {
            "model": job.base,
            "train": True,
            "data": "mlx",
            "fine_tune_type": "lora" if job.lora else "full",
            "num_layers": -1,
            "batch_size": batch,
            "iters": iterations,
            "optimizer": "adamw",
            "learning_rate": LEARNING_RATE,
            "lr_schedule": {"name": "cosine_decay", "arguments": [LEARNING_RATE, iterations]},
            "max_seq_length": BLOCK,
            "mask_prompt": job.lora,
            "adapter_path": self.trained,
            "save_every": steps,
            "steps_per_report": 10,
            "seed": job.seed,
        }
        if job.lora:
            values["lora_parameters"] = {"rank": LORA_RANK, "scale": LORA_ALPHA / LORA_RANK, "dropout": 0.0}
        if data.valid:
            values |= {"steps_per_eval": steps, "val_batches": -1}
        return {self.files[0]: head + yaml_lines(values)}

    def warnings(self, job: Job) -> tuple[str, ...]:
        """Of an empty `valid.jsonl`, at which it stops."""
        if not job.data.valid_is_empty:
            return ()
        return ("mlx_lm stops at an empty mlx/valid.jsonl: remove that file before you train.",)

    def _batch(self, job: Job) -> int:
        """It refuses a side with fewer records than a batch."""
        batch, rows = job.data.batch, job.data.valid_rows or job.data.batch
        while batch > max(1, rows):
            batch //= 2
        return batch
