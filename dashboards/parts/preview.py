"""What would land, as `curation collect --dry-run` tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from curation.writing.html import escaped
from dashboards.markup import SHOWN, block, plain, table
from dashboards.parts.figures import metric_row

#: Notices in sight; the others are folded.
NOTICES = 4


def draw(result: Mapping[str, Any]) -> None:
    """Draw a preview of files."""
    for file in result["files"]:
        what = f"**{plain(str(file['file']))}**: {plain(str(file.get('what') or file.get('error')))}."
        if closed := file.get("closed"):
            what += f" {closed:,} other files in it stay closed: private messages, e-mail, phone number."
        st.markdown(what)
    authors, first, last = result["authors"], result["first"], result["last"]
    whose = str(authors[0]["name"]) if result["author_count"] == 1 else f"{result['author_count']:,}"
    metric_row(
        ("Posts", f"{result['posts']:,}", "Records that are posts. One that is in the files twice lands once."),
        ("Author" if result["author_count"] == 1 else "Authors", plain(whose), "Whose posts they are."),
        ("From", (first or "–")[:10], "The earliest post, UTC."),
        ("To", (last or "–")[:10], "The latest post, UTC."),
        ("Can't be read", f"{result['rejected_count']:,}", "Records that would be left out."),
    )
    if result["author_count"] > 1:
        with st.expander("Posts by author"):
            st.html(table(["Author", "Posts"], [[str(each["name"]), f"{each['posts']:,}"] for each in authors]))
    if result["rejected_count"]:
        reasons = [[f"{each['count']:,}", each["why"], each["where"]] for each in result["reasons"]]
        st.html(table(["Records", "Why they can't be read", "The first"], reasons))
    if result["without_time"]:
        st.caption(f"{result['without_time']:,} posts have no time.")
    notices = [str(notice) for notice in result["notices"]]
    for notice in notices[:NOTICES]:
        st.caption(plain(notice))
    if len(notices) > NOTICES:
        with st.expander(f"{len(notices) - NOTICES:,} more notices"):
            for notice in notices[NOTICES:]:
                st.caption(plain(notice))
    with st.expander("The first posts", expanded=True):
        st.html("".join(_post(post) for post in result["samples"]))


def _post(post: Mapping[str, Any]) -> str:
    at = (post["created_at"] or "no time").replace("T", " ")[:16]
    kind = "repost" if post["is_repost"] else "reply" if post["is_reply"] else "post"
    author = escaped(post["author"] or "unknown")
    head = f'<div class="meta"><strong><bdi>@{author}</bdi></strong> · {escaped(at)} · {kind}</div>'
    return head + block(escaped(post["text"], SHOWN))
