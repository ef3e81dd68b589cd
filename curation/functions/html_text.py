r"""HTML from servers of the Fediverse, as the text that people see.

`plain_text` reads a fragment: the `content` of Mastodon, Pleroma, Akkoma, Misskey and GoToSocial. The sources of these
platforms use it for landing; `HTML_TEXT` is the same for the database, for tables that land as `html`.

- A blank line separates paragraphs, headings, quotations and lists; a new line separates `<br>` and smaller blocks.
  List items begin with `- ` or `1. `, lines of a quotation with `> `.
- Blanks stay as typed, because Mastodon shows them (`white-space: pre-wrap`), with two exceptions: a run with a line
  break of the *source* becomes one blank, and blanks at the start of a block or end of a line go. `<pre>` keeps all.
- A link whose words are its address, or Mastodon's short form of it, becomes the whole address. Other words stay, and
  the address follows in parentheses unless they contain it. Mentions, hashtags and links to anything that people don't
  visit (`javascript:`, a relative path) are only their words.
- The picture of a custom emoji becomes its `:shortcode:`; other pictures are attachments and give nothing.
- What a server adds for readers that know no quotes (`class="quote-inline"`: "RE: https://…") goes, as on Mastodon:
  nobody typed it, and the row has the id of the quoted post.

A small scanner finds the tags. Python's `html.parser` takes quadratic time for tags that are never closed (70 seconds
for 60 kB of `<a ` on Python 3.11), and texts are untrusted. This one takes linear time for any input, without a tree.

>>> plain_text('<p>A &amp; B<br>C</p><p>see <a href="https://example.org/x">this</a></p>')
'A & B\nC\n\nsee this (https://example.org/x)'
"""

from __future__ import annotations

import html
import re
from html.entities import html5

from curation.functions.base import BatchFunction
from curation.functions.characters import decode_entities
from curation.functions.html_links import Link

#: Elements that are separate from their neighbours, with the line breaks between.
_BLOCKS = {
    "p": 2, "h1": 2, "h2": 2, "h3": 2, "h4": 2, "h5": 2, "h6": 2, "hr": 2, "blockquote": 2, "pre": 2, "table": 2,
    "ul": 2, "ol": 2, "dl": 2, "menu": 2, "figure": 2, "section": 2, "article": 2, "aside": 2, "main": 2,
    "div": 1, "li": 1, "dt": 1, "dd": 1, "tr": 1, "caption": 1, "figcaption": 1, "header": 1, "footer": 1, "nav": 1,
    "details": 1, "summary": 1, "address": 1, "center": 1, "form": 1, "fieldset": 1, "legend": 1,
}  # fmt: skip
_LISTS = frozenset(("ul", "ol", "menu"))
_CELLS = frozenset(("td", "th"))
#: Elements whose content is not text of the post; within those of `_RAW` there are no tags.
_RAW = frozenset(("script", "style", "title", "textarea", "iframe", "noscript", "noembed", "noframes", "xmp"))
_UNSEEN = _RAW | {"template", "object", "svg", "head"}
_VOID = frozenset(("br", "hr", "img", "wbr", "input", "source", "track", "embed"))
#: The most signs of nesting at the beginning of a line.
_DEEPEST = 8

_BLANK = " \t\n\r\f"
_RUN = re.compile(r"[ \t\n\r\f]+")
_BREAK = re.compile(r"[\n\r]")
_TAG_NAME = re.compile(r"</?+([A-Za-z][^\s/>]*+)")
# As in a browser, a quotation mark matters only after "=", and an open one is part of the value.
_TAG_REST = re.compile(r"""(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+'|))*+>""")
_ATTRIBUTE = re.compile(r"""([^\s=>/"']++)\s*+(?:=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>]*+)))?+""")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,9}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{0,31});")
_ENDLESS_REFERENCE = re.compile(r"&#(?:[0-9]{32,}+|[xX][0-9a-fA-F]{32,}+);?")
_TAG = re.compile(r"</?[A-Za-z]|<!--")
_SHORTCODE = re.compile(r":[\w.@-]+:")


def plain_text(fragment: str) -> str:
    """The text of a fragment of HTML, valid or not, as people see it. References (`&amp;`) are decoded once."""
    if "<" not in fragment and "&" not in fragment:
        return _as_typed(fragment).strip(_BLANK)
    return _Reading(fragment).text()


