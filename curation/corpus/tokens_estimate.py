"""About how many tokens a text is, without a tokenizer.

Tokenizers of today's models work on the bytes of UTF-8 and were learned mostly from the web. English comes to four
letters a token or a little more, which are four bytes; a Cyrillic, Greek, Arabic or Hebrew letter has two bytes and
comes to about half a token; a Chinese, Japanese, Korean or Thai character has three and comes to about three
quarters. So bytes tell more evenly than characters do, whatever the script. Another tokenizer may well need a third
more or less, an old one such as GPT-2's two to four times as many where the script isn't Latin.
"""

from __future__ import annotations

#: Bytes of UTF-8 for one token.
BYTES_PER_TOKEN = 4

#: How it is estimated, for people.
HOW = (
    "An estimate: one token for every four bytes of UTF-8, which is four Latin letters, two Cyrillic or Arabic ones, "
    "or one and a third Chinese or Japanese characters. Your model's tokenizer may need a third more or less."
)


def bytes_of(text: str) -> str:
    """SQL: the bytes of the expression `text`."""
    return f"strlen({text})"


def estimated_tokens(count: int) -> int:
    """Tokens, about, in so many bytes of UTF-8.

    >>> estimated_tokens(len("twelve words".encode()))
    3
    """
    return round(count / BYTES_PER_TOKEN)
