"""Names of files that hold what is private: messages, e-mail, telephone numbers, contacts. They are never opened.

An archive or a folder that somebody downloaded holds such files beside their posts. Nobody can tell from the outside
what is in them, so the name decides, in whole words: `direct-messages.js`, `inbox/message_1.json`, `phoneNumbers.csv`.
Whoever names such a file by itself has decided to give it.
"""

from __future__ import annotations

import re

_WORDS = frozenset((
    "message", "messages", "messaging", "msg", "msgs", "dm", "dms", "inbox",
    "inboxes", "chat", "chats", "sms", "mms", "mail", "mails", "mailbox",
    "mbox", "email", "emails", "gmail", "phone", "phones", "telephone", "contact",
    "contacts", "addressbook", "vcard", "password", "passwords", "login", "logins", "payment",
    "payments",
))  # fmt: skip
#: `sentEmails` and `SMSLog` are several words.
_WORD = re.compile(r"DMs(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")
_LONGEST = 1024
#: Folders of an export of Slack that hold conversations of two or of a few.
_DIRECT = re.compile(r"D0[0-9A-Z]{7,9}|mpdm-.{1,200}")


def is_private(name: str) -> bool:
    """Whether a path within an archive or a folder, with `/`, names something private.

    >>> is_private("data/direct-messages.js"), is_private("posts/2024.csv"), is_private("myEmails.json")
    (True, False, True)
    """
    if any(_DIRECT.fullmatch(part) for part in name[:_LONGEST].split("/")[:-1]):
        return True
    return any(word.casefold() in _WORDS for word in _WORD.findall(name[:_LONGEST]))


def is_litter(name: str) -> bool:
    """Whether a path names what a system leaves behind: hidden files, macOS's and Windows' additions."""
    parts = name.split("/")
    return any(part.startswith(".") or part == "__MACOSX" for part in parts) or parts[-1] in (
        "Thumbs.db",
        "desktop.ini",
    )
