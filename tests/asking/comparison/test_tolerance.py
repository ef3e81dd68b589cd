"""A bound on what may change: how it is written, and where it begins to be broken."""

from __future__ import annotations

import pytest

from curation.asking.comparison import Tolerance, compare
from curation.asking.comparison.result import Comparison
from curation.asking.comparison.tolerance import percent
from curation.errors import UsageError
from tests.asking.comparison.test_compare import sided, two_corpora


@pytest.fixture(scope="module")
def three_of_twenty(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """Twenty posts of which one side loses two and gains one."""
    data = tmp_path_factory.mktemp("bound")
    two_corpora(data, sided(*[(None, None)] * 17, (None, "short"), (None, "reply"), ("copy", None)))
    return compare(data, "one", "other")


@pytest.mark.parametrize("text", ["15%", "15 %", "0.15", ".15", "15.0%", "3 posts", "19.99%", "100%", "1,000 posts"])
def test_it_holds_up_to_the_bound_itself(three_of_twenty: Comparison, text: str) -> None:
    """Three of twenty are fifteen percent, exactly, however that is written."""
    assert Tolerance.parse(text).broken_by(three_of_twenty) is None


@pytest.mark.parametrize(
    ("text", "more"), [("14.99%", "1 more than the 2"), ("0.1", "1 more than the 2"), ("1 post", "2 more than the 1"),
                       ("0%", "3 more than the 0"), ("0", "3 more than the 0"), ("0 posts", "3 more than the 0")],
)  # fmt: skip
def test_it_says_by_how_much_it_is_broken(three_of_twenty: Comparison, text: str, more: str) -> None:
    """The sentence has the figures, the bound as it was written, and both directions."""
    said = Tolerance.parse(text).broken_by(three_of_twenty)
    assert said == (
        f"3 of 20 posts (15.0%) change between kept and removed, {more} that --fail-over {text} allows. "
        "'other' loses 2 and gains 1."
    )


@pytest.mark.parametrize("text", ["", "5", "1", "1.5", "101%", "-5%", "five", "5 tweets", "5%%", "nan", "1.5 posts"])
def test_what_is_no_bound(text: str) -> None:
    """A number that could be a share or posts is asked back, and so is anything else."""
    with pytest.raises(UsageError, match=r"5% or 0[.]05, or a number of them"):
        Tolerance.parse(text)


def test_a_share_is_never_rounded_to_nothing_or_to_all() -> None:
    """One post of many is not 0%, and all but one are not 100%."""
    shares = [percent(*figures) for figures in ((0, 9), (1, 10**6), (10**6 - 1, 10**6), (9, 9), (0, 0), (1, 8))]
    assert shares == ["0.0%", "< 0.1%", "> 99.9%", "100.0%", "0%", "12.5%"]
