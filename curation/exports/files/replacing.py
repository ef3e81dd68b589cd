"""A folder is one export: what a new one adds to, and what it replaces as a whole.

Several commands may write formats of one selection into a folder: the same posts of the same corpus, on the same sides
of the split. Any other selection replaces all files of the export before it. Files that no export wrote stay, and so do
reports, and files that somebody changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curation.disk.export_manifest import RECORD, ExportRecord, read
from curation.errors import UsageError, WorkspaceError
from curation.exports.files import publish, readme
from curation.exports.files.configuring import digests, is_configuration
from curation.exports.registry import format_of
from curation.options.export import NEAR, RANDOM
from curation.writing.terminal import count

#: Options that choose posts.
CHOOSING = ("authors", "search", "where", "caps")


@dataclass
class Replacement:
    """What an export does to those in its folder."""

    out: Path
    new: ExportRecord
    replaced: list[ExportRecord] = field(default_factory=list)  # of other selections
    names: list[str] = field(default_factory=list)  # of the files that go
    left: list[str] = field(default_factory=list)  # of those that stay, since somebody changed them

    def find(self, earlier: Sequence[ExportRecord]) -> list[str]:
        """Look at the exports in the folder; gives the names of the files that go."""
        others = [one for one in earlier if is_text(one) and not is_same_selection(one, self.new)]
        self.replaced = [one for one in others if not _is_left(self.out, one)]
        going = {name for one in self.replaced for name in one.names} - {*self.new.names, readme.NAME}
        self.left = [name for name in sorted(going) if publish.is_edited(self.out / name, digests(self.replaced, name))]
        self.names = sorted(going - {*self.left})
        return self.names

    def sentences(self) -> list[str]:
        """What was done, for the user."""
        replaced = [
            f"The earlier export in {self.out} is replaced: {in_words(one)}."
            for one in self.replaced
            if not _is_renewed(one, self.new, self.new.names)
        ]
        return replaced + [
            f"{self.out / name} was changed since it was exported, and is left as it is; it is no part of this export."
            for name in self.left
        ]

    def to_json(self) -> list[dict[str, Any]]:
        """For `curation export --json`."""
        return [
            {"recipe": one.recipe, "exported_at": one.exported_at, "files": list(one.names), "posts": _posts(one)}
            for one in self.replaced
        ]


def expected(out: Path, new: ExportRecord, names: Sequence[str]) -> list[str]:
    """What an export of files `names` is about to replace, for the user, while it can still be stopped."""
    others = [one for one in read(out) or () if is_text(one) and not is_same_selection(one, new)]
    others = [one for one in others if not _is_renewed(one, new, names) and not _is_left(out, one)]
    if not others:
        return []
    what = "; ".join(map(in_words, others))
    return [f"{out} holds another export, which this one replaces as a whole: {what}."]


def require_name(name: str) -> None:
    """Raise `UsageError` for a name that no folder of an export can have."""
    why = ""
    if not name.strip():
        why = "it is empty"
    elif name.startswith("."):
        why = "it begins with a dot"
    elif "/" in name or "\\" in name or "\0" in name:
        why = "it leads into another folder"
    if why:
        raise UsageError(f"--as names a folder in DIR/exports, and '{name}' can't be one: {why}.")


def require_free(out: Path, names: Sequence[str]) -> None:
    """Raise `WorkspaceError` for a file in the way that no export wrote."""
    records = read(out)
    if records is None and (out / RECORD).exists():
        return  # nobody can tell any more
    ours = {name for one in records or () for name in one.names}
    if strangers := [name for name in names if name not in ours and (out / name).is_file()]:
        raise WorkspaceError(
            f"{out / strangers[0]} is there, and no export wrote it. It is unchanged. Move it away, or name another "
            "folder with --as NAME or --out DIR."
        )


def is_text(one: ExportRecord) -> bool:
    """Whether a record is of training text; that of a report is not."""
    return any(file.get("split") for file in one.files)


def is_same_selection(one: ExportRecord, other: ExportRecord) -> bool:
    """Whether two exports have the same posts of the same corpus on the same sides."""
    return _selection(one) == _selection(other)


def in_words(one: ExportRecord) -> str:
    """An export in a clause: whose posts, its files, when."""
    authors = one.options.get("authors") or ()
    whose = f" by {', '.join(authors[:3])}{' and others' if len(authors) > 3 else ''}" if authors else ""
    files = [file for file in one.files if file["format"] != "card" and not is_configuration(file)]
    named = ", ".join(file["name"] for file in files[:4]) + (", …" if len(files) > 4 else "")
    some = ", some of the posts" if any(one.options.get(name) for name in CHOOSING if name != "authors") else ""
    at = one.exported_at[:16].replace("T", " ")
    return f"{count(_posts(one), 'post')} of {one.recipe}{whose}{some} in {named} ({at} UTC)"


def _posts(one: ExportRecord) -> int:
    """Posts of the format with the most, on both sides."""
    by_format: dict[str, int] = {}
    for file in one.files:
        if file.get("split"):
            by_format[file["format"]] = by_format.get(file["format"], 0) + file["posts"]
    return max(by_format.values(), default=0)


def _is_left(out: Path, one: ExportRecord) -> bool:
    """Whether of an earlier export only files are left that somebody changed. They stay on record, to be forgotten."""
    files = [file for file in one.files if file.get("split")]
    return all(publish.is_edited(out / file["name"], [file["sha256"]]) for file in files)


def _is_renewed(one: ExportRecord, new: ExportRecord, names: Sequence[str]) -> bool:
    """Whether an export is the same as before, of a later state of its corpus: that goes without saying."""
    files = {file["name"] for file in one.files if file.get("split")}
    return files <= {*names} and _selection(one, whenever=True) == _selection(new, whenever=True)


def _selection(one: ExportRecord, *, whenever: bool = False) -> tuple[Any, ...]:
    options: Mapping[str, Any] = one.options
    chosen = [_plain(options.get(name)) for name in CHOOSING]
    valid = options.get("valid") or 0.0
    sides: tuple[Any, ...] = ()
    if valid:
        conversations = any((format := format_of(name)) and format.conversations for name in one.formats)
        sides = (valid, options.get("split", RANDOM), options.get("near", NEAR), conversations)
    seed = options.get("seed", 0) if valid or options.get("caps") else None
    return one.recipe, None if whenever else one.made_of, chosen, sides, seed


def _plain(value: Any) -> Any:
    """A value in which order doesn't matter."""
    if isinstance(value, Mapping):
        return sorted((name, sorted(each)) for name, each in value.items())
    return sorted(value or ()) if not isinstance(value, str) else value
