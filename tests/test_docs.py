"""The documentation against reality: what it says exists, and what exists it says."""

from __future__ import annotations

import difflib
import os
import re
import shlex
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

import curation
from curation import sources
from curation.asking.review.record import Draw, change_reviews
from curation.asking.vocabulary.answer import vocabulary
from curation.cli.demo import sample_parts as parts
from curation.collecting.collection import collect
from curation.collecting.spool import Spool, folder_of
from curation.corpus.curate import curate
from curation.corpus.pins.pin_file import change_pins
from curation.corpus.saved_views import change_views, view_of
from curation.disk.manifest import read_manifest
from curation.disk.workspace import Workspace
from curation.exports.registry import BUILT_IN
from curation.forgetting.forget import ForgetRequest, forget
from curation.mapping.make import make_map
from curation.options.mapping import MapOptions
from curation.posts import RAW_COLUMNS
from curation.recipes.recipe import Recipe, shipped
from curation.recipes.recipe_files import save_recipe
from curation.sources.files.x_archive_files import KINDS, kind_of_member
from curation.tracking import recorded
from curation.training.evaluation import Evaluation, keep
from curation.training.evaluation.result import Figure, RecipeResult, RepetitionFigures
from docs import examples, generate
from docs.catalog import shipped_rules
from docs.commands import commands, parameters
from tests.cli.shell import forks
from tests.feeds import ListedFeed, Server
from tests.models import training_record, write_model

ROOT = examples.ROOT
PAGES = sorted(generate.FOLDER.glob("*.md"))
EVERY_PAGE = [generate.README, ROOT / "CHANGELOG.md", *PAGES]
WITH_EXAMPLES = [page for page in generate.with_examples() if page != generate.README]

#: PYTHONPATH of a reader who has installed nothing else.
PATHS = ("", str(ROOT), os.environ.get("PYTHONPATH", ""))

#: Options of other programs that a page shows.
OF_OTHERS = {
    "--config", "--head", "--neighbors", "--nthreads", "--num-cpus", "--nworkers", "--quiet", "--raw", "--text",
    "--x", "--y",
}  # fmt: skip
#: Options of `curation` itself.
OF_ALL = {"--version", "--help", "--install-completion"}


#: What only a shell understands.
FOR_A_SHELL = re.compile(r"[|&;<>$`*?~#\\(){}!]")


def in_a_fork(line: str, environment: dict[str, str]) -> str:
    """Run a plain `curation …` in a fork, and any other line in a shell.

    A line after `pip install` is for a new interpreter, which finds what was installed.
    """
    if not line.startswith("curation ") or FOR_A_SHELL.search(line) or environment.get("PYTHONPATH", "") not in PATHS:
        return examples.in_a_shell(line, environment)
    return forks().command(shlex.split(line)[1:], environment, joined=True).out


def disagreements(run: Iterable[examples.Example]) -> str:
    """What differs between pages and reality, as a person wants to read it."""
    return "\n".join(
        "\n".join(
            [
                f"$ {e.source}",
                *difflib.unified_diff(e.shown, e.actual, "the page", "reality", lineterm="", n=1),
            ]
        )
        for e in run
        if not e.holds
    )


def page(name: str) -> str:
    """The text of a page of docs."""
    return (generate.FOLDER / name).read_text(encoding="utf-8")


def headings(text: str, level: int) -> list[str]:
    """The headings of one level, outside of fenced blocks."""
    outside = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(rf"^{'#' * level} (.+)$", outside, re.MULTILINE)


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    """The generated pages as they should be now."""
    return generate.pages()


@pytest.mark.parametrize("name", generate.GENERATED)
def test_generated_pages_are_up_to_date(name: str, generated: dict[str, str]) -> None:
    """A generated page is what the classes say now; `make docs` writes it."""
    assert page(name) == generated[name]


