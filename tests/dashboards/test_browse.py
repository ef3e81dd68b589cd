"""Counts of facets, pages of posts, and the page that shows them."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

import dashboards
from curation.corpus.corpus import PLACE
from curation.corpus.ledger import Ledger
from curation.corpus.pins.pin_file import change_pins
from curation.corpus.selection import KEPT, Condition, facets
from curation.disk.workspace import Workspace
from curation.errors import UsageError
from dashboards.queries import browse
from dashboards.queries.index import holds, index
from dashboards.snapshot import Answers, Snapshot
from dashboards.view import ORDERS, View
from tests import hostile
from tests.corpora import rule, write_corpus

#: The dashboard's script.
APP = Path(dashboards.__file__).with_name("app.py")

RULES = [rule("min_words", label="Short tweets", measure="min_words", min=3), rule("tail")]


def rows(number: int = 60) -> list[dict]:
    """Invented posts of a few authors, in several languages, of several kinds and lengths."""
    return [
        {
            "author": ["mira", "a_b%", "名前"][n % 3],
            "lang": [None, "he", "th"][n % 5 % 3],
            "is_reply": n % 4 == 0,
            "text": "soup " * (n % 30 + 1) + ["", "שלום", "แมว"][n % 3],
            "removed_by": [None, None, "min_words", "tail"][n % 4],
            "matched": [[], [], ["min_words", "tail"], ["tail"]][n % 4],
            "min_words": n % 4,
        }
        for n in range(number)
    ]


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory) -> Snapshot:
    """Posts in three files."""
    corpus = write_corpus(tmp_path_factory.mktemp("browse"), rows(), recipe="baseline", rules=RULES, parts=3)
    return Snapshot(corpus, Answers())


CHOICES = st.fixed_dictionaries(
    {},
    optional={
        "author": st.lists(st.sampled_from(["mira", "a_b%", "名前", "nobody"]), min_size=1, unique=True).map(tuple),
        "verdict": st.lists(st.sampled_from([KEPT, "min_words", "tail"]), min_size=1, unique=True).map(tuple),
        "kind": st.just(("reply",)),
        "length": st.just(("0-19", "20-39")),
    },
)


def test_a_slow_search_ends_with_a_sentence(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that takes too long is ended and says what helps; the next one is answered."""
    endless = "(SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3) > 0"
    monkeypatch.setattr("dashboards.snapshot.SECONDS", 0.2)
    with pytest.raises(UsageError, match="was ended"):
        holds(snapshot, Condition("q", ("/x/",), endless, ()))
    monkeypatch.undo()
    assert holds(snapshot, Condition("q", ("soup",), "contains(text, 'soup')", ())).all()


@given(CHOICES, st.sampled_from(["", "SOUP", "แมว", "%"]), st.sampled_from(["", "tail"]))
@settings(max_examples=40, deadline=None)
def test_counts_are_those_of_the_posts(snapshot, chosen, q, matched):
    """Each facet's counts are those of the posts that meet all other conditions, and so are kept and removed."""
    posts = [
        {
            "author": row["author"],
            "verdict": row["removed_by"] or KEPT,
            "kind": "reply" if row["is_reply"] else "post",
            "language": row["lang"] or "unknown",
            "length": "0-19" if len(row["text"]) < 20 else "20-39" if len(row["text"]) < 40 else "more",
        }
        for row in rows()
        if q.casefold() in row["text"].casefold() and (not matched or matched in row["matched"])
    ]
    view = View(chosen=chosen, q=q, matched=matched)
    counts = browse.counts(snapshot, view, facets(snapshot.manifest))

    def meets(post: dict, but: str = "") -> bool:
        return all(post[name] in values for name, values in chosen.items() if name != but)

    for name in ("author", "verdict", "kind", "language"):
        expected = Counter(post[name] for post in posts if meets(post, but=name))
        shown = counts.facets[name].counts
        assert {value: number for value, number in shown.items() if number} == expected
        assert set(chosen.get(name, ())) <= set(shown)
    assert (counts.posts, counts.kept) == (
        sum(map(meets, posts)),
        sum(meets(post) and post["verdict"] == KEPT for post in posts),
    )


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("chosen", [{}, {"author": ("名前", "mira")}])
def test_pages_together_are_all_posts_in_order(snapshot, monkeypatch, order, chosen):
    """Every post in view is on one page, in the order that the database gives, with all its columns."""
    known, view = facets(snapshot.manifest), View(order=order, chosen=chosen)
    where, parameters = view.where(known)
    sql = f"SELECT id FROM posts WHERE {where} ORDER BY {ORDERS[order][0]}, {PLACE}"
    monkeypatch.setattr(browse, "PAGE", 25)
    shown = [post for number in (1, 2, 3, 4) for post in browse.page(snapshot, view, known, number)]
    assert [post["id"] for post in shown] == snapshot.query(sql, parameters)["id"].to_list()
    assert all(post["raw_text"] == post["text"] for post in shown)


