"""Fine-tuning beside transformers' own `Trainer`: the same model, posts and device, each a process of its own.

`python -m benchmarks.training WORKSPACE [--recipe baseline]` exports a corpus of the workspace, makes a small GPT-2
with random weights, and trains it for an epoch with both. `Trainer` gets batches of as many posts as ours have on
average, padded to the longest one; once as it is, and once with rows of like length together. Needs the extra `train`,
and `accelerate`, which `Trainer` asks for.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Measured, command, curation

#: The base that both train.
LAYERS, WIDTH, VOCABULARY, BLOCK, BATCH_TOKENS = 4, 256, 2048, 256, 2048


def main() -> None:
    """Print the table, or be the script that is measured as a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path, help="with a corpus of the recipe; what is made there is removed again")
    parser.add_argument("--recipe", default="baseline")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--trainer", nargs=3, metavar=("EXPORT", "BASE", "POSTS"), help=argparse.SUPPRESS)
    parser.add_argument("--by-length", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.trainer:
        export, base, posts = arguments.trainer
        trainer(Path(export), base, int(posts), by_length=arguments.by_length)
        return
    with tempfile.TemporaryDirectory(prefix="curation-benchmarks-") as name:
        compare(arguments, Path(name))


def compare(arguments: argparse.Namespace, folder: Path) -> None:
    """Train with both, in turns."""
    data = str(folder / "data")
    export, base = folder / "export", folder / "data" / "models" / "base"
    curation(
        "export", arguments.recipe, "--format", "jsonl", "--valid", "0.02", "--split", "time", "--out", str(export),
        "--data", str(arguments.workspace),
    )  # fmt: skip
    curation(
        "train", str(export), "--name", "base", "--steps", "1", "--samples", "0", "--layers", str(LAYERS), "--width",
        str(WIDTH), "--vocabulary", str(VOCABULARY), "--block", str(BLOCK), "--data", data,
    )  # fmt: skip
    results: dict[str, list[tuple[Measured, dict[str, float]]]] = {"ours": [], "Trainer": [], "Trainer, by length": []}
    for number in range(arguments.rounds):
        measured = curation(
            "train", str(export), "--base", str(base), "--name", f"ours-{number}", "--epochs", "1", "--samples", "0",
            "--batch-tokens", str(BATCH_TOKENS), "--block", str(BLOCK), "--every", "1000000", "--json", "--data", data,
        )  # fmt: skip
        outcome = json.loads(measured.stdout)
        record = json.loads((folder / "data" / "models" / f"ours-{number}" / "training.json").read_text())
        figures = {"steps": outcome["steps"], "tokens_per_second": record["tokens_per_second"]}
        results["ours"].append((measured, figures))
        posts = max(1, round(record["data"]["train"]["posts"] / outcome["steps"]))
        for kind in ("Trainer", "Trainer, by length"):
            words = ["--trainer", str(export), str(base), str(posts), str(arguments.workspace)]
            more = ["--by-length"] if kind != "Trainer" else []
            measured = command(sys.executable, "-m", "benchmarks.training", *words, *more)
            results[kind].append((measured, json.loads(measured.stdout.splitlines()[-1])))
    ours = statistics.median(figures["tokens_per_second"] for _, figures in results["ours"])
    print("| | steps | predicted tokens a second | ours is times as fast | CPU seconds | peak MB |")
    print("| --- | --- | --- | --- | --- | --- |")
    for kind, rounds in results.items():
        speed = statistics.median(figures["tokens_per_second"] for _, figures in rounds)
        cpu = statistics.median(measured.cpu for measured, _ in rounds)
        memory = statistics.median(measured.megabytes for measured, _ in rounds)
        print(f"| {kind} | {rounds[0][1]['steps']:,} | {speed:,.0f} | {ours / speed:.2f} | {cpu:.1f} | {memory:,.0f} |")


def trainer(export: Path, base: str, posts: int, *, by_length: bool) -> None:
    """What somebody would write with `Trainer`; prints steps and predicted tokens a second."""
    import torch
    from transformers import (
        AutoModelForCausalLM,
        AutoTokenizer,
        Trainer,
        TrainingArguments,
    )

    from curation.training import packages

    tokenizer = AutoTokenizer.from_pretrained(base, padding_side="right")
    texts = [json.loads(line)["text"] for line in (export / "train.jsonl").open(encoding="utf-8")]
    end = tokenizer.eos_token_id
    rows = tokenizer([text for text in texts if text.strip()], split_special_tokens=True, add_special_tokens=False)
    examples = [{"input_ids": [end, *ids, end][:BLOCK]} for ids in rows["input_ids"]]

    def collate(batch: list[dict[str, list[int]]]) -> dict[str, torch.Tensor]:
        longest = max(len(each["input_ids"]) for each in batch)
        ids = torch.full((len(batch), longest), end)
        labels = torch.full((len(batch), longest), -100)
        mask = torch.zeros((len(batch), longest), dtype=torch.long)
        for at, each in enumerate(batch):
            length = len(each["input_ids"])
            ids[at, :length] = labels[at, :length] = torch.tensor(each["input_ids"])
            mask[at, :length] = 1
        return {"input_ids": ids, "labels": labels, "attention_mask": mask}

    sampling = {"train_sampling_strategy": "group_by_length"} if by_length else {}
    with tempfile.TemporaryDirectory() as out:
        settings = TrainingArguments(
            out, per_device_train_batch_size=posts, num_train_epochs=1, learning_rate=5e-5, lr_scheduler_type="cosine",
            save_strategy="no", report_to=[], disable_tqdm=True, logging_strategy="no", use_cpu=True, **sampling,
        )  # fmt: skip
        model = AutoModelForCausalLM.from_pretrained(base, dtype="float32")
        with packages.quiet():
            result = Trainer(model, settings, data_collator=collate, train_dataset=examples).train()
    predicted = sum(len(each["input_ids"]) - 1 for each in examples)
    seconds = result.metrics["train_runtime"]
    print(json.dumps({"steps": result.global_step, "tokens_per_second": predicted / seconds}))


if __name__ == "__main__":
    main()
