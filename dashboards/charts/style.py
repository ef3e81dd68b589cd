"""What all charts share: colours, and how a click on one comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Kept and removed, told apart also by those who see no red or green; grey for what is neither.
KEPT, REMOVED, NEUTRAL = "#1a7f64", "#e07b39", "#8a8f98"
#: Text in a chart: dark enough on white, light enough on black.
INK = "#7d838c"
#: Pixels of a bar with its gap, where there is one for each author or rule.
STEP = 26


def clicked(event: Any, selection: str, field: str) -> Any | None:
    """The value of `field` of the mark that was clicked, of a chart whose selection has this name; None without."""
    chosen: Mapping[str, Any] = (event or {}).get("selection", {}) if hasattr(event, "get") else {}
    points = chosen.get(selection) or []
    return points[0].get(field) if points else None
