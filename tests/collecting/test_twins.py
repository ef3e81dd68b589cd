"""The same posts in two files, where one of the files names no platform."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import polars as pl

from curation.collecting.land import land
from curation.sources.file import FileSource
from curation.sources.records.snowflakes import FIRST_MILLISECOND, are_of_x

TIME = datetime(2023, 5, 6, 7, 8, 9, tzinfo=UTC)


def x_id(time: datetime, low: int = 77) -> str:
    return str((int(time.timestamp() * 1000) - FIRST_MILLISECOND << 22) + low)


POSTS = [(TIME + timedelta(hours=n), text) for n, text in enumerate(["туман", "霧", "หมอก", "fog"])]


def table(path, ids):
    rows = [f'{post_id},{time:%Y-%m-%d %H:%M:%S},"{text}"' for post_id, (time, text) in zip(ids, POSTS, strict=True)]
    path.write_text("\n".join(["id,date,text", *rows, ""]), encoding="utf-8")
    return path


def test_ids_that_hold_their_own_times_are_of_x(tmp_path):
    """So a table without a word on tweets meets the same posts from elsewhere."""
    ids = [x_id(time) for time, _ in POSTS]
    lines = [{"id": i, "created_at": t.isoformat(), "text": x, "user": {"screen_name": "ada"}, "retweet_count": 3}
             for i, (t, x) in zip(ids, POSTS, strict=True)]  # fmt: skip
    jsonl = tmp_path / "tweets.jsonl"
    jsonl.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    data = tmp_path / "data"
    first = land(data, FileSource([jsonl]))
    second = land(data, FileSource([table(tmp_path / "t.csv", ids)]))
    assert (first.landed, second.landed, second.already_had) == (4, 0, 4)
    assert set(pl.read_parquet(data / "raw/*/*.parquet")["platform"]) == {"x"}


def test_other_ids_prove_nothing():
    """Ids at odds with their times, short ones, and a single pair."""
    day = timedelta(days=1)
    assert are_of_x((x_id(time), time) for time, _ in POSTS)
    assert not are_of_x((x_id(time + day), time) for time, _ in POSTS)
    assert not are_of_x([(x_id(TIME), TIME)])
    assert not are_of_x([("17", TIME), (None, TIME), (x_id(TIME), None), ("x" * 18, TIME)])


def test_posts_that_are_here_under_another_platform_are_said(tmp_path):
    """They count twice, and nobody could see why."""
    ids = [f"90000000000000{n:02}" for n in range(4)]
    data, file = tmp_path / "data", table(tmp_path / "t.csv", ids)
    land(data, FileSource([file], platform="threads"))
    notices = land(data, FileSource([file])).notices
    assert any("4 posts have the ids of some that is here as a post of threads" in notice for notice in notices)
    notices = land(data, FileSource([file], platform="tumblr")).notices
    assert any("from t.csv without a platform" in notice for notice in notices)
