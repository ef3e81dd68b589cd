"""A model from a folder: weights, tokenizer, and the tokens that end its texts. Nothing comes from the network.

Code beside a model never runs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.errors import InputError
from curation.training import packages, weights
from curation.training.devices import best_device, move
from curation.training.text import CONVERSATIONS

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from curation.disk.training_record import TrainingRecord


@dataclass(frozen=True)
class Loaded:
    """A model that is ready to generate."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    device: str  # cuda, mps or cpu
    context: int  # tokens that it can look back on
    ends: frozenset[int]  # tokens after which it stops
    answers: bool  # whether it was trained on conversations, so that a prompt is what it answers
    trained_here: bool  # whether curation trained it: then each text began with the token before a post


def require(folder: Path) -> None:
    """Raise `UsageError` if the model in `folder` needs a package that isn't installed."""
    packages.require("To write text, a model", *(["peft"] if (folder / weights.ADAPTER).is_file() else []))


def load(folder: Path, record: TrainingRecord | None) -> Loaded:
    """The model in `folder`, on the best device.

    `record` is the record of its training, if there is one. Raises `UsageError` for a missing package, `InputError` for
    a folder that can't be loaded, `RefusedError` for too little memory.
    """
    require(folder)
    advice = f"The model in {folder} does not fit; close other programs, or take a smaller one."
    with packages.quiet(offline=True), packages.out_of_memory(advice):
        device = best_device()
        try:
            model, tokenizer, context = _read(folder, device)
            move(model, device)
            model.eval()
        except InputError:
            raise
        except Exception as error:  # of whatever kind: the folder is what is wrong
            if packages.is_short(error):
                raise
            raise InputError(f"The model in {folder} can't be loaded: {packages.first_line(error)}.") from error
    files = record.data.train.files if record else ()
    answers = any(file.get("format") in CONVERSATIONS for file in files)
    return Loaded(model, tokenizer, device, context, _ends(model, tokenizer), answers, record is not None)


def _read(folder: Path, device: str) -> tuple[PreTrainedModel, PreTrainedTokenizerBase, int]:
    """The model, its tokenizer, and its context in tokens."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

    adapter = (folder / weights.ADAPTER).is_file() and not (folder / weights.CONFIGURATION).is_file()
    base = _base_of(folder) if adapter else folder
    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    of_base = weights.source_of(base)
    source = {"pretrained_model_name_or_path": str(folder)} if weights.has_tokenizer(folder) else of_base
    tokenizer = AutoTokenizer.from_pretrained(**source, **local)
    half = device == "cuda" and torch.cuda.is_bf16_supported()
    safe: dict[str, Any] = {} if "gguf_file" in of_base else {"use_safetensors": True}
    loaded: Any = AutoModelForCausalLM.from_pretrained(
        **of_base, dtype=torch.bfloat16 if half else torch.float32, output_loading_info=True, **local,
        **safe,
    )  # fmt: skip
    model, report = loaded  # with its loading info it is a pair, and the declared type is the model alone
    if missing := sorted(report["missing_keys"]):
        raise InputError(
            f"The weights of {base} are not those of its config.json: {len(missing)} are missing, such as {missing[0]}."
        )
    weights.require_one_vocabulary(model, tokenizer, str(folder))
    context = weights.context_of(model)
    if adapter:
        from peft import PeftModel

        weights.require_safetensors(folder, "adapter_model")
        model = PeftModel.from_pretrained(model, str(folder)).merge_and_unload()
        if (folder / "generation_config.json").is_file():
            model.generation_config = GenerationConfig.from_pretrained(str(folder))
    return model, tokenizer, context


def _base_of(folder: Path) -> Path:
    """The folder of the model that an adapter changes. Raises `InputError` when it isn't on this machine."""
    try:
        base = str(json.loads((folder / weights.ADAPTER).read_text(encoding="utf-8"))["base_model_name_or_path"] or "")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder / weights.ADAPTER} is damaged: it names no base model.") from error
    for place in (Path(base), folder / base):
        if base and ((place / weights.CONFIGURATION).is_file() or any(place.glob("*.gguf"))):
            return place
    from huggingface_hub import try_to_load_from_cache

    try:
        cached = try_to_load_from_cache(base, weights.CONFIGURATION)
    except ValueError:  # no name that a model of the Hub can have
        cached = None
    if isinstance(cached, str):
        return Path(cached).parent
    raise InputError(
        f"{folder} holds an adapter, and its base model {base or '(not named)'} is not on this machine. "
        f"Put it back there, or download it with: hf download {base}"
    )


def _ends(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> frozenset[int]:
    for ends in (model.generation_config.eos_token_id, tokenizer.eos_token_id):
        if ends is not None:
            return frozenset([ends] if isinstance(ends, int) else ends)
    return frozenset()
