"""What would land, as `curation collect --dry-run` tells it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from curation.writing.html import escaped
from curation.writing.terminal import count
from dashboards.markup import SHOWN, block, plain, table

#: Notices in sight; the others are folded.
NOTICES = 4


def summary(result: Mapping[str, Any]) -> None:
    """Draw what the files are, whose posts, how many and since when, and what can't be read."""
    for file in result["files"]:
        what = f"**{plain(str(file['file']))}**: {plain(str(file.get('what') or file.get('error')))}."
        if closed := file.get("closed"):
            what += f" {closed:,} other files in it stay closed, such as messages, e-mail addresses and phone numbers."
        st.markdown(what)
    authors, several = result["authors"], result["author_count"]
    by = plain(str(authors[0]["name"])) if several == 1 else f"{several:,} authors"
    first, last = (str(result[name] or "")[:10] for name in ("first", "last"))
    when = f", {first} to {last}" if first else ", without times"
    left_out = result["rejected_count"]
    read = f"{count(left_out, 'record')} can't be read." if left_out else "Every record can be read."
    st.markdown(
        f"#### {count(result['posts'], 'post')} by {by}{when}\n{read} A post that is in the files twice counts "
        "twice here and lands once."
    )
    if left_out:
        reasons = [[f"{each['count']:,}", each["why"], each["where"]] for each in result["reasons"]]
        st.html(table(["Records", "Why they can't be read", "The first"], reasons))


def details(result: Mapping[str, Any]) -> None:
    """Draw authors, notices, and the first posts."""
    if result["author_count"] > 1:
        with st.expander("Posts by author"):
            st.html(
                table(["Author", "Posts"], [[str(each["name"]), f"{each['posts']:,}"] for each in result["authors"]])
            )
    if result["without_time"] and result["first"]:
        st.caption(f"{count(result['without_time'], 'post has', 'posts have')} no time.")
    known = {f"{Path(str(file['file'])).name}: read as {file.get('what')}." for file in result["files"]}
    notices = [str(notice) for notice in result["notices"] if notice not in known]
    for notice in notices[:NOTICES]:
        st.caption(plain(notice))
    if len(notices) > NOTICES:
        with st.expander(count(len(notices) - NOTICES, "more notice")):
            for notice in notices[NOTICES:]:
                st.caption(plain(notice))
    with st.expander("The first posts", expanded=True):
        st.html("".join(_post(post) for post in result["samples"]))


def _post(post: Mapping[str, Any]) -> str:
    at = (post["created_at"] or "no time").replace("T", " ")[:16]
    kind = "repost" if post["is_repost"] else "reply" if post["is_reply"] else "post"
    author = escaped(post["author"] or "unknown")
    head = f'<div class="meta"><strong><bdi>@{author}</bdi></strong> · {escaped(at)} · {kind}</div>'
    return f'<article class="sample">{head}{block(escaped(post["text"], SHOWN))}</article>'