def html_text(texts: list[str]) -> list[str]:
    r"""Each text of the format `html` as people see it. Without a tag it is not HTML, and its line breaks stay.

    >>> html_text(["<p>salt &amp;<br>pepper</p>", "salt &amp;\npepper", "1 < 2"])
    ['salt &\npepper', 'salt &\npepper', '1 < 2']
    """
    return [plain_text(text) if _TAG.search(text) else decode_entities([text])[0] for text in texts]


class _Reading:
    """One fragment on its way to a text."""

    def __init__(self, fragment: str) -> None:
        self._html = fragment
        self._written: list[str] = []
        self._apart = 0  # line breaks before the next words, because a block began or ended
        self._breaks = 0  # `<br>` since the last words
        self._blank = ""  # at the end of the last words; written if the line goes on
        self._marker = ""  # of a list item without words so far
        self._preformatted = 0  # depth of <pre>
        self._quoted = 0  # depth of <blockquote>
        self._lists: list[int | None] = []  # the next number of each open list, None without numbers
        self._link: Link | None = None
        self._tags_may_hold_signs = True  # whether quoted values may contain `>`

    def text(self) -> str:
        """Read the whole fragment."""
        source, at = self._html, 0
        while (sign := source.find("<", at)) >= 0:
            if sign > at:
                self._words(source[at:sign])
            at = self._markup(sign)
        self._words(source[at:])
        self._end_link()
        return "".join(self._written)

    def _markup(self, at: int) -> int:
        """Read the markup that begins here, and return its end."""
        source = self._html
        name = _TAG_NAME.match(source, at)
        if not name:
            if not source.startswith(("!", "?", "/"), at + 1):
                self._words("<")
                return at + 1
            sign, begin = ("-->", at + 2) if source.startswith("<!--", at) else (">", at)
            place = source.find(sign, begin)
            return place + len(sign) if place >= 0 else len(source)
        end = self._end_of_tag(name.end())
        if end is None:
            return len(source)  # a cut-off tag, as in a browser
        element = name[1].lower()
        if source[at + 1] == "/":
            self._closed(element)
            return end
        attributes = _attributes(source[name.end() : end - 1])
        is_fallback = "quote-inline" in attributes.get("class", "").split() and element not in _VOID
        if element in _UNSEEN or is_fallback:
            return self._past(element, end)
        self._opened(element, attributes)
        return end

    def _end_of_tag(self, at: int) -> int | None:
        if self._tags_may_hold_signs:
            if rest := _TAG_REST.match(self._html, at):
                return rest.end()
            self._tags_may_hold_signs = False  # one search to the end of the text is enough
        end = self._html.find(">", at)
        return end + 1 if end >= 0 else None

    def _past(self, element: str, at: int) -> int:
        """The end of an element whose content goes."""
        if self._html[at - 2] == "/" and element not in _RAW:
            return at
        depth = 1
        tags = re.compile(rf"<(/?){re.escape(element)}(?=[\s/>])[^>]*+>", re.IGNORECASE)
        for tag in tags.finditer(self._html, at):
            if element not in _RAW or tag[1]:  # a script may contain the text of a tag
                depth += -1 if tag[1] else 1
            if depth == 0 or element == "p":
                # A paragraph can't contain another one: the next one ends it.
                return tag.end() if tag[1] else tag.start()
        return len(self._html)

    def _opened(self, element: str, attributes: dict[str, str]) -> None:
        if element == "br":
            self._break()
        elif element == "a":
            self._end_link()
            self._link = Link(attributes)
        elif element == "img":
            self._words(_emoji(attributes), decoded=True)
        elif element in _CELLS:
            self._blank = self._blank or " "
        elif element in _BLOCKS:
            self._block(element)
            if element in _LISTS:
                self._lists.append(_number(attributes.get("start"), 1) if element == "ol" else None)
            elif element == "li":
                self._item(attributes)
            elif element == "pre":
                self._preformatted += 1
            elif element == "blockquote":
                self._quoted += 1

    def _closed(self, element: str) -> None:
        if element == "a":
            self._end_link()
        elif element == "br":
            self._break()  # as in browsers
        elif element in _BLOCKS:
            self._block(element)
            if element in _LISTS:
                del self._lists[-1:]
            elif element == "li":
                self._marker = ""
            elif element == "pre":
                self._preformatted = max(0, self._preformatted - 1)
            elif element == "blockquote":
                self._quoted = max(0, self._quoted - 1)

    def _block(self, element: str) -> None:
        if self._link and self._link.words:
            self._end_link()
        self._blank = ""
        self._apart = max(self._apart, 1 if self._lists else _BLOCKS[element])

    def _break(self) -> None:
        if self._link and self._link.words:
            self._link.words.append(" ")
        else:
            self._breaks += 1
            self._blank = ""

    def _item(self, attributes: dict[str, str]) -> None:
        sign = "-"
        if self._lists and self._lists[-1] is not None:
            number = _number(attributes.get("value"), self._lists[-1])
            self._lists[-1] = number + 1
            sign = f"{number}."
        self._marker = "  " * min(len(self._lists) - 1, _DEEPEST) + sign + " "

    def _end_link(self) -> None:
        link, self._link = self._link, None
        if link:
            self._words(link.text(), decoded=True)

    def _words(self, words: str, *, decoded: bool = False) -> None:
        if not decoded and "&" in words:
            # html.unescape raises ValueError for a number of thousands of digits.
            words = html.unescape(_ENDLESS_REFERENCE.sub("\ufffd", words))
        if self._link:
            self._link.words.append(words)
        elif self._preformatted:
            self._write_preformatted(words)
        else:
            self._write(_as_typed(words))

    def _write(self, words: str) -> None:
        """Add words to the line, or begin the next line with them."""
        begins = not self._written or self._apart or self._breaks
        if begins:
            # Nobody typed the blank that a line break of the source after <br> becomes.
            inner = words.lstrip(_BLANK)
            indent = words[: len(words) - len(inner)]
            words = indent + inner if self._breaks and not self._apart and indent != " " else inner
        whole = words.rstrip(_BLANK)
        if not whole:
            if not begins:
                self._blank += words
            return
        if begins:
            self._begin_line()
        elif self._blank:
            self._written.append(self._blank)
        self._written.append(whole)
        self._blank = words[len(whole) :]

    def _write_preformatted(self, words: str) -> None:
        for number, line in enumerate(words.replace("\r\n", "\n").split("\n")):
            if number:
                self._breaks += 1
                self._blank = ""
            if not line:
                continue
            if not self._written or self._apart or self._breaks:
                self._begin_line()
            elif self._blank:
                self._written.append(self._blank)
                self._blank = ""
            self._written.append(line)

    def _begin_line(self) -> None:
        if self._written:
            self._written.append("\n" * max(self._apart, self._breaks))
        self._written.append("> " * min(self._quoted, _DEEPEST) + self._marker)
        self._apart, self._breaks, self._blank, self._marker = 0, 0, "", ""


