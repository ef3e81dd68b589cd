"""The recipe that somebody edits in a tab: its text, and the file as it was when it was opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

KEY = "recipe:open"


@dataclass
class OpenRecipe:
    """A recipe that is being edited."""

    text: str
    opened: str  # the text that was opened, or saved since
    source: str  # what it was opened from
    file: str = ""  # the name of the workspace's file that it was opened from, or saved as; "" for none
    before: str | None = None  # the text of this file then
    chosen: int = 0  # the rule whose parameters are shown
    error: str = ""  # why the last edit could not be made
    conflict: str | None = None  # the text that somebody else has saved

    @property
    def is_edited(self) -> bool:
        """Whether there is something to lose."""
        return self.text != self.opened

    def edit(self, change: Callable[[str], str]) -> None:
        """Change the text; a text that is no TOML stays."""
        self.error = ""
        try:
            self.text = change(self.text)
        except (ValueError, IndexError) as error:
            self.error = f"Mend the TOML first: {error}."


def current() -> OpenRecipe | None:
    """The recipe of this tab."""
    found: OpenRecipe | None = st.session_state.get(KEY)
    return found


def opened(text: str, source: str, file: str = "") -> OpenRecipe:
    """Open a text in this tab; `file` is the name of the workspace's file that has it."""
    recipe = st.session_state[KEY] = OpenRecipe(text, text, source, file, text if file else None)
    return recipe
