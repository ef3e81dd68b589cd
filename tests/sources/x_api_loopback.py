"""An account on X behind a server on this machine that speaks the API v2, and counts the posts that it hands out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.sources.loopback import BROKEN, Answer, Asked

TOKEN = "AAAAkettle%2Fsecret"
FIRST = 1_700_000_000_000_000_000
PROFILE, POSTS = "/2/users/by/username/ada", "/2/users/11/tweets"
ADA, BOB = {"id": "11", "username": "Ada", "name": "Ada 🌱"}, {"id": "12", "username": "bob", "name": "Боб"}


def tweet(number: int, text: str | None = None, **more: Any) -> dict[str, Any]:
    """Post `number` of Ada."""
    return {
        "id": str(FIRST + number),
        "text": f"post number {number} about kettles" if text is None else text,
        "author_id": "11",
        "created_at": "2024-05-06T07:08:09.000Z",
        "conversation_id": str(FIRST + number),
        "lang": "en",
    } | more


@dataclass
class X:
    """An account on X: what the API answers, and how many posts it handed out."""

    posts: dict[int, dict] = field(default_factory=dict)
    includes: dict[str, list] = field(default_factory=lambda: {"users": [ADA, BOB]})
    count: int | None = None  # what the profile says; None: what there is
    page_posts: int = 100  # a page never has more
    ends_early: bool = False  # the list's first page says that there is none below it
    broken_after: int | None = None  # requests for posts that are answered before the server breaks
    tokens: dict[str, int] = field(default_factory=dict)
    pages: list[int] = field(default_factory=list)  # posts handed out, page by page
    queries: list[dict[str, str]] = field(default_factory=list)

    def post(self, count: int) -> X:
        """Let posts arrive."""
        for number in range(len(self.posts) + 1, len(self.posts) + count + 1):
            self.posts[number] = tweet(number)
        return self

    def profile(self, asked: Asked) -> Answer:
        """Who it is."""
        metrics = {"tweet_count": len(self.posts) if self.count is None else self.count}
        return self._allowed(asked) or Answer({"data": ADA | {"public_metrics": metrics}})

    def list(self, asked: Asked) -> Answer:
        """A page, newest first."""
        self.queries.append(asked.query)
        most = int(asked.query["max_results"])
        assert 5 <= most <= 100, most
        if self.broken_after is not None and len(self.pages) >= self.broken_after:
            return BROKEN
        token = asked.query.get("pagination_token")
        if token is not None and token not in self.tokens:
            message = f"The `pagination_token` query parameter value [{token}] is not valid"
            problem = {"parameters": {"pagination_token": [token]}, "message": message}
            return Answer({"errors": [problem], "title": "Invalid Request"}, 400)
        below = self.tokens[token] if token else int(asked.query.get("until_id", FIRST + 10**9)) - FIRST
        since = int(asked.query.get("since_id", FIRST)) - FIRST
        listed = [number for number in sorted(self.posts, reverse=True) if since < number < below]
        given = listed[: min(most, self.page_posts)]
        self.pages.append(len(given))
        meta: dict[str, Any] = {"result_count": len(given)}
        early = self.ends_early and "until_id" not in asked.query
        if len(listed) > len(given) and not early:
            meta["next_token"] = f"t{len(self.tokens)}a"
            self.tokens[meta["next_token"]] = given[-1]
        page = {"data": [self.posts[number] for number in given], "includes": self.includes} if given else {}
        return self._allowed(asked) or Answer(page | {"meta": meta})

    def _allowed(self, asked: Asked) -> Answer | None:
        if asked.headers.get("authorization") == f"Bearer {TOKEN}":
            return None
        return Answer({"title": "Unauthorized", "detail": "Unauthorized", "status": 401}, 401)

    @property
    def ids(self) -> list[str]:
        """All posts' ids, sorted."""
        return sorted(post["id"] for post in self.posts.values())
