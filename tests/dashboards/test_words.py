"""The page Words: its figures are the command line's, and its searches find the posts that it counts."""

from __future__ import annotations

import datetime
import html
import re
import shutil

import pytest
from streamlit.testing.v1 import AppTest

from curation.asking.vocabulary.answer import vocabulary
from curation.asking.vocabulary.index import folder_of, home, indexed
from curation.corpus.selection import facets
from curation.options.commands import WordsOptions
from dashboards.charts import vega
from dashboards.charts.sparkline import sparkline
from dashboards.queries import words
from dashboards.snapshot import Snapshot
from tests.corpora import rule, write_corpus
from tests.dashboards.test_overview import APP

#: Posts in several scripts, with everything that is counted; no word is a part of a hashtag.
TEXTS = (
    "Don't stop the lamp at example.org, it's a lamp",
    "the lamp of @mira.bsky.social and @tom #Tea https://shop.example 🫖",
    "مرحبا كيف حالُك يا صديقي",
    "café naïve ❤️ #富士",
    "ไปที่ไหน",
    "今日はコーヒー",
)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    """A corpus of each text eight times, some removed, from two clients."""
    rows = [
        {
            "text": text, "author": "mira" if n % 2 else "tom", "client": ('Ro"bot \\ <b>5', None, "Web")[n % 3],
            "removed_by": "advert" if n % 4 == 0 else None,
            "created_at": datetime.datetime(2025, 1 + n % 12, 3, 4, 5, tzinfo=datetime.UTC),
        }
        for n, text in enumerate(TEXTS * 8)
    ]  # fmt: skip
    place = tmp_path_factory.mktemp("words")
    return Snapshot(write_corpus(place, rows, rules=[rule("advert", label="Adverts")]))


@pytest.mark.parametrize("kind", ["words", "phrases", "hashtags", "mentions", "domains", "clients", "emoji"])
def test_a_search_finds_the_posts_that_are_counted(snapshot, kind):
    """For every term of every list, Browse finds as many posts as the list says."""
    with indexed(snapshot.corpus) as index:
        counted = dict(index.rows(f"SELECT text, posts FROM {{{kind}}}"))
    assert counted or kind == "phrases"
    for text, posts in counted.items():
        where, parameters = words.posts_of("invented", None, kind, text).where(facets(snapshot.manifest))
        [(found,)] = snapshot.query(f"SELECT count(*) FROM posts WHERE {where}", parameters).iter_rows()
        assert (text, found) == (text, posts)


def tables(page: AppTest) -> list[list[str]]:
    """The cells of every table of terms, row by row."""
    bodies = [block.proto.body for block in page.get("html")]
    rows = [row for body in bodies if 'class="wide"' in body for row in re.findall(r"<tr>(.*?)</tr>", body)[1:]]
    return [list(map(html.unescape, re.findall(r">([^<>]+)<", re.sub(r"<img[^>]*>", "", row)))) for row in rows]


def test_the_page_says_the_figures_of_the_command(snapshot, monkeypatch):
    """Words, a comparison and lists: the same terms and figures as `curation words`, and no text is markup."""
    monkeypatch.setenv("CURATION_DATA", str(snapshot.corpus.folder.parent.parent))
    answer = vocabulary(snapshot.corpus)
    page = AppTest.from_file(APP, default_timeout=60).run()
    page.switch_page("pages/words.py").run()
    assert not page.exception
    shown = {row[0]: row[1] for row in tables(page)}
    assert shown == {
        each.text: f"{each.posts:,}"
        for each in (*answer.voice.words, *answer.voice.phrases, *answer.voice.function_words)
    }
    page.button_group(key="words:part").set_value("Tags, links, apps").run()
    shown = {row[0]: row[1:3] for row in tables(page)}
    assert shown == {
        row.text: [
            f"{row.posts:,}", f"{row.kept / row.posts:.1%}"
        ]
        for table in answer.lists
        for row in table.rows
    }  # fmt: skip
    for part in ("What is typical", "When and how", "Mentions"):
        page.button_group(key="words:part").set_value(part).run()
        assert not page.exception
    assert tables(page) == [[row.author, row.mentioned, f"{row.posts:,}"] for row in answer.network]


def test_large_corpora_are_a_job(snapshot, monkeypatch, tmp_path):
    """Beyond a bound the page counts nothing by itself, and offers to."""
    corpus = write_corpus(tmp_path, [{"text": "one lamp"}])
    monkeypatch.setenv("CURATION_DATA", str(tmp_path))
    monkeypatch.setenv("CURATION_WRITES", "local")
    monkeypatch.setattr(words, "AT_ONCE", 0)
    page = AppTest.from_file(APP, default_timeout=60).run()
    page.switch_page("pages/words.py").run()
    assert not page.exception
    assert not folder_of(corpus).exists()
    assert "Count the words" in [button.label for button in page.button]


@pytest.mark.parametrize("rows", [[], [{"text": "", "removed_by": "short", "created_at": None}]])
def test_a_corpus_without_words_draws(rows, monkeypatch, tmp_path):
    """No post and no kept post are no error on any part of the page."""
    write_corpus(tmp_path, [*rows, {"text": "…", "removed_by": "short"}])
    monkeypatch.setenv("CURATION_DATA", str(tmp_path))
    page = AppTest.from_file(APP, default_timeout=60).run()
    page.switch_page("pages/words.py").run()
    for part in ("Its own words", "What is typical", "Tags, links, apps", "When and how", "Mentions"):
        page.button_group(key="words:part").set_value(part).run()
        assert not page.exception


def test_a_name_that_vega_takes_for_its_own_is_drawn():
    """`if` as a name in an order of names stops a whole chart; with an invisible character it doesn't."""
    assert vega.distinct_labels(["if", "iffy"]) == [f"if{vega.JOINER}", "iffy"]


def test_a_sparkline_has_words():
    """A screen reader hears the sum, the span and the peak; without dates there is no picture."""
    assert "9 posts from 2025 to 2026, most (7) in 2026" in sparkline([2, 7], ["2025", "2026"])
    assert "<img" not in sparkline([0, 0], ["2025", "2026"])


def test_year_sides_lead_to_their_months(snapshot):
    """A word of a year leads to that year's months."""
    [found] = vocabulary(snapshot.corpus, WordsOptions(rule="advert")).keyness
    view = words.view_of(found.a, "words", "lamp")
    assert (view.chosen["verdict"], view.q) == (("advert",), "text:lamp")


def test_a_visitor_who_may_not_write_leaves_the_workspace_as_it_is(snapshot):
    """The same index comes from a folder of the server, once."""
    corpus = snapshot.corpus
    with indexed(corpus) as theirs:
        facts = theirs.facts
    shutil.rmtree(home(corpus))
    before = set(corpus.folder.parent.parent.rglob("*"))
    index = words.index_of(corpus, writes=False)
    assert words.index_of(corpus, writes=False) is index
    assert set(corpus.folder.parent.parent.rglob("*")) == before
    assert index.facts == facts
