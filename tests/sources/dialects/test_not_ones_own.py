"""What looks like posts and is none of one's own: likes, advertisements, drafts, details of an account."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from curation.errors import InputError
from curation.sources.dialects import Context, best_of, find_dialect
from curation.sources.records.not_a_post import LeftOutRecord
from tests.sources.dialects.landing import collected, only

LIKE = {"tweetId": "176", "fullText": "Чужой туман", "expandedUrl": "https://twitter.com/i/web/status/176"}
AD = {"deviceInfo": {}, "promotedTweetInfo": {"tweetId": "1", "tweetText": "Buy fog", "urls": [], "mediaUrls": []},
      "advertiserInfo": {"screenName": "@fog"}, "impressionTime": "2024-03-05 09:15:00"}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.json", [{"like": LIKE}] * 3, "liked, saved or followed.*other people's"),
        ("b.json", [{"bookmark": LIKE}], "liked, saved or followed"),
        ("c.json", {"likes_media_likes": [{"title": "霧", "string_list_data": [{"value": "👍"}]}]}, "liked, saved"),
        ("d.json", [{"ad": {"adsUserData": {"adImpressions": {"impressions": [AD]}}}}], "advertisements"),
        ("e.csv", "id,title,body,kind,created,send_replies,is_public_link\n1,หมอก,unsent,markdown,x,,\n", "drafts"),
        ("f.csv", "message_id,created_at,username,message,channel_url,conversation_type\n1,x,ada,тайна,u,direct\n",
         "messages of Reddit. They are private"),
        ("g.json", [{"header": "YouTube", "title": "Watched", "time": "", "products": []}], "watched or looked"),
        ("h.json", [{"id": "U1", "team_id": "T", "deleted": False, "profile": {"email": "nobody@e"}}], "members"),
        ("i.json", [{"id": "C1", "creator": "U", "topic": {}, "purpose": {}, "members": []}], "channels"),
        ("j.csv", "post_id,post_date,is_published,audience,title\n1.f,2024-03-05,true,all,หมอก\n", "Substack.*-c"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("options", [{}, {"author": "ada"}])
def test_nothing_of_it_is_read(tmp_path, name, content, words, options):
    """Also where `--author` says whose the file is."""
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match=words):
        collected(path, **options)


def labelled(*pairs: tuple[str, object], **more: object) -> dict[str, object]:
    """A record of Meta's that names its values by labels, as its files write them."""
    values = {label.encode().decode("latin-1"): {"value": v} if isinstance(v, str) else v for label, v in pairs}
    return {"string_map_data": values, **more}


TIME = {"timestamp": 1709630100}
MEDIA = {"media_list_data": [{"uri": ""}]}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (labelled(("Comment", "fog"), ("Media Owner", "bob"), ("Time", TIME), **MEDIA), ("fog", "bob")),
        (labelled(("コメント", "fog"), ("投稿者", "bob"), ("時間", TIME), **MEDIA), ("fog", "bob")),
        (labelled(("Hozzászólás", "fog"), ("Tulajdonos", "bob"), ("Idő", TIME), **MEDIA), ("fog", "bob")),
        ({"media": [], "fbid": "17", "label_values": [
            {"label": "Caption", "value": "fog"}, {"label": "Creation time", "timestamp_value": 1709630100}]},
         ("fog", None)),
    ],
)  # fmt: skip
def test_a_comment_is_read_in_every_language_of_the_account(record, expected):
    """By its label, or by its place among the three."""
    ((row, _),) = find_dialect("meta").posts(record, Context(author="ada"))
    assert (row["text"], row["reply_to_author"]) == expected
    assert row["created_at"] == datetime(2024, 3, 5, 9, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (labelled(("Email", "nobody@example.org"), ("Name", "Ada Fog"), title="User Information"), "about the account"),
        (labelled(("Saved on", TIME), title="bob"), "about the account"),
        (labelled(("Author", "bob"), ("Time", TIME)), "about the account"),
        ({"label_values": [{"label": "Felirat", "value": "köd van"}]}, "set to English"),
    ],
)
def test_notes_on_an_account_are_no_posts(record, words):
    """Neither its name nor who was looked at."""
    (why,) = find_dialect("meta").posts(record, Context(author="ada"))
    assert isinstance(why, LeftOutRecord)
    assert words in str(why)


def test_a_title_and_a_time_are_anybodys():
    """Plain JSON with these names and a text is not of Meta."""
    plain = {"title": "Fog", "uri": "https://example.org", "creation_timestamp": 1, "text": "a post", "author": "ada"}
    assert best_of(plain)[0] == "posts"


