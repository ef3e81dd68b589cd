"""The script that a user would write: `baseline` as a Python loop over the landed posts.

It does what the recipe does, with the same libraries, one post after the other, and holds the posts in memory.
`python -m benchmarks.naive_baseline WORKSPACE OUT` prints `posts kept`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import ftfy
import polars as pl

LINK = re.compile(r"(?:[ \t]*(?:https?://|\bwww\.)[!#-;=?-~]*[A-Za-z0-9/_=&#%~+$@*-])+[ \t]*", re.IGNORECASE)
NOT_WORDS = re.compile(r"https?://\S+|[@#]\w+")
EACH_A_WORD = r"[\u3005-\u3007\u3040-\u309f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
WORD = re.compile(
    rf"{EACH_A_WORD}|[\u30a0-\u30ff\uff66-\uff9f]+|(?:(?!{EACH_A_WORD}|[\u30a0-\u30ff])\w)+(?:['’.:](?!{EACH_A_WORD})\w+)*"
)
EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")
PHONE = re.compile(r"(?<![\w.])(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,4}\)[ .-]?|\d{2,4}[ .-])\d{3}[ .-]\d{4}(?!\w)")
ADDRESS = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
ENCODINGS_ONLY = ftfy.TextFixerConfig(
    unescape_html=False, remove_terminal_escapes=False, fix_latin_ligatures=False, fix_character_width=False,
    uncurl_quotes=False, fix_line_breaks=False, fix_surrogates=False, remove_control_chars=False, normalization=None,
)  # fmt: skip


def clean(text: str) -> str:
    """The text after the transforms."""
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    text = ftfy.fix_text(text, ENCODINGS_ONLY)
    for pattern, mask in ((EMAIL, "[email]"), (PHONE, "[phone]"), (ADDRESS, "[ip]")):
        text = pattern.sub(mask, text)
    text = LINK.sub(" ", text).strip()
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def main(workspace: Path, out: Path) -> None:
    """Curate every post of a workspace into one Parquet file, removed ones with the reason."""
    columns = ["platform", "id", "author", "created_at", "text", "is_repost", "landing"]
    posts = pl.concat([pl.read_parquet(path, columns=columns) for path in sorted(workspace.glob("raw/*/*.parquet"))])
    latest = {(post["platform"], post["id"]): post for post in posts.iter_rows(named=True)}
    seen: dict[tuple[str, str], str] = {}
    rows = []
    for post in sorted(latest.values(), key=lambda p: (p["created_at"], len(p["id"]), p["id"])):
        text = clean(post["text"])
        words = len(WORD.findall(NOT_WORDS.sub(" ", text)))
        key = (post["author"], " ".join(text.lower().split()))
        removed_by = duplicate_of = None
        if post["is_repost"] or post["text"].startswith("RT @"):
            removed_by = "retweet"
        elif words < 3:
            removed_by = "min_words"
        elif key in seen:
            removed_by, duplicate_of = "exact_duplicate", seen[key]
        else:
            seen[key] = post["id"]
        verdict = {"removed_by": removed_by, "min_words": words, "duplicate_of": duplicate_of}
        rows.append({**post, "text": text, "raw_text": post["text"], **verdict})
    pl.DataFrame(rows, infer_schema_length=None).write_parquet(out)
    print(len(rows), sum(row["removed_by"] is None for row in rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
