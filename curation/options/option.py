"""A frozen record of options: each field declares what it means, its unit and its bounds.

A field is declared once, with `option`. The options of a command (`curation.cli.record_options`), the boxes of a page,
the manifest of a result and the command line that repeats it are all made from the record.

>>> from curation.options.bounds import AtLeast
>>> @dataclasses.dataclass(frozen=True)
... class Tea(Options):
...     minutes: int = option(3, "How long it draws.", bound=AtLeast(1), unit="minutes")
...     herbs: tuple[str, ...] = option((), "What is in it.", flag="--herb")
>>> Tea(minutes=5, herbs=["mint", "-sage"]).words()
['--minutes', '5', '--herb', 'mint', '--herb=-sage']
>>> Tea(minutes=0)
Traceback (most recent call last):
curation.errors.UsageError: --minutes 0: it must be at least 1.
"""

from __future__ import annotations

import dataclasses
import functools
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from curation.errors import UsageError
from curation.options.bounds import Bound

#: When a manifest names an option.
ALWAYS, IF_CHANGED, NEVER = "always", "if changed", "never"


@dataclass(frozen=True)
class OptionField:
    """A field of a record: what it declares, and the names that follow from that."""

    name: str
    kind: type  # bool, int, float, str, Path, or tuple if it may be repeated
    default: Any
    doc: str  # a sentence or two, with the unit
    bound: Bound | None = None
    unit: str = ""
    label: str = ""  # on a page; "": made from the name
    flag: str = ""  # on the command line; "": made from the name
    short: str = ""  # of the flag, such as -n
    variable: str = ""  # of the environment, which also sets it
    parameter: str = ""  # of the command's function; "": made from the flag
    metavar: str = ""  # the help's word for the value; "": its type
    open_default: str = ""  # in words, where the command line leaves the default open
    in_manifest: str = IF_CHANGED
    parse: Callable[[Any], Any] | None = None  # gives the value, from the command line or a manifest

    def __post_init__(self) -> None:
        name = self.flag or flag(self.name)
        object.__setattr__(self, "flag", name)
        object.__setattr__(self, "parameter", self.parameter or name[2:].replace("-", "_"))
        object.__setattr__(self, "label", self.label or self.name.replace("_", " ").capitalize())

    @property
    def help(self) -> str:
        """Its help on the command line."""
        return f"{self.doc} Default: {self.open_default}." if self.open_default else self.doc

    @property
    def choices(self) -> tuple[str, ...]:
        """The values to choose from, if they are few."""
        return self.bound.choices if self.bound else ()

    def read(self, value: Any) -> Any:
        """The value, parsed from the command line or a manifest."""
        if self.parse:
            return self.parse(value)
        return tuple(value) if self.kind is tuple else value

    def require(self, value: Any) -> None:
        """Raise `UsageError` for a value out of bounds; for None, a value is chosen later."""
        if self.bound and value is not None and not self.bound.fits(value):
            raise UsageError(f"{self.flag} {value}: it must be {self.bound.limits}.")

    def words(self, value: Any) -> Iterator[str]:
        """The words that set it on the command line."""
        if self.kind is bool:
            yield self.flag
            return
        for each in _parts(value) if self.kind is tuple else [str(value)]:
            # With "=" if the value could be mistaken for an option.
            yield from (f"{self.flag}={each}",) if each.startswith("-") else (self.flag, each)


def option(default: Any, doc: str, **more: Any) -> Any:
    """A field of a record, with its default; `more` are other fields of `OptionField`."""
    metadata = {"option": {"doc": doc, **more}}
    if isinstance(default, Mapping):
        return dataclasses.field(default_factory=lambda: dict(default), metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


class Options:
    """A record of options. A subclass is a frozen dataclass whose fields are made by `option`."""

    def __post_init__(self) -> None:
        """Parse and check every value. Raises `UsageError`."""
        for field in self.fields():
            value = field.read(getattr(self, field.name))
            object.__setattr__(self, field.name, value)
            field.require(value)

    @classmethod
    def fields(cls) -> tuple[OptionField, ...]:
        """Its fields, in their order."""
        return _fields(cls)  # type: ignore[arg-type]  # mypy takes the `__hash__` of its instances for its own

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """The record with these values; None means not given. Raises `UsageError`."""
        return cls(**{name: value for name, value in values.items() if value is not None})

    @classmethod
    def of_manifest(cls, values: Mapping[str, Any], **more: Any) -> Self:
        """The record with the values of a manifest, and `more` that a manifest does not hold. Raises `UsageError`."""
        names = {field.name for field in cls.fields() if field.in_manifest != NEVER}
        if unknown := [name for name in values if name not in names]:
            raise UsageError(f"The option '{unknown[0]}' is not known here.")
        try:
            return cls(**values, **more)
        except (TypeError, ValueError, AttributeError) as error:
            raise UsageError(f"The options of a manifest can't be read: {error}.") from error

    def manifest(self) -> dict[str, Any]:
        """The values for a manifest, as JSON, by field name."""
        return {
            field.name: _plain(value)
            for field, value in self._values()
            if field.in_manifest == ALWAYS or (field.in_manifest == IF_CHANGED and value != field.default)
        }

    def words(self, *, of: Iterable[str] | None = None, always: Iterable[str] = ()) -> list[str]:
        """The words of a command line with the same options: the changed ones, and those in `always`.

        `of` limits it to some fields.
        """
        words: list[str] = []
        for field, value in self._values():
            is_shown = value != field.default or field.name in always
            if is_shown and value is not None and (of is None or field.name in of):
                words += field.words(value)
        return words

    def _values(self) -> Iterator[tuple[OptionField, Any]]:
        return ((field, getattr(self, field.name)) for field in self.fields())


@functools.cache
def _fields(record: type[Options]) -> tuple[OptionField, ...]:
    hints = typing.get_type_hints(record)
    return tuple(
        OptionField(
            field.name,
            _kind(hints[field.name]),
            field.default if field.default_factory is dataclasses.MISSING else field.default_factory(),
            **field.metadata["option"],
        )
        for field in dataclasses.fields(record)  # type: ignore[arg-type]  # every subclass is a dataclass
    )


def _kind(hint: Any) -> type:
    """The plain type behind a hint; tuple for a sequence and for a mapping."""
    for each in (hint, *typing.get_args(hint)):
        if each in (bool, int, float, str, Path):
            return typing.cast(type, each)
        if typing.get_origin(each) is not None and issubclass(typing.get_origin(each), Iterable):
            return tuple
    raise TypeError(f"no option has the type {hint}")


def _parts(value: Any) -> list[str]:
    """A repeatable value, as one word for each time."""
    if isinstance(value, Mapping):
        return [f"{name}={each}" for name, values in value.items() for each in values]
    return list(map(str, value))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: list(values) for name, values in value.items()}
    return list(map(str, value)) if isinstance(value, tuple) else value


def flag(name: str) -> str:
    """The command-line option for a field."""
    return f"--{name.replace('_', '-')}"
