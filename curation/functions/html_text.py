r"""HTML as the servers of the Fediverse write it, as the text that people see.

`plain_text` reads a fragment: what Mastodon, Pleroma, Akkoma, Misskey and GoToSocial put into `content`. The sources
of these platforms read texts with it as they land; `HTML_TEXT` is the same for the database, for texts of tables that
land as `html`.

- Paragraphs, headings, quotations and lists stand apart by a blank line, `<br>` and smaller blocks by a new
  line; words of neighbouring blocks are never glued. List items begin with `- ` or `1. `, lines of a
  quotation with `> `.
- Blanks stay as they were typed, since that is how Mastodon shows them (`white-space: pre-wrap`), with two
  exceptions: a run that holds a line break of the *source* is one blank, and blanks where a block begins or
  a line ends are dropped. In `<pre>` everything stays.
- A link whose words are its address, or Mastodon's shortening of it, becomes the whole address. Other words
  are kept, followed by the address in parentheses unless they hold it. Mentions and hashtags are their words
  alone, and so is a link to what is not an address people visit (`javascript:`, a relative path).
- A custom emoji's picture gives its `:shortcode:`; other pictures are attachments and give nothing.
- What a server adds for readers that know no quotes (`class="quote-inline"`: "RE: https://…") is dropped, as
  Mastodon hides it: nobody typed it, and the row says what is quoted.

The tags are found by a small scanner of our own. Python's `html.parser` takes quadratic time for tags that
are never closed (70 seconds for 60 kB of `<a ` on Python 3.11), and texts come from anybody. This one takes
linear time for any input, keeps no tree, and so knows no depth that it could fail at.

>>> plain_text('<p>A &amp; B<br>C</p><p>see <a href="https://example.org/x">this</a></p>')
'A & B\nC\n\nsee this (https://example.org/x)'
"""

from __future__ import annotations

import html
import re
from html.entities import html5

from curation.functions.base import BatchFunction
from curation.functions.entities import decode_entities
from curation.functions.html_links import Link

#: Elements that stand apart from what is before and after them, with the line breaks between.
_BLOCKS = {
    "p": 2, "h1": 2, "h2": 2, "h3": 2, "h4": 2, "h5": 2, "h6": 2, "hr": 2, "blockquote": 2, "pre": 2, "table": 2,
    "ul": 2, "ol": 2, "dl": 2, "menu": 2, "figure": 2, "section": 2, "article": 2, "aside": 2, "main": 2,
    "div": 1, "li": 1, "dt": 1, "dd": 1, "tr": 1, "caption": 1, "figcaption": 1, "header": 1, "footer": 1, "nav": 1,
    "details": 1, "summary": 1, "address": 1, "center": 1, "form": 1, "fieldset": 1, "legend": 1,
}  # fmt: skip
_LISTS = frozenset(("ul", "ol", "menu"))
_CELLS = frozenset(("td", "th"))
#: Elements whose content is no text of the post; in those of `_RAW` a tag is no tag.
_RAW = frozenset(("script", "style", "title", "textarea", "iframe", "noscript", "noembed", "noframes", "xmp"))
_UNSEEN = _RAW | {"template", "object", "svg", "head"}
_VOID = frozenset(("br", "hr", "img", "wbr", "input", "source", "track", "embed"))
_QUOTE_FALLBACK = "quote-inline"
#: Signs of nesting that are written at the beginning of a line, at most.
_DEEPEST = 8

_BLANK = " \t\n\r\f"
_RUN = re.compile(r"[ \t\n\r\f]+")
_BREAK = re.compile(r"[\n\r]")
_TAG_NAME = re.compile(r"</?+([A-Za-z][^\s/>]*+)")
# A quotation mark matters only behind "=", as in a browser; one that never closes is part of the value.
_TAG_REST = re.compile(r"""(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+'|))*+>""")
_ATTRIBUTE = re.compile(r"""([^\s=>/"']++)\s*+(?:=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>]*+)))?+""")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,9}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{0,31});")
_ENDLESS_REFERENCE = re.compile(r"&#(?:[0-9]{32,}+|[xX][0-9a-fA-F]{32,}+);?")
_TAG = re.compile(r"</?[A-Za-z]|<!--")
_SHORTCODE = re.compile(r":[\w.@-]+:")


def plain_text(fragment: str) -> str:
    """The text of a fragment of HTML, as people see it; see the module for what becomes of what.

    Takes any text, well-formed or not, and never raises. References (`&amp;`) are decoded once.
    """
    if "<" not in fragment and "&" not in fragment:
        return _as_typed(fragment).strip(_BLANK)
    return _Reading(fragment).text()


def html_text(texts: list[str]) -> list[str]:
    r"""Each text of the form `html` as people see it.

    One without a tag was not set as HTML, whatever its neighbours are: its line breaks stay.

    >>> html_text(["<p>salt &amp;<br>pepper</p>", "salt &amp;\npepper", "1 < 2"])
    ['salt &\npepper', 'salt &\npepper', '1 < 2']
    """
    return [plain_text(text) if _TAG.search(text) else decode_entities([text])[0] for text in texts]


