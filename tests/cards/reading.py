"""Cards as others read them: the front matter by YAML, the rest by Markdown."""

from __future__ import annotations

from typing import Any

import yaml
from markdown_it import MarkdownIt


def parsed(text: str) -> dict[str, Any]:
    """The front matter that a card begins with."""
    return yaml.safe_load(text.split("---\n", 2)[1])


def body(text: str) -> str:
    """The card after its front matter."""
    return text.split("---\n", 2)[2] if text.startswith("---\n") else text


def tokens(text: str) -> list[Any]:
    """What Markdown with tables makes of a card, inline parts too."""
    found = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(body(text))
    return [token for each in found for token in (each, *(each.children or ()))]
