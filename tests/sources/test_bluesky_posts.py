"""Items of Bluesky's feeds and records of its repositories become rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.posts import batch
from curation.sources.records.bluesky_posts import row_of_feed_item, row_of_record, time_of_key

DID, OTHER = "did:plc:adaexample", "did:plc:boexample"
KEY = "3jzfcijpj2z2a"  # of 30 June 2023, 15:03 UTC
URI = f"at://{DID}/app.bsky.feed.post/{KEY}"
PARENT = f"at://{OTHER}/app.bsky.feed.post/3jzaaaaaaaa2a"
ROOT = f"at://{OTHER}/app.bsky.feed.post/3jzaaaaaaaa22"
ADA = {"did": DID, "handle": "ada.example.org", "displayName": "Ada 🍵"}
BO = {"did": OTHER, "handle": "bo.example.org", "displayName": "Bo"}


def record(**more: Any) -> dict[str, Any]:
    """An invented `app.bsky.feed.post`."""
    made = {"$type": "app.bsky.feed.post", "text": "Tea & toast 🍞", "createdAt": "2023-06-30T15:03:00.000Z"}
    return made | {"langs": ["en", "fi"]} | more


def view(**more: Any) -> dict[str, Any]:
    """An invented `#postView`."""
    return {
        "uri": URI,
        "cid": "bafyexample",
        "author": ADA,
        "record": record(),
        "replyCount": 1,
        "repostCount": 2,
        "likeCount": 3,
        "quoteCount": 4,
        "indexedAt": "2023-06-30T15:03:02.000Z",
        "labels": [],
    } | more


def answer(parent: dict[str, Any]) -> dict[str, Any]:
    """An item whose post answers, with what the feed says of the post before."""
    held = {"parent": {"uri": PARENT, "cid": "x"}, "root": {"uri": ROOT, "cid": "y"}}
    return {"post": view(record=record(reply=held)), "reply": {"parent": parent, "root": {"uri": ROOT}}}


def test_an_item_of_a_feed_gives_every_column_that_it_can():
    """Handle, names, time, language, counts and the address of the page."""
    row = row_of_feed_item({"post": view()})
    assert (row["platform"], row["id"], row["conversation_id"]) == ("bluesky", URI, URI)
    assert (row["author"], row["author_name"], row["author_id"]) == ("ada.example.org", "Ada 🍵", DID)
    assert row["created_at"] == datetime(2023, 6, 30, 15, 3, tzinfo=UTC)
    assert (row["text"], row["text_format"], row["lang"]) == ("Tea & toast 🍞", "plain", "en")
    assert [row[f"is_{flag}"] for flag in ("repost", "reply", "quote", "sensitive")] == [False] * 4
    assert [row[f"{what}_count"] for what in ("like", "repost", "reply", "quote")] == [3, 2, 1, 4]
    assert row["url"] == f"https://bsky.app/profile/ada.example.org/post/{KEY}"


def test_a_post_by_itself_and_a_pinned_one_are_read_as_any_other():
    """Search gives posts without an item around them, and a profile's pinned post has a reason."""
    row = row_of_feed_item({"post": view()})
    assert row_of_feed_item(view()) == row
    assert row_of_feed_item({"post": view(), "reason": {"$type": "app.bsky.feed.defs#reasonPin"}}) == row


def test_the_text_stays_as_it_was_posted():
    """A link that the app shortened stays shortened: that is what was posted."""
    link = {"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/abcdef"}
    facets = [{"index": {"byteStart": 3, "byteEnd": 18}, "features": [link]}]
    row = row_of_feed_item({"post": view(record=record(text="é example.org/ab... ", facets=facets))})
    assert row["text"] == "é example.org/ab... "


REPOSTED = {"$type": "app.bsky.feed.defs#reasonRepost", "by": BO, "indexedAt": "2023-07-01T00:00:00Z"}


