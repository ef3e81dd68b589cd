"""`curation report`: one file that says what the other commands say, and does nothing else."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.cli.shell import curation, inside, jsonl, made_once

#: Authors and texts that try something.
HOSTILE = (
    "<script>document.title = 'hit'</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></svg></title><h1>big</h1>",
    "[here](https://example.org) **bold** {{7*7}}",
    "'; drop table posts; --",
    "\u202eevil\x1b[2J\0",
    "=cmd|' /C calc'!A0",
    "سفينة في الضباب والمنارة",
    "渡し船は霧の中で待っている。",
)


class Elements(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def make(folder: Path) -> None:
    """Posts that try something, some of them short or said twice, curated."""
    posts = [
        {
            "id": str(n),
            "author": who,
            "text": f"a few words, number {n % 5}: {who}",
            "created_at": f"2024-0{1 + n % 9}-03",
        }
        for n, who in enumerate((*HOSTILE, *HOSTILE))
    ]
    posts += [{"id": f"s{n}", "author": "mira", "text": f"fog {n}", "created_at": "2024-03-03"} for n in range(4)]
    assert curation("collect", "file", jsonl(folder / "posts.jsonl", posts), data=folder / "data").rc == 0
    assert curation("run", data=folder / "data").rc == 0


@pytest.fixture(scope="module")
def data(shared: Path) -> Path:
    """A curated workspace; only read here."""
    return made_once(shared / "report", make) / "data"


@pytest.fixture(scope="module")
def written(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with a comparison and posts."""
    out = tmp_path_factory.mktemp("report") / "told.html"
    said = inside("report", "--set", "min_words.min=8", "--samples", "30", "--out", str(out), data=data)
    assert said.rc == 0, said.err
    assert said.out == f"{out}\n"
    return out


def test_it_is_one_file_that_asks_for_nothing(written: Path) -> None:
    """There is no script, no picture from elsewhere, no link but to its own headings, and a policy against them."""
    page = Elements(written.read_text("utf-8"))
    assert {"script", "link", "img", "iframe", "object", "base", "form"}.isdisjoint(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "src"]
    links = [value or "" for name, value in page.attributes if name == "href"]
    headings = {f"#{value}" for name, value in page.attributes if name == "id"}
    assert len(links) > 4
    assert headings >= set(links)
    assert "`" not in "".join(re.findall(r"<p[^>]*>([^<]*)", written.read_text("utf-8")))
    assert page.tags.count("h1") == 1
    assert ("content", next(v for k, v in page.attributes if k == "content" and "default-src 'none'" in (v or ""))) in (
        page.attributes
    )
    assert "url(" not in written.read_text("utf-8")


def test_posts_stand_in_it_as_text(written: Path) -> None:
    """What somebody wrote is there letter by letter, and what nobody sees has become visible."""
    page = Elements(written.read_text("utf-8"))
    for text in HOSTILE[:5]:
        assert text in page.text
    assert "⟨U+202E⟩evil⟨U+001B⟩[2J⟨U+0000⟩" in page.text
    assert not re.search("[\x00\x1b\u202e]", written.read_text("utf-8"))


def test_figures_are_those_of_the_other_commands(data: Path, written: Path) -> None:
    """The account is the ledger's, and the comparison that of `compare`."""
    text = " ".join(Elements(written.read_text("utf-8")).text.split())
    total = inside("ledger", "--json", data=data).json["total"]
    assert f"{total['downloaded']:,} posts downloaded = {total['kept']:,} kept + " in text
    other = inside("compare", "baseline", "--set", "min_words.min=8", "--json", data=data).json
    assert f"{other['both']:,} are kept by both, {other['only_a']:,} only by A, {other['only_b']:,} only by B" in text
    assert other["only_a"]


def test_the_same_bytes_again(data: Path, written: Path) -> None:
    """Samples are drawn by the seed, so the same report comes out; another seed draws others."""
    again = written.with_name("again.html")
    options = ("report", "--set", "min_words.min=8", "--samples", "30", "--out", str(again))
    assert inside(*options, data=data).rc == 0
    assert again.read_bytes() == written.read_bytes()


def test_without_texts_there_are_none(data: Path, tmp_path: Path) -> None:
    """`--no-texts` leaves every post out, those of a comparison too."""
    out = tmp_path / "told.html"
    said = inside("report", "--no-texts", "--set", "min_words.min=8", "--out", str(out), "--json", data=data)
    assert said.json["posts"] == 0
    assert "a few words" not in out.read_text("utf-8")


def test_a_forgotten_post_takes_the_report_with_it(tmp_path: Path) -> None:
    """Wherever a report was written, it is deleted when a post that may stand in it is forgotten."""
    make(tmp_path)
    out = tmp_path / "elsewhere" / "told.html"
    assert inside("report", "--out", str(out), data=tmp_path / "data").rc == 0
    assert inside("report", data=tmp_path / "data").rc == 0
    told = inside("forget", "--id", "s1", data=tmp_path / "data")
    assert told.rc == 0
    assert f"{out.parent}: told.html deleted: no post can be cut out of it" in told.out
    assert not out.exists()
    # It is known that nothing is left there, so nobody has to look.
    assert str(out.parent) not in inside("forget", "--id", "s2", data=tmp_path / "data").out
    assert not [*(tmp_path / "data" / "exports").rglob("*.html")]


@pytest.mark.parametrize(
    ("options", "rc", "hint"),
    [
        (("--out", "told.txt"), 2, "HTML"),
        (("nothing",), 3, "curation run nothing"),
        (("--set", "min_words.least=3"), 2, "least"),
        (("--samples", "-1"), 2, "samples"),
    ],
)
def test_what_is_wrong_is_said(data: Path, options: tuple[str, ...], rc: int, hint: str) -> None:
    """A mistake is said in a sentence, and nothing is written."""
    said = inside("report", *options, data=data)
    assert (said.rc, json.dumps(said.out)) == (rc, '""')
    assert hint in said.err
