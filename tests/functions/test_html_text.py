"""HTML of the Fediverse becomes the text that people see."""

from __future__ import annotations

import html

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curation.functions.html_text import plain_text

LONG = "https://example.org/a/very/long/path/with/many/words?x=1&y=2"
SHORTENED = (
    f'<a href="{html.escape(LONG)}" target="_blank" rel="nofollow noopener"><span class="invisible">https://</span>'
    '<span class="ellipsis">example.org/a/very/long/path/w</span>'
    '<span class="invisible">ith/many/words?x=1&amp;y=2</span></a>'
)
MENTION = (
    '<span class="h-card" translate="no"><a href="https://example.social/@ada" class="u-url mention">'
    "@<span>ada</span></a></span>"
)

CASES: dict[str, tuple[str, str]] = {
    "paragraphs": ("<p>Tea.</p><p>Toast.</p>", "Tea.\n\nToast."),
    "line breaks": ("<p>a<br>b<br/>c<br />d</p>", "a\nb\nc\nd"),
    "two line breaks": ("<p>a<br><br>b</p>", "a\n\nb"),
    "a break at a block's end is none": ("<p>a<br></p><p><br></p><p>b</p>", "a\n\nb"),
    "blocks without blanks between": ("<div>one</div><div>two</div>three", "one\ntwo\nthree"),
    "cells": ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
    "inline elements glue nothing and part nothing": ("<p>un<b>believ</b>able <i>tea</i>!</p>", "unbelievable tea!"),
    "blanks as typed": ("<p>a  b\tc</p>", "a  b\tc"),
    "line breaks of the source": ("<p>\n  a\n  b\n</p>\n<p>c </p>", "a b\n\nc"),
    "a non-breaking blank is a letter": ("<p>a&nbsp;b</p>", "a\u00a0b"),
    "references once": ("<p>&amp;lt; &lt;b&gt; &#39;&#x1F375;&quot;</p>", "&lt; <b> '\U0001f375\""),
    "reference without an end": ("a &amp b &nosuch; &", "a & b &nosuch; &"),
    "reference of thousands of digits": ("a&#" + "9" * 5000 + ";b", "a\ufffdb"),
    "shortened link": (f"<p>see {SHORTENED}, please</p>", f"see {LONG}, please"),
    "link cut off with an ellipsis": (
        '<a href="https://example.org/abcdef">example.org/ab…</a>',
        "https://example.org/abcdef",
    ),
    "link to what it says": ('<a href="https://www.example.org/">example.org</a>', "https://www.example.org/"),
    "link in percent signs": ('<a href="https://example.org/%C3%A9">example.org/é</a>', "https://example.org/%C3%A9"),
    "link with other words": ('<a href="https://example.org/x">my page</a>!', "my page (https://example.org/x)!"),
    "link whose words hold the address": (
        '<a href="https://example.org/x">at example.org/x, here</a>',
        "at example.org/x, here",
    ),
    "link around blocks": (
        '<a href="https://example.org/"><h3>Tea</h3><p>and toast</p></a>',
        "Tea (https://example.org/)\n\nand toast",
    ),
    "link that isn't closed": (
        '<p><a href="https://example.org/">tea</p><p>toast</p>',
        "tea (https://example.org/)\n\ntoast",
    ),
    "link without words": ('a<a href="https://example.org/"></a>b', "ab"),
    "mail": ('<a href="mailto:ada@example.org">ada@example.org</a>', "ada@example.org"),
    "link that runs something": ('<a href="javascript:alert(1)">tea</a>', "tea"),
    "relative link": ('<a href="/about">tea</a>', "tea"),
    "an ampersand in an address": (
        '<a href="https://example.org/?a=1&copy=2">x</a>',
        "x (https://example.org/?a=1&copy=2)",
    ),
    "mention": (f"<p>{MENTION} good morning</p>", "@ada good morning"),
    "mention of Misskey": (
        '<a href="https://m.example/@ada" class="u-url mention">@ada@m.example</a> hi',
        "@ada@m.example hi",
    ),
    "hashtag": ('<a href="https://e.example/tags/tea" class="mention hashtag" rel="tag">#<span>tea</span></a>', "#tea"),
    "hashtag without a class": ('<a href="https://e.example/tag/お茶">#お茶</a>', "#お茶"),
    "custom emoji as text": ("<p>:blobcat: hi</p>", ":blobcat: hi"),
    "custom emoji as picture": ('<p>hi <img class="emoji" alt=":blob:" src="x.png"></p>', "hi :blob:"),
    "other picture": ('<p>hi<img alt="a cat" src="x.png"></p>', "hi"),
    "quote for old readers": (f'<p class="quote-inline">RE: {SHORTENED}</p><p>So true.</p>', "So true."),
    "quote of Akkoma": (
        'So true.<span class="quote-inline"><br><br>RE: <a href="https://e.example/1">1</a></span>',
        "So true.",
    ),
    "quote with elements of its kind": ('<span class="quote-inline">a<span>b</span>c</span>d', "d"),
    "list": ("<p>Buy:</p><ul><li>tea</li><li><p>toast</p></li></ul><p>Go!</p>", "Buy:\n\n- tea\n- toast\n\nGo!"),
    "list in a list": ("<ul><li>a<ol><li>b</li><li>c</li></ol></li></ul>", "- a\n  1. b\n  2. c"),
    "numbers of a list": ('<ol start="3"><li>a<li value="9">b<li>c</ol>', "3. a\n9. b\n10. c"),
    "number of a list that is none": ('<ol start="x"><li>a</ol>', "1. a"),
    "empty item": ("<ul><li></li><li>a</li></ul>", "- a"),
    "quotation": ("<blockquote><p>one<br>two</p><p>three</p></blockquote><p>me</p>", "> one\n> two\n\n> three\n\nme"),
    "code": (
        "<p>so</p><pre><code>if tea:\n    drink()\n\nrest()\n</code></pre><p>it</p>",
        "so\n\nif tea:\n    drink()\n\nrest()\n\nit",
    ),
    "script, style and comment": ("a<script>alert('<p>')</script><style>p{}</style><!-- <p>x</p> -->b", "ab"),
    "script that speaks of scripts": ("<script>'<script>'</script>tea", "tea"),
    "comment that isn't closed": ("tea<!-- and so on", "tea"),
    "sign of less": ("1 < 2 <3 a<b", "1 < 2 <3 a"),
    "tag that is cut off": ('<p>tea <a href="https://exa', "tea"),
    "sign of more in a value": ('<p title="a>b">tea</p>', "tea"),
    "quotation mark that isn't closed": ('<p title="a>tea</p>', "tea"),
    "end tags that nothing began": ("</ul></blockquote></pre></p>tea</a>", "tea"),
    "capital letters": ("<P>tea</P><P>toast<BR>jam</P>", "tea\n\ntoast\njam"),
    "right to left": ("<p>صباح الخير <b>يا</b> عالم</p>", "صباح الخير يا عالم"),
    "no blanks": ("<p>お茶<br>です。</p>", "お茶\nです。"),
    "joined emoji": ("<p>👩\u200d🌾🏳️\u200d🌈</p>", "👩\u200d🌾🏳️\u200d🌈"),
    "plain": ("tea and toast", "tea and toast"),
    "nothing": ("", ""),
    "nothing to see": ("<p> </p><br>", ""),
}