class _Reading:
    """One fragment on its way to a text."""

    def __init__(self, fragment: str) -> None:
        self._html = fragment
        self._written: list[str] = []
        self._apart = 0  # line breaks due before the next words, because a block began or ended
        self._breaks = 0  # `<br>` since the last words
        self._blank = ""  # at the end of the last words, written if the line goes on
        self._marker = ""  # of a list item that has no words yet
        self._preformatted = 0  # depth of <pre>
        self._quoted = 0  # depth of <blockquote>
        self._lists: list[int | None] = []  # of each open list the next number, None without numbers
        self._link: Link | None = None
        self._tags_may_hold_signs = True  # `>` in quoted values

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
        """Read what begins with the `<` here; where it ends."""
        source = self._html
        name = _TAG_NAME.match(source, at)
        if not name:
            following = source[at + 1 : at + 2]
            if following not in ("!", "?", "/") or not following:
                self._words("<")
                return at + 1
            if source.startswith("<!--", at):
                return _after(source, "-->", at + 2)
            return _after(source, ">", at)
        end = self._end_of_tag(name.end())
        if end is None:
            return len(source)  # a tag that is cut off, as a browser sees it
        element = name[1].lower()
        if source[at + 1] == "/":
            self._closed(element)
            return end
        attributes = _attributes(source[name.end() : end - 1])
        if element in _UNSEEN:
            return self._past(element, end)
        if _QUOTE_FALLBACK in attributes.get("class", "").split() and element not in _VOID:
            return self._past(element, end)
        self._opened(element, attributes)
        return end

    def _end_of_tag(self, at: int) -> int | None:
        if self._tags_may_hold_signs:
            rest = _TAG_REST.match(self._html, at)
            if rest:
                return rest.end()
            self._tags_may_hold_signs = False  # looking to the end of the text once is enough
        end = self._html.find(">", at)
        return end + 1 if end >= 0 else None

    def _past(self, element: str, at: int) -> int:
        """Where an element ends whose content is left out."""
        if self._html[at - 2] == "/" and element not in _RAW:
            return at
        depth = 1
        tags = re.compile(rf"<(/?){re.escape(element)}(?=[\s/>])[^>]*+>", re.IGNORECASE)
        for tag in tags.finditer(self._html, at):
            if element not in _RAW or tag[1]:  # a script may speak of scripts
                depth += -1 if tag[1] else 1
            if depth == 0 or element == "p":
                # A paragraph can't hold another one: the next ends it.
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
            self._break()  # as browsers read </br>
        elif element in _BLOCKS:
            self._block(element)
            if element in _LISTS:
                if self._lists:
                    self._lists.pop()
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
        if not decoded:
            words = _decoded(words)
        if self._link:
            self._link.words.append(words)
        elif self._preformatted:
            self._write_preformatted(words)
        else:
            self._write(_as_typed(words))

    def _write(self, words: str) -> None:
        """Add words to the line, or begin the next one with them."""
        begins = not self._written or self._apart or self._breaks
        if begins:
            # A line break of the source behind <br> is no blank that somebody typed.
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
    """Words with one blank for each run of blanks that holds a line break of the source."""
    if "\n" not in words and "\r" not in words:
        return words
    return _RUN.sub(lambda run: " " if _BREAK.search(run[0]) else run[0], words)


def _after(source: str, sign: str, at: int) -> int:
    place = source.find(sign, at)
    return place + len(sign) if place >= 0 else len(source)


def _attributes(inside: str) -> dict[str, str]:
    """The attributes of a tag; of several with one name the first, as in a browser."""
    attributes: dict[str, str] = {}
    if not inside.strip(" /"):
        return attributes
    for name, double, single, plain in _ATTRIBUTE.findall(inside):
        attributes.setdefault(name.lower(), _REFERENCE.sub(_referred, double or single or plain))
    return attributes


def _referred(reference: re.Match[str]) -> str:
    """The character of a reference in an attribute, where `&copy=1` is a part of an address."""
    is_entity = reference[0][1] == "#" or reference[0][1:] in html5
    return html.unescape(reference[0]) if is_entity else reference[0]


def _decoded(words: str) -> str:
    if "&" not in words:
        return words
    # html.unescape raises ValueError for a number of thousands of digits.
    return html.unescape(_ENDLESS_REFERENCE.sub("\ufffd", words))


def _number(value: str | None, otherwise: int) -> int:
    if value and value.isascii() and value.isdecimal() and len(value) < 10:
        return int(value)
    return otherwise


def _emoji(attributes: dict[str, str]) -> str:
    alt = attributes.get("alt", "")
    return alt if "emoji" in attributes.get("class", "").lower() or _SHORTCODE.fullmatch(alt) else ""


HTML_TEXT = BatchFunction("html_text", "1", "VARCHAR", html_text, rare=True, cost=20.0)
