"""The reader of JSON: records to posts, each in the dialect that it fits best."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from curation.sources.base import Rejected
from curation.sources.dialects import NO_POSTS, JsonFormat, best_of, find_dialect
from curation.sources.dialects.base import RowOrReason
from curation.sources.dialects.plain import fields_by_key
from curation.sources.files.html_texts import format_in_html_file
from curation.sources.files.input_files import Opened
from curation.sources.files.json_documents import JsonDocuments, JsonPlan, expanded
from curation.sources.files.json_items import compact_json
from curation.sources.files.json_paths import Around, value_of
from curation.sources.files.json_shape import is_index
from curation.sources.files.reader import PostInFile, Reader
from curation.sources.files.recognition import Recognised
from curation.sources.records.any_json import whole_characters
from curation.sources.records.articles import is_only_announced
from curation.sources.records.not_a_post import LeftOutRecord, NotAPost

_OTHERS = "it lies under '{}' and names nobody, so it is not one's own; --format posts reads it all the same"
#: Kinds of record whose dialect is remembered.
_MOST_KINDS = 2000


class JsonReader(Reader):
    """Objects, in the dialect of their file."""

    def __init__(self, recognised: Recognised, form: JsonFormat, opened: Opened) -> None:
        json_file, packed = recognised.json_file, recognised.packed
        self._plan = json_file.plan if json_file else JsonPlan()
        self._records = (
            packed.records(opened)
            if packed
            else JsonDocuments(opened, recognised.head, self._plan, recognised.file.name)
        )
        super().__init__(recognised, opened, self._records.lines)
        self._form = form
        self._html = bool(json_file and json_file.html)
        self._line_breaks = json_file.line_breaks if json_file else None
        self._others = json_file.others if json_file else None  # the key that says that these are not one's own
        self._named = 0
        self._articles = 0  # posts that only link an article of X

    def __iter__(self) -> Iterator[PostInFile | Rejected]:
        """Read the objects."""
        form, json_file, packed = self._form, self._recognised.json_file, self._recognised.packed
        posts_of = form.posts if packed else _Kinds(form, bool(json_file and json_file.insisted)).posts
        place = f"{self.name}:" if self._plan.layout == "lines" and not packed else f"{self.name}: item "
        completes = bool(self._html or self._line_breaks or not self._plan.is_plain)
        records: Iterable[Any] = self._records
        if packed and not self._plan.is_plain:
            records = expanded(records, self._plan)
        for entry in records:
            yield from self.overlong()
            if isinstance(entry, Rejected):
                yield entry
                continue
            if len(entry) == 2:
                (number, record), around, key = entry, (), None
            else:
                number, record, around, key = entry
            posts = list(posts_of(record, around))
            for nth, post in enumerate(posts, 1):
                where = f"{place}{number}, post {nth}" if len(posts) > 1 else f"{place}{number}"
                if isinstance(post, LeftOutRecord):
                    self.leave_out(post)
                elif isinstance(post, NotAPost):
                    yield Rejected(where, str(post))
                else:
                    row = self._complete(post[0], key) if key or completes else post[0]
                    if self._others and not row.get("author"):
                        self.leave_out(LeftOutRecord(_OTHERS.format(self._others)))
                        continue
                    self._named += 1
                    yield self._post(number, where, row, post[1])
        yield from self.overlong()
        self._broken_list = self._records.ended_early

    def _complete(self, row: dict[str, Any], key: str | None) -> dict[str, Any]:
        """The row with what the file says of it elsewhere: the key that it lies under, its author, its markup."""
        if key and not row.get("id") and not is_index(key):
            row["id"] = key
        if self._plan.people:
            row |= self._plan.people.author_of(row)
        if self._line_breaks and row.get("text_format") == "unknown":
            row["text"] = self._line_breaks.replaced(row["text"])
        if self._html and row.get("text_format") == "unknown":
            row["text_format"] = format_in_html_file(row["text"])
            self._read_as_html += row["text_format"] == "html"
        return row

    def _post(self, number: int, where: str, row: dict[str, Any], record: Mapping[str, Any]) -> PostInFile | Rejected:
        try:
            raw = compact_json(record)
        except RecursionError:
            return Rejected(where, "it is nested too deeply")
        self._articles += is_only_announced(row["text"], raw)
        if "\\ud" in raw:  # only half a surrogate pair is written as an escape
            whole = whole_characters(row)
            self._mended += whole != row
            row = whole
        return PostInFile(number, row, raw)

    def notices(self) -> Iterator[str]:
        """Also notices about bytes, line breaks, articles, and posts in other places."""
        yield from super().notices()
        if repaired := self._records.repaired:
            several = f"{repaired:,} items" if repaired > 1 else "One item"
            yield (
                f"{self.name}: {several} held bytes that are not UTF-8; they were read as Windows-1252."
                f"{self.other_encoding}"
            )
        if self._line_breaks:
            yield f"{self.name}: '{self._line_breaks.name}' stands for line breaks in its texts and was read as such."
        if self._articles:
            several = f"{self._articles:,} posts only link" if self._articles > 1 else "One post only links"
            yield f"{self.name}: {several} an article of X whose text is not in the file."
        if self._others and self._named:
            yield f"{self.name}: these posts lie under '{self._others}'; they landed under the names of who wrote them."
        if (json_file := self._recognised.json_file) and json_file.unread:
            paths = ", ".join(json_file.unread[:5])
            yield f"{self.name}: objects that look like posts also lie under {paths}; they were not read."


class _Kinds:
    """The dialect of each kind of record. Records of one kind have the same keys.

    A file may hold two dialects, and its sample only one. The first record of each kind decides: if another dialect
    fits it better, that dialect reads the kind.
    """

    def __init__(self, form: JsonFormat, only: bool) -> None:
        """`only` this form, because the user said so."""
        self._form, self._only = form, only
        self._by_keys: dict[tuple[str, ...], JsonFormat | LeftOutRecord] = {}

    def posts(self, record: dict[str, Any], around: Around) -> Iterable[RowOrReason]:
        keys = tuple(record)
        form = self._by_keys.get(keys)
        if form is None:
            form = self._choose(record, around)
            if len(self._by_keys) < _MOST_KINDS:
                self._by_keys[keys] = form
        return [form] if isinstance(form, LeftOutRecord) else form.posts(record, around)

    def _choose(self, record: dict[str, Any], around: Around) -> JsonFormat | LeftOutRecord:
        form = self._form
        if self._only or "text" in form.mapped:
            return form
        name, score = best_of(record, around)
        fits = find_dialect(form.name).score(record, around)
        if name == "x-messages" and fits < 1:
            return LeftOutRecord(NO_POSTS[name])
        if name in NO_POSTS or name is None or (score <= fits and name != "posts"):
            return form
        if name == "posts":
            text = form.context.keys.get("text")
            if fits > score or (text and isinstance(value_of(record, text), str)):
                return form
            keys = fields_by_key([record]) | {field: form.context.keys[field] for field in form.mapped}
            return JsonFormat("posts", replace(form.context, keys=keys), form.mapped)
        return JsonFormat(name, form.context, form.mapped)
