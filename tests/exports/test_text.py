"""Training text with boundaries: passes, orders, balance."""

from __future__ import annotations

from collections import Counter
from hashlib import md5

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from curation.disk.exported_file import BOUNDARY
from curation.exports import export
from curation.exports.formats.base import NEUTRALISED
from tests.corpora import write_corpus

SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])

#: Texts that would move a boundary, end a line or disappear.
TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            BOUNDARY,
            f"<{BOUNDARY}>",
            "<|endoftext|",
            "|endoftext|>",
            "",
            "\u3000\x1f ",
            "a\r\nb",
            "日本語",
            NEUTRALISED,
        ]
    ),
)


def written(corpus, out, **options) -> list[str]:
    """The posts in the training file, in its order."""
    export(corpus, ["text"], out, allow_small=True, **options)
    text = (out / "train.txt").read_bytes().decode()
    if not text:
        return []
    before, *posts, after = text.split(BOUNDARY)
    assert (before, after) == ("", "")
    return posts


@given(
    st.lists(TEXTS, min_size=1, max_size=20).filter(lambda texts: any(text.strip() for text in texts)),
    st.integers(1, 5),
    st.integers(0, 9),
)
@example([f"{BOUNDARY}{BOUNDARY}", "<"], 2, 0)
@SLOW
def test_the_file_splits_into_epochs_times_kept_posts(tmp_path_factory, texts, epochs, seed):
    """Cut at the boundaries, the file is every kept post with text once in each pass, and nothing else."""
    folder = tmp_path_factory.mktemp("corpus")
    posts = written(write_corpus(folder, [{"text": text} for text in texts]), folder / "out", epochs=epochs, seed=seed)
    expected = Counter(text.replace(BOUNDARY, NEUTRALISED) for text in texts if text.strip())
    size = sum(expected.values())
    assert len(posts) == epochs * size
    for epoch in range(epochs):
        assert Counter(posts[epoch * size : (epoch + 1) * size]) == expected


def test_each_epoch_has_an_order_of_its_own_and_so_has_each_seed(tmp_path):
    """No two passes over twenty posts are alike, nor are two seeds, nor is any in order of landing."""
    corpus = write_corpus(tmp_path, [{"text": f"post {number}"} for number in range(20)])
    posts = written(corpus, tmp_path / "out", epochs=3)
    orders = [tuple(posts[start : start + 20]) for start in (0, 20, 40)]
    other = tuple(written(corpus, tmp_path / "out", epochs=1, seed=1))
    assert len({*orders, other, tuple(f"post {number}" for number in range(20))}) == 5


def test_the_order_depends_on_seed_and_ids_alone(tmp_path):
    """A pass is in the order of an MD5 over seed, pass, copy, platform and id, the same on every machine."""
    corpus = write_corpus(tmp_path, [{"text": letter} for letter in "abcdefgh"], parts=3)

    def place(letter: str, epoch: int) -> str:
        return md5(f"shuffle/7/{epoch}/0/x/{'abcdefgh'.index(letter) + 1}".encode()).hexdigest()

    expected = [sorted("abcdefgh", key=lambda letter: place(letter, epoch)) for epoch in (0, 1)]
    assert written(corpus, tmp_path / "out", epochs=2, seed=7) == expected[0] + expected[1]
    assert "".join(expected[0]) == "egahdfcb"


@given(
    st.lists(st.text("ab \u00e9日", min_size=1, max_size=40).filter(str.strip), min_size=1, max_size=8),
    st.lists(st.text("cd", min_size=1, max_size=25), min_size=1, max_size=8),
    st.lists(st.text("ef", min_size=1, max_size=5), min_size=1, max_size=3),
    st.integers(0, 3),
)
@SLOW
def test_balanced_authors_are_within_one_post_of_the_largest(tmp_path_factory, mira, tom, zoe, seed):
    """In each pass nobody exceeds the largest author, nobody is short by a post, and no post is far ahead."""
    authors = {"mira": mira, "tom": tom, "zoe": zoe}
    rows = [{"author": author, "text": text} for author, texts in authors.items() for text in texts]
    folder = tmp_path_factory.mktemp("corpus")
    posts = written(write_corpus(folder, rows), folder / "out", balance=True, epochs=1, seed=seed)

    def characters(texts):
        return sum(len(text) + len(BOUNDARY) for text in texts)

    largest = max(map(characters, authors.values()))
    for texts in authors.values():
        mine = [post for post in posts if post in texts]
        assert largest - max(len(text) + len(BOUNDARY) for text in texts) < characters(mine) <= largest
        times = {text: Counter(mine)[text] / n for text, n in Counter(texts).items()}
        rounds = largest // characters(texts)
        assert all(rounds <= time <= rounds + 1 for time in times.values())


def test_balance_draws_the_last_round_anew_for_each_epoch(tmp_path):
    """Which posts of a smaller author come once more changes from pass to pass; the largest's never do."""
    rows = [{"author": "mira", "text": f"mira {n:02}"} for n in range(30)]
    rows += [{"author": "tom", "text": f"tom  {n:02}"} for n in range(20)]
    posts = written(write_corpus(tmp_path, rows), tmp_path / "out", balance=True, epochs=4)
    passes = [Counter(posts[start : start + 60]) for start in range(0, 240, 60)]
    assert all(count == 1 for one in passes for text, count in one.items() if text.startswith("mira"))
    assert all(sum(n for text, n in one.items() if text.startswith("tom")) == 30 for one in passes)
    assert len({frozenset(text for text, n in one.items() if n == 2) for one in passes}) == 4


def test_the_valid_file_is_one_pass_without_repetition(tmp_path):
    """Epochs and balance are for training: a validation post counts once."""
    rows = [{"author": "mira", "text": f"mira {n}"} for n in range(40)] + [{"author": "tom", "text": "tom"}]
    rows += [{"author": "tom", "text": f"tom {n}"} for n in range(9)]
    corpus = write_corpus(tmp_path, rows)
    result = export(corpus, ["text"], tmp_path, valid=0.5, balance=True, epochs=3, allow_small=True)
    valid = (tmp_path / "valid.txt").read_text().split(BOUNDARY)[1:-1]
    assert len(valid) == len(set(valid)) == result.files[1].posts > 0


def test_an_author_who_is_repeated_often_is_named(tmp_path):
    """Balancing one short post against a long timeline is done, and said."""
    rows = [{"author": "mira", "text": "a long post " * 20}] * 10 + [{"author": "tom", "text": "short"}]
    result = export(write_corpus(tmp_path, rows), ["text"], tmp_path, balance=True, allow_small=True)
    assert [w for w in result.warnings if "each post of tom is repeated about 141 times" in w]
    assert not [w for w in result.warnings if "mira" in w]
