"""What a file is: recognised by its beginning, before anything lands, or refused with a way on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from curation.errors import (
    DamagedInputError,
    InputError,
    NoTextColumnError,
    UnreachedInputError,
    UsageError,
    did_you_mean,
)
from curation.sources.dialects import FORMATS, Context, JsonFormat, find_dialect
from curation.sources.files.bluesky_repo import is_repository, repository
from curation.sources.files.columns import has_known_header, table_of
from curation.sources.files.containers import Container
from curation.sources.files.encoding_detection import with_encoding
from curation.sources.files.encoding_names import Encoding
from curation.sources.files.file_options import FileOptions
from curation.sources.files.ids_only import HYDRATE, table_is_ids
from curation.sources.files.input_files import (
    HEAD_BYTES,
    InputFile,
    Opened,
    bare_ending,
    head_of,
    open_input,
    other_kind,
    packed_too_deep,
)
from curation.sources.files.json_recognition import SAMPLE_RECORDS, JsonFile, recognise_documents, recognise_json
from curation.sources.files.json_records import Records
from curation.sources.files.kinds_of_file import is_columnar, kind_of_log, kind_of_sql
from curation.sources.files.mastodon_archive import find_outbox
from curation.sources.files.table import PostTable
from curation.sources.files.table_escapes import columns_of_copy
from curation.sources.files.text_encoding import TextLines, decode_head, encoding_of, is_utf8, looks_binary
from curation.sources.files.whatsapp_chat import ChatRecords, is_chat, order_in
from curation.sources.records.unsettled import DateOrder

#: What to say of a file that has no way on of its own.
_READABLE = (
    " What can be collected: JSON and JSON lines, tables (CSV, TSV, Parquet, Arrow), archives of the platforms, and "
    "zips and tars of these."
)

#: An empty file, and what a program writes that had no posts to write.
_NOTHING = (b"", b"[]", b"{}", b"null")
#: Encodings of spreadsheets that a few short posts may not show, but the names of the columns do.
OF_HEADERS = ("cp1250", "cp1254", "cp1257", "cp1253", "cp1251", "cp1258", "cp852", "cp850", "mac_roman")
_JSON_START = re.compile(r"\s*\[?\s*\{?\s*(?:\"[^\"\n]{0,200}\"\s*:|$)")


@dataclass(frozen=True)
class Packed:
    """How to read a file that is neither JSON nor a table of text."""

    format: str  # a name of FORMATS
    doc: str
    records: Callable[[Opened], Records]
    owner: Any = None  # whose archive it is, where the file says so
    order: DateOrder | None = None  # what stands first in its dates


@dataclass(frozen=True)
class Recognised:
    """A file and how to read it. It has a `table` or a `json` form; plain lines have neither."""

    file: InputFile
    head: bytes
    format: str  # a name of FORMATS
    table: PostTable | None = None
    json: JsonFormat | None = None
    packed: Packed | None = None
    json_file: JsonFile | None = None  # where in a JSON file its posts lie

    @property
    def doc(self) -> str:
        """What the file is, for a notice."""
        if form := self.table or self.packed or self.json_file:
            return form.doc
        return "one post a line"


def check_format(name: str) -> str:
    """`name` if it is one of `FORMATS` or `auto`. Raises `UsageError`."""
    if name != "auto" and name not in FORMATS:
        raise UsageError(f"--format {name}: there is no such format.{did_you_mean(name, ['auto', *FORMATS])}")
    return name


def recognise_file(file: InputFile, options: FileOptions, container: Container | None = None) -> Recognised | None:
    """How to read a file; None for an empty one. `container` has the members of a zip or a tar.

    Raises `InputError` for a file that can't be read, `UsageError` for a column of `--map` that isn't there.
    """
    head, ended_early = head_of(file)
    try:
        if head.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe") not in _NOTHING:
            return _recognise(file, head, options, container)
    except InputError as error:
        if not ended_early:
            raise
        # What is left of it shows nothing.
        raise DamagedInputError(f"Can't read {file.path}: {ended_early}.") from error
    if ended_early:
        raise DamagedInputError(f"Can't read {file.path}: {ended_early}.")
    return None


def _recognise(file: InputFile, head: bytes, options: FileOptions, container: Container | None) -> Recognised | None:
    """The same for a file that begins with `head`."""
    form, mapping = options.format, options.columns
    if packed := _packed_file(file, head, options, container):
        if mapping:
            raise UsageError(f"--map has no use for {file.name}, which is {packed.doc}: its fields are known.")
        context = Context(order=packed.order, author=options.author, private=options.private, owner=packed.owner)
        return Recognised(file, head, packed.format, json=JsonFormat(packed.format, context), packed=packed)
    if columnar := is_columnar(head):
        return _recognise_columnar(file, head, columnar, options)
    if packed_inside := packed_too_deep(head):
        raise UnreachedInputError(
            f"{file.path} was not read: it is {packed_inside}. Unpack it, and collect what comes of it."
        )
    kind = other_kind(file, head)
    if kind or (looks_binary(head) and not options.encoding):
        what = kind or "a binary file"
        raise InputError(f"{file.path} looks like {what}.{'' if '; ' in what else _READABLE}")
    file = file if file.encoding else with_encoding(file, head, options.encoding)
    if file.encoding:
        head, _ = head_of(file)
    text, cut, ending = decode_head(head), len(head) >= HEAD_BYTES, bare_ending(file.base_name)
    if form != "lines" and not mapping and (log := kind_of_log(text)):
        raise InputError(f"{file.path} looks like {log.sentence(file.path)}.")
    if (
        form == "auto"
        and not mapping
        and (dump := kind_of_sql(text))
        and not any(map(columns_of_copy, text.split("\n")))
    ):
        raise InputError(f"{file.path} looks like {dump.sentence(file.path)}.")
    # A header that names texts counts, however little stands below it.
    if table_is_ids(text, cut) and (ending in (".txt", ".ids") or not has_known_header(text, ending, cut)):
        raise InputError(f"{file.path}: {HYDRATE}.")
    if form == "lines":
        return Recognised(file, head, form)
    if form == "csv" or _is_table(text, ending, mapping, cut):
        try:
            table = table_of(text, options, name=file.name, ending=ending, cut=cut)
        except NoTextColumnError:
            other = None if file.encoding or mapping else _encoding_of_header(head, ending, cut)
            if not other:
                raise
            shown = Encoding(other, language="as the names of its columns show")
            return _recognise(replace(file, encoding=shown), head, options, container)
        return Recognised(file, head, "csv", table=_insisted(table, form, file))
    json_file = recognise_json(file, head, text, cut, options)
    return Recognised(file, head, json_file.format.name, json=json_file.format, json_file=json_file)


def _packed_file(file: InputFile, head: bytes, options: FileOptions, container: Container | None) -> Packed | None:
    """An archive of Mastodon's, a repository of Bluesky's or a chat of WhatsApp's; None for any other file."""
    form = options.format
    if form == "bluesky-car" or (form == "auto" and is_repository(head, bare_ending(file.base_name))):
        return Packed("bluesky-car", "a repository exported from Bluesky", repository(file), options.author)
    if form == "whatsapp" or (form == "auto" and is_chat(head)):
        with open_input(file) as source:
            order = order_in(TextLines(source.stream, head))
        return Packed("whatsapp", "a chat that WhatsApp exported", lambda again: ChatRecords(again, head), order=order)
    if form in ("auto", "mastodon-archive"):
        outbox = find_outbox(file, head, container, must=form == "mastodon-archive")
        if outbox:
            doc = "the outbox of a Mastodon archive" + ("" if outbox.actor else ", without its actor.json")
            return Packed("mastodon-archive", doc, outbox.records, outbox.actor)
    return None


