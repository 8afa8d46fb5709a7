"""A served dashboard and a headless Chromium for the tests that look at it as a reader does."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

import model

CHECKOUT = Path(model.__file__).parents[1]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing but this computer can be reached
]
PATIENCE = 30.0  # seconds; a busy machine is no failure
# The script is at rest, its last element (the share box or the way out of an embedded page) is there, and every chart is drawn.
SETTLED = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  const icons = [...document.querySelectorAll('summary [data-testid="stExpanderIcon"]')].map((icon) => icon.textContent.trim());
  const last = icons.includes('share') || document.querySelector('[data-testid="stLinkButton"]');
  const charts = [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')];
  return app?.dataset.testScriptState === 'notRunning' && document.querySelector('h1') && last
    && !document.querySelector('[data-testid="stSkeleton"]') && charts.every((chart) => chart.querySelector('svg, canvas'));
}"""


class Visitor:
    """Opens pages of one served dashboard, each in a browser context of its own."""

    def __init__(self, browser: Any, address: str) -> None:
        self.browser, self.address = browser, address
        self.contexts: list[Any] = []

    def context(self, **options: Any) -> Any:
        """A fresh context: no cookies, nothing kept."""
        options = {"viewport": {"width": 1440, "height": 1000}, "locale": "en-US", "reduced_motion": "reduce"} | options
        context = self.browser.new_context(**options)
        context.set_default_timeout(1000 * PATIENCE)
        self.contexts.append(context)
        return context

    def url(self, name: str = "", **query: str) -> str:
        """Address of a page."""
        return f"{self.address}/{name}" + (f"?{urlencode(query)}" if query else "")

    def open(self, name: str = "", *, context: Any = None, **query: str) -> Any:
        """A page at rest; a name that is an address is taken as it is."""
        page = (context or self.context()).new_page()
        page.goto(name if name.startswith("http") else self.url(name, **query))
        settle(page)
        return page

    @staticmethod
    def share_box(page: Any) -> Any:
        """The box below a page with its link, its snippets and the whole answer, opened."""
        box = page.locator("[data-testid=stExpander]").last
        box.locator("summary").click()
        box.locator("[data-testid=stCode] code").first.wait_for()
        return box

    def close(self) -> None:
        for context in self.contexts:
            context.close()


def settle(page: Any) -> None:
    """Wait until nothing is being computed or drawn any more."""
    page.wait_for_function(SETTLED)
    page.wait_for_timeout(150)
    page.wait_for_function(SETTLED)


def serve(*options: str) -> Iterator[str]:
    """The dashboard on a free port of this computer, until the tests are over."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.fileWatcherType", "none"]
    prefix = f"/{options[1]}" if options else ""
    address = f"http://127.0.0.1:{port}{prefix}"
    with subprocess.Popen([*command, *options], cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until_healthy(f"{address}/_stcore/health", process)
            yield address
        finally:
            process.terminate()


def wait_until_healthy(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"The dashboard did not start at {url}.")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium of this computer."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        reason = "no Chromium on this computer, so the dashboard was not tried in a browser (Debian: apt-get install chromium)"
        if os.environ.get("COSTCLAIM_NEED_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def server(browser) -> Iterator[str]:
    """Address of a dashboard at the root of its server."""
    yield from serve()


@pytest.fixture(scope="session")
def server_below_a_path(browser) -> Iterator[str]:
    """Address of a dashboard behind a path prefix."""
    yield from serve("--server.baseUrlPath", "audit")


@pytest.fixture
def visitor(browser, server) -> Iterator[Visitor]:
    """Opens pages; all that a test opened is closed after it."""
    visitor = Visitor(browser, server)
    yield visitor
    visitor.close()


@pytest.fixture
def visitor_below_a_path(browser, server_below_a_path) -> Iterator[Visitor]:
    """The same, of the dashboard behind a path prefix."""
    visitor = Visitor(browser, server_below_a_path)
    yield visitor
    visitor.close()
