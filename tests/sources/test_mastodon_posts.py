"""Statuses of Mastodon's API and activities of its outbox become rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.posts import batch
from curation.sources.records.fediverse import global_id
from curation.sources.records.mastodon_posts import is_public, row_of_status
from curation.sources.records.outbox_posts import is_public_activity, row_of_activity

HOST = "example.social"
ADA = f"https://{HOST}/users/ada"
EVERYBODY = "https://www.w3.org/ns/activitystreams#Public"
FOLLOWERS = f"{ADA}/followers"

ACCOUNT = {
    "id": "1",
    "username": "ada",
    "acct": "ada",
    "display_name": "Ada 🍵",
    "url": f"https://{HOST}/@ada",
    "uri": ADA,
}
ACTOR = {"id": ADA, "type": "Person", "preferredUsername": "ada", "name": "Ada 🍵"}


def status(number: str = "100", **more: Any) -> dict[str, Any]:
    """An invented status of `GET /api/v1/accounts/1/statuses`."""
    return {
        "id": number,
        "created_at": "2023-05-06T07:08:09.123Z",
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "en",
        "uri": f"{ADA}/statuses/{number}",
        "url": f"https://{HOST}/@ada/{number}",
        "replies_count": 1,
        "reblogs_count": 2,
        "favourites_count": 3,
        "content": "<p>Tea &amp; toast</p>",
        "reblog": None,
        "application": {"name": "Kettle", "website": None},
        "account": ACCOUNT,
        "media_attachments": [],
        "mentions": [],
        "tags": [],
        "emojis": [],
        "card": None,
        "poll": None,
    } | more


def create(number: str = "100", to: Any = (EVERYBODY,), cc: Any = (FOLLOWERS,), **more: Any) -> dict[str, Any]:
    """An invented `Create` of an outbox."""
    addressed = {"to": list(to) if isinstance(to, tuple) else to, "cc": list(cc) if isinstance(cc, tuple) else cc}
    note = {
        "id": f"{ADA}/statuses/{number}",
        "type": "Note",
        "summary": None,
        "inReplyTo": None,
        "published": "2023-05-06T07:08:09Z",
        "url": f"https://{HOST}/@ada/{number}",
        "attributedTo": ADA,
        **addressed,
        "sensitive": False,
        "conversation": f"tag:{HOST},2023-05-06:objectId=5:objectType=Conversation",
        "content": "<p>Tea &amp; toast</p>",
        "contentMap": {"en": "<p>Tea &amp; toast</p>"},
        "attachment": [],
        "tag": [],
        "replies": {"type": "Collection"},
    } | more
    activity = {"id": f"{note['id']}/activity", "type": "Create", "actor": ADA, "published": "2023-05-06T07:08:09Z"}
    return activity | addressed | {"object": note}


def announce(number: str = "101", to: tuple = (EVERYBODY,)) -> dict[str, Any]:
    """An invented `Announce` of an outbox."""
    return {
        "id": f"{ADA}/statuses/{number}/activity",
        "type": "Announce",
        "actor": ADA,
        "published": "2023-05-07T00:00:00Z",
        "to": list(to),
        "cc": ["https://other.example/users/bo", FOLLOWERS],
        "object": "https://other.example/users/bo/statuses/7",
    }


def test_a_status_gives_every_column_that_it_can():
    """Handle with its server, address as id, time in UTC, text without markup, counts and client."""
    row = row_of_status(status(), HOST)
    assert row["id"] == f"{ADA}/statuses/100"
    assert (row["platform"], row["author"], row["author_name"]) == ("mastodon", "ada@example.social", "Ada 🍵")
    assert (row["author_id"], row["url"]) == (ADA, f"https://{HOST}/@ada/100")
    assert row["created_at"] == datetime(2023, 5, 6, 7, 8, 9, 123000, tzinfo=UTC)
    assert (row["text"], row["text_format"], row["lang"]) == ("Tea & toast", "plain", "en")
    assert (row["is_repost"], row["is_reply"], row["is_sensitive"]) == (False, False, False)
    assert (row["like_count"], row["repost_count"], row["reply_count"], row["client"]) == (3, 2, 1, "Kettle")


def test_the_same_post_has_one_id_whichever_way_it_came():
    """Two servers that number it differently, the archive and the page's address agree on its id."""
    elsewhere = status("999", uri=f"{ADA}/statuses/100", account=ACCOUNT | {"acct": "ada@example.social", "id": "55"})
    ids = {
        row_of_status(status(), HOST)["id"],
        row_of_status(elsewhere, "other.example")["id"],
        row_of_activity(create(), ACTOR)["id"],
        row_of_status(status(uri=None))["id"],
        global_id(f"https://{HOST}/@ada/100"),
        global_id(f"https://{HOST}/@ada/100?x=1"),
        global_id(f"https://{HOST}/@ada/statuses/100"),
    }
    assert ids == {f"{ADA}/statuses/100"}
    assert row_of_status(elsewhere, "other.example")["author"] == "ada@example.social"


