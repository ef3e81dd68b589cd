"""What a text says about its language, and what else is weighed in."""

from __future__ import annotations

import importlib.util

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation import sql
from curation.errors import RecipeError
from curation.functions.language import engines as engines_module
from curation.functions.language.answers import answer_of, answers_of
from curation.functions.language.codes import normal_code, platform_language
from curation.functions.language.engines import identify_languages, known_languages, scorer
from curation.recipes.recipe import Recipe
from curation.rules import language_priors as priors
from curation.rules import language_words
from curation.rules.language_words import preparing, words_of
from tests.judge import judge, recipe_of

ENGINES = [
    "eldc",
    "langdetect",
    *(
        pytest.param(
            engine,
            marks=pytest.mark.skipif(
                not importlib.util.find_spec(engine), reason=f"{engine}, an extra, is not installed"
            ),
        )
        for engine in ("lingua", "py3langid")
    ),
]
CONNECTION = duckdb.connect(config={"threads": 1})
WRITTEN = {
    "de": "der Nebel wollte heute Morgen nicht gehen",
    "nl": "de mist wilde vanochtend niet weggaan uit de haven",
    "en": "the fog did not want to leave this morning",
    "ar": "كان الميناء هادئا هذا الصباح",
    "fa": "امروز صبح بندر آرام بود و مه نمی‌خواست برود",
    "uk": "сьогодні вранці в гавані було тихо",
    "ja": "今朝の港は静かで霧は晴れませんでした",
    "ko": "오늘 아침 항구는 조용했고 안개는 떠나려 하지 않았다",
    "th": "เช้านี้ท่าเรือเงียบสงบ",
}
WORDS = st.sampled_from([*WRITTEN.values(), "ok", "grazie mille", "qqq", "東京駅", "хорошо", "मैं घर"])


def parsed(answer: str) -> dict[str, float]:
    """An answer as numbers by code."""
    return {code: float(value) for code, _, value in (part.partition("=") for part in answer.split())}


def asked(expression: str, **values: str | None) -> object:
    """The value of an expression over these texts."""
    CONNECTION.execute(f"CREATE OR REPLACE TABLE asked ({', '.join(f'{name} VARCHAR' for name in values)})")
    CONNECTION.execute(f"INSERT INTO asked VALUES ({', '.join('?' for _ in values)})", list(values.values()))
    return CONNECTION.execute(f"SELECT {expression} FROM asked").fetchone()[0]


def weighed(scores: str | None, said: str | None = None, author: str | None = None, weight: float = 1.0) -> tuple:
    """Language and confidence after the priors."""
    expression = priors.weigh(
        "scores", platform_code="said", platform_weight=weight, author=priors.parsed("author"), author_weight=weight
    )
    return asked(expression, scores=scores, said=said, author=author)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_answers_in_one_form(engine: str) -> None:
    """The likeliest language comes first, its probability from 0 to 1, and there are at most five."""
    # All of lingua's models take a minute to load.
    among = ("de", "nl", "ar", "fa", "uk", "ru", "th", "ja", "ko", "en") if engine == "lingua" else ()
    answers = identify_languages(list(WRITTEN.values()), engine=engine, among=among)
    for code, answer in zip(WRITTEN, answers, strict=True):
        shares = parsed(answer)
        assert next(iter(shares)) == code
        assert list(shares.values()) == sorted(shares.values(), reverse=True)
        assert all(0.01 <= share <= 1 for share in shares.values())
        assert len(shares) <= 5
        assert sum(shares.values()) < 1.01


@settings(max_examples=20, deadline=None)
@given(texts=st.lists(WORDS, max_size=6), alone=WORDS)
def test_an_answer_does_not_depend_on_its_neighbours(texts: list[str], alone: str) -> None:
    """A text gets the same answer alone and among others, wherever it stands."""
    assert identify_languages([*texts, alone, *texts])[len(texts)] == identify_languages([alone])[0]


# Ties, the least that is listed, and the middle of two thousandths, which Python rounds to the even one if it is exact.
SHARES = st.sampled_from(
    [0.0, 0.0099, 0.01, 0.0105, 0.0625, 0.1875, 0.2, 0.2345, 0.2355, 0.5, 0.9995, 1.0]
) | st.floats(0, 1)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.lists(SHARES, min_size=8, max_size=8), min_size=1, max_size=5))
def test_answers_of_many_texts_are_those_of_each(rows: list[list[float]]) -> None:
    """The same languages in the same order with the same digits."""
    codes = ("nl", "af", "zh-tw", "en", "de", "und", "ja", "no")
    assert answers_of(np.array(rows), codes) == [answer_of(dict(zip(codes, row, strict=True))) for row in rows]


