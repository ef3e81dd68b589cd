"""TRL: a script in Python."""

from __future__ import annotations

from collections.abc import Mapping

from curation.exports.trainers.base import LORA_ALPHA, LORA_RANK, Job, Trainer
from curation.exports.trainers.scripts import RECORDS, ROWS, head, places, sft_arguments

#: With an adapter, and of the whole model.
ADAPTER = f"""\
    peft_config=LoraConfig(
        r={LORA_RANK}, lora_alpha={LORA_ALPHA}, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM"
    ),
"""
COMPUTING = """\
        bf16=torch.cuda.is_available() and torch.cuda.is_bf16_supported(),
        gradient_checkpointing=False,
"""
SAVED = """\
trainer.save_model(str(OUTPUT))
tokenizer.save_pretrained(OUTPUT)
"""
MERGED = """\
merged = Path(f"{OUTPUT}-merged")
trainer.model.merge_and_unload().save_pretrained(merged)
tokenizer.save_pretrained(merged)
"""


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

    def write(self, job: Job) -> Mapping[str, str]:
        """The script."""
        valid = "rows(VALID)" if job.data.valid else "None"
        imports = "from peft import LoraConfig\n" if job.lora else ""
        text = f"""\
{head(job, self)}
import json
import os
from pathlib import Path

import torch
from datasets import Dataset
{imports}from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer

{places(job, self.trained)}

{RECORDS}

{ROWS[job.data.shape]}

tokenizer = AutoTokenizer.from_pretrained(BASE)
trainer = SFTTrainer(
    model=AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.float32),
    processing_class=tokenizer,
    train_dataset=rows(TRAIN),
    eval_dataset={valid},
{ADAPTER if job.lora else ""}    args={sft_arguments(job, computing=COMPUTING)},
)
trainer.train()
{SAVED}{MERGED if job.lora else ""}"""
        return {self.files[0]: text}
