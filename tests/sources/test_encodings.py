"""Files in other encodings than UTF-8: recognised by their texts, read as they are named, or refused."""

from __future__ import annotations

import codecs
import csv
import doctest
import gzip
import io
import json
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.errors import InputError, UsageError
from curation.sources.file import FileSource
from curation.sources.files import encoding_detection, encoding_judge
from curation.sources.files.encoding_names import Encoding, encoding_named, label_of
from curation.sources.files.encoding_profiles import CANDIDATES, PROFILES
from curation.sources.files.recoding import Recoding
from curation.sources.files.text_encoding import decode_head, encoding_of
from curation.sources.files.text_stream import TextStream

if TYPE_CHECKING:
    from pathlib import Path

#: Language → posts invented for these tests, and the encodings that people have them in.
POSTS: dict[str, tuple[list[str], list[str]]] = {
    "Chinese, simplified": (
        [
            "今天下雨，茶馆里没有人，我坐在窗边看书。",
            "昨晚的灯塔又坏了，大家都说是海风的错。",
            "这家店的面条太好吃了！",
        ],
        ["gb18030", "gbk", "gb2312"],
    ),
    "Chinese, traditional": (
        [
            "今天下雨，茶館裡沒有人，我坐在窗邊看書。",
            "昨晚的燈塔又壞了，大家都說是海風的錯。",
            "這家店的麵條太好吃了！",
        ],
        ["big5", "cp950", "gbk"],
    ),
    "Japanese": (
        ["今日は雨で、喫茶店には誰もいなかった。", "昨日の灯台がまた壊れた。海風のせいらしい。", "表を作る予定です"],
        ["cp932", "shift_jis", "euc_jp", "iso2022_jp"],
    ),
    "Korean": (
        [
            "오늘은 비가 와서 찻집에 아무도 없었다.",
            "어제 등대가 또 고장났다. 다들 바닷바람 때문이라고 한다.",
            "국수 진짜 맛있다!",
        ],
        ["cp949", "euc_kr"],
    ),
    "Russian": (
        [
            "Сегодня дождь, в чайной никого не было.",
            "Вчера маяк опять сломался, все винят морской ветер.",
            "ВОДУ ПОЧИНИЛИ",
        ],
        ["cp1251", "koi8_r", "cp866", "iso8859_5", "mac_cyrillic"],
    ),
    "Ukrainian": (
        [
            "Сьогодні дощ, у чайній нікого не було.",
            "Вчора маяк знову зламався, всі винять вітер.",
            "Їхав до ґанку цілий день",
        ],
        ["cp1251", "koi8_u"],
    ),
    "Polish": (
        [
            "Dziś pada i w herbaciarni nie było nikogo.",
            "Latarnia znowu się zepsuła, wszyscy mówią, że to wiatr.",
            "Jaki pyszny!",
        ],
        ["cp1250", "iso8859_2", "cp852"],
    ),
    "Czech": (
        [
            "Dnes prší a v čajovně nikdo nebyl.",
            "Včera se maják zase rozbil, prý za to může mořský vítr.",
            "Půjdeš na trh?",
        ],
        ["cp1250", "iso8859_2"],
    ),
    "Turkish": (
        [
            "Bugün yağmur yağıyor, çay evinde kimse yoktu.",
            "Dün deniz feneri yine bozuldu, herkes rüzgârı suçluyor.",
            "Şişe?",
        ],
        ["cp1254", "iso8859_9"],
    ),
    "Greek": (
        [
            "Σήμερα βρέχει και στο καφενείο δεν ήταν κανείς.",
            "Χθες χάλασε πάλι ο φάρος, όλοι λένε πως φταίει ο αέρας.",
            "Ά!",
        ],
        ["cp1253", "iso8859_7"],
    ),
    "Hebrew": (
        ["היום יורד גשם ולא היה אף אחד בבית התה.", "אתמול המגדלור שוב התקלקל, כולם מאשימים את הרוח.", "איזה אטריות!"],
        ["cp1255", "iso8859_8"],
    ),
    "Arabic": (
        ["اليوم تمطر ولم يكن أحد في المقهى.", "أمس تعطلت المنارة مرة أخرى والجميع يلوم الريح.", "ما ألذ هذه الشعيرية!"],
        ["cp1256", "iso8859_6"],
    ),
    "Thai": (
        ["วันนี้ฝนตก ไม่มีใครอยู่ในร้านน้ำชา", "เมื่อวานประภาคารเสียอีกแล้ว ทุกคนโทษลมทะเล", "ก๋วยเตี๋ยวร้านนี้อร่อยมาก"],
        ["cp874", "tis_620"],
    ),
    "Vietnamese": (
        [
            "Hôm nay trời mưa, không có ai trong quán trà.",
            "Hôm qua ngọn hải đăng lại hỏng, ai cũng đổ tại gió.",
            "Mì ngon quá!",
        ],
        ["cp1258"],
    ),
}
#: Posts in Western letters, which no other table may be seen in.
WESTERN = {
    "German": [
        "Heute regnet es, schöne Grüße aus der Teestube.",
        "Der Leuchtturm ist kaputt – schuld ist natürlich der Wind, für immer.",
    ],
    "French": [
        "Aujourd'hui il n'y avait personne au salon de thé, ça arrive.",
        "Le phare est tombé en panne, où est passée la clé à molette ?",
    ],
    "Spanish": [
        "¿Mañana vas al mercado? Quiero dos peces, señor.",
        "Ayer el faro se dañó otra vez; la niña riñó al gato según mi abuela.",
    ],
    "Icelandic": [
        "Í dag rignir og það var enginn í tehúsinu.",
        "Vitinn bilaði aftur í gær, allir kenna vindinum um það. Þetta er ágætt",
    ],
    "Finnish": [
        "Tänään sataa eikä teehuoneessa ollut ketään.",
        "Majakka meni taas rikki, sitä sanovat että se on tuulen syytä, hyvää yötä",
    ],
    "English": [
        "I don’t know why the lighthouse isn’t working, it’s the wind.",
        "“Two fish,” she said – “that’s all we can do.”",
    ],
}

