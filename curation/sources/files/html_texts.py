"""Whether the texts of a file are HTML, or only talk about it.

If a script saves Mastodon's `content` under the name `text`, nearly every text has paragraphs and links in tags. A file
of posts about web pages has a tag here and there. So a sample of the file decides, and then each text by itself: in a
file of HTML, a text that only mentions `<b>` is still plain.

>>> mostly_html(["<p>a<br>b</p>", "<p>c</p>", "what does <b> do?"])
True
>>> is_html("what does <b> do?")
False
"""

from __future__ import annotations

import re
from collections.abc import Iterable

#: The share of the texts in a sample that have markup.
SHARE = 0.6

#: Characters of a text that are looked at.
_SEEN = 4000
_TAGS = r"p|a|span|div|b|i|em|strong|u|s|del|ul|ol|li|blockquote|h[1-6]|code|pre|font|small|sup|sub"
_BREAK = re.compile(r"<br\s{0,3}/?>", re.IGNORECASE)
_LINK = re.compile(r"<a\s[^<>]{0,2000}?\bhref\s{0,3}=", re.IGNORECASE)
_CLOSED = re.compile(rf"<(?P<tag>{_TAGS})(?:\s[^<>]{{0,2000}}+)?>(?=.{{0,4000}}?</(?P=tag)\s{{0,3}}>)", re.I | re.S)
_WHOLE = re.compile(r"\s{0,20}<(p|div|blockquote|ul|ol|h[1-6])(?:\s[^<>]{0,2000})?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#\d{1,7}|#x[0-9A-Fa-f]{1,6});")


def is_html(text: str) -> bool:
    """Whether a text by itself is most likely HTML: it begins with a block, or has a link, line break or pair of tags.

    One opening tag, an entity or tags in backticks don't count.
    """
    if "<" not in text:
        return False
    seen = text[:_SEEN]
    if "`<" in seen:
        return bool(_WHOLE.match(seen))
    return bool(_WHOLE.match(seen) or _BREAK.search(seen) or _LINK.search(seen) or _CLOSED.search(seen))


def mostly_html(texts: Iterable[object]) -> bool:
    """Whether most of these texts are HTML; values that are no text, or blank, don't count."""
    full = [text for text in texts if isinstance(text, str) and text.strip()]
    return bool(full) and sum(map(is_html, full)) >= SHARE * len(full)


def format_in_html_file(text: object) -> str:
    """`text_format` of one text in a file whose texts are mostly HTML: `html`, or `unknown` for a plain one."""
    if not isinstance(text, str):
        return "unknown"
    return "html" if is_html(text) or ("<" not in text and _ENTITY.search(text[:_SEEN])) else "unknown"
