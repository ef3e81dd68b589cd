"""Values as MongoDB exports them: `{"$oid": "…"}`, `{"$date": …}`, `{"$numberLong": "5"}`.

>>> plain_values({"_id": {"$oid": "65f"}, "n": {"$numberLong": "5"}, "at": {"$date": {"$numberLong": "1709629200000"}}})
{'_id': '65f', 'n': 5, 'at': 1709629200000}
"""

from __future__ import annotations

from typing import Any

_WHOLE = frozenset({"$numberLong", "$numberInt"})
_AS_THEY_ARE = frozenset({"$oid", "$date", "$numberDecimal", "$numberDouble", "$uuid", "$symbol"})
_DEEPEST = 60


def has_marks(value: Any, depth: int = 0) -> bool:
    """Whether some value is written so."""
    if isinstance(value, dict):
        if len(value) == 1 and (_WHOLE | _AS_THEY_ARE) & value.keys():
            return True
        return depth < 6 and any(has_marks(held, depth + 1) for held in value.values())
    return isinstance(value, list) and depth < 6 and any(has_marks(held, depth + 1) for held in value[:20])


def plain_values(value: Any, depth: int = 0) -> Any:
    """The value with each of these as a text or number."""
    if depth > _DEEPEST:
        return value
    if isinstance(value, list):
        return [plain_values(held, depth + 1) for held in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        (key, held), *_ = value.items()
        if key in _WHOLE and isinstance(held, str) and held.lstrip("-").isdecimal() and len(held) < 25:
            return int(held)
        if key in _AS_THEY_ARE:
            return plain_values(held, depth + 1)
    return {key: plain_values(held, depth + 1) for key, held in value.items()}
