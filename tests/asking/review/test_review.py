"""Queues of posts to decide, the record of draws, and the estimates from them."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.asking.review.audit import audit, wilson
from curation.asking.review.drawing import bounds, draws
from curation.asking.review.queues import KEPT, NEAR, REMOVED, UNLIKE, Bound, Queue
from curation.asking.review.record import FILE, Draw, Reviews, change_reviews, reviews_of
from curation.corpus.corpus import Corpus
from curation.corpus.pins.pin_file import Pins, change_pins
from curation.disk.workspace import Workspace
from curation.errors import InputError, UsageError
from tests.cli.shell import inside
from tests.corpora import rule, write_corpus

RULES = [rule("min_words", measure="min_words", min=3), rule("retweet")]


def rows(number: int = 400) -> list[dict[str, Any]]:
    """Posts of two rules and kept ones; every tenth is removed by both."""
    posts = []
    for n in range(number):
        words = n % 9
        matched = [name for name, goes in (("min_words", words < 3), ("retweet", n % 10 == 0)) if goes]
        posts.append(
            {
                "id": f"p{n}",
                "text": "soup " * words,
                "min_words": words,
                "matched": matched,
                "removed_by": matched[0] if matched else None,
                "author": ["mira", "jo"][n % 2],
            }
        )
    return posts


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """A corpus of these posts."""
    return write_corpus(tmp_path_factory.mktemp("review"), rows(), recipe="baseline", rules=RULES, parts=2)


def listed(corpus: Corpus, queue: Queue, most: int = 1_000) -> list[tuple[str, str, str]]:
    """A queue's posts."""
    return corpus.rows(*queue.statement([Bound("min_words", 3)], most))


@pytest.mark.parametrize("queue", [Queue(REMOVED), Queue(REMOVED, "retweet"), Queue(KEPT), Queue(NEAR), Queue(UNLIKE)])
def test_a_queue_is_always_the_same(corpus: Corpus, tmp_path: Path, queue: Queue) -> None:
    """It has each post once, in an order that no file changes; a shorter one is its beginning."""
    posts = listed(corpus, queue)
    assert len({(platform, post_id) for platform, post_id, _ in posts}) == len(posts)
    assert listed(corpus, queue, 7) == posts[:7]
    again = write_corpus(tmp_path, list(reversed(rows())), recipe="baseline", rules=RULES, parts=3)
    assert listed(again, queue) == posts


def test_the_random_queues_have_all_and_only_theirs(corpus: Corpus) -> None:
    """Removed and kept ones by the recipe alone; those of one rule in the order in which all rules' queue has them."""
    removed, kept = (listed(corpus, Queue(kind)) for kind in (REMOVED, KEPT))
    assert {post_id for _, post_id, _ in removed} == {row["id"] for row in rows() if row["matched"]}
    assert {post_id for _, post_id, _ in kept} == {row["id"] for row in rows() if not row["matched"]}
    for name in ("min_words", "retweet"):
        assert listed(corpus, Queue(REMOVED, name)) == [each for each in removed if each[2] == name]
    assert [post for _, post, _ in removed] != [post for _, post, _ in listed(corpus, Queue(REMOVED, seed=2))]


@pytest.mark.parametrize("kind", [REMOVED, KEPT, NEAR, UNLIKE])
def test_a_queue_of_one_author_has_only_theirs(corpus: Corpus, kind: str) -> None:
    """The same posts in the same order without the others', and no random sample of all posts."""
    authors = {row["id"]: row["author"] for row in rows()}
    theirs = listed(corpus, Queue(kind, author="jo"))
    assert {authors[post_id] for _, post_id, _ in theirs} <= {"jo"}
    assert not Queue(kind, author="jo").is_random
    if kind in (REMOVED, KEPT):
        assert theirs == [each for each in listed(corpus, Queue(kind)) if authors[each[1]] == "jo"]
        assert theirs


