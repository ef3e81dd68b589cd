"""Parameters of `engagement` that do not fit."""

from __future__ import annotations

from typing import Any

import pytest

from curation.errors import RecipeError
from tests.judge import recipe_of


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"of": []}, "nothing is counted"),
        ({"of": ["hearts"]}, "no count 'hearts'; .of. may hold likes"),
        ({"min": 5, "max": 4}, "is more than .max."),
        ({"min": -1}, "at least 0"),
    ],
)
def test_wrong_parameters_are_refused(parameters: dict[str, Any], said: str) -> None:
    """The message says what would be right."""
    with pytest.raises(RecipeError, match=said):
        recipe_of({"use": "engagement", **parameters})
