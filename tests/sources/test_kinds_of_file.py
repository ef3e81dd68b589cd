"""What holds no posts to read is named by its first bytes, with the way on."""

from __future__ import annotations

import contextlib
import gzip
import io
import pickle
import re
import zipfile

import pytest

from curation.errors import InputError
from curation.sources.file import FileSource
from curation.sources.files.kinds_of_file import kind_of_log


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
        (b"--\n-- Dump\n--\n\nINSERT INTO x (id, text, author) VALUES (1, 'a', 'b');\n", "a dump of SQL.*as CSV"),
        (b"/*!40101 SET NAMES utf8 */;\nCREATE TABLE `x` (id int, text text);\n", "a dump of SQL.*as CSV"),
        (b"<table><tr><th>id</th><th>text</th></tr></table>", "a web page"),
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
        (b"/annex/objects/SHA256E-s12--ab.jsonl\n", "git annex get"),
        (b'<?xml version="1.0"?><rss xmlns:wp="http://wordpress.org/export/1.2/">', "WordPress.*--map text=encoded"),
        (b"<rss version='2.0'><channel>", "a feed .RSS.*--map text=description"),
        (b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">', "a feed .Atom.*python -c"),
        (b'<?xml version="1.0"?>\n<posts>\n<row Id="4"/>', "Stack Exchange.*posts.jsonl"),
        (b'<?xml version="1.0"?><posts><post><text>tea</text></post></posts>', "an XML document; export"),
        (b'<?xml version="1.0"?><smses count="1">', "text messages.*never read"),
        (b'<?xml version="1.0"?><opml version="2.0">', "a list of feeds.*no post"),
        (b'<?xml version="1.0"?><map/>', "an XML document.*JSON or CSV"),
        (
            "[LINE] ボブとのトーク履歴\n2024/03/05(火)\n09:15\tエイダ\t霧\n".encode(),
            "a chat of LINE.*private.*--format lines",
        ),
        ("안개 님과 카카오톡 대화\n저장한 날짜 : 2024년\n".encode(), "a chat of KakaoTalk.*private"),
        (b"--- Log opened Tue\n09:15 <@ada> fog\n09:16 < bob> yes\n", "a log of IRC.*private"),
        ("[09:15:01] <ada> туман\n[09:15:09] *** eve joined\n".encode(), "a log of IRC"),
    ],
)
def test_a_kind_is_named_with_the_way_on(tmp_path, data, words):
    """By its bytes, whatever it is called; the line to type names the file."""
    (tmp_path / "posts").write_bytes(data)
    with pytest.raises(InputError, match=words) as raised:
        list(FileSource([tmp_path / "posts"]).pages())
    assert str(tmp_path / "posts") in str(raised.value)


def test_the_line_for_an_export_makes_json_lines_that_are_read(tmp_path):
    """WordPress' and Stack Exchange's XML, with the command that the message names."""
    wp = "http://wordpress.org/export/1.2/"
    name = f'xmlns:content="c" xmlns:excerpt="{wp}excerpt/" xmlns:wp="{wp}"'
    row = '<row Id="4" PostTypeId="1" CreationDate="2024-03-05T09:15:00" Body="หมอก"/>'
    item = "<item><title>霧</title><content:encoded>туман</content:encoded><excerpt:encoded>x</excerpt:encoded></item>"
    for document, options, texts in (
        (f'<?xml version="1.0"?><rss {name}><channel>{item * 2}</channel></rss>', {"text": "encoded"}, ["туман"] * 2),
        (f'<?xml version="1.0"?><posts>{row}</posts>', {}, ["หมอก"]),
    ):
        (tmp_path / "export.xml").write_text(document, encoding="utf-8")
        with pytest.raises(InputError) as raised:
            list(FileSource([tmp_path / "export.xml"]).pages())
        code = re.search(r'python -c "(.*)" > posts\.jsonl', str(raised.value))[1]
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(code, {})
        (tmp_path / "posts.jsonl").write_text(printed.getvalue(), encoding="utf-8")
        pages = FileSource([tmp_path / "posts.jsonl"], columns=options).pages()
        assert [text for page in pages for text in page.posts.column("text").to_pylist()] == texts


@pytest.mark.parametrize("text", ["09:15 fog\n09:16 rain\n", "[1] <b>bold</b>\n", "LINE is down\nagain\n"])
def test_lines_that_only_look_a_little_like_a_log_are_none(text):
    """A clock, a tag, a name."""
    assert kind_of_log(text) is None
