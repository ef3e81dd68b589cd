"""A saved view has a name, survives others that save at once, and gives its posts to the command line."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from curation.corpus.saved_views import FILE, SavedViews, change_views, saved_views, view_of
from curation.disk.workspace import Workspace
from curation.errors import InputError, NothingToDoError, UsageError
from tests.cli.shell import inside
from tests.corpora import write_corpus

WORDS = {"corpus": ["baseline"], "author": ["mira"], "q": ['"green tea" -sugar'], "verdict": ["kept"], "page": ["3"]}


def test_views_are_saved_renamed_and_deleted(tmp_path):
    """A name is there once, in capitals or not; a page number is no part of a view."""
    space = Workspace(tmp_path)
    change_views(space, lambda views: views.save(view_of("Tea  time", "baseline", WORDS)))
    change_views(space, lambda views: views.save(view_of("other", "baseline", {})))
    [tea, _] = saved_views(space).views
    assert (tea.name, set(tea.words)) == ("Tea time", {"author", "q", "verdict"})
    change_views(space, lambda views: views.save(view_of("TEA TIME", "strict", {})))
    assert [view.name for view in saved_views(space).views] == ["TEA TIME", "other"]
    with pytest.raises(UsageError, match="already"):
        change_views(space, lambda views: views.rename("other", "tea time"))
    change_views(space, lambda views: views.rename("tea time", "Tea").without("OTHER"))
    assert [(view.name, view.corpus) for view in saved_views(space).views] == [("Tea", "strict")]
    with pytest.raises(NothingToDoError, match="Did you mean 'Tea'"):
        saved_views(space).of("Teas")
    for name in ("", " ", "x" * 81, "a\u202eb", "\udc80"):
        with pytest.raises(UsageError):
            change_views(space, lambda views, name=name: views.save(view_of(name, "baseline", {})))


def test_views_that_are_saved_at_once(tmp_path):
    """None is lost."""

    def save(number: int) -> None:
        change_views(Workspace(tmp_path), lambda views: views.save(view_of(f"view {number}", "baseline", {})))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(save, range(8)))
    assert {view.name for view in saved_views(Workspace(tmp_path)).views} == {f"view {number}" for number in range(8)}


@pytest.mark.parametrize("content", ["", "[]", '{"views": [1]}', '{"views": [{"name": 1}]}', '{"views": {"a": 1}}'])
def test_a_damaged_file_is_left_alone(tmp_path, content):
    """It is named, and a change does not replace it."""
    (tmp_path / FILE).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=FILE):
        change_views(Workspace(tmp_path), lambda views: views.save(view_of("a", "baseline", {})))
    assert (tmp_path / FILE).read_text(encoding="utf-8") == content


def test_an_export_of_a_view(tmp_path):
    """`export --view` writes the posts that the view shows as kept, and says which condition it leaves out."""
    texts = ["green tea in the morning", "green tea with sugar", "tea is green", "Green  TEA at last"]
    posts = [{"text": text, "author": "mira"} for text in texts] + [{"text": "green tea", "author": "bob"}]
    write_corpus(
        tmp_path, [*posts, {"text": "green tea", "author": "mira", "removed_by": "min_words"}], recipe="baseline"
    )
    space = Workspace(tmp_path)
    saved = [view_of("Tea", "baseline", WORDS), view_of("Gone", "strict", {"kind": ["reply"]})]
    change_views(space, lambda _: SavedViews(tuple(saved)))
    said = inside("export", "--view", "tea", "--format", "jsonl", "--out", tmp_path / "out", data=tmp_path)
    assert said.rc == 0, said.err
    assert "verdict is left out" in said.err
    written = [json.loads(line)["text"] for line in (tmp_path / "out/train.jsonl").read_text("utf-8").splitlines()]
    assert sorted(written) == sorted([texts[0], texts[3]])
    listed = inside("views", data=tmp_path)
    assert "Gone  strict (there is no such corpus now)  kind=reply" in listed.out
    assert [view["corpus_is_there"] for view in inside("views", "--json", data=tmp_path).json["views"]] == [True, False]
    gone = inside("export", "--view", "gone", data=tmp_path)
    assert gone.rc == 3
    assert "which is not in" in gone.err
    assert inside("export", "--view", "tea", "--search", "x", data=tmp_path).rc == 2
    assert inside("export", "strict", "--view", "tea", data=tmp_path).rc == 2
    assert inside("views", data=tmp_path / "empty").rc == 3
