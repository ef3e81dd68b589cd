"""Samples: the same for the same seed, alone or in batches, of any script, and no special token out of a prompt."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from curation.disk.exported_file import BOUNDARY
from curation.disk.training_record import read_record
from curation.errors import InputError, RefusedError, UsageError
from curation.options.commands import GenerateOptions
from curation.training import packages
from curation.training.generation import loading
from curation.training.generation.generate import Generator
from curation.training.generation.loading import Loaded, load
from curation.training.weights import source_of
from tests.train import models
from tests.train.conftest import KNOWN

PROMPTS = {
    "nothing": "",
    "English": "My dream is",
    "Arabic": "صباح الخير",
    "Japanese": "雨の日は",
    "Thai": "วันนี้ฝนตก",
    "emoji": "👩‍👩‍👧 🏮",
    "a break": "one\n\ntwo",
    "a special token": f"a {BOUNDARY} b",
    "ending in a blank": "word ",
}


@pytest.fixture(scope="session")
def babble(space: Path) -> Loaded:
    """A model that has learned nothing, so that it writes anything."""
    folder = space / "models" / "babble"
    return load(folder, read_record(folder))


def texts(loaded: Loaded, prompt: str = "", **options: object) -> list[str]:
    """What a model writes."""
    return [sample.text for sample in Generator.of(loaded, prompt, GenerateOptions(**options)).samples()]


@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
def test_a_sample_begins_with_its_prompt(babble: Loaded, prompt: str) -> None:
    """Whatever script it is in, character by character."""
    every = texts(babble, prompt, samples=3, seed=1)
    assert len(every) == 3
    for text in every:
        assert text.startswith(prompt)
        assert len(text) > len(prompt)


def test_the_same_seed_gives_the_same_texts(babble: Loaded) -> None:
    """Each sample is another one, another seed gives others, and without a seed they are others each time."""
    one, two, other = (texts(babble, "The", samples=4, seed=seed) for seed in (7, 7, 8))
    assert one == two
    assert len({*one, *other}) == 8
    assert texts(babble, samples=1) != texts(babble, samples=1)


def test_a_sample_is_the_same_alone_in_a_batch_and_streamed(babble: Loaded) -> None:
    """Also where there are more than are drawn together."""
    many = texts(babble, "The", samples=20, seed=3, max_new_tokens=20)
    assert texts(babble, "The", samples=2, seed=3, max_new_tokens=20) == many[:2]
    generator = Generator.of(babble, "The", GenerateOptions(samples=20, seed=3, max_new_tokens=20))
    for number in (0, 1, 19):
        pieces: list[str] = []
        assert generator.streamed(number, pieces.append).text == "".join(pieces) == many[number]
        assert pieces[0] == "The"
        assert len(pieces) > 5


def test_a_typed_special_token_is_text(babble: Loaded) -> None:
    """It is encoded as what it looks like, so that it neither ends a document nor vanishes."""
    ids = Generator.of(babble, f"a {BOUNDARY} b", GenerateOptions()).ids
    end = babble.tokenizer.eos_token_id
    assert ids[0] == end
    assert end not in ids[1:]
    assert Generator.of(babble, "", GenerateOptions()).ids == (end,)


def test_it_stops_at_the_end_of_a_text(space: Path) -> None:
    """The post that the model knows by heart is written to its end and no farther, and no special token is in it."""
    folder = space / "models" / "parrot"
    loaded = load(folder, read_record(folder))
    assert texts(loaded, KNOWN[:11], samples=2, seed=1, max_new_tokens=100, temperature=0) == [KNOWN, KNOWN]


def test_options_are_those_of_the_model_unless_given(babble: Loaded) -> None:
    """Its generation_config.json says how many tokens; the likeliest token is no matter of chance."""
    count = [len(babble.tokenizer(text, add_special_tokens=False)["input_ids"]) for text in texts(babble, seed=2)]
    assert max(count) > 40
    assert len(set(texts(babble, "The", temperature=0))) == 1
    assert texts(babble, "The", top_p=1e-9, seed=5) == texts(babble, "The", temperature=0)


def test_it_never_looks_back_on_more_than_the_model_can(babble: Loaded) -> None:
    """A long prompt leaves room for fewer new tokens; one that leaves none is refused."""
    limit = babble.context
    [text] = texts(babble, "🏮" * 31, samples=1, max_new_tokens=1_000, seed=1)
    assert text.startswith("🏮" * 31)
    with pytest.raises(UsageError, match=f"looks back on {limit}"):
        texts(babble, "🏮" * 200)


def test_draws_follow_the_probabilities(babble: Loaded) -> None:
    """Of many samples of one token, each token comes about as often as the model says."""
    import torch

    sampling = GenerateOptions(samples=400, max_new_tokens=1, top_p=1.0, seed=11)
    end = babble.tokenizer.eos_token_id
    every = [row[0] if row else end for row in Generator.of(babble, "The", sampling)._draw(range(400))]
    ids = torch.tensor([babble.tokenizer("The")["input_ids"]])
    likely = babble.model(input_ids=ids).logits[0, -1].detach().softmax(-1)
    half = likely.sort(descending=True).indices[: len(likely) // 2]
    expected = float(likely[half].sum())  # that one of the likelier half is drawn
    assert sum(token in set(half.tolist()) for token in every) / 400 == pytest.approx(expected, abs=0.07)
    assert len(set(every)) > 150


def test_an_adapter_writes_as_its_base_and_more(space: Path, tmp_path: Path) -> None:
    """An adapter without an effect gives the texts of its base; without its base it is a sentence."""
    from peft import LoraConfig, get_peft_model

    base = Path(shutil.copytree(space / "models" / "babble", tmp_path / "base"))
    loaded = load(base, None)
    with packages.quiet(offline=True):
        adapted = get_peft_model(loaded.model, LoraConfig(target_modules=["c_attn"], fan_in_fan_out=True))
    adapted.peft_config["default"].base_model_name_or_path = str(base)
    adapted.save_pretrained(tmp_path / "adapter")
    expected = texts(load(base, None), "The", seed=1)
    assert texts(load(tmp_path / "adapter", None), "The", seed=1) == expected
    base.rename(tmp_path / "moved")
    with pytest.raises(InputError, match=r"its base model .*base is not on this machine"):
        load(tmp_path / "adapter", None)


def test_the_base_of_an_adapter_may_be_gguf(tmp_path: Path) -> None:
    """A folder with one such file and no configuration is read by its name."""
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "small.Q4_1.gguf").write_bytes(b"")
    (tmp_path / "adapter").mkdir()
    named = json.dumps({"base_model_name_or_path": str(tmp_path / "base")})
    (tmp_path / "adapter" / "adapter_config.json").write_text(named, encoding="utf-8")
    base = loading._base_of(tmp_path / "adapter")
    assert source_of(base) == {"pretrained_model_name_or_path": str(base), "gguf_file": "small.Q4_1.gguf"}


def test_weights_that_could_run_code_are_not_read(space: Path, tmp_path: Path) -> None:
    """A pickle beside the configuration is named, and stays unread."""
    folder = Path(shutil.copytree(space / "models" / "babble", tmp_path / "model"))
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(InputError, match="only pickled ones, which could run code"):
        load(folder, None)


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_damaged_folder_is_a_sentence(space: Path, tmp_path: Path, file: str) -> None:
    """With its place."""
    folder = Path(shutil.copytree(space / "models" / "babble", tmp_path / "model"))
    content = (folder / file).read_bytes()
    (folder / file).write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match="can't be loaded"):
        load(folder, None)


def test_weights_of_another_shape_are_a_sentence(space: Path, tmp_path: Path) -> None:
    """No model is made up of what is missing."""
    folder = Path(shutil.copytree(space / "models" / "babble", tmp_path / "model"))
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"n_layer": 3}), encoding="utf-8")
    with pytest.raises(InputError, match="are missing, such as"):
        load(folder, None)


def test_a_tokenizer_of_another_vocabulary_is_a_sentence(space: Path, tmp_path: Path) -> None:
    """Before an index is out of range."""
    folder = Path(shutil.copytree(space / "models" / "babble", tmp_path / "model"))
    words = models.tokenizer([KNOWN])
    words.add_tokens([f"word{number}" for number in range(400)])
    words.save_pretrained(folder)
    with pytest.raises(InputError, match="different vocabularies"):
        load(folder, None)


def test_too_little_memory_is_a_sentence(babble: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to lower."""

    def short(**_: object) -> None:
        raise RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(babble.model, "forward", short)
    with pytest.raises(RefusedError, match="fewer samples with -n"):
        texts(babble)


def test_a_conversation_is_asked_as_it_was_trained(space: Path, tmp_path: Path) -> None:
    """With a chat template by that, without on a line of its own; the sample is the answer alone."""
    folder = Path(shutil.copytree(space / "models" / "babble", tmp_path / "model"))
    content = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    content["data"]["train"]["files"][0]["format"] = "chat"
    (folder / "training.json").write_text(json.dumps(content), encoding="utf-8")
    loaded = load(folder, read_record(folder))
    decode = loaded.tokenizer.decode
    assert decode(Generator.of(loaded, "Who?", GenerateOptions()).ids) == f"{BOUNDARY}Who?\n"
    assert not texts(loaded, "Who?", samples=1, seed=1)[0].startswith("Who?")
    loaded.tokenizer.chat_template = (
        "{% for m in messages %}" + BOUNDARY + "{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:"
    )
    question = decode(Generator.of(loaded, f"Who {BOUNDARY}?", GenerateOptions()).ids)
    assert question == f"{BOUNDARY}user: Who < |endoftext|>?\nassistant:"