@pytest.mark.parametrize("engine", ENGINES)
def test_candidates_restrict(engine: str) -> None:
    """Only candidates are answered, whatever the script; a text in the script of none has no answer."""
    answers = identify_languages(list(WRITTEN.values()), engine=engine, among=("nl", "en", "uk"))
    assert {code for answer in answers for code in parsed(answer)} <= {"nl", "en", "uk"}
    by_code = dict(zip(WRITTEN, answers, strict=True))
    assert next(iter(parsed(by_code["nl"]))) == "nl"
    assert (by_code["th"], by_code["uk"]) == ("", "uk=1.000")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("καλημέρα", "el"),
        ("שלום לכולם", "he"),
        ("გამარჯობა", "ka"),
        ("բարեւ", "hy"),
        ("ສະບາຍດີ", "lo"),
        ("សួស្តី", "km"),
        ("မင်္ဂလာပါ", "my"),
        ("ሰላም", "am"),
        ("வணக்கம்", "ta"),
        ("నమస్కారం", "te"),
        ("ನಮಸ್ಕಾರ", "kn"),
        ("നമസ്കാരം", "ml"),
        ("નમસ્તે", "gu"),
        ("ਸਤ ਸ੍ਰੀ ਅਕਾਲ", "pa"),
        ("নমস্কার", "bn"),
        ("নমস্কাৰ", "as"),
        ("こんにちは", "ja"),
        ("東京駅に到着", "ja"),
        ("안녕하세요", "ko"),
        ("ㄅㄆㄇ", "zh-tw"),
        ("ஆனா ok", "ta"),
        ("өнөөдөр", "mn"),
        ("ћуприја", "sr"),
        ("ўсё добра", "be"),
        ("әлем", "kk"),
        ("ٹھیک ہے", "ur"),
    ],
)
def test_the_script_decides(text: str, code: str) -> None:
    """Where a script or a letter belongs to one language, that is the answer, and it is certain."""
    assert identify_languages([text]) == [f"{code}=1.000"]


def test_han_without_kana_is_left_to_the_engine() -> None:
    """Ideographs alone may be Chinese or Japanese, but no Korean, which langdetect takes them for."""
    shares = parsed(identify_languages(["今天早上港口很安静"])[0])
    assert next(iter(shares)) == "zh-cn"
    assert set(shares) <= {"zh-cn", "zh-tw", "ja"}


@pytest.mark.parametrize(
    ("post", "words"),
    [
        ("Guten Morgen, @nachbarin! 🌱 #garten https://example.org/1", "Guten Morgen garten"),
        ("Guten Morgen, ihr lieben Leute im Hafen #morningmood", "Guten Morgen ihr lieben Leute im Hafen"),
        ("@mira #früh_morgens ＃海 https://example.org/#top", "früh morgens 海"),
        ("Tom &amp; Jerry &lt;3", "Tom Jerry"),
        ("मैं घर जा रहा हूँ।", "मैं घर जा रहा हूँ"),
        ("c'est l'été", "c'est l'été"),
        ("hahahaha que bueno jajaja kkkkk rsrsrs LOL", "que bueno"),
        ("ههههههه والله", "والله"),
        ("haha said aha and Sahara", "said aha and Sahara"),
        ("WAS soll DAS", "was soll das"),
        ("ÄRGER überall", "ärger überall"),
        ("sooooo müüüüde, goood", "soo müüde good"),
        ("1 2 3 :-)", None),
        ("", None),
    ],
)
def test_preparation(post: str, words: str | None) -> None:
    """What says nothing about the language goes, and the words stay."""
    assert asked(words_of("text", 1), text=post) == words


PIECES = [
    *"abeHOhj KKw@#&;.'’!:/1éÄßñжХхаه日かン한ก็आी🌱🏽",
    "\u200d",
    "https://t.co/x ",
    "haha",
    "ооо",
    "&amp;",
    "aaa",
    "#ab ",
]
POSTS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


@settings(max_examples=8, deadline=None)
@given(posts=st.lists(POSTS, min_size=1, max_size=20), least=st.integers(0, 20))
def test_steps_and_expression_are_the_same(posts: list[str], least: int) -> None:
    """The working columns of the rule and the one expression for comparing give the same words, tidy ones."""
    steps, words = preparing("text", "rule", least)
    inner = "(SELECT unnest(?::VARCHAR[]) AS text)"
    for name, value in steps:
        inner = f"(SELECT *, {value} AS {name} FROM {inner})"
    both = CONNECTION.execute(f"SELECT {words}, {words_of('text', least)} FROM {inner}", [posts]).fetchall()
    for stepwise, at_once in both:
        assert stepwise == at_once
        assert stepwise is None or stepwise == " ".join(stepwise.split(" ")).strip()
        assert not any(character.isdigit() for character in stepwise or "")


