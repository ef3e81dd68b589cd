"""A post as every dialect writes it, invented; the seeds of the files that are mutated."""

from __future__ import annotations

from typing import Any

#: Words in several scripts, with what rules look at.
WORDS = (
    "Three herons stood in the shallows all morning https://example.org/a?b=c&d",
    "ثلاث قطط تنام تحت الطاولة ولا تستيقظ",
    "三匹の猫がテーブルの下で眠っていて、起きようとしない。",
    "Под столом спят три кошки &amp; одна собака @mira #pond",
    "แมวสามตัวนอนอยู่ใต้โต๊ะ 👨‍👩‍👧‍👦",
)

TIME = "2024-03-05T10:00:00.000Z"


def records(number: int = 1) -> dict[str, list[dict[str, Any]]]:
    """Records by dialect, some of them in several forms; `number` changes ids and words."""
    text, other = WORDS[number % len(WORDS)], WORDS[(number + 1) % len(WORDS)]
    id = str(1764580000000000000 + number * 7919)
    user = {"id": 900 + number, "id_str": str(900 + number), "screen_name": "mira", "name": "Mira Ito", "username": "mira"}
    tweet = {
        "id_str": id, "id": int(id), "full_text": text, "created_at": "Tue Mar 05 10:00:00 +0000 2024",
        "user": user, "favorite_count": "3", "retweet_count": 1, "lang": "en", "source": '<a href="x">App</a>',
        "in_reply_to_status_id_str": "176", "in_reply_to_screen_name": "tovi", "is_quote_status": False,
        "display_text_range": [0, len(text)], "entities": {"urls": [{"url": "https://t.co/a", "expanded_url": "https://example.org", "indices": [0, 14]}]},
        "retweeted_status": None, "edit_info": {"initial": {"editTweetIds": [id], "editableUntil": "1709632800000"}},
    }  # fmt: skip
    result = {
        "__typename": "Tweet", "rest_id": id, "legacy": {**tweet, "user_id_str": "901"}, "views": {"count": "12"},
        "core": {"user_results": {"result": {"__typename": "User", "rest_id": "901", "legacy": user}}},
        "note_tweet": {"note_tweet_results": {"result": {"id": "n", "text": other}}},
    }  # fmt: skip
    status = {
        "id": id, "uri": f"https://social.example/users/mira/statuses/{id}", "created_at": TIME, "content": f"<p>{text}</p>",
        "account": {"id": "4", "acct": "mira@social.example", "username": "mira", "display_name": "Mira"},
        "visibility": "public", "reblog": None, "favourites_count": 2, "reblogs_count": 0, "replies_count": 1,
        "in_reply_to_id": None, "sensitive": False, "spoiler_text": "", "language": "en", "mentions": [], "tags": [],
        "url": f"https://social.example/@mira/{id}", "edited_at": None, "poll": {"options": [{"title": "yes"}]},
    }  # fmt: skip
    feed = {
        "uri": f"at://did:plc:abc/app.bsky.feed.post/{id}", "cid": "bafy", "author": {"did": "did:plc:abc", "handle": "mira.example", "displayName": "Mira"},
        "record": {
            "$type": "app.bsky.feed.post", "text": f"{text} example.org/lo...", "createdAt": TIME, "langs": ["en"],
            "facets": [{"index": {"byteStart": 0, "byteEnd": 5}, "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/long"}]}],
            "reply": {"parent": {"uri": "at://did:plc:x/app.bsky.feed.post/1"}, "root": {"uri": "at://did:plc:x/app.bsky.feed.post/1"}},
        }, "likeCount": 1, "repostCount": 0, "replyCount": 0, "indexedAt": TIME,
    }  # fmt: skip
    snscrape = {
        "_type": "snscrape.modules.twitter.Tweet", "url": f"https://twitter.com/mira/status/{id}", "date": "2024-03-05T10:00:00+00:00",
        "content": text, "rawContent": text, "renderedContent": text, "id": int(id), "likeCount": 1, "retweetCount": 0, "replyCount": 0,
        "user": {"_type": "snscrape.modules.twitter.User", "username": "mira", "id": 901, "displayname": "Mira"}, "lang": "en",
        "retweetedTweet": None, "quotedTweet": None, "inReplyToTweetId": None, "conversationId": int(id), "sourceLabel": "App",
    }  # fmt: skip
    twscrape = {**snscrape, "_type": "snscrape.modules.twitter.Tweet", "id_str": id, "user": {**snscrape["user"], "id_str": "901"}}
    site = {"_type": "snscrape.modules.telegram.TelegramPost", "url": "https://t.me/s/reeds/7", "date": TIME, "content": text, "outlinks": []}
    return {
        "snscrape": [snscrape],
        "twscrape": [twscrape],
        "snscrape-sites": [
            site,
            {"_type": "snscrape.modules.weibo.Post", "url": "https://weibo.com/1/a", "id": id, "user": {"screenname": "mira", "uid": 1}, "createdAt": TIME, "text": text},
            {"_type": "snscrape.modules.mastodon.Toot", "url": "https://social.example/@mira/1", "id": "1", "content": text, "date": TIME, "user": {"account": "mira@social.example"}},
            {"_type": "snscrape.modules.facebook.FacebookPost", "cleanUrl": "https://facebook.com/1", "url": "https://facebook.com/1", "date": TIME, "content": text},
        ],
        "tweet": [{"tweet": {k: v for k, v in tweet.items() if k != "user"}}, tweet],
        "x-api": [{
            "data": {"id": id, "text": text, "author_id": "901", "created_at": TIME, "edit_history_tweet_ids": [id], "lang": "en",
                     "public_metrics": {"like_count": 1, "retweet_count": 0, "reply_count": 0, "quote_count": 0},
                     "referenced_tweets": [{"type": "replied_to", "id": "176"}], "note_tweet": {"text": other}},
            "includes": {"users": [{"id": "901", "username": "mira", "name": "Mira"}], "tweets": [{"id": "176", "text": other, "author_id": "901"}]},
        }],
        "graphql": [result, {"data": {"user": {"result": {"timeline": {"instructions": [{"entries": [{"entryId": "tweet-1", "content": {"itemContent": {"tweet_results": {"result": result}}}}]}]}}}}}],
        "web-exporter": [{"id": id, "created_at": "2024-03-05 10:00:00 +00:00", "full_text": text, "media": [], "screen_name": "mira", "name": "Mira",
                          "profile_image_url": "https://example.org/p", "user_id": "901", "in_reply_to": None, "retweeted_status": None, "quoted_status": None,
                          "favorite_count": 1, "retweet_count": 0, "reply_count": 0, "quote_count": 0, "bookmark_count": 0, "views_count": 7, "favorited": False,
                          "retweeted": False, "bookmarked": False, "url": f"https://x.com/mira/status/{id}", "metadata": {"legacy": tweet}}],
        "mastodon": [status, {**status, "reblog": {**status, "id": "9"}}],
        "mastodon-archive": [{
            "id": f"https://social.example/users/mira/statuses/{id}/activity", "type": "Create", "actor": "https://social.example/users/mira", "published": TIME,
            "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": [],
            "object": {"id": f"https://social.example/users/mira/statuses/{id}", "type": "Note", "content": f"<p>{text}</p>", "published": TIME, "attributedTo": "https://social.example/users/mira",
                       "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": [], "inReplyTo": None, "sensitive": False, "summary": None, "tag": [], "contentMap": {"en": text}},
        }, {"id": "a", "type": "Announce", "actor": "https://social.example/users/mira", "published": TIME, "object": "https://other.example/1", "to": ["https://www.w3.org/ns/activitystreams#Public"]}],
        "bluesky": [{"post": feed, "reply": {"parent": feed}, "reason": {"$type": "app.bsky.feed.defs#reasonRepost", "by": feed["author"], "indexedAt": TIME}}, feed],
        "bluesky-repository": [{**feed["record"], "uri": feed["uri"]}],
        "telegram": [{"id": number, "type": "message", "date": "2024-03-05T10:00:00", "date_unixtime": "1709632800", "from": "The Reeds", "from_id": "channel17",
                      "text": [text, {"type": "bold", "text": other}], "text_entities": [{"type": "plain", "text": text}], "forwarded_from": None, "reply_to_message_id": 3}],
        "meta": [
            {"media": [{"uri": "a.jpg", "creation_timestamp": 1709632800, "title": "Trois hÃ©rons", "media_metadata": {}}], "title": "", "creation_timestamp": 1709632800},
            {"timestamp": 1709632800, "data": [{"post": text}], "title": "Mira updated her status.", "attachments": []},
            {"timestamp": 1709632800, "data": [{"comment": {"timestamp": 1709632800, "comment": text, "author": "Mira"}}], "title": "Mira commented."},
        ],
        "reddit": [
            {"id": "1abc", "name": "t3_1abc", "title": "Herons", "selftext": text, "author": "mira", "subreddit": "ponds", "created_utc": 1709632800, "score": 3, "num_comments": 1, "permalink": "/r/ponds/1abc", "over_18": False},
            {"id": "2abc", "name": "t1_2abc", "body": text, "author": "mira", "subreddit": "ponds", "created_utc": "1709632800", "score": 3, "parent_id": "t3_1abc", "link_id": "t3_1abc"},
        ],
        "discord": [{"id": id, "type": "Default", "timestamp": TIME, "timestampEdited": None, "callEndedTimestamp": None, "isPinned": False, "content": text,
                     "author": {"id": "7", "name": "mira", "discriminator": "0000", "nickname": "Mira", "isBot": False}, "attachments": [], "embeds": [], "reactions": [],
                     "mentions": [], "reference": {"messageId": "1", "channelId": "2", "guildId": "3"}}, {"ID": id, "Timestamp": "2024-03-05 10:00:00", "Contents": text, "Attachments": ""}],
        "whatsapp": [{"date": "05/03/2024", "time": "10:00", "author": "Mira", "text": text}],
        "weibo": [
            {"created_at": "Tue Mar 05 18:00:00 +0800 2024", "id": int(id), "idstr": id, "mid": id, "mblogid": "abc", "text_raw": text, "text": f"<a href='x'>{text}</a>", "user": {"id": 1, "idstr": "1", "screen_name": "mira"},
             "reposts_count": 1, "comments_count": "100万+", "attitudes_count": 0, "source": "iPhone", "retweeted_status": {"id": 1, "idstr": "1", "text_raw": other, "user": {"id": 2}}},
            {"id": id, "bid": "abc", "user_id": "1", "screen_name": "mira", "text": text, "topics": "", "at_users": "", "created_at": "2024-03-05 18:00", "attitudes_count": 1, "comments_count": 0, "reposts_count": 0, "source": "App", "retweet_id": ""},
        ],
        "zeeschuimer": [{"nav_index": "1", "item_id": id, "timestamp_collected": 1709632800000, "source_platform": "twitter.com", "source_platform_url": "https://x.com", "source_url": "https://x.com/a", "user_agent": "b", "data": result},
                        {"item_id": id, "timestamp_collected": 1709632800000, "source_platform": "instagram.com", "data": {"id": "1_2", "caption": {"text": text}, "user": {"username": "mira", "pk": 2}, "taken_at": 1709632800, "code": "a"}},
                        {"item_id": id, "timestamp_collected": 1709632800000, "source_platform": "tiktok.com", "data": {"id": id, "desc": text, "author": {"uniqueId": "mira"}, "createTime": 1709632800}}],
        "4cat": [{"id": id, "thread_id": id, "timestamp": "2024-03-05 10:00:00", "unix_timestamp": "1709632800", "link": "https://x.com/a", "body": text, "author": "mira", "author_fullname": "Mira", "author_id": "901",
                  "collected_from_url": "https://x.com", "like_count": "1", "hashtags": "", "subject": ""}],
        "gallery-dl": [{"category": "twitter", "subcategory": "timeline", "tweet_id": int(id), "retweet_id": 0, "quote_id": 0, "reply_id": 0, "conversation_id": int(id), "content": text, "date": "2024-03-05 10:00:00",
                        "author": {"id": 901, "name": "mira", "nick": "Mira"}, "user": {"id": 901, "name": "mira", "nick": "Mira"}, "favorite_count": 1, "lang": "en"},
                       {"category": "tumblr", "subcategory": "user", "id": 3, "body": f"<p>{text}</p>", "date": "2024-03-05", "blog": {"name": "mira"}}],
        "posts": [
            {"id": id, "author": "mira", "created_at": TIME, "text": text, "lang": "en", "likes": 3, "post_type": "post", "text_format": "plain", "is_reply": False},
            {"postId": id, "authorHandle": "@mira", "author": {"handle": "mira", "displayName": "Mira"}, "publishedAt": 1709632800000, "content": text, "metrics": {"likes": "1.2K"}, "replyToId": "1"},
            {"Tweet": text, "Date": "5 Mar 2024", "User": "mira"},
        ],
    }  # fmt: skip
