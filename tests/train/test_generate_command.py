"""`curation generate` with real models: quiet, offline, and with marks. Some are processes of their own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from curation.training.outcome import TrainingOutcome
from tests.cli.shell import curation, environment, inside
from tests.train.conftest import KNOWN


def test_a_model_that_knows_a_post_by_heart_is_marked_with_it(space: Path) -> None:
    """The text is the post's, from its first to its last character, and libraries print nothing."""
    run = inside("generate", "parrot", "The lamp in", "-n", "3", "--temperature", "0", "--json", data=space)
    assert (run.rc, run.err) == (0, "")
    assert run.json["compared_with"] == "export"
    whole = {"begin": 0, "end": len(KNOWN), "platform": "x", "id": "2"}
    assert run.json["samples"] == [{"text": KNOWN, "copied": [whole]}] * 3


def test_the_same_seed_gives_the_same_output(space: Path, tmp_path: Path) -> None:
    """In another process too, in a batch and with a picture; any script goes in and comes out."""
    words = ("generate", "babble", "雨の日は صباح 🏮", "-n", "4", "--seed", "5", "--json")
    one, two = inside(*words, data=space), curation(*words, data=space)
    assert (one.rc, one.err) == (0, "")
    assert one.out == two.out
    assert all(sample["text"].startswith("雨の日は صباح 🏮") for sample in one.json["samples"])
    three = inside(*words[:-1], "--picture", tmp_path / "p.png", "--json", data=space)
    assert three.json == one.json
    assert (tmp_path / "p.png").stat().st_size > 10_000


def test_a_picture_in_the_folder_of_a_model_is_on_its_card(
    trained: Callable[..., TrainingOutcome], workspace: Path
) -> None:
    """The card's thumbnail is the learning curve before, and the picture after; one elsewhere changes nothing."""
    folder = trained().folder
    card = folder / "README.md"
    before = card.read_text(encoding="utf-8")
    words = ("generate", "tiny", "-n", "1", "--seed", "1", "--picture")
    run = inside(*words, workspace / "predictions.png", data=workspace)
    assert run.rc == 0
    assert "the card shows it" not in run.err
    assert card.read_text(encoding="utf-8") == before
    assert '\nthumbnail: "learning-curve.png"\n' in before
    run = inside(*words, folder / "predictions.png", data=workspace)
    assert run.rc == 0
    assert "and the card shows it." in run.err
    after = card.read_text(encoding="utf-8")
    assert '\nthumbnail: "predictions.png"\n' in after
    assert "](predictions.png)" in after


def test_a_picture_beside_weights_of_somebody_else_leaves_their_card(space: Path, tmp_path: Path) -> None:
    """Without a record there is nothing to write a card from."""
    folder = Path(shutil.copytree(space / "models" / "babble", tmp_path / "theirs"))
    (folder / "training.json").unlink()
    (folder / "README.md").write_text("Theirs", encoding="utf-8")
    run = inside("generate", folder, "-n", "1", "--seed", "1", "--picture", folder / "predictions.png", data=space)
    assert run.rc == 0
    assert (folder / "README.md").read_text(encoding="utf-8") == "Theirs"


def test_no_network_is_asked_and_no_cache_is_written(space: Path, tmp_path: Path) -> None:
    """Every address fails, and the home of the libraries stays empty."""
    home = tmp_path / "home"
    home.mkdir()
    proxy = "http://127.0.0.1:9"
    env = environment(HF_HOME=str(home), HTTPS_PROXY=proxy, HTTP_PROXY=proxy, ALL_PROXY=proxy, HF_HUB_OFFLINE=None)
    run = curation("generate", "babble", "-n", "1", "--seed", "1", data=space, env=env)
    assert (run.rc, run.err) == (0, "")
    assert not [path for path in home.rglob("*") if path.is_file()]


def test_an_export_that_is_gone_is_said_and_the_corpus_serves(space: Path, tmp_path: Path) -> None:
    """What can still be marked is."""
    data = Path(shutil.copytree(space, tmp_path / "data"))
    shutil.rmtree(data / "exports")
    run = inside("generate", "parrot", "The lamp in", "-n", "1", "--seed", "1", data=data)
    assert run.rc == 0
    assert "is gone, so samples are compared with the corpus 'invented' as it is now." in run.err
    assert f"copied from x 2: «{KNOWN}»" in run.out


def test_a_folder_of_somebody_else_writes_without_marks(space: Path, tmp_path: Path) -> None:
    """By its path; that nothing can be marked is said."""
    folder = Path(shutil.copytree(space / "models" / "parrot", tmp_path / "theirs"))
    (folder / "training.json").unlink()
    run = inside("generate", folder, "The lamp in", "-n", "1", "--seed", "1", "--json", data=space)
    assert run.rc == 0
    assert "is not known" in run.err
    assert run.json["compared_with"] is None
    assert run.json["samples"][0]["copied"] == []


def test_a_long_prompt_is_a_sentence(space: Path) -> None:
    """With both lengths."""
    run = inside("generate", "babble", "🏮" * 200, data=space)
    assert run.rc == 2
    assert "and the model looks back on 128" in run.complaint


def test_code_beside_a_model_is_never_run(space: Path, tmp_path: Path) -> None:
    """A model that wants to be trusted is refused."""
    folder = Path(shutil.copytree(space / "models" / "babble", tmp_path / "model"))
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config |= {"model_type": "mine", "auto_map": {"AutoConfig": "code.Mine", "AutoModelForCausalLM": "code.Model"}}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "code.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n", encoding="utf-8")
    run = inside("generate", folder, data=space)
    assert run.rc == 1
    assert "can't be loaded" in run.complaint
    assert not (tmp_path / "ran").exists()
