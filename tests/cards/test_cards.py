"""Cards: figures of the ledger, files that load, and strangers' names that stay names."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import curation
from curation.asking import sampled_languages
from curation.cards import KINDS, Card, Details, card
from curation.cards.dataset import SIZES, size_category
from curation.corpus.corpus import Corpus
from curation.corpus.curate import curate
from curation.corpus.ledger import Ledger
from curation.disk import export_manifest
from curation.disk.workspace import Workspace
from curation.errors import NothingToDoError, UsageError, WorkspaceError
from curation.exports.registry import readers
from curation.recipes.recipe import Recipe
from tests.cards.reading import parsed
from tests.corpora import rule, write_corpus

RETWEET, SHORT = rule("retweet", label="Retweets"), rule("min_words", label="Short tweets", min=3)
REPOSTS_AND_COPIES = {"name": "mine", "description": "`mine`", "rule": [{"use": "retweet"}, {"use": "exact_duplicate"}]}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """The posts of one invented author, curated; only read."""
    root = tmp_path_factory.mktemp("sample")
    posts = [
        {
            "id": str(n),
            "author": ["ada", "bea"][n % 3 == 0],
            "author_name": ["Ada", "Béa"][n % 3 == 0],
            "created_at": f"2024-0{1 + n % 3}-03T10:00:00Z",
            "text": f"RT @x: passed on {n}" if n % 10 == 9 else f"the kettle sings the song of number {n % 40}, écoute",
            "lang": ["en", "en", "fr", "und"][n % 4],
        }
        for n in range(60)
    ]
    (root / "posts.jsonl").write_text("".join(json.dumps(post) + "\n" for post in posts), encoding="utf-8")
    curation.collect(root / "data", "file", root / "posts.jsonl")
    return curate(Workspace(root / "data"), Recipe.parse(REPOSTS_AND_COPIES)).corpus


def curate_rows(folder: Path, rows: list[dict[str, Any]], recipe: dict[str, Any]) -> Corpus:
    """Posts, landed and curated."""
    folder.mkdir()
    posts = [{"id": str(n), "created_at": "2024-01-03T10:00:00Z", **row} for n, row in enumerate(rows)]
    (folder / "posts.jsonl").write_text("".join(json.dumps(post) + "\n" for post in posts), encoding="utf-8")
    curation.collect(folder / "data", "file", folder / "posts.jsonl")
    return curate(Workspace(folder / "data"), Recipe.parse(recipe)).corpus


#: Where a table of one split lies.
TABLE = "data/{}-00000-of-00001.parquet"


def exported(corpus: Corpus, folder: Path, **options: Any) -> Card:
    """The card beside an export of the corpus to `folder`."""
    curation.export(corpus, options.pop("formats", ["parquet"]), folder, **options)
    return card(corpus, beside=folder, readers=readers)


def test_figures_are_the_ledgers(sample: Corpus) -> None:
    """What a card says of posts is what the ledger and the corpus say."""
    made = card(sample)
    total = Ledger.of(sample).total
    assert (total.downloaded, total.kept) == (60, 48)
    kept = sample.query("SELECT text, lang FROM posts WHERE removed_by IS NULL")
    figures = made.to_json()["figures"]
    assert figures["posts"] == len(kept) == total.kept
    assert figures["characters"] == sum(map(len, kept["text"]))
    assert figures["estimated_tokens"] == round(sum(len(text.encode()) for text in kept["text"]) / 4)
    assert figures["languages"] == {"en": 48}
    assert figures["ledger"]["total"]["removed"] == total.removed
    assert (figures["first"], figures["last"]) == ("2024-01-03", "2024-03-03")
    assert "| = Kept | " in made.text
    assert [cell for line in made.text.splitlines() if line.startswith("| = Kept") for cell in line.split(" | ")][
        -1
    ] == (f"{total.kept} |")


def test_no_text_of_a_post_stands_in_a_card(sample: Corpus) -> None:
    """Neither kept nor removed posts are quoted, in any kind of card."""
    for kind in KINDS:
        text = card(sample, kind).text
        assert "kettle" not in text
        assert "passed on" not in text.replace("Somebody else's post passed on", "")


def test_the_same_corpus_gives_the_same_card(sample: Corpus) -> None:
    """No clock is asked, and nothing depends on the order of reading."""
    for kind in KINDS:
        assert card(sample, kind).text == card(sample, kind).text


def test_a_card_names_the_files_of_an_export_with_their_rows(sample: Corpus, tmp_path: Path) -> None:
    """Files, columns, rows and sizes are those that are there."""
    fields = parsed(exported(sample, tmp_path, formats=["text", "jsonl", "parquet"], valid=0.3, allow_small=True).text)
    [config], [info] = fields["configs"], fields["dataset_info"]
    assert config == {
        "config_name": "default",
        "data_files": [{"split": split, "path": TABLE.format(split)} for split in ("train", "validation")],
    }
    files = {split: tmp_path / TABLE.format(split) for split in ("train", "validation")}
    tables = {split: pq.read_table(path) for split, path in files.items()}
    assert {split["name"]: split["num_examples"] for split in info["splits"]} == {
        split: table.num_rows for split, table in tables.items()
    }
    assert {split["name"]: split["num_bytes"] for split in info["splits"]} == {
        split: table.nbytes for split, table in tables.items()
    }
    assert info["features"] == [{"name": name, "dtype": "string"} for name in tables["train"].column_names]
    assert info["download_size"] == sum(path.stat().st_size for path in files.values())
    assert sum(table.num_rows for table in tables.values()) == 48


def test_json_lines_get_columns_and_no_rows(sample: Corpus, tmp_path: Path) -> None:
    """Columns keep dates from becoming times; how many rows there are is not claimed."""
    fields = parsed(exported(sample, tmp_path, formats=["lines", "jsonl"]).text)
    assert [config["data_files"] for config in fields["configs"]] == [[{"split": "train", "path": "train.jsonl"}]]
    names = ["id", "author", "text", "created_at"]
    features = [{"name": name, "dtype": "string"} for name in names]
    assert fields["dataset_info"] == [{"config_name": "default", "features": features}]


def test_lines_are_loaded_where_there_is_nothing_better(sample: Corpus, tmp_path: Path) -> None:
    """A file with one post a line is a dataset; the long document for GPT-2 is none."""
    fields = parsed(exported(sample, tmp_path, formats=["lines"]).text)
    assert fields["configs"][0]["data_files"] == [{"split": "train", "path": "train.lines.txt"}]
    assert "dataset_info" not in fields
    only = exported(sample, tmp_path / "other", formats=["text"], allow_small=True)
    assert "configs" not in parsed(only.text)
    assert "| train.txt | text | train |" in only.text


@pytest.mark.parametrize("part", [{"authors": ["ada"]}, {"search": "kettle"}, {"where": {"language": ["fr"]}}])
def test_an_export_of_other_posts_is_not_named(sample: Corpus, tmp_path: Path, part: dict[str, Any]) -> None:
    """An export of a part of the posts is not what the card describes, and the user is told."""
    made = exported(sample, tmp_path, **part)
    assert "configs" not in parsed(made.text)
    assert "holds other posts than this card describes" in made.notes[0]


def test_an_export_of_one_author_is_named_in_that_authors_card(sample: Corpus, tmp_path: Path) -> None:
    """The card of some authors goes with an export of these."""
    curation.export(sample, ["parquet"], tmp_path, authors=["ada"])
    made = card(sample, authors=["ada"], beside=tmp_path, readers=readers)
    [split] = parsed(made.text)["dataset_info"][0]["splits"]
    assert split["num_examples"] == made.figures.posts < 48
    assert "Béa" not in made.text
    assert "curation export mine --format parquet --author ada\ncuration card mine --author ada\n" in made.text


def test_an_export_of_an_older_run_is_not_named(sample: Corpus, tmp_path: Path) -> None:
    """Once the corpus has other files, what was exported before is not of it."""
    curation.export(sample, ["parquet"], tmp_path)
    [one] = export_manifest.read(tmp_path)
    export_manifest.write(
        tmp_path, [export_manifest.ExportRecord(**{**vars(one), "made_of": ("part-older-00000.parquet",)})]
    )
    assert "configs" not in parsed(card(sample, beside=tmp_path, readers=readers).text)


def test_rows_are_left_out_where_they_are_not_certain(sample: Corpus, tmp_path: Path) -> None:
    """A file that was changed by hand has no certain number of rows, and one that is gone is not named."""
    curation.export(sample, ["parquet", "jsonl"], tmp_path)
    pq.write_table(pa.table({"id": ["1"]}), tmp_path / TABLE.format("train"))
    fields = parsed(card(sample, beside=tmp_path, readers=readers).text)
    assert fields["configs"]
    assert "dataset_info" not in fields
    (tmp_path / TABLE.format("train")).write_bytes(b"no table")
    assert "dataset_info" not in parsed(card(sample, beside=tmp_path, readers=readers).text)
    (tmp_path / TABLE.format("train")).unlink()
    [config] = parsed(card(sample, beside=tmp_path, readers=readers).text)["configs"]
    assert config["data_files"][0]["path"] == "train.jsonl"


def test_a_recipe_of_ones_own_stands_in_the_card(sample: Corpus) -> None:
    """The TOML in it is a recipe with the same fingerprint; a shipped one is named."""
    [block] = re.findall(r"```toml\n(.*?)```", card(sample).text, re.DOTALL)
    assert Recipe.parse(tomllib.loads(block)).fingerprint == sample.manifest["recipe"]["fingerprint"]
    text = card(curation.run(sample.folder.parent.parent, "baseline")).text
    assert "\ncuration run baseline\n" in text
    assert "```toml" not in text


def test_folders_of_this_machine_are_nobodys_business(sample: Corpus) -> None:
    """Files that were collected are named without the folders above them."""
    text = card(sample).text
    assert "curation collect file posts.jsonl" in text
    assert str(sample.folder.parent.parent.parent) not in text


def test_masking_is_claimed_only_where_the_recipe_does_it(sample: Corpus) -> None:
    """A recipe without `pii` masks nothing, and the card says so; with it, what it masks."""
    assert "**Nothing was masked**" in card(sample).text
    text = card(curation.run(sample.folder.parent.parent, "baseline")).text
    assert "masks e-mail addresses, phone numbers and IP addresses" in text
    assert "Nothing was masked" not in text


def test_a_contact_is_named_or_asked_for(sample: Corpus) -> None:
    """An address becomes a link; without one the card and a note say that it lacks."""
    made = card(sample, details=Details(contact="https://example.org/out"))
    assert "ask: <https://example.org/out>" in made.text
    assert not any("--contact" in note for note in made.notes)
    assert "ask: \\<b\\>me\\</b\\>" in card(sample, details=Details(contact="<b>me</b>")).text
    without = card(sample)
    assert "put an address here" in without.text
    assert any("--contact" in note for note in without.notes)


def test_many_authors_are_counted_and_not_named(tmp_path: Path) -> None:
    """Of a community those with one post in a hundred are named, and the columns are few."""
    rows = [{"author": f"person{n}"} for n in range(150)] + [{"author": "ada"}] * 50
    corpus = write_corpus(tmp_path, rows, rules=[RETWEET, SHORT])
    text = card(corpus).text
    assert "person" not in text.replace("personal", "")
    assert "| Posts | ada | 150 others | All |\n" in text
    assert parsed(text)["pretty_name"] == "Posts by 151 authors"
    assert "200 posts by @ada and 150 others" in text
    assert "| Data | Quantity |\n| --- | --- |\n| Tweets downloaded | 200 |\n" in card(corpus, "model").text
    assert "--author" in card(corpus, "table").notes[0]


def test_a_corpus_without_posts_has_cards(tmp_path: Path) -> None:
    """Nothing is no error, and no figure is invented."""
    corpus = write_corpus(tmp_path, [], rules=[RETWEET, SHORT])
    fields = parsed(card(corpus).text)
    assert fields["size_categories"] == ["n<1K"]
    assert "language" not in fields
    assert card(corpus, "table").text == (
        "| Data | Quantity |\n| --- | --- |\n| Tweets downloaded | 0 |\n| Retweets | 0 |\n| Short tweets | 0 |\n"
        "| Tweets kept | 0 |\n"
    )
    assert card(corpus, "model").text.startswith("---\n")


#: A sentence in each language, and its code.
SENTENCES = {
    "ja": "きのうの夜は港まで歩いて、静かな海を見ました",
    "nl": "gisteravond liepen we naar de haven om naar de stille zee te kijken",
    "en": "last night we walked down to the harbour to watch the quiet sea",
}


def test_languages_are_measured_and_not_what_the_platform_says(tmp_path: Path) -> None:
    """The largest author's language leads although no platform gave it; one below a hundredth is not named."""
    of_author = {"aya": ("ja", 80), "bram": ("nl", 50), "cleo": ("en", 1)}
    rows = [
        {"author": author, "text": f"{SENTENCES[code]} {n}", "lang": None if code == "ja" else "fr"}
        for author, (code, posts) in of_author.items()
        for n in range(posts)
    ]
    rows += [{"author": "dov", "text": "!?", "lang": "qme"}]
    text = card(corpus := write_corpus(tmp_path, rows)).text
    assert parsed(text)["language"] == ["ja", "nl"]
    assert "Languages, measured by the rule `language` on 132 kept posts:" in text
    assert "| ja | 80 | 60.6% |\n| nl | 50 | 37.9% |\n| 1 other | 1 | 0.8% |\n| not known | 1 | 0.8% |" in text
    assert "named from 1% of the posts whose language is known" in text
    assert parsed(card(corpus, authors=["cleo"]).text)["language"] == ["en"]


