"""What the pages say and snscrape does not read, or reads wrongly. Each page comes here before it goes to snscrape.

- *Telegram*: line breaks (snscrape glues the lines); the text of the answered message is not that of the answer; notes
  of the channel itself (created, renamed, pinned) are no posts, and break snscrape if they lack a date. The page also
  says what was forwarded, and what is an answer.
- *Weibo*: the HTML of a post becomes a text with its line breaks and its emoji, in the field that snscrape prefers.
- *Mastodon*: the whole text of a post, as `curation.functions.html_text` makes it, so that a post has the same text
  from a page and from the API.

Anything unexpected stays as it is.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from requests import Response

from curation.functions.html_text import plain_text
from curation.sources.records.any_json import as_record, as_records
from curation.sources.records.fediverse import fediverse_text

_MESSAGE = re.compile(r"https?://(?:t|telegram)\.me/(?:s/)?(\w+)/(\d+)", re.ASCII)
_LINK = re.compile(r"</?a\b[^<>]*>", re.IGNORECASE)
_PICTURED = re.compile(r"""<img\b[^<>]{0,400}?\balt=["']?(\[[^\]"'<>]{1,24}\])[^<>]*>""", re.IGNORECASE)
_WHOLE_TEXT_ELSEWHERE = "全文"
_PINNED = "置顶"


@dataclass
class Notes:
    """What the last page says, and counts over all pages."""

    columns: dict[str, dict[str, Any]] = field(default_factory=dict)  # by post: columns of its row
    pinned: set[str] = field(default_factory=set)  # ids
    whole: bool = False  # there are posts, or notes in their place: the page is not empty by mistake
    counted: dict[str, set[str]] = field(default_factory=dict)  # over all pages: what was found where

    def count(self, what: str, where: str) -> None:
        """Count it once, however often its page is read."""
        self.counted.setdefault(what, set()).add(where)

    def take(self, platform: str, response: Response) -> bool:
        """Go through a page, and mend it; False if it says, most likely wrongly, that there is nothing."""
        self.columns, self.pinned, self.whole = {}, set(), False
        if "charset" not in response.headers.get("Content-Type", "").lower():
            response.encoding = "utf-8"
        if platform == "telegram":
            self._telegram(response)
        elif platform == "mastodon":
            self._mastodon(response)
        elif platform == "weibo":
            return self._weibo(response)
        return True

    def _telegram(self, response: Response) -> None:
        import bs4

        soup = bs4.BeautifulSoup(response.text, "lxml")
        for message in soup.find_all("div", class_="tgme_widget_message", attrs={"data-post": True}):
            self.whole = True
            post_id = str(message["data-post"])
            if "service_message" in message.get_attribute_list("class"):
                self.count("service", post_id)
                message.decompose()
            else:
                self.columns[post_id.lower()] = _of_message(message)
        for line_break in soup.find_all("br"):
            line_break.replace_with("\n")
        for quoted in soup.select(".tgme_widget_message_reply .tgme_widget_message_text"):
            quoted["class"] = "js-message_reply_text"
        response._content, response.encoding = soup.encode("utf-8"), "utf-8"

    def _mastodon(self, response: Response) -> None:
        import bs4

        soup = bs4.BeautifulSoup(response.text, "lxml")
        for entry in soup.select(".activity-stream .entry"):
            content = entry.find("div", class_="status__content")
            link = entry.select_one("a.status__relative-time, a.detailed-status__datetime")
            if content is None or link is None or not (address := str(link.get("href") or "")):
                continue
            self.whole = True
            inner, warning = content.find("div", class_="e-content"), content.find("span", class_="p-summary")
            text = fediverse_text(warning.get_text() if warning else None, (inner or content).decode_contents())
            icons = {icon for one in entry.select(".status__prepend i") for icon in one.get_attribute_list("class")}
            self.columns[address] = {"text": text}
            if "fa-thumb-tack" in icons:
                self.pinned.add(address)

    def _weibo(self, response: Response) -> bool:
        try:
            answer = json.loads(response.content)
        except (ValueError, RecursionError):
            return True
        if not isinstance(answer, dict):
            return True
        cards = as_record(answer.get("data")).get("cards")
        if answer.get("ok") == 0 and cards == []:
            return False
        for post in filter(None, (as_record(card.get("mblog")) for card in as_records(cards))):
            self.whole = True
            if post.get("isTop") in (1, True) or as_record(post.get("title")).get("text") == _PINNED:
                self.pinned.add(str(post.get("id")))
            for one in (post, as_record(post.get("retweeted_status"))):
                if isinstance(one.get("text"), str):
                    one["raw_text"] = _weibo_text(one["text"])
            if str(post.get("raw_text", "")).endswith(_WHOLE_TEXT_ELSEWHERE):
                self.count("cut", str(post.get("id")))
        if self.whole:
            response._content, response.encoding = json.dumps(answer).encode(), "utf-8"
        return True


def _of_message(message: Any) -> dict[str, Any]:
    """What the page says of a message of Telegram besides its text, as columns of its row."""
    forwarded = message.find(class_="tgme_widget_message_forwarded_from")
    source = message.select_one("a.tgme_widget_message_forwarded_from_name")
    answered = message.select_one("a.tgme_widget_message_reply")
    owner = message.find(class_="tgme_widget_message_owner_name")
    original, reply_to = _message_at(source), _message_at(answered)
    return {
        "author_name": (owner.get_text().strip() or None) if owner else None,
        "is_repost": forwarded is not None,
        "repost_of": original[0] if original else None,
        "is_reply": answered is not None,
        "reply_to": reply_to[0] if reply_to else None,
        "reply_to_author": reply_to[1] if reply_to else None,
    }


def _message_at(link: Any) -> tuple[str, str] | None:
    """Id and channel of the message that a link leads to; channels write their names in any case."""
    match = _MESSAGE.match(urljoin("https://t.me/", link.get("href", ""))) if link else None
    return (f"{match[1].lower()}/{match[2]}", match[1]) if match else None


def _weibo_text(html: str) -> str:
    """The text that people see; of a link only its words, since Weibo's authors wrote no more."""
    return plain_text(_LINK.sub("", _PICTURED.sub(r"\1", html)))
