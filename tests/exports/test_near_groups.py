"""Near copies lie on one side of a split, whoever posted them and in whatever conversation."""

from __future__ import annotations

import datetime
import json
import random
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.errors import UsageError
from curation.exports import export
from curation.exports.choosing import near_groups
from curation.exports.choosing.connected import components
from curation.exports.choosing.exact_key import number
from curation.exports.choosing.near_groups import BEFORE, join_near, near_of
from curation.exports.choosing.split import side_of
from curation.options.export import ExportOptions
from curation.sameness import full_buckets
from curation.sameness.canonical import SHORTEN_REPETITIONS, canonical
from curation.sameness.similarity import similarities
from curation.sql import database
from tests.corpora import TIME, write_corpus

#: Dozens of words of several scripts, of which texts are made that have little in common.
WORDS = [
    "harbour kettle lantern orchard pebble quilt ribbon saddle timber velvet window yonder bramble cinder donkey ember",
    "маяк чайник фонарь сад камень одеяло лента седло дерево бархат окно вон ежевика зола осёл уголь",
    "ميناء إبريق فانوس بستان حصاة لحاف شريط سرج خشب مخمل نافذة هناك عليق رماد حمار جمرة",
    "נמל קומקום פנס פרדס חלוק שמיכה סרט אוכף עץ קטיפה חלון שם אוסנה אפר חמור גחלת",
    "ท่าเรือ กาน้ำ โคมไฟ สวนผลไม้ ก้อนกรวด ผ้านวม ริบบิ้น อานม้า ไม้ซุง กำมะหยี่ หน้าต่าง โน่น หนาม เถ้า ลา ถ่าน",
    "港湾の船 やかん湯 提灯祭 果樹園 小石拾 布団干 赤い紐 鞍と馬 材木屋 天鵞絨 窓辺で 彼方へ 木苺摘 灰色 驢馬 残り火",
]


def sentence(draw: np.random.Generator, script: int) -> list[str]:
    """Twelve words of a script, in any order."""
    words = WORDS[script].split()
    return [words[place] for place in draw.permutation(len(words))[:12]]


def planted(seed: int, groups: int = 12) -> list[dict]:
    """Texts, of each a copy and two with a changed word, by several authors, in several conversations, at any time."""
    draw = np.random.default_rng(seed)
    rows = []
    for group in range(groups):
        words = sentence(draw, group % len(WORDS))
        changed = [[*words], [*words]]
        changed[0][int(draw.integers(12))] = "🦊zig"
        changed[1][int(draw.integers(12))] = "other7"
        texts = [" ".join(words), f" {' '.join(words).upper()}  ", *map(" ".join, changed)]
        rows += [
            {
                "text": text,
                "author": f"author {int(draw.integers(5))}",
                "created_at": TIME + datetime.timedelta(hours=int(draw.integers(500))),
                "reply_to": str(int(draw.integers(1, 4 * groups))) if draw.random() < 0.3 else None,
            }
            for text in texts
        ]
    return [rows[place] for place in draw.permutation(len(rows))]


def texts_of(corpus, out: Path, **options) -> dict[str, list[str]]:
    """The texts on each side."""
    export(corpus, ["jsonl"], out, **options)
    return {
        side: [json.loads(line)["text"] for line in (out / f"{side}.jsonl").read_text(encoding="utf-8").splitlines()]
        for side in ("train", "valid")
    }


def canonicals(texts: list[str]) -> list[str]:
    """What the similarity is measured on."""
    connection = database.connect(threads=1)
    SHORTEN_REPETITIONS.register(connection)
    connection.register("given", pa.table({"text": texts, "place": list(range(len(texts)))}))
    return [text for (text,) in connection.execute(f"SELECT {canonical('text')} FROM given ORDER BY place").fetchall()]


def leaks(sides: dict[str, list[str]], threshold: float = 0.7) -> list[tuple[str, str]]:
    """All pairs of texts of both sides that are near copies, by comparing each with each."""
    train, valid = ([text for text in canonicals(sides[side]) if len(text) >= 25] for side in ("train", "valid"))
    pairs = np.array([(a, len(train) + b) for a in range(len(train)) for b in range(len(valid))]).reshape(-1, 2)
    if not len(pairs):
        return []
    found = similarities(train + valid, pairs)
    return [(train[a], valid[b - len(train)]) for a, b in pairs[found >= threshold].tolist()]