def test_the_languages_of_a_large_corpus_are_those_of_a_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same sample each time, its size and shares are said; a recipe that measures all is believed as it is."""
    monkeypatch.setattr(sampled_languages, "SAMPLE", 20)
    rows = [{"author": code, "text": f"{SENTENCES[code]} {n}"} for n in range(30) for code in SENTENCES]
    made = card(write_corpus(tmp_path / "all", rows))
    assert "on 20 kept posts of the 90, drawn at random (fixed seed)" in made.text
    assert sum(made.figures.languages.values()) == made.figures.language_posts == 20
    recipe = {"name": "own", "rule": [{"use": "language", "keep": ["nl", "ja"]}]}
    corpus = curate_rows(tmp_path / "own", rows, recipe)
    figures = card(corpus).figures
    assert (figures.measured, figures.languages, figures.language_posts) == (True, {"ja": 30, "nl": 30}, 60)


def test_sizes_are_those_of_the_hub() -> None:
    """Each class begins where the one before ends."""
    assert [size_category(rows) for rows in (0, 999, 1_000, 99_999, 100_000, 10**6)] == [
        "n<1K", "n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M",
    ]  # fmt: skip
    assert [size_category(least) for least, _ in SIZES] == [name for _, name in SIZES]


def test_a_model_card_has_the_fields_and_leaves_out_what_nobody_said(sample: Corpus) -> None:
    """Language, thumbnail, tags, widget; the table; the link; the training; nothing is invented."""
    details = Details(
        name="ada/kettle", base_model="openai-community/gpt2", hyperparameters=(("epochs", "4"), ("l|r", "1e-4")),
        explore="https://example.org/data", thumbnail="https://example.org/a.png", prompts=("no", "The kettle"),
    )  # fmt: skip
    text = card(sample, "model", details=details).text
    assert parsed(text) == {
        "language": ["en"],
        "thumbnail": "https://example.org/a.png",
        "tags": ["text-generation", "social-media"],
        "base_model": "openai-community/gpt2",
        "pipeline_tag": "text-generation",
        "widget": [{"text": "no"}, {"text": "The kettle"}],
    }
    assert card(sample, "table").text in text
    assert "[Explore the data](<https://example.org/data>)" in text
    assert "| epochs | 4 |\n| l\\|r | 1e-4 |\n" in text
    assert 'model="ada/kettle"' in text
    plain = card(sample, "model").text
    assert list(parsed(plain)) == ["language", "tags", "pipeline_tag", "widget"]
    for word in ("Explore", "gpt2", "Hyperparameter |", "thumbnail"):
        assert word not in plain
    assert "not recorded in this card" in plain


def test_figures_that_do_not_add_up_are_no_card(tmp_path: Path) -> None:
    """A corpus with a verdict that its recipe doesn't explain is not described."""
    corpus = write_corpus(tmp_path, [{"removed_by": "ghost"}], rules=[RETWEET])
    with pytest.raises(WorkspaceError, match="does not balance"):
        card(corpus)