@pytest.mark.parametrize(
    "address", ["https://m.example/notes/9abc", "https://a.example/@bo@b.example/5", ADA, "x" * 5000]
)
def test_other_addresses_are_their_own_ids(address):
    """Only pages of Mastodon and GoToSocial are rewritten: nothing is guessed of other servers."""
    assert global_id(address) == address


def test_the_host_of_a_handle_comes_from_the_profile_when_nobody_says_it():
    """A file holds statuses without the server that was asked."""
    assert row_of_status(status())["author"] == "ada@example.social"
    assert row_of_status(status(account={"acct": "ada"}))["author"] == "ada"


def test_a_content_warning_is_a_part_of_the_text():
    """People see the warning and the content, one below the other, in both ways."""
    assert row_of_status(status(spoiler_text="Food"))["text"] == "Food\n\nTea & toast"
    assert row_of_activity(create(summary="Food"), ACTOR)["text"] == "Food\n\nTea & toast"


def test_a_post_of_pictures_has_an_empty_text_and_one_without_content_none():
    """An empty text is a text; the caller rejects what has none."""
    assert row_of_status(status(content=""))["text"] == ""
    assert row_of_status(status(content=None))["text"] is None
    assert row_of_activity(create(content=None, contentMap=None), ACTOR)["text"] is None


def test_a_boost_has_an_id_of_its_own_and_the_text_of_the_original():
    """Who boosted is the author; language, counts and text are the original's."""
    original = status(
        "7", uri="https://other.example/users/bo/statuses/7", language="fi", account={"acct": "bo@other.example"}
    )
    boost = status(
        "101", uri=f"{ADA}/statuses/101/activity", reblog=original, content="", language=None, favourites_count=0
    )
    row = row_of_status(boost, HOST)
    assert (row["id"], row["repost_of"]) == (f"{ADA}/statuses/101/activity", original["uri"])
    assert (row["is_repost"], row["is_reply"], row["is_quote"], row["author"]) == (
        True,
        False,
        False,
        "ada@example.social",
    )
    assert (row["text"], row["lang"], row["like_count"]) == ("Tea & toast", "fi", 3)
    assert row_of_activity(announce(), ACTOR)["id"] == row["id"]


def test_a_boost_of_pleroma_does_not_take_the_place_of_the_original():
    """Where a server gives the original's address for the boost, the id names who boosted."""
    original = status("7", uri="https://p.example/objects/7")
    boost = status("8", uri="https://p.example/objects/7", reblog=original)
    assert row_of_status(boost, HOST)["id"] == "https://p.example/objects/7#repost:ada@example.social"


def test_an_answer_in_ones_own_thread_names_the_post_before():
    """The API has a number only; at home an address can be made of it."""
    row = row_of_status(status("102", in_reply_to_id="100", in_reply_to_account_id="1"), HOST)
    assert (row["is_reply"], row["reply_to"], row["reply_to_author"]) == (
        True,
        f"{ADA}/statuses/100",
        "ada@example.social",
    )


