"""Tables of other programs and in other languages: what their columns are called, and what stands in their cells."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from curation.errors import InputError
from curation.sources.file import FileSource


@pytest.fixture
def posts(tmp_path):
    """What a table of these lines gives: its posts, and notices and rejections as one text."""

    def collected(*lines: str, **options: Any) -> tuple[list[dict[str, Any]], str]:
        path = Path(tmp_path / "table.csv")
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        source = FileSource([path], **options)
        pages = list(source.pages())
        said = [*source.notices(), *(r.why for page in pages for r in page.rejected)]
        return [row for page in pages for row in page.posts.to_pylist()], "\n".join(said)

    return collected


@pytest.mark.parametrize(
    "header",
    [
        "作者,内容,发布时间,点赞",
        "ユーザー名,本文,日時,いいね",
        "작성자,내용,날짜,좋아요",
        "Автор,Текст,Дата,Лайки",
        "المستخدم,النص,التاريخ,الإعجابات",
        "ผู้ใช้,ข้อความ,วันที่,ถูกใจ",
        "משתמש,טקסט,תאריך,לייקים",
        "उपयोगकर्ता,पाठ,दिनांक,पसंद",
        "Nom d’utilisateur,Texte,Date,J'aime",
        "Usuário,Conteúdo,Data,Curtidas",
        "Kullanıcı adı,İçerik,Tarih,Beğeni",
    ],
)
def test_a_header_in_another_language_is_known(posts, header):
    """Author, text, time and likes."""
    [post], _ = posts(header, "mira,море тихо,2024-03-05 10:11,3")
    assert (post["author"], post["text"], post["like_count"]) == ("mira", "море тихо", 3)
    assert post["created_at"] == datetime(2024, 3, 5, 10, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "row", "said"),
    [
        ("date,time", "2024-03-05,10:11:12", "date + time"),
        ("Date,Time", "05/03/2024,10:11:12 AM", "Date + Time"),
        ("date,time,timezone", "2024-03-05,17:11:12,+0700", "date + time + timezone"),
        ("Fecha,Hora", "2024-03-05,10:11:12", "Fecha + Hora"),
        ("日付,時間", "2024/03/05,10:11:12", "日付 + 時間"),
        (
            "created_at,date,time,timezone",
            "2024-03-05 17:11:12 SE Asia Standard Time,2024-03-05,17:11:12,+0700",
            "date + t",
        ),
    ],
)
def test_a_day_and_a_time_of_day_in_two_columns_are_one_time(posts, header, row, said):
    """Midnight would be wrong, and nobody would know."""
    rows, notices = posts(f"text,{header}", f"น้ำนิ่ง,{row}", dates="day-first")
    assert rows[0]["created_at"] == datetime(2024, 3, 5, 10, 11, 12, tzinfo=UTC)
    assert said in notices


def test_a_column_of_whole_times_needs_no_other(posts):
    """Nor is a duration a time of day."""
    rows, _ = posts("text,created_at,time", "霧,2024-03-05 10:11:12,23:59", "雨,2024-03-06 10:11:12,00:01")
    assert [row["created_at"].hour for row in rows] == [10, 10]


def test_nothing_is_called_na_by_r_and_an_empty_list_by_pandas(posts):
    """Neither makes a reply or a quote of a post, and ids lose the letter that R puts before them."""
    rows, _ = posts(
        "user_id,status_id,text,screen_name,reply_to_status_id,reply_to_screen_name,quoted_status_id,favorite_count",
        "x900000001,x1764961229292847104,море,mira,NA,NA,NA,NA",
        "x900000002,x1764976328741847105,@mira да,tovi,x1764961229292847104,mira,NA,2",
    )
    assert [row["id"] for row in rows] == ["1764961229292847104", "1764976328741847105"]
    assert [row["is_reply"] for row in rows] == [False, True]
    assert [row["is_quote"] for row in rows] == [False, False]
    assert [row["like_count"] for row in rows] == [None, 2]
    assert (rows[0]["author_id"], rows[1]["reply_to"]) == ("900000001", "1764961229292847104")


def test_twint_names_those_who_are_answered(posts):
    """As a list of users, which is empty for most posts."""
    rows, _ = posts(
        "id,conversation_id,username,tweet,reply_to",
        "7,7,mira,ميناء هادئ,[]",
        "8,7,tovi,نعم,\"[{'screen_name': 'mira', 'name': 'Mira', 'id': '77'}]\"",
    )
    assert [(r["is_reply"], r["reply_to"], r["reply_to_author"]) for r in rows] == [
        (False, None, None),
        (True, None, "mira"),
    ]


def test_the_id_of_a_comment_is_not_that_of_its_post(posts):
    """Where a table has both."""
    rows, _ = posts("post_id,comment_id,author,text", "900,1,mira,港", "900,2,tovi,海")
    assert [row["id"] for row in rows] == ["1", "2"]


def test_posts_without_an_id_have_that_of_their_address(posts):
    """Where every address is that of the post, and no address is that of two."""
    link = "https://twitter.com/{}/status/176496122929284710{}"
    rows, notices = posts("Full Text,Url", f"港,{link.format('mira', 4)}", f"海,{link.format('tovi', 5)}")
    assert [(row["id"], row["author"]) for row in rows] == [
        ("1764961229292847104", "mira"),
        ("1764961229292847105", "tovi"),
    ]
    assert "id = Url" in notices
    shared = link.format("mira", 4)
    rows, _ = posts("author,text,link", f"mira,see,{shared}", f"tovi,look,{shared}")
    assert [row["id"] for row in rows] == [None, None]
    rows, _ = posts("text,link", f"see,{shared}", "tea,")  # a link that a post holds, since another holds none
    assert [row["id"] for row in rows] == [None, None]
    assert "mira" not in {row["author"] for row in rows}


@pytest.mark.parametrize(
    "written", ["@mira", "＠mira", "https://x.com/mira", "Міра (@mira)", " mira\u200b", "{'screen_name': 'mira'}"]
)
def test_a_handle_is_a_handle_however_it_is_written(posts, written):
    """Its address, its mark, and the display name before it are no part of it."""
    assert posts("text,author", f'霧,"{written}"')[0][0]["author"] == "mira"


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("WAHR", "FALSCH"),
        ("VRAI", "FAUX"),
        ("ИСТИНА", "ЛОЖЬ"),
        ("VERDADERO", "FALSO"),
        ("是", "否"),
        ("はい", "いいえ"),
    ],
)
def test_true_and_false_in_other_languages(posts, yes, no):
    """As a spreadsheet writes them."""
    rows, _ = posts("text,is_retweet", f"a,{yes}", f"b,{no}")
    assert [row["is_repost"] for row in rows] == [True, False]


@pytest.mark.parametrize("error", ["#NAME?", "#VALUE!", "#REF!"])
def test_a_spreadsheets_error_is_no_text(posts, error):
    """It is named, and the rows beside it land."""
    rows, said = posts("text,author", f"{error},mira", "море,tovi")
    assert [row["text"] for row in rows] == ["море"]
    assert f"stands in place of its text: {error}" in said


def test_the_column_that_is_proposed_for_the_texts_is_the_longest(posts):
    """A table without a header has the number of a column that it has."""
    with pytest.raises(InputError, match="--map text=2"):
        posts("7,в порту очень тихо,mira", "8,кошка спит,tovi")


@pytest.mark.parametrize(
    "lines",
    [
        ["+----+--------+-------+", "| id | author | text  |", "+----+--------+-------+", "|  1 | mira   | 霧 深し |"],
        [" id | author | text ", "----+--------+------", "  1 | mira   | 霧 深し"],
        ["| id | author | text |", "|----|:------:|-----:|", "| 1  | mira | 霧 深し |"],
    ],
)
def test_a_table_that_was_drawn_for_people(posts, lines):
    """As MySQL, psql and Markdown draw them: neither their lines nor the blanks around cells are anybody's."""
    rows, said = posts(*lines)
    assert [(row["id"], row["author"], row["text"]) for row in rows] == [("1", "mira", "霧 深し")]
    assert "cell" not in said.replace("between cells", "")


