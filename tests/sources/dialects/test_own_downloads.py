"""What people download of themselves, and what other sites answer: YouTube, TikTok, LinkedIn, blogs, reviews, …"""

from __future__ import annotations

import json
from typing import Any

import pytest

from curation.errors import InputError
from curation.sources.dialects import Context, JsonFormat, best_of
from curation.sources.dialects.youtube import text_of_pieces
from curation.sources.records.not_a_post import NotAPost
from tests.sources.dialects.landing import collected, only, rows_of

AT = "2024-03-05T09:15:00Z"
SECONDS = 1709630100


def in_file(path, content: Any):
    """The file with that content: a text, or JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


TIKTOK = {
    "Profile": {"Profile Information": {"ProfileMap": {"userName": "ada", "emailAddress": "nobody@example.org"}}},
    "Activity": {"Searches": {"SearchList": [{"Date": "2024-01-01 00:00:00", "SearchTerm": "fog at sea"}] * 5}},
    "Direct Messages": {"Chat History": {"ChatHistory": {"Chat History with bob:": [
        {"Date": "2024-01-01 00:00:00", "From": "bob", "Content": "nobody may read this"}] * 30}}},
    "Comment": {"Comments": {"CommentsList": [
        {"date": "2024-03-05 09:15:00", "comment": "туман всюду", "photo": "N/A", "url": ""},
        {"date": "2024-03-05 09:16:00", "comment": "霧が深い", "photo": "N/A", "url": ""}]}},
    "Video": {"Videos": {"VideoList": [
        {"Date": "2024-03-05 09:17:00", "Link": "https://www.tiktokv.com/share/video/99/", "Title": "หมอก"},
        {"Date": "2024-03-05 09:18:00", "Link": "https://www.tiktokv.com/share/video/98/", "Title": "only me",
         "WhoCanView": "Private"}]}},
}  # fmt: skip


def test_of_tiktoks_download_only_what_one_posted_is_read(tmp_path):
    """Comments and titles, by the handle of the profile; no message, no search, no e-mail."""
    rows, rejected, notices = collected(in_file(tmp_path / "user_data_tiktok.json", TIKTOK))
    assert rejected == []
    assert only(rows, "platform", "id", "author", "text", "is_reply") == [
        ("tiktok", None, "ada", "туман всюду", True),
        ("tiktok", None, "ada", "霧が深い", True),
        ("tiktok", "99", "ada", "หมอก", False),
    ]
    assert "nobody" not in json.dumps([row["raw"] for row in rows]) + " ".join(notices)
    old = {"Comment": {"Comments": {"CommentsList": [{"Date": "2022-03-05 09:15:00", "Comment": "fog"}]}}}
    assert only(rows_of(in_file(tmp_path / "old.json", {"Activity": {}, **old})), "text", "is_reply") == [("fog", True)]


COMMENTS = "Comment ID,Channel ID,Comment Create Timestamp,Parent Comment ID,Video ID,Comment Text\n"
CHAT = "Live Chat ID,Channel ID,Live Chat Create Timestamp,Price,Video ID,Live Chat Text\n"
THREAD = {
    "kind": "youtube#commentThread",
    "snippet": {"topLevelComment": {"kind": "youtube#comment", "id": "U1", "snippet": {
        "textDisplay": "a &amp; b", "textOriginal": "a & b", "authorDisplayName": "@ada", "publishedAt": AT,
        "updatedAt": AT, "videoId": "v"}}},
    "replies": {"comments": [{"kind": "youtube#comment", "id": "U1.r", "snippet": {
        "parentId": "U1", "textOriginal": "да", "authorDisplayName": "@bob", "publishedAt": AT, "videoId": "v"}}]},
}  # fmt: skip
YT_DLP = {
    "id": "v", "title": "Fog", "description": "long", "formats": [{"url": "u"}],
    "comments": [{"id": "U1", "text": "a & b", "author": "@ada", "author_id": "C", "parent": "root", "like_count": 0,
                  "timestamp": SECONDS}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        (
            "comments.csv",
            COMMENTS + 'U1,C,2024-03-05T09:15:00+00:00,,v,"{""text"":""a & ""},{""text"":""b""}"\n'
            'U2,C,2024-03-05T09:15:00+00:00,U1,v,"{""text"":""туман""}"\n',
            [("U1", "a & b", "v", None), ("U2", "туман", "U1", None)],
        ),
        ("chat.csv", CHAT + 'x,C,2024-03-05T09:15:00+00:00,0,v,"{""text"":""霧""}"\n', [("x", "霧", None, None)]),
        ("api.json", {"items": [THREAD]}, [("U1", "a & b", "v", "ada"), ("U1.r", "да", "U1", "bob")]),
        ("v.info.json", YT_DLP, [("U1", "a & b", "v", "ada")]),
    ],
)
def test_a_comment_on_youtube_has_one_id_in_every_form(tmp_path, name, content, expected):
    """Takeout, the API and yt-dlp."""
    rows = rows_of(in_file(tmp_path / name, content))
    assert only(rows, "id", "text", "reply_to", "author") == expected
    assert {(row["platform"], row["created_at"].timestamp()) for row in rows} == {("youtube", SECONDS)}


@pytest.mark.parametrize("value", [None, 3, "{broken", "plain", '{"a": 1}', "{" * 3000])
def test_a_comment_that_is_no_pieces_is_itself(value):
    """Nothing is raised."""
    assert text_of_pieces(value) in ("", value)


SHARES = (
    "Date,ShareLink,ShareCommentary,SharedUrl,MediaUrl,Visibility\n"
    "2024-03-05 09:15:00,https://www.linkedin.com/feed/update/urn%3Ali%3Ashare%3A7170000000000000001,"
    '"Fog.""\n""""\n""Туман",,,MEMBER_NETWORK\n'
    "2024-03-05 09:15:00,https://www.linkedin.com/feed/update/urn%3Ali%3AugcPost%3A7170000000000000002,"
    '"霧 ""と"" 海\nline",,,MEMBER_NETWORK\n'
    "2024-03-05 09:15:00,https://www.linkedin.com/feed/update/urn%3Ali%3Ashare%3A7170000000000000003,,x,,X\n"
)


