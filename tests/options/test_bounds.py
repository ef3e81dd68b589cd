"""What values a setting may take: what fits, how it is put, and what can be read from it."""

import pytest

from curation.options.bounds import AtLeast, Between, Each, OneOf

CASES = [
    (AtLeast(1), [1, 1.5, 10**30], [0, 0.999, -3, float("nan")]),
    (AtLeast(0, above=True), [0.1], [0, -1]),
    (Between(0, 1), [0, 0.5, 1], [-0.1, 1.01, float("nan")]),
    (Between(0, 1, below=True), [0, 0.999], [1]),
    (Between(0, 1, above=True), [0.001, 1], [0]),
    (OneOf("author", "global"), ["author"], ["Author", "", 3]),
    (Each(OneOf("likes", "views")), [[], ["views"], ("likes", "views")], [["likes", "love"]]),
]


@pytest.mark.parametrize(("bound", "right", "wrong"), CASES, ids=lambda each: str(each)[:30])
def test_what_fits_passes_and_what_does_not_gets_the_sentence(bound, right, wrong):
    """A bound is a check: None for what is right, else what would be right."""
    assert [bound(value) for value in right] == [None] * len(right)
    assert [bound(value) for value in wrong] == [bound.sentence] * len(wrong)


@pytest.mark.parametrize(
    ("bound", "sentence", "limits"),
    [
        (AtLeast(1), "a number of at least 1", "at least 1"),
        (AtLeast(0, above=True), "a number above 0", "above 0"),
        (Between(0.5, 1), "a number from 0.5 to 1", "at least 0.5 and at most 1"),
        (Between(8, 1 << 20), "a number from 8 to 1048576", "at least 8 and at most 1,048,576"),
        (Between(0, 1, below=True), "a number of at least 0 and below 1", "at least 0 and below 1"),
        (OneOf("NFC", "NFKC"), 'one of "NFC", "NFKC"', "one of NFC, NFKC"),
        (Each(OneOf("a", "b")), 'a list, each one of "a", "b"', "a list, each one of a, b"),
    ],
)
def test_bounds_in_words(bound, sentence, limits):
    """One form is read after "should be", the other after "it must be"."""
    assert (bound.sentence, bound.limits) == (sentence, limits)


def test_ends_and_choices_are_data():
    """What a page or the command line offers is read from the fields."""
    assert (AtLeast(2).low, AtLeast(2).high, AtLeast(2).choices) == (2, None, ())
    assert (Between(0.5, 1).low, Between(0.5, 1).high) == (0.5, 1)
    assert OneOf("a", "b").choices == Each(OneOf("a", "b")).choices == ("a", "b")
    assert Each(OneOf("a", "b")).bound.low is None
    assert Each(OneOf("a", "b")).misfits(["a", "c", "b", "d"]) == ("c", "d")
