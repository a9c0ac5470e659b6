"""``python -m tests.server.soaking --seconds 1800``: mixed load with hostile guests, while guests and
the server are killed. Every answer is compared with what it has to be.

What has to hold: no wrong answer, nothing acknowledged lost, nothing run twice, no process left
behind, and the memory of the server stays where it is.
"""

import argparse
import asyncio
import base64
import collections
import contextlib
import json
import os
import random
import signal
import socket
import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import httpx

PATIENCE = 60.0
HOSTILE = {
    "import os\nwhile True:\n    os.fork()": {"error", "limit", "crashed"},
    "x = []\nwhile True:\n    x.append(bytearray(1 << 20))": {"error", "limit", "crashed"},
    "while True:\n    pass": {"limit"},
    "while True:\n    print('x' * 1000)": {"limit"},
    "import os\nos.abort()": {"error", "crashed"},
    "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)": {"error", "crashed"},
    "import os\nos.write(3, b'\\xff' * 4096)\nos._exit(0)": {"error", "crashed"},
    "def f(): f()\nf()": {"error", "crashed"},
    "open('/etc/shadow').read()": {"error"},
    "import socket\nsocket.create_connection(('127.0.0.1', 22), 1)": {"error"},
    "'a' * 10**10": {"error", "limit", "crashed"},
    "import time\ntime.sleep(1000)": {"limit"},
    "raise SystemExit(3)": {"error", "ok"},
    "import sys\nsys.stdout.buffer.write(b'\\xff\\x00{\"event\"' * 100)": {"ok", "error"},
}
"""Programs of attackers, and how they may end."""


class Wrong(Exception):
    """An answer that is not what it has to be."""


