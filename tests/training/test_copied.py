"""What a sample repeats of the training text is found wherever it stands, and nothing else is."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curation.training.generation import copied as module
from curation.training.generation.copied import LEAST, Post, Stretch, copied

TEXT = "The lamp in the attic was lit again tonight, and nobody in the house will say who climbed the stairs."


def posts(*texts: str) -> list[Post]:
    """Posts that are numbered from 1."""
    return [Post("x", str(number), text) for number, text in enumerate(texts, 1)]


def brute_force(sample: str, texts: list[str], prompt: int = 0) -> list[tuple[int, int, str]]:
    """The same, slowly: the longest match at every place, then the fewest that cover what all cover."""
    matches = []
    for begin in range(len(sample)):
        end, who = begin, ""
        for number, text in enumerate(texts, 1):
            while end < len(sample) and sample[begin : end + 1] in text:
                end, who = end + 1, str(number)
        if end - begin >= LEAST and end > prompt:
            matches.append((begin, end, who))
    covered = {at for begin, end, _ in matches for at in range(begin, end)}
    chosen = []
    while covered:
        first = min(covered)
        # Of those that cover it, the one that goes farthest; of these the one that begins first.
        best = max((each for each in matches if each[0] <= first < each[1]), key=lambda each: (each[1], -each[0]))
        chosen.append(best)
        covered -= set(range(best[0], best[1]))
    return chosen


def copies_in(sample: str, texts: list[str], prompt: int = 0, batch: int = 3) -> list[tuple[int, int, str]]:
    """What is found, with the posts in batches."""
    every = posts(*texts)
    [stretches] = copied([sample], [every[at : at + batch] for at in range(0, len(every), batch)], prompt)
    assert all(each.platform == "x" for each in stretches)
    return [(each.begin, each.end, each.id) for each in stretches]


#: Letters are few, so that long matches, periods and overlaps are frequent.
ALPHABETS = st.sampled_from(["a", "ab", "abc", "añ猫🏮"])


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A sample, put together out of pieces of the texts and of others."""
    alphabet = draw(ALPHABETS)
    generator = random.Random(draw(st.integers(0, 1 << 32)))

    def text(most: int) -> str:
        return "".join(generator.choices(alphabet, k=generator.randrange(most)))

    texts = [text(130) for _ in range(draw(st.integers(0, 7)))]
    pieces = []
    for _ in range(draw(st.integers(0, 4))):
        source = generator.choice([*texts, text(60)])
        begin = generator.randrange(len(source) + 1)
        pieces.append(source[begin : begin + generator.randrange(90)])
    return "".join(pieces), texts


@settings(max_examples=400, deadline=None)
@given(cases(), st.integers(0, 60), st.integers(1, 4))
@example(("a" * 200, ["a" * 100, "b" + "a" * 100]), 0, 1)
@example((TEXT[7:60] + TEXT[30:], [TEXT]), 0, 1)
@example((TEXT[5:44], [TEXT]), 0, 1)
@example((TEXT[5:45], [TEXT]), 0, 1)
def test_it_finds_what_a_search_at_every_place_finds(case: tuple[str, list[str]], prompt: int, batch: int) -> None:
    """Every verbatim stretch is covered, with the first post that has it, and by as few as can be."""
    sample, texts = case
    assert copies_in(sample, texts, prompt, batch) == brute_force(sample, texts, prompt)


@settings(max_examples=50, deadline=None)
@given(cases())
def test_hits_are_extended_in_parts_to_the_same_end(case: tuple[str, list[str]]) -> None:
    """However few hits are extended at a time, the answer is the same."""
    sample, texts = case
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "AT_ONCE", 2)
        assert copies_in(sample, texts) == brute_force(sample, texts)


@pytest.mark.parametrize("begin", range(25))
def test_forty_characters_are_found_wherever_they_begin(begin: int) -> None:
    """Whatever stands before them in the text and in the sample; thirty-nine are not."""
    stretch = TEXT[begin : begin + LEAST]
    assert copies_in(f"#{stretch}#", ["other", TEXT]) == [(1, 1 + LEAST, "2")]
    assert copies_in(f"#{stretch[:-1]}#", ["other", TEXT]) == []


def test_a_stretch_is_of_one_post() -> None:
    """What stands at the end of one post and the beginning of the next is no stretch."""
    assert copies_in(TEXT, [TEXT[:39], TEXT[39:78], TEXT[78:]]) == []
    assert copies_in(TEXT, [TEXT[:45], TEXT[45:]]) == [(0, 45, "1"), (45, len(TEXT), "2")]


def test_places_are_code_points() -> None:
    """Also where a character takes two units or four bytes."""
    lamp = "🏮猫" * 30
    assert copies_in(f"👩‍👩‍👧 {lamp}", [lamp]) == [(6, 6 + len(lamp), "1")]


def test_each_sample_is_looked_up_by_itself() -> None:
    """A stretch does not go from one sample into the next, and equal samples have equal stretches."""
    samples = [TEXT[:39], TEXT[39:78], TEXT, "", TEXT]
    whole = [Stretch(0, len(TEXT), "x", "1")]
    assert copied(samples, [posts(TEXT)]) == [[], [], whole, [], whole]
    assert copied([], [posts(TEXT)]) == []
    assert copied([TEXT], []) == [[]]
    assert copied([TEXT], [[]]) == [[]]


def test_what_lies_in_the_prompt_alone_is_not_the_models() -> None:
    """A stretch that begins in the prompt and goes on after it is."""
    assert copies_in(TEXT, [TEXT[:50]], prompt=50) == []
    assert copies_in(TEXT, [TEXT[:51]], prompt=50) == [(0, 51, "1")]


def test_characters_that_mean_something_elsewhere_are_characters() -> None:
    """A NUL, half a pair and the last code point neither end a match nor make one."""
    odd = "\0\ud83d\U0010ffff" * 20
    assert copies_in(odd, [odd]) == [(0, 60, "1")]
    assert copies_in("\0" * 50, ["", "", ""] * 30) == []


def test_a_text_that_repeats_a_phrase_a_hundred_thousand_times_takes_seconds() -> None:
    """Hits that can't be better than what is known are dropped before they are extended."""
    import time

    before = time.perf_counter()
    assert copies_in("ha" * 150, ["ha" * 140] * 20_000, batch=8_192) == [(0, 280, "1"), (20, 300, "1")]
    assert time.perf_counter() - before < 20
