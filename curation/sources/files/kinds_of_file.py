"""What a file is by the bytes that it begins with, and the way on where no post can be read from it.

One table for everybody who says what a file seems to be. Only bytes at fixed places and the first words of a text are
looked at: a file may come from a stranger, and nothing of what it claims about itself is trusted or searched through.
"""

from __future__ import annotations

from curation.sources.files.kinds_of_text import OtherKind, kind_of_xml, kinds_of_text_file

#: Bytes of a beginning that are looked at for words (a page, a recipe).
WORDS = 4096

_SQLITE = (
    "list its tables with: sqlite3 {file} .tables, then: sqlite3 -header -csv {file} 'select * from TABLE' > posts.csv"
)
_SHEET = "open it in a spreadsheet, save the sheet as CSV (UTF-8) and collect that"
_AS_TEXT = "copy its posts into a text file, one a line, and collect that with --format lines"
_UNPACK = "unpack it with `{unpack}`, and collect what comes of it"
_NO_POSTS = "there is no post in it to collect"


def _pandas(read: str) -> str:
    to_json = "to_json('posts.jsonl', orient='records', lines=True)"
    return f'turn it into JSON lines: python -c "import pandas; pandas.{read}.{to_json}"'


_WORKBOOK = OtherKind("an Excel workbook", _SHEET)
_OFFICE = OtherKind("an Office document", _SHEET)
_DOCUMENT = OtherKind("a text document", _AS_TEXT)
_OLD_OFFICE = OtherKind("an old Office document", _SHEET)
_MAIL = OtherKind("a mailbox of e-mail", "e-mail is private, so that it is never read; " + _NO_POSTS)
_PAGE = OtherKind(
    "a web page", "what a browser saves holds only what was shown: export the posts as JSON or CSV instead"
)

