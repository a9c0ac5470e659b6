"""A server of the web application, and pages without a browser that speak to it."""

import http.client
import json
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import numpy as np
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from vishwakarma_app.extensions import Extension
from vishwakarma_app.web import Server
from vishwakarma_app.workshop import Catalogue, Installed

SLOW = Extension(
    "slow",
    "command",
    "Never finish",
    {
        "main": """
import itertools

import vishwakarma as vk


def run():
    vk.create_line(x1=0, y1=0, x2=1, y2=1)
    for turn in itertools.count():
        if turn % 100_000 == 0:
            vk.progress(0.25, "still <b>going</b>")
"""
    },
    "run",
)


@contextmanager
def serving(
    path: Path | None = None,
    *,
    extensions: dict[str, Extension] | None = None,
    installed: Installed | None = None,
    largest_upload: int = 1 << 20,
) -> Iterator[Server]:
    own = {SLOW.name: SLOW, **(extensions or {})}
    catalogue = Catalogue(own=own, installed=installed)
    server = Server(path, catalogue=catalogue, engine="native", largest_upload=largest_upload)
    started = threading.Event()
    thread = threading.Thread(target=server.serve, args=[started.set])
    thread.start()
    try:
        started.wait()
        yield server
    finally:
        server.stop()
        thread.join()


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def origin_of(url: str) -> str:
    return f"http://{urlsplit(url).netloc}"


def request(
    url: str,
    path: str = "",
    *,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: Any = None,
    whole: str | None = None,
) -> Answer:
    """One request, with exactly these headers. ``path`` goes behind the secret; ``whole`` is all
    of it."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    try:
        target = parts.path + path if whole is None else whole
        connection.request(method, target, body=body, headers=headers or {})
        answer = connection.getresponse()
        return Answer(
            answer.status,
            {name.lower(): value for name, value in answer.getheaders()},
            answer.read(),
        )
    finally:
        connection.close()


class Shown(NamedTuple):
    """One frame: what is forgotten, and per element origin, box, counts, positions, colours."""

    flags: int
    removed: list[int]
    pieces: dict[int, tuple[Any, Any, list[int], Any, list[str]]]
    labels: list[dict[str, Any]]


def decode(data: bytes) -> Shown:
    magic, flags, gone, count, vertices, labels, _, _ = struct.unpack_from("<8I", data)
    assert magic == 0x31534B56
    at = 32

    def take(kind: str, length: int) -> Any:
        nonlocal at
        found = np.frombuffer(data, kind, length, at)
        at += found.nbytes
        return found

    removed, ids = take("<f8", gone), take("<f8", count)
    origins, boxes = take("<f8", 3 * count).reshape(-1, 3), take("<f4", 6 * count).reshape(-1, 6)
    counts = take("<u4", 4 * count).reshape(-1, 4)
    positions = take("<f4", 3 * vertices).reshape(-1, 3)
    colors = take("u1", 4 * vertices).reshape(-1, 4)
    texts = json.loads(data[at : at + labels]) if labels else []
    assert at + labels == len(data)
    pieces, first = {}, 0
    for index, number in enumerate(ids.tolist()):
        total = int(counts[index].sum())
        own = positions[first : first + total] + origins[index]
        shades = [bytes(one).hex() for one in colors[first : first + total]]
        pieces[int(number)] = (origins[index], boxes[index], counts[index].tolist(), own, shades)
        first += total
    assert first == vertices
    return Shown(flags, [int(one) for one in removed], pieces, texts)


class PageClient:
    """A page: remembers what it was told last."""

    def __init__(self, url: str, socket: ClientConnection) -> None:
        self.url, self.socket = url, socket
        self.hello: dict[str, Any] = {}
        self.state: dict[str, Any] = {}
        self.activity: dict[str, Any] | None = None
        self.frames: list[Shown] = []
        self.shown: dict[int, Any] = {}
        self._next = 1
        self._answers: dict[int, dict[str, Any]] = {}
        self.until(lambda: self.hello and self.state)

    def read(self) -> dict[str, Any]:
        """The next message, taken in."""
        data = self.socket.recv(timeout=30)
        if isinstance(data, bytes):
            frame = decode(data)
            self.frames.append(frame)
            if frame.flags & 1:
                self.shown.clear()
            for one in frame.removed:
                self.shown.pop(one, None)
            self.shown.update(frame.pieces)
            return {}
        message: dict[str, Any] = json.loads(data)
        for name in ("hello", "state", "activity"):
            if name in message:
                setattr(self, name, message[name])
        if "answer" in message:
            self._answers[message["answer"]] = message
        return message

    def until(self, condition: Callable[[], object]) -> None:
        while not condition():
            self.read()

    def send(self, what: str, **given: Any) -> int:
        number, self._next = self._next, self._next + 1
        self.socket.send(json.dumps({**given, "number": number, "do": what}))
        return number

    def answer(self, number: int) -> dict[str, Any]:
        self.until(lambda: number in self._answers)
        return self._answers.pop(number)

    def ask(self, what: str, **given: Any) -> Any:
        """The answer's value; an error is an AssertionError."""
        answer = self.answer(self.send(what, **given))
        assert "error" not in answer, answer
        return answer["value"]

    def refused(self, what: str, **given: Any) -> str:
        """The words of the error that is the answer."""
        words = self.answer(self.send(what, **given))["error"]
        assert isinstance(words, str)
        return words

    def change(self, what: str, **given: Any) -> Any:
        """Ask, and read until the state is that after it."""
        answer = self.answer(self.send(what, **given))
        assert "error" not in answer, answer
        self.until(lambda: self.state["revision"] >= answer["revision"])
        return answer["value"]

    def upload(self, data: Any, name: str = "file", **options: Any) -> Answer:
        return request(
            self.url,
            f"files/?page={self.hello['page']}&name={quote(name)}",
            method="POST",
            headers={"Origin": origin_of(self.url)},
            body=data,
            **options,
        )

    def download(self, token: str) -> Answer:
        return request(self.url, f"files/{token}?page={self.hello['page']}")


@contextmanager
def page(url: str) -> Iterator[PageClient]:
    with connect(
        "ws" + url.removeprefix("http") + "socket/",
        origin=Origin(origin_of(url)),
        max_size=None,
        compression=None,
        proxy=None,
    ) as socket:
        yield PageClient(url, socket)
