"""What a guest with tools may try: tokens, other runs' tools, other runs' wrappers, and floods.

The broker, the server behind it and the guests are real.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ringfence import AsyncSandbox, Limits, Result
from ringfence.mcp.broker.approvals import Approvals
from ringfence.mcp.broker.broker import Broker
from ringfence.mcp.broker.budget import CallBudget
from ringfence.mcp.broker.calls import RunIdentity
from ringfence.mcp.broker.configuration import ServerEntry
from ringfence.mcp.broker.rules import ToolRules
from ringfence.mcp.guest.functions import Lending, host_functions
from ringfence.mcp.guest.modules import FETCH, guest_modules
from ringfence.mcp.recording import Unrecorded

SERVER = Path(__file__).parents[1] / "mcp" / "broker" / "servers" / "modern.py"
TOKEN = "token-of-the-server-7f3a"
ADD = "mcp__calc__add_one"


@asynccontextmanager
async def brokered(*allow: str, **budget: Any) -> AsyncIterator[Broker]:
    """A broker of two servers, each with a token in its environment and its arguments."""
    servers = [
        ServerEntry(
            name,
            "stdio",
            "user",
            SERVER,
            command=sys.executable,
            args=(str(SERVER), TOKEN),
            env={"SERVICE_TOKEN": TOKEN},
            cwd=str(SERVER.parent),
        )
        for name in ("calc", "other")
    ]
    async with Broker(
        servers,
        ToolRules(allow or ("calc.add_one",)),
        approve=None,
        budget=CallBudget(**budget),
        recorder=Unrecorded(),
        approvals=Approvals(Path("/nonexistent/approvals.json")),
    ) as broker:
        yield broker


async def run(engine: str, broker: Broker, code: str, number: str = "1", **limits: Any) -> Result:
    view = broker.view(RunIdentity("client", None, number))
    try:
        async with AsyncSandbox(
            engine=engine,
            limits=Limits(**{"wall": 20, **limits}),
            functions=host_functions(view),
            modules=guest_modules(),
        ) as box:
            return await box.run(code)
    finally:
        await view.close()


async def lives(engine: str, broker: Broker) -> None:
    """Another run's tools are as they were."""
    result = await run(engine, broker, f"await call_mcp_tool({ADD!r}, {{'n': 1}})", "after")
    assert result.raise_for_status().value == {"n": 2}


def attack(engine: str, code: str, check: Callable[[Result], None], **budget: Any) -> None:
    async def use() -> None:
        async with brokered(**budget) as broker:
            check(await run(engine, broker, code))
            await lives(engine, broker)

    asyncio.run(use())


STEAL = """
import gc, os, sys, host, mcp_tools, mcp_tools._calls
from mcp_tools import calc
await calc.add_one(n=1)
places = []
def look(kind, make):
    try:
        places.append((kind, make()))
    except Exception as error:
        places.append((kind, type(error).__name__))
look("environment", lambda: repr(dict(os.environ)))
look("globals", lambda: repr(globals()) + repr(vars(host)) + repr(vars(calc)))
look("arguments", lambda: repr(sys.argv) + repr(sys.orig_argv))
def frames():
    frame, found = sys._getframe(), []
    while frame is not None:
        found.append(repr(frame.f_locals) + repr(frame.f_globals))
        frame = frame.f_back
    return "".join(found)
look("frames", frames)
def closures():
    seen = []
    for one in vars(host).values():
        for cell in getattr(one, "__closure__", None) or ():
            seen.append(repr(cell.cell_contents) + repr(getattr(cell.cell_contents, "__dict__", "")))
    return "".join(seen)
look("closures", closures)
look("objects", lambda: "".join(one for one in gc.get_objects() if type(one) is str)
    + "".join(repr(one) for one in gc.get_objects() if type(one) is dict and len(one) < 50))
def processes():
    found = []
    for number in (*range(1, 50), "self", os.getppid()):
        for file in ("environ", "cmdline", "maps"):
            try:
                with open(f"/proc/{number}/{file}", "rb") as stream:
                    found.append(repr(stream.read(10000)))
            except OSError:
                pass
    return "".join(found)
look("processes", processes)
def tracebacks():
    import asyncio
    try:
        asyncio.get_running_loop().run_until_complete(call_mcp_tool("mcp__calc__nothing"))
    except BaseException as error:
        found, step = [], error.__traceback__
        while step is not None:
            found.append(repr(step.tb_frame.f_locals))
            step = step.tb_next
        return "".join(found)
look("tracebacks", tracebacks)
try:
    await call_mcp_tool("mcp__other__headers")
except Exception as error:
    places.append(("refusal", str(error) + repr(vars(error))))
text = "".join(found for kind, found in places)
"token-" + "of-the-server" in text, "Bearer" + " " in text, [kind for kind, _ in places]
"""


