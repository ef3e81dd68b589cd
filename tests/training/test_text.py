"""The training text is what was curated, or it is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import curation
from curation.disk.workspace import Workspace
from curation.errors import InputError, RefusedError, UsageError
from curation.forgetting.forget import ForgetRequest, forget
from curation.options.export import TRAIN, VALID
from curation.tracking.index import sha256_of
from curation.training import readers
from curation.training.text import TrainingText


def written(data: Path, *formats: str, **options: object) -> Path:
    """An export of the workspace's corpus, in a folder that it knows."""
    out = data / "exports" / "mine"
    options = {"valid": 0.1, "split": "time", **options}
    curation.export(curation.Corpus.open(data, "baseline"), formats, out, **options)
    return out


@pytest.mark.parametrize("format", ["jsonl", "parquet", "lines"])
def test_every_format_has_the_posts_of_the_corpus(workspace, format):
    """Whichever is read, the same texts come."""
    text = TrainingText.open(written(workspace, format))
    assert text.format == format
    corpus = curation.Corpus.open(workspace, "baseline")
    kept = [row[0] for row in corpus.rows("SELECT text FROM posts WHERE removed_by IS NULL")]
    documents = [document[0].text for split in (TRAIN, VALID) for document in text.documents(split)]
    if format == "lines":
        kept = [" ".join(one.split()) for one in kept]
        documents = [" ".join(one.split()) for one in documents]
    assert len(documents) == len([one for one in kept if one.strip()])
    assert sum(map(len, documents)) > 1000


def test_tokens_are_the_texts_that_they_were_made_of(workspace):
    """They decode to those of `jsonl`, on each side."""
    out = written(workspace, "jsonl", "tokens")
    jsonl, tokens = (TrainingText.open(out, format) for format in ("jsonl", "tokens"))
    tokens.check(Workspace(workspace), sha256_of)
    assert (jsonl.tokenizer, tokens.tokenizer) == (None, out / "tokens" / "tokenizer.json")
    for split in (TRAIN, VALID):
        texts = sorted(document[0].text for document in jsonl.documents(split))
        assert texts
        assert sorted(document[0].text for document in tokens.documents(split)) == texts
        assert (tokens.posts(split), tokens.characters(split)) == (len(texts), jsonl.characters(split))


def test_tokens_are_read_in_chunks(workspace, monkeypatch):
    """Where one chunk ends and the next begins, no text is lost or read twice."""
    text = TrainingText.open(written(workspace, "tokens"))
    whole = list(text.documents(TRAIN))
    for rows in (1, 7, len(whole)):
        monkeypatch.setattr(readers, "ROWS", rows)
        assert list(text.documents(TRAIN)) == whole


@pytest.mark.parametrize("file", ["meta.json", "tokenizer.json"])
def test_another_file_beside_the_tokens_is_refused(workspace, file):
    """With another tokenizer the numbers would be other words."""
    out = written(workspace, "tokens")
    with (out / "tokens" / file).open("a") as changed:
        changed.write("\n")
    with pytest.raises(RefusedError, match="is not what was exported"):
        TrainingText.open(out).check(Workspace(workspace), sha256_of)


def test_conversations_say_what_counts(workspace):
    """In prompt-completion and chat only answers are learned."""
    out = written(workspace, "prompt-completion", "chat", instruction="Write a post.")
    for format in ("prompt-completion", "chat"):
        text = TrainingText.open(out, format)
        document = next(text.documents(TRAIN))
        assert [segment.role for segment in document] == ["user", "assistant"]
        assert [segment.learned for segment in document] == [False, True]


def test_the_posts_that_a_model_sees_are_named(workspace):
    """Each post once a side, as many as the export's ranges have."""
    text = TrainingText.open(written(workspace, "jsonl"))
    seen = text.seen()
    assert seen.num_rows == text.posts(TRAIN) + text.posts(VALID)
    assert seen.column_names == ["platform", "id", "author", "split"]


def test_text_that_was_edited_is_refused(workspace):
    """One byte more, and the manifest's digest says so."""
    out = written(workspace, "jsonl")
    with (out / "train.jsonl").open("a") as file:
        file.write("\n")
    with pytest.raises(RefusedError, match="is not what was exported"):
        TrainingText.open(out).check(Workspace(workspace), sha256_of)


def test_text_without_held_out_posts_is_refused(workspace):
    """Nobody could tell what the model learned."""
    text = TrainingText.open(written(workspace, "jsonl", valid=0.0, split="random"))
    with pytest.raises(RefusedError, match="no held-out posts"):
        text.check(Workspace(workspace), sha256_of)


def test_a_copy_that_holds_a_forgotten_post_is_refused(workspace, tmp_path):
    """`forget` doesn't find a copy elsewhere, but nobody trains on it."""
    import shutil

    out = written(workspace, "jsonl")
    copy = Path(shutil.copytree(out, tmp_path / "copy"))
    first = json.loads((out / "train.jsonl").read_text().splitlines()[0])
    forget(workspace, ForgetRequest(ids=(first["id"],)))
    with pytest.raises(RefusedError, match="forgotten since"):
        TrainingText.open(copy).check(Workspace(workspace), sha256_of)
    TrainingText.open(out).check(Workspace(workspace), sha256_of)  # it was cut, and its manifest knows


@pytest.mark.parametrize("split", [TRAIN, VALID])
def test_tokens_without_a_forgotten_post_are_read(workspace, split):
    """Both sides are written with the tokenizer that `forget` leaves, and hold all other posts."""
    out = written(workspace, "jsonl", "tokens")
    first = json.loads((out / f"{split}.jsonl").read_text().splitlines()[0])
    forget(workspace, ForgetRequest(ids=(first["id"],)))
    jsonl, tokens = (TrainingText.open(out, format) for format in ("jsonl", "tokens"))
    tokens.check(Workspace(workspace), sha256_of)
    for side in (TRAIN, VALID):
        texts = sorted(document[0].text for document in jsonl.documents(side))
        assert first["text"] not in texts
        assert sorted(document[0].text for document in tokens.documents(side)) == texts


def test_too_little_text_is_refused_unless_somebody_insists(workspace):
    """Huggingtweets had the same bound."""
    text = TrainingText.open(written(workspace, "jsonl", caps=["author=20"]))
    with pytest.raises(RefusedError, match="--allow-small"):
        text.require_length()
    text.require_length(allow_small=True)


def test_a_folder_that_is_no_export_is_said_to_be_none(tmp_path):
    """With the line that makes one."""
    with pytest.raises(InputError, match="curation export"):
        TrainingText.open(tmp_path)


def test_a_format_that_holds_epochs_is_not_read(workspace):
    """`text` repeats the posts; the sentence names the format to export."""
    out = written(workspace, "text", allow_small=True)
    with pytest.raises(UsageError, match="--format jsonl"):
        TrainingText.open(out)
