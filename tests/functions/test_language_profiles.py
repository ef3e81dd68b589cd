"""langdetect's profiles asked in batches: the library itself says what is right."""

from __future__ import annotations

import functools
import itertools
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
from langdetect.lang_detect_exception import LangDetectException

from curation.functions.langdetect_profiles import ngrams
from curation.functions.langdetect_profiles.profiles import (
    ALPHA,
    ALPHA_WIDTH,
    BASE_FREQUENCY,
    BLANK,
    NO_SYMBOL,
    profiles,
)
from curation.functions.langdetect_profiles.scoring import probabilities

SENTENCES = {
    "en": "The baker on our street closes early today, so I will buy the bread before noon.",
    "nl": "De bakker bij ons in de straat gaat vandaag vroeg dicht, dus haal ik het brood vóór de middag.",
    "de": "Der Bäcker in unserer Straße schließt heute früh, also kaufe ich das Brot vor Mittag.",
    "fr": "Le boulanger de notre rue ferme tôt aujourd'hui, j'achète donc le pain avant midi.",
    "es": "El panadero de nuestra calle cierra temprano hoy, así que compraré el pan antes del mediodía.",
    "pt": "O padeiro da nossa rua fecha cedo hoje, então vou comprar o pão antes do meio-dia.",
    "ro": "Brutarul de pe strada noastră închide devreme azi, așa că voi cumpăra pâine înainte de prânz.",
    "pl": "Piekarz na naszej ulicy zamyka dziś wcześnie, więc kupię chleb przed południem.",
    "tr": "Sokağımızdaki fırıncı bugün erken kapatıyor, bu yüzden ekmeği öğleden önce alacağım.",
    "vi": "Người thợ làm bánh trên phố chúng tôi đóng cửa sớm hôm nay, nên tôi mua bánh mì trước buổi trưa.",
    "ru": "Пекарь на нашей улице сегодня закрывается рано, поэтому я куплю хлеб до полудня.",
    "uk": "Пекар на нашій вулиці сьогодні зачиняється рано, тому я куплю хліб до полудня.",
    "el": "Ο φούρναρης στον δρόμο μας κλείνει νωρίς σήμερα, οπότε θα αγοράσω το ψωμί πριν το μεσημέρι.",
    "he": "האופה ברחוב שלנו סוגר היום מוקדם, אז אקנה את הלחם לפני הצהריים.",
    "ar": "يغلق الخباز في شارعنا مبكرا اليوم لذلك سأشتري الخبز قبل الظهر.",
    "fa": "نانوای خیابان ما امروز زود می‌بندد، پس نان را پیش از ظهر می‌خرم.",
    "hi": "हमारी गली का बेकर आज जल्दी बंद करता है, इसलिए मैं दोपहर से पहले रोटी खरीदूँगा।",
    "th": "คนทำขนมปังบนถนนของเราปิดร้านเร็ววันนี้ ฉันจะซื้อขนมปังก่อนเที่ยง",
    "ja": "うちの通りのパン屋は今日早く閉まるので、昼前にパンを買います。",
    "ko": "우리 거리의 빵집은 오늘 일찍 닫으니 정오 전에 빵을 살 거예요.",
    "zh-cn": "我们街上的面包店今天关门早,所以我中午之前去买面包。",
}
STRANGE = [
    "", " ", "\0", "\n", "a\nb\r\nc", "…", "🌱🌱", "12345", "A", "AB", "aBC dEF", "EVERYTHING LOUD AND CLEAR",
    "  two  blanks   three", "https://example.org/a?b=c#d and words", "HTTP://EXAMPLE.ORG",
    "write to ada@example.org now",
    "@" * 300 + "a" * 200, "https://" + "x" * 3000, "e\u0301te\u0301 a\u0323\u0302 o\u031b\u0300", "șțȘȚ ی ạảấẦ",
    "パン屋 bread パン屋 ぱん", "ABC 面包面包面包面包面包", "[パン]", "𝐁𝐎𝐋𝐃 𝐰𝐨𝐫𝐝𝐬 🅰🅱", "\ud800 lone", "ß ŉ ǅ ǆ Ǆ İ ı",
    "a\u00a0b«c»d°", "x" * 25_000, "パンbread " * 2_000, " " * 9_999 + "words beyond the end",
]  # fmt: skip


def pieces(count: int, seed: int = 1) -> list[str]:
    """Runs of words of the sentences, some of them of two languages."""
    chance = random.Random(seed)
    texts = []
    for _ in range(count):
        words = " ".join(chance.sample(list(SENTENCES.values()), 2)).split(" ")
        begin = chance.randrange(len(words))
        texts.append(" ".join(words[begin : begin + chance.randint(1, 9)]))
    return texts


@functools.cache
def library() -> DetectorFactory:
    """The reference."""
    factory = DetectorFactory()
    factory.load_profile(PROFILES_DIRECTORY)
    return factory


def theirs(text: str, seed: int) -> list[tuple[str, float]]:
    """What the library answers."""
    detector = library().create()
    detector.seed = seed
    detector.append(text)
    try:
        return [(found.lang, found.prob) for found in detector.get_probabilities()]
    except LangDetectException:
        return []


def their_ngrams(text: str) -> list[str]:
    """The n-grams among which the library would draw."""
    detector = library().create()
    detector.append(text)
    detector.cleaning_text()
    return detector._extract_ngrams()


