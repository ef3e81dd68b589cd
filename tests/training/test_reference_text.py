"""What a model saw is read again from its export, in every format, and where that is gone from what is left."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from curation.disk.training_record import read_record
from curation.disk.workspace import Workspace
from curation.exports import export
from curation.training.folders import POSTS, posts_schema
from curation.training.generation.copied import copied
from curation.training.generation.reference_text import CHANGED_EXPORT, CORPUS, EXPORT, ReferenceText
from tests.corpora import write_corpus
from tests.train.models import write_record

TEXTS = [
    "صباح الخير يا أصدقاء، الشاي جاهز ☕️ والبحر هادئ اليوم أكثر من أي يوم مضى في هذا الصيف",
    "「雨の日」は本を読む。お茶も飲む。猫は窓辺で眠っている。今日も静かな一日になりそうだ、と思う。まだ雨。",
    'she said "no \\ maybe" 👩‍👩‍👧‍👦 and left the boathouse before the rain began to fall',
    "a typed <|endoftext|> in between, and words enough that they could be a stretch",
]


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    """A workspace with a corpus of these texts, each an answer to the one before."""
    rows = [
        {"text": text, "author": ("mira", "tom")[number % 2], "reply_to": str(number) if number else None}
        for number, text in enumerate(TEXTS)
    ]
    write_corpus(tmp_path / "data", rows)
    return Workspace(tmp_path / "data")


def exported(space: Workspace, *formats: str, out: Path | None = None, **options: object) -> Path:
    """An export of it."""
    from curation.corpus.corpus import Corpus

    out = out or space.exports / "invented"
    export(Corpus.open(space, "invented"), formats, out, allow_small=True, **options)
    return out


def model(space: Workspace, out: Path, format: str) -> Path:
    """The folder of a model that was trained on it."""
    folder = space.root / "models" / "mira"
    folder.mkdir(parents=True, exist_ok=True)
    write_record(folder, out, space.root, format)
    return folder


def opened(space: Workspace, folder: Path) -> ReferenceText:
    """Its training text."""
    return ReferenceText.of(space, folder, read_record(folder))


def texts(text: ReferenceText) -> dict[tuple[str, str], str]:
    """The texts by post; none is there twice."""
    every = [post for batch in text.batches() for post in batch]
    assert len({post[:2] for post in every}) == len(every)
    return {post[:2]: post.text for post in every}


@pytest.mark.parametrize("format", ["text", "lines", "jsonl", "parquet", "prompt-completion", "chat"])
def test_every_format_gives_every_post_once(space: Workspace, format: str) -> None:
    """With its text as the model saw it, however often the file repeats it; and each is found in a sample."""
    options = {"instruction": "Go on."} if format in ("prompt-completion", "chat") else {}
    folder = model(space, exported(space, format, epochs=3, **options), format)
    text = opened(space, folder)
    assert (text.origin, text.note) == (EXPORT, "")
    as_seen = (
        TEXTS
        if format in ("jsonl", "parquet")
        else [each.replace("<|endoftext|>", "< |endoftext| >") for each in TEXTS]
    )
    assert texts(text) == {("x", str(number)): each for number, each in enumerate(as_seen, 1)}
    stretches = copied([f"# {each}" for each in as_seen], text.batches())
    assert [[(s.begin, s.end, s.id) for s in one] for one in stretches] == [
        [(2, 2 + len(each), str(number))] for number, each in enumerate(as_seen, 1)
    ]


def test_only_the_training_side_is_compared(space: Workspace) -> None:
    """The model never saw held-out posts."""
    out = exported(space, "jsonl", valid=0.5, split="time")
    assert 0 < len(texts(opened(space, model(space, out, "jsonl")))) < len(TEXTS)


def test_an_export_elsewhere_is_found(space: Workspace, tmp_path: Path) -> None:
    """By its path; and a model of another workspace by its own folder."""
    folder = model(space, exported(space, "jsonl", out=tmp_path / "elsewhere"), "jsonl")
    assert opened(space, folder).origin == EXPORT
    folder = model(space, exported(space, "jsonl"), "jsonl")
    assert opened(Workspace(tmp_path / "another"), folder).origin == EXPORT


def test_an_export_of_another_content_is_said(space: Workspace) -> None:
    """Samples are compared with the posts that it has now."""
    folder = model(space, exported(space, "jsonl"), "jsonl")
    exported(space, "jsonl", authors=["mira"])
    text = opened(space, folder)
    assert text.origin == CHANGED_EXPORT
    assert "was exported anew or changed since the training" in text.note
    assert set(texts(text).values()) == {TEXTS[0], TEXTS[2]}


@pytest.mark.parametrize("damage", ["changed", "gone", "without places"])
def test_an_export_that_cannot_be_read_leaves_the_corpus(space: Workspace, damage: str) -> None:
    """Only the posts that the model saw, where its folder names them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = exported(space, "jsonl")
    folder = model(space, out, "jsonl")
    if damage == "changed":
        with (out / "train.jsonl").open("a", encoding="utf-8") as file:
            file.write("\n")
    elif damage == "gone":
        shutil.rmtree(out)
    else:
        shutil.rmtree(out / ".ranges")
    text = opened(space, folder)
    assert text.origin == CORPUS
    assert ("is gone" if damage == "gone" else "is damaged") in text.note
    assert sorted(texts(text).values()) == sorted(TEXTS)
    seen = [{"platform": "x", "id": str(n), "author": "mira", "split": ("train", "valid")[n % 2]} for n in (1, 2, 3)]
    pq.write_table(pa.Table.from_pylist(seen, posts_schema()), folder / POSTS)
    assert set(texts(opened(space, folder))) == {("x", "2")}
    shutil.rmtree(space.curated)
    text = opened(space, folder)
    assert (text.origin, texts(text)) == (None, {})
    assert "can't be marked" in text.note


def test_a_model_of_somebody_else_has_no_training_text(space: Workspace) -> None:
    """That is said, so that nobody takes it for a model that copies nothing."""
    text = ReferenceText.of(space, space.root / "models" / "theirs", None)
    assert text.origin is None
    assert "is not known" in text.note
