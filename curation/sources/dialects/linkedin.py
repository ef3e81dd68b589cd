"""One's own posts and comments out of a copy of one's data from LinkedIn: Shares.csv and Comments.csv.

LinkedIn puts each line break of a post between quotation marks of its own (`first"⏎"second`), which nobody typed.
Messages and invitations are in the same folder and never read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar
from urllib.parse import unquote

from curation.posts import NO_PLATFORM
from curation.sources.dialects.base import CERTAIN, Context, OnePost
from curation.sources.records.dates import written_time
from curation.sources.records.fields import word

_SHARES = frozenset({"ShareLink", "ShareCommentary"})
_COMMENTS = frozenset({"Date", "Link", "Message"})
_OURS = re.compile(r"https?://(?:\w+\.)?linkedin\.com/", re.ASCII)
_NUMBER = re.compile(r"urn:li:(?:share|ugcPost|activity|groupPost)[:-](?:\d+-)?(\d{6,25})", re.ASCII)
_COMMENT = re.compile(r"urn:li:comment:\([^()]{0,80},(\d{6,25})\)", re.ASCII)
_BREAK = re.compile(r'"?(\r?\n)"?')


class Linkedin(OnePost):
    """Posts and comments of one's own."""

    name: ClassVar[str] = "linkedin"
    doc: ClassVar[str] = "Shares.csv and Comments.csv of LinkedIn; `--author` says whose they are"
    platform: ClassVar[str] = "linkedin"
    wordless: ClassVar[str] = "a link or picture that was shared without words"
    origin: ClassVar[str] = "LinkedIn, *Settings → Data privacy → Get a copy of your data*."

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """A row of either table."""
        if record.keys() == _COMMENTS:
            return CERTAIN if _OURS.match(str(record["Link"])) else 0.0
        return CERTAIN if record.keys() >= _SHARES else 0.0

    @classmethod
    def columns_score(cls, names: Iterable[str]) -> float:
        """The heads of either table; those of comments are common words, so the table may have no others."""
        heads = {str(name).strip() for name in names}
        return CERTAIN if heads >= _SHARES or heads == _COMMENTS else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        is_comment = "ShareLink" not in record
        text = record.get("Message" if is_comment else "ShareCommentary")
        link = word(record.get("Link" if is_comment else "ShareLink")) or ""
        address = unquote(link)
        ours = not is_comment or bool(_OURS.match(link))
        post, comment = _NUMBER.search(address), _COMMENT.search(address)
        return {
            "platform": cls.platform if ours else NO_PLATFORM,
            "id": (comment[1] if comment else None) if is_comment else (post[1] if post else None),
            "created_at": written_time(record.get("Date"), context.order),
            "text": _as_typed(text) if isinstance(text, str) else "",
            "text_format": "plain" if ours else "unknown",
            "is_repost": False if ours else None,
            "is_reply": is_comment if ours else None,
            "reply_to": post[1] if is_comment and post else None,
            "url": link or None,
        }


def _as_typed(text: str) -> str:
    """A post without the quotation marks around its line breaks, where every one of them has them."""
    breaks = text.count("\n")
    marked = len(re.findall(r'"\r?\n"', text))
    return _BREAK.sub(r"\1", text) if breaks and marked == breaks else text
