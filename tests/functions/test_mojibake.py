"""Repairing encodings: what is promised of every text, whatever happened to it."""

from __future__ import annotations

import unicodedata

import duckdb
import ftfy
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curation import sql
from curation.functions.encoding.by_ftfy import badness_pattern, encodings_only, encodings_record, fix_encodings
from curation.functions.encoding.damage import DAMAGED, KINDS, TWICE
from curation.functions.encoding.repair import fix_mojibake, mojibake_record, suspect_pattern
from curation.rules.encoding import Damaged, FixMojibake

WORDS = (
    "fog",
    "niebła",
    "Łąka",
    "źdźbło",
    "Wiśnia",
    "mgła",
    "crème",
    "brûlée",
    "forêt",
    "Straße",
    "Mühle",
    "Überall",
    "jardín",
    "mañana",
    "você",
    "amanhã",
    "NÃO",
    "coração",
    "perché",
    "più",
    "smørrebrød",
    "Ærø",
    "på",
    "Þór",
    "það?",
    "með??",
    "žluťoučký",
    "kůň",
    "ağaç",
    "hâlâ??",
    "IŞIK",
    "ő",
    "туман",
    "і",
    "ομίχλη",
    "Ή",
    "ערפל",
    "ضباب",
    "مه",
    "कोहरा",
    "หมอก",
    "霧がふかい",
    "雾",
    "안개",
    "[ˈfɒɡ]",
    "n̩",
    "ð̞",
    "🌫",
    "👩‍👩‍👧",
    "❤️",
    "🇵🇱",
    "1️⃣",
    "«école»",
    "“ädmin”",
    "‚Ärger‘",
    "„Öl“",
    "»Über«",
    "‘so’",
    "it’s…",
    "—",
    "–",
    "5–7",
    "20°C",
    "£5",
    "€3",
    "10€",
    "½",
    "№",
    "™",
    "©",
    "√2",
    "≈3",
    "π≈3",
    "¬¬",
    "¿qué?",
    "ＡＢＣ！",
    "ｶﾀｶﾅ",
    "ﬁne",
    "#café",
    "@łoś",
)
genuine = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
ENCODINGS = (
    "latin-1",
    "sloppy-windows-1252",
    "sloppy-windows-1250",
    "sloppy-windows-1251",
    "sloppy-windows-1253",
    "sloppy-windows-1254",
    "sloppy-windows-1257",
    "mac_roman",
    "cp437",
)
#: Characters of which damage consists, so that what is drawn lies near it.
NEAR = "ÃÂâ€™¢ðŸ√ƒ≈õ‚Äô¶\uf8ffü§ñ‰Ûª_Ì©åÊÏ\x89\x92\x93\xa0\ufffd?¬†¬´ГØÙ…┬┐·∫Ô∏è ï¿½ß°±ľżaeBN. \n"


def damage(text: str, encodings: list[str], lose: bool) -> str:
    """The text with its UTF-8 read by each of the encodings in turn, perhaps with `?` for what Latin-1 lacks."""
    for encoding in encodings:
        text = text.encode("utf-8").decode(encoding)
    return text.encode("latin-1", "replace").decode("latin-1") if lose else text


damaged = st.builds(damage, genuine, st.lists(st.sampled_from(ENCODINGS), min_size=1, max_size=2), st.booleans())
anything = st.one_of(
    genuine,
    damaged,
    st.builds("{} {}\n{}".format, damaged, genuine, damaged),
    st.text(NEAR, max_size=14),
    st.text(max_size=12),
)


#: Words of many alphabets that end in a letter beyond ASCII, and what people set behind them.
ENDINGS = (
    "Rīgā", "al-Bukhārī", "soirée", "mañana", "coração", "Ærø", "Malmö", "źdźbło", "září", "ağaç", "hâlâ", "phở",
    "žąsis", "ķīmija", "ışık", "Þorði", "țară", "őz", "kṛṣṇa", "ḥadīth", "Qurʾān", "NESTLÉ", "CAFÉ", "ŁÓDŹ", "MÃE",
    "SÃO", "ΑΒΓΔ", "ώρα", "туман", "ЖУРНАЛЪ", "її", "ערפל", "ضباب", "霧", "หมอก", "안개", "fɒɡ",
)  # fmt: skip
OPENINGS = ("", "“", "„", "«", "« ", "»", "‘", "‚", "‹", "(", "[", "¿", "¡", "—")
CLOSINGS = (
    "", "”", "”¹", "”²", "’³", "“", "“†", "»", " »", "»²", "›", "‘", "®", "™", "©", "²", "³", "¹", "¹²", "°", "º", "ª",
    "†", "‡", "†‡", "§", "…", "…”", "—", "–", "·", "’s", "”.", "!", "?”", " €", "½", " °C", "*", "®»", "”™",
)  # fmt: skip
typeset = st.builds("{}{}{}".format, st.sampled_from(OPENINGS), st.sampled_from(ENDINGS), st.sampled_from(CLOSINGS))


CONNECTION = duckdb.connect(config={"threads": 1})


