"""Queries of the details of one post: columns, measures, steps, copies, and posts joined to it."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.corpus.corpus import PLACE
from curation.disk.workspace import Workspace
from curation.rules import RuleBook, installed
from curation.writing.html import UNSEEN
from dashboards.snapshot import Snapshot

if TYPE_CHECKING:
    from curation.corpus.explain import Explanation

#: Copies or parts of a post that the page shows.
SHOWN = 20
#: Columns that the page shows elsewhere, so that the table leaves them out.
APART = frozenset(
    {"_part", "_row", "text", "raw_text", "matched", "removed_by", "by_hand", "rewritten_by", "duplicate_of"}
)


@dataclass(frozen=True)
class Others:
    """Posts that relate to a post in one way."""

    posts: list[dict[str, Any]]  # the first ones
    number: int  # of all of them


def name_of(post: Mapping[str, Any]) -> str:
    """The name of a post in an address: platform:id."""
    return f"{post['platform']}:{post['id']}"


def find(snapshot: Snapshot, name: str) -> dict[str, Any] | None:
    """The post of this name, platform:id, with all columns of the corpus; None without one."""
    platform, _, post_id = name.partition(":")
    row = snapshot.query("SELECT * FROM posts WHERE id = ? AND platform = ? LIMIT 1", [post_id, platform])
    return row.to_dicts()[0] if row.height else None


def meaning(rule: Mapping[str, Any], book: RuleBook) -> str:
    """What a rule removes or rewrites: the first line of its docstring; empty for an unknown rule."""
    kind = book.rules.get(rule["use"])
    return (inspect.getdoc(kind) or "").partition("\n")[0].replace("`", "") if kind else ""


def columns(post: Mapping[str, Any], rules: list[dict[str, Any]]) -> dict[str, Any]:
    """The raw columns with a value, without those that the page shows elsewhere."""
    of_rules = {column for rule in rules for column in rule["columns"]}
    return {name: value for name, value in post.items() if value is not None and name not in APART | of_rules}


def copies(snapshot: Snapshot, post: Mapping[str, Any], most: int = SHOWN, *, parts: bool = False) -> Others:
    """The posts removed for this one, earliest first; with `parts`, the posts joined to it instead."""
    joining = [rule["name"] for rule in snapshot.corpus.rules if installed().class_of(rule).joins]
    # A part that is kept by hand is joined all the same; such a copy is not removed.
    those = "list_contains(?, matched[1])" if parts else "NOT list_contains(?, removed_by)"
    frame = snapshot.query(
        f"SELECT *, count(*) OVER () AS number FROM posts WHERE duplicate_of = ? AND platform = ? AND {those} "
        f"ORDER BY created_at NULLS LAST, {PLACE} LIMIT ?",
        [post["id"], post["platform"], joining, most],
    )
    return Others(frame.drop("number").to_dicts(), frame["number"][0] if frame.height else 0)


def heading(snapshot: Snapshot, copies: Others) -> str:
    """A heading for the posts of `copies`."""
    dedups = [rule for rule in snapshot.corpus.rules if rule["kind"] == "dedup"]
    called = {rule["name"]: kind.removed[1] for rule in dedups if not (kind := installed().class_of(rule)).joins}
    shown = {called[copy["removed_by"]] for copy in copies.posts if copy["removed_by"] in called}
    names = sorted(shown if copies.number == len(copies.posts) else {*called.values()})
    if len(names) > 1:
        return f"Its {' and '.join(names)}"
    return f"{names[0].capitalize()} of it" if names and names != ["copies"] else "Removed as copies of it"


def kept_for(snapshot: Snapshot, post: Mapping[str, Any]) -> dict[str, Any] | None:
    """The post kept instead of this one; None without one."""
    original = post["duplicate_of"]
    return None if original is None else find(snapshot, f"{post['platform']}:{original}")


def explained(space: Workspace, snapshot: Snapshot, post: Mapping[str, Any], book: RuleBook) -> Explanation:
    """The post's steps and its original record.

    Raises `CurationError` if the landings can't be read, or if a rule is unknown.
    """
    from curation.corpus.explain import explain

    def ask() -> Explanation:
        return explain(space, snapshot.corpus, post["id"], platform=post["platform"], book=book)

    return snapshot.keep(("explained", post["platform"], post["id"]), ask, size=20_000 + 8 * len(post["raw_text"]))


def pretty(raw: str | None) -> str:
    r"""A record in JSON, one line per field; unchanged if it is not JSON, empty without one.

    Characters that are invisible or change the direction of writing become JSON escapes: `\u202e`.
    """
    if not raw:
        return ""
    try:
        text = json.dumps(json.loads(raw), ensure_ascii=False, indent=2)
    except ValueError:
        text = raw
    return UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
