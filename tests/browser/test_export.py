"""What a page hands over is what the command writes."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import pytest

from tests.browser.readable import overflowing
from tests.browser.test_every_page import address
from tests.cli.shell import inside

AUTHOR = "nine_beds_and_a_gate"


#: Formats beside `text`, and the files of all; the author answers nobody, so those of replies would be empty.
POSTS = {"lines": "train.lines.txt", "jsonl": "train.jsonl", "parquet": "train-00000-of-00001.parquet"}
REPLIES = {"prompt-completion": "train.prompt-completion.jsonl", "chat": "train.chat.jsonl"}


@pytest.mark.parametrize(
    ("words", "files"), [({}, POSTS | REPLIES), ({"author": AUTHOR, "corpus": "strict"}, POSTS)], ids=["all", "author"]
)
def test_a_download_equals_the_commands_export(visits, sample, tmp_path, words, files):
    """Every file of every format, byte for byte what the shown command line writes into another folder."""
    visitor = visits(sample, accept_downloads=True).goes(address("export", **words))
    page = visitor.page
    chosen = page.get_by_role("combobox", name="Formats")
    chosen.scroll_into_view_if_needed()
    page.evaluate(
        "() => new Promise(then => requestAnimationFrame(() => requestAnimationFrame(then)))"
    )  # scrolling closes
    for format in files:
        chosen.click()
        visitor.does(
            page.get_by_role("option", name=format, exact=True).click,
            f"() => [...document.querySelectorAll('code')].some(e => e.innerText.includes('--format {format}'))",
        )
    page.keyboard.press("Escape")
    visitor.waits()
    shown = shlex.split(page.locator("code").filter(has_text="curation export").first.inner_text())
    assert shown[:2] == ["curation", "export"]
    out = tmp_path / "out"
    assert inside(*shown[1:], "--out", str(out)).rc == 0
    buttons = page.locator('[data-testid="stDownloadButton"] button:visible')
    page.get_by_role("button", name="Prepare the files").click()
    buttons.last.wait_for()
    visitor.waits()
    taken = {}
    for button in buttons.all():
        with page.expect_download() as waiting:
            button.click()
        taken[waiting.value.suggested_filename] = Path(waiting.value.path()).read_bytes()
    taken = {name: content for name, content in taken.items() if not name.endswith(".zip")}
    written = {path.name: path.read_bytes() for path in [*out.iterdir(), *(out / "data").iterdir()] if path.is_file()}
    assert {name for name in taken if name.startswith("train")} == {"train.txt", *files.values()}
    assert {name: written.get(name) == content for name, content in taken.items()} == dict.fromkeys(taken, True)


def test_the_page_exports_into_a_named_folder_and_lets_one_read(visits, sample, tmp_path):
    """Read a stretch, another one, name a folder, export; then other posts: it says before what goes."""
    data = shutil.copytree(sample, tmp_path / "data")
    visitor = visits(data).goes(address("export"))
    page = visitor.page
    shown = page.locator(".stretch")
    before = shown.inner_text()
    assert page.locator(".stretch .between").count() > 50
    visitor.does(
        page.get_by_role("button", name="Another stretch").click,
        f"() => document.querySelector('.stretch').innerText !== {json.dumps(before)}",
    )
    page.get_by_label("Folder", exact=True).fill("for-a-friend")
    page.keyboard.press("Enter")
    page.get_by_text("--as for-a-friend").wait_for()
    out = data / "exports/for-a-friend"
    page.get_by_role("button", name="Export", exact=True).click()
    page.get_by_text("1 pass, ").last.wait_for()
    visitor.waits()
    text = (out / "train.txt").read_text(encoding="utf-8")
    assert f"337 posts, 50,804 characters; 1 pass, {len(text):,} characters in the file" in visitor.text
    middle = "".join(page.locator(".stretch bdi").nth(n).inner_text() for n in (4,))
    assert middle.split("\n")[0] in text
    visitor.goes(address("export", author=AUTHOR))
    page.get_by_label("Folder", exact=True).fill("for-a-friend")
    page.keyboard.press("Enter")
    page.get_by_text("replaces as a whole: 337 posts of baseline").wait_for()
    page.get_by_role("button", name="Export", exact=True).click()
    page.get_by_text("The earlier export in").first.wait_for()
    assert len((out / "train.txt").read_text(encoding="utf-8")) < len(text)
    assert overflowing(page) == []
