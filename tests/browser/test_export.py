"""What a page hands over is what the command writes."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.browser.test_every_page import address
from tests.cli.shell import inside

AUTHOR = "nine_beds_and_a_gate"


@pytest.mark.parametrize("words", [{}, {"author": AUTHOR, "corpus": "strict"}])
def test_a_download_equals_the_commands_export(visits, sample, tmp_path, words):
    """Every file of every format, byte for byte what the shown command line writes into another folder."""
    visitor = visits(sample, accept_downloads=True).goes(address("export", **words))
    page = visitor.page
    for format in ("lines", "jsonl", "parquet", "prompt-completion", "chat"):
        page.get_by_role("combobox", name="Formats").click()
        visitor.does(
            page.get_by_role("option", name=format, exact=True).click,
            f"() => document.querySelector('code').innerText.includes('--format {format}')",
        )
    page.keyboard.press("Escape")
    visitor.waits()
    shown = shlex.split(page.locator("code").first.inner_text())
    assert shown[:2] == ["curation", "export"]
    out = tmp_path / "out"
    shown[shown.index("--out") + 1] = str(out)
    assert inside(*shown[1:]).rc == 0
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
    assert {name for name in taken if name.startswith("train")} == {
        "train.txt",
        "train.lines.txt",
        "train.jsonl",
        "train-00000-of-00001.parquet",
        "train.prompt-completion.jsonl",
        "train.chat.jsonl",
    }
    assert {name: written.get(name) == content for name, content in taken.items()} == dict.fromkeys(taken, True)
