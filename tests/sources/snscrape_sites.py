"""Pages of Telegram, Mastodon 3 and Weibo in the shape that snscrape reads; whoever speaks in them is invented."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html import escape

from tests.sources.snscrape_loopback import Answer, Asked


@dataclass
class Channel:
    """A public channel of Telegram; messages are HTML by number."""

    name: str = "Mondpost"
    messages: dict[int, str] = field(default_factory=dict)
    page_posts: int = 3

    def say(self, number: int, text: str | None, above: str = "", classes: str = "") -> None:
        """Add a message; `above` stands before its text."""
        body = "" if text is None else f'<div class="tgme_widget_message_text js-message_text" dir="auto">{text}</div>'
        self.messages[number] = f"""
<div class="tgme_widget_message_wrap js-widget_message_wrap">
<div class="tgme_widget_message text_not_supported_wrap {classes} js-widget_message" data-post="{self.name}/{number}">
<div class="tgme_widget_message_user"><a href="https://t.me/{self.name}"><i></i></a></div>
<div class="tgme_widget_message_bubble">
<div class="tgme_widget_message_author accent_color"><a class="tgme_widget_message_owner_name"
 href="https://t.me/{self.name}"><span dir="auto">Mond &amp; Post 🌙</span></a></div>
{above}{body}
<div class="tgme_widget_message_footer compact js-message_footer"><span class="tgme_widget_message_views">1.2K</span>
<a class="tgme_widget_message_date" href="https://t.me/{self.name}/{number}"><time
 datetime="2024-03-01T08:{number % 60:02d}:00+00:00" class="time">08:00</time></a></div>
</div></div></div>"""

    def service(self, number: int, text: str) -> None:
        """A note of the channel itself, without a date."""
        self.messages[number] = f"""
<div class="tgme_widget_message_wrap"><div class="tgme_widget_message service_message js-widget_message"
 data-post="{self.name}/{number}"><div class="tgme_widget_message_text js-message_text">{text}</div></div></div>"""

    def answer(self, asked: Asked) -> Answer:
        """Serve a page of the channel."""
        if asked.host != "t.me" or asked.path.lower() != f"/s/{self.name.lower()}":
            if asked.path.startswith("/s/"):
                return Answer(status=302, headers={"Location": f"https://t.me/{asked.path[3:]}"})
            return Answer("<html><body><div class='tgme_page_extra'>Contact @somebody</div></body></html>")
        before = int(asked.query.get("before", 10**9))
        numbers = sorted(number for number in self.messages if number < before)
        shown = numbers[-self.page_posts :]
        more = ""
        if len(numbers) > len(shown):
            more = f'<a href="/s/{self.name}?before={shown[0]}" class="tme_messages_more" data-before="{shown[0]}"></a>'
        messages = "".join(self.messages[number] for number in shown)
        return Answer(f"<html><body><main><section>{more}{messages}</section></main></body></html>")


def reply_to(channel: str, number: int, text: str) -> str:
    """What stands above an answer on Telegram: the message that is answered."""
    return (
        f'<a class="tgme_widget_message_reply" href="https://t.me/{channel}/{number}">'
        f'<div class="tgme_widget_message_text js-message_reply_text" dir="auto">{text}</div></a>'
    )


def forwarded_from(channel: str, number: int) -> str:
    """What stands above a forwarded message on Telegram."""
    return (
        '<div class="tgme_widget_message_forwarded_from accent_color">Forwarded from <a '
        f'class="tgme_widget_message_forwarded_from_name" href="https://t.me/{channel}/{number}">{channel}</a></div>'
    )


@dataclass
class Profile3:
    """A profile on a server that runs Mastodon 3; entries are HTML by number, `pinned` ones on top of all pages."""

    user: str = "ada"
    host: str = "example.social"
    entries: dict[int, str] = field(default_factory=dict)
    page_posts: int = 3
    with_replies: bool = True

    def toot(self, number: int, html: str, *, prepend: str = "", of: str = "", warning: str = "") -> None:
        """Add a toot; `of` is `user@host` of the original's author when it is a boost."""
        user, _, host = (of or f"{self.user}@{self.host}").partition("@")
        link = '<a href="#" class="status__content__spoiler-link">Show more</a>' if warning else ""
        head = f'<p><span class="p-summary">{escape(warning)}</span>{link}</p>' if warning else ""
        self.entries[number] = f"""
<div class="entry h-entry">{prepend}<div class="status">
<div class="status__info"><a class="status__relative-time u-url" href="https://{host}/@{user}/{number}"><time>x</time></a>
<data class="dt-published" value="2022-05-0{1 + number % 9}T10:00:00+00:00"></data>
<a class="status__display-name u-url" href="https://{host}/@{user}"><img class="u-photo" src="/a.png">
<span class="display-name"><bdi><strong class="display-name__html p-name">{user.title()} 🦊</strong></bdi>
<span class="display-name__account">@{user}@{host}</span></span></a></div>
<div class="status__content">{head}<div class="e-content">{html}</div></div></div></div>"""

    def boosted(self) -> str:
        """What stands above a boost."""
        return (
            '<div class="status__prepend"><i class="status__prepend-icon fa fa-retweet"></i><span><a '
            f'class="status__display-name muted" href="https://{self.host}/@{self.user}"><bdi><strong>'
            f"{self.user.title()}</strong></bdi></a> boosted</span></div>"
        )

    def answer(self, asked: Asked) -> Answer:
        """Serve a page of the profile."""
        path = f"/@{self.user}"
        if asked.host != self.host or asked.path not in (path, *([f"{path}/with_replies"] * self.with_replies)):
            return Answer("not found", 404)
        below = int(asked.query.get("max_id", 10**12))
        numbers = sorted((number for number in self.entries if number < below), reverse=True)
        shown = numbers[: self.page_posts]
        more = f'<a class="load-more load-gap" href="https://{self.host}{asked.path}?min_id=5">newer</a>'
        if len(numbers) > len(shown):
            more += f'<a class="load-more" href="https://{self.host}{asked.path}?max_id={shown[-1]}">older</a>'
        stream = "".join(self.entries[number] for number in shown)
        return Answer(f'<html><body><div class="activity-stream">{stream}</div>{more}</body></html>')


