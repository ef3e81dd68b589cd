"""X's website as it answered visitors in 2023, in the shape that snscrape reads; whoever speaks in it is invented."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.sources.snscrape_loopback import Answer, Asked

JSON = "application/json; charset=utf-8"


def user(number: int = 42, handle: str = "ada", posts: int = 9, **more: Any) -> dict[str, Any]:
    """An account."""
    legacy = {
        "screen_name": handle, "name": f"{handle.title()} 🦊", "description": "", "entities": {"description": {}},
        "created_at": "Wed Jan 02 10:00:00 +0000 2019", "followers_count": 1, "friends_count": 1,
        "statuses_count": posts, "favourites_count": 0, "listed_count": 0, "media_count": 0, "location": "",
        "profile_image_url_https": "https://example.com/a.png", **more,
    }  # fmt: skip
    return {
        "__typename": "User", "rest_id": str(number), "is_blue_verified": False, "affiliates_highlighted_label": {},
        "legacy": legacy,
    }  # fmt: skip


def tweet(number: int, text: str, by: dict[str, Any] | None = None, talk: int | None = None, **more: Any) -> dict:
    """A tweet; `talk` is the conversation that it belongs to."""
    by = by or user()
    legacy = {
        "id_str": str(number), "user_id_str": by["rest_id"], "full_text": text, "entities": {}, "lang": "de",
        "created_at": f"Wed Mar 01 08:{number % 60:02d}:00 +0000 2023", "reply_count": 0, "retweet_count": 1,
        "favorite_count": 2, "quote_count": 0, "conversation_id_str": str(talk or number), **more,
    }  # fmt: skip
    return {"__typename": "Tweet", "rest_id": str(number), "core": {"user_results": {"result": by}}, "legacy": legacy}


def entry(number: int, result: dict | None, kind: str = "tweet") -> dict:
    """A place of the list, with what stands in it."""
    results = {} if result is None else {"result": result}
    item = {"entryType": "TimelineTimelineItem", "itemContent": {"itemType": "TimelineTweet", "tweet_results": results}}
    return {"entryId": f"{kind}-{number}", "content": item}


def conversation(first: int, *results: dict) -> dict:
    """A conversation in a profile's list, its oldest tweet first."""
    items = [
        {"entryId": f"profile-conversation-{first}-tweet-{result['rest_id']}",
         "item": {"itemContent": {"itemType": "TimelineTweet", "tweet_results": {"result": result}}}}
        for result in results
    ]  # fmt: skip
    return {
        "entryId": f"profile-conversation-{first}",
        "content": {"entryType": "TimelineTimelineModule", "items": items},
    }


@dataclass
class Birds:
    """One account, and one list of places, newest first, that search, hashtag and profile all show."""

    places: list[dict] = field(default_factory=list)
    account: dict | None = field(default_factory=user)
    pinned: dict | None = None
    page_places: int = 3
    token: str = "1001"
    token_in_page: bool = True
    valid_for: int = 10**9  # requests until the guest's token is taken back, once
    asked: int = 0
    listed: list[dict[str, Any]] = field(default_factory=list)  # the variables of requests for a list

    def answer(self, asked: Asked) -> Answer:
        """Serve the website, the token or GraphQL."""
        if asked.path == "/1.1/guest/activate.json":
            return Answer(json.dumps({"guest_token": self.token}), kind=JSON)
        if not asked.path.startswith("/i/api/graphql/"):
            cookie = f"gt={self.token}; Max-Age=10800; Domain=.twitter.com; Path=/; Secure"
            script = f'<script>document.cookie = decodeURIComponent("{cookie}");</script>'
            return Answer(script if self.token_in_page else "<html>no token here</html>")
        self.asked += 1
        if self.asked == self.valid_for:
            self.token = "1002"
        if asked.headers.get("x-guest-token") != self.token:
            return Answer("{}", 403, kind=JSON)
        operation = asked.path.rsplit("/", 1)[1]
        variables = json.loads(asked.query["variables"])
        return Answer(json.dumps(self._data(operation, variables)), kind=JSON)

    def _data(self, operation: str, variables: dict[str, Any]) -> dict[str, Any]:
        if operation in ("UserByScreenName", "UserByRestId"):
            return {"data": {"user": {"result": self.account}} if self.account else {}}
        self.listed.append(variables)
        if operation == "TweetDetail":
            found = [place for place in self.places if place["entryId"] == f"tweet-{variables['focalTweetId']}"]
            return {"data": {"threaded_conversation_with_injections_v2": {"instructions": _add(found)}}}
        begin = int(variables["cursor"].removeprefix("DOWN-")) if "cursor" in variables else 0
        shown = self.places[begin : begin + self.page_places]
        down = begin + len(shown)
        bottom = {"entryType": "TimelineTimelineCursor", "value": f"DOWN-{down}", "cursorType": "Bottom"}
        instructions = _add([*shown, {"entryId": f"cursor-bottom-{down}", "content": bottom}])
        if operation == "SearchTimeline":
            timeline = {"timeline": {"instructions": instructions}}
            return {"data": {"search_by_raw_query": {"search_timeline": timeline}}}
        if self.pinned and begin == 0:
            instructions.append({"type": "TimelinePinEntry", "entry": entry(int(self.pinned["rest_id"]), self.pinned)})
        timeline = {"timeline": {"instructions": instructions}}
        return {"data": {"user": {"result": {"__typename": "User", "timeline_v2": timeline}}}}


def _add(entries: list[dict]) -> list[dict]:
    return [{"type": "TimelineAddEntries", "entries": entries}]
