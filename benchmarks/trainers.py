"""The configurations of `curation export --for …` beside the trainers' own packages: what each tool would read.

    pip download --no-deps --dest WHEELS trl axolotl llamafactory unsloth unsloth_zoo mlx-lm
    python -m benchmarks.trainers WHEELS [--trl PYTHON] [--axolotl PYTHON] [--llamafactory PYTHON]

The sample is exported for every trainer, as text and as conversations. Every name in a configuration must be one that
the tool's source declares: fields of its classes, keywords of its functions, keys of its defaults. No wheel
is imported for that.

The options name a Python that has the tool. `--trl` trains for some steps with a tiny random model, loads
what was saved and generates with it. `--axolotl` validates by axolotl's own pydantic schema; it needs pydantic, torch,
transformers, accelerate and pillow, and the rest of axolotl not. `--llamafactory` trains for some steps as well, on the
CPU; it needs llamafactory with all its packages.
"""

from __future__ import annotations

import argparse
import ast
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from curation.exports.trainers import TRAINERS

#: Fields of `transformers.TrainingArguments` that TRL and LLaMA-Factory inherit.
INHERITED = {
    "bf16", "do_train", "eval_strategy", "gradient_accumulation_steps", "gradient_checkpointing", "learning_rate",
    "logging_steps", "lr_scheduler_type", "max_steps", "num_train_epochs", "output_dir", "per_device_eval_batch_size",
    "per_device_train_batch_size", "report_to", "save_strategy", "save_total_limit", "seed", "warmup_steps",
}  # fmt: skip

#: A tiny random Llama with a chat template like SmolLM2's, saved in a folder.
TINY = r"""
import sys, torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
out, end = sys.argv[1:]
bytes_ = pre_tokenizers.ByteLevel(add_prefix_space=False)
learned = Tokenizer(models.BPE())
learned.pre_tokenizer, learned.decoder = bytes_, decoders.ByteLevel()
special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
learned.train_from_iterator(
    ["the lamp and the bread of the keeper"] * 9,
    trainers.BpeTrainer(vocab_size=400, special_tokens=special, initial_alphabet=bytes_.alphabet()),
)
tokenizer = PreTrainedTokenizerFast(tokenizer_object=learned, bos_token="<|endoftext|>", eos_token=end)
tokenizer.chat_template = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
torch.manual_seed(0)
LlamaForCausalLM(
    LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=1024, bos_token_id=0, eos_token_id=tokenizer.eos_token_id,
    )
).save_pretrained(out)
tokenizer.save_pretrained(out)
"""

#: Loads what was trained, and generates.
GENERATE = """
import sys
from transformers import pipeline
answer = pipeline("text-generation", model=sys.argv[1])("the lamp", max_new_tokens=5)
assert answer[0]["generated_text"].startswith("the lamp"), answer
"""

#: Validates a configuration by axolotl's schema; the wheel is on the path.
AXOLOTL = """
import sys, yaml
from axolotl.utils.schemas.config import AxolotlInputConfig
values = yaml.safe_load(open(sys.argv[1]))
config = AxolotlInputConfig(**values)
unknown = set(values) - set(AxolotlInputConfig.model_fields)
for dataset, given in zip(config.datasets, values["datasets"]):
    unknown |= set(given) - set(type(dataset).model_fields)
assert not unknown, unknown
"""


class Wheel:
    """The source in a wheel, by module."""

    def __init__(self, folder: Path, name: str) -> None:
        [path] = folder.glob(f"{name}-[0-9]*.whl")
        self.path = path
        self.version = path.name.split("-")[1]
        self._files = zipfile.ZipFile(path)

    def tree(self, name: str) -> ast.Module:
        """The syntax tree of a file."""
        return ast.parse(self._files.read(name))

    def text(self, name: str) -> str:
        """A file."""
        return self._files.read(name).decode("utf-8")

    def fields(self, folder: str) -> set[str]:
        """The fields that the classes in the files of a folder declare."""
        names = [name for name in self._files.namelist() if name.startswith(folder) and name.endswith(".py")]
        assert names, folder
        return {
            item.target.id
            for name in names
            for node in ast.walk(self.tree(name))
            if isinstance(node, ast.ClassDef)
            for item in node.body
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
        }

    def parameters(self, name: str, function: str) -> set[str]:
        """The parameters of all functions of this name in a file."""
        matches = [n for n in ast.walk(self.tree(name)) if isinstance(n, ast.FunctionDef) and n.name == function]
        assert matches, function
        return {argument.arg for node in matches for argument in [*node.args.args, *node.args.kwonlyargs]}