class Server:
    """``ringfence serve``, which is killed now and then, and comes back at the same address."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: asyncio.subprocess.Process | None = None
        self.log = (home / "service.log").open("ab")

    async def start(self) -> None:
        kept = {name: one for name, one in os.environ.items() if not name.startswith("RINGFENCE_")}
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ringfence", "serve",
            env={
                **kept,
                "RINGFENCE_DATABASE": f"sqlite:///{self.home / 'service.db'}",
                "RINGFENCE_PORT": str(self.port),
                "RINGFENCE_LOG_LEVEL": "warning",
                "RINGFENCE_QUOTA_CONCURRENT": "1000",
                "RINGFENCE_QUOTA_PER_MINUTE": "1000000",
                "RINGFENCE_SESSIONS_PER_TENANT": "6",  # fewer than there are: they are put aside
                "RINGFENCE_QUEUE_SECONDS": "30",
                "XDG_DATA_HOME": str(self.home),
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=self.log,
        )  # fmt: skip
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            line = await self.process.stdout.readline()
        if not line:
            raise Wrong(f"it did not start: {self.tail()}")

    def tail(self) -> str:
        return (self.home / "service.log").read_text(errors="replace")[-4_000:]

    def tree(self) -> dict[int, float]:
        """Its processes, each with when it was started: a number is given again."""
        assert self.process is not None
        children: dict[int, list[int]] = {}
        since: dict[int, float] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    stat = (entry / "stat").read_text().rpartition(")")[2].split()
                    if stat[0] not in "ZX":
                        children.setdefault(int(stat[1]), []).append(int(entry.name))
                        since[int(entry.name)] = float(stat[19])
        found, waiting = {}, [self.process.pid]
        while waiting:
            one = waiting.pop()
            found[one] = since.get(one, 0.0)
            waiting += children.get(one, [])
        return found

    def resident(self) -> float:
        """MiB of the server itself."""
        assert self.process is not None
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(text.partition("VmRSS:")[2].split()[0]) / 1024

    async def kill(self) -> None:
        """Kill it, and see that nothing of it is left."""
        assert self.process is not None
        before = self.tree()
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()
        await gone(before)

    async def stop(self) -> None:
        """Ask it to stop, and see that nothing of it is left."""
        assert self.process is not None
        before = self.tree()
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            code = await self.process.wait()
        if code:
            raise Wrong(f"it ended with {code}: {self.tail()}")
        await gone(before)


async def gone(processes: dict[int, float]) -> None:
    """Wait until none of them is there any more."""
    until = time.monotonic() + PATIENCE
    left = processes
    while left:
        if time.monotonic() > until:
            names = [Path(f"/proc/{one}/stat").read_text()[:60] for one in left]
            raise Wrong(f"processes are left behind: {names}")
        await asyncio.sleep(0.05)
        left = {one: since for one, since in left.items() if _started(one) == since}


def _started(process: int) -> float | None:
    with contextlib.suppress(OSError):
        stat = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return None if stat[0] in "ZX" else float(stat[19])
    return None


class Soak:
    """The load, and what was seen."""

    def __init__(self, server: Server, seconds: float, seed: int, calm: float) -> None:
        self.server = server
        self.seconds = seconds
        self.until = 0.0  # once it is started
        self.seed = seed
        self.calm = calm
        self.seen: collections.Counter[str] = collections.Counter()
        self.sizes: list[float] = []
        self.growth: list[float] = []
        self.crowd = 0

    @property
    def goes_on(self) -> bool:
        return time.monotonic() < self.until

    async def run(self, workers: int) -> None:
        """All of it."""
        await self.server.start()
        self.until = time.monotonic() + self.seconds
        async with asyncio.TaskGroup() as group:
            for number in range(workers):
                group.create_task(self.work(number))
            group.create_task(self.disturb())
        self.look()
        await self.server.stop()

    # --- one client ----------------------------------------------------------------------------

    async def work(self, number: int) -> None:
        chance = random.Random(self.seed * 1_000 + number)
        session = Session(self, f"worker-{number}")
        async with httpx.AsyncClient(base_url=self.server.url, timeout=PATIENCE) as client:
            while self.goes_on:
                way = chance.random()
                if way < 0.35:
                    await self.fresh(client, chance)
                elif way < 0.65:
                    await session.turn(client, chance)
                elif way < 0.75:
                    await session.file(client, chance)
                elif way < 0.85:
                    await self.stream(client, chance)
                elif way < 0.95:
                    await self.hostile(client, chance)
                else:
                    await self.leave(chance)

    async def ask(
        self,
        client: httpx.AsyncClient,
        method: str,
        path: str,
        *,
        keyed: bool,
        kind: str = "application/json",
        **more: Any,
    ) -> httpx.Response:
        """Ask until it is answered; with a key, so that nothing is done twice."""
        headers = {"Content-Type": kind}
        if keyed:
            headers["Idempotency-Key"] = uuid.uuid4().hex
        while True:
            try:
                answer = await client.request(method, path, headers=headers, **more)
            except httpx.TransportError:
                self.seen["asked again: no answer"] += 1
                await asyncio.sleep(0.05)
                continue
            if answer.status_code == 503:
                self.seen["asked again: 503"] += 1
                await asyncio.sleep(0.2)
                continue
            if answer.headers.get("idempotency-replayed"):
                self.seen["replayed"] += 1
            if answer.status_code == 500:
                raise Wrong(f"{method} {path}: {answer.text} {self.server.tail()}")
            return answer

    async def fresh(self, client: httpx.AsyncClient, chance: random.Random) -> None:
        a, b = chance.getrandbits(64), chance.getrandbits(64)
        code = f"print({a} * {b})\nglobals().get('mine', 'clean')"
        answer = await self.ask(client, "POST", "/v1/execute", keyed=True, json={"code": code})
        if self.interrupted(answer):
            return
        reply = self.reply(answer)
        if reply["status"] == "crashed":
            self.seen["fresh: its guest was killed"] += 1
            return
        if (reply["status"], reply["stdout"], reply["value"]) != ("ok", f"{a * b}\n", "clean"):
            raise Wrong(f"{code}: {reply}")
        self.seen["fresh"] += 1

    async def stream(self, client: httpx.AsyncClient, chance: random.Random) -> None:
        count = chance.randrange(1, 200)
        code = f"for n in range({count}):\n    print(n, flush=True)"
        text, end = "", ""
        try:
            async with client.stream(
                "POST", "/v1/execute", json={"code": code}, headers={"Accept": "text/event-stream"}
            ) as answer:
                if answer.status_code == 503:
                    return
                kind = ""
                async for line in answer.aiter_lines():
                    if line.startswith("event: "):
                        kind = line.removeprefix("event: ")
                    elif line.startswith("data: ") and kind == "stdout":
                        text += json.loads(line.removeprefix("data: "))["text"]
                    elif line.startswith("data: ") and kind in ("result", "problem"):
                        end = json.loads(line.removeprefix("data: ")).get("status", "")
        except httpx.TransportError:
            self.seen["stream: broken off"] += 1
            return
        expected = "".join(f"{n}\n" for n in range(count))
        if end == "ok" and text != expected:
            raise Wrong(f"a stream of {count} lines: {text!r}")
        if not expected.startswith(text):
            raise Wrong(f"a stream that is none: {text!r}")
        self.seen[f"stream: {end or 'broken off'}"] += 1

    async def hostile(self, client: httpx.AsyncClient, chance: random.Random) -> None:
        code = chance.choice(list(HOSTILE))
        answer = await self.ask(
            client, "POST", "/v1/execute", keyed=False,
            json={"code": code, "timeout_seconds": 1, "limits": {"memory": "64MiB"}},
        )  # fmt: skip
        status = self.reply(answer)["status"]
        if status not in HOSTILE[code] | {
            "crashed"
        }:  # crashed: it was killed before it was stopped
            raise Wrong(f"{code}: {answer.text}")
        self.seen[f"hostile: {status}"] += 1

    async def leave(self, chance: random.Random) -> None:
        """Say half of something, and go."""
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
            body = json.dumps({"code": "import time; time.sleep(0.2); print(1)"}).encode()
            head = (
                f"POST /v1/execute HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
            )
            whole = head.encode() + b"Content-Type: application/json\r\n\r\n" + body
            writer.write(whole[: chance.randrange(1, len(whole) + 1)])
            await writer.drain()
            if chance.random() < 0.5:
                writer.transport.abort()
            writer.close()
            await writer.wait_closed()
        self.seen["left"] += 1

    def reply(self, answer: httpx.Response) -> dict[str, Any]:
        if answer.status_code != 200:
            raise Wrong(f"{answer.status_code}: {answer.text}")
        found: dict[str, Any] = answer.json()
        return found

    def interrupted(self, answer: httpx.Response) -> bool:
        """Whether the server ended while it ran: nothing of it is kept, and it is not run again."""
        if answer.status_code == 409 and answer.json()["type"].endswith(":interrupted"):
            self.seen["interrupted"] += 1
            return True
        return False

    # --- what disturbs -------------------------------------------------------------------------

    async def disturb(self) -> None:
        """Kill guests now and then, and the server more seldom; look at its memory meanwhile."""
        chance = random.Random(self.seed)
        next_end = time.monotonic() + self.calm
        while self.goes_on:
            await asyncio.sleep(min(1.0, self.calm / 4))
            self.sizes.append(self.server.resident())
            self.kill_one(chance)
            if time.monotonic() > next_end and self.until - time.monotonic() > self.calm / 4:
                self.look()
                await self.server.kill()
                await self.server.start()
                self.seen["server killed"] += 1
                next_end = time.monotonic() + self.calm * chance.uniform(0.5, 1.5)

    def kill_one(self, chance: random.Random) -> None:
        tree = self.server.tree()
        self.crowd = max(self.crowd, len(tree))
        parents = {_parent(one) for one in tree}
        assert self.server.process is not None
        guests = [one for one in tree if one not in parents]
        if chance.random() < 0.1:  # an image, from which all guests start
            guests = [one for one in tree if one != self.server.process.pid]
        if guests:
            with contextlib.suppress(ProcessLookupError):
                os.kill(chance.choice(guests), signal.SIGKILL)
                self.seen["process killed"] += 1

    def look(self) -> None:
        """How much larger the server has become, since it was warm."""
        sizes, self.sizes = self.sizes, []
        if len(sizes) >= 8:
            quarter = len(sizes) // 4
            early = statistics.median(sizes[quarter : 2 * quarter])
            self.growth.append(statistics.median(sizes[-quarter:]) - early)


class Session:
    """A session of one client, and what has to be in it."""

    def __init__(self, soak: Soak, name: str) -> None:
        self.soak = soak
        self.name = name
        self.total: int | None = None  # of what was acknowledged
        self.history: collections.deque[str] = collections.deque(maxlen=12)

    async def turn(self, client: httpx.AsyncClient, chance: random.Random) -> None:
        more = chance.randrange(1_000)
        code = f"total = globals().get('total', 0) + {more}\nprint(total)"
        answer = await self.soak.ask(
            client, "POST", "/v1/execute", keyed=True,
            json={"code": code, "session_id": self.name},
        )  # fmt: skip
        if self.soak.interrupted(answer):
            return
        reply = self.soak.reply(answer)
        self.history.append(f"+{more}: {reply['status']} {reply['stdout']!r} {reply['session']}")
        if reply["session"]["restored"]:
            self.soak.seen["session came back"] += 1
        if reply["status"] == "ok":
            expected = (self.total or 0) + more
            if reply["stdout"] != f"{expected}\n":
                raise Wrong(f"{self.name}: {expected} was to be: {[*self.history]}")
            kept = reply["session"]["state"] == "kept"
            self.total = expected if kept else self.total
            self.soak.seen["turn" if kept else "turn: it could not be saved, and says so"] += 1
        elif reply["status"] != "crashed" or reply["session"]["state"] == "kept":
            raise Wrong(f"{self.name}: {reply}")
        else:
            self.soak.seen[f"turn: its guest was killed, {reply['session']['state']}"] += 1

    async def file(self, client: httpx.AsyncClient, chance: random.Random) -> None:
        """A file, put and got back."""
        if self.total is None:
            return
        content = chance.randbytes(chance.randrange(1, 50_000))
        path = f"/v1/sessions/{self.name}/files/data.bin"
        answer = await self.soak.ask(
            client, "PUT", path, keyed=False, content=content, kind="application/octet-stream"
        )  # fmt: skip
        if answer.status_code >= 400:
            self.soak.seen[f"file: {answer.json()['type']}: {answer.json()['detail']}"] += 1
            return
        self.history.append(f"PUT: {answer.status_code}")
        answer = await self.soak.ask(client, "GET", path, keyed=False)
        self.history.append(f"GET: {answer.status_code} {answer.content[:300]!r}")
        if answer.status_code == 200 and answer.content != content:
            got = base64.b64encode(answer.content[:50])
            raise Wrong(f"{self.name}: a file of {len(content)} bytes is {got!r}…")
        self.soak.seen[f"file: {answer.status_code}"] += 1


def _parent(process: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def main() -> int:
    """Soak it; what was seen is printed, and the exit status says whether all of it was right."""
    parser = argparse.ArgumentParser(prog="python -m tests.server.soaking")
    parser.add_argument("--seconds", type=float, default=1_800.0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--workers", type=int, default=10)
    parser.add_argument(
        "--calm", type=float, default=120.0, help="seconds, about, between two ends of the server"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        soak = Soak(Server(Path(home)), given.seconds, given.seed, given.calm)
        trouble = ""
        try:
            asyncio.run(soak.run(given.workers))
        except* Wrong as errors:
            trouble = "; ".join(map(str, errors.exceptions))
        finally:
            soak.server.log.close()
            process = soak.server.process
            if process is not None and process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
        growth = max(soak.growth, default=0.0)
        if not trouble and growth > 64:
            trouble = f"the server has grown by {growth:.0f} MiB"
        print(
            json.dumps(
                {
                    "seen": dict(sorted(soak.seen.items())),
                    "most processes": soak.crowd,
                    "growth of the server, MiB": [round(one, 1) for one in soak.growth],
                    "trouble": trouble,
                },
                indent=2,
            )
        )
    return 1 if trouble else 0


if __name__ == "__main__":
    sys.exit(main())