@pytest.mark.parametrize("split", ["random", "time", "conversation"])
@given(st.integers(0, 1000), st.floats(0.1, 0.6), st.integers(0, 3))
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_near_copy_is_on_the_other_side(split, corpus, valid, seed):
    """Of copies, and of texts with a changed word of twelve, in six scripts, no pair is on both sides."""
    with tempfile.TemporaryDirectory() as folder:
        made = write_corpus(Path(folder), planted(corpus), parts=2)
        assert not leaks(texts_of(made, Path(folder) / "out", valid=valid, split=split, seed=seed))


def test_without_the_search_they_leak(tmp_path):
    """What the property above looks for is there to be found: `near` 0 leaves near copies apart."""
    corpus = write_corpus(tmp_path, planted(1))
    assert len(leaks(texts_of(corpus, tmp_path / "out", valid=0.3, near=0))) > 10
    sides = texts_of(corpus, tmp_path / "out", valid=0.3)
    assert sides["train"]
    assert sides["valid"]


def test_a_text_without_near_copies_stays_on_its_side(tmp_path):
    """Its number alone says where it is, whatever near copies others have; a larger share takes none back."""
    draw = np.random.default_rng(3)
    alone = [{"text": " ".join(map(str, draw.integers(10**6, 10**8, 4)))} for _ in range(200)]
    corpus = write_corpus(tmp_path, [*alone, *planted(2)])
    found = {share: set(texts_of(corpus, tmp_path / "out", valid=share)["valid"]) for share in (0.2, 0.4)}
    for share, valid in found.items():
        assert {row["text"] for row in alone} & valid == {
            row["text"] for row in alone if number(row["text"], 0) < share
        }
    assert found[0.2] < found[0.4]


def test_short_texts_are_near_nothing(tmp_path):
    """Below 25 characters one letter more is another message, so the numbers of the texts alone decide."""
    rows = [{"text": f"good morning, day {n}"} for n in range(100)]
    sides = texts_of(write_corpus(tmp_path, rows), tmp_path / "out", valid=0.3)
    assert sorted(sides["valid"]) == sorted(row["text"] for row in rows if number(row["text"], 0) < 0.3)


def test_a_group_larger_than_the_share_is_on_the_training_side(tmp_path):
    """A hundred posts of one template are not a tenth of two hundred; the user is told."""
    rows = [{"text": f"the ferry to the island leaves at pier {n}"} for n in range(100)]
    rows += [{"text": f"{n * 7919} {n * 104729} {n * 1299709}"} for n in range(100, 200)]
    corpus = write_corpus(tmp_path, rows)
    for seed in range(2):
        result = export(corpus, ["jsonl"], tmp_path / "out", valid=0.2, seed=seed)
        assert [w for w in result.warnings if w.startswith("100 of 200 posts hang together in one group")]
        assert "ferry" not in (tmp_path / "out" / "valid.jsonl").read_text()


def test_the_same_bytes_again_and_with_other_threads(tmp_path):
    """A second export writes the same; the sides are the same with one thread and with two, in any order of posts."""
    rows = [{"id": str(n), "platform": "x", "removed_by": None, "duplicate_of": None, **row}
            for n, row in enumerate(planted(5))]  # fmt: skip
    corpus = write_corpus(tmp_path, rows)
    written = []
    for name in ("a", "b"):
        export(corpus, ["jsonl"], tmp_path / name, valid=0.3)
        written.append([(tmp_path / name / f"{side}.jsonl").read_bytes() for side in ("train", "valid")])
    assert written[0] == written[1]
    sides = []
    for threads, order in ((1, rows), (2, rows[::-1])):
        connection = database.connect(threads=threads)
        connection.register("given", pa.Table.from_pylist(order).cast(_types(order)))
        connection.execute("CREATE TABLE posts AS FROM given")
        side, _ = side_of(connection, ExportOptions(valid=0.3), "true", [], tmp_path / str(threads))
        sides.append(dict(connection.execute(f"SELECT id, {side} FROM posts").fetchall()))
        connection.close()
    assert sides[0] == sides[1]
    assert {*sides[0].values()} == {"train", "valid"}


