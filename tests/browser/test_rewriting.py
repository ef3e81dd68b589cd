"""Two people look while runs replace the corpus under them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time

import pytest

from tests.browser.serving import begin
from tests.browser.test_every_page import PAGES
from tests.cli.shell import COMMAND, PATIENCE, environment

#: Seconds that they look for, and those that they go on at most until they have seen both runs.
LOOKING, PATIENT = 6, 90

#: Runs the recipe again and again with two thresholds in turn, until its standard input ends.
RUNNING = """
import subprocess, sys, threading
ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
count = 0
while not ended.is_set():
    change = f"min_words.min={(2, 9)[count % 2]}"
    subprocess.run([*sys.argv[1:], "--set", change], check=True, capture_output=True)
    count += 1
print(count)
"""


#: The text of a card as it was downloaded: without what the rules put in.
DOWNLOADED = """card => {
  const words = card.querySelector('.words').cloneNode(true);
  for (const put of words.querySelectorAll('ins')) put.remove();
  return words.textContent;
}"""


@pytest.fixture
def rewritten(sample, tmp_path):
    """A server for a workspace of the test's own, over which a recipe is run again and again."""
    data = shutil.copytree(sample, tmp_path / "data")
    dashboard = begin(data, tmp_path / "said.txt")
    command = [*COMMAND, "run", "baseline", "--again", "--data", str(data)]
    runs = subprocess.Popen(
        [sys.executable, "-c", RUNNING, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
    )
    yield dashboard
    said, _ = runs.communicate(timeout=PATIENCE)
    dashboard.end()
    assert (runs.returncode, int(said) >= 2) == (0, True)


@pytest.mark.skipif("browse" not in PAGES, reason="there is no such page")
def test_no_page_mixes_two_runs(rewritten, visits, sample):
    """Every figure of a page is of one run, every card has its own post's text, and no page fails."""
    texts = {}
    for row in json_rows(rewritten.data):
        texts[row["id"]] = row["raw_text"]
    hurried, calm = visits(rewritten), visits(rewritten)
    until = time.monotonic() + LOOKING
    seen, looks = set(), 0
    while time.monotonic() < until or (len(seen) < 2 and time.monotonic() < until + PATIENT):
        looks += 1
        # The one clicks before anything is drawn, the other one waits and reads.
        for _ in range(3):
            for link in hurried.page.locator('[data-testid="stSidebarNavLink"]').all():
                link.click(timeout=5_000, no_wait_after=True)
        hurried.goes("/browse?verdict=min_words")
        for card in hurried.page.locator(".posts article").all()[:30]:
            post = card.get_attribute("data-post").removeprefix("x:")
            assert texts[post].split()[0] in card.evaluate(DOWNLOADED)
        calm.goes("/")
        figures = [int(calm.metric(name).replace(",", "")) for name in ("Downloaded", "Kept", "Removed")]
        assert figures[0] == figures[1] + figures[2]
        assert figures[0] == len(texts)
        seen.add(figures[1])
    assert len(seen) == 2, "both runs were seen"


def json_rows(data) -> list[dict]:
    """Id and text of every post, as it was downloaded."""
    from curation.corpus.corpus import Corpus

    frame = Corpus.open(data, "baseline").query("SELECT id, raw_text FROM posts")
    return json.loads(frame.write_json())
