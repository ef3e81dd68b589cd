"""Estimated tokens of a text, without a tokenizer.

Tokenizers of today's models work on the bytes of UTF-8 and were learned mostly from the web. In English a token has
four letters or a little more, which are four bytes. A Cyrillic, Greek, Arabic or Hebrew letter has two bytes and is
about half a token; a Chinese, Japanese, Korean or Thai character has three bytes and is about three quarters of one. So
bytes tell more evenly than characters, whatever the script. Another tokenizer may need a third more or less; an old one
such as GPT-2's needs two to four times as many where the script isn't Latin.
"""

from __future__ import annotations

#: Bytes of UTF-8 for one token.
BYTES_PER_TOKEN = 4

#: The explanation for people.
HOW = (
    "An estimate: one token for every four bytes of UTF-8, which is four Latin letters, two Cyrillic or Arabic ones, "
    "or one and a third Chinese or Japanese characters. Your model's tokenizer may need a third more or less."
)


def bytes_of(text: str) -> str:
    """SQL: the bytes of the expression `text`."""
    return f"strlen({text})"


def estimated_tokens(count: int) -> int:
    """About how many tokens so many bytes of UTF-8 are.

    >>> estimated_tokens(len("twelve words".encode()))
    3
    """
    return round(count / BYTES_PER_TOKEN)
