"""Posts of an account on X through its API v2, which costs money for each post.

The API lists the newest 3,200 posts of an account, newest first. Requests include the whole text of long posts
(`note_tweet`) and the posts that are passed on or quoted. They never exceed `--max-posts`: the last page requests
only the rest.

While the profile counts more posts, the end of a list is checked: a request for the posts below the last id
(`until_id`) costs nothing when the answer has none.

Prices come from https://docs.x.com/x-api/getting-started/pricing, read in November 2026.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from curation.errors import InputError, UsageError
from curation.sources.base import Offer, Rejected, TargetPart
from curation.sources.feed import Entry, Feed, FeedPage, Profile
from curation.sources.files.json_items import compact_json
from curation.sources.http.patience import Patience
from curation.sources.http.tokens import token_from
from curation.sources.http.transport import WebError
from curation.sources.http.web import Web
from curation.sources.records.any_json import as_count, as_record, string, whole_characters
from curation.sources.records.fields import handle
from curation.sources.records.not_a_post import LeftOutRecord, NotAPost
from curation.sources.records.tweets import PLATFORM
from curation.sources.records.x_api_posts import rows_of_response
from curation.sources.x_api_account import XRefusals, handle_of_target
from curation.writing.terminal import count

ADDRESS = "https://api.x.com"
TOKEN_NAMES = ("X_BEARER_TOKEN", "TWITTER_BEARER_TOKEN", "BEARER_TOKEN")

#: Dollars for a post, for one of the token owner's own, and for a profile.
POST_PRICE, OWN_POST_PRICE, PROFILE_PRICE = 0.005, 0.001, 0.010
#: Posts that a run fetches by default; more than these need the user's yes.
MAX_POSTS = 1_000
#: Posts of an account that the API lists.
LISTED = 3_200
#: Fewest and most posts of a page.
LEAST, MOST = 5, 100

_FIELDS = {
    "tweet.fields": "attachments,author_id,community_id,conversation_id,created_at,edit_history_tweet_ids,entities,"
    "in_reply_to_user_id,lang,note_tweet,possibly_sensitive,public_metrics,referenced_tweets,source",
    "expansions": "author_id,in_reply_to_user_id,referenced_tweets.id,referenced_tweets.id.author_id",
    "user.fields": "name,protected,username",
}
_NUMBER = re.compile(r"[0-9]{1,19}")
_PAGE_TOKEN = re.compile(r"[!-~]{1,1000}")
_REASONS = 3  # for left-out posts that a notice names


class XApiFeed(Feed):
    """The newest posts of an account on X, through its paid API."""

    name: ClassVar[str] = "x-api"
    needs: ClassVar[str] = "a bearer token of X's API, in X_BEARER_TOKEN or in a file, and credits"
    gives: ClassVar[str] = "the newest 3,200 posts, replies, quotes and retweets of an account, with their whole texts"
    options: ClassVar[tuple[str, ...]] = (*Feed.options, "token_file")
    token: ClassVar[str] = "required"

    @classmethod
    def target_parts(cls) -> tuple[TargetPart, ...]:
        return (TargetPart("Handle", "As @ada, or the address of a profile."),)

    @classmethod
    def token_variables(cls, token: str, targets: Sequence[str]) -> dict[str, str]:
        return {TOKEN_NAMES[0]: token}

    def __init__(
        self,
        target: str,
        *,
        base_url: str | None = None,
        token_file: Path | None = None,
        max_posts: int | None = None,
        patience: Patience | None = None,
    ) -> None:
        """`target` is a handle or a profile's address. Raises `UsageError`, also when there is no token."""
        self._bound = MAX_POSTS if max_posts is None else max_posts
        super().__init__(base_url=base_url, max_posts=self._bound, patience=patience)
        self._handle = handle_of_target(target)
        if self._bound < LEAST:
            raise UsageError(f"--max-posts {self._bound}: X gives {LEAST} posts a page at least. Ask for {LEAST}.")
        token = token_from(TOKEN_NAMES, token_file)
        if token is None:
            raise UsageError(
                "X's API wants a bearer token, and there is none. Put it into the environment as "
                f"{TOKEN_NAMES[0]}, or name a file that holds it with --token-file. The developer console shows "
                "it: https://console.x.com"
            )
        self._refusals = XRefusals(self._handle, token)
        self._web = Web(base_url or ADDRESS, token=token, patience=self.patience)
        self._id: str | None = None
        self._profile = Profile(PLATFORM)
        self._protected = False
        self._handed = 0  # posts that X gave in this run, readable or not
        self._left_out: Counter[str] = Counter()

    @property
    def target(self) -> str:
        """The handle, in lower case."""
        return self._handle

    def offer(self) -> Offer:
        """What `--max-posts` posts cost."""
        posts, own = (f"${self._bound * price:,.2f}" for price in (POST_PRICE, OWN_POST_PRICE))
        sentence = (
            f"X charges ${POST_PRICE} for a post: {count(self._bound, 'post')}, the most that this run fetches, cost "
            f"{posts} (or {own} if they are the token owner's own, at ${OWN_POST_PRICE}), and the profile "
            f"${PROFILE_PRICE:.2f}. Posts and authors that they refer to come with them and may be charged, too."
        )
        return Offer(sentence, needs_yes=self._bound > MAX_POSTS)

    def listen(self, waiting: Callable[[str], None]) -> None:
        self._web.listen(waiting)

    def profile(self) -> Profile:
        """Ask who it is."""
        self._handed = 0
        self._left_out.clear()
        answer = self._get(
            f"/2/users/by/username/{self._handle}", {"user.fields": "name,protected,public_metrics,username"}
        )
        user = as_record(answer.get("data"))
        if not _NUMBER.fullmatch(str(user.get("id"))):
            raise InputError(self._refusals.account_problem(answer))
        self._id = str(user["id"])
        self._protected = user.get("protected") is True
        self._profile = Profile(
            PLATFORM,
            author=name if (name := handle(user.get("username")) or "").lower() == self._handle else self._handle,
            author_id=self._id,
            expected=as_count(as_record(user.get("public_metrics")).get("tweet_count")),
        )
        return self._profile

    def read(self, cursor: str | None, stop: int | None) -> Iterator[FeedPage]:
        """The pages; a cursor is the parameter for the page: `pagination_token=…` or `until_id=…`."""
        if self._id is None:
            self.profile()
        walk = _TimelineWalk(cursor, stop)
        while True:
            before = self._handed
            answer = self._answer(walk)
            entries, rejected = self._entries(answer, walk)
            walk.given += self._handed - before
            walk.lowest = min((entry.place for entry in entries), default=walk.lowest)
            following, sure = self._following(answer, walk, bool(entries))
            yield FeedPage(entries, following, tuple(rejected), sure)
            if following is None:
                return
            walk.cursor = following

    def cursor_below(self, place: int) -> str:
        """X can list what is older than a post."""
        return f"until_id={place}"

    def notices(self) -> tuple[str, ...]:
        """What X doesn't list, and what was left out."""
        sentences = [
            f"{f'{times:,} posts were' if times > 1 else 'One post was'} left out: {why}."
            for why, times in self._left_out.most_common(_REASONS)
        ]
        expected = self._profile.expected
        if expected is not None and expected > LISTED:
            sentences.append(
                f"X lists only the newest {LISTED:,} posts of an account, and this one has {expected:,}. Its owner can "
                "ask X for an archive, which has them all: curation collect x-archive PATH"
            )
        return tuple(sentences)

    def _answer(self, walk: _TimelineWalk) -> Mapping[str, Any]:
        """Ask for a page, and count its posts."""
        params: dict[str, Any] = {"max_results": self._page_size(), **_FIELDS}
        if walk.stop is not None:
            params["since_id"] = walk.stop
        if walk.cursor is not None:
            name, _, value = walk.cursor.partition("=")
            params[name] = value
        answer = self._get(f"/2/users/{self._id}/tweets", params)
        data = answer.get("data")
        if data is None and not isinstance(answer.get("meta"), Mapping):
            raise InputError(self._refusals.account_problem(answer))
        self._handed += len(data) if isinstance(data, list) else data is not None
        return answer

    def _page_size(self) -> int:
        """Posts to ask for: at most the rest, and never so many that the remaining ones are too few for a page."""
        left = self._bound - self._handed
        if left < LEAST:
            but = f" but for {left}, and X gives {LEAST} posts a page at least" if left > 0 else ""
            raise InputError(f"--max-posts {self._bound:,} was reached{but}.")
        return left - LEAST if MOST < left < MOST + LEAST else min(left, MOST)

    def _entries(self, answer: Mapping[str, Any], walk: _TimelineWalk) -> tuple[list[Entry], list[Rejected]]:
        entries, rejected = [], []
        for nth, reading in enumerate(rows_of_response(answer, references_requested=True), 1):
            if isinstance(reading, LeftOutRecord):
                self._left_out[str(reading)] += 1
                continue
            try:
                if isinstance(reading, NotAPost):
                    raise reading
                row, original = reading
                if not _NUMBER.fullmatch(row["id"] or ""):
                    raise NotAPost("it has no id")
                raw = compact_json(original)
            except (NotAPost, RecursionError) as error:
                why = str(error) if isinstance(error, NotAPost) else "it is nested too deeply"
                where = f"{self.name} {self._handle}: item {nth} of the page at {walk.cursor or 'the top'}"
                rejected.append(Rejected(where, why))
                continue
            row["author"] = row["author"] or self._profile.author
            place = int(row["id"])
            if walk.below is None or place < walk.below:
                entries.append(Entry(whole_characters(row) | {"raw": raw}, place))
        return entries, rejected

    def _following(self, answer: Mapping[str, Any], walk: _TimelineWalk, has_posts: bool) -> tuple[str | None, bool]:
        """The cursor of the next page; without one, whether the list surely ends here."""
        token = string(as_record(answer.get("meta")).get("next_token"))
        if token:
            if not _PAGE_TOKEN.fullmatch(token):
                raise InputError("X's answer names a next page that can't be asked for.")
            return f"pagination_token={token}", False
        expected = self._profile.expected
        if walk.from_the_top and expected is not None and walk.given >= expected:
            return None, True
        if not has_posts and (walk.below is not None or (walk.cursor is None and walk.stop is not None)):
            return None, True
        if walk.lowest is not None:
            may_ask = self._bound - self._handed >= LEAST
            return (self.cursor_below(walk.lowest), False) if may_ask else (None, True)
        if walk.from_the_top and self._protected:
            raise InputError(self._refusals.private)
        return None, False

    def _get(self, path: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            answer, _ = self._web.get(path, params)
        except WebError as error:
            raise self._refusals.error(error, params) from error
        return as_record(answer)


@dataclass
class _TimelineWalk:
    """How far a walk down the list has come."""

    cursor: str | None  # of the next page
    stop: int | None
    given: int = 0  # posts, since the walk began
    lowest: int | None = None  # place of the oldest of them

    def __post_init__(self) -> None:
        self.from_the_top = self.cursor is None and self.stop is None

    @property
    def below(self) -> int | None:
        """The place below which posts are requested, if the cursor is one of ours."""
        name, _, value = (self.cursor or "").partition("=")
        return int(value) if name == "until_id" else None
