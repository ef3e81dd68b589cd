"""Posts as rows of a list: facts in one line, and one text in which changes and hits are marked.

A row is JSON for the browser, which puts each string into a text node; no string here is HTML. Invisible characters
and those that change the direction of writing are visible signs already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from curation.corpus.grounds import with_grounds
from curation.corpus.pins.pin_file import KEPT, REMOVED, Pins
from curation.corpus.reasons import reason
from curation.recipes.verdict import BY_HAND
from curation.writing.colours import rule_colour
from curation.writing.html import show_unseen
from dashboards.markup import SHOWN, differences, spans_of
from dashboards.queries.post import name_of

#: What a piece of a text is: the same before and after, only before, only after.
SAME, GONE, COME = "", "del", "ins"
#: The sign of a piece that a search found, beside the others: `del mark`.
HIT = "mark"
#: Characters before the first hit of a text whose beginning is left out.
BEFORE_HIT = 80


def rows(
    posts: Sequence[Mapping[str, Any]], rules: Sequence[Mapping[str, Any]], search: str = "", *, most: int = SHOWN
) -> list[dict[str, Any]]:
    """A row for each post, which has all columns of the corpus; `rules` are those of the manifest.

    `search` is marked in the texts. `most` limits the characters of a text; 0 shows all.
    """
    by_name = {rule["name"]: rule for rule in rules}
    return [_row(post, by_name, search, most) for post in with_grounds(rules, posts)]


def _row(post: Mapping[str, Any], rules: Mapping[str, Mapping[str, Any]], search: str, most: int) -> dict[str, Any]:
    matched = list(post["matched"] or ())
    reasons = [show_unseen(reason(rules[name], post) if name in rules else name) for name in matched]
    pieces, more = text_pieces(post["raw_text"], post["text"], search, most)
    author, name = post["author"] or "unknown", post.get("author_name") or ""
    rewriting = [rules[each]["label"] if each in rules else each for each in post["rewritten_by"] or ()]
    return {
        "post": name_of(post),
        "author": show_unseen(author),
        "name": show_unseen(name) if name != author else "",
        "at": f"{post['created_at']:%Y-%m-%d %H:%M}" if post["created_at"] else "no time",
        "platform": show_unseen(post["platform"]),
        "kind": next((word for word in ("repost", "reply", "quote") if post.get(f"is_{word}")), "post"),
        "reasons": reasons,
        "recipe": REMOVED if matched else KEPT,
        "colour": rule_colour(matched[0]) if matched else "",
        "now": KEPT if post["removed_by"] is None else REMOVED,
        "applied": post.get(BY_HAND) or "",
        "original": f"{post['platform']}:{post['duplicate_of']}" if post["duplicate_of"] else "",
        "changed": show_unseen(", ".join(rewriting)),
        "text": pieces,
        "more": more,
    }


def pins_of_rows(rows: Iterable[Mapping[str, Any]], pins: Pins) -> dict[str, dict[str, str]]:
    """The pins of these rows, by the names of the posts."""
    by_name = {
        f"{pin.platform}:{pin.id}": {"want": pin.want, "note": show_unseen(pin.note), "by": show_unseen(pin.by)}
        for pin in pins.pins
    }
    return {row["post"]: by_name[row["post"]] for row in rows if row["post"] in by_name}


def text_pieces(before: str, after: str, search: str = "", most: int = 0) -> tuple[list[list[str]], int]:
    """A text before and after rewriting as pieces `[what, text]`, and how many characters are left out.

    A hit of `search` is looked for in the text after rewriting, else in the one before.
    """
    pieces = [(what, text) for what, text in _compared(before, after) if text]
    if search:
        pieces = _marked(pieces, search)
    lengths = [len(text) for _, text in pieces]
    first = next((sum(lengths[:number]) for number, (what, _) in enumerate(pieces) if HIT in what), 0)
    begin = max(0, first - BEFORE_HIT) if most and first > most - BEFORE_HIT else 0
    end = begin + most if most else sum(lengths)
    shown: list[list[str]] = [[SAME, "… "]] if begin else []
    at = 0
    for what, text in pieces:
        if part := text[max(0, begin - at) : max(0, end - at)]:
            shown.append([what, show_unseen(part)])
        at += len(text)
    return shown, max(0, at - end)


def _compared(before: str, after: str) -> Iterator[tuple[str, str]]:
    if before == after:
        yield SAME, after
        return
    for same, gone, come in differences(before, after):
        if same:
            yield SAME, come
        else:
            yield GONE, gone
            yield COME, come


def _marked(pieces: list[tuple[str, str]], search: str) -> list[tuple[str, str]]:
    """The pieces, cut where a hit begins or ends."""
    for other, column in ((GONE, "text"), (COME, "raw_text")):  # `other` is what this text does not have
        whole = "".join(text for what, text in pieces if what != other)
        if hits := spans_of(whole, search, column):
            return list(_cut(pieces, hits, other))
    return pieces


def _cut(pieces: list[tuple[str, str]], hits: list[tuple[int, int]], other: str) -> Iterator[tuple[str, str]]:
    at = 0
    for what, text in pieces:
        if what == other:
            yield what, text
            continue
        begin, end = at, at + len(text)
        for low, high in hits:
            low, high = max(low, at), min(high, end)
            if low >= high:
                continue
            if low > at:
                yield what, text[at - begin : low - begin]
            yield f"{what} {HIT}".strip(), text[low - begin : high - begin]
            at = high
        if at < end:
            yield what, text[at - begin :]
        at = end