def test_a_repost_belongs_to_who_reposted_and_has_the_original_s_text():
    """Its id is its own record's, or made of the original's and the DID; its time is when it was passed on."""
    item = {"post": view(record=record(reply={"parent": {"uri": PARENT}})), "reason": REPOSTED}
    row = row_of_feed_item(item)
    assert row["id"] == f"{URI}#repost:{OTHER}"
    assert (row["is_repost"], row["repost_of"], row["author"]) == (True, URI, "bo.example.org")
    assert (row["is_reply"], row["reply_to"], row["is_quote"]) == (False, None, False)
    assert (row["text"], row["created_at"]) == ("Tea & toast 🍞", datetime(2023, 7, 1, tzinfo=UTC))
    own = f"at://{OTHER}/app.bsky.feed.repost/3k2"
    assert row_of_feed_item(item | {"reason": REPOSTED | {"uri": own}})["id"] == own


@pytest.mark.parametrize(
    ("parent", "author"),
    [
        ({"uri": PARENT, "author": BO}, "bo.example.org"),
        ({"uri": PARENT, "author": BO | {"handle": "handle.invalid"}}, OTHER),
        ({"uri": PARENT, "notFound": True}, OTHER),
        ({"uri": PARENT, "blocked": True, "author": {"did": OTHER}}, OTHER),
        ({}, OTHER),
        (None, OTHER),
    ],
    ids=["seen", "handle lost", "deleted", "blocked", "empty", "absent"],
)
def test_an_answer_names_post_root_and_author(parent, author):
    """Of a post that was deleted or is blocked the address still tells the DID."""
    row = row_of_feed_item(answer(parent))
    assert (row["is_reply"], row["reply_to"], row["conversation_id"]) == (True, PARENT, ROOT)
    assert row["reply_to_author"] == author


def test_a_handle_that_leads_nowhere_gives_way_to_the_did():
    """`handle.invalid` is no handle; neither is none at all."""
    for author in (ADA | {"handle": "handle.invalid"}, {"did": DID}):
        assert row_of_feed_item({"post": view(author=author)})["author"] == DID


@pytest.mark.parametrize(
    ("embed", "quoted"),
    [
        ({"$type": "app.bsky.embed.record", "record": {"uri": PARENT, "cid": "x"}}, PARENT),
        ({"$type": "app.bsky.embed.recordWithMedia", "record": {"record": {"uri": PARENT}}, "media": {}}, PARENT),
        ({"$type": "app.bsky.embed.record", "record": {"uri": f"at://{OTHER}/app.bsky.graph.list/3k"}}, None),
        ({"$type": "app.bsky.embed.external", "external": {"uri": "https://example.org"}}, None),
        ({"$type": "app.bsky.embed.images", "images": []}, None),
    ],
    ids=["post", "post and picture", "list", "link", "picture"],
)
def test_only_an_embedded_post_is_a_quote(embed, quoted):
    """Lists, feeds, links and pictures are embedded as well."""
    row = row_of_feed_item({"post": view(record=record(embed=embed))})
    assert (row["is_quote"], row["quote_of"]) == (quoted is not None, quoted)


