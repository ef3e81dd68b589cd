"""Questions, answers and comments of Stack Exchange: the API's items, and rows of the data dump (`Posts.xml`).

A question is its title and, below it, its body. The API gives bodies only on demand
(`filter=withbody`). Questions and answers of a site share one row of numbers; comments have their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape, unescape
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, OnePost, text_under
from curation.sources.records.any_json import as_record
from curation.sources.records.dates import written_time
from curation.sources.records.fediverse import host_of
from curation.sources.records.fields import id_text, reference, whole_number, word
from curation.sources.records.not_a_post import LeftOutRecord, NotAPost

_NUMBERS = ("comment_id", "answer_id", "question_id")
_NO_POST = "a description of a tag or another text of the site's own"


class StackExchange(OnePost):
    """Questions, answers and comments."""

    name: ClassVar[str] = "stack-exchange"
    doc: ClassVar[str] = "questions, answers and comments of Stack Exchange: the API's items, rows of the data dump"
    platform: ClassVar[str] = "stackexchange"
    origin: ClassVar[str] = "`api.stackexchange.com` with `filter=withbody`; the data dump as JSON lines or a table."

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """A number of one of the three kinds and when it was made, or a row of the dump."""
        named = {"owner", "creation_date"} <= record.keys() and any(key in record for key in _NUMBERS)
        return CERTAIN if named else cls.columns_score(record.keys())

    @classmethod
    def columns_score(cls, names: Iterable[str]) -> float:
        """The names of the dump."""
        attributes = {str(name).strip().lstrip("@") for name in names}
        return CERTAIN if {"Id", "PostTypeId", "CreationDate", "Body"} <= attributes else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        return _of_dump(record, context) if "creation_date" not in record else _of_api(record)


def _text(title: str | None, body: str | None) -> tuple[str, str]:
    """Title (plain) and body (HTML) together."""
    if not body:
        return title or "", "plain"
    return (f"<p>{escape(title, quote=False)}</p>{body}" if title else body), "html"


def _of_api(item: Mapping[str, Any]) -> dict[str, Any]:
    kind = next((key for key in _NUMBERS if key in item), None)
    if kind is None:
        raise NotAPost(_NO_POST)
    owner = as_record(item.get("owner"))
    site = host_of(item.get("link")) or host_of(owner.get("link"))
    title = text_under(item, "title") if kind == "question_id" else None
    text, form = _text(unescape(title) if title else None, text_under(item, "body"))
    if not text:
        raise NotAPost("it has no body; ask the API for it with filter=withbody")
    number = id_text(item.get(kind))
    above = {"comment_id": item.get("post_id"), "answer_id": item.get("question_id")}.get(kind)
    question = reference(item.get("question_id"))
    return {
        "id": _named(site, number, kind == "comment_id"),
        "author": word(owner.get("display_name")) and unescape(owner["display_name"]),
        "author_id": id_text(owner.get("user_id")),
        "created_at": written_time(item.get("creation_date"), None),
        "text": text,
        "text_format": form,
        "is_repost": False,
        "is_reply": kind != "question_id",
        "reply_to": _named(site, reference(above)),
        "conversation_id": _named(site, question),
        "edited_at": written_time(item.get("last_edit_date"), None),
        "community": site,
        "url": word(item.get("link")),
        "like_count": whole_number(item.get("score")),
        "reply_count": whole_number(item.get("answer_count")),
        "view_count": whole_number(item.get("view_count")),
    }


def _of_dump(cells: Mapping[str, Any], context: Context) -> dict[str, Any]:
    row = {str(name).strip().lstrip("@"): value for name, value in cells.items()}
    if str(row.get("PostTypeId")).removesuffix(".0") not in ("1", "2"):
        raise LeftOutRecord(_NO_POST)
    text, form = _text(text_under(row, "Title"), text_under(row, "Body"))
    parent, number, author = reference(row.get("ParentId")), id_text(row.get("Id")), reference(row.get("OwnerUserId"))
    return {
        "id": number,
        "author": word(row.get("OwnerDisplayName")) or author,
        "author_id": author,
        "created_at": written_time(row.get("CreationDate"), context.order),
        "text": text,
        "text_format": form,
        "is_repost": False,
        "is_reply": bool(parent),
        "reply_to": parent,
        "conversation_id": parent or number,
        "edited_at": written_time(row.get("LastEditDate"), context.order),
        "like_count": whole_number(row.get("Score")),
        "reply_count": whole_number(row.get("AnswerCount")),
        "view_count": whole_number(row.get("ViewCount")),
    }


def _named(site: str | None, number: str | None, is_comment: bool = False) -> str | None:
    """An id within its site: `stackoverflow.com/77`."""
    if not number:
        return None
    name = f"comment/{number}" if is_comment else number
    return f"{site}/{name}" if site else name
