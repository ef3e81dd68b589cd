"""The posts of an X archive, page by page, from its listed files.

A long post or an article is joined to the post with its beginning or its link, so each lands once and whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curation.errors import InputError
from curation.posts import COUNT, FLAG, STRING, batch_of_columns
from curation.sources.base import Page, PageBuilder, Rejected
from curation.sources.files.archive_files import Member
from curation.sources.files.json_blocks import Block
from curation.sources.files.json_cursor import Broken
from curation.sources.files.json_items import Item, JsonItems, compact_json
from curation.sources.files.share_of_rows import SHARE, cell_in_message, percent_of_rows
from curation.sources.files.x_archive_files import Listing, owner_of
from curation.sources.records.articles import ArticleIndex, article_from_item
from curation.sources.records.note_tweets import NoteIndex, note_from_item
from curation.sources.records.tweet_columns import columns_of_tweets
from curation.sources.records.tweets import post_from_tweet
from curation.writing.terminal import count

#: The `source` of the rows, whichever command reads the archive.
SOURCE = "x-archive"

#: A page with so many characters of JSON, or so many rejected records, is full.
PAGE_CHARACTERS, PAGE_REJECTED = 16 << 20, 4096

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

#: The counts of posts, and the notice of each.
_COUNTED = {
    "joined": "{} got the whole text from note-tweet.js.",
    "alone": "{} of note-tweet.js belong to no tweet of the archive and landed by themselves.",
    "article": "{} got the text of the article that they link from article.js.",
    "surrogates": "{} held half of a surrogate pair, which is no character; it became U+FFFD.",
    "repaired": "{} held bytes that are not UTF-8, which were read as Windows-1252.",
    "unnamed": "No account.js says who wrote {}; the author is 'unknown'. Say it with --author NAME.",
}


@dataclass
class ArchiveReading:
    """One pass through an archive. Raises `InputError` if nothing in it can be read."""

    path: Path
    listing: Listing
    author: str | None
    notices: list[str]
    prefix: str = ""  # before the names of the archive's files, in places and in `source_file`
    builder: PageBuilder = field(default_factory=PageBuilder)
    notes: NoteIndex = field(default_factory=NoteIndex)
    articles: ArticleIndex = field(default_factory=ArticleIndex)
    owner: dict[str, str | None] = field(default_factory=dict)  # arguments of post_from_tweet
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTED, 0))
    ended: list[str] = field(default_factory=list)
    anything: bool = False  # some record was read, if only to reject it
    named: int = 0  # posts that name their author themselves
    characters: int = 0  # of raw JSON in the page
    landed: int = 0
    has_times: bool = False  # some post has a key for its time
    timeless: int = 0  # posts without a time that is understood
    example: str | None = None  # the time of the first of them, as written

    def pages(self) -> Iterator[Page]:
        """All pages, the last with the parts that could not be read."""
        self.notices += [f"{name} leads out of the folder, so it was not read." for name in self.listing.outside]
        self._find_owner()
        read_bytes = 0
        for kind, member in self.listing.members:
            if member.size == 0:
                self.notices.append(f"{member.name} is empty (0 bytes).")
            elif kind != "account":
                items = JsonItems(member.chunks())
                in_blocks = kind not in ("note", "article")
                for element in items.in_blocks(partial(self._block, kind, member)) if in_blocks else items:
                    if not isinstance(element, Block):
                        self._take(element, items, kind, member)
                    if self._full():
                        yield self._page(read_bytes + min(items.position, member.size))
                if items.ended_early:
                    self.ended.append(f"{self.prefix}{member.name}: {items.ended_early}")
            read_bytes += member.size
        for note in self.notes.left_over():
            self._land(note.post(self.owner), "alone")
            if self._full():
                yield self._page(read_bytes)
        if self.ended and not self.anything:
            raise InputError(f"Nothing could be read in {self.path}: {'; '.join(self.ended)}.")
        self._conclude()
        yield self._page(read_bytes, "; ".join(self.ended) or None)

    def _find_owner(self) -> None:
        account = self.listing.account
        owner = owner_of(account) if account else {}
        handle = owner.get("author")
        if account and account.size and not handle:
            self.notices.append(f"{account.name} doesn't say whose archive it is, or can't be read.")
        if account and self.author and handle and handle.casefold() != self.author.casefold():
            self.notices.append(
                f"{account.name} says that this is the archive of {handle}; posts that name no author land as "
                f"{self.author}'s, as --author says."
            )
            owner = {}
        self.owner = {**owner, "author": self.author or handle}

    def _take(self, element: Item | Broken, items: JsonItems, kind: str, member: Member) -> None:
        self.anything = True
        if isinstance(element, Broken):
            self._reject(member, element.number, (element.line, element.byte), element.why)
            return
        try:
            if kind == "note":
                why = self._note(element, member)
            elif kind == "article":
                why = self._article(element)
            else:
                why = self._tweet(element, kind, member)
        except RecursionError:
            why = "nested too deeply"
        if why:
            self._reject(member, element.number, items.place(element), why)
        else:
            self.counts["repaired"] += element.repaired

    def _block(self, kind: str, member: Member, block: Block) -> bool:
        """Land many tweets at once; False, and nothing is done, if not all of them are plain ones."""
        if not all(isinstance(value, dict) for value in block.values):
            return False
        tweets = [value.get("tweet", value) for value in block.values]
        if not all(isinstance(tweet, dict) for tweet in tweets):
            return False
        columns = columns_of_tweets(tweets, **self.owner)
        if columns is None:
            return False
        rows = len(tweets)
        columns["text_format"] = pa.repeat(pa.scalar("escaped", STRING), rows)
        columns["raw"] = block.raw
        self._join(tweets, columns)
        columns |= {
            "is_deleted": pa.repeat(pa.scalar(kind == "deleted", FLAG), rows),
            "source": pa.repeat(pa.scalar(SOURCE, STRING), rows),
            "source_file": pa.repeat(pa.scalar(self.prefix + member.name, STRING), rows),
            "source_line": pa.array(range(block.number, block.number + rows), COUNT),
        }
        has_name: Any = pc.not_equal(columns["author"], pa.scalar(""))
        named = has_name.fill_null(False)
        users = [isinstance(tweet.get("user"), dict) for tweet in tweets]
        self.named += pc.sum(pc.and_(named, pa.array(users, FLAG))).as_py() or 0
        self.counts["unnamed"] += rows - named.true_count
        self._note_times(tweets, columns.get("created_at"))
        self.anything = True
        self.landed += rows
        self.characters += block.raw.nbytes
        self.builder.add(batch_of_columns(columns, rows))
        return True

    def _join(self, tweets: list[dict[str, Any]], columns: dict[str, pa.Array[Any]]) -> None:
        """Give tweets their whole texts from `note-tweet.js` and `article.js`."""
        if not self.notes and not self.articles:
            return
        times = columns["created_at"].to_pylist() if "created_at" in columns else [None] * len(tweets)
        texts = columns["text"].to_pylist()
        whole = {
            number: joined
            for number, (tweet, time, text) in enumerate(zip(tweets, times, texts, strict=True))
            if text and (joined := self._whole(tweet, time, text))
        }
        if not whole:
            return
        raw, forms = columns["raw"].to_pylist(), columns["text_format"].to_pylist()
        for number, (texts[number], raw[number], counted) in whole.items():
            forms[number] = "plain"
            self.counts[counted] += 1
        columns |= {
            "text": pa.array(texts, STRING),
            "raw": pa.array(raw, STRING),
            "text_format": pa.array(forms, STRING),
        }

    def _whole(self, tweet: dict[str, Any], time: datetime | None, text: str) -> tuple[str, str, str] | None:
        """Text and record of a tweet with the note or the article that it has, and which."""
        if note := self.notes.find(time, text):
            return note.text, f'{{"tweet":{compact_json(tweet)},"noteTweet":{note.raw}}}', "joined"
        if article := self.articles.find(tweet):
            return article.text, f'{{"tweet":{compact_json(tweet)},"article":{article.raw}}}', "article"
        return None

    def _note_times(self, tweets: list[dict[str, Any]], times: pa.Array[Any] | None) -> None:
        if times is None:
            self.timeless += len(tweets)
            return
        self.has_times = True
        self.timeless += times.null_count
        if times.null_count and self.example is None:
            known = times.is_valid().to_pylist()
            written = (tweet.get("created_at") for tweet, is_known in zip(tweets, known, strict=True) if not is_known)
            if example := next((value for value in written if isinstance(value, str)), None):
                self.example = cell_in_message(example)

    def _tweet(self, item: Item, kind: str, member: Member) -> str | None:
        """Land a tweet; or say why not."""
        if not isinstance(item.value, dict):
            return "not a post but another kind of value"
        tweet = item.value.get("tweet", item.value)
        if not isinstance(tweet, dict):
            return "not a post but another kind of value"
        row = post_from_tweet(tweet, **self.owner)
        if row["text"] is None:
            return "a post without a text"
        row["is_deleted"] = kind == "deleted"
        self.has_times = self.has_times or "created_at" in tweet
        if row["created_at"] is None and self.example is None and isinstance(tweet.get("created_at"), str):
            self.example = cell_in_message(tweet["created_at"])
        row["source_file"], row["source_line"] = self.prefix + member.name, item.number
        joined = self._whole(tweet, row["created_at"], row["text"])
        if joined:
            row["text"], row["raw"], _ = joined
            row["text_format"] = "plain"
        else:
            row["raw"] = compact_json(item.value)
        if isinstance(tweet.get("user"), dict) and row["author"]:
            self.named += 1
        self._land(row, joined[2] if joined else None)
        return None

    def _article(self, item: Item) -> str | None:
        """Keep an article for the post that links it; or say why not."""
        article = article_from_item(item.value)
        if article is None:
            return "an article without a text"
        self.articles.add(article)
        return None

    def _note(self, item: Item, member: Member) -> str | None:
        """Keep a note for its tweet; or say why not."""
        note = note_from_item(item.value, self.prefix + member.name, item.number)
        if note is None:
            return "a long post without a text"
        if not self.notes.add(note):
            self._land(note.post(self.owner), "alone")
        return None

    def _land(self, row: dict[str, Any], counted: str | None) -> None:
        if not row["author"]:
            self.counts["unnamed"] += 1
        row["source"] = SOURCE
        self.landed += 1
        self.timeless += row["created_at"] is None
        if "\\ud" in row["raw"]:  # `compact_json` writes half a surrogate pair as an escape
            clean = {k: _LONE_SURROGATE.sub("\ufffd", v) for k, v in row.items() if isinstance(v, str)}
            self.counts["surrogates"] += any(row[key] != value for key, value in clean.items())
            row.update(clean)
        if counted:
            self.counts[counted] += 1
        self.characters += len(row["raw"])
        self.builder.rows.append(row)

    def _reject(self, member: Member, number: int, place: tuple[int, int], why: str) -> None:
        where = f"{self.prefix}{member.name}: item {number}, line {place[0]}, byte {place[1]}"
        self.builder.rejected.append(Rejected(where, why))

    def _full(self) -> bool:
        builder = self.builder
        return builder.full or self.characters > PAGE_CHARACTERS or len(builder.rejected) >= PAGE_REJECTED

    def _page(self, position: int, ended_early: str | None = None) -> Page:
        self.characters = 0
        return self.builder.page(position, ended_early)

    def _conclude(self) -> None:
        self.notices += [_COUNTED[name].format(count(posts, "post")) for name, posts in self.counts.items() if posts]
        if self.has_times and self.timeless > SHARE * self.landed:
            why = f"such as '{self.example}', which is not understood" if self.example else "where it is empty"
            share = (
                f"{self.timeless:,} of {count(self.landed, 'post')} ({percent_of_rows(self.timeless / self.landed)})"
            )
            self.notices.append(f"{share} have no time, though there is a column 'created_at': {why}.")
        if left := self.articles.left_over():
            several, them = (f"{left:,} articles", "them") if left > 1 else ("One article", "it")
            verb = "were" if left > 1 else "was"
            self.notices.append(
                f"{several} of article.js {verb} not read, since no post of the archive links {them}; "
                "drafts lie there too."
            )
        if self.author and self.named and not self.counts["unnamed"]:
            several = (
                f"{self.named:,} posts name their author themselves" if self.named > 1 else "One post names its author"
            )
            self.notices.append(f"{several}; --author is for the others.")
