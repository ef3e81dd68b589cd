"""Different posts under one id are all kept: rows that are numbered, comments under the id of their post."""

from pathlib import Path

import pytest

from curation.collecting.land import land
from curation.sources.file import FileSource
from tests.collecting.test_landing import counted

BOATS = {1: "Лодка вернулась поздно ночью", 2: "Кошка спит на палубе", 3: "Завтра обещают дождь"}
TEA = {1: "お茶を飲みながら波を見る", 2: "猫は寝ている", 3: "明日は晴れるらしい"}
RAIN = {1: "ฝนตกอีกแล้ว", 2: "แมวนอนบนเรือ", 3: "พรุ่งนี้แดดออก"}


def table(path: Path, texts: dict[int, str], **columns: str) -> Path:
    """A table whose ids are the numbers of its rows."""
    head = ",".join(["id", "text", *columns])
    rows = [",".join([str(number), text, *columns.values()]) for number, text in texts.items()]
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "columns",
    [{}, {"author": "mira"}, {"created_at": "2024-03-05 10:00:00"}, {"author": "mira", "likes": "3"}],
)
def test_tables_that_number_their_rows_do_not_replace_each_other(tmp_path, columns):
    """One after the other or together, in any order, and none of them lands twice."""
    data = tmp_path / "data"
    files = [table(tmp_path / f"{n}.csv", texts, **columns) for n, texts in enumerate((BOATS, TEA, RAIN))]
    landings = [land(data, FileSource([file])) for file in files]
    assert [landing.landed for landing in landings] == [3, 3, 3]
    assert "3 posts have the id of another post" in " ".join(landings[1].notices)
    assert len(counted(data)) == 9
    assert [land(data, FileSource([file])).status for file in files] == ["unchanged"] * 3
    assert land(data, FileSource(files)).status == "unchanged"
    together = tmp_path / "together"
    assert land(together, FileSource(files)).landed == 9
    assert [land(together, FileSource([file])).status for file in files] == ["unchanged"] * 3


def test_a_table_with_more_to_say_of_the_same_posts_is_no_stranger(tmp_path):
    """A text that was changed here and there, a name where there was none, and escapes are of the same post."""
    data = tmp_path / "data"
    land(data, FileSource([table(tmp_path / "a.csv", {1: "Лодка &amp; кошка вернулись поздно", 2: TEA[1]})]))
    changed = {1: "Лодка & кошка вернулись поздно!", 2: TEA[1] + "。"}
    landing = land(data, FileSource([table(tmp_path / "b.csv", changed, author="mira", likes="3")]))
    assert (landing.landed, landing.updated) == (0, 2)
    assert len(counted(data)) == 2


def test_posts_by_another_author_on_another_day_are_others_even_if_they_say_the_same(tmp_path):
    """Good morning is said by many."""
    data = tmp_path / "data"
    for author, day in (("mira", "2024-03-05"), ("tovi", "2024-05-07")):
        file = table(tmp_path / f"{author}.csv", {1: "صباح الخير", 2: "おはよう"}, author=author, created_at=day)
        assert land(data, FileSource([file])).landed == 2
    assert len(counted(data)) == 4


@pytest.mark.parametrize("post", ["900", "1764961229292847104"])
def test_comments_under_the_id_of_their_post_are_not_merged(tmp_path, post):
    """What several authors share is no id of a post, and another column may be it."""
    path = tmp_path / "comments.csv"
    rows = [f"{post},{author},{text}" for author, text in zip(("mira", "tovi", "ana"), TEA.values(), strict=True)]
    path.write_text("\n".join(["status_id,author,text", *rows]) + "\n", encoding="utf-8")
    landing = land(tmp_path / "data", FileSource([path]))
    assert landing.landed == 3
    assert "different authors share them: 3 posts have one id" in " ".join(landing.notices)
    assert land(tmp_path / "data", FileSource([path])).status == "unchanged"


def test_what_lands_again_keeps_its_id(tmp_path):
    """Also where the newest version under its id is like it, and the first one was not; and the other way round."""
    kettle = "the kettle is on and the horse is in the garden again"
    texts = [kettle, f"{kettle}, once more today", "once more today", "somebody left a saddle in the hall of mirrors"]
    path = tmp_path / "kettle.csv"
    path.write_text("id,author,text\n" + "".join(f'5,mira,"{text}"\n' for text in texts), encoding="utf-8")
    data = tmp_path / "data"
    assert land(data, FileSource([path])).landed > 1
    before = counted(data)
    for _ in range(2):
        assert land(data, FileSource([path])).status == "unchanged"
    land(data, FileSource([table(tmp_path / "alone.csv", {5: "once more today"}, author="mira")]))
    assert counted(data) == before


def test_long_texts_of_two_tables_are_not_taken_for_one_post(tmp_path):
    """Long texts of a language share most of their pairs of letters."""
    one = (
        "Nobody at the harbour knows why the ferry is late again, and the rain has not stopped since the morning bell."
    )
    two = "She says that the horse was never in the garden, and that the saddle in the hall belongs to another rider."
    for folder, author in (("one", "tovi"), ("other", "mira")):
        data = tmp_path / folder
        for name, text in (("mira", one), (author, two)):
            file = table(tmp_path / f"{folder}-{len(text)}.csv", {1: text.replace(",", "")}, author=name)
            assert land(data, FileSource([file])).landed == 1
        assert len(counted(data)) == 2
