"""Text files that hold posts in a form that is not read: feeds and exports in XML, and the logs of chats.

XML becomes JSON lines by one line of Python, which reads an element at a time. A chat is private, so that only its
owner can say which lines are to be collected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class OtherKind:
    """A kind of file that holds no text of posts to read."""

    what: str  # with its article: "a PNG picture"
    way: str = ""  # what to do instead; `{file}` stands for the path

    def sentence(self, path: object) -> str:
        """What it is and the way on, as a clause."""
        return f"{self.what}; {self.way.replace('{file}', str(path))}" if self.way else self.what


def _elements(tag: str, then: str = "") -> str:
    """The line that makes JSON lines of the elements of a name, and what to type then."""
    code = (
        "import json, xml.etree.ElementTree as E; [print(json.dumps({c.tag.split('}')[-1]: c.text for c in e "
        f"if 'excerpt' not in c.tag}})) for _, e in E.iterparse('{{file}}') if e.tag.split('}}')[-1] == '{tag}']"
    )
    return f'turn it into JSON lines: python -c "{code}" > posts.jsonl, and collect that{then}'


_ROWS = (
    'turn it into JSON lines: python -c "import json, xml.etree.ElementTree as E; [print(json.dumps(e.attrib)) or '
    "e.clear() for _, e in E.iterparse('{file}') if e.tag == 'row']\" > posts.jsonl, and collect that"
)
_OWN_LINES = (
    "a chat is private, so that it is not read: copy your own messages into a text file, one a line, and collect that "
    "with --format lines"
)

#: What stands at the beginning of an XML document, in small letters, and what it is. The first that fits counts.
XML: tuple[tuple[bytes, OtherKind], ...] = (
    (
        b"wordpress.org/export/",
        OtherKind("an export of WordPress (WXR)", _elements("item", " with --map text=encoded")),
    ),
    (b"<smses", OtherKind("a backup of text messages", "they are private, so that they are never read")),
    (b"<opml", OtherKind("a list of feeds (OPML)", "there is no post in it to collect")),
    (b"<posts>", OtherKind("a data dump of Stack Exchange", _ROWS)),
    (b"<comments>", OtherKind("a data dump of Stack Exchange", _ROWS)),
    (
        b"<mediawiki",
        OtherKind("a dump of a wiki", "it holds pages and no posts; wikiextractor turns them into JSON"),
    ),
    (b"disqus.com", OtherKind("an export of Disqus", _elements("post", " with --map text=message"))),
    (b"<livejournal", OtherKind("an export of LiveJournal", _elements("entry", " with --map text=event"))),
    (b"<tumblr", OtherKind("an export of Tumblr", _elements("post"))),
    (b"<!doctype plist", OtherKind("a property list of macOS", "turn it into JSON: plutil -convert json {file}")),
    (b"<feed", OtherKind("a feed (Atom), or an export of Blogger", _elements("entry"))),
    (b"<rss", OtherKind("a feed (RSS)", _elements("item", " with --map text=description"))),
    (b"<rdf", OtherKind("a feed (RSS)", _elements("item", " with --map text=description"))),
)
_ANY_XML = OtherKind("an XML document", "export the posts as JSON or CSV instead")

LINE = OtherKind("a chat of LINE", _OWN_LINES)
KAKAO = OtherKind("a chat of KakaoTalk", _OWN_LINES)
IRC = OtherKind("a log of IRC", _OWN_LINES)
_KAKAO = re.compile("카카오톡 대화|KakaoTalk Chats with|とのカカオトーク|Date Saved :|저장한 날짜 :")
_MESSAGE = re.compile(r"\[?\d{1,2}:\d{2}(?::\d{2})?\]?\s{1,2}<[ @+%&~]?[^<>\s]{1,40}>\s")
_EVENT = re.compile(
    r"\[?\d{1,2}:\d{2}(?::\d{2})?\]?\s{1,2}(?:-!-|\*\*\*|-->|<--|--)|--- (?:Log|Day)|\*\*\*\* BEGIN LOG"
)
#: Lines of a log that are looked at.
_LOOKED_AT = 30


def kind_of_xml(start: bytes) -> OtherKind | None:
    """What a document is that begins so, in small letters; None for one that is no XML."""
    if not start.startswith((b"<?xml", b"<rss", b"<feed", b"<opml", b"<!doctype plist", b"<livejournal")):
        return None
    return next((kind for mark, kind in XML if mark in start), _ANY_XML)


def kind_of_log(text: str) -> OtherKind | None:
    """The chat that a text is a log of; None for any other text."""
    lines = [line for line in text[:8192].lstrip("\ufeff").splitlines() if line.strip()][:_LOOKED_AT]
    if not lines:
        return None
    if lines[0].startswith("[LINE]"):
        return LINE
    if any(_KAKAO.search(line[:200]) for line in lines[:2]):
        return KAKAO
    messages = sum(bool(_MESSAGE.match(line[:100])) for line in lines)
    events = sum(bool(_EVENT.match(line[:100])) for line in lines)
    return IRC if messages and messages + events >= 0.8 * len(lines) else None


def kinds_of_text_file() -> list[OtherKind]:
    """Every kind, in the order of the tables."""
    return [*(kind for _, kind in XML), LINE, KAKAO, IRC]
