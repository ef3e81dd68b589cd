"""X Articles: posts whose text is nothing but an address; their words are in an object beside it.

The website has them in `article.article_results.result`, API v2 in `article`: a title, the whole text as
`plain_text` or in the blocks of an editor, and a preview that is only its beginning.
"""

from __future__ import annotations

import re
from typing import Any

_ONLY_AN_ADDRESS = re.compile(r"\s*(?:https?://\S+)?\s*")


def body_of_article(article: Any, text: Any) -> tuple[str, str] | None:
    r"""Title and body of an article with their `text_format`; None without one, or if the post has a text.

    Without a body, its preview is taken: it says more than an address.

    >>> body_of_article({"title": "Glue", "plain_text": "It is patience."}, "https://t.co/a")
    ('Glue\n\nIt is patience.', 'plain')
    """
    if not isinstance(article, dict) or not (text is None or isinstance(text, str)):
        return None
    if text and not _ONLY_AN_ADDRESS.fullmatch(text):
        return None
    bodies = (article.get("plain_text"), _of_blocks(article.get("content_state")), article.get("preview_text"))
    body = next((one.strip() for one in bodies if isinstance(one, str) and one.strip()), "")
    title = article["title"].strip() if isinstance(article.get("title"), str) else ""
    if body.startswith(title):
        title = ""
    whole = "\n\n".join(part for part in (title, body) if part)
    return (whole, "plain") if whole else None


def is_only_announced(text: str, raw: str) -> bool:
    """Whether a post only links an article whose words are not in its record; `raw` is the record as JSON."""
    return ("/i/article/" in raw or '"article":{' in raw) and bool(_ONLY_AN_ADDRESS.fullmatch(text))


def _of_blocks(state: Any) -> str | None:
    blocks = state.get("blocks") if isinstance(state, dict) else None
    if not isinstance(blocks, list):
        return None
    texts = [block.get("text") for block in blocks if isinstance(block, dict)]
    return "\n\n".join(text for text in texts if isinstance(text, str) and text.strip())