def test_no_token_is_in_the_guest(engine: str) -> None:
    def check(result: Result) -> None:
        stolen, bearer, kinds = result.raise_for_status().value
        assert (stolen, bearer) == (False, False)
        assert len(kinds) == 9
        assert TOKEN not in repr(result)

    attack(engine, STEAL, check)


def test_nothing_listens_and_nothing_can_be_reached(engine: str) -> None:
    code = """
import socket
found = []
for family, address in ((socket.AF_INET, ("127.0.0.1", 80)), (socket.AF_INET6, ("::1", 80))):
    try:
        socket.socket(family).connect(address)
        found.append("connected")
    except Exception as error:
        found.append("refused")
found
"""
    attack(engine, code, lambda result: expect(result, ["refused", "refused"]))


def expect(result: Result, value: object) -> None:
    assert result.raise_for_status().value == value


PATCH = """
import builtins, host, sys, mcp_tools, mcp_tools._calls
from mcp_tools import calc
async def evil(*args, **kwargs):
    return "patched"
for place in (host, builtins, mcp_tools._calls, calc, sys.modules["__main__"]):
    for name in ("call_mcp_tool", "discover_mcp_tools", "_call", "add_one", "_mcp_module"):
        setattr(place, name, evil)
sys.modules["mcp_tools"].calc = evil
mcp_tools.__path__ = ["/tmp"]
host._mcp_module = lambda name: {"source": "patched = 1", "servers": []}
await call_mcp_tool("mcp__calc__add_one")
"""


def test_a_patched_wrapper_is_patched_for_nobody_else(engine: str) -> None:
    async def use() -> None:
        async with brokered() as broker:
            assert (await run(engine, broker, PATCH)).raise_for_status().value == "patched"
            code = (
                "from mcp_tools import calc\nimport host\n"
                "await calc.add_one(n=1), host.call_mcp_tool is call_mcp_tool,"
                " [t['name'] for t in await discover_mcp_tools()]"
            )
            after = (await run(engine, broker, code, "2")).raise_for_status().value
            assert after == ({"n": 2}, True, [ADD])

    asyncio.run(use())


NAMES = [
    "mcp__other__add_one",
    "mcp__calc__headers",
    "mcp__calc__poll",
    "mcp__calc__add_one\x00",
    "MCP__calc__add_one",
    "mcp__calc__add_one__",
    "mcp__calc____add_one",
    "mcp__*__*",
    "../calc/add_one",
    "calc.add_one",
    "",
    "x" * 100_000,
]


def test_what_the_operator_did_not_allow_is_not_called() -> None:
    code = f"""
import host
outcomes = []
for name in {NAMES!r}:
    for call in (call_mcp_tool, host.call_mcp_tool):
        try:
            outcomes.append(await call(name, {{"n": 1}}))
        except HostFunctionError as error:
            outcomes.append(len(str(error)) < 2_000)
outcomes
"""
    attack("native", code, lambda result: expect(result, [True] * 2 * len(NAMES)))


def test_a_run_does_not_get_the_tools_of_one_beside_it(engine: str) -> None:
    async def use() -> None:
        async with brokered("*.add_one") as broker:
            views = [
                broker.view(RunIdentity("client", None, name), [name]) for name in ("calc", "other")
            ]
            boxes = [
                AsyncSandbox(engine=engine, functions=host_functions(view), modules=guest_modules())
                for view in views
            ]
            code = """
import mcp_tools
async def reach(name):
    try:
        return await call_mcp_tool(name, {"n": 1})
    except HostFunctionError as error:
        return "refused"
def load(name):
    try:
        return __import__(f"mcp_tools.{name}") is not None
    except ImportError:
        return "no module"
import asyncio
(await asyncio.gather(*[reach(f"mcp__{s}__add_one") for s in ("calc", "other")]),
    [load(s) for s in ("calc", "other")])
"""
            first, second = await asyncio.gather(*(box.run(code) for box in boxes))
            for box in boxes:
                await box.close()
            assert first.value == ([{"n": 2}, "refused"], [True, "no module"])
            assert second.value == (["refused", {"n": 2}], ["no module", True])

    asyncio.run(use())