WEIBO_USER = {
    "screen_name": "月亮邮局", "id": 1234567890, "verified": False, "description": "", "statuses_count": 7,
    "followers_count": 1, "follow_count": 1, "avatar_hd": "https://example.com/a.jpg",
}  # fmt: skip
WEIBO_NOTHING = '{"ok":0,"msg":"\\u8fd9\\u91cc\\u8fd8\\u6ca1\\u6709\\u5185\\u5bb9","data":{"cards":[]}}'


@dataclass
class Weibo:
    """A user of Weibo; posts by number."""

    posts: dict[int, dict] = field(default_factory=dict)
    pinned: int | None = None
    page_posts: int = 3

    def post(self, number: int, html: str, **more: object) -> None:
        """Add a post."""
        self.posts[number] = {
            "id": str(number), "bid": f"B{number}", "user": WEIBO_USER, "text": html,
            "created_at": f"Wed May 0{1 + number % 9} 20:07:25 +0800 2024", "attitudes_count": 5, **more,
        }  # fmt: skip

    def answer(self, asked: Asked) -> Answer:
        """Serve the user, or a page of posts."""
        if asked.path.startswith("/n/"):
            known = asked.path == "/n/moonpost"
            there = Answer(status=302, headers={"Location": f"/u/{WEIBO_USER['id']}"})
            return there if known else Answer('<p class="h5-4con">用户不存在</p>')
        if asked.host != "m.weibo.cn" or asked.query.get("value") != "1234567890":
            return _json({"ok": 0, "msg": "?"})
        if "containerid" not in asked.query:
            return _json({"ok": 1, "data": {"userInfo": WEIBO_USER}})
        since = int(asked.query.get("since_id", 10**9))
        numbers = sorted((n for n in self.posts if n <= since and n != self.pinned), reverse=True)
        shown, rest = numbers[: self.page_posts], numbers[self.page_posts :]
        cards = [{"card_type": 9, "mblog": self.posts[number]} for number in shown]
        if self.pinned and "since_id" not in asked.query:
            cards.insert(0, {"card_type": 9, "mblog": {**self.posts[self.pinned], "isTop": 1}})
        info = {"since_id": rest[0]} if rest else {}
        return _json({"ok": 1, "data": {"cards": [{"card_type": 11}, *cards], "cardlistInfo": info}})


def _json(value: object) -> Answer:
    return Answer(json.dumps(value), kind="application/json; charset=utf-8")
