"""The words of small invented corpora: counts, comparisons, lists, the index and its life."""

from __future__ import annotations

import datetime
import json
import random
import xml.etree.ElementTree as ET
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.asking.vocabulary import index as index_file
from curation.asking.vocabulary.answer import vocabulary, write_gexf
from curation.asking.vocabulary.index import folder_of, indexed
from curation.asking.vocabulary.lists import Mention, gexf
from curation.corpus.corpus import Corpus
from curation.errors import NothingToDoError, UsageError
from curation.options.commands import WordsOptions
from tests.cli.shell import inside
from tests.corpora import rule, write_corpus


def day(number: int) -> datetime.datetime:
    """A day in 2025 or 2026, ten days on for each number."""
    return datetime.datetime(2025, 1, 6, 9, 30, tzinfo=datetime.UTC) + datetime.timedelta(days=10 * number)


def rows_of(corpus, kind: str, where: str = "true") -> dict[str, int]:
    """The posts of every term of a kind, in some cells."""
    with indexed(corpus) as index:
        return dict(
            index.rows(
                f"SELECT text, sum(n.posts)::BIGINT FROM {{{kind}-counts}} AS n JOIN {{cells}} USING (cell) "
                f"JOIN (SELECT term, text FROM {{{kind}}}) USING (term) WHERE {where} GROUP BY text"
            )
        )


WORDS = st.sampled_from(["rain", "tide", "Lamp", "lamp's", "kettle", "moon", "3rd", "été"])
POSTS = st.lists(
    st.tuples(st.lists(WORDS, max_size=8), st.sampled_from([None, "short", "copy"]), st.sampled_from("ab")), min_size=1
)


@settings(max_examples=15, deadline=None)
@given(POSTS, st.integers(1, 3))
def test_counts_are_those_of_plain_python(tmp_path_factory, posts, parts):
    """In a script with blanks a word's posts are those that contain it; kept and removed add up; files don't matter."""
    rows = [
        {"text": " ".join(words), "removed_by": verdict, "author": author, "created_at": day(place)}
        for place, (words, verdict, author) in enumerate(posts)
    ]
    corpus = write_corpus(tmp_path_factory.mktemp("words"), rows, parts=parts)
    expected, kept = Counter(), Counter()
    for words, verdict, _ in posts:
        expected.update({word.lower() for word in words})
        kept.update({word.lower() for word in words} if verdict is None else ())
    assert rows_of(corpus, "words") == expected
    assert rows_of(corpus, "words", "verdict = 'kept'") == kept
    removed = Counter(rows_of(corpus, "words", "verdict <> 'kept'"))
    assert Counter(rows_of(corpus, "words", "verdict = 'kept'")) + removed == expected


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Two authors, a rule that removes adverts, a word of one single month, and a phrase."""
    draw = random.Random(3)
    common = ["of", "and", "rain", "tide", "lamp", "window", "garden", "letter", "morning", "evening", "slow", "quiet"]
    rows = []
    for number in range(720):
        words = draw.choices(common, k=8)
        post = {"author": "mira" if number % 3 else "tom", "created_at": day(number % 60), "client": "Web"}
        if number % 3 == 0:
            words += ["harbour", "@Mira"]
        if number % 4 == 0:
            post |= {"removed_by": "advert", "client": "Robot 5000"}
            words += ["discount", "code", f"https://shop.example/{number}"]
        if number % 60 == 7 and number % 4:
            words += ["conference"]
        if number % 5 == 0:
            words += ["kettle", "sings", "again", "#Tea", "🫖"]
        rows.append({**post, "text": " ".join(words)})
    return write_corpus(tmp_path_factory.mktemp("voices"), rows, rules=[rule("advert", label="Adverts")])


def test_a_rule_takes_its_own_words(corpus):
    """What a rule removes is typical of it, what it never removes of the kept posts, and the figures are shares."""
    answer = vocabulary(corpus, WordsOptions(rule="advert"))
    [found] = answer.keyness
    assert {term.text for term in found.words.a} == {"discount", "code"}
    [discount] = [term for term in found.words.a if term.text == "discount"]
    assert (discount.posts, discount.others, found.posts_a, found.posts_b) == (180, 0, 180, 540)
    assert (discount.share, discount.share_others) == (1, 0)
    assert found.words.tested == len(rows_of(corpus, "words"))
    assert discount.log_likelihood >= found.words.critical


def test_a_burst_does_not_win(corpus):
    """`conference`, which stands in one month of each author alone, is left out where `harbour` is not."""
    [found] = vocabulary(corpus, WordsOptions(year="2025")).keyness
    assert "conference" not in {term.text for term in found.words.a}
    [tom] = vocabulary(corpus, WordsOptions(author="tom")).keyness
    assert [term.text for term in tom.words.a] == ["harbour"]


def test_both_directions_mirror_each_other(corpus):
    """One author's words against the rest are the rest's against the author's."""
    by_name = {each.name: each for each in vocabulary(corpus).keyness if each.kind == "author"}
    assert by_name["tom"].words.a == by_name["mira"].words.b
    assert by_name["tom"].words.b == by_name["mira"].words.a


