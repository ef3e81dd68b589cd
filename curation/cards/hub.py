"""Sends a card and its files to the Hugging Face Hub, only on request and with the user's own token.

A new repository is private; the user makes it public on the Hub. All files go in one commit, so the card always matches
the files beside it. Nothing is deleted.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from curation.errors import CurationError, RefusedError, UsageError

#: The name of a repository on the Hub.
REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
CARD = "README.md"


def check(repository: str) -> None:
    """Raise `UsageError` before any work if sending can't succeed."""
    if not REPOSITORY.fullmatch(repository):
        raise UsageError(f"--push {repository}: write it as owner/name, as on the Hub.")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # it is read at import; nothing but the card is to be sent
    try:
        import huggingface_hub  # noqa: F401
    except ImportError as error:
        raise UsageError(
            "--push needs the package huggingface_hub, which is not installed. Install it with: "
            f"{sys.executable} -m pip install huggingface_hub"
        ) from error


def push(repository: str, kind: str, text: str, files: Mapping[str, Path]) -> str:
    """Send a card of the kind `dataset` or `model`, and files by name, to `owner/name`; gives the commit's address.

    Raises `UsageError` for another name, `RefusedError` without a token, `CurationError` if the Hub refuses.
    """
    check(repository)
    from huggingface_hub import CommitOperationAdd, HfApi, errors, get_token
    from huggingface_hub.utils.tqdm import disable_progress_bars

    token = get_token()
    if not token:
        raise RefusedError(
            "Nothing was sent: there is no token for the Hub. Make one with write access on "
            "https://huggingface.co/settings/tokens, and say it with `hf auth login`, or in the environment as "
            "HF_TOKEN."
        )
    disable_progress_bars()
    api = HfApi(token=token)
    try:
        api.create_repo(repository, repo_type=kind, private=True, exist_ok=True)
        contents: list[tuple[str, Any]] = [(CARD, text.encode("utf-8", "backslashreplace"))]
        contents += files.items()
        operations = [CommitOperationAdd(path_in_repo=name, path_or_fileobj=content) for name, content in contents]
        message = "A card, and the files that it describes" if files else "A card"
        return api.create_commit(repository, operations, commit_message=message, repo_type=kind).commit_url
    # `HTTPError` is that of the library's own client, which re-exports it; it covers a machine that can't be reached.
    # `ValueError` is a name or a front matter that the Hub doesn't take.
    except (errors.HTTPError, ValueError, OSError, RuntimeError) as error:  # type: ignore[attr-defined]
        raise CurationError(f"Nothing was published at {repository}: {_why(error)}") from error


def _why(error: Exception) -> str:
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status == 401:
        return "the Hub doesn't know the token. Say another one with `hf auth login`, or as HF_TOKEN."
    if status == 403:
        return "the token may not write there. Name a repository of yours, or take a token with write access."
    first = str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
    if status:
        return f"the Hub answered {status} ({first}). Try again later."
    if isinstance(error, ValueError):
        return f"{first}."
    return f"the Hub can't be reached ({first}). Try again later; --out writes the card to a file."
