"""The model to train and its tokenizer: new ones, or those of a folder or of the Hub.

Code beside a model never runs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.disk.training_record import FOLDER, HUB, Base
from curation.errors import InputError, UsageError
from curation.exports.formats import tokenizing
from curation.exports.formats.tokens import META
from curation.options.training import SCRATCH, ResolvedOptions, TrainingOptions
from curation.training import packages
from curation.training.shapes import new_model, sized
from curation.training.weights import TOKENIZER, context_of, has_tokenizer, require_one_vocabulary, source_of

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from curation.exports.formats.tokenizing import Coder
    from curation.training.text import TrainingText

#: A model's name on the Hub.
ON_THE_HUB = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", re.ASCII)


@dataclass(frozen=True)
class Trainee:
    """A model with its tokenizer, ready to be trained."""

    model: PreTrainedModel | PeftModel
    tokenizer: PreTrainedTokenizerBase
    base: Base
    options: ResolvedOptions  # with the values that depend on the base
    begin: int  # the token before a post
    end: int  # the token after it; often the same


def kind_of(base: str) -> str:
    """Scratch, folder or hub. Raises `UsageError` for anything else."""
    if base == SCRATCH:
        return SCRATCH
    path = Path(base)
    if path.is_dir():
        return FOLDER
    if path.is_file() or not ON_THE_HUB.fullmatch(base):
        raise UsageError(
            f"--base {base}: name a folder with a model, a model of the Hub such as openai-community/gpt2, or scratch."
        )
    return HUB


def new_trainee(
    options: TrainingOptions, texts: Iterable[Sequence[str]], characters: int, coder: Coder | None = None
) -> Trainee:
    """A new small model. Its tokenizer is `coder`, or learns from the `texts` of the training side.

    `characters` are the code points of all texts. They decide the size and the vocabulary.
    """
    if coder is None:
        coder = tokenizing.learn_tokenizer(texts, options.vocabulary or tokenizing.vocabulary_size(characters))
    chosen = replace(sized(options, characters), vocabulary=options.vocabulary or coder.vocabulary)
    tokenizer = saved_tokenizer(coder, chosen.block)
    model = new_model(chosen, coder.vocabulary, coder.end_id)
    base = _base(model, SCRATCH, "", chosen.block, coder.vocabulary)
    return Trainee(model, tokenizer, base, chosen, coder.end_id, coder.end_id)


def given_coder(text: TrainingText, options: TrainingOptions) -> Coder | None:
    """The tokenizer of training text that is tokens, else None. Raises `UsageError` for another vocabulary."""
    if text.tokenizer is None:
        return None
    if options.vocabulary:
        raise UsageError(f"--vocabulary: the tokens in {text.folder} have their tokenizer; leave the option out.")
    meta = json.loads((text.folder / META).read_text(encoding="utf-8"))
    return replace(tokenizing.open_tokenizer(text.tokenizer), end=meta["end_of_document"]["text"])


def require_same_vocabulary(trainee: Trainee, coder: Coder | None, text: TrainingText) -> None:
    """Raise `InputError` if the tokens of the training text use another vocabulary than the base."""
    if coder is None or trainee.tokenizer.get_vocab() == coder.tokenizer.get_vocab(with_added_tokens=True):
        return
    raise InputError(
        f"The base {trainee.options.base} has another vocabulary than the tokens in {text.folder}, so their numbers "
        f"mean other words to it. Export text instead: curation export {text.record.recipe} --format jsonl; or export "
        f"the tokens with the base's own tokenizer: --format tokens --tokenizer {trainee.options.base}"
    )


def saved_tokenizer(coder: Coder, context: int) -> PreTrainedTokenizerBase:
    """A tokenizer that transformers 4.57 and 5 load, and that puts the token between posts before a prompt."""
    from tokenizers import processors
    from transformers import GPT2Tokenizer

    tokenizer, end = coder.tokenizer, coder.end
    tokenizer.encode_special_tokens = False
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{end} $A", pair=f"{end} $A {end} $B", special_tokens=[(end, coder.end_id)]
    )
    special = dict.fromkeys(("bos_token", "eos_token", "unk_token", "pad_token"), end)
    return GPT2Tokenizer(tokenizer_object=tokenizer, model_max_length=context, padding_side="left", **special)


def load_trainee(options: TrainingOptions) -> Trainee:
    """The base that the options name. Raises `InputError`, `UsageError`."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    kind = kind_of(options.base)
    where = _checked_folder(Path(options.base)) if kind == FOLDER else {"pretrained_model_name_or_path": options.base}
    try:
        tokenizer = AutoTokenizer.from_pretrained(**where, trust_remote_code=False)
        safe: dict[str, Any] = {} if "gguf_file" in where else {"use_safetensors": True}
        model: PreTrainedModel = AutoModelForCausalLM.from_pretrained(
            **where, trust_remote_code=False, dtype="float32", **safe
        )
    except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
        raise _unreadable(options.base, kind, error) from error
    if "gguf_file" in where:
        _forget_quantization(model)
    begin, end = tokenizer.bos_token_id, tokenizer.eos_token_id
    if end is None:
        raise InputError(
            f"The tokenizer of {options.base} has no token for the end of a text (eos_token), so posts can't be told "
            "apart. Add it to its tokenizer_config.json, or choose another base."
        )
    require_one_vocabulary(model, tokenizer, options.base)
    context = context_of(model)
    resolved = options.resolved(context=context)
    name = options.base if kind == HUB else Path(options.base).resolve().name
    base = _base(model, kind, name, context, len(tokenizer))
    begin = end if begin is None else begin
    if not options.lora:
        return Trainee(model, tokenizer, base, resolved, begin, end)
    adapted = _with_lora(model, options)
    lora: dict[str, Any] = {"r": options.rank, "alpha": options.alpha, "dropout": options.lora_dropout}
    trained = sum(each.numel() for each in adapted.parameters() if each.requires_grad)
    added: Any = adapted.peft_config["default"]
    lora |= {"target_modules": sorted(added.target_modules)}
    base = replace(base, trained_parameters=trained, lora=lora)
    return Trainee(adapted, tokenizer, base, resolved, begin, end)