def test_a_post_has_the_text_that_it_had(tmp_path):
    """The text before rewriting is read for the posts that were rewritten."""
    changed = {"text": "soup", "raw_text": "soup https://a.example", "rewritten_by": ["strip_urls"]}
    one = Snapshot(write_corpus(tmp_path, [{"text": "as it was"}, changed]), Answers())
    shown = browse.page(one, View(order="oldest"), facets(one.manifest), 1)
    assert [post["raw_text"] for post in shown] == ["as it was", "soup https://a.example"]


def test_counts_equal_the_ledger(snapshot):
    """Without a condition kept and removed are the ledger's, and so is each verdict."""
    total = Ledger.of(snapshot.corpus).total
    counts = browse.counts(snapshot, View(), facets(snapshot.manifest))
    assert (counts.kept, counts.posts) == (total.kept, total.downloaded)
    assert counts.facets["verdict"].counts == {KEPT: total.kept, **total.removed}


def test_a_measure_may_be_called_like_a_place(tmp_path):
    """What a rule called `row` measured is shown, and the post is found at its own row."""
    posts = [{"text": "one lamp", "row": 9}, {"text": "two lamps", "row": 8}]
    one = Snapshot(write_corpus(tmp_path, posts, rules=[rule("row"), rule("part")]), Answers())
    shown = browse.page(one, View(order="longest"), facets(one.manifest), 1)
    assert [(post["text"], post["row"]) for post in shown] == [("two lamps", 8), ("one lamp", 9)]


def test_many_values_are_searched_for(tmp_path, monkeypatch):
    """Only the most frequent values are offered, with those that are chosen; a search finds the others."""
    monkeypatch.setattr(browse, "OFFERED", 2)
    names = Counter({"mira": 3, "jo": 2, "A_rare one": 1, "another": 1})
    corpus = write_corpus(tmp_path, [{"author": name} for name in names.elements()])
    many, known = Snapshot(corpus, Answers()), facets(corpus.manifest)
    author = next(facet for facet in known if facet.name == "author")
    offered = browse.counts(many, View().choosing("author", "another"), known).facets["author"]
    assert (offered.counts, offered.number, offered.truncated) == ({"mira": 3, "jo": 2, "another": 1}, 4, True)
    assert browse.search_values(many, View(), known, author, "a_R").counts == {"A_rare one": 1}


def test_each_condition_says_what_it_keeps_out(snapshot):
    """Of conditions that together leave nothing, each says how many posts there would be without it."""
    view = View(chosen={"verdict": (KEPT,)}, matched="tail", q="soup")
    assert browse.loosened(snapshot, view, facets(snapshot.manifest)) == {"verdict": 30, "q": 0, "matched": 30}


def test_an_empty_corpus_has_no_posts(tmp_path):
    """Nothing to count, nothing to show, nothing to loosen."""
    empty = Snapshot(write_corpus(tmp_path, []), Answers())
    known = facets(empty.manifest)
    assert browse.counts(empty, View(), known).posts == index(empty, known).posts == 0
    assert browse.page(empty, View(), known, 1) == []
    assert browse.loosened(empty, View(), known) == {}


def opened(monkeypatch: pytest.MonkeyPatch, data: Path, page: str = "browse", **words: str | list[str]) -> AppTest:
    """A page of the dashboard over a workspace, at an address."""
    monkeypatch.setenv("CURATION_DATA", str(data))
    at = AppTest.from_file(APP, default_timeout=60).run()
    at.switch_page(f"pages/{page}.py")
    for name, value in words.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def html_of(at: AppTest) -> str:
    """All HTML of a page but for its style."""
    return "".join(element.value for element in at.get("html") if "<style>" not in element.value)


def given(at: AppTest, key: str) -> dict:
    """What the control that has this key was given."""
    components = [json.loads(component.proto.json) for component in at.get("bidi_component")]
    return next(component for component in components if key in component)


def list_of(at: AppTest) -> dict:
    """What the list of posts on a page gets."""
    return given(at, "rows")


def facet_of(at: AppTest, name: str) -> dict:
    """What the control of a facet gets."""
    return next(facet for facet in given(at, "facets")["facets"] if facet["name"] == name)


def metric(at: AppTest, label: str) -> str:
    """A figure of a page."""
    return next(found.value for found in at.metric if found.label == label)


@pytest.fixture(scope="module")
def data(snapshot) -> Path:
    """The workspace of the invented posts."""
    return snapshot.corpus.folder.parent.parent


def test_an_address_restores_the_view(monkeypatch, data):
    """What the address asks stands in the widgets and in the figures."""
    at = opened(monkeypatch, data, verdict=["min_words"], q="soup", order="longest", author=["a_b%", "mira"])
    assert at.text_input(key="browse:q").value == "soup"
    assert at.selectbox(key="browse:order").value == "longest"
    assert facet_of(at, "author")["chosen"] == ["a_b%", "mira"]
    assert metric(at, "Posts in view") == metric(at, "Removed") == "10"
    shown = list_of(at)
    assert shown["rows"][0]["reasons"] == ["Short tweets: 2 words < 3", "tail"]
    assert ["mark", "soup"] in shown["rows"][0]["text"]