@pytest.mark.parametrize("written", WITH_EXAMPLES, ids=lambda path: path.name)
def test_every_example_gives_what_is_shown(written: Path, tmp_path: Path) -> None:
    """What a page shows is what its commands and queries give."""
    assert not disagreements(examples.run(written, tmp_path, in_a_fork))


def test_every_page_is_generated_or_run() -> None:
    """No page with commands or queries escapes."""
    assert {*generate.GENERATED, *(path.name for path in WITH_EXAMPLES)} == {path.name for path in PAGES}
    assert generate.README in generate.with_examples()


@pytest.mark.parametrize("written", EVERY_PAGE, ids=lambda path: path.name)
def test_python_in_a_page_is_run(written: Path) -> None:
    """Each block of Python has a file's name, and a later command or package uses that file."""
    text = written.read_text(encoding="utf-8")
    for block in examples.blocks(text):
        if block.language == "python":
            assert block.name, block.lines
            after = "\n".join(text.split("\n")[block.end :])
            assert block.name in after or f'"{Path(block.name).stem}:' in after, block.name


# ---- both directions


def test_every_rule_is_documented_and_every_documented_rule_exists() -> None:
    """The rules' page has the rules that there are."""
    assert sorted(headings(page("rules.md"), 3)) == sorted(rule.use for rule in shipped_rules())


def test_every_parameter_is_documented() -> None:
    """A rule's section has a row for each of its parameters."""
    sections = re.split(r"^### (\w+)$", page("rules.md"), flags=re.MULTILINE)
    said = dict(zip(sections[1::2], sections[2::2], strict=True))
    for rule in shipped_rules():
        rows = re.findall(r"^\| `(\w+)` \| (?!default)", said[rule.use].partition("\n## ")[0], re.MULTILINE)
        assert rows == [field.metadata.get("key") or field.name for field in rule.parameters()]


def test_every_kind_of_damage_is_documented() -> None:
    """The page on encodings has the names that the column `fix_mojibake` may hold."""
    from curation.functions.encoding.damage import KINDS

    assert all(f"`{kind}`" in page("encodings.md") for kind in KINDS)


def test_every_source_is_documented_and_every_documented_source_exists() -> None:
    """The sources' page has the sources that there are, each with its formats."""
    found = [head for head in headings(page("sources.md"), 2) if " " not in head]
    assert found == list(sources.SHIPPED)
    for name in sources.SHIPPED:
        for form in sources.find_source(name).formats():
            assert f"| `{form}` |" in page("sources.md")


def test_every_format_is_documented_and_every_documented_format_exists() -> None:
    """The exports' page has the formats that there are."""
    found = [head for head in headings(page("exports.md"), 2) if head.islower()]
    assert found == [export.name for export in BUILT_IN]


def test_every_recipe_stands_in_its_page_as_its_file_does() -> None:
    """The recipes' page shows each shipped recipe whole, and no other."""
    assert headings(page("recipes.md"), 2) == list(shipped())
    for text in shipped().values():
        assert text.strip() in page("recipes.md")


def test_every_command_is_documented_with_every_option() -> None:
    """The page of the command line has the commands that there are, with their options and no others."""
    sections = re.split(r"^## curation (\w+)$", page("cli.md"), flags=re.MULTILINE)
    assert sections[1::2] == list(commands())
    for name, section in zip(sections[1::2], sections[2::2], strict=True):
        known = {p.words.split()[0].rstrip(",") for p in parameters(commands()[name]) if p.is_option}
        assert set(re.findall(r"^\| `(--[a-z-]+)", section, re.MULTILINE)) == known
        assert {"--json", "--data"} & known


def test_every_column_is_documented() -> None:
    """The page of the columns has each raw column once."""
    rows = re.findall(r"^\| `(\w+)` \| `[A-Z ]+` \| (?:never)? *\|", page("schema.md"), re.MULTILINE)
    assert rows == [column.name for column in RAW_COLUMNS]