def test_a_phrase_gives_way_to_the_longer_one(corpus):
    """`kettle sings` and `sings again` lie in `kettle sings again`, so only that is a phrase."""
    phrases = rows_of(corpus, "phrases")
    assert phrases["kettle sings again"] == 144
    assert not {"kettle sings", "sings again"} & phrases.keys()


def test_lists_count_posts_and_what_is_kept(corpus):
    """Tags, mentions, hosts, clients and emoji have their posts, kept ones, and all posts of each period."""
    tables = {table.name: {row.text: row for row in table.rows} for table in vocabulary(corpus).lists}
    assert {name: list(table) for name, table in tables.items()} == {
        "hashtags": ["#tea"],
        "mentions": ["@mira"],
        "domains": ["shop.example"],
        "clients": ["Web", "Robot 5000"],
        "emoji": ["🫖"],
    }
    robot = tables["clients"]["Robot 5000"]
    assert (robot.posts, robot.kept, sum(robot.over_time)) == (180, 0, 180)
    assert (tables["hashtags"]["#tea"].posts, tables["hashtags"]["#tea"].kept) == (144, 108)


def test_hours_move_with_the_offset(corpus):
    """All posts are from Mondays to Sundays at 09:30 UTC; five and a half hours east it is 15:00."""
    for offset, hour in (("0", 9), ("+5:30", 15), ("-10", 23)):
        grid = vocabulary(corpus, WordsOptions(offset=offset)).rhythm.hours
        assert sum(day[hour] for day in grid) == sum(map(sum, grid)) == 540
    with pytest.raises(UsageError, match="--offset 25"):
        vocabulary(corpus, WordsOptions(offset="25"))


def test_japanese_words_are_whole(tmp_path):
    """なるほど is frequent as itself, and neither るほ nor ほど is a word."""
    draw = random.Random(5)
    words = ["なるほど", "先生", "図書館", "走る", "静かだ", "面白い", "消えた", "とても", "やはり", "眠い"]
    rows = [{"text": "".join(draw.choices(words, k=4)), "created_at": day(n % 30)} for n in range(400)]
    corpus = write_corpus(tmp_path, rows)
    found = rows_of(corpus, "words")
    assert found["なるほど"] == sum("なるほど" in row["text"] for row in rows)
    assert not {"るほ", "ほど", "なるほ", "るほど"} & found.keys()


def test_the_index_is_made_once_and_follows_the_corpus(corpus, tmp_path, monkeypatch):
    """A second question reads the index; another state of the corpus has another one, and the old one is swept."""
    rows = [{"text": "rain and tide"}, {"text": "lamp", "removed_by": "short"}]
    small = write_corpus(tmp_path, rows)
    first = vocabulary(small).to_json()
    with monkeypatch.context() as patch:
        patch.setattr(index_file, "_built", None)
        assert vocabulary(small).to_json() == first
    before = folder_of(small)
    manifest = small.folder / "manifest.json"
    (small.folder / "part-00000.parquet").rename(small.folder / "part-new.parquet")
    manifest.write_text(manifest.read_text().replace("part-00000", "part-new"))
    again = small.successor()
    assert vocabulary(again).to_json() == first
    assert folder_of(again).is_dir()
    assert not before.exists()