#: Bytes at a place, and what they mean. The first that fits counts.
_MAGIC: tuple[tuple[int, bytes, OtherKind], ...] = (
    (0, b"\x89PNG", OtherKind("a PNG picture", _NO_POSTS)),
    (0, b"\xff\xd8\xff", OtherKind("a JPEG picture", _NO_POSTS)),
    (0, b"GIF8", OtherKind("a GIF picture", _NO_POSTS)),
    (0, b"II*\x00", OtherKind("a TIFF picture", _NO_POSTS)),
    (0, b"MM\x00*", OtherKind("a TIFF picture", _NO_POSTS)),
    (0, b"RIFF", OtherKind("a sound, video or WebP picture", _NO_POSTS)),
    (0, b"OggS", OtherKind("a sound or a video", _NO_POSTS)),
    (0, b"ID3", OtherKind("a sound", _NO_POSTS)),
    (0, b"fLaC", OtherKind("a sound", _NO_POSTS)),
    (0, b"\x1aE\xdf\xa3", OtherKind("a video", _NO_POSTS)),
    (4, b"ftyp", OtherKind("a video or a HEIC picture", _NO_POSTS)),
    (0, b"%PDF", OtherKind("a PDF document", _AS_TEXT)),
    (0, b"%!PS", OtherKind("a PostScript document", _AS_TEXT)),
    (0, b"{\\rtf", OtherKind("an RTF document", _AS_TEXT)),
    (0, b"\x7fELF", OtherKind("a program", _NO_POSTS)),
    (0, b"MZ\x90\x00", OtherKind("a program", _NO_POSTS)),
    (0, b"\xd0\xcf\x11\xe0", _OLD_OFFICE),
    (0, b"SQLite format 3\x00", OtherKind("an SQLite database", _SQLITE)),
    (
        8,
        b"DUCK",
        OtherKind("a DuckDB database", "duckdb {file} \"copy TABLE to 'posts.parquet'\" and collect that"),
    ),
    (0, b"PGDMP", OtherKind("a dump of PostgreSQL", "restore it, and export the table with \\copy … csv header")),
    (0, b"\x00\x01\x00\x00Standard Jet DB", OtherKind("an Access database", "export its table as CSV (UTF-8)")),
    (0, b"\x00\x01\x00\x00Standard ACE DB", OtherKind("an Access database", "export its table as CSV (UTF-8)")),
    (0, b"PARE", OtherKind("an encrypted Parquet file", "write it again without encryption")),
    (0, b"ORC", OtherKind("an ORC file", _pandas("read_orc('{file}')"))),
    (
        0,
        b"Obj\x01",
        OtherKind("an Avro file", "turn it into JSON lines: java -jar avro-tools.jar tojson {file} > posts.jsonl"),
    ),
    (
        0,
        b"\x93NUMPY",
        OtherKind(
            "an array of NumPy",
            "save its texts one a line (numpy.savetxt with fmt='%s') and collect that with --format lines",
        ),
    ),
    (0, b"\x89HDF\r\n\x1a\n", OtherKind("an HDF5 file", _pandas("read_hdf('{file}')"))),
    (
        0,
        b"RDX",
        OtherKind("data of R", "in R: load('{file}'), then write.csv(NAME, 'posts.csv', row.names = FALSE)"),
    ),
    (
        0,
        b"RDA",
        OtherKind("data of R", "in R: load('{file}'), then write.csv(NAME, 'posts.csv', row.names = FALSE)"),
    ),
    (
        0,
        b"X\n\x00\x00\x00",
        OtherKind("an object of R (.rds)", "in R: write.csv(readRDS('{file}'), 'posts.csv', row.names = FALSE)"),
    ),
    (
        0,
        b"A\n2\n",
        OtherKind("an object of R (.rds)", "in R: write.csv(readRDS('{file}'), 'posts.csv', row.names = FALSE)"),
    ),
    (0, b"$FL", OtherKind("an SPSS file", _pandas("read_spss('{file}')"))),
    (0, b"<stata_dta>", OtherKind("a Stata file", _pandas("read_stata('{file}')"))),
    (8, b"\x00\x00\x00\x00\xc2\xea\x81\x60", OtherKind("a SAS file", _pandas("read_sas('{file}')"))),
    (0, b"7z\xbc\xaf\x27\x1c", OtherKind("a 7z archive", _UNPACK.replace("{unpack}", "7z x {file}"))),
    (0, b"Rar!", OtherKind("a RAR archive", _UNPACK.replace("{unpack}", "unrar x {file}"))),
    (
        0,
        b"\x04\x22\x4d\x18",
        OtherKind("a file compressed with LZ4", _UNPACK.replace("{unpack}", "lz4 -d {file}")),
    ),
    (
        0,
        b"\x1f\x9d",
        OtherKind("a file compressed with compress", _UNPACK.replace("{unpack}", "uncompress {file}")),
    ),
    (0, b"LZIP", OtherKind("a file compressed with lzip", _UNPACK.replace("{unpack}", "lzip -d {file}"))),
    (0, b"!<arch>\n", OtherKind("a library or a package", _NO_POSTS)),
    (0, b"WARC/", OtherKind("a web archive (WARC)", "extract its pages' JSON with: warcio extract {file} OFFSET")),
    (0, b"bplist00", OtherKind("a property list of macOS", "turn it into JSON: plutil -convert json {file}")),
    (
        0,
        b"version https://git-lfs.github.com/spec/",
        OtherKind("a pointer to a large file that was not downloaded", "get the file itself: git lfs pull"),
    ),
    (0, b"-- SQLite", OtherKind("a dump of SQL", "load it into a database and export the table as CSV")),
    (0, b"-- MySQL dump", OtherKind("a dump of MySQL", "load it into a database and export the table as CSV")),
    (0, b"-- MariaDB dump", OtherKind("a dump of MariaDB", "load it into a database and export the table as CSV")),
    (0, b"BEGIN:VCARD", OtherKind("a file of contacts", "contacts are private, so that they are never read")),
    (0, b"BEGIN:VCALENDAR", OtherKind("a calendar", _NO_POSTS)),
    (0, b"From ", _MAIL),
    (0, b"Return-Path:", _MAIL),
    (0, b"Delivered-To:", _MAIL),
    (0, b"From: <Saved by", _PAGE),
    (0, b"MIME-Version:", _PAGE),
)

#: Files of one of these beginnings are torrents: a dictionary whose first key is one of a torrent's.
_TORRENT = (b"d8:announce", b"d13:announce-list", b"d4:info", b"d7:comment", b"d10:created by", b"d13:creation date")
#: Kinds that show by the ending of a name, where the first bytes say little.
_BY_ENDING = {
    ".dta": (b"qrstuvw", OtherKind("a Stata file", _pandas("read_stata('{file}')"))),
    ".npz": (b"P", OtherKind("arrays of NumPy", "save its texts one a line and collect that with --format lines")),
}

#: Kinds of zip, by the name of a member.
_ZIPS: tuple[tuple[str, OtherKind], ...] = (
    ("xl/workbook.xml", _WORKBOOK),
    ("xl/workbook.bin", _WORKBOOK),
    ("word/document.xml", OtherKind("a Word document", _AS_TEXT)),
    ("ppt/presentation.xml", OtherKind("a presentation", _AS_TEXT)),
    (
        "Index/Document.iwa",
        OtherKind("a document of Numbers, Pages or Keynote", "export it as CSV (UTF-8) and collect that"),
    ),
    (
        "Index.zip",
        OtherKind("a document of Numbers, Pages or Keynote", "export it as CSV (UTF-8) and collect that"),
    ),
    ("[Content_Types].xml", _OFFICE),
    ("META-INF/container.xml", OtherKind("an e-book", _AS_TEXT)),
    ("META-INF/MANIFEST.MF", OtherKind("a program", _NO_POSTS)),
    ("AndroidManifest.xml", OtherKind("a program", _NO_POSTS)),
    (
        "data.pkl",
        OtherKind("a file of PyTorch", "it can run code when it is read: export its texts as JSON lines"),
    ),
)
_OPEN_DOCUMENTS = {
    b"spreadsheet": OtherKind("an OpenDocument spreadsheet", _SHEET),
    b"text": _DOCUMENT,
    b"presentation": OtherKind("a presentation", _AS_TEXT),
}


