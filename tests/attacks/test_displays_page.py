"""Hostile displays in a real browser: no script of theirs runs, and nothing is fetched.

The corpus is ``xss/``: HTML, SVG and text that want to run, to fetch ``CANARY`` (a server of this
test's), to leave their frame, or to replace the page. The control shows that the same browser, given
the same things without the page around them, does what they want.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import ringfence
from ringfence import Display
from tests.support.browser import Browser, browser_path

CORPUS = sorted((Path(__file__).parent / "xss").iterdir())
KINDS = {".html": "text/html", ".svg": "image/svg+xml", ".txt": "text/plain"}
OUT = Path(__file__).parents[1] / "out"
LINKS = 3


class Server:
    """Listens, counts who connects, and writes down what it is asked for."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.asked: list[str] = []
        self.connections = 0
        self._changed = threading.Condition()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            line = connection.makefile("rb").readline().decode("latin-1")
            with self._changed:
                self.asked.append(line.partition(" ")[2].partition(" ")[0])
                self._changed.notify_all()
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\n"
                b"Connection: close\r\n\r\n"
            )

    def wait_for(self, path: str) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: path in self.asked, timeout=30), self.asked

    def close(self) -> None:
        self._listening.close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def browser() -> Iterator[Browser]:
    path, why = browser_path()
    if path is None:
        pytest.skip(why)
    try:
        browser = Browser(path)
    except RuntimeError as error:  # its own sandbox needs what this host may lack
        pytest.skip(f"{path} does not start here: {error}")
    with browser:
        yield browser


@pytest.fixture
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go, for people to look at."""
    try:
        OUT.mkdir(exist_ok=True)
    except OSError:
        pass
    return OUT if os.access(OUT, os.W_OK) else tmp_path_factory.mktemp("pictures")


def payload(path: Path, server: Server) -> str:
    return path.read_text("utf-8").replace("CANARY", server.address)


def displays(server: Server) -> list[Display]:
    found = [Display({KINDS[path.suffix]: payload(path, server)}) for path in CORPUS]
    text = payload(CORPUS[0].parent / "script.txt", server)
    found.append(Display({text[:100]: text, "image/png": f"<script>{text}</script>".encode()}))
    found.append(Display({"text/markdown": text, "text/x": "x"}))
    return found


def settle(browser: Browser) -> None:
    """Let the browser reach another server: what it would have done before is done by then."""
    other = Server()
    try:
        browser.open(f"{other.address}/reached")
        other.wait_for("/reached")
    finally:
        other.close()


def test_nothing_runs_and_nothing_is_fetched(
    browser: Browser, server: Server, tmp_path: Path, pictures: Path
) -> None:
    hostile = displays(server)
    title = "</title><script>document.title='owned'</script>"
    *_, page = ringfence.write_displays(hostile, tmp_path, title=title)
    browser.open(page.as_uri())
    browser.screenshot(pictures / "displays-hostile.png")
    assert browser.evaluate("document.title") == title
    assert browser.evaluate("document.querySelectorAll('script').length") == 0
    assert browser.evaluate("document.querySelectorAll('iframe').length") == sum(
        path.suffix == ".html" for path in CORPUS
    )
    assert browser.evaluate("document.querySelectorAll('figure').length") == len(hostile)
    # What the frames hold cannot be reached from the page: they are origins of their own.
    assert browser.evaluate("document.querySelector('iframe').contentDocument") is None
    settle(browser)
    assert (server.connections, server.asked) == (0, [])


def test_links_lead_nowhere(
    browser: Browser, server: Server, tmp_path: Path, pictures: Path
) -> None:
    links = [path for path in CORPUS if path.name.startswith("whole_frame_is_a_link")]
    assert len(links) == LINKS
    found = [Display({"text/html": payload(path, server)}) for path in links]
    *_, page = ringfence.write_displays(found, tmp_path)
    browser.open(page.as_uri())
    for number in range(LINKS):
        box = f"document.querySelectorAll('iframe')[{number}].getBoundingClientRect()"
        browser.evaluate(f"document.querySelectorAll('iframe')[{number}].scrollIntoView()")
        browser.click(browser.evaluate(f"{box}.x") + 100, browser.evaluate(f"{box}.y") + 60)
    browser.screenshot(pictures / "displays-links.png")
    assert browser.evaluate("location.href") == page.as_uri()
    pages = [
        t
        for t in browser.ask("Target.getTargets", session=None)["targetInfos"]
        if t["type"] == "page"
    ]
    assert [t["url"] for t in pages if server.address in t["url"]] == []
    settle(browser)
    assert (server.connections, server.asked) == (0, [])


def test_the_control_does_what_the_corpus_wants(
    browser: Browser, server: Server, tmp_path: Path
) -> None:
    """Without the page around it, the same HTML runs and fetches: the test above can fail."""
    for name in ("script.html", "images.html", "script.svg", "hints.html"):
        bare = tmp_path / name
        bare.write_text(payload(CORPUS[0].parent / name, server), "utf-8")
        browser.open(bare.as_uri())
    settle(browser)
    assert {"/script", "/img.png", "/preload.png", "/svg-script"} <= set(server.asked)


def test_files_that_are_opened_by_themselves(
    browser: Browser, server: Server, tmp_path: Path
) -> None:
    for path in ringfence.write_displays(displays(server), tmp_path)[:-1]:
        browser.events.clear()
        if path.suffix in (".txt", ".png", ".jpg", ".json"):  # others are downloads
            browser.open(path.as_uri())
            assert browser.evaluate("document.querySelectorAll('script').length") == 0
    settle(browser)
    assert (server.connections, server.asked) == (0, [])


def test_an_honest_page(browser: Browser, tmp_path: Path, pictures: Path) -> None:
    """What it looks like: every kind is drawn."""
    found = [
        Display({"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg' width='120' height='60'><circle cx='60' cy='30' r='25' fill='#47a'/></svg>", "text/plain": "<circle>"}),
        Display({"text/html": "<table><tr><th>city<th>rain<tr><td>Oslo<td>1.5<tr><td>Rome<td>0.5</table>"}),
        Display({"text/markdown": "# Heading\n\n*as it was written*"}),
        Display({"text/plain": "plain <text> äöü \u202e reversed? 日本"}),
        Display({"application/x-unknown": b"\x00\x01"}),
    ]  # fmt: skip
    *_, page = ringfence.write_displays(found, tmp_path, title="What the guest showed")
    browser.open(page.as_uri())
    browser.screenshot(pictures / "displays-honest.png")
    assert browser.evaluate("document.images[0].naturalWidth") == 120
    assert browser.evaluate("document.querySelectorAll('figure').length") == len(found)
