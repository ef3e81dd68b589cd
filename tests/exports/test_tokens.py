"""Training text as numbers: what is decoded is the text, with a tokenizer that is learned or given."""

from __future__ import annotations

import builtins
import hashlib
import json
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers

from curation.disk import export_manifest, ranges
from curation.disk.exported_file import BOUNDARY
from curation.errors import UsageError
from curation.exports import export
from curation.exports.formats import tokenizing, tokens
from tests.corpora import write_corpus

POSTS = [
    "صباح الخير يا أصدقاء، الشاي جاهز ☕️",
    "วันนี้ฝนตกทั้งวัน แต่ตลาดยังเปิดอยู่",
    "「雨の日」は本を読む。\nお茶も飲む",
    'she said "no \\ maybe" 👩‍👩‍👧‍👦 <|endoftext|> and left',
    "plain words, plain words, plain words",
    "",
]


def read(out):
    """The documents in the training file, decoded, and `meta.json`; as the format's documentation reads them."""
    meta = json.loads((out / "tokens/meta.json").read_text())
    train = np.memmap(out / "tokens/train.bin", dtype=meta["dtype"], mode="r")
    tokenizer = Tokenizer.from_file(str(out / "tokens/tokenizer.json"))
    assert meta["splits"]["train"]["tokens"] == len(train)
    assert train.max() < meta["vocabulary"]
    text = tokenizer.decode(train.tolist(), skip_special_tokens=False)
    assert tokenizer.token_to_id(meta["end_of_document"]["text"]) == meta["end_of_document"]["id"]
    return text, meta


def everything(out):
    """The bytes of every file but the record."""
    paths = [path for path in out.rglob("*") if path.is_file() and path.name != export_manifest.RECORD]
    return {str(path.relative_to(out)): path.read_bytes() for path in paths}


def words(path, *special, normalizer=None, **options):
    """A tokenizer of whole words, as somebody might give one."""
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "plain": 1, "words": 2, ",": 3}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.normalizer = normalizer
    tokenizer.add_special_tokens(list(special))
    tokenizer.add_tokens(list(options.get("plain", ())))
    if "truncated" in options:
        tokenizer.enable_truncation(options["truncated"])
        tokenizer.enable_padding(length=50)
    path.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(path))
    return path


@given(st.lists(st.one_of(st.text(max_size=20), st.sampled_from(POSTS)), min_size=1, max_size=8), st.integers(0, 9))
@example(POSTS, 0)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_decoded_it_is_one_epoch_of_text(tmp_path_factory, texts, seed):
    """With a learned tokenizer the numbers are `train.txt` of one epoch, boundaries included, for every script."""
    folder = tmp_path_factory.mktemp("corpus")
    corpus = write_corpus(folder, [{"text": text} for text in ["something", *texts]])
    export(corpus, ["text", "tokens"], folder / "out", epochs=1, seed=seed, vocabulary=300, allow_small=True)
    text, meta = read(folder / "out")
    assert text == (folder / "out/train.txt").read_bytes().decode()
    assert meta["splits"]["train"]["documents"] == text.count(BOUNDARY) - 1
    assert (meta["dtype"], meta["end_of_document"]["text"]) == ("uint16", BOUNDARY)


@given(st.integers(0, 99))
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_balance_is_that_of_text(tmp_path_factory, seed):
    """Smaller authors are repeated, in the order of the first epoch of `text`; the valid file has every post once."""
    folder = tmp_path_factory.mktemp("corpus")
    rows = [{"author": "mira", "text": f"mira writes number {n}"} for n in range(9)]
    corpus = write_corpus(folder, [*rows, {"author": "tom", "text": "tom 日本"}, {"author": "tom", "text": "ไทย"}])
    options = {"seed": seed, "balance": True, "valid": 0.4, "allow_small": True}
    export(corpus, ["text", "tokens"], folder / "out", epochs=1, **options)
    text, meta = read(folder / "out")
    assert text == (folder / "out/train.txt").read_bytes().decode()
    valid = (folder / "out/valid.txt").read_text()
    assert meta["splits"]["valid"]["documents"] == max(0, valid.count(BOUNDARY) - 1)


