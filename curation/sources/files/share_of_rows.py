"""A share of a file's rows, and a value of one, as notices name them."""

from __future__ import annotations

import json
from typing import Any

#: Share of a file's posts that may lack a time without a notice.
SHARE = 0.01


def percent_of_rows(share: float) -> str:
    """A share in percent."""
    return f"{share:.0%}" if share >= 0.1 else f"{share:.1%}"


def cell_in_message(value: Any) -> str:
    """A value as a message shows it, shortened."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else text[:39] + "…"
