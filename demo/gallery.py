"""Hostile programs, each in a fresh guest, and what stood in its way."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ringfence

__all__ = ["Attack", "Denial", "host_with_secrets", "read_attacks", "run_attack"]

_SCRIPTS = Path(__file__).parent / "scripts" / "hostile"
_PAIR = re.compile(r"(\w+)=([\d.]+)")
_SYSTEM_ERROR = re.compile(r"\[Errno \d+\] ([^:]*).*")
_LIMITS = ringfence.Limits(wall=10, cpu=10, memory="64MiB", disk="8MiB", output="64KiB")


@dataclass(frozen=True)
class Attack:
    """One hostile program.

    Attributes:
        tries: what it is after.
        stands: what must stop it: a key of ``Result.enforced``, or a sentence.
        expect: the verdict that shows that it was stopped: ``error PermissionError``.
        limits: what it is given less of than the others: ``wall`` or ``cpu``, in seconds.
        code: the program.
    """

    tries: str
    stands: str
    expect: str
    limits: Mapping[str, float]
    code: str


@dataclass(frozen=True)
class Denial:
    """What came of it.

    Attributes:
        verdict: how the guest ended.
        stood: what stopped it.
        held: whether that is what had to happen, and nothing of the host was touched.
    """

    verdict: str
    stood: str
    held: bool


def read_attacks() -> list[Attack]:
    """The programs of ``scripts/hostile``, in the order of their names."""
    return [_read(path) for path in sorted(_SCRIPTS.glob("*.py"))]


def _read(path: Path) -> Attack:
    code = path.read_text()
    header: dict[str, str] = {}
    for line in code.splitlines():
        if not line.startswith("# "):
            break
        name, _, value = line.removeprefix("# ").partition(": ")
        header[name] = value
    limits = {name: float(seconds) for name, seconds in _PAIR.findall(header.get("limits", ""))}
    return Attack(header["tries"], header["stands"], header["expect"], limits, code)


class Host:
    """What the attacks go for: a secret in a file and in the environment, and a server.

    Attributes:
        target: what a hostile program is told.
    """

    def __init__(self, folder: Path, server: socket.socket) -> None:
        self.secret = secrets.token_hex(16)
        self.folder = folder
        self._server = server
        (folder / "secret").write_text(self.secret)
        self.target = {
            "folder": str(folder),
            "secret_file": str(folder / "secret"),
            "port": server.getsockname()[1],
        }

    def is_untouched(self, result: ringfence.Result) -> bool:
        """Whether no secret came out, nobody called, and the folder is as it was."""
        told = repr((result.value, result.stdout, result.stderr, result.error))
        try:
            self._server.accept()
        except BlockingIOError:
            return self.secret not in told and os.listdir(self.folder) == ["secret"]  # noqa: PTH208
        return False


@contextmanager
def host_with_secrets() -> Iterator[Host]:
    """A host that has something to lose."""
    folder = Path(tempfile.mkdtemp(prefix="ringfence-demo-"))
    folder.chmod(0o777)
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.setblocking(False)
            host = Host(folder, server)
            os.environ["DEMO_API_KEY"] = host.secret
            yield host
    finally:
        os.environ.pop("DEMO_API_KEY", None)
        shutil.rmtree(folder)


def run_attack(attack: Attack, host: Host) -> Denial:
    """Run it in a fresh guest that is told where everything is."""
    limits = _LIMITS.replace(**attack.limits)
    result = ringfence.run(attack.code, limits=limits, inputs={"TARGET": host.target})
    verdict = _verdict(result)
    stood = result.enforced.get(attack.stands, attack.stands).partition("; their number")[0]
    return Denial(_describe(result), stood, verdict == attack.expect and host.is_untouched(result))


def _verdict(result: ringfence.Result) -> str:
    if result.status == "limit":
        return f"limit {result.limit}"
    if result.error is not None:
        return f"{result.status} {result.error.type}"
    return f"{result.status} {_name(result.value)}"


def _name(value: Any) -> str:
    return "Opaque" if isinstance(value, ringfence.Opaque) else repr(value)


def _describe(result: ringfence.Result) -> str:
    error = result.error
    if result.status == "limit":
        return f"stopped: limit {result.limit}"
    if error is not None and result.status == "crashed":
        return f"killed: {error.type}"
    if error is not None:
        return _SYSTEM_ERROR.sub(r"\1", error.message) or error.type
    if result.stdout:
        return f"prints {result.stdout.rstrip()}"
    return f"{result.value!r}, and nothing else"
