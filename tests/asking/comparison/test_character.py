"""What is said of the text's character: words of every script, different words, words gained and lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.asking.comparison import compare
from curation.asking.comparison.words import words_of
from curation.sql import database
from tests.asking.comparison.test_compare import two_corpora


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't stop: 3.5 km, REALLY!", ["don't", "stop", "3.5", "km", "really"]),
        ("read https://example.org/fog @nils #fog now", ["read", "now"]),
        ("霧が深い cafe", ["cafe", "霧が", "が深", "深い"]),
        ("雾", ["雾"]),
        ("コーヒー", ["コー", "ーヒ", "ヒー"]),
        ("ที่นี่", ["ที่นี่"]),
        ("कोहरा घना है", ["कोहरा", "घना", "है"]),
        ("الضَّبابُ كثيف", ["الضَّبابُ", "كثيف"]),
        ("안개가 짙다", ["안개가", "짙다"]),
        ("🌫👨‍👩‍👧 …!?", []),
        ("", []),
    ],
)
def test_words_as_people_read_them(text: str, words: list[str]) -> None:
    """Words keep their marks; scripts without blanks give pairs of characters; links, tags and emoji give none."""
    with database.connect(threads=1) as connection:
        [(found,)] = connection.execute(f"SELECT {words_of('text')} FROM (SELECT ? AS text)", [text]).fetchall()
    assert found == words


def test_what_is_lost_and_gained(tmp_path: Path) -> None:
    """Words that stand more often in what only one side keeps are named; those of one or two posts are not."""
    both = [{"text": f"the rain and the sea {n}", "a": None, "b": None} for n in range(8)]
    lost = [{"text": f"giveaway ends soon {n}", "a": None, "b": "short"} for n in range(4)]
    gained = [{"text": f"霧の朝 {n}", "a": "reply", "b": None} for n in range(3)]
    rare = [{"text": "quokka quokka quokka", "a": None, "b": "short"}]
    two_corpora(tmp_path, [*both, *lost, *gained, *rare])
    character = compare(tmp_path, "one", "other").character
    assert {word.word for word in character.lost} == {"giveaway", "ends", "soon"}
    assert {word.word for word in character.gained} == {"霧の", "の朝"}
    first = character.lost[0]
    assert (first.posts, first.share, first.share_elsewhere) == (4, 0.8, 0.0)


def test_different_words_do_not_depend_on_how_much_text_there_is(tmp_path: Path) -> None:
    """They are counted in pieces of a thousand; what has fewer words says nothing."""
    texts = [" ".join(f"w{n * 10 + k}" for k in range(10)) for n in range(100)] * 3
    posts = [{"text": text, "a": None, "b": None if n < 150 else "short"} for n, text in enumerate(texts)]
    two_corpora(tmp_path, posts)
    character = compare(tmp_path, "one", "other").character
    assert character.a.distinct_words is not None
    assert character.b.distinct_words is not None
    assert 500 < character.a.distinct_words <= 1000
    assert character.b.distinct_words > character.a.distinct_words * 0.8
    (tmp_path / "few").mkdir()
    two_corpora(tmp_path / "few", posts[:99])
    assert compare(tmp_path / "few", "one", "other").character.a.distinct_words is None