def test_linkedins_posts_lose_the_marks_around_their_line_breaks(tmp_path):
    """Where every break has them; a link without words is left out."""
    rows, rejected, notices = collected(in_file(tmp_path / "Shares.csv", SHARES), author="ada")
    assert rejected == []
    assert only(rows, "platform", "id", "author", "text") == [
        ("linkedin", "7170000000000000001", "ada", "Fog.\n\nТуман"),
        ("linkedin", "7170000000000000002", "ada", '霧 "と" 海\nline'),
    ]
    assert any("one post was left out" in notice for notice in notices)
    comments = "Date,Link,Message\n2024-03-05 09:15:00,https://www.linkedin.com/feed/update/urn%3Ali%3Aactivity%3A7170000000000000001,Ja\n"
    ((platform, text, answered),) = only(
        rows_of(in_file(tmp_path / "Comments.csv", comments)), "platform", "text", "reply_to"
    )
    assert (platform, text, answered) == ("linkedin", "Ja", "7170000000000000001")
    others = in_file(tmp_path / "other.csv", "Date,Link,Message\n2024-03-05,https://example.org/1,yes\n")
    assert only(rows_of(others), "platform", "text") == [("file", "yes")]


@pytest.mark.parametrize(
    ("dialect", "record", "expected"),
    [
        (
            "hacker-news",
            {"objectID": "40", "author": "ada", "created_at_i": SECONDS, "comment_text": "a &amp; <i>b</i>",
             "story_id": 39, "parent_id": 39, "title": None},
            {"id": "40", "text": "a &amp; <i>b</i>", "text_format": "html", "is_reply": True, "reply_to": "39"},
        ),
        (
            "hacker-news",
            {"by": "ada", "id": 39, "time": SECONDS, "title": "Ask: <fog>?", "text": "<p>霧", "type": "story"},
            {"id": "39", "text": "Ask: &lt;fog&gt;?<p><p>霧", "is_reply": False, "conversation_id": "39"},
        ),
        (
            "hacker-news",
            {"by": "ada", "id": 39, "time": SECONDS, "title": "R&D", "type": "story", "url": "https://example.org"},
            {"text": "R&D", "text_format": "plain"},
        ),
        (
            "stack-exchange",
            {"question_id": 7, "owner": {"display_name": "A &amp; B", "user_id": 1}, "creation_date": SECONDS,
             "title": "&quot;fog&quot;", "body": "<p>?</p>", "link": "https://stackoverflow.com/q/7"},
            {"id": "stackoverflow.com/7", "author": "A & B", "text": '<p>"fog"</p><p>?</p>', "is_reply": False},
        ),
        (
            "stack-exchange",
            {"answer_id": 8, "question_id": 7, "owner": {"link": "https://ru.stackoverflow.com/users/1"},
             "creation_date": SECONDS, "body": "<p>туман</p>"},
            {"id": "ru.stackoverflow.com/8", "reply_to": "ru.stackoverflow.com/7", "is_reply": True},
        ),
        (
            "stack-exchange",
            {"Id": "8", "PostTypeId": "2", "ParentId": "7", "CreationDate": "2024-03-05T09:15:00.000",
             "Body": "<p>霧</p>", "OwnerUserId": "1"},
            {"id": "8", "author": "1", "reply_to": "7", "text_format": "html"},
        ),
        (
            "meta-api",
            {"id": "18", "media_product_type": "THREADS", "media_type": "TEXT_POST", "username": "ada",
             "text": "หมอก", "timestamp": "2024-03-05T09:15:00+0000", "is_reply": True, "replied_to": {"id": "17"}},
            {"platform": "threads", "id": "18", "author": "ada", "is_reply": True, "reply_to": "17"},
        ),
        (
            "meta-api",
            {"id": "17", "caption": "霧", "media_type": "IMAGE", "timestamp": "2024-03-05T09:15:00+0000",
             "permalink": "https://www.instagram.com/p/C0a/"},
            {"platform": "instagram", "text": "霧", "url": "https://www.instagram.com/p/C0a/"},
        ),
        (
            "meta-api",
            {"id": "3100", "shortcode": "C0a", "taken_at_timestamp": SECONDS, "owner": {"username": "ada"},
             "edge_media_to_caption": {"edges": [{"node": {"text": "туман"}}]}},
            {"platform": "instagram", "id": "3100", "author": "ada", "text": "туман"},
        ),
        (
            "meta-api",
            {"pk": 3100, "code": "C0a", "taken_at": SECONDS, "user": {"username": "ada"}, "caption_text": "туман"},
            {"platform": "instagram", "id": "3100", "author": "ada", "text": "туман"},
        ),
        (
            "meta-api",
            {"id": "12_34", "created_time": "2024-03-05T09:15:00+0000", "message": "fog", "story": "Ada shared a post"},
            {"platform": "facebook", "id": "12_34", "author_id": "12", "text": "fog"},
        ),
        (
            "blog",
            {"id": "1", "url": "https://m.example/1", "content_html": "<p>霧</p>", "date_published": AT},
            {"id": "1", "text": "<p>霧</p>", "text_format": "html"},
        ),
        (
            "blog",
            {"id": "2", "url": "https://m.example/2", "content_text": "туман", "date_published": AT},
            {"text": "туман", "text_format": "plain"},
        ),
        (
            "blog",
            {"uuid": "u", "title": "A & B", "slug": "a", "html": "<p>x</p>", "status": "published", "published_at": AT},
            {"id": "u", "text": "<p>A &amp; B</p><p>x</p>"},
        ),
        (
            "blog",
            {"id": 4, "date_gmt": "2024-03-05T09:15:00", "link": "https://b.example/4", "status": "publish",
             "title": {"rendered": "A &amp; B"}, "content": {"rendered": "<p>หมอก</p>", "protected": False}},
            {"id": "https://b.example/4", "text": "<p>A &amp; B</p><p>หมอก</p>", "is_reply": False},
        ),
        (
            "reviews",
            {"recommendationid": "1", "author": {"steamid": "76"}, "review": "Туман", "timestamp_created": SECONDS},
            {"platform": "steam", "id": "1", "author": "76", "text": "Туман"},
        ),
        (
            "reviews",
            {"type": "Feature", "properties": {"review_text_published": "霧の店", "date": AT}},
            {"platform": "google-maps", "text": "霧の店"},
        ),
        (
            "tiktok",
            {"id": "99", "desc": "หมอก", "createTime": SECONDS, "author": {"uniqueId": "ada"},
             "stats": {"diggCount": 2}},
            {"platform": "tiktok", "id": "99", "author": "ada", "like_count": 2},
        ),
    ],
)  # fmt: skip
def test_a_post_of_a_site(dialect, record, expected):
    """Its own names tell it."""
    assert best_of(record) == (dialect, 1.0)
    ((row, _),) = JsonFormat(dialect, Context()).posts(record)
    assert {key: row.get(key) for key in expected} == expected
    assert row["created_at"].timestamp() == SECONDS


