"""What can be typed in a search: the fields, and the signs, with a sentence on each; every help is made from these."""

from __future__ import annotations

from dataclasses import dataclass

#: How the value of a field is compared: words in a text; the whole value; a part of a link; a date.
WORDS, WHOLE, LINK, DATE = "words", "whole", "link", "date"


@dataclass(frozen=True)
class Field:
    """A field, typed as `name:value`."""

    name: str
    compares: str
    columns: tuple[str, ...]  # of `posts`; a post has the value in any of them
    doc: str
    example: str


_ALL = (
    Field("text", WORDS, ("text",), "Only in the text after rewriting.", "text:coffee"),
    Field("raw", WORDS, ("raw_text",), "Only in the text as downloaded.", 'raw:"good morning"'),
    Field("author", WHOLE, ("author",), "Who posted it.", "author:mira"),
    Field("name", WORDS, ("author_name",), "In the author's display name.", "name:mira"),
    Field("to", WHOLE, ("reply_to_author",), "Whom it answers.", "to:mira"),
    Field("id", WHOLE, ("id",), "The post's id.", "id:1234567890"),
    Field("link", LINK, ("text", "raw_text"), "In a link: a domain or a part of the address.", "link:example.org"),
    Field("url", WORDS, ("url",), "In the address of the post.", "url:status"),
    Field("client", WORDS, ("client",), "In the name of the application that posted it.", "client:android"),
    Field("since", DATE, ("created_at",), "Posted on this day, month or year, or later (UTC).", "since:2020-03"),
    Field("until", DATE, ("created_at",), "Posted on this day, month or year, or earlier (UTC).", "until:2020"),
)
#: The fields by name.
FIELDS: dict[str, Field] = {field.name: field for field in _ALL}
#: Where a term without a field is looked for: the text before or after rewriting.
ANYWHERE = Field("", WORDS, ("text", "raw_text"), "", "")

#: What else can be typed: an example, and what it finds.
SIGNS: tuple[tuple[str, str], ...] = (
    ("coffee tea", "Both words, anywhere in the text; whole words, whatever the case."),
    ("coffee OR tea", "One of the two. OR binds less than a space; brackets group: (coffee OR tea) cake"),
    ('"good morning"', "These words one after the other."),
    ("-sugar", "Posts without this word. It works before a field, a phrase and brackets too."),
    ("coffee*", "Words that begin with it; *coffee that end with it; *coffee* that contain it, such as #educoffee."),
    ("#coffee", "This hashtag, but not a longer one. Without the sign, the word is found in hashtags too."),
    ("@mira", "This mention, but not a longer handle."),
    ("/colou?r/", "A regular expression (RE2), whatever the case; it begins with (?-i) to tell capitals from others."),
)