@pytest.mark.parametrize(("fragment", "expected"), CASES.values(), ids=CASES.keys())
def test_a_fragment_reads_as_people_see_it(fragment, expected):
    """Each form of markup becomes the text that stands beside it."""
    assert plain_text(fragment) == expected


BLANKS = " \t\n\r\f"
TYPED = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r\f")).map(lambda t: t.strip(BLANKS))


@settings(deadline=None)
@given(TYPED)
@example("<p>&amp;</p> 'tea' \"toast\" a<b &lt; &#38;")
def test_what_was_typed_comes_back(typed):
    """A text that a server escaped into a paragraph is itself again, blanks within its line included."""
    assert plain_text(f"<p>{html.escape(typed)}</p>") == typed
    assert plain_text(f"<p>{html.escape(typed, quote=False)}</p>") == typed


@settings(deadline=None)
@given(st.lists(TYPED.filter(bool), min_size=1, max_size=5), st.sampled_from([("<br>", "\n"), ("</p><p>", "\n\n")]))
def test_lines_stay_apart(lines, separator):
    """Between two lines stands what the markup says, and nothing else is added or lost."""
    markup, text = separator
    given_html = "<p>" + markup.join(map(html.escape, lines)) + "</p>"
    assert plain_text(given_html) == text.join(lines)


PIECES = [
    "<p>", "</p>", "<br>", "<ul>", "<li>", "</ul>", "<ol start=99999999999>", "<blockquote>", "<pre>", "</pre>", "\n",
    '<a href="https://e.example/x">', "</a>", "<a ", '="', "'", ">", "<", "<!--", "-->", "<![CDATA[", "</", "<script>",
    "</script>", '<span class="quote-inline">', "</span>", "&#x110000;", "&#xD800;", "&lt", "tea", " ", "\u202e",
    "\ud800",
    '<img class="emoji" alt="',
]  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_nothing_raises_and_no_markup_is_made(fragment):
    """Whatever is thrown together gives a text, and that is the same every time."""
    text = plain_text(fragment)
    assert text == text.strip("\n")
    assert plain_text(fragment) == text


DEPTH = 100_000


@pytest.mark.parametrize(
    "piece",
    [
        "<blockquote>", "<ul><li>", "<b>", "<a ", "<a b='", '<a b=">="', "<!--", "</a", "<![CDATA[", "<script>", "&#",
        '<a href="https://e.example/">', '<p class="quote-inline">', '<span class="quote-inline">', "<pre> \n",
    ],
)  # fmt: skip
def test_what_is_nested_or_broken_a_hundred_thousand_times_is_read(piece):
    """No depth is too deep; what nests shows as eight signs at most, so that a text can't grow by it."""
    text = plain_text("tea" + piece * DEPTH + "toast")
    assert text.startswith("tea")
    assert len(text) <= len(piece) * DEPTH + 100
