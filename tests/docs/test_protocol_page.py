"""docs/protocol.md against the code: messages, fields, payloads, tags and budgets, both ways."""

from __future__ import annotations

import ast
import asyncio
import importlib
import io
import pkgutil
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import pytest

import ringfence
from ringfence.engine import Availability, Capabilities, Engine, Guest, Image, ImageSpec
from ringfence.model import Limits, guest_link
from ringfence.runtime.arena import Arena
from ringfence.runtime.evaluator import GuestProgram
from ringfence.runtime.filling import FillingGuest
from ringfence.runtime.recipe import Recipe
from ringfence.runtime.registry import find_engine
from ringfence.runtime.request import with_output
from ringfence_guest import agent, link, protocol
from ringfence_guest.protocol import decoder, messages
from ringfence_guest.protocol.framing import Frame, FrameReader
from tests.docs.documents import ROOT

PAGE = (ROOT / "docs/protocol.md").read_text("utf-8")
_CODE = re.compile(r"`([^`]+)`")


def table(heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, without its head."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def documented(heading: str) -> dict[str, tuple[list[str], str]]:
    """message -> (fields, payload)."""
    return {
        _CODE.findall(name)[0]: (_CODE.findall(fields), payload)
        for name, fields, payload, _ in table(heading)
    }


REQUESTS = documented("Requests: host to guest")
EVENTS = documented("Events: guest to host")


# --- the vocabulary ---------------------------------------------------------------------------


def test_events_are_those_that_the_host_reads() -> None:
    in_code = {
        name: (fields - 1, body, blob) for name, (_, fields, body, blob) in messages._EVENTS.items()
    }
    on_page = {
        name: (len(fields), payload.startswith("value"), bool(payload) and "alone" not in payload)
        for name, (fields, payload) in EVENTS.items()
    }
    assert on_page == in_code


def types_compared(module: ModuleType) -> set[str]:
    """The texts that ``kind`` is compared with in a module."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text("utf-8"))):
        if isinstance(node, ast.Compare) and ast.unparse(node.left) == "kind":
            for constant in ast.walk(node.comparators[0]):
                if isinstance(constant, ast.Constant) and isinstance(constant.value, str):
                    found.add(constant.value)
    return found


def test_requests_are_those_that_the_guest_understands() -> None:
    understood = types_compared(agent) | types_compared(link)
    assert set(REQUESTS) == understood - {"TypeError"}  # the kind of a failed reply


def test_the_vocabulary_of_the_module_is_the_same() -> None:
    requests, _, events = (messages.__doc__ or "").partition("Events, guest to host")
    entry = re.compile(r"^    (\w+) +\{", re.MULTILINE)
    assert entry.findall(requests) == list(REQUESTS)
    assert entry.findall(events) == list(EVENTS)


# --- on the wire ------------------------------------------------------------------------------


class Tap:
    """The headers of the frames in a byte stream."""

    def __init__(self) -> None:
        self.reader = FrameReader(1 << 30)
        self.frames: list[Frame] = []

    def feed(self, data: bytes | memoryview) -> None:
        view = memoryview(data)
        while len(view):
            room = self.reader.buffer()
            size = min(len(room), len(view))
            room[:size] = view[:size]
            self.frames += self.reader.received(size)
            view = view[size:]


class TappedChannel:
    def __init__(self, inner: Any, sent: Tap, received: Tap) -> None:
        self.inner, self._sent, self._received = inner, sent, received
        self.fileno = inner.fileno

    def lend(self, descriptors: Sequence[int]) -> None:
        self.inner.lend(descriptors)

    def send(self, buffers: list[memoryview]) -> int:
        size: int = self.inner.send(buffers)
        self._sent.feed(b"".join(buffers)[:size])
        return size

    def receive(self, buffer: memoryview) -> int:
        size: int = self.inner.receive(buffer)
        self._received.feed(buffer[:size])
        return size


class TappedGuest:
    def __init__(self, inner: Guest, sent: Tap, received: Tap) -> None:
        self._inner = inner
        self.channel = TappedChannel(inner.channel, sent, received)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class TappedImage:
    def __init__(self, inner: Image, sent: Tap, received: Tap) -> None:
        self._inner, self._sent, self._received = inner, sent, received

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def start(self, limits: Limits) -> Any:
        return TappedGuest(self._inner.start(limits), self._sent, self._received)


class TappedEngine:
    """An engine that hands out the guests of another, and listens to what is said."""

    def __init__(self, inner: Engine) -> None:
        self._inner = inner
        self.name = inner.name
        self.sent, self.received = Tap(), Tap()

    @property
    def capabilities(self) -> Capabilities:
        return self._inner.capabilities

    def availability(self) -> Availability:
        return self._inner.availability()

    def image(self, spec: ImageSpec) -> Any:
        return TappedImage(self._inner.image(spec), self.sent, self.received)


Seen = Mapping[str, set[frozenset[str]]]


def shapes(frames: list[Frame]) -> Seen:
    """type -> the sets of other header fields that were seen."""
    seen: defaultdict[str, set[frozenset[str]]] = defaultdict(set)
    for frame in frames:
        seen[frame.header["type"]].add(frozenset(frame.header) - {"type"})
    return seen


@pytest.fixture(scope="module")
def conversation(standing: None) -> TappedEngine:
    """A conversation in which every message occurs."""
    tapped = TappedEngine(find_engine("native"))
    engine: Any = tapped

    async def lookup(name: str) -> int:
        return len(name)

    def nothing() -> None:
        box.files["f"] = b"during a turn"

    with ringfence.Sandbox(engine=engine, functions=[lookup, nothing]) as box:
        box.run("print('text'); display(1); progress(1.0); nothing(); await lookup('x')")
        box.run("def copy(source, target): target.write(source.read())")
        source, target = io.BytesIO(bytes(3 << 20)), io.BytesIO()
        result = box.call_with(
            "copy",
            [ringfence.Reader(source), ringfence.Writer(target)],
            limits=box.limits.replace(value="1MiB"),
        )
        assert result.status == "ok"
        box.run("def size(array): return str(array)").raise_for_status()
        box.call("size", ringfence.empty(1 << 20, "u1")).raise_for_status()
        assert len(target.getvalue()) == 3 << 20
        assert box.files["f"] == b"during a turn"
        box.run("def f(size): return bytes(size)")
        request = box._call_request("f", [100], {}, None)
        lent = with_output(request, Arena.of(4_096, guest_writes=True))
        assert box._drive(lent, None).value == bytes(100)
        box.variables()
        state = box.save(key=bytes(16))
    ringfence.Sandbox.restore(state, key=bytes(16), engine=engine).close()
    asyncio.run(_save_with_files(engine))
    given: dict[str, Any] = dict.fromkeys(
        ("limits", "policy", "files", "python", "modules", "stdin", "trace", "pool")
    )
    recipe = Recipe(engine=engine, functions=(), packages=(), **given)
    with GuestProgram("def f(x): return x", "f", recipe) as program:
        assert program.evaluate([[1.0]]).ok
    with FillingGuest("def g(memory): return 1, 0", recipe) as guest:
        assert guest.fill("g", [], 64, recipe.limits).value == 1
    return tapped


async def _save_with_files(engine: TappedEngine) -> None:
    """As the service saves."""
    async with ringfence.AsyncSandbox(engine=engine) as box:
        await box._save_with_files(bytes(32), {}, box.limits)


@pytest.mark.parametrize("direction", ["requests", "events"])
def test_every_message_has_the_fields_that_the_page_says(
    conversation: TappedEngine, direction: Literal["requests", "events"]
) -> None:
    tap = conversation.sent if direction == "requests" else conversation.received
    seen = shapes(tap.frames)
    page = REQUESTS if direction == "requests" else EVENTS
    assert set(seen) == set(page) - {"close"}
    for name, variants in seen.items():
        fields = page[name][0]
        required = {field for field in fields if not field.endswith("?")}
        optional = {field.rstrip("?") for field in fields} - required
        for variant in variants:
            assert required <= variant <= required | optional, name
        for field in optional:
            requests = seen["run"] | seen["call"] | seen["batch"] | seen["save"]
            assert {field in variant for variant in requests} == {True, False}


def test_payloads_are_where_the_page_says(conversation: TappedEngine) -> None:
    for tap, page in ((conversation.sent, REQUESTS), (conversation.received, EVENTS)):
        for frame in tap.frames:
            payload = page[frame.header["type"]][1]
            assert bool(len(frame.body)) == payload.startswith("value"), frame.header
            assert payload or not len(frame.blob), frame.header


# --- values and budgets -----------------------------------------------------------------------


def test_tags_are_those_that_the_decoder_knows() -> None:
    on_page = [tag for row in table("Values") for tag in _CODE.findall(row[0])]
    assert sorted(on_page) == sorted(decoder._DECODERS)


def test_every_tag_but_those_of_objects_is_shown() -> None:
    """The blocks of the page are executed; this looks that they show each tag."""
    lines = PAGE.partition("\n## Values\n")[2].splitlines()
    bodies = "".join(line for line in lines if not line.startswith(">>>"))
    shown = set(re.findall(r'\{"(\w+)":', bodies))
    assert shown == set(decoder._DECODERS) - {"record", "shared", "stream"}


def test_budgets_are_those_of_the_code() -> None:
    in_code = {
        name: value
        for module in pkgutil.iter_modules(protocol.__path__, f"{protocol.__name__}.")
        for name, value in vars(importlib.import_module(module.name)).items()
        if re.fullmatch(r"[A-Z][A-Z0-9_]*", name) and type(value) in (int, float)
    }
    on_page = {
        _CODE.findall(name)[0]: float(value.replace(",", "")) for name, value, _ in table("Budgets")
    }
    assert on_page == in_code


def test_modules_are_those_of_the_package() -> None:
    on_page = [name for row in table("Modules") for cell in row for name in _CODE.findall(cell)]
    assert sorted(on_page) == sorted(m.name for m in pkgutil.iter_modules(protocol.__path__))


def test_what_goes_over_a_network() -> None:
    rows = table("Over a network")
    told = {row[0].strip("`"): set(_CODE.findall(row[2])) for row in rows}
    assert told == {kind: set(fields) for kind, fields in guest_link._MESSAGES.items()}
    assert guest_link.WINDOW == 1 << 20
    assert guest_link.MOST_BYTES == 256 << 10