def test_what_a_pin_decided_stays_in_its_queue(tmp_path: Path) -> None:
    """A post that is kept or removed by hand is in the queue of what the recipe alone does with it."""
    posts: list[dict[str, Any]] = [
        {"id": "a", "matched": ["min_words"], "removed_by": None},
        {"id": "b", "matched": [], "removed_by": "by_hand"},
    ]
    corpus = write_corpus(tmp_path, posts, rules=RULES)
    assert listed(corpus, Queue(REMOVED)) == [("x", "a", "min_words")]
    assert listed(corpus, Queue(KEPT)) == [("x", "b", "")]


def test_near_a_threshold_are_both_sides_in_turn(corpus: Corpus) -> None:
    """Nearest first, and never a post that another rule removes."""
    words = {row["id"]: (row["min_words"], row["matched"]) for row in rows()}
    posts = [words[post_id] for _, post_id, _ in listed(corpus, Queue(NEAR), 80)]
    assert {measured for measured, _ in posts[:40]} == {2, 3}
    assert {tuple(matched) for _, matched in posts} == {(), ("min_words",)}
    assert {len(matched) for _, matched in posts[0:2]} == {0, 1}
    assert bounds(corpus) == [Bound("min_words", 3)]
    assert listed(corpus, Queue(NEAR, "retweet")) == []


def test_a_post_in_another_script_is_unlike_the_others(tmp_path: Path) -> None:
    """Of each author the one post that shares no letters with the others comes first; who writes little has none."""
    usual = {
        "mira": "the kettle sings before the harbour wakes and the gull has number {}",
        "nami": "霧が深い朝、港の灯台はまだ眠っている。猫だけが起きていた、今日も{}回目だ",
    }
    posts = [
        {"id": f"{author}{n}", "author": author, "text": text.format(n)}
        for author, text in usual.items()
        for n in range(80)
    ]
    posts += [
        {"id": "odd-mira", "author": "mira", "text": "Απόψε ο Κρόνος πάνω από το λιμάνι"},
        {"id": "odd-nami", "author": "nami", "text": "L:=33.5162,-111.9076 xx"},
        {"id": "alone", "author": "once", "text": "Шестьдесят лет назад человек впервые увидел"},
    ]
    corpus = write_corpus(tmp_path, posts)
    assert {post_id for _, post_id, _ in listed(corpus, Queue(UNLIKE), 2)} == {"odd-mira", "odd-nami"}
    assert "alone" not in {post_id for _, post_id, _ in listed(corpus, Queue(UNLIKE))}


def test_an_unknown_queue_is_named(corpus: Corpus) -> None:
    """With the nearest name."""
    with pytest.raises(UsageError, match="Did you mean"):
        Queue("remvoed")


@given(st.integers(0, 400), st.integers(0, 400))
def test_wilsons_interval_holds_the_share(wrong: int, right: int) -> None:
    """It lies within 0 and 1, and more decisions with the same share make it narrower."""
    decided = wrong + right
    low, high = wilson(wrong, decided)
    assert 0 <= low <= high <= 1
    if decided:
        assert low <= wrong / decided <= high
        four = wilson(4 * wrong, 4 * decided)
        assert four[1] - four[0] < high - low


def test_wilsons_interval_is_the_known_one() -> None:
    """As in Wilson's tables: 3 of 30, 0 of 30, and nothing known without a decision."""
    assert [round(end, 4) for end in wilson(3, 30)] == [0.0346, 0.2562]
    assert [round(end, 4) for end in wilson(0, 30)] == [0.0, 0.1135]
    assert wilson(0, 0) == (0.0, 1.0)


def test_pinned_posts_that_a_queue_has_passed_are_drawn(corpus: Corpus) -> None:
    """What was decided elsewhere counts from the moment that the queue is beyond it, what comes later does not."""
    posts = listed(corpus, Queue(REMOVED))
    ids = [(platform, post_id) for platform, post_id, _ in posts]
    new = draws(corpus, Queue(REMOVED), posts, [ids[3]], {ids[1], ids[3], ids[9], ("x", "elsewhere")})
    assert [each.post for each in new] == [ids[1], ids[3]]
    assert {(each.queue, each.of_rule, each.corpus) for each in new} == {(REMOVED, "", "baseline")}