def main() -> int:
    """Print what was checked; 1 if a name is unknown or a run fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheels", type=Path)
    for name in ("trl", "axolotl", "llamafactory"):
        parser.add_argument(f"--{name}", metavar="PYTHON", help=f"a Python that has {name}")
    arguments = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="curation-trainers-") as place:
        folders = exported(Path(place))
        for check, unknown in [*names(arguments.wheels, folders)]:
            failed |= bool(unknown)
            print(f"{check}: {f'unknown: {sorted(unknown)}' if unknown else 'every name is known'}")
        for check, command, environment in runs(arguments, folders):
            ended = subprocess.run(
                command, cwd=place, capture_output=True, text=True,
                env=os.environ | {"HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""} | environment, check=False,
            )  # fmt: skip
            failed |= bool(ended.returncode)
            print(f"{check}: {'done' if not ended.returncode else ended.stderr[-3000:]}")
    return failed


def exported(place: Path) -> dict[str, Path]:
    """The sample for every trainer, by shape."""
    data, folders = place / "data", {"text": place / "text", "chat": place / "chat"}
    trainers = [word for name in TRAINERS for word in ("--for", name)]
    for words in (
        ["demo", "--data", data],
        ["export", "--data", data, "--out", folders["text"], *trainers],
        ["export", "--data", data, "--out", folders["chat"], "--instruction", "Write a post.", *trainers],
    ):
        command = [sys.executable, "-m", "curation", *map(str, words)]
        subprocess.run(command, check=True, capture_output=True)
    return folders


def names(wheels: Path, folders: dict[str, Path]) -> Iterator[tuple[str, set[str]]]:
    """Of each trainer and shape the names that its source doesn't have."""
    trl, axolotl, factory = (Wheel(wheels, name) for name in ("trl", "axolotl", "llamafactory"))
    unsloth, zoo, mlx = (Wheel(wheels, name) for name in ("unsloth", "unsloth_zoo", "mlx_lm"))
    of_axolotl = axolotl.fields("axolotl/utils/schemas/")
    of_factory = factory.fields("llamafactory/hparams/") | INHERITED
    of_sets = factory.fields("llamafactory/data/parser.py") | {"columns", "tags", "file_name"}
    of_mlx = set(_literal(mlx.tree("mlx_lm/lora.py"), "CONFIG_DEFAULTS"))
    of_sft = trl.fields("trl/trainer/sft_config.py") | INHERITED
    for shape, folder in folders.items():
        values = _yaml(folder / "axolotl.yaml")
        given = set(values) | {key for one in values["datasets"] + values["test_datasets"] for key in one}
        yield f"axolotl {axolotl.version}, {shape}", given - of_axolotl
        values = _yaml(folder / "llamafactory.yaml")
        sets = _yaml(folder / "dataset_info.json")
        given = {key for one in sets.values() for key in [*one, *one["columns"], *one.get("tags", ())]}
        unknown = (set(values) - of_factory) | (given - of_sets)
        if "template" in values and f'name="{values["template"]}"' not in factory.text("llamafactory/data/template.py"):
            unknown.add(values["template"])
        yield f"LLaMA-Factory {factory.version}, {shape}", unknown
        yield f"mlx-lm {mlx.version}, {shape}", set(_yaml(folder / "mlx_lora.yaml")) - of_mlx
        calls = _keywords(folder / "train_trl.py")
        given = calls["SFTConfig"] - of_sft
        given |= calls["SFTTrainer"] - trl.parameters("trl/trainer/sft_trainer.py", "__init__")
        yield f"TRL {trl.version}, {shape}", given
        calls = _keywords(folder / "train_unsloth.py")
        given = calls["SFTConfig"] - of_sft
        given |= calls["from_pretrained"] - unsloth.parameters("unsloth/models/loader.py", "from_pretrained")
        if shape == "chat":
            given |= calls["get_peft_model"] - unsloth.parameters("unsloth/models/llama.py", "get_peft_model")
            masks = zoo.parameters("unsloth_zoo/dataset_utils.py", "train_on_responses_only")
            given |= calls["train_on_responses_only"] - masks
            merges = unsloth.parameters("unsloth/save.py", "unsloth_save_pretrained_merged")
            given |= calls["save_pretrained_merged"] - merges
        yield f"Unsloth {unsloth.version}, {shape}", given


def runs(arguments: argparse.Namespace, folders: dict[str, Path]) -> Iterator[tuple[str, list[str], dict[str, str]]]:
    """What is run: its name, the command, and what the environment has besides."""
    for shape, folder in folders.items():
        base = folder.parent / f"tiny-{shape}"
        end = "<|im_end|>" if shape == "chat" else "<|endoftext|>"
        if python := arguments.trl or arguments.llamafactory:
            yield f"A tiny model for {shape}", [python, "-c", TINY, str(base), end], {}
        if python := arguments.trl:
            tried = {"BASE_MODEL": str(base), "MAX_STEPS": "3"}
            yield f"TRL trains on {shape}", [python, str(folder / "train_trl.py")], tried
            merged = folder / ("trained-trl-merged" if shape == "chat" else "trained-trl")
            yield f"transformers generates after {shape}", [python, "-c", GENERATE, str(merged)], {}
        if python := arguments.axolotl:
            path = {"PYTHONPATH": str(Wheel(arguments.wheels, "axolotl").path)}
            yield f"axolotl's schema, {shape}", [python, "-c", AXOLOTL, str(folder / "axolotl.yaml")], path
        if python := arguments.llamafactory:
            command = Path(python).with_name("llamafactory-cli")
            changed = [f"model_name_or_path={base}", "max_steps=3", "bf16=false"]
            words = f"cd {folder} && exec {command} train llamafactory.yaml {' '.join(changed)}"
            yield f"LLaMA-Factory trains on {shape}", ["sh", "-c", words], {}


def _yaml(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _literal(tree: ast.Module, name: str) -> Any:
    """The value of a module's constant."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            return ast.literal_eval(node.value)
    raise AssertionError(name)


def _keywords(path: Path) -> dict[str, set[str]]:
    """The keywords with which a script calls each function."""
    matches: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            matches.setdefault(name, set()).update(keyword.arg for keyword in node.keywords if keyword.arg)
    # `AutoModelForCausalLM.from_pretrained` is of transformers.
    matches.get("from_pretrained", set()).discard("dtype")
    return matches


if __name__ == "__main__":
    sys.exit(main())
