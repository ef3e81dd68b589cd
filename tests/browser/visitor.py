"""Somebody who looks at a dashboard in Chromium, and notes whatever a page should not do."""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.browser.serving import Dashboard

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page

#: What the browser is begun with: nothing but this machine has an address for it.
FLAGS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE 127.0.0.2",
)
#: The names under which Chromium is found.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: The line that installs it, with the fonts without which posts are boxes.
INSTALL = "apt-get install chromium fonts-noto-cjk fonts-noto-color-emoji"

#: Milliseconds that anything on a page may take on a busy machine.
PATIENCE = 60_000

#: Where a page asks for the server.
PROBES = re.compile(r"/\w+/_stcore/(health|host-config)$")

#: True when the page is drawn: the script has ended, and nothing waits for its part of it.
DRAWN = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  return app && app.getAttribute('data-test-script-state') === 'notRunning'
    && app.getAttribute('data-test-connection-state') !== 'CONNECTING'
    && document.querySelector('h1, [data-testid="stAlert"]')
    && !document.querySelector('[data-testid="stSkeleton"], [data-testid="stAppSkeleton"]')
    && !document.querySelector('[data-stale="true"]');
}"""


def chromium() -> str | None:
    """Where Chromium lies; None when it isn't installed."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


class Visitor:
    """One browser window on one dashboard, with a memory of its own."""

    def __init__(self, browser: Browser, dashboard: Dashboard, **settings: Any) -> None:
        self.dashboard = dashboard
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **settings})
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.wrong: list[str] = []
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: (self.wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.context.on("request", lambda request: self._asked(request.url))
        self.context.on("page", lambda page: page != self.page and self.wrong.append(f"a window opened: {page.url}"))

    def _said(self, message: ConsoleMessage) -> None:
        # Streamlit looks for its server below the page's address first, and finds it one step above.
        if message.type == "error" and not PROBES.search(message.location["url"]):
            self.wrong.append(f"console: {message.text} {message.location['url']}")

    def _asked(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc != urlsplit(self.dashboard.url).netloc:
            self.wrong.append(f"asked outside: {url}")

    def goes(self, address: str = "/") -> Visitor:
        """Open an address of the dashboard, such as `/browse?author=mira`, and wait until it is drawn."""
        self.page.goto(self.dashboard.url + address, wait_until="domcontentloaded")
        return self.waits()

    def takes_a_telephone(self, *, at_night: bool = True) -> Visitor:
        """Look through a telephone from now on, in dark unless told otherwise; what is open has to be opened again.

        A new window would load the program of the page again, which takes longer than the page.
        """
        self.page.set_viewport_size({"width": 390, "height": 844})
        self.page.emulate_media(color_scheme="dark" if at_night else "light")
        return self

    def waits(self) -> Visitor:
        """Wait until the page is drawn."""
        self.page.wait_for_function(DRAWN, timeout=PATIENCE)
        return self

    def does(self, act: Any, seen: str) -> Visitor:
        """Do something to the page, then wait until `seen`, a condition in JavaScript, holds, and it is drawn."""
        act()
        self.page.wait_for_function(seen, timeout=PATIENCE)
        return self.waits()

    def comes_to(self, act: Any, heading: str, level: str = "h1") -> Visitor:
        """Do something that leads elsewhere, then wait until the first heading of a level is this one, all drawn.

        A browser changes the address before it asks for what is there, so that the page left behind still stands,
        drawn, for a moment: an address alone says nothing about what is seen.
        """
        act()
        shows = "([level, heading]) => document.querySelector(level)?.innerText.trim() === heading"
        self.page.wait_for_function(shows, arg=[level, heading], timeout=PATIENCE)
        return self.waits()

    @property
    def main(self) -> Locator:
        """The page without the sidebar."""
        return self.page.locator('[data-testid="stMain"]')

    @property
    def text(self) -> str:
        """What the page says, without the sidebar."""
        return self.main.inner_text()

    @property
    def numbers(self) -> list[int]:
        """Every whole number that the page says, without the sidebar; `1,234` is one."""
        return [int(found.replace(",", "")) for found in re.findall(r"(?<![\d.,])\d+(?:,\d{3})*(?![\d.])", self.text)]

    def metric(self, label: str) -> str:
        """What stands in the box of figures with this label."""
        box = self.page.locator('[data-testid="stMetric"]').filter(has_text=label).first
        return box.locator('[data-testid="stMetricValue"]').inner_text()

    def ends(self) -> None:
        """Close the window. Fails when the page did something that it should not, or says that something failed."""
        if not self.page.is_closed():
            for sign in ("stException", "stCriticalError", "stConnectionStatusError"):
                if self.page.locator(f'[data-testid="{sign}"]').count():
                    self.wrong.append(f"{sign}: {self.page.locator(f'[data-testid={sign}]').first.inner_text()}")
            if "should not have" in self.text:
                self.wrong.append(f"an error page: {self.text[:500]} {self.dashboard.log[-2_000:]}")
        self.context.close()
        assert not self.wrong, "\n".join(self.wrong)