def asked(expression: str, texts: list[str]) -> list[object]:
    """What the expression gives for each text, in the database."""
    CONNECTION.register("posts", pa.table({"text": texts, "number": list(range(len(texts)))}))
    return [row[0] for row in CONNECTION.sql(f"SELECT {expression} FROM posts ORDER BY number").fetchall()]


@given(st.lists(genuine, min_size=1, max_size=30))
@settings(max_examples=25, deadline=None)
def test_genuine_text_is_unchanged(texts: list[str]) -> None:
    """Words of many scripts, quotes, signs, emoji and IPA stay as they are, and none counts as damaged."""
    assert fix_mojibake(texts) == texts
    assert asked(Damaged().measure(), texts) == [0] * len(texts)


@given(st.lists(typeset, min_size=1, max_size=3).map(" ".join), st.sampled_from(["{}", "fog {} and", "霧 {}"]))
@settings(max_examples=400, deadline=None)
@example("“Rīgā”¹ al-Bukhārī”²", "{}")
def test_typography_is_unchanged(text: str, around: str) -> None:
    """Quotes, footnotes, trademarks, degrees, prices and dashes behind words of any alphabet are no damage."""
    text = around.format(text)
    assert fix_mojibake([text]) == [text]


def test_what_looks_like_either_is_repaired_as_before() -> None:
    """A letter that may have stood there is one: damage is more common than such a footnote."""
    given = ["CAFÃ‰ EST OUVERT", "20Â°C, NESTLÃ‰®", "fog JÃ¡ x", "TGFÎ² here", "see â†’ there", "fog đź‘‰", "Å¡koda"]
    assert fix_mojibake(given) == [
        "CAFÉ EST OUVERT", "20°C, NESTLÉ®", "fog Já x", "TGFβ here", "see → there", "fog 👉", "škoda",
    ]  # fmt: skip


@given(anything)
@settings(max_examples=150, deadline=None)
@example("xŽ³, À€ y")
@example("ï€¥ RT: ï£¿")
def test_no_repair_makes_a_character_without_meaning(text: str) -> None:
    """None for private use, none that is unassigned, none for control."""
    [repaired] = fix_mojibake([text])
    for character in set(repaired) - set(text):
        emoji = "\U0001f000" <= character <= "\U0001faff"
        assert emoji or unicodedata.category(character) not in ("Co", "Cn", "Cc", "Cs")


@given(st.lists(anything, min_size=1, max_size=40))
@settings(max_examples=25, deadline=None)
def test_the_test_before_python_is_complete(texts: list[str]) -> None:
    """A text that the database lets pass is one that the function would not change, in either mode."""
    for rule, repair in ((FixMojibake(), fix_mojibake), (FixMojibake(repairs="ftfy"), fix_encodings)):
        changed = [new != old for new, old in zip(repair(texts), texts, strict=True)]
        suspected = asked(rule.when(), texts)
        missed = [text for text, does, asks in zip(texts, changed, suspected, strict=True) if does and not asks]
        assert missed == []


@given(anything)
@settings(max_examples=120, deadline=None)
@example("ďż˝ c\ufffd â€?")
@example("Ã?Â¢â?¬â?¢s")
def test_a_repair_is_final_and_loses_nothing(text: str) -> None:
    """What was repaired is not changed again, and no replacement character is put for another."""
    [repaired] = fix_mojibake([text])
    assert fix_mojibake([repaired]) == [repaired]
    spelled = sum(text.count("\ufffd".encode().decode(encoding)) for encoding in ENCODINGS)
    twice = "\ufffd".encode().decode("latin-1").encode().decode("latin-1")
    if twice not in text and spelled == 0 and "½" not in text:
        assert repaired.count("\ufffd") <= text.count("\ufffd")
    assert repaired.count("\x1a") <= text.count("\x1a")


@given(anything)
@settings(max_examples=80, deadline=None)
def test_every_repair_is_on_record(text: str) -> None:
    """The record names kinds of the vocabulary where the text is changed, and nothing where it is not."""
    for repair, record in ((fix_mojibake, mojibake_record), (fix_encodings, encodings_record)):
        [kinds] = record([text])
        assert bool(kinds) == (repair([text]) != [text])
        assert all(kind.removeprefix(TWICE) in KINDS for kind in kinds.split(", ") if kind)


@given(st.lists(anything, min_size=1, max_size=20))
@settings(max_examples=20, deadline=None)
@example(["fog.\nÃ la mode"])
def test_ftfy_alone_is_ftfy_on_every_row(texts: list[str]) -> None:
    """With `repairs = "ftfy"` the rule gives what ftfy gives with the same settings."""
    suspected = asked(FixMojibake(repairs="ftfy").when(), texts)
    given = [fix_encodings([text])[0] if asks else text for text, asks in zip(texts, suspected, strict=True)]
    assert given == [ftfy.fix_text(text, encodings_only()) for text in texts]


def test_a_line_beyond_the_longest_is_asked_about() -> None:
    """Ftfy begins anew after a million characters, so that what stands there begins a line for it."""
    text = "." * 1_000_000 + "Ã la mode"
    assert asked(FixMojibake(repairs="ftfy").when(), [text]) == [True]
    assert not duckdb.execute(f"SELECT {sql.matches('$1', badness_pattern())}", [text]).fetchone()[0]
    assert fix_encodings([text]) != [text]


