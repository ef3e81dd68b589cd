"""Names of strangers in cards: they are text, in Markdown, in HTML and in YAML."""

from __future__ import annotations

import re

import pytest

import curation
from curation.cards import KINDS, card
from curation.cards.languages import TWO_LETTERS
from curation.corpus.corpus import Corpus
from curation.corpus.ledger import Ledger
from curation.exports.registry import readers
from tests import hostile
from tests.cards.reading import parsed, tokens


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Names, languages, labels and files that try something."""
    space = hostile.land(tmp_path_factory.mktemp("attacked"))
    corpus = Corpus.open(space, "hostile")
    curation.export(corpus, ["parquet"], space.exports / "hostile")
    return corpus


@pytest.mark.parametrize("kind", KINDS)
def test_names_of_strangers_are_text(attacked: Corpus, kind: str) -> None:
    """Markdown makes no HTML, link, picture, emphasis or heading of what they call themselves."""
    text = card(attacked, kind).text
    found = tokens(text)
    assert not {"html_inline", "html_block", "image", "link_open", "s_open"} & {token.type for token in found}
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]", text)
    assert kind == "model" or "outside.invalid" in text  # they are there, and do nothing
    assert "some words that number" not in text


@pytest.mark.parametrize("some", range(5))
def test_hostile_authors_stay_values(attacked: Corpus, some: int) -> None:
    """The card of a few such authors has a front matter that reads back, and its tables keep their columns."""
    made = card(attacked, authors=[*hostile.AUTHORS][some::5])
    fields = parsed(made.text)
    assert fields["license"] == "other"
    assert fields["pretty_name"].startswith("Posts by ")
    assert set(fields.get("language", [])) <= TWO_LETTERS
    widths: list[set[int]] = []
    for token in tokens(made.text):
        if token.type == "table_open":
            widths.append(set())
        elif token.type == "tr_open":
            cells = 0
        elif token.type in ("td_open", "th_open"):
            cells += 1
        elif token.type == "tr_close":
            widths[-1].add(cells)
    assert len(widths) >= 4
    assert all(len(width) == 1 for width in widths)


def test_hostile_files_of_an_export_are_values(attacked: Corpus) -> None:
    """What the whole hostile set says of its files reads back."""
    fields = parsed(card(attacked, readers=readers).text)
    [split] = fields["dataset_info"][0]["splits"]
    assert split["num_examples"] == Ledger.of(attacked).total.kept
