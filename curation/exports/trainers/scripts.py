"""What the training scripts in Python have in common: how they read the files, and what can be set from outside."""

from __future__ import annotations

from curation.exports.formats.base import CHAT, ONE_TEXT, PAIRS
from curation.exports.trainers.base import BLOCK, LEARNING_RATE, Job, Trainer, TrainerData
from curation.exports.trainers.scalars import scalar

#: How a script makes the records of a file into rows of a data set, by shape.
ROWS = {
    ONE_TEXT: '''\
def rows(name):
    """The texts of a file."""
    return Dataset.from_list([{"text": record["text"]} for record in records(name)])
''',
    PAIRS: '''\
def rows(name):
    """Questions and answers as messages. The loss is on the answers alone."""
    return Dataset.from_list(
        [
            {
                "prompt": [{"role": "user", "content": record["prompt"]}],
                "completion": [{"role": "assistant", "content": record["completion"]}],
            }
            for record in records(name)
        ]
    )
''',
    CHAT: '''\
def rows(name):
    """Each answer with the messages before it. The loss is on the answers alone."""
    return Dataset.from_list(
        [
            {"prompt": record["messages"][:turn], "completion": [message]}
            for record in records(name)
            for turn, message in enumerate(record["messages"])
            if message["role"] == "assistant"
        ]
    )
''',
}

#: Reads a file by its exact name: the library `datasets` takes brackets in a folder's name for a pattern.
RECORDS = '''\
def records(name):
    """The records of a file in this folder."""
    with (FOLDER / name).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
'''


def head(job: Job, trainer: Trainer) -> str:
    """The docstring of a script."""
    result = (
        f"Saves the adapter in {trainer.trained}, and the base with the adapter merged into it in {trainer.merged}."
        if job.lora
        else f"Saves the model in {trainer.trained}."
    )
    text = f"""\
Fine-tunes a language model on this folder's training text with {trainer.title}.

    {trainer.install}
    {trainer.run}

{job.rows}. Posts are not packed, so none sees another.
{result}

To try it out, set BASE_MODEL (a name on the Hub, or a folder) and MAX_STEPS in the environment.
"""
    return f'"""{text}"""\n'


def sft_arguments(job: Job, *, data: str = "", computing: str = "") -> str:
    """The arguments of TRL's `SFTTrainer`, with lines of a trainer's own on the data and on how it is computed."""
    return f"""SFTConfig(
        output_dir=str(CHECKPOINTS),
{data}        max_length={BLOCK},
        packing=False,
        num_train_epochs={job.epochs},
        max_steps=MAX_STEPS,
        per_device_train_batch_size={job.data.batch},
        per_device_eval_batch_size={job.data.batch},
        learning_rate={LEARNING_RATE},
        lr_scheduler_type="cosine",
        warmup_steps=0,
{computing}        eval_strategy={'"epoch"' if job.data.valid else '"no"'},
        save_strategy="epoch",
        save_total_limit=1,
        report_to="none",
        seed={job.seed},
    )"""


def places(job: Job, trained: str) -> str:
    """What somebody may want to change."""
    data: TrainerData = job.data
    return (
        "# The model to start from, a name on the Hub or a folder: edit this line.\n"
        f'BASE = os.environ.get("BASE_MODEL") or {scalar(job.base)}\n\n'
        "FOLDER = Path(__file__).resolve().parent\n"
        f"OUTPUT = FOLDER / {scalar(trained)}\n"
        f"CHECKPOINTS = FOLDER / {scalar(f'{trained}-checkpoints')}\n"
        f"TRAIN, VALID = {scalar(data.train)}, {scalar(data.valid) if data.valid else None}\n"
        'MAX_STEPS = int(os.environ.get("MAX_STEPS") or -1)  # -1: all epochs\n'
    )