IN_AN_ENCODING = [(language, encoding) for language, (_, encodings) in POSTS.items() for encoding in encodings]
USUAL = [(language, encodings[0]) for language, (_, encodings) in POSTS.items()]
_TONES = "\u0300\u0301\u0303\u0309\u0323"


def encoded(text: str, encoding: str) -> bytes:
    """As a program would write it; Windows-1258 has a letter's tone behind the letter."""
    if encoding != "cp1258":
        return text.encode(encoding)
    parts = []
    for character in text:
        whole = unicodedata.normalize("NFD", character)
        tone = "".join(mark for mark in whole if mark in _TONES)
        letter = unicodedata.normalize("NFC", "".join(mark for mark in whole if mark not in _TONES))
        parts.append(character if len(character.encode(encoding, "ignore")) else letter + tone)
    return "".join(parts).encode(encoding)


def as_csv(posts: list[str]) -> str:
    file = io.StringIO()
    csv.writer(file).writerows([("id", "text"), *enumerate(posts, 1)])
    return file.getvalue()


LAYOUTS = {
    "posts.csv": as_csv,
    "posts.jsonl": lambda posts: "".join(
        json.dumps({"id": str(n), "text": t}, ensure_ascii=False) + "\n" for n, t in enumerate(posts, 1)
    ),
    "posts.json": lambda posts: json.dumps(
        [{"id": str(n), "text": t} for n, t in enumerate(posts, 1)], ensure_ascii=False
    ),
    "posts.txt": lambda posts: "\n".join(posts) + "\n",
}


class Collected:
    """Everything that a file gave."""

    def __init__(self, path: Path, **options: Any) -> None:
        if path.suffix == ".txt":
            options.setdefault("format", "lines")
        source = FileSource([path], author="ferry", **options)
        pages = list(source.pages())
        self.texts = [post["text"] for page in pages for post in page.posts.to_pylist()]
        self.rejected = [(r.where, r.why) for page in pages for r in page.rejected]
        self.notices = "\n".join(source.notices())


@pytest.fixture
def collect(tmp_path):
    """Write a file and collect it."""

    def collected(data: bytes, name: str = "posts.txt", **options: Any) -> Collected:
        path = tmp_path / name
        path.write_bytes(data)
        return Collected(path, **options)

    return collected


