"""Pins are read, set and taken back, and a recipe is held against them."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.collecting.land import land
from curation.corpus.corpus import Corpus
from curation.corpus.pins import history
from curation.corpus.pins.pin_file import FILE, KEPT, REMOVED, Pin, Pins, change_pins, pins_of, undo_pins
from curation.corpus.pins.pin_text import comments
from curation.corpus.pins.posts_called import posts_called
from curation.disk.workspace import Workspace
from curation.errors import InputError, NothingToDoError, UsageError
from curation.forgetting.forget import ForgetRequest, forget
from tests.collecting.test_landing import given_posts
from tests.corpora import write_corpus

WORDS = st.text(st.characters(codec="utf-8"), max_size=12)


@given(st.lists(st.builds(Pin, WORDS.filter(bool), WORDS.filter(bool), st.sampled_from((KEPT, REMOVED)), WORDS)))
@settings(max_examples=25, deadline=None)
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, pins: list[Pin]) -> None:
    """Whatever stands in an id or a note comes back as it was."""
    path = tmp_path_factory.mktemp("pins") / FILE
    written = Pins()
    for pin in pins:
        written = written.pin(pin.platform, pin.id, pin.want, pin.note)
    path.write_bytes(written.toml().encode())
    assert Pins.read(path) == written


def test_a_post_has_one_pin() -> None:
    """Pinning again replaces what was wanted, keeps the note unless there is a new one, and keeps the order."""
    pins = Pins().pin("x", "1", KEPT, "霧").pin("x", "2", KEPT).pin("x", "1", REMOVED)
    assert pins.pins == (Pin("x", "1", REMOVED, "霧"), Pin("x", "2", KEPT))
    assert pins.pin("x", "1", KEPT, "").of("x", "1") == Pin("x", "1", KEPT)
    assert pins.unpin("x", "1").pins == (Pin("x", "2", KEPT),)
    assert pins.unpin("mastodon", "1") == pins
    with pytest.raises(UsageError, match="Did you mean 'kept'"):
        pins.pin("x", "1", "keep")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[pin]", "not valid TOML"),
        ("pins = 1", r"begins with \[\[pin\]\]"),
        ("pin = 1", r"begins with \[\[pin\]\]"),
        ("pin = [1]", "pin 1: it is no table"),
        ('[[pin]]\nid = "1"\nwant = "kept"', "pin 1: it has no platform"),
        ('[[pin]]\nplatform = "x"\nid = "1"\nwant = "keep"', 'pin 1: want = "keep" should be "kept" or "removed"'),
        ('[[pin]]\nplatform = "x"\nid = 1.5\nwant = "kept"', "pin 1: id = 1.5 should be a text"),
        ('[[pin]]\nplatform = "x"\nids = "1"\nwant = "kept"', "pin 1: there is no 'ids' in a pin. Did you mean 'id'"),
        (
            '[[pin]]\nplatform = "x"\nid = "1"\nwant = "kept"\n[[pin]]\nplatform = "x"\nid = 1\nwant = "removed"',
            "pin 2: it is about x 1, as pin 1 is",
        ),
    ],
)
def test_a_wrong_file_is_said(tmp_path: Path, text: str, said: str) -> None:
    """The file, the pin's number, and what would be right."""
    path = tmp_path / FILE
    path.write_text(text)
    with pytest.raises(InputError, match=said) as caught:
        Pins.read(path)
    assert str(path) in str(caught.value)


def test_bytes_that_are_no_text_are_said(tmp_path: Path) -> None:
    """A file in another encoding, and a folder in its place."""
    (tmp_path / FILE).write_bytes(b"\xff")
    with pytest.raises(InputError, match="not UTF-8"):
        Pins.read(tmp_path / FILE)
    with pytest.raises(InputError, match="can't be read"):
        Pins.read(tmp_path)


