"""The dashboard on this machine: in a headless Chromium, and with 20 visitors at once."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.sessions import crowd, processor_seconds, resident_mib
from benchmarks.table import Row, at_most, median

MOVES, SWITCHES, CONTEXTS, STARTS = 20, 16, 7, 5
VISITORS, DURATION = 20, 60.0
# Seconds from the leaving of the visitors to the last look at the memory. The target is for five minutes: COSTCLAIM_BENCH_WAIT=300.
WAIT = float(os.environ.get("COSTCLAIM_BENCH_WAIT", "60"))
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
AT_REST = """document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState === 'notRunning'"""
# Times of the page's own clock: a key that goes down on a slider, and the headline that comes after it.
WATCH = """() => {
  window.pressed = 0; window.waits = [];
  const text = () => document.querySelector('[data-testid="stHeading"] h3')?.textContent;
  let last = text();
  addEventListener('keydown', () => { window.pressed = performance.now(); }, true);
  new MutationObserver(() => { const now = text();
    if (now && now !== last && window.pressed) { window.waits.push(performance.now() - window.pressed); window.pressed = 0; }
    if (now) last = now; }).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""


@contextmanager
def served() -> Iterator[tuple[str, int, int, float]]:
    """A dashboard on a free port: its address, port and process, and the seconds that its start took."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.fileWatcherType", "none"]
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not healthy(port):
            if process.poll() is not None or time.perf_counter() - begun > 60.0:
                raise RuntimeError("the dashboard did not start")
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}", port, process.pid, time.perf_counter() - begun
    finally:
        process.terminate()
        process.wait()


def healthy(port: int) -> bool:
    """Whether the server answers."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as found:
            return bool(found.status == 200)
    except (URLError, OSError):
        return False


def percentile95(values: list[float]) -> float:
    """The value that 95 % do not exceed."""
    return sorted(values)[max(0, -(-95 * len(values) // 100) - 1)]


def timed(name: str, values: list[float], middle: float, tail: float) -> list[Row]:
    """Median and 95th percentile of some seconds against their targets."""
    count = f" s, n = {len(values)}"
    return [
        at_most(f"{name}, median", median(values), middle, count),
        at_most(f"{name}, 95th percentile", percentile95(values), tail, count),
    ]


def slider_moves(page: Any) -> list[float]:
    """Seconds from a key on a slider to the new headline."""
    slider = page.locator("[data-testid=stSlider] input").first
    slider.wait_for(state="attached")
    page.wait_for_function(AT_REST)
    page.evaluate(WATCH)
    for move in range(MOVES):
        slider.press("ArrowRight" if move < MOVES // 2 else "ArrowLeft")
        page.wait_for_function("count => window.waits.length > count", arg=move)
        page.wait_for_function(AT_REST)
        page.wait_for_timeout(300)
    return [wait / 1000 for wait in page.evaluate("window.waits")]


def page_switches(page: Any) -> list[float]:
    """Seconds from a click in the navigation to the new page, all of it sent."""
    found = []
    for step in range(SWITCHES):
        links = page.locator("[data-testid=stSidebar] [data-testid=stPageLink-NavLink]")
        title = page.locator("h1").inner_text()
        link = links.nth((step + 2) % links.count())
        begun = time.perf_counter()
        link.click()
        page.wait_for_function(f"old => {AT_REST} && ![old, undefined].includes(document.querySelector('h1')?.innerText)", arg=title)
        found.append(time.perf_counter() - begun)
        page.wait_for_timeout(500)
    return found


def first_charts(browser: Any, address: str) -> list[float]:
    """Seconds from a fresh browser context to the first chart; the first visit, which warms the server up, is left out."""
    found = []
    for _ in range(CONTEXTS + 1):
        begun = time.perf_counter()
        context = browser.new_context()
        page = context.new_page()
        page.goto(address)
        page.locator("[data-testid=stVegaLiteChart] :is(svg, canvas)").first.wait_for()
        found.append(time.perf_counter() - begun)
        context.close()
    return found[1:]


def in_a_browser(address: str) -> list[Row]:
    """What one reader waits for."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        return [Row("dashboard in a browser", "not measured: no Chromium here")]
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        charts = first_charts(browser, address)
        page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
        page.goto(f"{address}/explore")
        moves = slider_moves(page)
        page_switches(page)  # each page once, so that what is kept for all sessions is there
        switches = page_switches(page)
        browser.close()
    return [
        *timed("slider to new headline", moves, 0.25, 0.4),
        *timed("page switch", switches, 0.5, 1.0),
        *timed("fresh context to first chart", charts, 2.5, 3.5),
    ]


def many_visitors(port: int, process: int) -> list[Row]:
    """What 20 visitors wait for who move a slider every 2 seconds, and what they cost."""
    cold = resident_mib(process)
    crowd(port, 1, 4.0)
    start, busy = resident_mib(process), processor_seconds(process)
    found = crowd(port, VISITORS, DURATION)
    busy, full = processor_seconds(process) - busy, resident_mib(process)
    time.sleep(WAIT)
    after = resident_mib(process)
    waits, faults = [s for visit in found for s in visit.seconds], [fault for visit in found for fault in visit.faults]
    return [
        at_most(f"{VISITORS} visitors: errors", len(faults), 0, f" in {len(waits)} moves" + "".join(f"; {f}" for f in faults[:1])),
        at_most(f"{VISITORS} visitors: slider to the end of the answer, 95th percentile", percentile95(waits), 2.0, " s"),
        Row("the same, median", f"{median(waits):.3g} s"),
        at_most("processor time of a move", 1e3 * busy / len(waits), 80, " ms"),
        at_most("memory of a visitor", (full - start) / VISITORS, 60, f" MiB; {cold:.0f} at rest, {start:.0f} warm, {full:.0f} with all"),
        at_most(f"memory {WAIT:.0f} s after they left, above the warm start", after - start, 50, " MiB"),
    ]


def rows() -> list[Row]:
    """All of it, one after the other."""

    def started() -> float:
        with served() as (*_, taken):
            return taken

    starts = [started() for _ in range(STARTS)]
    measured: list[Callable[[str, int, int], list[Row]]] = [
        lambda address, _port, _process: in_a_browser(address),
        lambda _address, port, process: many_visitors(port, process),
    ]
    found = [at_most("server start to healthy, median", median(starts), 2.5, f" s, n = {STARTS}")]
    for part in measured:
        with served() as (address, port, process, _):
            found += part(address, port, process)
    return found