def test_widgets_write_the_address(monkeypatch, data):
    """A search, a facet and an order come to stand in the address; a chip and "clear all" take them out of it."""
    at = opened(monkeypatch, data)
    at.text_input(key="browse:q").set_value("שלום").run()
    at.selectbox(key="browse:order").set_value("oldest").run()
    at.query_params["kind"] = "reply"
    at.run()
    assert dict(at.query_params) == {"corpus": "baseline", "q": "שלום", "order": "oldest", "kind": "reply"}
    assert metric(at, "Posts in view") == "5"
    at.button(key="chip:q:שלום").click().run()
    assert "q" not in at.query_params
    assert metric(at, "Posts in view") == "15"
    at.button(key="chip-all").click().run()
    assert dict(at.query_params) == {"corpus": "baseline", "order": "oldest"}
    assert metric(at, "Posts in view") == "60"


def test_a_search_that_cannot_be_read(monkeypatch, data):
    """It is a sentence with the place, in the page's own place, with a way on."""
    at = opened(monkeypatch, data, q="soup (")
    assert "character 6: this bracket is never closed" in at.error[0].value.replace("\\", "")
    assert not at.metric
    at.button(key="search:clear").click().run()
    assert not at.error
    assert metric(at, "Posts in view") == "60"


def test_nothing_found_says_what_to_loosen(monkeypatch, data):
    """An empty view offers each condition without which there would be posts."""
    at = opened(monkeypatch, data, q="no such words", author="mira")
    assert at.info[0].value == "No post meets all of these conditions."
    at.button(key="loosen:q").click().run()
    assert metric(at, "Posts in view") == "20"


def test_the_page_is_in_the_address(monkeypatch, data):
    """The address names the page of posts; one that there is not is the last one, and a condition begins anew."""
    monkeypatch.setattr(browse, "PAGE", 25)
    view = View(page=3)
    assert view.words() == {"page": ["3"]}
    assert View.parse({"page": ["3"]}, ()) == view
    assert [View.parse({"page": [word]}, ()).page for word in ("0", "-1", "x", "9" * 40, "٣")] == [1] * 5
    assert [each.page for each in (view.changed(q="a"), view.choosing("author", "b"), view.changed(post="x:1"))] == [
        1,
        1,
        3,
    ]
    assert list_of(opened(monkeypatch, data, page="browse"))["page"] == 1


def test_a_pin_stands_at_its_post(monkeypatch, tmp_path):
    """The list knows what is pinned, with its note."""
    write_corpus(tmp_path, [{"text": "one post"}, {"text": "two posts"}])
    change_pins(Workspace(tmp_path), lambda pins: pins.pin("x", "2", "removed", "no <b>").pin("x", "99", "kept"))
    assert list_of(opened(monkeypatch, tmp_path))["pins"] == {"x:2": {"want": "removed", "note": "no <b>", "by": ""}}


def test_a_damaged_pin_file_is_no_error_page(monkeypatch, tmp_path):
    """What is wrong with it is said, and the posts are shown."""
    write_corpus(tmp_path, [{"text": "one post"}])
    (tmp_path / "pins.toml").write_text("[[pin]", encoding="utf-8")
    at = opened(monkeypatch, tmp_path)
    assert "TOML" in at.warning[0].value
    assert list_of(at)["rows"][0]["text"] == [["", "one post"]]


@pytest.fixture(scope="module")
def tried(tmp_path_factory) -> Path:
    """A workspace of posts that try something."""
    return hostile.land(tmp_path_factory.mktemp("hostile")).root


TAGS = {"div", "span", "strong", "bdi", "del", "ins", "mark", "a", "table", "thead", "tbody", "tr", "th", "td"}


def test_hostile_posts_are_text(monkeypatch, tried):
    """The only tags on the page are ours, and no widget's words hold a sign of Markdown without a backslash."""
    for page in ("browse", "repairs"):
        at = opened(monkeypatch, tried, page)
        assert set(re.findall(r"<(\w+)", html_of(at))) <= TAGS
        assert not re.search(r"<[^>]*\son\w+=", html_of(at))
        words = [button.label for button in at.button]
        assert not [word for word in words if re.search(r"(?<!\\)[\[<$*`]", str(word))]


def test_hostile_authors_are_values(monkeypatch, tried):
    """Handles with SQL, HTML or a line break can be chosen by the address, and lead to their authors' posts."""
    authors = list(hostile.AUTHORS)[:10]
    at = opened(monkeypatch, tried, author=authors)
    assert int(metric(at, "Posts in view")) == sum(row["author"] in authors for row in hostile.HOSTILE)
