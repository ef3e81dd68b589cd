"""Folders with models, checked before transformers reads them.

The messages of transformers often miss the real problem, so the checks come first. Weights are read as safetensors or
GGUF only, since pickles can run code.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from curation.errors import InputError
from curation.training.folders import CONFIGURATIONS
from curation.writing.terminal import count

CONFIGURATION, ADAPTER = CONFIGURATIONS

#: A tokenizer has at least one of these files.
TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "vocab.json", "tokenizer.model")

PICKLES = (".bin", ".pt", ".pth")


def source_of(folder: Path) -> dict[str, str]:
    """The arguments with which `from_pretrained` reads a folder: its configuration, or its one GGUF file.

    Raises `InputError` for a folder without a model, or with pickled weights only.
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
    """Raise `InputError` for a folder without safetensors weights of this name."""
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
    """Raise `InputError` if a tokenizer has tokens that its model doesn't have."""
    rows = model.get_input_embeddings().weight.shape[0]
    if len(tokenizer) > rows:
        raise InputError(
            f"The tokenizer of {name} has {count(len(tokenizer), 'token')} and the model knows {rows:,}: "
            "they were made for "
            "different vocabularies. Put the right tokenizer into the folder."
        )


def context_of(model: Any) -> int:
    """Tokens that a model can look back on."""
    return int(getattr(model.config.get_text_config(), "max_position_embeddings", None) or 1024)
