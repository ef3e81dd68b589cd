"""`curation pin` and `curation check`: posts that must be kept or must go."""

from __future__ import annotations

import pytest

from curation.corpus.corpus import Corpus
from tests.cli.shell import curation, inside


def ids(data, condition):
    """Ids of the corpus's posts for which `condition` holds."""
    return [post for (post,) in Corpus.open(data).rows(f"SELECT id FROM posts WHERE {condition} ORDER BY id")]


@pytest.fixture
def short(workspace):
    """A post that `min_words` removes for its two words."""
    return ids(workspace, "removed_by = 'min_words' AND min_words = 2")[0]


def test_pins_are_set_listed_and_taken_back(workspace, short):
    """Each says what stands in the file then."""
    said = inside("pin", short, "--keep", "--note", "霧 \x1b[2J", "--by", "mira", data=workspace)
    assert (said.rc, said.err) == (0, "")
    assert said.out == f"x {short}: must be kept. In {workspace}/pins.toml\n"
    listed = inside("pin", data=workspace)
    assert listed.out.splitlines()[1].split() == ["x", short, "kept", "霧", r"\x1b[2J", "mira"]
    assert inside("pin", "--json", data=workspace).json == {
        "schema": 1,
        "file": f"{workspace}/pins.toml",
        "pins": [{"platform": "x", "id": short, "want": "kept", "note": "霧 \x1b[2J", "by": "mira"}],
    }
    changed = inside("pin", short, "--remove", "--json", data=workspace).json
    assert changed["pins"][0]["want"] == "removed"
    assert inside("pin", short, "--drop", data=workspace).out.startswith(f"x {short}: is not pinned any more")
    assert inside("pin", "--json", data=workspace).json["pins"] == []
    said = inside("pin", "--undo", data=workspace)
    assert said.out == f"x {short}: must be removed again. In {workspace}/pins.toml\n"
    assert inside("pin", "--undo", "--json", data=workspace).json["undone"]["posts"][0]["after"]["want"] == "removed"
    assert (
        inside("pin", "--undo", data=workspace).out == f"x {short}: is not pinned any more. In {workspace}/pins.toml\n"
    )
    assert inside("pin", "--undo", data=workspace).rc == 3


@pytest.mark.parametrize(
    ("words", "rc", "complaint"),
    [
        (("4711", "--keep"), 3, "There is no post '4711'"),
        (("4711", "--drop"), 3, "is not pinned"),
        (("4711",), 2, "--keep, --remove, --drop"),
        (("4711", "--keep", "--remove"), 2, "--keep, --remove, --drop"),
        (("--keep",), 2, "curation pin POST_ID --keep"),
        (("--by", "mira"), 2, "--by of which post"),
        (("4711", "--undo"), 2, "takes nothing else"),
    ],
)
def test_what_cant_be_pinned(demonstrated, words, rc, complaint):
    """An unknown post: exit 3; not saying what is wanted: exit 2. Nothing is written."""
    data = demonstrated / "data"
    said = inside("pin", *words, data=data)
    assert (said.rc, said.out) == (rc, "")
    assert complaint in said.complaint
    assert not (data / "pins.toml").exists()


def test_a_broken_pin_fails_the_check(workspace, short):
    """Exit 4, with the post, the verdict and the value; a change that keeps it is answered by a trial."""
    assert inside("check", data=workspace).rc == 3
    inside("pin", short, "--keep", "--note", "dear to me", data=workspace)
    said = curation("check", data=workspace)
    assert said.rc == 4
    assert said.out.splitlines() == [
        "baseline: 0 of 1 pin holds.",
        f"  ✗ x {short} must be kept: Short posts: 2 words < 3 · dear to me",
    ]
    assert said.complaint == "Of 1 pinned post, 'baseline' removes 1 that must be kept."
    answer = inside("check", "--set", "min_words.min=2", "--json", data=workspace)
    assert answer.rc == 0, answer.err
    assert (answer.json["held"], answer.json["how"], answer.json["broken"]) == (1, "recalculated", [])
    inside("pin", short, "--remove", data=workspace)
    assert inside("check", data=workspace).rc == 0
    assert inside("check", "--set", "min_words.min=2", data=workspace).rc == 4


def test_a_recipe_that_takes_a_run_says_so(workspace, short, tmp_path):
    """Exit 3, with what to run."""
    inside("pin", short, "--keep", data=workspace)
    recipe = tmp_path / "other.toml"
    recipe.write_text('[[rule]]\nuse = "strip_mentions"\n')
    said = inside("check", recipe, data=workspace)
    assert said.rc == 3
    assert f"curation run {recipe}" in said.complaint


def test_posts_that_are_not_there(workspace, tmp_path):
    """A pinned post that the corpus lacks is named; only `--strict` fails for it."""
    pins = tmp_path / "pins.toml"
    pins.write_text('[[pin]]\nplatform = "x"\nid = "4711"\nwant = "kept"\n')
    said = inside("check", "--pins", pins, data=workspace)
    assert (said.rc, said.err) == (0, "")
    assert "? x 4711 must be kept: it is not in the corpus" in said.out
    assert inside("check", "--pins", pins, "--strict", data=workspace).rc == 4
    pins.write_text('[[pin]]\nplatform = "x"\nid = "4711"\nwant = "keep"\n')
    wrong = inside("check", "--pins", pins, data=workspace)
    assert (wrong.rc, wrong.out) == (1, "")
    assert f"{pins}, pin 1:" in wrong.complaint


def test_suggestions(workspace, short):
    """How far each threshold may go, and what that would keep."""
    inside("pin", short, "--keep", data=workspace)
    said = inside("check", "--suggest", data=workspace)
    assert said.rc == 4
    assert f"✗ min_words.min at most 2: at 3 the pinned post {short} would go (now 3)." in said.out
    [suggestion] = inside("check", "--suggest", "--json", data=workspace).json["suggestions"]
    assert (suggestion["parameter"], suggestion["limit"], suggestion["suggested"]) == ("min_words.min", 2, 2)
    assert f"2 would keep about {suggestion['kept']:,} posts" in said.out
