"""Names of encodings: as a user types them, as Python has them, and as messages show them."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from curation.errors import UsageError, did_you_mean

#: Codecs of Python for texts elsewhere than in files.
_FOR_OTHER_USES = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
#: Names that Python lacks.
_ALIASES = {
    "windows936": "gb18030", "xgbk": "gb18030", "windows949": "cp949", "windows950": "cp950", "windows932": "cp932",
    "xsjis": "cp932", "xeucjp": "euc_jp", "windows874": "cp874", "xmacroman": "mac_roman", "mac": "mac_roman",
    "xmaccyrillic": "mac_cyrillic", "xmacgreek": "mac_greek", "utf8mb4": "utf-8", "utf16": "utf-16", "utf32": "utf-32",
}  # fmt: skip
#: Files under the first name are usually in the second, a superset.
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932", "tis_620": "cp874"}
#: Names to propose for one that doesn't exist.
_PROPOSED = (
    "utf-8", "utf-16", "utf-32", "latin-1", "windows-1250", "windows-1251", "windows-1252", "windows-1253",
    "windows-1254", "windows-1255", "windows-1256", "windows-1257", "windows-1258", "cp874", "gb18030", "gbk", "big5",
    "shift_jis", "euc-jp", "iso-2022-jp", "euc-kr", "cp949", "koi8-r", "koi8-u", "cp866", "iso-8859-2", "iso-8859-5",
    "iso-8859-7", "iso-8859-9", "iso-8859-15", "mac-roman", "mac-cyrillic", "cp437", "cp850", "cp852",
)  # fmt: skip


@dataclass(frozen=True)
class Encoding:
    """How the bytes of a file become text."""

    name: str  # a codec of Python's
    language: str | None = None  # the language that showed it; None when the user named it
    mixed: bool = False  # pieces in UTF-8 stay as they are
    any_utf8: bool = False  # also pieces that may be UTF-8 by chance
    mark: int = 0  # bytes of a byte order mark to leave out
    mark_of: str | None = None  # the encoding of that mark, where it contradicts `name`


def encoding_named(name: str) -> str:
    """Python's name for an encoding that the user typed. Raises `UsageError`."""
    plain = "".join(character for character in name.lower() if character.isalnum())
    try:
        codec = codecs.lookup(_ALIASES.get(plain, name.strip()))
    except (LookupError, ValueError, UnicodeError):
        raise UsageError(f"--encoding {name}: there is no such encoding.{did_you_mean(name, _PROPOSED)}") from None
    codec_name = codec.name.replace("-", "_")
    if not getattr(codec, "_is_text_encoding", True) or codec_name in _FOR_OTHER_USES:
        raise UsageError(f"--encoding {name}: that is no encoding of text files. Such as: {', '.join(_PROPOSED)}.")
    return _WIDER.get(codec_name, codec.name)


def label_of(name: str) -> str:
    """An encoding as it is typed and shown: `koi8-r`, `windows-1251`."""
    if name.startswith("cp125"):
        return f"windows-{name[2:]}"
    return name.replace("iso8859", "iso-8859").replace("iso2022_jp_ext", "iso-2022-jp").replace("_", "-")