def test_pins_set_at_once_all_stay(tmp_path: Path) -> None:
    """Each change sees those before it; what a killed process left unfinished is in nobody's way."""
    space = Workspace(tmp_path)
    (tmp_path / f".{FILE}.unfinished").write_text("half")

    def pin(number: int) -> None:
        change_pins(space, lambda pins: pins.pin("x", str(number), KEPT))

    threads = [threading.Thread(target=pin, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {pin.id for pin in pins_of(space).pins} == set("012345")
    assert [path.name for path in tmp_path.iterdir() if "unfinished" in path.name] == []
    assert (tmp_path / FILE).read_text().startswith("# Posts that must be kept")


def test_a_folder_in_the_place_of_pins_is_said(tmp_path: Path) -> None:
    """`Path(".")` has no name beside which a file could be staged."""
    space = Workspace(tmp_path / "data")
    with pytest.raises(InputError, match="can't be read"):
        change_pins(space, lambda pins: pins, Path())


def test_pins_of_another_file(tmp_path: Path) -> None:
    """A file that is named is read and written in place of the workspace's."""
    space, other = Workspace(tmp_path / "data"), tmp_path / "mine.toml"
    change_pins(space, lambda pins: pins.pin("x", "1", KEPT), other)
    assert pins_of(space, other).of("x", "1")
    assert pins_of(space) == Pins()


COMMENTED = """\
# Mine: what must stay.

# the first one
[[pin]]  # in bold
platform = "x"
id = 1
want = "kept" # for now
note = 'so soft'

# the second one

[[pin]]
# from the archive
want = "removed"
platform = "mastodon"
id = "2"
# the end
"""


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        (lambda pins: pins, "", ""),
        (lambda pins: pins.pin("x", "1", REMOVED), '"kept" # for', '"removed" # for'),
        (lambda pins: pins.pin("x", "1", KEPT, 'a "b"'), "'so soft'", '"a \\"b\\""'),
        (lambda pins: pins.pin("x", "1", KEPT, ""), "note = 'so soft'\n", ""),
        (lambda pins: pins.pin("mastodon", "2", REMOVED, "霧"), '"removed"\n', '"removed"\nnote = "霧"\n'),
        (
            lambda pins: pins.pin("x", "3", KEPT),
            "# the end\n",
            '# the end\n\n[[pin]]\nplatform = "x"\nid = "3"\nwant = "kept"\n',
        ),
        (
            lambda pins: pins.unpin("x", "1"),
            '[[pin]]  # in bold\nplatform = "x"\nid = 1\nwant = "kept" # for now\nnote = \'so soft\'\n',
            "# in bold\n# for now\n",
        ),
        (
            lambda pins: pins.unpin("mastodon", "2"),
            '[[pin]]\n# from the archive\nwant = "removed"\nplatform = "mastodon"\nid = "2"\n',
            "# from the archive\n",
        ),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_comments_stay(tmp_path: Path, change: Any, old: str, new: str, line_end: str) -> None:
    """A pin that is set or taken back changes its own lines, and no other ones."""
    path, space = tmp_path / FILE, Workspace(tmp_path)
    path.write_bytes(COMMENTED.replace("\n", line_end).encode())
    expected = change(pins_of(space))
    assert change_pins(space, change) == expected == pins_of(space)
    text = path.read_bytes().decode()
    assert text.replace("\r\n", "\n") == COMMENTED.replace(old, new, 1)


def test_pins_in_another_form_are_written_anew(tmp_path: Path) -> None:
    """As a list of tables within one line, or with a text of several lines that looks like a pin."""
    space = Workspace(tmp_path)
    for text in (
        'pin = [{platform = "x", id = "1", want = "kept"}]',
        '[[pin]]\nplatform = "x"\nid = "1"\nwant = "kept"\nnote = """\n[[pin]]\n"""\n',
        '[[pin]]\nplatform = "x"\nid = "1"\n"want" = "kept"\n',
    ):
        (tmp_path / FILE).write_text(text)
        change_pins(space, lambda pins: pins.pin("x", "1", REMOVED).pin("x", "2", KEPT))
        assert [pin.want for pin in pins_of(space).pins] == [REMOVED, KEPT]


@given(st.text(st.sampled_from("ab=[]#'\"\n \\"), max_size=40), st.lists(st.sampled_from("123"), max_size=4))
@settings(max_examples=60, deadline=None)
def test_whatever_stands_beside_pins_they_are_right(
    tmp_path_factory: pytest.TempPathFactory, words: str, ids: list[str]
) -> None:
    """Comments of any kind, and pins that come and go: the file has the pins that it should have."""
    folder = tmp_path_factory.mktemp("pins")
    space, pins = Workspace(folder), Pins().pin("x", "1", KEPT, words).pin("x", "9", KEPT)
    comment = "".join(f"# {line}\n" for line in words.split("\n"))
    (folder / FILE).write_text(pins.toml().replace("[[pin]]", f"{comment}[[pin]]"))
    for post in ids:
        pins = pins.unpin("x", post) if pins.of("x", post) else pins.pin("x", post, REMOVED, words)
        change_pins(space, lambda _, now=pins: now)  # type: ignore[misc]
        assert pins_of(space) == pins
    assert (folder / FILE).read_text().count(comment) >= 2


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    """A landing, and a corpus that lacks the last of its posts."""
    posts: list[dict[str, Any]] = [
        {"id": "1", "author": "mira", "text": "so soft the fog"},
        {"id": "2", "author": "mira", "text": "so soft the fog again"},
        {"id": "2", "author": "mira", "text": "so soft the fog", "platform": "mastodon"},
        {"id": "9", "author": "nils", "text": "ข้าวหอม", "platform": "bluesky"},
    ]
    land(tmp_path, given_posts(*posts))
    write_corpus(tmp_path, [{**post, "removed_by": None} for post in posts[:3]])
    return Workspace(tmp_path)


def test_a_post_is_found_by_its_id(space: Workspace) -> None:
    """In a corpus, or else among what has landed; two platforms' posts of one id are told apart."""
    assert posts_called(space, ["9", "1"]) == [("bluesky", "9"), ("x", "1")]
    assert posts_called(space, ["2"], "mastodon") == [("mastodon", "2")]
    with pytest.raises(UsageError, match=r"of mastodon and of x.*--platform mastodon"):
        posts_called(space, ["1", "2"])
    with pytest.raises(NothingToDoError, match="There is no post '7' in"):
        posts_called(space, ["7"])
    with pytest.raises(NothingToDoError, match="There is no post '1' of bluesky in"):
        posts_called(space, ["1"], "bluesky")


def test_forgotten_posts_lose_their_pins(space: Workspace) -> None:
    """By id, by platform and by author; no id and no note of them is left, and other pins stay."""
    pins = Pins().pin("x", "1", KEPT, "the soft one").pin("x", "2", KEPT).pin("mastodon", "2", REMOVED)
    change_pins(space, lambda _: pins.pin("bluesky", "9", KEPT, "rice").pin("x", "77", KEPT))
    forget(space, ForgetRequest(ids=("2",), platform="mastodon"))
    assert [pin.post for pin in pins_of(space).pins] == [("x", "1"), ("x", "2"), ("bluesky", "9"), ("x", "77")]
    notices: list[str] = []
    forget(space, ForgetRequest(ids=("1",), authors=("nils",)), on_notice=notices.append)
    assert pins_of(space).pins == (Pin("x", "2", KEPT), Pin("x", "77", KEPT))
    assert "2 pins removed from" in notices[-1]
    assert "soft" not in (space.root / FILE).read_text()


def test_a_file_without_a_pin_takes_one(space: Workspace) -> None:
    """Where the last pin was taken back, or somebody left only comments, the next pin comes below them."""
    change_pins(space, lambda pins: pins.pin("x", "1", KEPT))
    assert change_pins(space, lambda pins: pins.unpin("x", "1")) == Pins()
    path = space.root / FILE
    path.write_text(f"{path.read_text()}# mine\n")
    change_pins(space, lambda pins: pins.pin("x", "2", KEPT))
    assert pins_of(space).of("x", "2")
    assert "# mine" in path.read_text()


def test_what_is_said_of_a_forgotten_post_goes_with_its_pin(space: Workspace) -> None:
    """The comment right above a pin may be about what the post says; others stay."""
    change_pins(space, lambda _: Pins().pin("x", "1", KEPT).pin("x", "77", KEPT))
    path = space.root / FILE
    path.write_text(path.read_text().replace("[[pin]]", "# mine\n\n# soft fog\n[[pin]]"))
    forget(space, ForgetRequest(ids=("1",)))
    assert path.read_text().count("# soft fog") == 1
    assert path.read_text().count("# mine") == 2


def test_a_dry_run_and_a_damaged_file_lose_no_pin(space: Workspace) -> None:
    """Who only looks changes nothing; a file that can't be read is said after all else was forgotten."""
    change_pins(space, lambda pins: pins.pin("x", "1", KEPT))
    forget(space, ForgetRequest(ids=("1",)), dry_run=True)
    assert pins_of(space).of("x", "1")
    good = (space.root / FILE).read_text()
    (space.root / FILE).write_text(f"{good}[[pin]]\n")
    [left] = forget(space, ForgetRequest(ids=("1",))).unreadable
    assert re.search("pin 2: it has no platform.*--resume", left)
    assert not Corpus.open(space, "invented").rows("SELECT 1 FROM posts WHERE id = '1'")
    (space.root / FILE).write_text(good)
    forget(space, ForgetRequest())
    assert pins_of(space) == Pins()


# ---- comments in any form


UNUSUAL = {
    "a note of several lines": (
        '# before\n[[pin]] # head\nplatform = "x"\nid = "1"\n# inside\nwant = "kept" # why\n'
        'note = """\n[[pin]]\n# no comment\n"""  # after\n\n# end\n'
    ),
    "keys in quotes": (
        '# before\n[["pin"]] # head\n"platform" = "x"\n# inside\nid = "1"\n"want" = "kept" # why\n# after\n# end\n'
    ),
    "one array": (
        '# before\npin = [ # head\n  # inside\n  {platform = "x", id = "1", want = "kept", '
        'note = "# no comment"}, # why\n  # after\n]\n# end\n'
    ),
    "one line": '# before\n# head\n# inside\n# why\npin = [{platform = "x", id = "1", want = "kept"}] # after\n# end',
    "a table within": '# before\n[[pin]] # head\nplatform="x"#inside\nid=1\n\twant\t=\t"kept" # why\n# after\n# end',
}


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("text", UNUSUAL.values(), ids=UNUSUAL.keys())
@pytest.mark.parametrize(
    "change",
    [
        lambda pins: pins.pin("x", "1", REMOVED),
        lambda pins: pins.pin("x", "1", KEPT, "other", "mira"),
        lambda pins: pins.pin("x", "2", REMOVED),
        lambda pins: pins.unpin("x", "1"),
        lambda pins: Pins(),
    ],
    ids=["change", "note", "add", "take back", "take back all"],
)
def test_comments_survive_in_any_form(tmp_path: Path, text: str, change: Any, line_end: str) -> None:
    """Each is there afterwards, in its order, and no text in quotes was taken for one."""
    path, space = tmp_path / FILE, Workspace(tmp_path)
    path.write_bytes(text.replace("\n", line_end).encode())
    expected = change(pins_of(space))
    assert change_pins(space, change) == expected == pins_of(space)
    words = [comment.removeprefix("#").strip() for comment in comments(path.read_bytes().decode())]
    assert words == ["before", "head", "inside", "why", "after", "end"]


def test_forgetting_takes_the_comments_of_a_pin_too(tmp_path: Path) -> None:
    """Those in it and right above, in any form; others stay."""
    for text in UNUSUAL.values():
        (tmp_path / FILE).write_text(text)
        change_pins(Workspace(tmp_path), lambda pins: pins.unpin("x", "1"), erase=True)
        left = (tmp_path / FILE).read_text()
        assert not any(word in left for word in ("head", "inside", "why", "no comment"))


# ---- taking back


def test_changes_are_taken_back_one_after_the_other(tmp_path: Path) -> None:
    """The latest first, with note and name, after a restart too, until there is none."""
    space = Workspace(tmp_path)
    change_pins(space, lambda pins: pins.pin("x", "1", KEPT, "so soft", "mira"))
    change_pins(space, lambda pins: pins.pin("x", "1", REMOVED, "").pin("x", "2", KEPT))
    change_pins(space, lambda pins: pins.unpin("x", "1"))
    undone = undo_pins(Workspace(tmp_path))
    assert undone is not None
    assert [post.post for post in undone.posts] == [("x", "1")]
    assert {*pins_of(space).pins} == {Pin("x", "1", REMOVED, "", "mira"), Pin("x", "2", KEPT)}
    undo_pins(space)
    assert pins_of(space).pins == (Pin("x", "1", KEPT, "so soft", "mira"),)
    undo_pins(space)
    assert pins_of(space) == Pins()
    assert undo_pins(space) is None
    assert not (tmp_path / history.FILE).exists()


def test_what_was_changed_since_is_not_taken_back(tmp_path: Path) -> None:
    """A pin that somebody has edited stays, and so does one of a change that was recorded and never happened."""
    space = Workspace(tmp_path)
    change_pins(space, lambda pins: pins.pin("x", "1", KEPT).pin("x", "2", KEPT))
    path = tmp_path / FILE
    path.write_text(path.read_text().replace('id = "1"\nwant = "kept"', 'id = "1"\nwant = "removed"'))
    undone = undo_pins(space)
    assert undone is not None
    assert [post.id for post in undone.posts] == ["2"]
    assert pins_of(space).pins == (Pin("x", "1", REMOVED),)
    (tmp_path / history.FILE).write_text("{")
    assert undo_pins(space) is None


def test_two_at_once_take_back_two_changes(tmp_path: Path) -> None:
    """None is taken back twice, and none is lost."""
    space = Workspace(tmp_path)
    for number in range(6):
        change_pins(space, lambda pins, n=number: pins.pin("x", str(n), KEPT))  # type: ignore[misc]
    threads = [threading.Thread(target=undo_pins, args=(Workspace(tmp_path),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [pin.id for pin in pins_of(space).pins] == ["0", "1"]


def test_a_forgotten_post_leaves_the_changes(space: Workspace) -> None:
    """Also one that is not pinned any more; other changes can still be taken back."""
    change_pins(space, lambda pins: pins.pin("x", "1", KEPT, "of the fog"))
    change_pins(space, lambda pins: pins.unpin("x", "1").pin("mastodon", "2", REMOVED))
    forget(space, ForgetRequest(ids=("1",)))
    assert "fog" not in (space.root / history.FILE).read_text()
    assert undo_pins(space)
    assert pins_of(space) == Pins()
