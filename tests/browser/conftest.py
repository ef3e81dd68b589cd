"""One Chromium and one server a workspace, for all tests of a worker."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import hostile
from tests.browser.serving import Dashboard, begin
from tests.browser.visitor import FLAGS, INSTALL, Visitor, chromium
from tests.cli.conftest import shared as shared  # the same folder for all workers
from tests.cli.shell import curation, made_once

if TYPE_CHECKING:
    from playwright.sync_api import Browser

#: Set to `required` where these tests must not be left out.
WANTED = "CURATION_BROWSER"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the tests of this folder out on a machine without a browser, unless they are required."""
    if chromium() is not None or os.environ.get(WANTED) == "required":
        return
    without = pytest.mark.skip(reason=f"There is no Chromium here. This installs it: {INSTALL}")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(without)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    from playwright.sync_api import sync_playwright

    found = chromium()
    assert found, f"{WANTED}=required, and there is no Chromium. This installs it: {INSTALL}"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def sample(shared: Path) -> Path:
    """A workspace of the sample, with the corpora `baseline` and `strict`; only read here."""

    def make(folder: Path) -> None:
        for words in (["demo"], ["run", "strict"]):
            said = curation(*words, data=folder / "data")
            assert said.rc == 0, said.err

    return made_once(shared / "seen", make) / "data"


@pytest.fixture(scope="session")
def attacked(shared: Path) -> Path:
    """A workspace of hostile posts, with the corpora `hostile` and `baseline`; only read here."""
    return made_once(shared / "attacked", lambda folder: hostile.land(folder, "baseline") and None) / "data"


@pytest.fixture(scope="session")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], Dashboard]]:
    """A server for a workspace, begun when the first test asks for it."""
    begun: dict[Path, Dashboard] = {}

    def serve(data: Path) -> Dashboard:
        if data not in begun:
            begun[data] = begin(data, tmp_path_factory.mktemp("said") / "said.txt")
        return begun[data]

    yield serve
    for dashboard in begun.values():
        dashboard.end()


@pytest.fixture
def visits(browser: Browser, serving: Callable[[Path], Dashboard]) -> Iterator[Callable[..., Visitor]]:
    """Somebody who looks at a workspace; at the end nothing may have gone wrong on any page."""
    visitors: list[Visitor] = []

    def visit(data: Path | Dashboard, **settings: Any) -> Visitor:
        dashboard = data if isinstance(data, Dashboard) else serving(data)
        visitors.append(Visitor(browser, dashboard, **settings))
        return visitors[-1]

    yield visit
    for visitor in visitors:
        visitor.ends()
