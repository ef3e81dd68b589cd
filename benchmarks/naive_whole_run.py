"""The script that a user would write: the rules of `whole_run.toml` as a Python loop, with ftfy and langdetect.

It does to each post what the recipe does, the preparation for langdetect included, whose expressions it takes from
the rule, so that the two can be compared post by post. It stands alone otherwise.
`python -m benchmarks.naive_whole_run WORKSPACE OUT` prints `posts kept seconds cpu`, the times without start and input.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import ftfy
import polars as pl
import regex
from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
from langdetect.lang_detect_exception import LangDetectException

from benchmarks.naive_baseline import ENCODINGS_ONLY
from curation.functions import patterns
from curation.rules import language_words as prepared

KEPT_LANGUAGES = {"en", "nl", "und"}
LEAST_LETTERS = 12


def expression(re2: str) -> regex.Pattern[str]:
    """An expression of RE2, whose word boundaries know ASCII only, for Python."""
    word = "[A-Za-z0-9_]"
    boundary = f"(?:(?<!{word})(?={word})|(?<={word})(?!{word}))"
    spelled = re.sub(r"\\x\{([0-9a-fA-F]+)\}", lambda code: f"\\U{int(code[1], 16):08x}", re2)
    return regex.compile(spelled.replace(r"\b", boundary), regex.V0)


OWN = expression(f"{patterns.LINK}|{patterns.MENTION}|{patterns.TAG}")
NOT_OWN = expression(prepared._NOT_OWN)
ENTITY, NO_LETTERS = expression(prepared._ENTITY), expression(prepared._NO_LETTERS)
LAUGHTER = expression(prepared._LAUGHTER)
ANY_LAUGHTER = expression(f"{prepared._LAUGHTER}|{prepared._LAUGHTER_BEYOND_ASCII}")
CAPITALS = expression(prepared._CAPITALS_BEYOND_ASCII)
DRAWN_OUT = [
    expression("|".join(f"({letter}{letter}){letter}+" for letter in group))
    for group in (*prepared._DRAWN_OUT, *prepared._DRAWN_OUT_BEYOND_ASCII)
]
DENSE = expression(prepared._DENSE)


def clean(text: str) -> str:
    """The text after the transforms."""
    text = text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    text = ftfy.fix_text(text, ENCODINGS_ONLY)
    for scheme in ("http:", "https:"):
        link = rf"{scheme}\S+"
        for removal in (f" {link}", f"{link} ", f"\\n{link} ", f"\\n{link}", link):
            text = re.sub(removal, "", text)
    return " ".join(text.split())


def words(text: str) -> str:
    """What of a text is shown to langdetect."""
    post, text = text, NO_LETTERS.sub(" ", ENTITY.sub(" ", OWN.sub(" ", text)))
    if len(text.replace(" ", "")) < prepared.ENOUGH and ("#" in post or "＃" in post):
        text = NO_LETTERS.sub(" ", NOT_OWN.sub(" ", post))
    text = (LAUGHTER if text.isascii() else ANY_LAUGHTER).sub(" ", text)
    if CAPITALS.search(text):
        text = " ".join(w.lower() if w == w.upper() and len(w) > 1 else w for w in text.split(" "))
    for drawn_out in DRAWN_OUT:
        text = drawn_out.sub(lambda found: next(group for group in found.groups() if group), text)
    return re.sub("  +", " ", text).strip(" ")


def language(factory: DetectorFactory, text: str) -> str:
    """The language of a text, or `und`."""
    shown = words(text)
    letters = len(shown.replace(" ", "")) + 2 * sum(len(run) for run in DENSE.findall(shown))
    if letters < LEAST_LETTERS:
        return "und"
    detector = factory.create()
    detector.seed = 0
    detector.append(shown + " ")
    try:
        answer = detector.detect()
    except LangDetectException:
        return "und"
    return "und" if answer == "unknown" else answer.partition("-")[0]


def main(workspace: Path, out: Path) -> None:
    """Curate every post of a workspace into one Parquet file, removed ones with the reason."""
    factory = DetectorFactory()
    factory.load_profile(PROFILES_DIRECTORY)
    columns = ["platform", "id", "author", "created_at", "text", "is_repost", "landing"]
    posts = pl.concat([pl.read_parquet(path, columns=columns) for path in sorted(workspace.glob("raw/*/*.parquet"))])
    began, used = time.perf_counter(), time.process_time()
    latest = {(post["platform"], post["id"]): post for post in posts.iter_rows(named=True)}
    seen: dict[tuple[str, str], str] = {}
    rows = []
    for post in sorted(latest.values(), key=lambda p: (p["created_at"], len(p["id"]), p["id"])):
        text = clean(post["text"])
        short = sum(not any(sign in word.lower() for sign in ("http", "@", "#")) for word in text.split())
        key = (post["author"], text.lower())
        removed_by = duplicate_of = found = None
        if post["is_repost"] or post["text"].startswith("RT @"):
            removed_by = "retweet"
        elif short < 3:
            removed_by = "min_words"
        elif key in seen:
            removed_by, duplicate_of = "exact_duplicate", seen[key]
        else:
            seen[key] = post["id"]
            found = language(factory, text)
            removed_by = None if found in KEPT_LANGUAGES else "language"
        verdict = {"removed_by": removed_by, "duplicate_of": duplicate_of, "language": found}
        rows.append({**post, "text": text, "raw_text": post["text"], **verdict})
    pl.DataFrame(rows, infer_schema_length=None).write_parquet(out)
    kept = sum(row["removed_by"] is None for row in rows)
    print(len(rows), kept, time.perf_counter() - began, time.process_time() - used)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