def test_a_second_run_gives_the_same_bytes(tmp_path, monkeypatch):
    """Learned tokenizer, numbers and figures are the same, with one thread and however the corpus is cut."""
    rows = [{"text": f"{text} {n}"} for n in range(40) for text in POSTS if text]
    found = []
    for parts, threads in ((1, "1"), (3, "2")):
        monkeypatch.setenv("RAYON_NUM_THREADS", threads)
        monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false" if threads == "1" else "true")
        corpus = write_corpus(tmp_path / threads, rows, parts=parts)
        export(corpus, ["tokens"], tmp_path / threads / "out", valid=0.2)
        found.append(everything(tmp_path / threads / "out"))
    names = {"meta.json", "tokenizer.json", "train.bin", "val.bin"}
    assert {name for name in found[0] if not name.startswith(".")} == {f"tokens/{name}" for name in names}
    assert {k: v for k, v in found[0].items() if k[0] != "."} == {k: v for k, v in found[1].items() if k[0] != "."}


def test_it_is_learned_from_the_training_side_alone(tmp_path, monkeypatch):
    """What stands in valid posts only is no token, and no more text is read than is needed."""
    rows = [{"text": f"lantern {n}", "created_at": None} for n in range(20)] + [
        {"text": f"quokka {n}"} for n in range(9)
    ]
    corpus = write_corpus(tmp_path, rows)
    export(corpus, ["tokens"], tmp_path / "out", valid=0.4, split="time")
    vocabulary = Tokenizer.from_file(str(tmp_path / "out/tokens/tokenizer.json")).get_vocab()
    assert "lantern" in vocabulary
    assert not [token for token in vocabulary if "quo" in token]
    monkeypatch.setattr(tokenizing, "LEARNED", 30)
    monkeypatch.setattr(tokens, "ENCODED", 3)
    export(corpus, ["tokens"], tmp_path / "short", valid=0.4, split="time")
    meta = json.loads((tmp_path / "short/tokens/meta.json").read_text())
    assert 30 <= meta["tokenizer"]["learned_from_characters"] < 60


def test_a_given_tokenizer_writes_what_it_reads(tmp_path):
    """Its bytes are copied, whole posts are written, and a special token that somebody typed is none."""
    path = words(tmp_path / "mine/tokenizer.json", "<s>", "[END]", truncated=2)
    texts = ["plain words , words plain words", "words <s> [END] plain"]
    corpus = write_corpus(tmp_path, [{"text": text} for text in texts])
    for number, name in enumerate((path, path.parent)):
        out = tmp_path / f"out{number}"
        export(corpus, ["tokens"], out, tokenizer=name, end_of_document="[END]")
        meta = json.loads((out / "tokens/meta.json").read_text())
        assert (out / "tokens/tokenizer.json").read_bytes() == path.read_bytes()
        assert meta["tokenizer"] == {
            "file": "tokenizer.json", "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "origin": "given",
            "name": ["tokenizer.json", "mine"][number],
        }  # fmt: skip
        end = meta["end_of_document"]["id"]
        numbers = np.fromfile(out / "tokens/train.bin", meta["dtype"]).tolist()
        documents = " ".join(map(str, numbers)).split(f"{end}")
        assert len(documents) == 4
        assert "1 2 3 2 1 2" in [document.strip() for document in documents]
        assert 4 not in numbers  # <s>
        assert str(tmp_path) not in json.dumps(meta)


def test_a_large_vocabulary_takes_four_bytes(tmp_path):
    """Numbers above 65,535 don't fit in two."""
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, BOUNDARY: 1, "far": 65_536}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens([BOUNDARY])
    tokenizer.save(str(tmp_path / "large.json"))
    export(write_corpus(tmp_path, [{"text": "far"}]), ["tokens"], tmp_path, tokenizer=tmp_path / "large.json")
    assert json.loads((tmp_path / "tokens/meta.json").read_text())["dtype"] == "uint32"
    assert np.fromfile(tmp_path / "tokens/train.bin", "<u4").tolist() == [1, 65_536, 1]