@pytest.mark.parametrize(
    "record",
    [
        {"by": "ada", "id": 1, "time": SECONDS, "type": "comment", "deleted": True},
        {"answer_id": 8, "owner": {}, "creation_date": SECONDS, "link": "https://stackoverflow.com/a/8"},
        {"Id": "8", "PostTypeId": "5", "CreationDate": AT, "Body": "about a tag"},
        {"uuid": "u", "slug": "a", "html": "<p>x</p>", "status": "draft", "published_at": None},
        {"id": 4, "date_gmt": AT, "status": "private", "content": {"rendered": "x"}, "_links": {}},
        {"id": "17", "caption": "", "media_type": "IMAGE", "timestamp": AT, "permalink": "https://instagram.com/p/C"},
        {"id": "12_34", "created_time": AT, "story": "Ada shared a post"},
        {"Book Id": "1", "My Review": "", "My Rating": "4", "Private Notes": "mine alone"},
        {"kind": "youtube#comment", "id": 3, "snippet": []},
    ],
)
def test_drafts_deleted_and_wordless_posts_do_not_land(record):
    """Each with its reason, whatever types stand in it."""
    name, score = best_of(record)
    assert score == 1
    (why,) = JsonFormat(name, Context()).posts(record)
    assert isinstance(why, NotAPost)