def test_a_million_calls_are_bounded_by_the_run_s_budget_and_the_sandbox_s(engine: str) -> None:
    code = """
import asyncio
made, refused = 0, ""
for _ in range(1_000):
    answers = await asyncio.gather(
        *[call_mcp_tool("mcp__calc__add_one", {"n": 1}) for _ in range(1_000)],
        return_exceptions=True,
    )
    for one in answers:
        if isinstance(one, dict):
            made += 1
        else:
            refused = str(one)
    print(made, refused, flush=True)
"""

    async def use() -> None:
        async with brokered(calls=50) as broker:
            result = await run(engine, broker, code)
            assert (result.status, result.limit) == ("limit", "calls")
            first = result.stdout.splitlines()[0]
            assert first == "50 a run may make 50 calls of tools, and these were made"
            await lives(engine, broker)

    asyncio.run(use())


def test_arguments_that_are_not_json_reach_no_server() -> None:
    code = """
import functools
outcomes = []
for arguments in (
    {"n": float("nan")},
    {"n": 10**10_000},
    {1: 2},
    {"n": b"x"},
    {"n": "\\ud800"},
    {"n": {1, 2}},
    {"n": 1, "more": ["x" * 2_000_000]},
    functools.reduce(lambda a, _: {"n": a}, range(90), {}),
):
    try:
        outcomes.append(await call_mcp_tool("mcp__calc__add_one", arguments))
    except Exception as error:
        outcomes.append(type(error).__name__)
outcomes
"""

    def check(result: Result) -> None:
        outcomes = result.raise_for_status().value
        assert len(outcomes) == 8
        assert set(outcomes) <= {"HostFunctionError", "TypeError", "EncodeError", "ValueTooLarge"}

    attack("native", code, check)


LINK = """
import os
(link,) = [
    cell.cell_contents for cell in call_mcp_tool.__closure__ if hasattr(cell.cell_contents, "channel")
]
"""
FORGED = [
    'os.write(link.channel.fileno(), b"\\xff" * 64)',
    'os.write(link.channel.fileno(), b\'{"type": "call", "id": 1, "name": "_llm_ask"}\')',
    *(
        f"link.call({name!r}, [[], None, 1, None], {{}})"
        for name in ("_llm_ask", "eval", "_source", "begin", "__init__")
    ),
]


def test_forged_frames_and_functions_that_were_not_lent_end_the_guest_and_nothing_else() -> None:
    async def use() -> None:
        async with brokered() as broker:
            for forged in FORGED:
                wait = "await call_mcp_tool('mcp__calc__add_one', {'n': 1})"
                result = await run("native", broker, f"{LINK}\n{forged}\n{wait}")
                assert result.status == "crashed", forged
                assert result.error is not None
                assert result.error.type == "Protocol"
            await lives("native", broker)

    asyncio.run(use())


def test_forged_imports_hold_a_bounded_number_of_threads_and_none_after_the_run() -> None:
    """Each import of a module has a thread on the host, which waits for the servers."""

    async def use() -> None:
        hangs = ServerEntry("hangs", "stdio", "user", SERVER, command="sleep", args=("60",))
        rules = ToolRules(("hangs",))
        nobody = Approvals(Path("/nonexistent/approvals.json"))
        async with Broker(
            [hangs], rules, approve=None, recorder=Unrecorded(), approvals=nobody
        ) as broker:
            lending = Lending()
            lending.begin(broker.view(RunIdentity("client", None, "1")))
            (module,) = [one.function for one in lending.functions if one.name == FETCH]
            with ThreadPoolExecutor(100) as threads:
                waiting = [threads.submit(module, "hangs") for _ in range(100)]
                done = 0
                while done < 68:
                    await asyncio.sleep(0.001)
                    done = sum(one.done() for one in waiting)
                lending.end()
                errors = await asyncio.to_thread(lambda: [str(one.exception()) for one in waiting])
        assert errors.count("too many modules are imported at once") == 68
        assert errors.count("the run has ended") == 32

    asyncio.run(use())
