"""The script that a user would write: every monthly file of an archive parsed at once, and one `write_parquet`.

`python -m benchmarks.naive_landing FOLDER OUT` prints the number of posts.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path

import polars as pl


def posts_of(path: Path) -> list[dict]:
    """The posts of one monthly file."""
    text = path.read_text(encoding="utf-8")
    posts = []
    for tweet in json.loads(text[text.index("=") + 1 :]):
        created = tweet["created_at"]
        form = "%a %b %d %H:%M:%S %z %Y" if created[0].isalpha() else "%Y-%m-%d %H:%M:%S %z"
        posts.append(
            {
                "id": tweet["id_str"],
                "author": tweet["user"]["screen_name"],
                "created_at": datetime.strptime(created, form),
                "text": tweet.get("full_text") or tweet["text"],
                "is_repost": "retweeted_status" in tweet,
                "raw": json.dumps(tweet, ensure_ascii=False),
            }
        )
    return posts


def main(folder: Path, out: Path) -> None:
    """Land an archive in one Parquet file."""
    posts = [post for path in sorted(folder.rglob("data/js/tweets/*.js")) for post in posts_of(path)]
    pl.DataFrame(posts).write_parquet(out)
    print(len(posts))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
