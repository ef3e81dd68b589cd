"""What can be set of a card: what only the person who wants one knows."""

from __future__ import annotations

from dataclasses import dataclass

from curation.errors import UsageError
from curation.options.option import Options, flag, option

#: Options that only one kind of card uses, by kind.
ONLY_FOR = {
    "dataset": ("contact",),
    "model": ("model", "base_model", "hyperparameter", "explore", "thumbnail", "prompt"),
}
#: Options whose values the record of a trained model has.
OF_RECORD = ("author", "base_model", "hyperparameter")


@dataclass(frozen=True)
class CardOptions(Options):
    """Every option of a card but what it is of, and where it goes."""

    author: tuple[str, ...] = option((), "Only this author. May be repeated.")
    name: str = option("", "The name of the dataset or model.")
    contact: str = option("", "dataset: a contact for removal, an address or text.")
    model: str = option("", "model: a model trained here; its record fills in the card.", metavar="NAME")
    base_model: str = option("", "model: the base model, for example openai-community/gpt2.")
    hyperparameter: tuple[str, ...] = option(
        (), "model: a hyperparameter of the training. May be repeated.", metavar="NAME=VALUE"
    )
    explore: str = option("", "model: address of a page with the training data.")
    thumbnail: str = option("", "model: address of a picture.")
    prompt: tuple[str, ...] = option((), "model: an example prompt. May be repeated.")
    push: str = option("", "Send the card and its files to the Hub, with your token.", metavar="OWNER/NAME")

    def require_kind(self, kind: str) -> None:
        """Raise `UsageError` for an option that only another kind of card uses."""
        for other, names in ONLY_FOR.items():
            for name in names if other != kind else ():
                if getattr(self, name):
                    raise UsageError(f"{flag(name)} is for --kind {other}, and this card is of the kind {kind}.")

    def require_unrecorded(self) -> None:
        """Raise `UsageError` for an option whose value the record of the model has."""
        for name in OF_RECORD if self.model else ():
            if getattr(self, name):
                raise UsageError(f"{flag(name)} is not for --model: the record of {self.model} has it.")
