"""The rule about posts that were edited after they were posted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from curation.rules.base import Dedup


@dataclass(frozen=True, kw_only=True)
class Superseded(Dedup):
    """An earlier version of a post that was edited later; the last version is kept

    X gives every version of a post an id of its own, so that an archive, or two downloads, hold several. The version
    with the largest id is the last. Where a later version never landed, the last one that did is kept. Elsewhere an
    edited post keeps its id: then the latest version that landed counts, and no rule is needed.

    No recipe needs to name this rule: where edited posts have landed, every recipe begins with it. Name it to have it
    elsewhere, or under another name.
    """

    use: ClassVar[str] = "superseded"
    title: ClassVar[str] = "Superseded edits"
    relation: ClassVar[str] = "an earlier version of"
    others: ClassVar[str] = "Earlier versions of it that were removed"
    removed: ClassVar[tuple[str, str]] = ("earlier version", "earlier versions")

    @classmethod
    def reason(cls, parameters: Mapping[str, Any]) -> str:
        return "it is the last version of them that landed"

    def key(self) -> str:
        # Also of posts that name no first version: one that was downloaded before its first edit doesn't know of it.
        return "platform || ':' || coalesce(edit_of, id)"

    def preference(self) -> str:
        moment = "epoch_us(coalesce(edited_at, created_at))"
        return f"-coalesce(TRY_CAST(id AS BIGINT), {moment}, -9223372036854775807)"