def _insisted(table: PostTable, form: str, file: InputFile) -> PostTable:
    """The table in the dialect that `--format` names. Raises `InputError` if no table is in that dialect."""
    if form in ("auto", "csv", "posts", "snscrape") or (table.dialect and table.dialect.name == form):
        return table
    dialect = find_dialect(form)
    if not dialect.reads_tables():
        raise InputError(f"{file.path} is a table, and '{form}' is JSON. Leave --format out, or say --format csv.")
    return replace(table, dialect=dialect)


def _recognise_columnar(file: InputFile, head: bytes, kind: str, options: FileOptions) -> Recognised | None:
    """How to read a table of Parquet, Arrow or Feather, whose rows are read as JSON records; None for an empty one.

    Raises `DamagedInputError` where no row can be read, since damage is not emptiness.
    """
    from curation.sources.files.arrow_tables import arrow_records

    records = arrow_records(file, kind)
    with open_input(file) as source:
        table = records(source)
        rows = (entry[1] for entry in table if isinstance(entry, tuple))
        first = list(islice(rows, SAMPLE_RECORDS))
        rows.close()
    if not first:
        if table.ended_early:
            looks = f"{file.path} looks like a {kind} file"
            raise DamagedInputError(f"{looks}, but no row of it can be read: {table.ended_early}.")
        return None
    if options.format in ("csv", "lines"):
        options = replace(options, format="posts")
    json_file = recognise_documents(file, first, options)
    form = json_file.format
    packed = Packed(form.name, f"a table ({kind}) in the form '{form.name}'", records)
    return Recognised(file, head, form.name, json=form, packed=packed, json_file=json_file)


def _is_table(text: str, ending: str, mapping: Mapping[str, str], cut: bool) -> bool:
    if text.lstrip().startswith(("{", "[")):
        return ending in (".csv", ".tsv") and not _begins_as_json(text)
    if ending in (".csv", ".tsv"):
        return True
    named = bool(mapping) and ending not in (".json", ".jsonl", ".ndjson")
    return named or has_known_header(text, ending, cut)


def _encoding_of_header(head: bytes, ending: str, cut: bool) -> str | None:
    """The first encoding in which a table's header names its texts, where bytes outside UTF-8 keep it from doing so."""
    if is_utf8(head) or encoding_of(head)[0] != "utf-8":
        return None
    decoded = ((name, head.decode(name, "replace")) for name in OF_HEADERS)
    return next((name for name, text in decoded if has_known_header(text, ending, cut)), None)


def _begins_as_json(text: str) -> bool:
    """Whether a file that is called a table holds JSON: its first line is an object, or begins a list."""
    start = text.lstrip().partition("\n")[0]
    return start.rstrip(" \t\r,").endswith(("}", "[", "{", "]")) and bool(_JSON_START.match(text.lstrip()[:400]))
