"""Posts and comments of Meta's downloads, whose texts have each byte of UTF-8 as a character."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from curation.sources.dialects import Context
from curation.sources.dialects.meta import Meta, repaired
from curation.sources.records.not_a_post import LeftOutRecord

TIME = datetime(2024, 3, 5, 9, 15, tzinfo=UTC)


def escaped(text: str) -> str:
    """A text as Meta writes it."""
    return text.encode().decode("latin-1")


def read(record: dict[str, Any], **context: Any) -> list[Any]:
    assert Meta.score(record) == 1
    return [
        str(f) if isinstance(f, LeftOutRecord) else f[0] for f in Meta.posts(record, Context(author="ada", **context))
    ]


def comment(text: str) -> dict[str, Any]:
    held = {"Comment": {"value": escaped(text)}, "Media Owner": {"value": "bell"}, "Time": {"timestamp": 1709630100}}
    return {"media_list_data": [], "string_map_data": held}


@pytest.mark.parametrize("text", ["Příliš 🫖", "霧の中で", "туман – да", "plain"])
@pytest.mark.parametrize("shape", ["one", "several", "comment", "facebook", "labels"])
def test_every_shape_gives_its_text_repaired(text, shape):
    """A post with several pictures counts once."""
    media = {"uri": "media/1.jpg", "creation_timestamp": 1709630100, "title": ""}
    shapes: dict[str, dict[str, Any]] = {
        "one": {"media": [{**media, "title": escaped(text)}]},
        "several": {"media": [media, media], "title": escaped(text), "creation_timestamp": 1709630100},
        "comment": comment(text),
        "facebook": {
            "timestamp": 1709630100,
            "title": escaped("Ada updated her status."),
            "data": [{"post": escaped(text)}],
        },
        "labels": {
            "timestamp": 1709630100,
            "label_values": [{"label": "Caption", "value": escaped(text)}],
            "fbid": "7",
        },
    }
    (row,) = read(shapes[shape])
    assert (row["text"], row["created_at"], row["author"]) == (text, TIME, "ada")


def test_a_platform_is_told_by_where_the_posts_lie():
    """The three downloads share shapes."""
    post = {"media": [{"creation_timestamp": 1709630100, "title": "fog"}]}
    assert read(post, path="text_post_app_text_posts[]")[0]["platform"] == "threads"
    assert read(post)[0]["platform"] == "instagram"
    assert (
        read({"timestamp": 1, "data": [{"comment": {"timestamp": 1709630100, "comment": "x", "author": "Ada"}}]})[0][
            "platform"
        ]
        == "facebook"
    )


@pytest.mark.parametrize(
    "record",
    [
        {"media": [{"creation_timestamp": 1, "title": ""}]},
        {"timestamp": 1, "title": "Ada shared a link.", "attachments": [{"data": []}]},
        {"timestamp": 1, "data": [{"update_timestamp": 2}]},
    ],
)
def test_pictures_without_words_are_left_out(record):
    """Facebook's own sentence on what was done is nobody's post."""
    assert read(record) == ["a picture, video or shared link without words of one's own"]


def test_messages_are_never_read_unless_ones_own_are_asked_for():
    """Nothing but one's own words is kept."""
    message = {
        "sender_name": "Ada",
        "timestamp_ms": 1709630100000,
        "content": escaped("č"),
        "reactions": [{"actor": "Bob"}],
    }
    assert "private" in read(message)[0]
    assert read(message, private=True)[0]["text"] == "č"
    assert "somebody else" in read({**message, "sender_name": "Bob"}, private=True)[0]
    ((_, raw),) = Meta.posts(message, Context(author="ada", private=True))
    assert "Bob" not in str(raw)


def test_a_text_that_is_right_in_part_is_repaired_in_part():
    """Some exports mix both."""
    assert repaired("Früher " + escaped("… 霧")) == "Früher … 霧"


@pytest.mark.parametrize("value", ["für", "“x”", "Ã", "ab\u0085"])
def test_what_is_no_such_bytes_stays(value):
    """Newer exports have some texts right already."""
    assert repaired(value) == value
