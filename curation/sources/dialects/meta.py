r"""What Meta's downloads hold of posts and comments: Threads, Instagram and Facebook.

Their JSON writes each byte of UTF-8 as a character (`é` is `\u00c3\u00a9`). This is undone for every text in these
files, without guessing. Newer exports have some texts right already, and those stay as they are.

The same downloads hold private messages (`messages/inbox/…`). They are skipped unless the user asks for their own
messages (`--private --author NAME`). Most records have no id; the post gets one made from its author, time and text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, OnePost, RowOrReason, text_under
from curation.sources.records.any_json import as_record, as_records, string
from curation.sources.records.fields import handle, id_text, word
from curation.sources.records.moments import parse_time
from curation.sources.records.not_a_post import LeftOutRecord

#: Bytes of one character beyond ASCII in UTF-8, each as a character of its own.
_BYTES = re.compile(
    "[\u00c2-\u00df][\u0080-\u00bf]|[\u00e0-\u00ef][\u0080-\u00bf]{2}|[\u00f0-\u00f4][\u0080-\u00bf]{3}"
)
_WORDLESS = "a picture, video or shared link without words of one's own"
#: Labels that hold a text in the form of `label_values` and `string_map_data`.
_TEXTS = (
    "Comment", "Text", "Caption", "Title", "Post", "Message",
    "Kommentar", "Bildunterschrift", "Commentaire", "Légende", "Comentario", "Leyenda", "Comentário", "Legenda",
    "Commento", "Didascalia", "Reactie", "Bijschrift", "Komentarz", "Podpis", "Yorum", "Açıklama", "Комментарий",
    "Подпись", "Коментар", "コメント", "キャプション", "댓글", "캡션", "评论", "说明文字", "留言", "說明", "ความคิดเห็น",
    "คำบรรยาย", "تعليق", "التعليق", "Bình luận", "Komentar", "टिप्पणी", "תגובה",
)  # fmt: skip
_OWNERS = ("Media Owner", "Owner")
#: Names of plain JSON, which may have a title and a time too.
_PLAIN = frozenset({"text", "content", "author", "body", "username"})


class Meta(OnePost):
    """Posts and comments out of a download of Threads, Instagram or Facebook."""

    name: ClassVar[str] = "meta"
    doc: ClassVar[str] = "posts and comments of Meta's downloads as JSON: Threads, Instagram, Facebook; no messages"
    origin: ClassVar[str] = (
        "*Accounts Center → Your information → Download*, as JSON: threads_and_replies.json, posts_1.json, "
        "post_comments_1.json, your_posts__….json, comments.json. The files name no author: use `--author NAME`."
    )

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """The names of one of its records."""
        media = as_records(record.get("media"))
        if "creation_timestamp" in record and ("title" in record or "uri" in record) and not _PLAIN & record.keys():
            return CERTAIN
        if media and any("creation_timestamp" in one for one in media):
            return CERTAIN
        if isinstance(record.get("string_map_data"), dict) or as_records(record.get("label_values")):
            return CERTAIN
        if {"sender_name", "timestamp_ms"} <= record.keys():
            return CERTAIN
        data = as_records(record.get("data"))
        facebook = "timestamp" in record and any({"post", "comment", "update_timestamp"} & one.keys() for one in data)
        attached = {"timestamp", "attachments", "title"} <= record.keys()
        return CERTAIN if facebook or attached else 0.0

    @classmethod
    def posts(cls, record: dict[str, Any], context: Context) -> list[RowOrReason]:
        """The post, once, however many pictures it has; the record beside it is repaired."""
        if "sender_name" in record:
            record = {key: record.get(key) for key in ("sender_name", "timestamp_ms", "content")}
        return super().posts(repaired(record), context)

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        return _message(record, context) if "sender_name" in record else _row(record, context)


def repaired(value: Any) -> Any:
    r"""A value of such a file with its texts as they were typed.

    >>> repaired({"title": "caf\u00c3\u00a9", "n": 1})
    {'title': 'café', 'n': 1}
    """
    if isinstance(value, str):
        if value.isascii():
            return value
        try:
            return value.encode("latin-1").decode("utf-8")
        except UnicodeError:  # a text that is right in part: only what are the bytes of a character are one
            return _BYTES.sub(_decoded, value)
    if isinstance(value, list):
        return [repaired(one) for one in value]
    return {key: repaired(one) for key, one in value.items()} if isinstance(value, dict) else value


def _decoded(match: re.Match[str]) -> str:
    try:
        return match[0].encode("latin-1").decode("utf-8")
    except UnicodeError:
        return match[0]


def _row(record: Mapping[str, Any], context: Context) -> dict[str, Any]:
    media = as_records(record.get("media"))
    labels = dict(_labels(record))
    data = as_records(record.get("data"))
    comment = next((as_record(one["comment"]) for one in data if isinstance(one.get("comment"), dict)), {})
    post = next((one["post"] for one in data if isinstance(one.get("post"), str)), None)
    facebook = "timestamp" in record and (bool(data) or "attachments" in record)
    if facebook:  # `title` is Facebook's own sentence on what was done
        texts = [string(comment.get("comment")), string(post), *_descriptions(record)]
    elif labels:  # `title` names somebody else, or a form
        texts = [string(labels.get(label)) for label in _TEXTS]
    else:
        texts = [string(record.get("title")), *(string(one.get("title")) for one in media)]
    text = next((one for one in texts if one and one.strip()), None)
    values = [value for value in labels.values() if isinstance(value, str)]
    is_comment = bool(comment) or (bool(labels) and "media_list_data" in record)
    if text is None and is_comment and values:  # whatever language it is in: the comment, whose picture, when
        text = values[0]
    if text is None:
        raise LeftOutRecord(_reason(record, values))
    times = [record.get("creation_timestamp"), *(one.get("creation_timestamp") for one in media)]
    times += [comment.get("timestamp"), record.get("timestamp"), labels.get("Time"), labels.get("Date")]
    times += [value for value in labels.values() if isinstance(value, int)]
    owner = next((labels[owner] for owner in _OWNERS if owner in labels), None)
    owner = values[1] if owner is None and is_comment and len(values) > 1 else owner
    return {
        "platform": _platform(record, context, facebook),
        "id": id_text(record.get("fbid")),
        "author": context.author,
        "author_name": word(comment.get("author")),
        "created_at": next((time for time in map(parse_time, times) if time), None),
        "text": text,
        "is_repost": False,
        "is_reply": is_comment or None,
        "reply_to_author": handle(owner),
        "community": word(comment.get("group")),
    }


def _reason(record: Mapping[str, Any], values: list[str]) -> str:
    """Why a record gives no post."""
    if as_records(record.get("label_values")) and values:
        return "nothing stands under a label that is known; download it again with the account set to English"
    is_note = "string_map_data" in record
    return "a note about the account or of what was done with it, not a post" if is_note else _WORDLESS


def _descriptions(record: Mapping[str, Any]) -> Iterator[str | None]:
    """What was written under the pictures of a post."""
    for attached in as_records(record.get("attachments")):
        for one in as_records(attached.get("data")):
            yield string(as_record(one.get("media")).get("description"))


def _labels(record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The values of a record that names them by labels: `string_map_data`, or `label_values`."""
    for label, held in as_record(record.get("string_map_data")).items():
        held = as_record(held)
        yield label, held.get("value") or held.get("timestamp")
    for held in as_records(record.get("label_values")):
        if isinstance(held.get("label"), str):
            yield held["label"], held.get("value") or held.get("timestamp_value")


def _platform(record: Mapping[str, Any], context: Context, facebook: bool) -> str:
    if facebook:
        return "facebook"
    own = f"{context.path} {' '.join(str(key) for outer in context.around for key in outer)}"
    return "threads" if "text_post_app" in own or "threads" in own else "instagram"


def _message(record: Mapping[str, Any], context: Context) -> dict[str, Any]:
    if not context.private or not context.author:
        raise LeftOutRecord("a private message; read your own with --private --author NAME")
    context.check_author((record["sender_name"],), "chat")
    if not text_under(record, "content"):
        raise LeftOutRecord(_WORDLESS)
    return {
        "platform": "instagram" if "instagram" in context.path else "facebook",
        "author": context.author,
        "author_name": record["sender_name"],
        "created_at": parse_time(record.get("timestamp_ms")),
        "text": record["content"],
        "is_repost": False,
    }
