"""TikTok: one's own words, out of the download of one's data, and videos as scrapers keep them.

Of the download (`user_data_tiktok.json`) comments and the titles of videos are read. Messages, searches and what was
watched are in the same file and never opened; of the profile only the handle is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, OnePost
from curation.sources.records.any_json import as_record, string
from curation.sources.records.dates import written_time
from curation.sources.records.fields import handle, reference, whole_number, word
from curation.sources.records.not_a_post import LeftOutRecord

#: Parts of the download; one of them is around every record.
_PARTS = frozenset(
    {"Activity", "Your Activity", "Direct Message", "Direct Messages", "Profile", "Profile And Settings",
     "App Settings", "Tiktok Live", "TikTok Live", "Tiktok Shopping", "TikTok Shopping", "Likes and Favorites"}
)  # fmt: skip
_COMMENT = frozenset({"date", "comment", "photo", "url", "originalcomment"})


class Tiktok(OnePost):
    """One's own comments and titles of videos, and videos of scrapers."""

    name: ClassVar[str] = "tiktok"
    doc: ClassVar[str] = "one's own comments and videos' titles out of TikTok's download; videos of TikTok scrapers"
    platform: ClassVar[str] = "tiktok"
    origin: ClassVar[str] = (
        "TikTok, *Settings → Account → Download your data*, as JSON (user_data_tiktok.json); TikTokApi and its like."
    )

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """A video with its author, or what the download holds within its own parts."""
        if {"desc", "createTime", "author"} <= record.keys() or {"authorMeta", "webVideoUrl"} <= record.keys():
            return CERTAIN
        names = {str(name).casefold() for name in list(record)[:40]}
        own = ({"date", "comment"} <= names and names <= _COMMENT) or {"date", "link", "title"} <= names
        return CERTAIN if own and any(_PARTS & outer.keys() for outer in around) else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        if "desc" in record or "authorMeta" in record:
            return video_row(record)
        fields = {str(name).casefold(): value for name, value in record.items()}
        is_comment = "comment" in fields
        text = string(fields.get("comment" if is_comment else "title"))
        if not is_comment and str(fields.get("whocanview", "public")).casefold() not in ("public", "everyone"):
            raise LeftOutRecord("a video that only its author or friends may see")
        if not text or not text.strip() or text == "N/A":
            raise LeftOutRecord("a video or comment without words")
        name = next((owner for outer in context.around if (owner := _handle(outer))), None)
        link = word(fields.get("link"))
        number = None if is_comment or not link else reference(link.rstrip("/").rpartition("/")[2])
        return {
            "id": number if number and number.isdecimal() else None,
            "author": name,
            "created_at": written_time(fields.get("date"), context.order),
            "text": text,
            "is_repost": False,
            "is_reply": is_comment,
            "url": None if is_comment else link,
            "like_count": whole_number(fields.get("likes")),
        }


def _handle(download: Mapping[str, Any]) -> str | None:
    """The handle in the profile of a download."""
    profile = as_record(download.get("Profile")) or as_record(download.get("Profile And Settings"))
    about = as_record(profile.get("Profile Information")) or as_record(profile.get("Profile Info"))
    return handle(as_record(about.get("ProfileMap")).get("userName"))


def video_row(video: Mapping[str, Any]) -> dict[str, Any]:
    """A video as TikTok's website answers it: what is written under it."""
    author = as_record(video.get("author")) or as_record(video.get("authorMeta"))  # Apify's word for it
    figures = as_record(video.get("stats")) or as_record(video.get("statsV2")) or video
    name = handle(author.get("uniqueId")) or handle(author.get("name")) or handle(video.get("author"))
    post_id = reference(video.get("id"))
    return {
        "platform": Tiktok.platform,
        "id": post_id,
        "author": name,
        "author_name": word(author.get("nickname")) or word(author.get("nickName")),
        "author_id": reference(author.get("id")),
        "created_at": written_time(video.get("createTime"), None),
        "text": video.get("desc", video.get("text")),
        "text_format": "plain",
        "lang": word(video.get("textLanguage")),
        "url": f"https://www.tiktok.com/@{name}/video/{post_id}" if name and post_id else None,
        "like_count": whole_number(figures.get("diggCount")),
        "repost_count": whole_number(figures.get("shareCount")),
        "reply_count": whole_number(figures.get("commentCount")),
        "view_count": whole_number(figures.get("playCount")),
    }