def test_an_added_token_that_is_not_special_is_none_in_a_post(tmp_path):
    """A token between documents is taken for a special one, whatever its file says, so that no post can end early."""
    path = words(tmp_path / "mine.json", plain=[AddedToken("[END]", special=False)])
    corpus = write_corpus(tmp_path, [{"text": "plain [END] words"}])
    export(corpus, ["tokens"], tmp_path, tokenizer=path, end_of_document="[END]")
    meta = json.loads((tmp_path / "tokens/meta.json").read_text())
    numbers = np.fromfile(tmp_path / "tokens/train.bin", meta["dtype"]).tolist()
    assert numbers.count(meta["end_of_document"]["id"]) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"vocabulary": 256}, "at least 257"),
        ({"end_of_document": "</s>"}, "--tokenizer"),
        ({"tokenizer": "{words}", "vocabulary": 300}, "leave out --vocabulary"),
        ({"tokenizer": "{words}"}, r"has no token '<\|endoftext\|>' .*special tokens: \[END\].*--end-of-document"),
        ({"tokenizer": "{words}", "end_of_document": "words"}, "also where somebody typed it"),
        ({"tokenizer": "{folder}"}, "There is no tokenizer"),
        ({"tokenizer": "no/such/tokenizer.json"}, "There is no tokenizer"),
        ({"tokenizer": "{broken}"}, "is not a tokenizer.json"),
        ({"tokenizer": "{words}", "formats": ["text"]}, "for the format tokens"),
    ],
)
def test_wrong_options_are_usage_errors(tmp_path, options, message):
    """What can't be written is said before a file is."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.json").write_text("{}")
    places = {
        "words": words(tmp_path / "w.json", "[END]"), "folder": tmp_path / "empty", "broken": tmp_path / "broken.json"
    }  # fmt: skip
    options = {k: v.format(**places) if isinstance(v, str) else v for k, v in options.items()}
    corpus = write_corpus(tmp_path, [{"text": "one"}])
    with pytest.raises(UsageError, match=message):
        export(corpus, options.pop("formats", ["tokens"]), tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_a_name_that_is_not_on_the_hub_is_said(tmp_path, monkeypatch):
    """Without a network, or for a name that isn't there, one sentence says what to do, and not the library's own."""
    import huggingface_hub

    def gone(*_):
        raise OSError("nobody answers")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", gone)
    with pytest.raises(UsageError, match=r"no file or folder mira/words, .*can't be reached"):
        export(write_corpus(tmp_path, [{}]), ["tokens"], tmp_path, tokenizer="mira/words")


def test_a_tokenizer_of_the_hub_is_known_by_its_name(tmp_path, monkeypatch):
    """It is downloaded, and its name there is noted."""
    import huggingface_hub

    path = words(tmp_path / "cache/x.json", BOUNDARY)
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", lambda name, file: str(path))
    export(write_corpus(tmp_path, [{}]), ["tokens"], tmp_path / "out", tokenizer="mira/words")
    assert json.loads((tmp_path / "out/tokens/meta.json").read_text())["tokenizer"]["name"] == "mira/words"


def test_without_the_package_nothing_is_written(tmp_path, monkeypatch):
    """The message has the command that installs it."""
    imported = builtins.__import__

    def without(name, *rest, **more):
        if name == "tokenizers":
            raise ImportError(name)
        return imported(name, *rest, **more)

    monkeypatch.delitem(sys.modules, "tokenizers")
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError, match="-m pip install tokenizers"):
        export(write_corpus(tmp_path, [{}]), ["tokens"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_record_makes_the_same_files_again(tmp_path, monkeypatch):
    """Options are remembered when they are given, a tokenizer so that it is found from another folder."""
    words(tmp_path / "mine.json", "[END]", normalizer=normalizers.Lowercase())
    monkeypatch.chdir(tmp_path)
    corpus = write_corpus(tmp_path, [{"text": f"Plain words {n}"} for n in range(30)])
    given = {"tokenizer": "mine.json", "end_of_document": "[END]"}
    for out, options in (("one", given), ("two", {"vocabulary": 280}), ("three", {})):
        export(corpus, ["tokens"], tmp_path / out, valid=0.3, **options)
        [one] = export_manifest.read(tmp_path / out)
        assert {file["name"]: file["split"] for file in one.files} == {
            "tokens/train.bin": "train", "tokens/val.bin": "valid", "tokens/meta.json": "", "tokens/tokenizer.json": "",
        }  # fmt: skip
        assert set(one.options) - {"valid", "epochs", "balance", "seed", "authors"} == set(options)
        before = everything(tmp_path / out)
        (tmp_path / "elsewhere").mkdir(exist_ok=True)
        monkeypatch.chdir(tmp_path / "elsewhere")
        export(corpus, one.formats, tmp_path / out, **one.options, only=["tokens/tokenizer.json"])
        assert everything(tmp_path / out) == before
        monkeypatch.chdir(tmp_path)


def test_ranges_are_tokens(tmp_path):
    """Each post has its tokens and the boundary after it; the first boundary is nobody's."""
    corpus = write_corpus(tmp_path, [{"text": text} for text in POSTS])
    export(corpus, ["tokens"], tmp_path / "out")
    found = ranges.Ranges.of(tmp_path / "out", "tokens/train.bin")
    assert found.unit == ranges.TOKENS
    import pyarrow.parquet as pq

    places = [(row["begin"], row["end"]) for row in pq.read_table(found.path).to_pylist()]
    assert places[0][0] == 1
    assert [begin for begin, _ in places[1:]] == [end for _, end in places[:-1]]
    assert places[-1][1] == json.loads((tmp_path / "out/tokens/meta.json").read_text())["splits"]["train"]["tokens"]