def test_private_notes_on_a_book_are_not_kept(tmp_path):
    """Neither in the text nor in the record."""
    text = 'Book Id,Title,My Rating,Date Read,My Review,Private Notes\n1,Fog,4,2024/03/05,"Чудно<br/>да",mine alone\n'
    ((platform, text, raw),) = only(rows_of(in_file(tmp_path / "g.csv", text)), "platform", "text", "raw")
    assert (platform, text) == ("goodreads", "Чудно<br/>да")
    assert "mine alone" not in raw


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.json", [{"Date": "2024-03-05", "From": "bob", "Content": "nobody may read this"}], "TikTok"),
        ("b.json", {"bob": [{"From": "bob", "Media Type": "TEXT", "Content": "霧の秘密", "IsSender": False}]},
         "Snapchat"),
        ("c.json", {"messages": [{"creator": {"name": "A"}, "created_date": "x", "topic_id": "t", "text": "тайна"}]},
         "Google Chat"),
        ("d.jsonl", '{"version":"1","backupTimeMs":"17"}\n{"chatItem":{"standardMessage":{"text":{"body":"тайна"}}}}\n',
         "Signal"),
        ("e.json", {"conversations": [{"MessageList": [
            {"messagetype": "RichText", "originalarrivaltime": AT, "content": "secret words"}]}]}, "Skype"),
        ("f.csv", "CONVERSATION ID,FROM,TO,DATE,CONTENT,FOLDER\n1,Ada,Bob,2024-03-05,a secret,INBOX\n", "LinkedIn"),
        ("g.csv", "From,To,Sent At,Message,Direction\nAda,Bob,x,let us meet,OUTGOING\n", "LinkedIn"),
        ("h.json", [{"title": "Fog", "create_time": 1.0, "mapping": {"a": {"message": {"parts": ["x y"]}}}}],
         "assistant"),
        ("i.json", {"Chat History": [{"text": "nobody may read this", "id": "1"}] * 3}, "direct messages"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("options", [{}, {"author": "Ada", "private": True}, {"format": "posts"}])
def test_messages_of_other_programs_are_private(tmp_path, name, content, what, options):
    """By what they hold, whatever the file is called; no option reads them."""
    with pytest.raises(InputError, match=rf"holds .*{what}.*\. They are private, and no option reads them\."):
        collected(in_file(tmp_path / name, content), **options)
