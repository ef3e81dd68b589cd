"""The account that the source `x-api` reads: how a person names it, and what X's refusals mean for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from curation.errors import InputError, UsageError
from curation.sources.feed import CursorExpiredError
from curation.sources.http.transport import WebError
from curation.sources.records.any_json import as_record, as_records, string

_HOSTS = frozenset({"x.com", "twitter.com", "www.x.com", "www.twitter.com", "mobile.x.com", "mobile.twitter.com"})
_HANDLE = re.compile(r"[a-z0-9_]{1,15}")
#: First words of X's addresses that are no accounts.
_PAGES = frozenset({"compose", "explore", "hashtag", "home", "i", "intent", "messages", "search", "settings", "share"})
#: Keys of an error with words for people, and characters of them that a message repeats.
_WORDY, _LONGEST = ("title", "detail", "message", "reason"), 300


def handle_of_target(target: str) -> str:
    """The handle that a target names, in lower case: `@Ada`, `https://x.com/ada/status/1`. Raises `UsageError`."""
    named = target.strip()
    if "/" in named:
        try:
            address = urlsplit(named if "://" in named else f"https://{named}")
        except ValueError:
            address = urlsplit("")
        first = address.path.strip("/").partition("/")[0]
        of_x = address.scheme in ("http", "https") and (address.hostname or "") in _HOSTS
        named = first if of_x and first.lower() not in _PAGES else ""
    named = named.removeprefix("@").lower()
    if not _HANDLE.fullmatch(named):
        raise UsageError(
            f"'{target}' names no account on X. Write its handle, such as ada or @ada, or the address of its profile, "
            "such as https://x.com/ada"
        )
    return named


@dataclass(frozen=True)
class XRefusals:
    """What X's error answers about an account mean, in sentences with X's own words."""

    handle: str
    token: str = field(repr=False)  # never shown, even if X's words repeat it

    def error(self, error: WebError, params: Mapping[str, Any]) -> InputError:
        """What a refusal of a request with these parameters means."""
        answer, status = as_record(error.answer), error.status
        reason, problems = self._words(answer), _problems(answer)
        if status == 400 and "pagination_token" in params and "pagination_token" in problems:
            return CursorExpiredError("X does not know its pagination token any more.")
        if status == 401:
            return InputError(
                f"X refuses the token (HTTP 401{reason}). It should be the bearer token of an app, as the developer "
                "console shows it: https://console.x.com"
            )
        if status == 402 or (status == 403 and re.search("credits|spend ?cap", problems)):
            return InputError(
                f"X gives nothing without credits (HTTP {status}{reason}). Buy some or raise the limit in the "
                "developer console, https://console.x.com, then run the same command again."
            )
        if status == 404 or "not-authorized-for-resource" in problems:
            return InputError(self.account_problem(answer))
        if status == 403:
            return InputError(
                f"X does not let this token read posts (HTTP 403{reason}). Its app or plan has no access."
            )
        return InputError(f"{error} X says{reason}." if reason else str(error))

    def account_problem(self, answer: Mapping[str, Any]) -> str:
        """Why an answer has nothing of the account."""
        problems = _problems(answer)
        if "has been suspended" in problems:
            return f"X has suspended the account @{self.handle}, so it gives no posts of it."
        if "not-authorized-for-resource" in problems or "not authorized to see the user" in problems:
            return self.private
        if "not-found" in problems or "could not find user" in problems:
            return f"There is no account @{self.handle} on X. Check how it is written."
        reason = self._words(answer) or ": its answer names neither account nor posts"
        return f"X gives nothing of @{self.handle}{reason}."

    @property
    def private(self) -> str:
        """That the account is private."""
        return (
            f"The account @{self.handle} is private, and this token may not see its posts. Its owner can ask X for "
            "an archive: curation collect x-archive PATH"
        )

    def _words(self, answer: Mapping[str, Any]) -> str:
        """X's own words, as `: title: detail`; empty if there are none."""
        of = next(iter(as_records(answer.get("errors"))), answer)
        words = [string(of.get(key)) for key in _WORDY]
        text = " ".join(": ".join(dict.fromkeys(word for word in words if word)).split()).replace(self.token, "…")
        return f": {text[:_LONGEST].rstrip('.')}" if text else ""


def _problems(answer: Mapping[str, Any]) -> str:
    """All words of an answer about its problems, in lower case."""
    problems = [answer, *as_records(answer.get("errors"))]
    words = [string(problem.get(key)) or "" for problem in problems for key in ("type", *_WORDY)]
    return " ".join([*words, *(name for problem in problems for name in as_record(problem.get("parameters")))]).lower()
