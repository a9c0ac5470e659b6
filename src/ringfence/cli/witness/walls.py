"""Each wall by itself: something that would be otherwise if this wall alone were missing.

What a guest says of itself is not enough for namespaces (seccomp hides most of it), so the kernel
is asked from outside too, through the /proc entries of the guest's process.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ringfence.cli.witness.bench import Bench, describe_result, ended_in
from ringfence.cli.witness.evidence import Probe, Seen, fell, stood

__all__ = ["probes_of_wall"]

_MOUNT = 'import ctypes; ctypes.CDLL(None).mount(b"witness", b"/nowhere", b"tmpfs", 0, None)'
_LIST_ROOT = """
import os
mode = os.stat("/").st_mode & 0o777
try:
    os.listdir("/")
    answer = "listed"
except PermissionError:
    answer = "denied"
[mode, answer]
"""
_WHO = "import os; [os.getpid(), os.getppid(), os.uname().nodename]"
_ABORT = "import os; os.abort()"
_EXISTS = "import os; os.stat(secret_file)"
_COMPUTED = 0.2  # seconds
_COMPUTE = f"""
import time
while time.process_time() < {_COMPUTED}:
    pass
"""


def _seccomp_kills(bench: Bench) -> Seen:
    result = bench.run(_MOUNT)
    return (stood if ended_in(result, "crashed", "SIGSYS") else fell)(describe_result(result))


def _seccomp_outside(bench: Bench) -> Seen:
    with _process(bench) as pid:
        if pid is None:
            return fell("no process of the guest can be found")
        status = _status(pid)
    if status.get("Seccomp") != "2" or status.get("NoNewPrivs") != "1":
        return fell(f"Seccomp {status.get('Seccomp')}, NoNewPrivs {status.get('NoNewPrivs')}")
    if status.get("CapEff", "").strip("0") or status.get("CapPrm", "").strip("0"):
        return fell(f"it has capabilities: {status['CapPrm']}")
    filters = status.get("Seccomp_filters", "several")
    return stood(f"filter mode, {filters} filters, no capabilities")


def _landlock(bench: Bench) -> Seen:
    result = bench.run(_LIST_ROOT)
    if result.status != "ok" or type(result.value) is not list:
        return fell(describe_result(result))
    mode, answer = result.value
    if answer != "denied":
        return fell("the folder / was listed")
    if not mode & 0o004:
        return fell(f"denied, but its mode {mode:o} would deny it too")
    return stood(f"denied, although its mode {mode:o} allows it")


def _pid_namespace(bench: Bench) -> Seen:
    result = bench.run(_WHO)
    if result.status != "ok" or type(result.value) is not list:
        return fell(describe_result(result))
    pid, parent, name = result.value
    if (pid, parent) != (1, 0):
        return fell(f"it is process {pid}, below {parent}")
    if name == os.uname().nodename:
        return fell("it sees the host's name")
    return stood("it is process 1, below nobody, on a host of another name")


def _mount_namespace(bench: Bench) -> Seen:
    result = bench.run(_EXISTS)
    unseen = ended_in(result, "error", "FileNotFoundError")
    return (stood if unseen else fell)(describe_result(result))


def _user_namespace(bench: Bench) -> Seen:
    with _process(bench) as pid:
        if pid is None:
            return fell("no process of the guest can be found")
        inside = _file(pid, "uid_map").split()
    if inside == Path("/proc/self/uid_map").read_text().split():
        return fell("its users are the host's users")
    if len(inside) != 3 or inside[2] != "1":
        return fell(f"it has a map of {inside}")
    return stood(f"it has one user, {inside[0]}, who is {inside[1]} outside")


def _network_namespace(bench: Bench) -> Seen:
    with _process(bench) as pid:
        if pid is None:
            return fell("no process of the guest can be found")
        lines = _file(pid, "net/dev").splitlines()[2:]
        if _same_namespace(pid, "net"):
            return fell("its network is the host's")
    traffic = {name.strip(): counts for name, _, counts in (line.partition(":") for line in lines)}
    # A kernel may put tunnels that nobody set up into each new namespace.
    used = [name for name, counts in traffic.items() if set(counts.split()) != {"0"}]
    return fell(f"it has {', '.join(used)}") if used else stood("no interface that was ever used")


def _pid_namespace_outside(bench: Bench) -> Seen:
    with _process(bench) as pid:
        if pid is None:
            return fell("no process of the guest can be found")
        numbers = _status(pid)["NSpid"].split()
    if len(numbers) < 2 or numbers[-1] != "1":
        return fell(f"its process has the numbers {', '.join(numbers)}")
    return stood(f"it is process 1 of a namespace of its own, {len(numbers) - 1} below the host's")


def _wasm(bench: Bench) -> Seen:
    """A processor would end it with a signal."""
    result = bench.run(_ABORT)
    return (stood if ended_in(result, "crashed", "Trap") else fell)(describe_result(result))


def _process_outside(bench: Bench) -> Seen:
    with _process(bench) as pid:
        if pid is None:
            return fell("no process of the guest can be found")
    return stood("it has a process of its own, below the host's")


# --- the guest's process, from outside ---------------------------------------------------------


@contextmanager
def _process(bench: Bench) -> Iterator[int | None]:
    """The process that a new guest is, as the host numbers it; None if it cannot be told.

    It is the one below this process that computes while the guest does: an engine may have others
    there, guests of other sandboxes and those that are forked ahead.
    """
    with bench.sandbox() as box:
        before = _processor_times()
        box.run(_COMPUTE)
        rises = {pid: now - before.get(pid, 0.0) for pid, now in _processor_times().items()}
        found = max(rises, key=rises.__getitem__, default=None)
        yield found if found is not None and rises[found] > _COMPUTED / 2 else None


def _processor_times() -> dict[int, float]:
    """Seconds that each process below this one has computed."""
    return _times_of_linux() if _shows_processes() else _times_of_others()


def _shows_processes() -> bool:
    if sys.platform == "win32":
        return False
    try:
        return bool(Path("/proc/self/stat").read_bytes())
    except OSError:
        return False


def _times_of_linux() -> dict[int, float]:
    """proc_pid_stat(5)."""
    children: dict[int, list[int]] = {}
    times = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_bytes().rpartition(b")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended meanwhile
            children.setdefault(int(fields[1]), []).append(int(entry.name))
            times[int(entry.name)] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    found: dict[int, float] = {}
    pending = [os.getpid()]
    while pending:
        for child in children.get(pending.pop(), ()):
            found[child] = times[child]
            pending.append(child)
    return found


def _times_of_others() -> dict[int, float]:
    import psutil

    found: dict[int, float] = {}
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it ended meanwhile
            times = child.cpu_times()
            found[child.pid] = times.user + times.system
    return found


def _same_namespace(pid: int, kind: str) -> bool:
    """Whether the guest is seen to be in this process's own namespace; only root can see it."""
    try:
        return (Path("/proc") / str(pid) / "ns" / kind).readlink() == Path(
            f"/proc/self/ns/{kind}"
        ).readlink()
    except PermissionError:
        return False


