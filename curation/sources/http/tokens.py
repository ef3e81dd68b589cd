"""Tokens for servers, from a file or the environment. They go into a request and nowhere else."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from curation.errors import UsageError

#: Characters of a token file that are read; the longest tokens in use have some thousand.
LONGEST = 16_384
#: What a header may hold: printable ASCII without a blank.
_TOKEN = re.compile(r"[!-~]+")
_BEARER = re.compile(r"bearer[ \t]+", re.IGNORECASE)


def token_from(names: Sequence[str], token_file: Path | None) -> str | None:
    """The token in `token_file`, else in the first environment variable of `names` that is set; None without any.

    Without blanks around it and a `Bearer ` before it. No error shows the token or a part of it.
    Raises `UsageError` for a file that is empty or can't be read, and for what can't be a token.
    """
    if token_file is not None:
        return _checked(_read(token_file), f"--token-file {token_file}")
    name = next((name for name in names if os.environ.get(name, "").strip()), None)
    return _checked(os.environ[name], f"The environment's {name}") if name else None


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8-sig") as file:
            text = file.read(LONGEST + 1)
    except OSError as error:
        raise UsageError(f"--token-file {path} can't be read: {error.strerror or 'no reason given'}.") from error
    except ValueError:
        # Without a cause: a decoding error carries the bytes that it was given.
        raise UsageError(f"--token-file {path} holds no text, so no token.") from None
    if not text.strip():
        raise UsageError(f"--token-file {path} is empty: write the token into it, on one line.")
    return text


def _checked(text: str, where: str) -> str:
    token = text.strip()
    token = token[begin.end() :].strip() if (begin := _BEARER.match(token)) else token
    if len(text) > LONGEST:
        wrong = f"more than {LONGEST:,} characters"
    elif not token or token.lower() == "bearer":
        wrong = "the word Bearer and nothing after it"
    elif len(token.split()) > 1:
        wrong = "blanks or several lines"
    elif not _TOKEN.fullmatch(token):
        wrong = "characters that no token has"
    else:
        return token
    raise UsageError(f"{where} holds {wrong}: it should hold the token alone, on one line.")
