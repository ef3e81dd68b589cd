"""Edits: what each form of a post says of the versions that there were."""

from __future__ import annotations

import datetime

import pytest

from curation.sources.records.edits import first_version
from curation.sources.records.mastodon_posts import row_of_status
from curation.sources.records.outbox_posts import row_of_activity

VERSIONS = ["1767000000000000001", "1767000000000000002"]


@pytest.mark.parametrize(
    "tweet",
    [
        {"edit_info": {"initial": {"editTweetIds": VERSIONS}}},
        {"edit_info": {"edit": {"initialTweetId": VERSIONS[0], "editControlInitial": {"editTweetIds": VERSIONS}}}},
        {"edit_control": {"edit_tweet_ids": VERSIONS, "is_edit_eligible": True}},
        {"edit_control": {"initial_tweet_id": VERSIONS[0], "edit_control_initial": {"edit_tweet_ids": VERSIONS}}},
        {"edit_history_tweet_ids": VERSIONS},
        {"edit_history_tweet_ids": [int(one) for one in VERSIONS]},
    ],
)
def test_every_form_names_the_first_version(tweet):
    """Both versions have the id of the first."""
    assert [first_version(tweet, own) for own in VERSIONS] == [VERSIONS[0]] * 2


@pytest.mark.parametrize(
    "tweet",
    [
        {},
        {"edit_info": {"initial": {"editTweetIds": VERSIONS[:1]}}},
        {"edit_control": {"edit_tweet_ids": VERSIONS[:1]}},
        {"edit_history_tweet_ids": VERSIONS[:1]},
        {
            "edit_history_tweet_ids": "霧",
            "edit_info": ["x"],
            "edit_control": {"edit_tweet_ids": [None, True, {}, 1.5e18]},
        },
        {"edit_info": {"edit": {"edit": {"edit": {"edit": {"edit": {"initialTweetId": "5"}}}}}}},
    ],
)
def test_a_post_that_was_not_edited_is_no_version(tweet):
    """Its own id alone, or what is no list of ids, names no first version."""
    assert first_version(tweet, VERSIONS[0]) is None


def test_a_status_says_when_it_was_edited():
    """Mastodon's API in `edited_at`, its archive in `updated`."""
    moment = datetime.datetime(2024, 3, 1, 12, tzinfo=datetime.UTC)
    status = {"uri": "https://a.example/users/b/statuses/1", "content": "<p>霧</p>", "account": {"acct": "b"}}
    assert row_of_status(status | {"edited_at": "2024-03-01T12:00:00.000Z"})["edited_at"] == moment
    assert row_of_status(status | {"edited_at": None})["edited_at"] is None
    note = {"id": status["uri"], "type": "Note", "content": "<p>霧</p>", "to": ["as:Public"]}
    activity = {"type": "Create", "to": ["as:Public"], "actor": "https://a.example/users/b"}
    edited = row_of_activity(activity | {"object": note | {"updated": "2024-03-01T12:00:00Z"}}, None)
    assert edited["edited_at"] == moment
    assert row_of_activity(activity | {"object": note}, None)["edited_at"] is None
