"""The export formats by name: those of this program, then those of installed packages."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from importlib import import_module
from importlib.metadata import entry_points

from curation.errors import UsageError, did_you_mean
from curation.exports.formats.base import Export
from curation.options.export import FORMATS, TRAIN

BUILT_IN: tuple[type[Export], ...] = tuple(
    getattr(import_module(f"curation.exports.{module}"), name) for module, name in FORMATS.values()
)

#: Entry-point group in which other packages name their subclasses of `Export`.
GROUP = "curation.exports"


def formats() -> dict[str, type[Export]]:
    """The formats by name, those of other packages last; they can't replace a built-in one.

    Raises `UsageError` when a package's format can't be loaded.
    """
    by_name = {export.name: export for export in BUILT_IN}
    for entry in entry_points(group=GROUP):
        try:
            by_name.setdefault(entry.name, entry.load())
        except (ImportError, AttributeError) as error:
            package = entry.dist.name if entry.dist else entry.value
            raise UsageError(f"The export format '{entry.name}' of {package} can't be loaded: {error}.") from error
    return by_name


def format_of(name: str) -> type[Export] | None:
    """The format of this name, or None. Installed packages are searched last, since that takes a while.

    Raises `UsageError` when a package's format can't be loaded.
    """
    return next((export for export in BUILT_IN if export.name == name), None) or formats().get(name)


def readers(names: Iterable[str]) -> dict[str, str]:
    """The reader of the library `datasets` for each of these formats that it loads, built-in formats first."""
    order = [export.name for export in BUILT_IN]
    ordered = sorted(names, key=lambda name: order.index(name) if name in order else len(order))
    return {name: format.reader for name in ordered if (format := format_of(name)) and format.reader}


def formats_of(names: Sequence[str]) -> list[Export]:
    """The formats of these names. Raises `UsageError` for an unknown one, for none, and for two of one file."""
    chosen = []
    for name in names:
        format = format_of(name)
        if format is None:
            raise UsageError(f"There is no export format '{name}'.{did_you_mean(name, formats())}")
        chosen.append(format())
    if not chosen:
        raise UsageError(f"No export format was named.{did_you_mean('', formats())}")
    for one, other in itertools.combinations(chosen, 2):
        if one.file(TRAIN) == other.file(TRAIN):
            raise UsageError(
                f"The formats '{one.name}' and '{other.name}' both write {one.file(TRAIN)}; export one at a time."
            )
    return chosen
