"""X Articles: posts whose text is nothing but an address; their words are in an object beside it.

The website has them in `article.article_results.result`, API v2 in `article`: a title, the whole text as
`plain_text` or in the blocks of an editor, and a preview that is only its beginning. An archive keeps them in a file of
their own. Nobody documents `article.js`, and most archives have an empty one. So the text is looked for under the names
that X uses for it elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from curation.sources.files.json_items import compact_json
from curation.sources.records.any_json import as_record, as_records

#: Characters of JSON that are kept in memory to be joined.
LARGEST_INDEX = 128 << 20

_ONLY_AN_ADDRESS = re.compile(r"\s*(?:https?://\S+)?\s*")
_LINK = re.compile(r"/(?:i/)?articles?/(\d{1,20})")
_BLOCKS = ("contentState", "content_state", "content", "body")
_TEXTS = ("plainText", "plain_text", "text", "body", "content")


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


@dataclass(frozen=True)
class Article:
    """An article's text, its title before it."""

    id: str
    text: str
    raw: str  # the inner record as JSON


def article_from_item(item: object) -> Article | None:
    """The article in an element of `article.js`; None for one without a text or an id."""
    held = item.get("article", item) if isinstance(item, dict) else None
    if not isinstance(held, dict):
        return None
    identifier = next((held[key] for key in ("id", "articleId", "article_id", "rest_id") if held.get(key)), None)
    plain = next((held[key] for key in _TEXTS if isinstance(held.get(key), str) and held[key].strip()), None)
    state = next((held[key] for key in _BLOCKS if isinstance(held.get(key), dict)), None)
    body = body_of_article({"title": held.get("title"), "plain_text": plain, "content_state": state}, None)
    if not isinstance(identifier, str | int) or not body or not (plain or state):
        return None
    return Article(str(identifier), body[0], compact_json(held))


class ArticleIndex:
    """Articles by their ids, and which of them a post links."""

    def __init__(self) -> None:
        self._by_id: dict[str, Article] = {}
        self._joined: set[str] = set()
        self._size = self._dropped = 0

    def __bool__(self) -> bool:
        return bool(self._by_id)

    def add(self, article: Article) -> None:
        """Take an article in, while there is room."""
        if self._size + len(article.raw) > LARGEST_INDEX:
            self._dropped += 1
            return
        self._size += len(article.raw)
        self._by_id[article.id] = article

    def find(self, tweet: dict[str, Any]) -> Article | None:
        """The article that a post of nothing but its link links, if there is one."""
        if not self._by_id:
            return None
        text = tweet.get("full_text", tweet.get("text"))
        if not isinstance(text, str) or not text.strip() or not _ONLY_AN_ADDRESS.fullmatch(text):
            return None
        urls = as_records(as_record(tweet.get("entities")).get("urls"))
        for address in (*(url.get("expanded_url") for url in urls), text):
            match = _LINK.search(address) if isinstance(address, str) else None
            if match and match[1] in self._by_id:
                self._joined.add(match[1])
                return self._by_id[match[1]]
        return None

    def left_over(self) -> int:
        """How many articles no post links."""
        return len(self._by_id) - len(self._joined) + self._dropped