@pytest.mark.parametrize("written", EVERY_PAGE, ids=lambda path: path.name)
def test_pages_name_only_commands_and_options_that_exist(written: Path) -> None:
    """Whatever a page calls `curation …` or `--…` is there."""
    text = written.read_text(encoding="utf-8")
    unknown = set(re.findall(r"(?:^|[`$/(]|: )(?:\.venv/bin/)?curation ([a-z]+)", text, re.MULTILINE)) - set(commands())
    assert not unknown
    options = {
        p.words.split()[0].rstrip(",") for function in commands().values() for p in parameters(function) if p.is_option
    }
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text)) <= options | OF_OTHERS | OF_ALL


@pytest.mark.parametrize("written", EVERY_PAGE, ids=lambda path: path.name)
def test_links_lead_somewhere(written: Path) -> None:
    """A link within the repository names a file, and a place in a page names a heading."""
    text = written.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(((?!https?:)[^)\s]+)\)", text):
        name, _, anchor = target.partition("#")
        place = (written.parent / name).resolve() if name else written
        assert place.exists(), target
        if anchor:
            heads = re.findall(r"^#+ (.+)$", place.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", head).lower().replace(" ", "-") for head in heads}, target


# ---- the workspace


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with everything in it: what landed, was curated, exported here and elsewhere, and forgotten."""
    root = tmp_path_factory.mktemp("workspace")
    broken = root / "broken.jsonl"
    broken.write_text('{"id": "1", "text": "one two three", "author": "x"}\n{"id": \n', encoding="utf-8")
    for source, path in [parts()[0], ("file", broken)]:
        curation.collect(root / "DIR", source, path)
    server = Server()
    server.post(8)
    collect(root / "DIR", ListedFeed(server, max_posts=5))
    forget(root / "DIR", ForgetRequest(ids=("8",)))
    save_recipe(Workspace(root / "DIR"), "mine", shipped()["strict"].replace("strict", "mine"), None)
    change_views(Workspace(root / "DIR"), lambda views: views.save(view_of("a view", "baseline", {})))
    change_pins(Workspace(root / "DIR"), lambda pins: pins.pin("x", "1", "kept"))
    change_reviews(
        Workspace(root / "DIR"), lambda old: old.with_draws([Draw("x", "1", "baseline", "", "kept", "", "")])
    )
    corpus = curation.run(root / "DIR")
    vocabulary(corpus)
    tongues = curate(root / "DIR", Recipe.parse({"name": "tongues", "rule": [{"use": "language"}]})).corpus
    shutil.rmtree(tongues.folder)  # what it measured stays
    for out, valid in ((root / "DIR" / "exports" / "baseline", 0.0), (root / "elsewhere", 0.1)):
        curation.export(corpus, ["text"], out, valid=valid)
    spool = Spool.open(folder_of(Workspace(root / "DIR"), "test-feed", "ada"))
    spool.append([], (), spool.state)
    with recorded(root / "DIR", "run"):
        pass
    write_model(root / "DIR", training_record())
    nothing = Figure(2.0, (1.9, 2.1), 9_000)
    recipe = RecipeResult("baseline", "0" * 16, 90, 9_000, nothing, nothing, RepetitionFigures(0.0, 0.0, 2.0, 1.0))
    keep(Workspace(root / "DIR"), Evaluation("ngram", {}, 0, 1, {}, 9_000, (recipe,), (), (), ()))
    make_map(Workspace(root / "DIR"), "baseline", MapOptions(workers=1))
    return Workspace(root / "DIR")


def test_the_layout_is_as_drawn(space: Workspace) -> None:
    """Every path of the drawing exists, and every file of a workspace is in the drawing."""
    drawn = re.findall(r"^DIR/(\S+)", page("workspace.md"), re.MULTILINE)
    patterns = [re.sub(r"00000[12]-[a-z-]+/", "*/", path).replace("…", "*") for path in drawn]
    for pattern in patterns:
        assert list(space.root.glob(pattern)), pattern
    files = {path for path in space.root.rglob("*") if path.is_file() and space.work not in path.parents}
    assert files == {path for pattern in patterns for path in space.root.glob(pattern) if path.is_file()}


def test_manifests_hold_what_is_listed(space: Workspace) -> None:
    """The two lists of keys are those of a landing's and of a corpus's manifest."""
    tables = re.findall(r"\| key \| content \|\n\| --- \| --- \|\n((?:\|.*\n)+)", page("workspace.md"))
    listed = [set(re.findall(r"`(\w+)`", re.sub(r"\|[^|]*\|$", "", table, flags=re.MULTILINE))) for table in tables]
    assert listed == [set(read_manifest(space.landings()[0])), set(read_manifest(space.curated / "baseline"))]


def test_what_is_read_of_an_archive_is_listed() -> None:
    """The listed files are opened, every kind of file that is opened is listed, and private ones never are."""
    [table] = re.findall(r"\| file \| used for \|\n\| --- \| --- \|\n((?:\|.*\n)+)", page("workspace.md"))
    names = [
        name.replace("partN", "part1").replace("YYYY_MM", "2012_05") for name in re.findall(r"`(\w[\w-]*\.js)`", table)
    ]
    assert {kind_of_member(name) for name in names} == set(KINDS)
    for private in (
        "direct-messages",
        "email-address-change",
        "phone-number",
        "ageinfo",
        "contact",
        "grok-chat-item",
    ):
        assert kind_of_member(f"data/{private}.js") is None


# ---- the changelog


def test_every_version_says_what_became_of_verdicts() -> None:
    """Each section of the changelog has the heading *Verdicts*, and the present version has a section."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.split(r"^## \[(.+?)\].*$", text, flags=re.MULTILINE)
    assert sections[1] == "Unreleased" or sections[1] in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for section in sections[2::2]:
        assert "### Verdicts" in section


# ---- what runs the examples


@pytest.mark.parametrize(
    ("shown", "actual", "holds"),
    [
        (["a", "b"], ["a", "b"], True),
        (["a"], ["a", "b"], False),
        ([], ["a"], False),
        (["a", "…", "d"], ["a", "b", "c", "d"], True),
        (["…"], [], True),
        (["a", "…"], ["b", "a"], False),
        (["…", "b", "…"], ["a", "b", "c"], True),
        (["…", "x", "…"], ["a", "b", "c"], False),
    ],
)
def test_a_line_of_dots_stands_for_any_lines(shown: list[str], actual: list[str], holds: bool) -> None:
    """Only `…` may leave something out."""
    assert examples.Example("", tuple(shown), tuple(actual), 0).holds is holds


def test_a_page_that_says_something_else_is_found_out_and_mended(tmp_path: Path) -> None:
    """A wrong output is reported, and `refresh` puts the right one in its place and touches nothing else."""
    written = tmp_path / "page.md"
    wrong = "Before.\n\n```console\n$ echo yes\nno\n$ seq 9\n0\n…\n```\n\n```sql\nSELECT 1 AS one\n```\n\nAfter.\n"
    written.write_text(wrong, encoding="utf-8")
    run = examples.run(written, tmp_path / "first")
    assert [example.holds for example in run] == [False, False, False]
    assert examples.refresh(written, tmp_path / "second") == []
    right = "Before.\n\n```console\n$ echo yes\nyes\n$ seq 9\n1\n…\n```\n\n```sql\nSELECT 1 AS one\n```\n\n"
    assert written.read_text(encoding="utf-8") == f"{right}| one |\n| --- |\n| 1 |\n\nAfter.\n"
    assert not disagreements(examples.run(written, tmp_path / "third"))


def test_a_failing_command_shows(tmp_path: Path) -> None:
    """What a command says on stderr is compared too, so that a failure can't hide."""
    written = tmp_path / "page.md"
    written.write_text("```console\n$ curation ledger nothing\n```\n", encoding="utf-8")
    [example] = examples.run(written, tmp_path / "folder")
    assert "There is no corpus 'nothing'" in example.actual[0]