def _forget_quantization(model: Any) -> None:
    """Make a model from GGUF savable: its weights are 32-bit floats now."""
    model.hf_quantizer = None
    model.is_quantized = False
    for holder in (model.config, model.config.get_text_config()):
        if hasattr(holder, "quantization_config"):
            del holder.quantization_config


def _with_lora(model: PreTrainedModel, options: TrainingOptions) -> PeftModel:
    """The model with added matrices in every linear layer but the last. The model's own weights don't change."""
    import torch
    from peft import LoraConfig, TaskType, get_peft_model

    torch.manual_seed(options.seed)
    transposed = model.config.model_type == "gpt2"  # its layers are Conv1D, with weights the other way round
    config = LoraConfig(
        task_type=TaskType.CAUSAL_LM, r=options.rank, lora_alpha=options.alpha, lora_dropout=options.lora_dropout,
        target_modules="all-linear", fan_in_fan_out=transposed,
    )  # fmt: skip
    return get_peft_model(model, config)


def _checked_folder(folder: Path) -> dict[str, Any]:
    """The arguments with which transformers reads a folder. Raises `InputError`."""
    source = source_of(folder)
    if "gguf_file" not in source and not has_tokenizer(folder):
        raise InputError(f"{folder} has no tokenizer: no {', '.join(TOKENIZER[:-1])} or {TOKENIZER[-1]}.")
    return {**source, "local_files_only": True}


def _unreadable(base: str, kind: str, error: Exception) -> InputError:
    if kind == FOLDER:
        needs = " Install it with: pip install gguf" if "gguf" in str(error).lower() else ""
        return InputError(f"The model in {base} can't be read: {packages.first_line(error)}.{needs}")
    return InputError(
        f"There is no folder {base}, and the model of this name can't be had from the Hub: it isn't there, isn't "
        f"public, or the network is not reached. Download it elsewhere with 'hf download {base} --local-dir DIR' and "
        "name that folder, or start from nothing with --base scratch."
    )


def _base(model: PreTrainedModel, kind: str, name: str, context: int, vocabulary: int) -> Base:
    parameters = sum(each.numel() for each in model.parameters())
    return Base(kind, name, model.config.model_type, parameters, parameters, context, vocabulary)
