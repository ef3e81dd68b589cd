"""Why a record gives no post: something is wrong with it, or something else is in a post's place."""

from __future__ import annotations


class NotAPost(Exception):  # noqa: N818 - the record is at fault, not the program
    """A record can't be made a post; the message is one clause that says why."""


class LeftOutRecord(NotAPost):
    """Something is in a post's place: a notice, a tombstone, an advertisement.

    Nothing is wrong with the record, so it is counted instead of rejected. The message is the reason, one clause for
    all of a kind.
    """
