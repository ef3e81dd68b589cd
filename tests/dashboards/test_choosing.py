"""Widgets that follow the address."""

from __future__ import annotations

from typing import Any

import pytest

from dashboards.parts import choosing


def test_only_another_value_is_a_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report of the drawn value, which Streamlit makes when a run was cut off, changes no address."""
    state: dict[str, Any] = {"order": "oldest"}
    monkeypatch.setattr(choosing.st, "session_state", state)
    chosen: list[str] = []
    changed = choosing.on_choice("order", chosen.append)
    changed()
    assert chosen == []
    state["order"] = "newest"
    changed()
    assert chosen == ["newest"]