def test_only_random_draws_under_these_settings_count(corpus: Corpus) -> None:
    """Other queues, other settings and posts without a decision change no share; a decision taken back neither."""
    mark = str(corpus.manifest["recipe"].get("fingerprint", ""))

    def draw(
        post_id: str, queue: str = REMOVED, of_rule: str = "", rule: str = "min_words", recipe: str = mark
    ) -> Draw:
        return Draw("x", post_id, "baseline", recipe, queue, of_rule, rule)

    reviews = Reviews(
        (
            draw("p0"), draw("p1"), draw("p9"), draw("p10", rule="retweet"),
            draw("p18", of_rule="min_words"),
            draw("p2", queue=NEAR), draw("p11", recipe="old"),
            draw("p3", queue=KEPT, rule=""), draw("p4", queue=KEPT, rule=""),
        )
    )  # fmt: skip
    pins = Pins()
    for want, ids in (("kept", ("p0", "p18", "p2", "p4")), ("removed", ("p1", "p10", "p3"))):
        for post_id in ids:
            pins = pins.pin("x", post_id, want)
    found = {(each.of, each.rule): (each.drawn, each.decided, each.wrong) for each in audit(corpus, reviews, pins)}
    assert found == {
        ("removed", ""): (4, 3, 1),
        ("removed", "min_words"): (4, 3, 2),
        ("removed", "retweet"): (1, 1, 0),
        ("kept", ""): (2, 2, 1),
    }
    posts = {(each.of, each.rule): each.posts for each in audit(corpus, reviews, pins)}
    assert posts["removed", ""] + posts["kept", ""] == 400
    assert posts["removed", ""] == posts["removed", "min_words"] + posts["removed", "retweet"]


def test_the_record_survives_and_loses_nothing(tmp_path: Path) -> None:
    """Several writers at once all come into the file; a damaged one is said and stays as it is."""
    space = Workspace(tmp_path)

    def write(name: str) -> None:
        for n in range(6):
            draw = Draw("x", f"{name}{n}", "c", "f", KEPT, "", "")
            change_reviews(space, partial(Reviews.with_draws, draws=[draw]))

    threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {each.id for each in reviews_of(space).draws} == {f"{name}{n}" for name in "ab" for n in range(6)}
    for damaged in ("{", "[]", '{"draws": [{"platform": "x"}]}', '{"draws": 5}'):
        (tmp_path / FILE).write_text(damaged, encoding="utf-8")
        with pytest.raises(InputError, match="damaged"):
            change_reviews(space, lambda old: old)
        assert (tmp_path / FILE).read_text(encoding="utf-8") == damaged


def test_the_command_says_it(tmp_path: Path) -> None:
    """`curation review` has the same figures; without a draw it says where to begin."""
    corpus = write_corpus(tmp_path, rows(), recipe="baseline", rules=RULES)
    assert "page Decide" in inside("review", data=tmp_path).complaint
    posts = listed(corpus, Queue(REMOVED))
    new = draws(corpus, Queue(REMOVED), posts, [(platform, post_id) for platform, post_id, _ in posts[:10]], set())
    space = Workspace(tmp_path)
    change_reviews(space, lambda old: old.with_draws(new))
    for number, each in enumerate(new):
        want = "kept" if number < 2 else "removed"
        change_pins(space, partial(Pins.pin, platform=each.platform, post_id=each.id, want=want))
    [first, *_] = inside("review", "--json", data=tmp_path).json["estimates"]
    assert (first["rule"], first["decided"], first["wrong"], first["share"]) == (None, 10, 2, 0.2)
    assert first["interval"] == list(wilson(2, 10))
    assert "20.0%" in inside("review", data=tmp_path).out
