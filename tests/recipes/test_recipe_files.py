"""A workspace's own recipes are found by name and saved without losing anybody's work."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.disk.workspace import Workspace
from curation.errors import RecipeError
from curation.recipes.recipe import Recipe
from curation.recipes.recipe_files import recipe_files, save_recipe, saved_text
from tests.cli.conftest import demonstrated as demonstrated
from tests.cli.conftest import shared as shared
from tests.cli.shell import inside

TEXT = 'name = "mine"\n\n[[rule]]\nuse = "min_words"\nmin = 4\n'


def test_a_save_over_a_newer_file_is_refused(tmp_path: Path) -> None:
    """Two tabs that opened the same text: the second gets the first one's, and the file keeps it."""
    space = Workspace(tmp_path)
    assert (recipe_files(space), saved_text(space, "mine")) == ({}, None)
    assert save_recipe(space, "mine", TEXT, None) is None
    assert save_recipe(space, "mine", TEXT, None) is None  # the same again
    first, second = TEXT.replace("4", "5"), TEXT.replace("4", "6")
    assert save_recipe(space, "mine", first, TEXT) is None
    assert save_recipe(space, "mine", second, TEXT) == first
    assert saved_text(space, "mine") == first
    assert save_recipe(space, "mine", second, first) is None
    assert [path.name for path in space.recipes.iterdir()] == ["mine.toml"]
    assert [*recipe_files(space)] == ["mine"]


@pytest.mark.parametrize("name", ["baseline", "../up", "", ".hidden", "a/b", "x" * 101])
def test_names_that_no_recipe_can_have(tmp_path: Path, name: str) -> None:
    """A shipped recipe's, and whatever is no name of a file here."""
    with pytest.raises(RecipeError):
        save_recipe(Workspace(tmp_path), name, TEXT, None)
    assert not list(tmp_path.rglob("*.toml"))


def test_a_shipped_name_stays_the_shipped_recipe(tmp_path: Path) -> None:
    """A file of that name changes nothing; a file whose recipe is called otherwise is refused."""
    folder = tmp_path / "recipes"
    folder.mkdir()
    (folder / "strict.toml").write_text(TEXT.replace("mine", "strict"))
    (folder / "other.toml").write_text(TEXT)
    assert len(Recipe.load("strict", folder=folder).rules) > 10
    assert [*recipe_files(Workspace(tmp_path))] == ["other"]
    with pytest.raises(RecipeError, match="one name"):
        Recipe.load("other", folder=folder)
    with pytest.raises(RecipeError, match="Did you mean 'other'"):
        Recipe.load("othr", folder=folder)


def test_commands_find_it_by_name(tmp_path: Path, demonstrated: Path) -> None:
    """`recipes --data` lists it, `run` runs it, `compare` takes it without a run, and a broken one is a note."""
    data = tmp_path / "data"
    (data / "recipes").mkdir(parents=True)
    (data / "raw").symlink_to(demonstrated / "data" / "raw")
    (data / "recipes" / "mine.toml").write_text(TEXT, encoding="utf-8")
    (data / "recipes" / "broken.toml").write_text("[[rule]]\n", encoding="utf-8")
    listed = inside("recipes", "--json", data=data)
    assert [recipe["name"] for recipe in listed.json["recipes"]] == ["baseline", "huggingtweets", "strict", "mine"]
    assert "broken.toml, rule 1" in listed.err
    assert inside("recipes", "mine", data=data).out == TEXT
    assert inside("run", "mine", "--json", data=data).json["counts"]["kept"] > 0
    other = TEXT.replace("mine", "longer").replace("4", "6")
    (data / "recipes" / "longer.toml").write_text(other, encoding="utf-8")
    compared = inside("compare", "mine", "longer", "--json", data=data).json
    assert compared["only_a"] > 0 == compared["only_b"]