@pytest.mark.parametrize(
    ("encoding", "header", "text"),
    [
        ("cp1250", "id;autor;treść", "jaźń"),
        ("cp1254", "ID;KULLANICI ADI;İÇERİK", "ışık"),
        ("cp852", "id;autor;treść", "jaźń"),
    ],
)
def test_the_names_of_columns_show_an_encoding(tmp_path, encoding, header, text):
    """A few short texts are no evidence, and a header is."""
    path = Path(tmp_path / "table.csv")
    path.write_bytes(f"{header}\r\n7;mira;{text}\r\n".encode(encoding))
    source = FileSource([path])
    [post] = [row for page in source.pages() for row in page.posts.to_pylist()]
    assert (post["author"], post["text"]) == ("mira", text)
    assert "as the names of its columns show" in " ".join(source.notices())


@pytest.mark.parametrize("unseen", ["\u200b", "\ufeff", "\u00ad", "\u200e", "\u200f", "\u2066", "\u061c", "\u2060"])
def test_what_nobody_sees_makes_no_other_post(posts, unseen):
    """Around and within ids, names of columns, Latin handles and counts; a text and a Persian name keep it."""
    header = f"{unseen}id{unseen},te{unseen}xt,auth{unseen}or,reply_to,{unseen}likes"
    odd = f"{unseen}17649612{unseen}29292847104{unseen}"
    rows, notices = posts(
        header,
        f"{odd},a{unseen}b,{unseen}mi{unseen}ra,,{unseen}3",
        f"1764961229292847104,ab,mira,{odd},3",
        f"{odd[1:]},ab,می{unseen}خواهم,1,3",
    )
    assert {row["id"] for row in rows} == {"1764961229292847104"}
    assert [row["text"] for row in rows] == [f"a{unseen}b", "ab", "ab"]
    assert [row["author"] for row in rows] == ["mira", "mira", f"می{unseen}خواهم"]
    assert (rows[1]["reply_to"], rows[0]["like_count"]) == ("1764961229292847104", 3)
    assert unseen not in notices
