"""Unicode normalization forms; DuckDB has NFC alone, and cuts a text off at its first NUL."""

from __future__ import annotations

import functools
import unicodedata
from typing import Literal

from curation.functions.base import BatchFunction

#: A normalization form of Unicode.
Form = Literal["NFC", "NFD", "NFKC", "NFKD"]


def normalize(texts: list[str], *, form: Form) -> list[str]:
    """Each text in the normalization form `NFC`, `NFD`, `NFKC` or `NFKD`."""
    return [unicodedata.normalize(form, text) for text in texts]


def normalizer(form: Form) -> BatchFunction:
    """The word for one form."""
    version = f"Unicode {unicodedata.unidata_version}"
    return BatchFunction(f"normalize_{form.lower()}", version, "VARCHAR", functools.partial(normalize, form=form))