def test_json_is_plain_and_complete(corpus):
    """Every figure survives JSON, and the periods of a word are those of the voice."""
    answer = json.loads(json.dumps(vocabulary(corpus).to_json()))
    assert [each["kind"] for each in answer["keyness"]] == ["rule", "author", "author", "year", "year"]
    voice = answer["voice"]
    assert sum(period["posts"] for period in voice["periods"]) == voice["posts"] == answer["posts"] == 540
    for word in voice["words"] + voice["phrases"]:
        assert len(word["over_time"]) == len(voice["periods"])
        assert sum(word["over_time"]) == word["posts"]
    assert sum(row["posts"] for row in answer["languages"]["rows"]) == answer["languages"]["sample"] == 540


@pytest.mark.parametrize(
    ("options", "error", "named"),
    [
        ({"rule": "advrt"}, NothingToDoError, "advrt.*advert"),
        ({"author": "toom"}, NothingToDoError, "toom.*tom"),
        ({"year": "1999"}, NothingToDoError, "1999"),
        ({"against": "nowhere"}, NothingToDoError, "nowhere"),
        ({"other_year": "2025"}, UsageError, "--year"),
        ({"rule": "advert", "year": "2025"}, UsageError, "--rule and --year"),
    ],
)
def test_wrong_requests_are_sentences(corpus, options, error, named):
    """An unknown rule, author, year or corpus is named."""
    with pytest.raises(error, match=named):
        vocabulary(corpus, WordsOptions(**options))


@pytest.mark.parametrize("rows", [[], [{"text": "", "removed_by": "short"}], [{"text": "🫖 !!", "created_at": None}]])
def test_corpora_without_words(tmp_path, rows):
    """No post, no kept post, no word and no time give an answer."""
    empty = write_corpus(tmp_path, [*rows, {"text": "", "removed_by": "short"}])
    answer = vocabulary(empty).to_json()
    assert answer["voice"]["words"] == []


def test_the_network_is_well_formed_whatever_the_handles(corpus, tmp_path):
    """Handles of strangers are text in the file, characters that XML lacks are replaced, and weights are posts."""
    wild = [Mention('<a href="x">&\'', "@b\x00\ud7ff", 3), Mention("tom", "@mira", 2)]
    root = ET.fromstring("\n".join(gexf(wild)))
    space = {"g": "http://gexf.net/1.3"}
    labels = [node.get("label") for node in root.iterfind(".//g:node", space)]
    assert labels == ['@<a href="x">&\'', "@b\ufffd\ud7ff", "@tom", "@mira"]
    assert write_gexf(corpus, None, tmp_path / "net.gexf") == 1
    [edge] = ET.parse(tmp_path / "net.gexf").iterfind(".//g:edge", space)
    assert edge.get("weight") == "180"


def test_short_links_are_counted_by_the_domains_behind_them(tmp_path):
    """The latest record of a post tells; a post without a short link, or without an address, has none."""
    link = {"url": "https://t.co/a", "expanded_url": "https://www.Example.org/way?x=1"}
    posts = [
        {"id_str": str(number), "full_text": text, "entities": {"urls": urls}, "user": {"screen_name": "mira"}}
        for number, (text, urls) in enumerate(
            [
                ("read this now https://t.co/a", [link]),
                ("and this https://t.co/a https://t.co/b", [link, {**link, "expanded_url": "http://other.example"}]),
                ("no address behind https://t.co/c", []),
                ("no short link at all, only words", [link]),
            ],
            start=1_000,
        )
    ]
    (tmp_path / "posts.jsonl").write_text("".join(json.dumps(post) + "\n" for post in posts), encoding="utf-8")
    for words in (["collect", "file", tmp_path / "posts.jsonl"], ["run", "baseline"]):
        assert inside(*words, data=tmp_path / "data").rc == 0
    assert rows_of(Corpus.open(tmp_path / "data", "baseline"), "behind") == {"example.org": 2, "other.example": 1}
    answer = vocabulary(Corpus.open(tmp_path / "data", "baseline"), WordsOptions())
    assert [each.name for each in answer.lists] == ["hashtags", "mentions", "domains", "behind", "clients", "emoji"]
