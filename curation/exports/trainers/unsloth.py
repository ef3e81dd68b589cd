"""Unsloth: a script in Python."""

from __future__ import annotations

from collections.abc import Mapping

from curation.exports.formats.base import CHAT
from curation.exports.trainers.base import BLOCK, LORA_ALPHA, LORA_RANK, Job, Trainer
from curation.exports.trainers.scripts import RECORDS, ROWS, head, places, sft_arguments

ADAPTER = f"""\
model = FastLanguageModel.get_peft_model(
    model,
    r={LORA_RANK},
    lora_alpha={LORA_ALPHA},
    lora_dropout=0.0,
    target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
)
"""

#: Conversations become texts; what isn't an answer is masked afterwards.
TEXTS = '''\
def rows(name):
    """Conversations, as the chat template of the base writes them."""
    return Dataset.from_list(
        [{"text": tokenizer.apply_chat_template(record["messages"], tokenize=False)} for record in records(name)]
    )
'''
DATA = """\
        dataset_text_field="text",
"""
MASKED = """\
# The loss is on the answers alone. These marks are those of SmolLM2's chat template.
trainer = train_on_responses_only(
    trainer, instruction_part="<|im_start|>user\\n", response_part="<|im_start|>assistant\\n"
)
"""
MERGED = """\
model.save_pretrained_merged(f"{OUTPUT}-merged", tokenizer, save_method="merged_16bit")
"""


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

    def write(self, job: Job) -> Mapping[str, str]:
        """The script."""
        chat = job.data.shape == CHAT
        valid = "rows(VALID)" if job.data.valid else "None"
        masks = "from unsloth.chat_templates import train_on_responses_only\n" if chat else ""
        text = f"""\
{head(job, self)}
import json
import os
from pathlib import Path

from unsloth import FastLanguageModel  # before TRL, which it patches
{masks}from datasets import Dataset
from trl import SFTConfig, SFTTrainer

{places(job, self.trained)}

{RECORDS}

{TEXTS if chat else ROWS[job.data.shape]}

model, tokenizer = FastLanguageModel.from_pretrained(
    model_name=BASE,
    max_seq_length={BLOCK},
    load_in_4bit=False,
    full_finetuning={not job.lora},
)
{ADAPTER if job.lora else ""}trainer = SFTTrainer(
    model=model,
    processing_class=tokenizer,
    train_dataset=rows(TRAIN),
    eval_dataset={valid},
    args={sft_arguments(job, data=DATA)},
)
{MASKED if chat else ""}trainer.train()
model.save_pretrained(str(OUTPUT))
tokenizer.save_pretrained(str(OUTPUT))
{MERGED if job.lora else ""}"""
        return {self.files[0]: text}
