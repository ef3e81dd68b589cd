"""What a file is: recognised by its beginning, before anything lands, or refused with a way on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation.errors import InputError, UsageError, did_you_mean
from curation.sources.dialects import FORMATS, NO_POSTS, Context, JsonFormat, find, format_of
from curation.sources.dialects.plain import keys_of, names_in, platform_of, value_at
from curation.sources.files.columns import Table, has_known_header, table_of
from curation.sources.files.input_files import HEAD_BYTES, InputFile, ending_of, head_of, opened, other_kind
from curation.sources.files.json_records import Layout, first_records, layout_of
from curation.sources.files.packed_files import Packed, packed_file
from curation.sources.files.text_encoding import as_utf8, decode_head, looks_binary
from curation.sources.records.dates import order_of


@dataclass(frozen=True)
class Recognised:
    """A file and how to read it; of `table` and `json` one is set, or none for `lines`."""

    file: InputFile
    head: bytes
    format: str  # a name of FORMATS
    table: Table | None = None
    json: JsonFormat | None = None
    layout: Layout = "lines"
    packed: Packed | None = None

    @property
    def doc(self) -> str:
        """What was recognised, for a notice."""
        if known := self.table or self.packed:
            return known.doc
        return {"lines": "one post a line"}.get(self.format, f"JSON in the form '{self.format}'")


def check_format(name: str) -> str:
    """`name` if it is one of `FORMATS` or `auto`. Raises `UsageError`."""
    if name != "auto" and name not in FORMATS:
        raise UsageError(f"--format {name}: there is no such format.{did_you_mean(name, ['auto', *FORMATS])}")
    return name


def recognise_file(
    file: InputFile, form: str, mapping: Mapping[str, str], platform: str | None, author: str | None = None
) -> Recognised | None:
    """How to read a file in the format `form` (`auto`: whatever it is); None for an empty one.

    `author` is the handle of whoever the file is of, where it doesn't tell itself.
    Raises `InputError` for a file that can't be read, `UsageError` for a column of `--map` that isn't there.
    """
    head, ended_early = head_of(file)
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        if ended_early:
            raise InputError(f"Can't read {file.path}: {ended_early}.")
        return None
    if packed := packed_file(file, head, form, author):
        if mapping:
            raise UsageError(f"--map has no use for {file.name}, which is {packed.doc}: its fields are known.")
        read = JsonFormat(packed.format, Context(order=packed.order, author=author, owner=packed.context))
        return Recognised(file, head, packed.format, json=read, layout="items", packed=packed)
    kind = other_kind(file, head)
    if kind or looks_binary(head):
        raise InputError(
            f"{file.path} looks like {kind or 'a binary file'}. What can be collected from a file is: "
            "JSON lines, a JSON list, or a table with commas, semicolons or tabs."
        )
    text, cut, ending = decode_head(head), len(head) >= HEAD_BYTES, ending_of(file)
    if form == "lines":
        return Recognised(file, head, form)
    if form == "csv" or (form in ("auto", "snscrape") and _is_table(text, ending, mapping, cut)):
        table = table_of(text, mapping, name=file.name, ending=ending, cut=cut, platform=platform)
        return Recognised(file, head, "csv", table=table)
    return _recognise_json(file, head, text, cut, form, mapping, author)


def _is_table(text: str, ending: str, mapping: Mapping[str, str], cut: bool) -> bool:
    if ending in (".csv", ".tsv"):
        return True
    if text.lstrip().startswith(("{", "[")) or ending in (".json", ".jsonl", ".ndjson"):
        return False
    return bool(mapping) or has_known_header(text, ending, cut)


def _recognise_json(
    file: InputFile,
    head: bytes,
    text: str,
    cut: bool,
    form: str,
    mapping: Mapping[str, str],
    author: str | None,
) -> Recognised:
    layout = layout_of(text, cut)
    with opened(file) as source:
        records, why = first_records(as_utf8(source.stream, head), text, layout, cut)
    if not records:
        if not text.lstrip().startswith(("{", "[")):
            raise InputError(
                f"{file.path} holds neither JSON nor a table with a header that is known. "
                "If every line is one post: --format lines. If it is a table: --format csv --map text=COLUMN."
            )
        raise InputError(f"{file.path} can't be read as JSON: {why}.")
    name = format_of(records) if form == "auto" else form
    if name in NO_POSTS and "text" not in mapping:
        raise InputError(f"{file.path} holds {NO_POSTS[name]}: there is no post in it to collect.")
    if (name is None or name in NO_POSTS) and "text" in mapping:
        name = "posts"
    if name is None:
        keys = ", ".join(dict.fromkeys(str(n)[:40] for r in records[:5] for n in names_in(r)))
        raise InputError(
            f"{file.path} is JSON, but nothing in it is known to hold texts. Say which key does: "
            f"--map text=KEY, where KEY is one of: {keys or '(there are none)'}."
        )
    keys = (keys_of(records) if find(name).plain_names else {}) | mapping
    for field, key in mapping.items():
        known = dict.fromkeys(n for r in records for n in names_in(r))
        if key not in known:
            raise UsageError(f"--map {field}={key}: {file.name} has no key '{key}'.{did_you_mean(key, known)}")
    form_of_file = JsonFormat(
        name,
        Context(
            keys=keys,
            order=order_of(_times(records, keys.get("created_at")))[0],
            platform=platform_of(records),
            author=author,
        ),
        frozenset(mapping),
    )
    return Recognised(file, head, name, json=form_of_file, layout=layout)


def _times(records: Sequence[Mapping[str, Any]], key: str | None) -> Iterator[str]:
    for record in records:
        value = value_at(record, key) if key else None
        if isinstance(value, str):
            yield value
