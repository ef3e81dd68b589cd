"""Makes the pictures of README and the docs: what the dashboard shows of the shipped sample, in light colours.

    python -m docs.pictures

It needs Chromium and the packages of `pip install -e '.[dev]'`. Nothing but the sample's invented posts is in them.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from docs.generate import FOLDER
from tests.browser.serving import begin
from tests.browser.visitor import FLAGS, INSTALL, Visitor, chromium
from tests.cli.shell import curation

PICTURES = FOLDER / "pictures"

#: Addresses by the picture's name; a page that isn't there has no picture.
SHOWN = {
    "overview": "/?corpus=baseline",
    "browse": "/browse?corpus=strict&verdict=near_duplicate&verdict=exact_duplicate",
    "decide": "/decide?corpus=strict",
    "compare": "/compare?corpus=baseline&set=min_words.min%3D9",
    "words": "/words?corpus=baseline",
    "map": "/map?corpus=baseline",
}
#: Pixels of a picture, and the most bytes that one takes.
WIDTH, HEIGHT, BYTES = 1280, 640, 190_000


def main() -> int:
    """Make all of them; 1 when a picture is too large or the browser isn't there."""
    from playwright.sync_api import sync_playwright

    found = chromium()
    if not found:
        print(f"There is no Chromium here. This installs it: {INSTALL}", file=sys.stderr)
        return 1
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        # The workspace's name is shown on every page.
        data = Path(folder) / "curation-demo"
        for words in (["demo"], ["run", "strict"], ["words"], ["map"]):
            if (said := curation(*words, data=data)).rc:
                print(said.err, file=sys.stderr)
                return 1
        dashboard = begin(data, Path(folder) / "said.txt")
        try:
            browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
            return max(picture(browser, dashboard, name) for name in SHOWN)
        finally:
            dashboard.end()


def picture(browser, dashboard, name: str) -> int:
    """Make one; 1 when it is too large."""
    if not (FOLDER.parent / "dashboards/pages" / f"{name}.py").is_file():
        print(f"There is no page {name} yet.", file=sys.stderr)
        return 0
    visitor = Visitor(
        browser, dashboard, viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light", reduced_motion="reduce"
    )
    visitor.goes(SHOWN[name])
    if name == "map":  # the clusters of so few posts say less than their authors
        visitor.page.get_by_role("combobox", name="Colour").click()
        visitor.page.get_by_role("option", name="Author").click()
        visitor.waits()
    visitor.page.wait_for_timeout(1_000)  # until charts have grown to their size
    # Where the folder lies on the machine that made the picture says nothing to anybody.
    caption = visitor.page.locator('[data-testid="stSidebar"] [data-testid="stCaptionContainer"]').first
    caption.evaluate("at => { at.style.visibility = 'hidden' }")
    path = PICTURES / f"{name}.png"
    visitor.page.screenshot(path=path)
    visitor.ends()
    size = path.stat().st_size
    print(f"{path.relative_to(FOLDER.parent)}  {size:,} bytes")
    return int(size > BYTES)


if __name__ == "__main__":
    sys.exit(main())
