"""Codes of languages, written one way: ISO 639-1 where there is one (`en`), `zh-cn` and `zh-tw` by script."""

from __future__ import annotations

import re

from curation import sql

UNDETERMINED = "und"

#: Codes that mean the same, as platforms and libraries spell them. X still writes Indonesian, Hebrew and Yiddish in
#: the way that was given up in 1989; of the two written forms of Norwegian, langdetect and X know one code.
SAME = {
    "in": "id",
    "iw": "he",
    "ji": "yi",
    "jw": "jv",
    "mo": "ro",
    "fil": "tl",
    "nb": "no",
    "nn": "no",
    "zh-hans": "zh-cn",
    "zh-sg": "zh-cn",
    "zh-hant": "zh-tw",
    "zh-hk": "zh-tw",
}

#: What platforms say of a post without a language: `zxx` and `mul` of ISO 639-2; X says `art` and `qam` to `qst`.
_NO_LANGUAGE = (UNDETERMINED, "zxx", "mul", "mis", "art")
_PRIVATE = "^q[a-t][a-z]$"  # codes that ISO 639-2 leaves to private use


def normal_code(code: str) -> str:
    """A code as it is written here.

    >>> normal_code("IW"), normal_code("pt_BR"), normal_code("nb-NO")
    ('he', 'pt-br', 'no')
    """
    code = code.strip().lower().replace("_", "-")
    return SAME.get(code) or SAME.get(code.partition("-")[0], code)


def means_no_language(code: str) -> bool:
    """Whether a normal code says that there is no language, none that is known, or none in particular."""
    return code in ("", *_NO_LANGUAGE) or re.search(_PRIVATE, code) is not None


def platform_language(lang: str) -> str:
    """SQL: what the expression `lang` says, as it is written here; NULL where it says nothing."""
    code = f"replace(lower(trim({lang})), '_', '-')"
    cases = " ".join(f"WHEN {sql.literal(old)} THEN {sql.literal(new)}" for old, new in SAME.items())
    whole = f"CASE {code} {cases} END"
    first = f"CASE {base_code(code)} {cases} ELSE {code} END"
    nothing = f"{code} IN ({', '.join(map(sql.literal, ('', *_NO_LANGUAGE)))}) OR {sql.matches(code, _PRIVATE)}"
    return f"CASE WHEN NOT ({nothing}) THEN coalesce({whole}, {first}) END"


def base_code(code: str) -> str:
    """SQL: the part of the expression `code` that names the language: `zh` of `zh-cn`."""
    # Not `split_part`: DuckDB 2.0 fails to compare that with a value where a column holds nothing but NULL.
    return f"regexp_extract({code}, '^[^-]*')"
