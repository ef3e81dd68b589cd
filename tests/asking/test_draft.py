"""A recipe under edit: what is wrong is said where it stands, and a trial says what a run says."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.asking.draft import Draft, changed_text, text_of
from curation.asking.trial import try_on_sample
from curation.corpus.corpus import Corpus
from curation.disk.workspace import Workspace
from curation.recipes.recipe import Recipe, shipped
from curation.rules import RuleBook
from tests.cli.conftest import demonstrated as demonstrated
from tests.cli.conftest import shared as shared

BOOK = RuleBook.load()
TEXT = """name = "mine"

[[rule]]
use = "min_words"
min = 0

#off [[rule]]
#off use = "near_duplicate"
#off threshold = 9

[[rule]]
use = "unheard_of"

[[rule]]
use = "where"
removes = "lenght(text) > 3"
"""


def test_all_that_is_wrong_is_found_at_once() -> None:
    """Each problem has its rule, its line and its key; a rule that is off is checked too."""
    draft = Draft.read(TEXT, BOOK)
    assert [(each.rule, each.line, each.key) for each in draft.problems] == [
        (0, 5, "min"), (1, 9, "threshold"), (2, 12, "use"),
    ]  # fmt: skip
    assert draft.recipe is None
    assert "at least 1" in draft.of(0, "min")[0]
    assert not draft.of(3)
    assert len(draft.rules) == 4


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[[rule]]\nuse = "where"\nremoves = "lenght(text) > 3"\n', None, "lenght"),
        ('[[rule]]\nuse = "pii"\n[[rule]]\nuse = "pii"\n', 3, "already"),
        ('[[rule]]\nuse = "pii\n', 2, "not valid TOML"),
        ('nam = "x"\n', None, "unknown key"),
        ("rule = 3\n", None, "table of its own"),
    ],
)
def test_what_only_the_whole_shows(text: str, line: int | None, words: str) -> None:
    """A condition that is no SQL, a name that is there twice, a text that is no TOML."""
    [problem] = Draft.read(text, BOOK).problems
    assert words in problem.message
    assert problem.line == line or line is None


def test_shipped_recipes_have_no_problem() -> None:
    """And they are what they were."""
    for name, text in shipped().items():
        draft = Draft.read(text, BOOK)
        assert not draft.problems
        assert draft.recipe
        assert draft.recipe.fingerprint == Recipe.load(name).fingerprint


def test_a_trial_says_what_a_run_says(demonstrated: Path) -> None:
    """On a sample that has all posts; the file of a shipped recipe's corpus has its comments, also when changed."""
    space = Workspace(demonstrated / "data")
    corpus = Corpus.open(space, "baseline")
    trial = try_on_sample(space, corpus, Recipe.load("baseline"), posts=10_000)
    counts = corpus.manifest["counts"]
    assert (len(trial.posts), trial.kept, trial.kept_before) == (counts["downloaded"], counts["kept"], counts["kept"])
    assert trial.removed == counts["removed"]
    assert trial.comparing == ("exact_duplicate",)
    assert not any(each.changes or each.post["text"] != each.text_before for each in trial.posts)
    text = text_of(corpus, space, BOOK)
    assert text == shipped()["baseline"]
    new = Recipe.load("baseline", changes=("min_words.min=6",))
    new = Recipe("mine", tuple(rule for rule in new.rules if rule.name != "retweet"))
    written = changed_text(text, [("min_words", "min", 6)], ["retweet"], new)
    assert "# by Unicode's standard" in written
    assert "#off [[rule]]" in written
    assert Draft.read(written, BOOK).recipe == new.__class__(new.name, new.rules, Recipe.load("baseline").description)