def _types(rows: list[dict]) -> pa.Schema:
    kinds = {"created_at": pa.timestamp("us", "UTC")}
    return pa.schema([(name, kinds.get(name, pa.string())) for name in rows[0]])


def test_every_pair_of_a_large_bucket_is_joined_if_alike(tmp_path):
    """More texts than are compared with each: those that begin alike, and each has one that it is like."""
    draw = np.random.default_rng(8)
    texts = []
    for _ in range(3 * BEFORE):
        tail = " ".join(map(str, draw.integers(10**5, 10**6, 6)))
        texts += [f"today on the radio programme about {tail}", f"today on the radio programme abouts {tail}"]
    connection = database.connect(threads=2)
    connection.register("given", pa.table({"near_text": texts}))
    connection.execute(f"CREATE TABLE texts AS SELECT near_text, {near_of('near_text')} AS near FROM given")
    join_near(connection, tmp_path, 0.7)
    of = dict(
        connection.execute(
            "SELECT near_text, coalesce(root, near) FROM texts LEFT JOIN joined_near USING (near)"
        ).fetchall()
    )
    assert not [n for n in range(0, len(texts), 2) if of[texts[n]] != of[texts[n + 1]]]
    assert len({*of.values()}) == len(texts) // 2
    assert not list(tmp_path.iterdir())
    connection.close()


@pytest.mark.parametrize("near", [0.3, 1.5, -1])
def test_a_similarity_out_of_bounds_is_refused(tmp_path, near):
    """Below a half texts have little in common, and above 1 there is nothing."""
    with pytest.raises(UsageError, match=r"at least 0[.]5 and at most 1, or 0"):
        export(write_corpus(tmp_path, [{"text": "x"}]), ["jsonl"], tmp_path / "out", valid=0.5, near=near)


def test_a_similarity_without_a_share_is_refused(tmp_path):
    """It would do nothing."""
    with pytest.raises(UsageError, match="--valid"):
        export(write_corpus(tmp_path, [{"text": "x"}]), ["jsonl"], tmp_path / "out", near=0.8)


@pytest.mark.parametrize("looked_at", [0, 16_384])
@pytest.mark.parametrize("kind", ["alike", "templates"])
def test_nothing_is_missed_in_full_buckets(monkeypatch, tmp_path, looked_at, kind):
    """The groups are those of all pairs, though hardly any is compared at first, whichever way full buckets take."""
    draw = random.Random(kind)
    words = [
        "".join(draw.choices("abcdefghijklmnop", k=draw.randint(3, 9))) for _ in range(20 if kind == "alike" else 12)
    ]
    kept = "the old ferry leaves the northern harbour "
    texts = sorted({(kept if kind == "alike" else kept[:22]) + " ".join(draw.choices(words, k=4)) for _ in range(300)})
    monkeypatch.setattr(near_groups, "ROUNDS", ((1, 0), (0, 1)))
    monkeypatch.setattr(full_buckets, "LOOKED_AT", looked_at)
    connection = database.connect(threads=1)
    connection.register("given", pa.table({"text": texts}))
    connection.execute(
        f"CREATE TABLE texts AS SELECT text AS near_text, {near_groups.near_of('text')} AS near FROM given"
    )
    near_groups.join_near(connection, tmp_path, 0.7)
    found = dict(connection.execute(
        "SELECT near_text, coalesce(root, near) FROM texts LEFT JOIN joined_near USING (near)"
    ).fetchall())  # fmt: skip
    every = np.array([(a, b) for b in range(len(texts)) for a in range(b)])
    alike = every[similarities(texts, every) >= 0.7]
    expected = components(len(texts), *alike.T)
    assert 1 < len(set(expected.tolist())) < len(texts)
    groups = [{root: [t for t in texts if of[t] == root] for root in set(of.values())}.values()
              for of in (found, dict(zip(texts, expected.tolist(), strict=True)))]  # fmt: skip
    assert sorted(groups[0]) == sorted(groups[1])