@pytest.mark.parametrize(
    ("created", "expected"),
    [
        ("2009-01-02T03:04:05Z", datetime(2009, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2023-06-30T17:03:00+02:00", datetime(2023, 6, 30, 15, 3, tzinfo=UTC)),
        ("1970-01-01T00:00:00Z", datetime(2023, 6, 30, 15, 3, 2, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(2023, 6, 30, 15, 3, 2, tzinfo=UTC)),
        ("9999-12-31T23:59:59Z", datetime(2023, 6, 30, 15, 3, 2, tzinfo=UTC)),
        ("yesterday", datetime(2023, 6, 30, 15, 3, 2, tzinfo=UTC)),
        (None, datetime(2023, 6, 30, 15, 3, 2, tzinfo=UTC)),
    ],
)
def test_an_absurd_time_gives_way_to_the_servers(created, expected):
    """A post may be brought over from years ago, but not from the future nor from before the web."""
    assert row_of_feed_item({"post": view(record=record(createdAt=created))})["created_at"] == expected


@pytest.mark.parametrize(
    ("more", "warned"),
    [
        ({"labels": [{"val": "porn", "src": OTHER}]}, True),
        ({"author": ADA | {"labels": [{"val": "!no-unauthenticated"}]}}, True),
        ({"labels": [{"val": "porn", "neg": True}]}, False),
        ({"labels": [{"val": "bot"}, {"val": ["porn"]}, 3]}, False),
        (
            {"record": record(labels={"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "nudity"}]})},
            True,
        ),
    ],
)
def test_labels_that_warn_make_a_post_sensitive(more, warned):
    """A label of the platform's or the author's own; one that was taken back warns of nothing."""
    assert row_of_feed_item({"post": view(**more)})["is_sensitive"] is warned


def test_a_record_of_a_repository_is_the_same_post_as_in_a_feed():
    """The export has no counts and no names; all else agrees."""
    feed, own = row_of_feed_item({"post": view()}), row_of_record(URI, record(), DID, "ada.example.org")
    same = ("platform", "id", "author", "author_id", "created_at", "text", "lang", "url", "is_reply", "conversation_id")
    assert {key: feed[key] for key in same} == {key: own[key] for key in same}
    assert row_of_record(URI, record(), DID)["author"] == DID


def test_a_record_without_a_time_has_that_of_its_key():
    """A record's key is made of the time when it was made."""
    assert row_of_record(URI, record(createdAt=None), DID)["created_at"] == time_of_key(KEY)
    assert row_of_record(URI.replace(KEY, "self"), record(createdAt=None), DID)["created_at"] is None


def test_a_thread_of_one_s_own_names_its_author_by_handle():
    """Whoever answers themself is the same person in both columns."""
    own = record(reply={"parent": {"uri": URI}, "root": {"uri": URI}})
    assert row_of_record(URI, own, DID, "ada.example.org")["reply_to_author"] == "ada.example.org"


def test_a_repost_of_a_repository_is_an_address_only():
    """Its text is empty, not missing, so that it lands as a repost with the id that a feed gives it."""
    uri = f"at://{DID}/app.bsky.feed.repost/3k2"
    made = {
        "$type": "app.bsky.feed.repost",
        "subject": {"uri": PARENT, "cid": "x"},
        "createdAt": "2023-07-01T00:00:00Z",
    }
    row = row_of_record(uri, made, DID)
    assert (row["id"], row["is_repost"], row["repost_of"], row["text"]) == (uri, True, PARENT, "")
    assert row_of_record(uri, {}, DID)["text"] is None


WORDS = st.sampled_from([URI, DID, PARENT, "at://x/y/z", "2023-06-30T15:03:00Z"])
KEYS = st.sampled_from([*view(), *record(), "post", "reason", "by", "uri", "did", "handle", "reply", "parent", "embed"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec="utf-8"), max_size=8) | WORDS,
    lambda held: st.lists(held, max_size=3) | st.dictionaries(KEYS, held, max_size=5),
    max_leaves=12,
)


@settings(deadline=None)
@given(ANYTHING, ANYTHING, ANYTHING, ANYTHING)
def test_no_type_of_any_value_raises(item, held, reason, uri):
    """Every value may be anything; what comes of it fits the schema."""
    rows = [
        row_of_feed_item(item),
        row_of_feed_item({"post": view(record=held), "reason": {"by": reason}, "reply": item}),
        row_of_feed_item({"post": view(author=reason, uri=uri, record=record(reply=held, embed=item, labels=held))}),
        row_of_record(uri, held, reason, item),
        row_of_record(URI.replace("post", "repost"), held, DID, reason),
    ]
    batch([row | {"text": row["text"] or "", "source": "test"} for row in rows])
