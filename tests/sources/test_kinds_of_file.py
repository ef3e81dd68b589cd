"""What holds no posts to read is named by its first bytes, with the way on."""

from __future__ import annotations

import gzip
import io
import pickle
import zipfile

import pytest

from curation.errors import InputError
from curation.sources.file import FileSource


def zipped(*names: str) -> bytes:
    """A zip of files of these names."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "an Excel workbook.*save the sheet as CSV"),
        (zipped("[Content_Types].xml", "word/document.xml"), "a Word document.*--format lines"),
        (zipped("mimetype", "content.xml", "META-INF/manifest.xml"), "an OpenDocument spreadsheet.*CSV"),
        (zipped("Index/Document.iwa"), "Numbers.*CSV"),
        (zipped("a.npy", "b.npy"), "arrays of NumPy"),
        (b"\xd0\xcf\x11\xe0" + bytes(60), "an old Office document.*CSV"),
        (b"SQLite format 3\0" + bytes(60), "SQLite.*sqlite3 -header -csv .*/posts"),
        (b"ORC" + bytes(60), "ORC.*read_orc"),
        (b"Obj\x01" + bytes(60), "Avro.*tojson"),
        (pickle.dumps({"text": "x"}), "a pickle.*can run code"),
        (b"\x93NUMPY\x01\0", "NumPy"),
        (b"%PDF-1.7\n", "a PDF document.*--format lines"),
        (b"\n<!DOCTYPE html><p>x", "a web page.*JSON or CSV"),
        (b"From ada@example.org Mon\n", "e-mail is private"),
        (b"Rar!\x1a\x07", "RAR.*unrar x"),
        (b"7z\xbc\xaf\x27\x1c", "7z archive.*7z x"),
        (gzip.compress(b"WARC/1.0\r\n"), "WARC"),
        (b"d8:announce3:abce", "a torrent"),
        (b"\x89HDF\r\n\x1a\n", "HDF5.*read_hdf"),
        (gzip.compress(b"X\n\0\0\0\x03"), "object of R.*readRDS"),
        (gzip.compress(b"RDX3\nX\n"), "data of R.*load"),
        (b"$FL2@(#) SPSS", "SPSS.*read_spss"),
        (b"<stata_dta><header>", "Stata.*read_stata"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
    ],
)
def test_a_kind_is_named_with_the_way_on(tmp_path, data, words):
    """By its bytes, whatever it is called; the line to type names the file."""
    (tmp_path / "posts").write_bytes(data)
    with pytest.raises(InputError, match=words) as raised:
        list(FileSource([tmp_path / "posts"]).pages())
    assert str(tmp_path / "posts") in str(raised.value)
