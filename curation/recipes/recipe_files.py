"""The recipes of a workspace: `DIR/recipes/NAME.toml`.

Every command finds them by their name. The names of shipped recipes stay theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from curation.disk.whole_files import write_whole, writing
from curation.disk.workspace import Workspace, staging_at
from curation.errors import RecipeError
from curation.recipes.recipe import RECIPE_NAME, shipped

#: The end of their names.
TOML = ".toml"


def recipe_files(space: Workspace) -> dict[str, Path]:
    """The files of a workspace's own recipes, by name."""
    files = sorted(space.recipes.glob(f"[!.]*{TOML}"))
    there = {path.name.removesuffix(TOML): path for path in files if path.is_file()}
    return {name: path for name, path in there.items() if RECIPE_NAME.fullmatch(name) and name not in shipped()}


def recipe_file(space: Workspace, name: str) -> Path:
    """Where a recipe of a workspace lies, or would. Raises `RecipeError` for a name that none can have."""
    if not RECIPE_NAME.fullmatch(name):
        raise RecipeError(
            "A recipe's name has letters, digits, '-', '_' and '.', at most 100, and begins with no sign."
        )
    if name in shipped():
        raise RecipeError(f"'{name}' is a shipped recipe. Give yours another name, such as '{name}_mine'.")
    return space.recipes / f"{name}{TOML}"


def saved_text(space: Workspace, name: str) -> str | None:
    """The text of a workspace's recipe; None if there is none. Raises `RecipeError`."""
    path = recipe_file(space, name)
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise RecipeError(f"{path} is not UTF-8 text (byte {error.start}), so it can't be a recipe.") from error
    except OSError as error:
        raise RecipeError(f"{path} can't be read: {error.strerror}.") from error


def save_recipe(
    space: Workspace, name: str, text: str, before: str | None, waiting: Callable[[str], None] | None = None
) -> str | None:
    """Save the text of a recipe in one step, unless the file is another one than it was.

    `before` is the text that was there when the edit began, None for no file. Gives None once it is saved; else the
    text that somebody else has saved meanwhile, and nothing is written. Raises `RecipeError`, `WorkspaceError`.
    """
    path = recipe_file(space, name)
    with space.lock("recipes", waiting):
        now = saved_text(space, name)
        if now is not None and now not in (before, text):
            return now
        if now != text:
            with writing(space.root):
                space.recipes.mkdir(parents=True, exist_ok=True)
                with staging_at(space, space.recipes, "recipe") as folder:
                    write_whole(path, text, folder / path.name)
    return None
