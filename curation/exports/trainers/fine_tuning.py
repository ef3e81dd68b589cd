"""The trainers that fine-tune a model. The text of their files is in `texts.toml`."""

from __future__ import annotations

from typing import Any

from curation.exports.trainers.base import LORA_ALPHA, LORA_RANK, Job, Trainer


class Trl(Trainer):
    """TRL, with `train_trl.py`: the whole model for text, a LoRA adapter for conversations.

    Of conversations the loss is on the author's answers alone. `BASE_MODEL=DIR MAX_STEPS=3 python train_trl.py` tries
    it out with another model and three steps.
    """

    name = "trl"
    title = "TRL"
    formats = {name: name for name in ("documents", "jsonl", "chat", "prompt-completion")}
    files = ("train_trl.py",)
    install = "pip install 'trl>=1.16' peft"
    run = "python train_trl.py"
    trained = "trained-trl"
    merged = "trained-trl-merged"


class Axolotl(Trainer):
    """axolotl, with `axolotl.yaml`: text as `completion`, conversations with the base's own chat template."""

    name = "axolotl"
    title = "axolotl"
    formats = {name: name for name in ("documents", "jsonl", "chat")}
    files = ("axolotl.yaml",)
    install = "pip install axolotl"
    run = "axolotl train axolotl.yaml"
    trained = "trained-axolotl"
    merged = "trained-axolotl/merged"
    merge = "axolotl merge-lora axolotl.yaml"
    checkpoints = "checkpoint-*"


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


class Unsloth(Trainer):
    """Unsloth, with `train_unsloth.py`: the whole model for text, a LoRA adapter for conversations. Needs a GPU.

    Of conversations the loss is on the author's answers alone.
    """

    name = "unsloth"
    title = "Unsloth"
    formats = {name: name for name in ("documents", "jsonl", "chat")}
    files = ("train_unsloth.py",)
    install = "pip install unsloth"
    run = "python train_unsloth.py"
    trained = "trained-unsloth"
    merged = "trained-unsloth-merged"


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

    def values(self, job: Job) -> dict[str, Any]:
        """It counts steps, not epochs, leaves out what doesn't fill a batch, and refuses a side below a batch."""
        batch = job.data.batch
        while batch > max(1, job.data.valid_rows or batch):
            batch //= 2
        steps = max(1, job.data.train_rows // batch)
        iterations = steps * job.epochs
        return super().values(job) | {
            "batch": batch,
            "steps": steps,
            "steps_in_words": f"{steps:,}",
            "iterations": iterations,
            "iterations_in_words": f"{iterations:,}",
            "scale": LORA_ALPHA / LORA_RANK,
            "warnings": "".join(f"# {warning}\n" for warning in self.warnings(job)),
        }

    def warnings(self, job: Job) -> tuple[str, ...]:
        """A warning of an empty `valid.jsonl`, at which mlx_lm stops."""
        if not job.data.valid_is_empty:
            return ()
        return ("mlx_lm stops at an empty mlx/valid.jsonl: remove that file before you train.",)