def test_an_answer_to_somebody_names_them_as_far_as_the_api_tells():
    """A neighbour's post has an address, a distant one's only its author; a deleted one's neither."""
    bo = {"id": "2", "username": "bo", "acct": "bo", "url": f"https://{HOST}/@bo"}
    far = {"id": "3", "username": "cy", "acct": "cy@other.example", "url": "https://other.example/@cy"}
    near_row = row_of_status(status(in_reply_to_id="50", in_reply_to_account_id="2", mentions=[far, bo]), HOST)
    assert (near_row["reply_to"], near_row["reply_to_author"]) == (
        f"https://{HOST}/users/bo/statuses/50",
        "bo@example.social",
    )
    far_row = row_of_status(status(in_reply_to_id="51", in_reply_to_account_id="3", mentions=[far, bo]), HOST)
    assert (far_row["is_reply"], far_row["reply_to"], far_row["reply_to_author"]) == (True, None, "cy@other.example")
    gone = row_of_status(status(in_reply_to_account_id="9"), HOST)
    assert (gone["is_reply"], gone["reply_to"], gone["reply_to_author"]) == (True, None, None)
    pleroma = status(in_reply_to_account_id="9", pleroma={"in_reply_to_account_acct": "di"})
    assert row_of_status(pleroma, HOST)["reply_to_author"] == "di@example.social"


QUOTED = {"id": "7", "uri": "https://other.example/users/bo/statuses/7"}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, (None, None)),
        ({"quote": None}, (False, None)),
        ({"quote": {"state": "accepted", "quoted_status": QUOTED}}, (True, QUOTED["uri"])),
        ({"quote": {"state": "accepted", "quoted_status_id": "7"}}, (True, None)),
        ({"quote": {"state": "revoked", "quoted_status": None}}, (True, None)),
        ({"quote": QUOTED}, (True, QUOTED["uri"])),
        ({"pleroma": {"quote": QUOTED}}, (True, QUOTED["uri"])),
        ({"pleroma": {"quote": None, "quote_url": QUOTED["uri"]}}, (True, QUOTED["uri"])),
        ({"pleroma": {"quote": None}}, (False, None)),
        ({"content": '<p class="quote-inline">RE: x</p><p>Tea</p>'}, (True, None)),
    ],
    ids=["old", "none", "accepted", "shallow", "revoked", "Akkoma", "Pleroma", "address", "Pleroma none", "text"],
)
def test_a_quote_is_known_in_each_server_s_way(more, expected):
    """False only where a server would have said so; the id only of a quote that may be seen."""
    row = row_of_status(status(**more))
    assert (row["is_quote"], row["quote_of"]) == expected


@pytest.mark.parametrize("visibility", ["private", "direct", "local", "limited", "", None, 3, ["public"]])
def test_what_is_not_for_everybody_is_not_public(visibility):
    """Nor is what doesn't say whom it is for, a boost of it, or what stays on the server."""
    assert is_public(status())
    assert is_public(status(visibility="unlisted"))
    assert not is_public(status(visibility=visibility))
    assert not is_public(status(reblog=status(visibility=visibility)))
    assert not is_public(status(local_only=True))
    assert not is_public({"content": "tea"})


def test_an_activity_gives_what_the_api_gives():
    """For a plain post, archive and API differ in what only one of them can say."""
    api, archive = row_of_status(status(created_at="2023-05-06T07:08:09Z"), HOST), row_of_activity(create(), ACTOR)
    same = (
        "platform",
        "id",
        "author",
        "author_name",
        "author_id",
        "created_at",
        "text",
        "lang",
        "url",
        "is_reply",
        "is_sensitive",
    )
    assert {key: api[key] for key in same} == {key: archive[key] for key in same}
    assert archive["conversation_id"].startswith("tag:")


def test_a_boost_in_an_archive_is_an_address_only():
    """Its text is empty, not missing, so that it lands as a repost."""
    row = row_of_activity(announce(), ACTOR)
    assert (row["text"], row["is_repost"]) == ("", True)
    assert row["repost_of"] == "https://other.example/users/bo/statuses/7"


@pytest.mark.parametrize("to", [(FOLLOWERS,), (f"https://{HOST}/users/bo",), (), None, "", 7, {"x": EVERYBODY}])
def test_nothing_of_a_private_activity_is_read(to):
    """A post for followers, for somebody, or for nobody knows whom, gives no row at all."""
    private = create(to=to, cc=(), content="<p>secret</p>")
    assert not is_public_activity(private)
    assert row_of_activity(private, ACTOR) is None
    inner = create(content="<p>secret</p>")
    inner["object"]["to"], inner["object"]["cc"] = [FOLLOWERS], []
    assert row_of_activity(inner, ACTOR) is None
    assert row_of_activity(announce(to=(FOLLOWERS,)), ACTOR) is None