@functools.cache
def grams() -> list[str]:
    """The n-gram of each row."""
    characters = {symbol: character for character, symbol in profiles().symbols.items()}
    characters |= {BLANK: " ", NO_SYMBOL: ""}
    keys = profiles().keys[:-1].tolist()
    return ["".join(characters[key >> shift & 0xFFFF] for shift in (32, 16, 0)) for key in keys]


def our_ngrams(texts: list[str]) -> list[list[str]]:
    """The n-grams of each text, taken together."""
    found = ngrams.extract(texts)
    bounds = found.bounds.tolist()
    return [[grams()[row] for row in found.rows[begin:end].tolist()] for begin, end in itertools.pairwise(bounds)]


def test_profiles_are_the_librarys():
    """Every n-gram that the library knows has a row, with the library's very probabilities."""
    known = profiles()
    table = library().word_lang_prob_map
    assert list(profiles().languages) == library().langlist
    assert sorted(grams()) == sorted(table)
    some = range(0, len(grams()), 17)
    assert known.probability[some].tolist() == [table[grams()[row]] for row in some]


def test_each_row_is_found_by_its_key():
    """A look-up finds each of the n-grams, and nothing for a key that no profile has."""
    known = profiles()
    assert np.array_equal(known.find(known.keys[:-1]), np.arange(known.missing))
    absent = np.setdiff1d(known.keys[:-1] + np.uint64(1), known.keys)
    assert (known.find(absent) == known.missing).all()


def test_ngrams_are_the_librarys():
    """Texts in many scripts, and strange ones, hold the n-grams that the library takes from them, in its order."""
    texts = [*SENTENCES.values(), *STRANGE, *pieces(60)]
    for text, ours in zip(texts, our_ngrams(texts), strict=True):
        assert ours == their_ngrams(text), text[:80]


ALPHABETS = "aBcÉ \n@./:ệeẠ\u0301\u0323ŞșțйЙЖ日本語らーカ한국שעם\u200d…🌱𝐀"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.one_of(st.sampled_from(ALPHABETS), st.characters()), max_size=40), max_size=6))
def test_ngrams_of_any_texts(texts):
    """Whatever the texts, and whatever stands beside them, the n-grams are the library's."""
    assert our_ngrams(texts) == [their_ngrams(text) for text in texts]


def test_probabilities_find_the_language():
    """Each invented sentence is most likely in its own language, and every row sums to 1."""
    found = probabilities(list(SENTENCES.values()))
    assert [profiles().languages[column] for column in found.argmax(axis=1)] == list(SENTENCES)
    assert found.sum(axis=1) == pytest.approx(1.0)


def test_probabilities_do_not_depend_on_neighbours(monkeypatch):
    """A text's row is the same to the last bit alone, among others, in another order and in other chunks."""
    texts = [*pieces(60, 5), *STRANGE]
    together = probabilities(texts)
    alone = np.concatenate([probabilities([text]) for text in texts])
    order = random.Random(2).sample(range(len(texts)), len(texts))
    monkeypatch.setattr(ngrams, "_TEXTS", 7)
    monkeypatch.setattr(ngrams, "_CHARACTERS", 90)
    shuffled = probabilities([texts[at] for at in order])
    assert np.array_equal(together, alone)
    assert np.array_equal(together[order], shuffled)


def test_probabilities_of_a_long_text():
    """A text of thousands of n-grams is the sum of all its pieces."""
    text = SENTENCES["nl"] * 60
    rows = profiles().probability[ngrams.extract([text]).rows]
    scores = np.log(rows + 0.5 / 10_000).sum(axis=0)
    shares = np.exp((scores - scores.max()) * 0.8 * len(rows) ** -0.3)
    assert probabilities([text])[0] == pytest.approx(shares / shares.sum(), abs=1e-4)


def test_candidates_share_the_probability():
    """Only candidates have a probability, in the proportions that they have among all."""
    columns = [profiles().languages.index(code) for code in ("en", "nl", "de")]
    texts = pieces(30, 6)
    every, some = probabilities(texts), probabilities(texts, ["de", "en", "nl"])
    assert np.delete(some, columns, axis=1).max() == 0.0
    expected = every[:, columns] / every[:, columns].sum(axis=1)[:, None]
    heard = some.any(axis=1)
    assert heard.sum() > 15
    assert np.allclose(some[:, columns][heard], expected[heard])


def test_nothing_known_is_a_row_of_zeros():
    """A text without an n-gram that some candidate knows has no likely language at all."""
    assert not probabilities(["", "🌱 12", "…"]).any()
    assert not probabilities([SENTENCES["th"], SENTENCES["ko"]], ["en", "nl"]).any()
    assert probabilities([]).shape == (0, len(profiles().languages))


def test_a_language_without_profile_is_named():
    """A candidate that langdetect does not know is an error that names it and those that it knows."""
    with pytest.raises(ValueError, match=r"no profile of tlh; it has af, ar, .*zh-tw"):
        probabilities(["tlhIngan"], ["en", "tlh"])


def test_constants_are_the_librarys():
    """What is fixed in a trial here is what the installed library has."""
    detector = library().create()
    assert (detector.ALPHA_DEFAULT, detector.ALPHA_WIDTH, detector.BASE_FREQ) == (ALPHA, ALPHA_WIDTH, BASE_FREQUENCY)
    assert detector.max_text_length == ngrams.MAX_CHARACTERS
