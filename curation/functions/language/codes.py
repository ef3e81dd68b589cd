"""One spelling for codes of languages: ISO 639-1 if possible (`en`); `zh-cn` and `zh-tw` by script."""

from __future__ import annotations

import re

from curation import sql

UNDETERMINED = "und"

#: Other spellings of platforms and libraries. X still uses the codes of Indonesian, Hebrew and Yiddish from before
#: 1989; langdetect and X have one code for the two written forms of Norwegian.
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

#: Codes for a post without a language: `zxx` and `mul` of ISO 639-2; X uses `art` and `qam` to `qst`.
_NO_LANGUAGE = (UNDETERMINED, "zxx", "mul", "mis", "art")
_PRIVATE = "^q[a-t][a-z]$"  # codes for private use in ISO 639-2


def normal_code(code: str) -> str:
    """A code in our spelling.

    >>> normal_code("IW"), normal_code("pt_BR"), normal_code("nb-NO")
    ('he', 'pt-br', 'no')
    """
    code = code.strip().lower().replace("_", "-")
    return SAME.get(code) or SAME.get(code.partition("-")[0], code)


def means_no_language(code: str) -> bool:
    """Whether a normal code means no language, an unknown one, or several."""
    return code in ("", *_NO_LANGUAGE) or re.search(_PRIVATE, code) is not None


def platform_language(lang: str) -> str:
    """SQL: the normal code of the expression `lang`, the platform's own code; NULL if it names no language."""
    code = f"replace(lower(trim({lang})), '_', '-')"
    cases = " ".join(f"WHEN {sql.literal(old)} THEN {sql.literal(new)}" for old, new in SAME.items())
    whole = f"CASE {code} {cases} END"
    first = f"CASE {base_code(code)} {cases} ELSE {code} END"
    nothing = f"{code} IN ({', '.join(map(sql.literal, ('', *_NO_LANGUAGE)))}) OR {sql.matches(code, _PRIVATE)}"
    return f"CASE WHEN NOT ({nothing}) THEN coalesce({whole}, {first}) END"


def base_code(code: str) -> str:
    """SQL: the language in the expression `code`: `zh` of `zh-cn`."""
    # Not `split_part`: DuckDB 2.0 fails to compare it with a value if a column has only NULLs.
    return f"regexp_extract({code}, '^[^-]*')"
