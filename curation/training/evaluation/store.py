"""The evaluations in a workspace: `DIR/evaluations/<digest>.json`, one for each set of recipes and model.

A later evaluation of the same recipes replaces the earlier one. A file holds figures and names of recipes and
landings, and no posts.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import TYPE_CHECKING

from curation.disk.whole_files import write_whole, writing
from curation.training.evaluation.result import Evaluation
from curation.writing.characters import json_text

if TYPE_CHECKING:
    from curation.disk.workspace import Workspace


def keep(space: Workspace, evaluation: Evaluation) -> None:
    """Write an evaluation, whole or not at all. Raises `WorkspaceError` where the workspace can't be written."""
    same = json.dumps([evaluation.model, [[each.name, each.fingerprint] for each in evaluation.recipes]])
    name = f"{hashlib.sha256(same.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}.json"
    with space.staging("evaluation") as staging, writing(space.evaluations):
        text = json_text(evaluation.to_json(), indent=2) + "\n"
        write_whole(space.evaluations / name, text, staging / name)


def evaluations(space: Workspace, fingerprint: str) -> list[Evaluation]:
    """The evaluations that include the recipe with this fingerprint, in a fixed order. Damaged files are skipped."""
    of_recipe = []
    for path in sorted(space.evaluations.glob("*.json")):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            evaluation = Evaluation.from_json(json.loads(path.read_text(encoding="utf-8")))
            if any(each.fingerprint == fingerprint for each in evaluation.recipes):
                of_recipe.append(evaluation)
    return of_recipe