# ---- recognised by the texts


@pytest.mark.parametrize(
    ("language", "encoding", "layout"),
    [
        *((*case, layout) for case in USUAL for layout in list(LAYOUTS)[1:]),
        *((*case, "posts.csv") for case in IN_AN_ENCODING),
    ],
)
def test_two_posts_and_many_land_as_they_were_written(collect, language, encoding, layout):
    """In every layout the texts come out whole, from a file of two posts as from a longer one."""
    posts = POSTS[language][0]
    for some in (posts[:2], posts * 8):
        found = collect(encoded(LAYOUTS[layout](some), encoding), layout)
        assert found.texts == some
        assert not found.rejected
        assert "not UTF-8; read as" in found.notices


@pytest.mark.parametrize("language", WESTERN)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_western_posts_are_read_as_windows_1252_as_ever(collect, language, layout):
    """No other table is seen in Western texts, and nothing is refused."""
    for some in (WESTERN[language], WESTERN[language] * 8, WESTERN[language][:1]):
        found = collect(LAYOUTS[layout](some).encode("cp1252"), layout)
        assert found.texts == some
        assert "Windows-1252" in found.notices


@pytest.mark.parametrize("language", ["German", "French", "Spanish"])
def test_old_tables_of_the_mac_are_recognised_where_the_evidence_is_clear(collect, language):
    """Accents that make no words in Windows-1252 and do in Mac Roman."""
    found = collect("\r".join(WESTERN[language] * 5).encode("mac_roman", "ignore"))
    assert found.texts == [text.encode("mac_roman", "ignore").decode("mac_roman") for text in WESTERN[language] * 5]
    assert "mac-roman" in found.notices


def test_a_header_in_the_encoding_is_mapped_by_its_names(collect):
    """`--map` takes the names as a person reads them."""
    rows = "编号,正文,发布时间\n7,今天下雨，茶馆里没有人,2021-03-04\n8,昨晚的灯塔又坏了,2021-03-05\n"
    found = collect(rows.encode("gbk"), "w.csv", columns={"id": "编号", "text": "正文", "created_at": "发布时间"})
    assert found.texts == ["今天下雨，茶馆里没有人", "昨晚的灯塔又坏了"]
    assert "gb18030 (Chinese)" in found.notices


def test_evidence_far_behind_the_beginning_counts(collect):
    """A file whose first texts are ASCII for longer than its beginning is looked at."""
    plain = ["nothing to see here, just boats and rain"] * 9000
    posts = POSTS["Korean"][0]
    assert collect("\n".join([*plain, *posts]).encode("cp949")).texts[-3:] == posts


def test_a_packed_file_is_recognised_too(collect):
    """What it unpacks to is what is judged."""
    posts = POSTS["Greek"][0]
    assert collect(gzip.compress(as_csv(posts).encode("cp1253")), "posts.csv.gz").texts == posts


def test_second_bytes_that_look_like_ascii_break_nothing(collect):
    """In Shift-JIS a backslash, in GBK a bar and a brace may be the second half of a character."""
    posts = ["表示と予定の能力、ソフトを作る", "貼り紙の{噂}は十|二"]
    for layout, write in LAYOUTS.items():
        assert collect(write(posts).encode("cp932"), layout).texts == posts


# ---- pasted together, damaged, thin


@pytest.mark.parametrize(
    ("language", "encoding"), [("Russian", "koi8_r"), ("Japanese", "cp932"), ("Chinese, simplified", "gbk")]
)
@pytest.mark.parametrize("layout", ["posts.txt", "posts.jsonl", "posts.json"])
def test_lines_of_utf8_stay_right_in_a_file_of_another_encoding(collect, language, encoding, layout):
    """A file that was pasted together is read piece by piece."""
    posts = POSTS[language][0]
    marks = [f"mark {number} here" for number in range(len(posts))]
    data = LAYOUTS[layout]([*marks, *posts]).encode(encoding)
    for mark, post in zip(marks, posts, strict=True):
        data = data.replace(mark.encode(), post.encode())
    found = collect(data, layout)
    assert found.texts == posts + posts
    assert "what is not UTF-8 in it was read as" in found.notices


