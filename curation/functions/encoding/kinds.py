"""The kinds of damage that a repair can name; the whole vocabulary of the repair record.

Of the encodings `windows-1252` takes in Latin-1, its part. A text that was read wrongly twice by the same
encoding, one time over the other, has `twice ` before the kind.
"""

from __future__ import annotations

from collections.abc import Iterable

KINDS = {
    "utf-8 as windows-1252": "the usual one: `cafÃ©`, `â€™`, `ðŸ˜€`",
    "utf-8 as windows-1250": "Central European: `VÄ›c`",
    "utf-8 as windows-1251": "Cyrillic: `РџСЂРёРІРµС‚`, `mГ©dia`",
    "utf-8 as windows-1253": "Greek: `β€™`",
    "utf-8 as windows-1254": "Turkish: `Ä±ÅŸÄ±k`",
    "utf-8 as windows-1257": "Baltic: `ā€™`",
    "utf-8 as iso-8859-2": "Central European, before Windows",
    "utf-8 as mac roman": "old Macintosh and spreadsheets on it: `caf√©`, `‚Äô`, `Wi≈õnia`",
    "utf-8 as cp437": "DOS: `caf├⌐`",
    "double damage through mac roman": "`‰Ûª`: UTF-8 read as Windows-1252, saved as Mac Roman, read as Latin-1",
    "mac roman as latin-1": "letters that became control characters: `Coatl\\x87n`",
    "c1 controls": "Windows-1252 read as Latin-1: quotes and dashes that became control characters",
    "blank for no-break space": "a byte A0 within a sequence that became a blank: `voilÃ `",
    "punctuation with losses": "`â?¦`, `“…â€?`: UTF-8 read as Windows-1252, with `?` for what had no character there",
    "other losses": "a sequence that held a U+FFFD, which stands for all of it now",
}

#: The kind by the name that ftfy calls an encoding.
BY_ENCODING = {
    "latin-1": "utf-8 as windows-1252",
    "macroman": "utf-8 as mac roman",
    "iso-8859-2": "utf-8 as iso-8859-2",
    "cp437": "utf-8 as cp437",
    **{f"sloppy-windows-{page}": f"utf-8 as windows-{page}" for page in (1250, 1251, 1252, 1253, 1254, 1257)},
}

#: What may stand before a kind.
TWICE = "twice "


def joined_kinds(kinds: Iterable[str]) -> str:
    """The kinds in order of first occurrence, as the repair record holds them."""
    return ", ".join(dict.fromkeys(kinds))