@settings(max_examples=8, deadline=None)
@given(posts=st.lists(POSTS | st.text(max_size=20), min_size=1, max_size=30))
def test_signs_become_one_space(posts: list[str]) -> None:
    """Whatever stands between words becomes one space, in texts of ASCII and in others."""
    plain, every = language_words._plain("text"), sql.replace_all("text", language_words._NO_LETTERS, " ")
    rows = CONNECTION.execute(f"SELECT {plain}, {every} FROM (SELECT unnest(?::VARCHAR[]) AS text)", [posts]).fetchall()
    assert [ours for ours, _ in rows] == [theirs for _, theirs in rows]


def test_evidence_is_counted_in_letters() -> None:
    """An ideograph counts as three letters, so four of them are as many as twelve."""
    assert [asked(words_of("text", 12), text=text) for text in ("abcdefghijk", "abcdefghijk l")] == [
        None,
        "abcdefghijk l",
    ]
    assert [asked(words_of("text", 12), text=text) for text in ("東京駅", "東京駅前")] == [None, "東京駅前"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("in", "id"),
        ("iw", "he"),
        ("EN", "en"),
        ("pt-BR", "pt-br"),
        ("pt_BR", "pt-br"),
        ("nb-NO", "no"),
        ("zh-Hant", "zh-tw"),
    ],
)
def test_codes_are_written_one_way(said: str, code: str) -> None:
    """Codes that mean the same are the same, in SQL as in Python."""
    assert normal_code(said) == code
    assert asked(platform_language("said"), said=said) == code


@pytest.mark.parametrize("said", [None, "", "und", "zxx", "qme", "qht", "art"])
def test_platforms_may_say_nothing(said: str | None) -> None:
    """A code of no language is no code."""
    assert asked(platform_language("said"), said=said) is None


def test_confidence_is_a_share() -> None:
    """Confidence is from 0 to 1; with weights of 0 the text alone decides, as it does without priors."""
    scores = ["nl=0.600 af=0.300", "en=1.000", "it=0.400 es=0.350 pt=0.200", "", None]
    said, author = [None, "nl", "en", "eu"], [None, "posts=9.000 nl=8.500"]
    CONNECTION.execute(
        "CREATE OR REPLACE TABLE rows AS SELECT * FROM (SELECT unnest(?::VARCHAR[]) AS scores), "
        "(SELECT unnest(?::VARCHAR[]) AS said), (SELECT unnest(?::VARCHAR[]) AS author)",
        [scores, said, author],
    )
    weigh = {
        weight: priors.weigh(
            "scores", platform_code="said", platform_weight=weight, author=priors.parsed("author"), author_weight=weight
        )
        for weight in (0.0, 0.7)
    }
    rows = CONNECTION.sql(
        f"SELECT {weigh[0.7]}, {weigh[0.0]}, {priors.label('scores')}, {priors.confidence('scores')} FROM rows"
    ).fetchall()
    assert len(rows) == 40
    for (_, with_weight), (language, without), label, confidence in rows:
        assert 0 <= with_weight <= 1
        assert language == label
        assert without == pytest.approx(confidence, abs=0.05)


def test_the_platform_tips_a_doubtful_text() -> None:
    """Its code decides between likely languages and where the text says nothing, and not against a clear text."""
    assert weighed("es=0.600 it=0.350", "it", weight=0.5)[0] == "it"
    assert weighed("es=0.999", "it", weight=0.5)[0] == "es"
    assert weighed("", "it", weight=1.0)[0] == "it"
    assert weighed(None, "it", weight=0.5)[0] == "und"
    assert weighed("zh-cn=0.600 ja=0.400", "zh", weight=1.0)[0] == "zh-cn"


def test_a_post_does_not_vote_for_itself() -> None:
    """The sum of an author holds the post's own answer, which is taken out again."""
    alone = weighed("no=0.600 da=0.400", author="posts=1.000 no=0.600 da=0.400")
    assert alone == ("no", pytest.approx(0.6))


def test_authors_are_summed() -> None:
    """Each post gets the sum of its author's answers; posts without an answer do not count."""
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE candidates AS SELECT * FROM (VALUES ('a', 0, 1, 'nl=0.600 en=0.400'), ('a', 0, 2, 'nl=1.000'), "
        "('a', 0, 3, NULL), ('a', 0, 4, ''), ('b', 0, 5, 'en=1.000'), ('c', 0, 6, NULL)) t(key, part, row, scores)"
    )
    found = {row: author for _, row, _, author in connection.sql(priors.authors()).fetchall()}
    mira = "posts=2.000 nl=1.600 en=0.400"
    assert found == {1: mira, 2: mira, 3: mira, 4: mira, 5: "posts=1.000 en=1.000", 6: None}