@pytest.mark.parametrize("language", ["Thai", "Russian", "Chinese, traditional", "Polish"])
@pytest.mark.parametrize("damage", [b"\xe2\x80", b"\x96", b"\xff", b"caf\xe9"])
def test_utf8_with_broken_bytes_stays_utf8(collect, language, damage):
    """Half a character at a cut and stray bytes are read as before; nothing else is touched, nothing refused."""
    posts = POSTS[language][0] * 8
    lines = [post.encode() + (b" " + damage) * (number % 3 == 0) for number, post in enumerate(posts)]
    found = collect(b"\n".join(lines))
    assert [text.split(" ")[0] for text in found.texts] == [post.split(" ")[0] for post in posts]
    assert found.texts[1] == posts[1]
    assert "Windows-1252" in found.notices


@pytest.mark.parametrize(
    "data", [b"caf\xe9\n", b"na\xefve and \x93so\x94\n", b"1 \xbf\n", b"3 \x80 and 5 \xa3\n", b"\xe9\xe8\n"]
)
def test_thin_evidence_is_western(collect, data):
    """A few bytes outside ASCII show no other encoding."""
    assert collect(data).texts == [data.rstrip().decode("cp1252")]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("Dziś nikogo tu nie było".encode("cp1250"), "windows-1250"),
        ("Ma csend van a kikötőben, esik is".encode("cp1250"), "windows-1250"),
        ("Für uns ist es heute müde und grau".encode("cp850"), "cp850"),
    ],
)
def test_few_bytes_that_fit_another_encoding_better_are_read_as_western_with_the_line_to_type(collect, data, name):
    """Nothing is decided by two or three bytes, but a person can."""
    assert f"--encoding {name}" in collect(data).notices


@pytest.mark.parametrize(
    ("posts", "encoding"),
    [
        (
            ["Ma csend van a kikötőben", "Senki sem jött, a macska is alszik", "Megint esik, mégis megyünk"],
            "cp1250",
        ),
        (["Ostā šodien ir kluss", "Neviens nav nācis pie jūras", "Kaķis guļ un laiva ir tālu"], "cp775"),
        (
            ["Azi e liniște și plouă", "Când se întoarce barca, e târziu", "Mâine o să fie soare"],
            "mac_romanian",
        ),
        (["A gaivota não voltou", "Amanhã há sol, então vamos", "A canção é boa, não é?"], "cp860"),
        (["הנמל שקט היום", "החתול ישן על הסירה"], "cp1255"),
        (["Το λιμάνι είναι ήσυχο", "Η γάτα κοιμάται"], "cp869"),
    ],
)
def test_what_only_looks_like_another_language_is_not_read_as_it(collect, posts, encoding):
    """Letters that another language has too, in words that it can't have."""
    assert collect("\n".join(posts * 4).encode(encoding)).texts == posts * 4


def test_a_word_or_two_in_either_of_two_scripts_are_refused(tmp_path):
    """Eleven letters are Hebrew or Russian, and nobody can tell."""
    path = tmp_path / "posts.txt"
    path.write_bytes("הנמל שקט שם".encode("cp1255"))
    with pytest.raises(InputError, match=r"--encoding windows-1255 \(or windows-1251"):
        Collected(path)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_characters_that_are_written_as_two_halves_are_whole(collect, layout):
    """Java and MySQL write an emoji as two surrogates of three bytes each."""
    posts = ["море \ud83d\ude00 тихо", "港口 \ud83d\udc1f", "ميناء \ud83c\udf0a"]
    found = collect(LAYOUTS[layout](posts).encode("utf-8", "surrogatepass"), layout)
    assert found.texts == ["море 😀 тихо", "港口 🐟", "ميناء 🌊"]
    assert "Windows-1252" not in found.notices


@pytest.mark.parametrize("post", ["Тихо в порту", "港口很安静", "ท่าเรือเงียบ"])
def test_half_a_character_at_the_end_is_left_out_and_said(collect, post):
    """A download that broke off within a character adds no others in its place."""
    found = collect(f"one\ntwo\n{post}".encode()[:-1])
    assert found.texts[2] == post[:-1]
    assert "ends within a character; its last line, 3," in found.notices