GDL = {"subcategory": "user", "date": "2024-03-05 09:15:00", "num": 1}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            {"category": "bluesky", "uri": "at://d/app.bsky.feed.post/3k", "text": "霧",
             "author": {"handle": "ada.example"},
             "likeCount": 3, "reply": {"parent": {"uri": "at://d/app.bsky.feed.post/3j"}}},
            {"platform": "bluesky", "is_reply": True, "reply_to": "at://d/app.bsky.feed.post/3j", "like_count": 3},
        ),
        (
            {"category": "tumblr", "blog_name": "fogblog", "id": 5, "caption": "<p>หมอก</p>", "timestamp": 1709630100,
             "type": "photo", "reblogged_from_id": "4", "reblog": {"comment": "<p>да</p>"}},
            {"platform": "tumblr", "id": "5", "author": "fogblog", "text": "<p>да</p>", "is_quote": True},
        ),
        (
            {"category": "weibo", "status": {"idstr": "49", "text_raw": "雾", "user": {"screen_name": "灯塔"},
                                             "created_at": "Tue Mar 05 17:15:00 +0800 2024"}},
            {"platform": "weibo", "id": "49", "author": "灯塔", "text": "雾"},
        ),
        (
            {"category": "mastodon", "uri": "https://m.example/users/ada/statuses/1", "content": "<p>туман</p>",
             "visibility": "public", "account": {"acct": "ada", "url": "https://m.example/@ada"}},
            {"platform": "mastodon", "author": "ada@m.example", "text": "туман"},
        ),
    ],
)  # fmt: skip
def test_gallery_dls_posts_are_those_of_the_api(record, expected):
    """The same id, author and flags."""
    name, score = best_of(GDL | record)
    ((row, _),) = find_dialect(name).posts(GDL | record, Context())
    assert score == 1
    assert {key: row.get(key) for key in expected} == expected
    assert row["created_at"] == datetime(2024, 3, 5, 9, 15, tzinfo=UTC)


def test_gab_speaks_mastodons_api_and_federates_with_nobody():
    """A number names a post, a bare handle a person."""
    account = {"id": "5", "acct": "ada", "url": "https://gab.com/ada"}
    status = {"id": "10", "uri": "/ada/posts/10", "url": "https://gab.com/ada/posts/10", "content": "<p>霧</p>",
              "visibility": "public", "account": account, "created_at": "2024", "quote_of_id": "9"}  # fmt: skip
    ((row, _),) = find_dialect("mastodon").posts(status, Context())
    assert (row["platform"], row["id"], row["author"], row["quote_of"]) == ("gab", "10", "ada", "9")


@pytest.mark.parametrize("key", ["liked_posts", "likes", "favourites", "bookmarkedTweets", "drafts", "saved"])
def test_what_lies_under_likes_or_drafts_is_not_ones_own(tmp_path, key):
    """Who is named keeps their posts; what names nobody is left out, unless it is insisted."""
    path = tmp_path / "a.json"
    path.write_text(json.dumps({key: [{"id": "1", "text": "туман"}, {"id": "2", "text": "霧", "author": "bob"}]}))
    rows, rejected, notices = collected(path, author="ada")
    assert (only(rows, "author", "text"), rejected) == ([("bob", "霧")], [])
    assert any(f"under '{key}' and names nobody" in notice for notice in notices)
    assert any("under the names of who wrote them" in notice for notice in notices)
    rows, _, _ = collected(path, author="ada", format="posts")
    assert only(rows, "author") == [("ada",), ("bob",)]


@pytest.mark.parametrize("key", ["posts", "likely", "search", "results", "draftsman"])
def test_other_keys_say_nothing_of_that(tmp_path, key):
    """Only whole words do."""
    path = tmp_path / "a.json"
    path.write_text(json.dumps({key: [{"id": "1", "text": "туман"}, {"id": "2", "text": "หมอก"}]}))
    rows, _, _ = collected(path, author="ada")
    assert only(rows, "author") == [("ada",)] * 2


@pytest.mark.parametrize(
    "record",
    [
        {"tweetId": "176", "fullText": "туман", "username": "ada"},
        {"tweetId": "176", "tweetText": "霧", "mediaUrls": [], "author": "ada", "full_text": "霧"},
        {"id": "1", "content_text": "x", "content": "หมอก", "username": "ada", "created_at": "2024-03-05"},
        {"id": "1", "createdAt": "2024-03-05", "visibility": "public", "userId": "u", "reactions": 3, "text": "fog"},
        {"id": 1, "from_id": 2, "date": "2024-03-05", "text": "туман", "reposts": 3},
        {"id": "1", "caption": "x", "media_type": "photo", "timestamp": "2024-03-05", "text": "霧", "username": "ada"},
        {"id": "1", "profile": "fog", "team_id": "9", "text": "หมอก"},
    ],
)
def test_plain_posts_with_some_of_these_names_are_plain(tmp_path, record):
    """A scraper may use any of them, and says whose a post is."""
    path = tmp_path / "a.json"
    path.write_text(json.dumps([record]), encoding="utf-8")
    rows, rejected, notices = collected(path)
    assert (len(rows), rejected) == (1, [])
    assert "in the form 'posts'" in notices[0]
