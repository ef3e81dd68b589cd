"""What a corpus lacks since its run."""

from __future__ import annotations

import json

from curation.corpus.behind import Behind, behind
from curation.corpus.corpus import Corpus
from curation.disk.workspace import Workspace
from tests.cli.shell import inside


def land(data, name, text):
    """Import one post."""
    path = data.parent / f"{name}.jsonl"
    path.write_text(json.dumps({"id": name, "text": text, "author": "mira"}) + "\n", encoding="utf-8")
    assert inside("collect", "file", str(path), data=data).rc == 0


def test_a_corpus_lacks_what_came_after_its_run(tmp_path):
    """New imports and another recipe under its name; nothing right after a run, nor for a recipe that can't be read."""
    data, space = tmp_path / "data", Workspace(tmp_path / "data")
    land(data, "1", "three words at least")
    space.recipes.mkdir(parents=True)
    recipe = space.recipes / "mine.toml"
    recipe.write_text('name = "mine"\n[[rule]]\nuse = "min_words"\nmin = 3\n', encoding="utf-8")
    assert inside("run", "mine", data=data).rc == 0
    manifest = Corpus.open(space, "mine").manifest
    assert behind(space, manifest).words == ()
    recipe.write_text('name = "mine"\n[[rule]]\nuse = "min_words"\nmin = 4\n', encoding="utf-8")
    land(data, "2", "and one more post")
    assert behind(space, manifest) == Behind(1, recipe=True)
    assert behind(space, manifest).words == ("1 import not in it", "the recipe has changed")
    recipe.write_text("not a recipe", encoding="utf-8")
    assert behind(space, manifest) == Behind(1)