def _file(pid: int, name: str) -> str:
    return Path(f"/proc/{pid}/{name}").read_text()


def _status(pid: int) -> Mapping[str, Any]:
    pairs = (line.partition(":") for line in _file(pid, "status").splitlines())
    return {name: value.strip() for name, _, value in pairs}


# --- the list ----------------------------------------------------------------------------------


def _probe(wall: str, claim: str, take: Callable[[Bench], Seen]) -> Probe:
    return Probe("wall", wall, claim, take)


_OUTSIDE = (
    _probe("namespaces", "be a user of the host (seen from outside)", _user_namespace),
    _probe("namespaces", "have a network interface (from outside)", _network_namespace),
)
_FILTERED = _probe("seccomp", "run without filters (seen from outside)", _seccomp_outside)

_WALLS: Mapping[str, tuple[Probe, ...]] = MappingProxyType(
    {
        "namespaces": (
            _probe("namespaces", "see other processes and the host's name", _pid_namespace),
            _probe("namespaces", "see that a file of the host exists", _mount_namespace),
            *_OUTSIDE,
        ),
        "landlock": (_probe("landlock", "list /, which its mode allows", _landlock),),
        "seccomp": (
            _probe("seccomp", "call mount", _seccomp_kills),
            _FILTERED,
        ),
    }
)

_AROUND_WASM: Mapping[str, tuple[Probe, ...]] = MappingProxyType(
    {
        "wasm": (_probe("wasm", "end the process with a signal", _wasm),),
        "process": (_probe("process", "run in the host's process", _process_outside),),
        "namespaces": (
            _probe("namespaces", "see other processes (from outside)", _pid_namespace_outside),
            *_OUTSIDE,
        ),
        "seccomp": (_FILTERED,),
    }
)
"""A guest in WebAssembly reaches no kernel that could deny it something: what stands around it is
seen from outside."""


def probes_of_wall(wall: str, *, around_wasm: bool = False) -> tuple[Probe, ...]:
    """What witnesses one wall. A wall that nobody can witness is one that fell.

    Args:
        wall: its name.
        around_wasm: whether the guest behind it is a WebAssembly module.
    """
    unknown = _probe(wall, "pass it", lambda bench: fell("there is no witness for this wall"))
    return (_AROUND_WASM if around_wasm else _WALLS).get(wall, (unknown,))
