"""The page on searching, made from what the program says can be typed."""

from __future__ import annotations

from collections.abc import Iterable

from curation.corpus.search import FIELDS, SIGNS
from curation.corpus.search.query import DEEPEST, LONGEST, LONGEST_REGEX, STARS, TERMS

PAGE = f"""# Searching

The page Browse and `curation export --search` read the same search and find the same posts. It looks at the text after
rewriting and at the text as downloaded.

{{signs}}

A field takes a word, a phrase, a regular expression or brackets:

{{fields}}

`client:*` finds posts that have a client, `-client:*` those that have none. `*` works in a value too: `author:mi*`.

## What a word is

A word is found as a whole, in any case, and however its accents are stored (`é` as one character or as two). It
consists of letters, their marks, digits and underscores. So `coffee` is in *coffee's* and `#coffee`, and not in
*coffees* or `#educoffee`; `amour` is in *l'amour*. Underscores around a word (*\\_so\\_*) don't belong to it. `'` also
finds `’`.

Japanese, Chinese, Thai, Lao, Khmer and Burmese put no spaces between words, so there a word is found anywhere in
running text: `なるほど` in *それはなるほどと思った*. Where such a script meets another one, a word ends.
In Korean, endings may follow: `커피` finds *커피를*. Elsewhere, write `*` for what may come before or after: `*كتاب`.

A hashtag ends where the platforms end it. A mention ends before a letter of another script, and `@mira` is not found in
`@mira.bsky.social`, which is another account.

## Good to know

- AND binds more than OR: `coffee tea OR cake` finds posts with *coffee* and *tea*, and posts with *cake*.
- Text that can't mean anything else needs no quotes: `:-)`, `--`, `and/or`, `24/7`. Everything in quotes is text; write
  `\\"` for a quotation mark in them. `*"d mor"*` finds a piece of a text with a space in it.
- `OR`, `AND` and `NOT` are in capitals; to find the words themselves, write them in small letters.
- Days, months and years are UTC, and both ends belong to the time: `since:2020-03 until:2020-03` is all of March.
- Regular expressions are [RE2's](https://github.com/google/re2/wiki/Syntax): their time grows only with the length of
  the text, and they have neither look-around nor backreferences. Write `\\/` for a `/` in one.
- A search has at most {LONGEST:,} characters, {TERMS} terms, {DEEPEST} brackets within one another, regular expressions
  of {LONGEST_REGEX:,} characters, and {STARS} `*` inside a word. If a search can't be read, the message says where.
"""


def search_page() -> str:
    """`search.md`."""
    fields = ((f"`{field.example}`", field.doc) for field in FIELDS.values())
    signs = ((f"`{example}`", doc) for example, doc in SIGNS)
    return PAGE.format(signs=_table("type", signs), fields=_table("field", fields))


def _table(head: str, rows: Iterable[tuple[str, str]]) -> str:
    escaped = ((one, doc.replace("*", "\\*")) for one, doc in rows)  # a bare one would be Markdown
    return "\n".join([f"| {head} | finds |", "| --- | --- |", *(f"| {one} | {doc} |" for one, doc in escaped)])