def _as_typed(words: str) -> str:
    """Words with one blank for each run of blanks that contains a line break of the source."""
    if "\n" not in words and "\r" not in words:
        return words
    return _RUN.sub(lambda run: " " if _BREAK.search(run[0]) else run[0], words)


def _attributes(inside: str) -> dict[str, str]:
    """The attributes of a tag; the first of each name counts, as in a browser."""
    attributes: dict[str, str] = {}
    for name, double, single, plain in _ATTRIBUTE.findall(inside):
        attributes.setdefault(name.lower(), _REFERENCE.sub(_referred, double or single or plain))
    return attributes


def _referred(reference: re.Match[str]) -> str:
    """The character of a reference in an attribute, where `&copy=1` is part of an address."""
    is_entity = reference[0][1] == "#" or reference[0][1:] in html5
    return html.unescape(reference[0]) if is_entity else reference[0]


def _number(value: str | None, otherwise: int) -> int:
    if value and value.isascii() and value.isdecimal() and len(value) < 10:
        return int(value)
    return otherwise


def _emoji(attributes: dict[str, str]) -> str:
    alt = attributes.get("alt", "")
    return alt if "emoji" in attributes.get("class", "").lower() or _SHORTCODE.fullmatch(alt) else ""


HTML_TEXT = BatchFunction("html_text", "1", "VARCHAR", html_text, rare=True, cost=20.0)