EUROPEAN = (
    "Wiśnia",
    "Karol Wiśniewski",
    "Łódź",
    "crème brûlée",
    "señor Núñez",
    "größer",
    "Süßigkeit",
    "naïve",
    "coração",
)
TYPED = ("it’s “soft”", "and so on…", "fog 🌫 ❤️", "tea — €3", "ok ✅ → ☕")
promised = st.lists(st.sampled_from(EUROPEAN + TYPED), min_size=1, max_size=4)


@given(promised, st.sampled_from(["", " 🌱", " 霧", " “x”"]))
@settings(max_examples=60, deadline=None)
def test_mac_roman_is_undone_beside_what_it_lacks(parts: list[str], beside: str) -> None:
    """A text that was read as Mac Roman is as before, also where a genuine emoji or ideograph stands beside it."""
    text = " ".join(parts)
    assert fix_mojibake([text.encode().decode("mac_roman") + beside]) == [text + beside]


@pytest.mark.parametrize("name", EUROPEAN)
def test_one_damaged_name_is_enough(name: str) -> None:
    """No other damage need be there."""
    assert fix_mojibake([f"by {name.encode().decode('mac_roman')} 🌱"]) == [f"by {name} 🌱"]


@given(promised, st.sampled_from(["", " 🌱"]))
@settings(max_examples=40, deadline=None)
def test_windows_1252_is_undone(parts: list[str], beside: str) -> None:
    """The usual damage is undone, whether control characters were kept or not."""
    text = " ".join(parts)
    assert fix_mojibake([text.encode().decode("sloppy-windows-1252") + beside]) == [text + beside]


@given(st.lists(st.sampled_from(["it’s fog", "“soft”", "– so –", "— so", "• one", "fog™"]), min_size=1, max_size=4))
@settings(max_examples=30, deadline=None)
def test_double_damage_is_undone(parts: list[str]) -> None:
    """Punctuation comes back through both layers, read as Latin-1 or as Windows-1252."""
    text = " ".join(parts)
    once = text.encode().decode("sloppy-windows-1252")
    saved = b"".join(c.encode("latin-1") if c == "\x9d" else c.encode("mac_roman") for c in once)
    assert fix_mojibake([saved.decode("latin-1"), saved.decode("sloppy-windows-1252")]) == [text, text]


@pytest.mark.parametrize(
    ("text", "record"),
    [
        ("cafÃ©", "utf-8 as windows-1252"),
        ("cafÃƒÂ©", "twice utf-8 as windows-1252"),
        ("Wi≈õnia 🌱", "utf-8 as mac roman"),
        ("isn√¢‚Ç¨‚Ñ¢t", "utf-8 as mac roman, utf-8 as windows-1252"),
        ("it‰Ûªs", "double damage through mac roman"),
        ("it\x92s", "c1 controls"),
        ("Coatl\x87n", "mac roman as latin-1"),
        ("voilÃ le cafÃ©", "utf-8 as windows-1252, blank for no-break space"),
        ("fogâ?¦", "punctuation with losses"),
        ("â€œsoftâ€\ufffd", "utf-8 as windows-1252, other losses"),
        ("mГ©dia", "utf-8 as windows-1251"),
        ("┬┐que?", "utf-8 as cp437"),
        ("it\x92s\ncafÃ© it\x92s\ncafÃ©", "c1 controls, utf-8 as windows-1252"),
        ("plain «école»", ""),
    ],
)
def test_the_kind_of_damage_is_named(text: str, record: str) -> None:
    """In the order in which kinds first occur, each once."""
    assert mojibake_record([text]) == [record]


@pytest.mark.parametrize("repairs", ["all", "ftfy"])
def test_the_rule_records_what_it_repairs(repairs: str) -> None:
    """`records` is SQL over the text before the rewrite, by a function that the rule declares."""
    rule = FixMojibake(repairs=repairs)
    connection = duckdb.connect()
    for function in rule.functions():
        function.register(connection)
    query = f"SELECT {rule.records()}, {rule.rewrite()} FROM (SELECT 'cafÃ©' AS text)"
    assert connection.execute(query).fetchall() == [("utf-8 as windows-1252", "café")]


@pytest.mark.parametrize(
    "hostile", ["≈õ" * 20_000 + "é", "‚Ä" * 20_000, "“â€?" * 9_000, "ð?" * 20_000, "Ù " * 20_000, "“é”¹ " * 9_000]
)
def test_long_damage_takes_no_longer_than_it_must(hostile: str) -> None:
    """A pattern that looked back at all it had seen would never end here; the database's are linear by nature."""
    assert len(fix_mojibake([hostile])[0]) <= len(hostile)
    assert duckdb.execute("SELECT regexp_matches($1, $2) OR true", [hostile, suspect_pattern()]).fetchone() == (True,)
    assert duckdb.execute("SELECT len(regexp_extract_all($1, $2)) >= 0", [hostile, DAMAGED]).fetchone() == (True,)
