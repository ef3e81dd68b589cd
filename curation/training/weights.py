"""Folders with models: what transformers is asked for, once it is clear that it can read it.

Everything is checked before transformers is, whose own messages speak of other things than what is wrong. Weights are
read as safetensors or GGUF only, since pickles can run code.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from curation.errors import InputError
from curation.training.folders import CONFIGURATIONS

CONFIGURATION, ADAPTER = CONFIGURATIONS

#: Files of which a tokenizer has at least one.
TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "vocab.json", "tokenizer.model")

PICKLES = (".bin", ".pt", ".pth")


def source_of(folder: Path) -> dict[str, str]:
    """What `from_pretrained` is given to read the model in a folder: its configuration, or its one GGUF file.

    Raises `InputError` for a folder without a model, or with weights that are only pickled.
    """
    place = {"pretrained_model_name_or_path": str(folder)}
    if (folder / CONFIGURATION).is_file():
        require_safetensors(folder, "model")
        return place
    gguf = sorted(path.name for path in folder.glob("*.gguf"))
    if len(gguf) == 1:
        return place | {"gguf_file": gguf[0]}
    several = f" It has {len(gguf)} GGUF files; leave one of them there." if gguf else ""
    adapter = " It holds an adapter; name the folder with its base merged." if (folder / ADAPTER).is_file() else ""
    raise InputError(f"{folder} is no model: it has no {CONFIGURATION}.{several}{adapter}")


def require_safetensors(folder: Path, stem: str) -> None:
    """Raise `InputError` for a folder without weights of this name as safetensors."""
    if any(folder.glob(f"{stem}*.safetensors")):
        return
    pickled = any(path.suffix in PICKLES for path in folder.iterdir())
    raise InputError(
        f"{folder} has no weights as safetensors{', only pickled ones, which could run code' if pickled else ''}. "
        "Save them with: model.save_pretrained(folder, safe_serialization=True)"
    )


def has_tokenizer(folder: Path) -> bool:
    """Whether there is a tokenizer in a folder."""
    return any((folder / name).is_file() for name in TOKENIZER)


def require_one_vocabulary(model: Any, tokenizer: Any, name: str) -> None:
    """Raise `InputError` when a tokenizer has tokens that its model doesn't know."""
    rows = model.get_input_embeddings().weight.shape[0]
    if len(tokenizer) > rows:
        raise InputError(
            f"The tokenizer of {name} has {len(tokenizer):,} tokens and the model knows {rows:,}: they were made for "
            "different vocabularies. Put the right tokenizer into the folder."
        )


def context_of(model: Any) -> int:
    """Tokens that a model can look back on."""
    return int(getattr(model.config.get_text_config(), "max_position_embeddings", None) or 1024)
