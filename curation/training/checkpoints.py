"""Checkpoints: the whole state of a training in one file. It takes its place when it is complete and on the disk.

They are read with `weights_only=True`, so a stranger's file can't run code.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.disk.whole_files import write_whole, writing
from curation.errors import InputError
from curation.training.loop import State

if TYPE_CHECKING:
    import torch

    from curation.training.loop import Loop

CHECKPOINT, BEST = "checkpoint.pt", "best.pt"

#: Advice when a training can't go on.
AGAIN = "Begin the training again, with its recipe or export and --restart."


def save(loop: Loop, folder: Path) -> None:
    """Write the checkpoint of a training. Raises `WorkspaceError`; the older checkpoint then stays."""
    import torch

    _put(
        {
            "state": asdict(loop.settled()),
            "weights": trained_weights(loop.model),
            "optimizer": loop.optimizer.state_dict(),
            "random": torch.get_rng_state(),
            "random_cuda": torch.cuda.get_rng_state_all() if loop.device.type == "cuda" else [],
        },
        folder / CHECKPOINT,
    )


def restore(loop: Loop, folder: Path) -> None:
    """Go on from the checkpoint in a folder. Raises `InputError` if it can't be read or belongs to another model."""
    import torch

    content = _read(folder / CHECKPOINT)
    try:
        load_weights(loop.model, content["weights"])
        loop.optimizer.load_state_dict(content["optimizer"])
        loop.restore(State(**content["state"]))
        torch.set_rng_state(content["random"])
        if content["random_cuda"]:
            torch.cuda.set_rng_state_all(content["random_cuda"])
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise _damaged(folder / CHECKPOINT) from error


def save_best(loop: Loop, folder: Path) -> None:
    """Write the weights as those of the best epoch so far. Raises `WorkspaceError`."""
    _put(trained_weights(loop.model), folder / BEST)


def restore_best(model: Any, folder: Path) -> None:
    """Give a model the weights of the best epoch. Raises `InputError`."""
    load_weights(model, _read(folder / BEST))


def trained_weights(model: Any) -> dict[str, torch.Tensor]:
    """The weights that the training changes: with LoRA, the adapter alone."""
    trained = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    return {name: tensor.detach() for name, tensor in model.state_dict().items() if name in trained}


def load_weights(model: Any, weights: dict[str, torch.Tensor]) -> None:
    """Put weights into a model. Raises `ValueError` if they aren't the ones that it trains."""
    expected = set(trained_weights(model))
    if expected != set(weights):
        raise ValueError("it holds the weights of another model")
    model.load_state_dict(weights, strict=False)


def _put(content: Any, place: Path) -> None:
    import torch

    with writing(place.parent):
        try:
            write_whole(place, lambda unfinished: torch.save(content, unfinished))
        except RuntimeError as error:  # torch's own words for a full disk
            raise OSError(str(error).partition("\n")[0]) from error


def _read(path: Path) -> Any:
    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file can raise almost anything
        raise _damaged(path) from error


def _damaged(path: Path) -> InputError:
    return InputError(f"The checkpoint {path} is damaged, or is one of another model or program. {AGAIN}")