@pytest.mark.parametrize(
    ("to", "cc"), [((EVERYBODY,), ()), ((FOLLOWERS,), (EVERYBODY,)), (EVERYBODY, None), ("as:Public", ())]
)
def test_public_and_unlisted_activities_are_read(to, cc):
    """Everybody may be addressed in `to` or `cc`, in a list or alone, in full or in short."""
    assert row_of_activity(create(to=to, cc=cc), ACTOR)["text"] == "Tea & toast"


@pytest.mark.parametrize("kind", ["Like", "Follow", "Update", None, ["Create"], {}])
def test_other_activities_are_no_posts(kind):
    """Likes and edits of an outbox give no row."""
    assert row_of_activity(create() | {"type": kind}, ACTOR) is None


def test_answers_and_quotes_of_an_archive_name_posts_by_address():
    """The author who is answered is read from the address, or from the one mention of that server."""
    row = row_of_activity(
        create(inReplyTo="https://other.example/users/bo/statuses/7", quoteUrl="https://q.example/1"), ACTOR
    )
    assert (row["reply_to"], row["reply_to_author"]) == (
        "https://other.example/users/bo/statuses/7",
        "bo@other.example",
    )
    assert (row["is_quote"], row["quote_of"]) == (True, "https://q.example/1")
    own = row_of_activity(create(inReplyTo=f"{ADA}/statuses/99"), ACTOR)
    assert own["reply_to_author"] == "ada@example.social"
    mention = {"type": "Mention", "href": "https://m.example/users/9x", "name": "@cy@m.example"}
    there = row_of_activity(create(inReplyTo="https://m.example/notes/1", tag=[mention, {"type": "Hashtag"}]), ACTOR)
    assert there["reply_to_author"] == "cy@m.example"


def test_an_article_s_title_and_a_question_are_text():
    """An article's title stands above it; a poll's options don't stand below."""
    article = row_of_activity(create(type="Article", name="On Tea"), ACTOR)
    assert article["text"] == "On Tea\n\nTea & toast"
    poll = row_of_activity(create(type="Question", oneOf=[{"type": "Note", "name": "green"}]), ACTOR)
    assert poll["text"] == "Tea & toast"


@pytest.mark.parametrize("owner", [None, HOST, {}])
def test_without_an_actor_the_address_names_the_author(owner):
    """An outbox without its `actor.json` still says whose it is."""
    assert row_of_activity(create(), owner)["author"] == "ada@example.social"


WORDS = st.sampled_from([ADA, EVERYBODY, "http://[", "Create"])
KEYS = st.sampled_from([*status(), *create(), "uri", "x"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | WORDS,
    lambda held: st.lists(held, max_size=3) | st.dictionaries(KEYS, held, max_size=4),
    max_leaves=8,
)


@settings(deadline=None)
@given(
    st.fixed_dictionaries({}, optional=dict.fromkeys([*status(), "quote", "pleroma"], ANYTHING)),
    ANYTHING,
    st.fixed_dictionaries({}, optional=dict.fromkeys(create()["object"], ANYTHING)),
    ANYTHING,
)
def test_no_type_of_any_value_raises(odd_status, anything, odd_note, actor):
    """Every value may be anything; what comes of it fits the schema."""
    rows = [row_of_status(odd_status, HOST), row_of_status(status() | odd_status), row_of_status(anything)]
    is_public(odd_status), is_public(anything)
    for activity in (
        create() | {"object": odd_note},
        create(**{**odd_note, "cc": [EVERYBODY]}),
        anything,
        {"type": "Announce", "to": EVERYBODY} | odd_note,
    ):
        row = row_of_activity(activity, actor)
        rows += [row] if row else []
    for row in rows:
        if not any(isinstance(v, str) and any("\ud800" <= c <= "\udfff" for c in v) for v in row.values()):
            batch([row | {"text": row["text"] or "", "source": "test", "platform": row["platform"]}])