def test_texts_in_an_encoding_that_nobody_knows_are_refused_with_the_line_to_type(tmp_path):
    """What fits nothing lands nothing."""
    path = tmp_path / "posts.txt"
    path.write_bytes(bytes(0x80 + (n * n * 7 + n // 3) % 128 for n in range(4000)).replace(b"\n", b""))
    with pytest.raises(InputError, match=r"posts\.txt is not UTF-8.*--encoding \w"):
        Collected(path)
    assert Collected(path, encoding="koi8-r").texts


def test_one_broken_character_costs_itself(collect):
    """Bytes that the encoding doesn't have become U+FFFD, and a notice says where."""
    good = POSTS["Chinese, simplified"][0] * 30
    lines = [post.encode("gbk") for post in good]
    lines[4] = "雨".encode("gbk") + b"\xff" + "天".encode("gbk")
    found = collect(b"\n".join(lines))
    assert found.texts == [*good[:4], "雨\ufffd天", *good[5:]]
    assert "One line held bytes that are not gb18030, now U+FFFD. The first is line 5." in found.notices


# ---- Unicode's other encodings


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("language", ["German", "Russian", "Thai", "Chinese, simplified", "Japanese"])
@pytest.mark.parametrize("layout", ["posts.csv", "posts.jsonl", "posts.txt"])
def test_utf_16_and_32_are_read_with_and_without_their_mark(collect, language, encoding, layout):
    """The mark tells, or else where the NULs are."""
    posts = WESTERN[language] if language in WESTERN else POSTS[language][0]
    text = LAYOUTS[layout](posts * 3)
    assert collect(text.encode(encoding), layout).texts == posts * 3
    assert collect(("\ufeff" + text).encode(encoding), layout).texts == posts * 3


def test_a_mark_in_the_middle_belongs_to_no_text(collect):
    """Files that were put one behind the other have one at each seam."""
    posts = POSTS["Greek"][0]
    for layout in ("posts.jsonl", "posts.txt"):
        part = LAYOUTS[layout](posts).encode("utf-8-sig")
        assert collect(part * 3, layout).texts == posts * 3


def test_a_mark_of_utf8_before_another_encoding(collect):
    """Some program wrote the mark and then what it always wrote."""
    posts = POSTS["Chinese, simplified"][0]
    assert collect(codecs.BOM_UTF8 + as_csv(posts).encode("gbk"), "posts.csv").texts == posts


@pytest.mark.parametrize("encoding", ["utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"])
def test_lists_of_an_archive_are_read_in_them(encoding):
    """The window over a stream knows the same marks."""
    stream = TextStream([("\ufeff" + '[{"a": "Zoë 雨"}]').encode(encoding)])
    stream.read_more()
    assert stream.text == '\ufeff[{"a": "Zoë 雨"}]'


# ---- named


@pytest.mark.parametrize(
    ("typed", "python"),
    [
        ("gb18030", "gb18030"),
        ("GBK", "gb18030"),
        ("gb2312", "gb18030"),
        ("windows-1251", "cp1251"),
        ("CP1251", "cp1251"),
        ("Shift_JIS", "cp932"),
        ("x-sjis", "cp932"),
        ("euc-kr", "cp949"),
        ("KOI8-R", "koi8-r"),
        ("macintosh", "mac-roman"),
        ("utf8mb4", "utf-8"),
        ("windows-874", "cp874"),
    ],
)
def test_names_are_taken_as_people_write_them(typed, python):
    """What is written under a narrow name is read by the table that holds all of it."""
    assert encoding_named(typed) == python


@pytest.mark.parametrize("name", ["rot13", "base64", "idna", "punycode", "hex", "zlib", "unicode_escape", "undefined"])
def test_what_is_no_encoding_of_texts_is_a_usage_error(name):
    """Python has codecs for other things."""
    with pytest.raises(UsageError, match="no encoding of text files"):
        encoding_named(name)


@pytest.mark.parametrize("name", ["gb18303", "windows1251x", "", "a\x00b", "latin-99"])
def test_an_unknown_name_is_a_usage_error(name):
    """It says what there is."""
    with pytest.raises(UsageError, match="there is no such encoding"):
        encoding_named(name)


def test_the_nearest_name_is_proposed():
    """A slip of the finger is answered with the name that was meant."""
    with pytest.raises(UsageError, match="Did you mean 'gb18030'"):
        encoding_named("gb18303")


@pytest.mark.parametrize(("language", "encoding"), [case for case in IN_AN_ENCODING if case[1] != "iso2022_jp"])
def test_every_name_that_is_shown_can_be_typed(collect, language, encoding):
    """`--encoding` with the label of an encoding reads a file in it."""
    posts = POSTS[language][0]
    assert collect(encoded("\n".join(posts), encoding), encoding=label_of(encoding)).texts == posts


def test_bytes_that_a_named_encoding_lacks_are_counted(collect):
    """They become U+FFFD; the first line is named."""
    found = collect(b"one\ntwo \xff\nthree\nfour \xfe\xfe\n", encoding="utf-8")
    assert found.texts == ["one", "two \ufffd", "three", "four \ufffd\ufffd"]
    assert "2 lines held bytes that are not utf-8, now U+FFFD. The first is line 2." in found.notices


def test_a_mark_that_contradicts_a_name_is_said(collect):
    """The name counts, since a person gave it, and the mark is no part of the first text."""
    found = collect(codecs.BOM_UTF8 + "雨天".encode("gbk"), encoding="gbk")
    assert found.texts == ["雨天"]
    assert "begins with the mark of utf-8, but was read as gb18030" in found.notices
    assert "mark" not in collect("雨天".encode("utf-16"), encoding="utf-16").notices


# ---- the parts


@pytest.mark.parametrize("module", [encoding_judge, encoding_detection], ids=lambda m: m.__name__)
def test_the_examples_in_the_docstrings(module):
    """They are right."""
    assert doctest.testmod(module).failed == 0


def test_every_candidate_has_a_codec_and_languages():
    """The table of candidates names what exists."""
    for encoding, languages in CANDIDATES.items():
        assert codecs.lookup(encoding)
        assert all(name in PROFILES for name in languages)


def test_the_evidence_that_is_kept_is_bounded():
    """However much a file holds; what is kept is spread over it."""
    chunk = "".join(f"{number} привет, маяк\n" for number in range(20_000)).encode("cp1251")
    evidence = encoding_detection.gather(iter([chunk] * 5))
    assert evidence.stray_pieces == 100_000
    assert len(evidence.stray) <= 600
    assert sum(map(len, evidence.sample())) <= 20_000


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_characters_at_the_seams_of_what_is_read_stay_whole(size):
    """A stream that gives few bytes at once is decoded as one that gives many."""

    class Drops(io.BytesIO):
        def read(self, wanted=-1):
            return super().read(size if wanted < 0 else min(size, wanted))

    text = "表の予定\nとソフト" * 20
    for mixed in (False, True):
        recoding = Recoding(Drops(text.encode("cp932")), Encoding("cp932", mixed=mixed))
        assert b"".join(recoding).decode() == text


def test_nul_bytes_in_utf8_are_no_utf_16():
    """Padding with NULs is no encoding."""
    assert encoding_of(b"one\x00\x00\x00\x00\x00\x00 line of words and more of it\n" * 20)[0] == "utf-8"
    assert decode_head("Привет\n".encode("utf-16-le") * 30).startswith("Привет")


@settings(max_examples=300, deadline=None)
@given(
    data=st.lists(st.sampled_from([*"aé橋😀", "\n"]).map(str.encode) | st.binary(min_size=1, max_size=2), max_size=12),
    size=st.integers(1, 6),
)
def test_what_is_utf8_does_not_depend_on_how_it_is_cut(data, size):
    """A file is UTF-8 exactly when it decodes; half a character at its end is let pass."""
    whole = b"".join(data)
    try:
        codecs.utf_8_decode(whole, "strict", False)
        expected = True
    except UnicodeDecodeError:
        expected = False
    pieces = (whole[begin : begin + size] for begin in range(0, len(whole), size))
    assert encoding_detection._decodes(pieces) == expected