@pytest.mark.parametrize(("platform_weight", "author_weight"), [(0.0, 1.0), (0.5, 0.7)])
def test_answers_are_weighed_once_as_each_by_itself(platform_weight: float, author_weight: float) -> None:
    """Weighing each distinct answer gives every post what weighing it by itself gives, to the last bit."""
    connection = duckdb.connect()
    connection.execute(
        """
        CREATE TABLE candidates AS SELECT key, 0 AS part, row_number() OVER () AS row, scores, code FROM
        (SELECT unnest(['a', 'b', 'c']) AS key), (SELECT unnest([NULL, 'nl', 'en', 'eu']) AS code),
        (SELECT unnest(['nl=0.6 af=0.3', 'en=1.000', 'en=1.000', 'it=0.400 und=0.350 pt=0.200', '', NULL]) AS scores)
        WHERE key <> 'c' OR scores IS NULL
        """
    )
    value = priors.weigh(
        "scores",
        platform_code="code" if platform_weight else None,
        platform_weight=platform_weight,
        author=priors.parsed("author"),
        author_weight=author_weight,
    )
    summed = priors.authors(also="code")
    each = connection.sql(f"SELECT part, row, w[1], w[2] FROM (SELECT *, {value} AS w FROM ({summed}))").fetchall()
    once = connection.sql(priors.weighed(platform_weight=platform_weight, author_weight=author_weight)).fetchall()
    assert sorted(once) == sorted(each)
    assert len(once) == 52


def test_an_author_of_one_language_is_read_in_it() -> None:
    """In a run, a doubtful post takes the language of its author's other posts, and another author's does not."""
    clear = [
        {"text": text} for text in ("Buongiorno a tutti quanti, oggi piove di nuovo", "Che bella giornata al mare")
    ]
    doubtful = "amo troppo i marinai"
    posts = [*clear * 3, {"text": doubtful}, {"text": doubtful, "author": "nobody_else"}]
    rule = {"use": "language", "keep": ["it"], "author_weight": 1.0}
    *_, theirs, others = judge(posts, rule)
    assert theirs["language"] == "it"
    assert theirs["language_confidence"] > others["language_confidence"] or others["language"] != "it"


def test_confidence_is_a_column() -> None:
    """Every post that is looked at has a confidence; one that an earlier rule removes has none."""
    posts = [{"text": WRITTEN["de"]}, {"text": "hm"}, {"text": WRITTEN["en"]}]
    judged = judge(posts, {"use": "where", "removes": "text LIKE 'the fog%'"}, {"use": "language", "keep": ["nl"]})
    assert [post["language"] for post in judged] == ["de", "und", None]
    assert judged[0]["language_confidence"] > 0.9
    assert [post["language_confidence"] for post in judged[1:]] == [0.0, None]


def test_an_engine_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says how to install it."""
    monkeypatch.setitem(
        engines_module.ENGINES,
        "lingua",
        engines_module.LanguageEngine("no-such-package-of-ours", frozenset, lambda texts, allowed: [], 1.0),
    )
    engines_module.require_engine.cache_clear()
    with pytest.raises(RecipeError, match="pip install 'no-such-package-of-ours'"):
        recipe_of({"use": "language", "engine": "lingua"})


def test_a_candidate_that_nobody_can_tell_is_refused() -> None:
    """A code that neither the engine nor a script tells is named, with those that are known."""
    with pytest.raises(RecipeError, match=r"does not tell 'tlh'.*nl"):
        recipe_of({"use": "language", "candidates": ["en", "tlh"]})
    assert {"en", "zh-cn", "ka"} <= known_languages("langdetect")


def test_the_word_in_sql_is_a_name() -> None:
    """Parameters that change the values are part of the word, and nothing in it needs quoting."""
    words = {
        scorer(engine=engine, among=among).name
        for engine, among in (("langdetect", ()), ("eldc", ()), ("eldc", ("zh-cn",)), ("eldc", ("zh-cn",)))
    }
    assert len(words) == 3
    assert all(sql.identifier(word).strip('"').isidentifier() for word in words)


def test_a_corpus_of_an_earlier_version_has_a_recipe() -> None:
    """Parameters that are gone are left out where they said what the rule does today, and named where not."""
    rule = recipe_of({"use": "language", "engine": "langdetect"}).rules[0]
    recorded = {"name": "language", "use": "language", "label": "Other languages", "parameters": rule.values()}

    def opened(**gone: object) -> Recipe:
        old = {**recorded, "parameters": {**rule.values(), **gone}}
        return Recipe.of_manifest({"recipe": {"name": "old", "rules": [old]}})

    assert opened(mode="fast", seed=3).rules[0] == rule
    with pytest.raises(RecipeError, match="no parameter 'mode'"):
        opened(mode="exact", seed=3)