def kinds_of_file() -> list[OtherKind]:
    """Every kind that is recognised, in the order of the tables."""
    kinds = [kind for _, _, kind in _MAGIC]
    kinds += [kind for _, kind in _BY_ENDING.values()]
    return [*kinds, *(kind for _, kind in _ZIPS), *_OPEN_DOCUMENTS.values(), *kinds_of_text_file()]


def is_compressed(head: bytes) -> str | None:
    """How a file that begins so is compressed: `gzip`, `bzip2`, `xz`, `zstd`; None for one that is not."""
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"BZh") and head[3:4].isdigit() and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90"):
        return "bzip2"
    if head.startswith(b"\xfd7zXZ\x00"):
        return "xz"
    # A skippable frame may stand before the first one of zstd.
    if head.startswith(b"\x28\xb5\x2f\xfd") or (head[1:4] == b"\x2a\x4d\x18" and 0x50 <= head[0] <= 0x5F):
        return "zstd"
    return None


def is_zip(head: bytes) -> bool:
    """Whether a file begins as a zip does, an empty one or a split one too."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"))


def is_tar(head: bytes) -> bool:
    """Whether a file begins as a tar does: by its mark or, in the oldest form, by the checksum of its first header."""
    if head[257:262] == b"ustar":
        return True
    if len(head) < 512 or not head[0] or head[0] in b"{[<" or head[100:148].strip(b"0123456789 \x00"):
        return False
    written = head[148:156].strip(b" \x00")
    if not written or not all(byte in b"01234567" for byte in written):
        return False
    return int(written, 8) == sum(head[:148]) + sum(head[156:512]) + 8 * 32


def is_columnar(head: bytes) -> str | None:
    """`Parquet`, `Arrow`, `an Arrow stream` or `Feather` by the first bytes; None for anything else."""
    if head.startswith(b"PAR1"):
        return "Parquet"
    if head.startswith(b"ARROW1"):
        return "Arrow"
    if head.startswith(b"FEA1"):
        return "Feather"
    if head.startswith(b"\xff\xff\xff\xff") and len(head) >= 16 and 16 <= int.from_bytes(head[4:8], "little") < 1 << 24:
        return "Arrow stream"
    return None


def kind_of_head(head: bytes, name: str = "") -> OtherKind | None:
    """What a file is that begins with `head` and holds no text to read; None for one that may hold posts."""
    for place, magic, kind in _MAGIC:
        if head.startswith(magic, place):
            return kind
    if head.startswith(_TORRENT):
        return OtherKind("a torrent", "download what it names, and collect the files: it holds no posts itself")
    if len(head) > 2 and head[0] == 0x80 and head[1] in (2, 3, 4, 5) and head[2] in b"\x95}]c(q\x8c\x00XU":
        return OtherKind("a pickle of Python", "it can run code when it is read, so that it never is; " + _PICKLE)
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    if ending in _BY_ENDING and head[:1] in [bytes([byte]) for byte in _BY_ENDING[ending][0]]:
        return _BY_ENDING[ending][1]
    start = head[:WORDS].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<!-- saved from", b"<head", b"<body")):
        return _PAGE
    if document := kind_of_xml(start):
        return document
    if any(line.strip() == b"[[rule]]" for line in head.splitlines()):
        return OtherKind("a recipe", "run it with: curation run {file}")
    return None


_PICKLE = "if you trust it, " + _pandas("read_pickle('{file}')")


def kind_of_zip(names: set[str], head: bytes) -> OtherKind | None:
    """What a zip with members of these names is if it is the form of some document; None for an archive."""
    if head[30:38] == b"mimetype" and b"mimetypeapplication/" in head[:200]:
        written = head[:200]
        for word, kind in _OPEN_DOCUMENTS.items():
            if b"opendocument." + word in written:
                return kind
    if {"mimetype", "content.xml"} <= names:
        return _OPEN_DOCUMENTS[b"spreadsheet"]
    for member, kind in _ZIPS:
        if member in names:
            return kind
    if names and all(name.endswith(".npy") for name in names):
        return _BY_ENDING[".npz"][1]
    return None