def test_without_an_export_a_note_says_how_to_make_one(tmp_path: Path) -> None:
    """The card names no files then."""
    made = card(write_corpus(tmp_path, [{}]))
    assert "configs" not in parsed(made.text)
    assert made.notes[0].endswith("curation export invented --format parquet")


def test_an_unknown_kind_or_author_is_said(sample: Corpus) -> None:
    """A slip of the pen gets a suggestion."""
    with pytest.raises(UsageError, match="Did you mean 'dataset'"):
        card(sample, "datset")
    with pytest.raises(NothingToDoError, match=r"no post by 'adda'.*Did you mean 'ada'"):
        card(sample, authors=["adda"])


def test_a_card_finds_an_export_with_a_name_of_its_own(sample: Corpus) -> None:
    """In the usual folder lies an export of one author, in another one that of all posts: the card names that."""
    exports = sample.folder.parent.parent / "exports"
    curation.export(sample, ["jsonl"], exports / "mine", authors=["ada"])
    curation.export(sample, ["jsonl"], exports / "for-a-friend")
    made = card(sample, readers=readers)
    assert {path.parent.name for path in made.files.values()} == {"for-a-friend"}
    assert not any("holds other posts" in note for note in made.notes)
    assert {path.parent.name for path in card(sample, authors=["ada"], readers=readers).files.values()} == {"mine"}
    assert card(sample, beside=exports / "mine", readers=readers).files == {}
