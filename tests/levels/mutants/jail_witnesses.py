"""Who notices that an entry of the jail is missing: probes, as ``ringfence doctor`` has them.

Where two walls keep a guest from the same thing, either can be missing and nothing is seen. An entry is
then looked at alone: what stands beside it is taken away first.
"""

from __future__ import annotations

import os
import resource
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ringfence.cli.witness.apart import APART
from ringfence.cli.witness.bench import Bench, describe_result
from ringfence.cli.witness.evidence import Probe, Seen, fell, stood
from ringfence.cli.witness.walls import probes_of_wall
from ringfence.engine import ImageSpec
from ringfence.jail.syscalls import find_machine
from ringfence.model import Policy
from ringfence.sandbox import run
from tests.levels.hosts import FULL
from tests.levels.mutants.engine import Removal
from tests.levels.mutants.entries import LIMITS, image_limits
from tests.support.installed import install
from tests.support.leaks import below, guests_of

__all__ = ["Witness", "witness_of"]

_WITHOUT_NAMESPACES = frozenset({"landlock", "seccomp"})


@dataclass(frozen=True)
class Witness:
    """Who notices an entry, and where.

    Attributes:
        probe: what is tried.
        walls: behind which.
        alone: what is taken away first.
        blind: why it can notice nothing on this machine; None if it can.
        doubled: why the kernel itself denies the same without the entry; None if it does not.
    """

    probe: Probe
    walls: frozenset[str] = FULL
    alone: tuple[Removal, ...] = ()
    blind: str | None = None
    doubled: str | None = None


def _doctor(probes: Iterable[Probe], claim: str) -> Witness:
    return Witness(next(probe for probe in probes if claim in probe.claim))


def _sees(code: str, value: Any, *alone: Removal, walls: frozenset[str] = FULL) -> Witness:
    """A program that gives this value as long as the entry is there."""

    def take(bench: Bench) -> Seen:
        result = bench.run(code)
        right = result.ok and result.value == value
        return (stood if right else fell)(describe_result(result))

    return Witness(Probe("wall", "jail", code, take), walls, alone)


# --- the profile ------------------------------------------------------------------------------


def _grants(bench: Bench) -> Seen:
    folder = bench.canaries.folder / "shown"
    folder.mkdir(exist_ok=True, mode=0o777)
    (folder / "note").write_text("seen")
    result = bench.run(f"open({str(folder / 'note')!r}).read()", policy={"read": [folder]})
    return (stood if result.value == "seen" else fell)(describe_result(result))


def _masks(bench: Bench) -> Seen:
    """What is installed beside the standard library; a guest asks for a file of each."""
    assert not isinstance(bench.engine, str)
    image = bench.engine.image(ImageSpec(policy=Policy(walls=[bench.walls]), limits=bench.limits))
    masks = image.explain(bench.limits)["profile"]["masks"]
    image.close()
    result = bench.run(f"import os\n[os.listdir(path) for path in {masks!r}]")
    hidden = result.ok and result.value == [[] for _ in masks] and masks
    return (stood if hidden else fell)(describe_result(result))


# --- one guest beside another -------------------------------------------------------------------

_SET_FLAGS = "import fcntl, os\n[fcntl.fcntl(fd, fcntl.F_SETFL, os.O_APPEND) for fd in (0, 1, 2)]"
_GET_FLAGS = "import fcntl, os\n[fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_APPEND for fd in (0, 1, 2)]"


def _null_device(bench: Bench) -> Seen:
    with bench.sandbox() as first, bench.sandbox() as second:
        first.run(_SET_FLAGS).raise_for_status()
        result = second.run(_GET_FLAGS)
    return (stood if result.value == [0, 0, 0] else fell)(describe_result(result))


# --- namespaces, seen from outside --------------------------------------------------------------

_KINDS = {"ns": "mnt"}


def _namespace(kind: str, *, of_image: bool) -> Witness:
    name = _KINDS.get(kind, kind)

    def take(bench: Bench) -> Seen:
        below()  # a guest that is forked ahead would be one of the two, and no new one
        before = guests_of(os.getpid())
        with bench.sandbox() as one, bench.sandbox() as other:
            one.run("None").raise_for_status()
            other.run("None").raise_for_status()
            first, second = sorted(guests_of(os.getpid()) - before)[:2]
            zygote = int(_status(first)["PPid"])
            links = [_link(pid, name) for pid in (os.getpid(), zygote, first, second)]
        host, image, *guests = links
        own = image != host if of_image else len({image, *guests}) == 3
        return (stood if own else fell)(" ".join(links))

    probe = Probe("wall", "namespaces", f"share the {kind} namespace", take)
    return Witness(probe, alone=(("keep_dumpable",),))


def _link(pid: int, kind: str) -> str:
    return str(Path(f"/proc/{pid}/ns/{kind}").readlink())


def _status(pid: int) -> Mapping[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


# --- limits -----------------------------------------------------------------------------------


def _limit(name: str) -> Witness:
    which = next(number for number, known in LIMITS.items() if known == name)
    code = f"import resource\nresource.getrlimit({which})"
    value = image_limits().get(which)
    if value is None:
        return Witness(Probe("limit", name, code, lambda bench: _finite(bench, code, which)))
    seen = _sees(code, (value, value))
    if _may_raise():
        return Witness(seen.probe, alone=(("open_rlimit", which),))
    blind = resource.getrlimit(which) == (value, value)
    reason = (
        f"the host's own RLIMIT_{name} is {value}, and only root may raise it" if blind else None
    )
    return Witness(seen.probe, blind=reason)


def _finite(bench: Bench, code: str, which: int) -> Seen:
    """A limit of each guest is another than the host has, soft and hard."""
    result = bench.run(code)
    soft, hard = result.value or (0, -1)
    set_by_guest = soft == hard != resource.getrlimit(which)[1]
    return (stood if set_by_guest else fell)(describe_result(result))


def _may_raise() -> bool:
    return bool(int(_status(os.getpid())["CapEff"], 16) >> 24 & 1)  # CAP_SYS_RESOURCE


# --- Landlock alone ---------------------------------------------------------------------------

_TRY = """
import os, socket, stat, sys
from errno import errorcode
here = {folder!r}
def tried(what, *given):
    try:
        what(*given)
    except OSError as error:
        return errorcode[error.errno]
"""
_RIGHTS = {
    "execute": "tried(os.execv, sys.executable, [sys.executable])",
    "write-file": "tried(os.open, here + '/file', os.O_WRONLY)",
    "read-file": "tried(open, here + '/file')",
    "read-dir": "tried(os.listdir, here)",
    "remove-dir": "tried(os.rmdir, here + '/empty')",
    "remove-file": "tried(os.unlink, here + '/file')",
    "make-char": "tried(os.mknod, here + '/new', stat.S_IFCHR)",
    "make-dir": "tried(os.mkdir, here + '/new')",
    "make-reg": "tried(os.mknod, here + '/new', stat.S_IFREG)",
    "make-sock": "tried(os.mknod, here + '/new', stat.S_IFSOCK)",
    "make-fifo": "tried(os.mkfifo, here + '/new')",
    "make-block": "tried(os.mknod, here + '/new', stat.S_IFBLK)",
    "make-sym": "tried(os.symlink, '/', here + '/new')",
    "truncate": "tried(os.truncate, here + '/file', 0)",
    "ioctl-dev": "tried(os.ttyname, 0)",
    "bind-tcp": "tried(socket.socket().bind, ('127.0.0.1', 0))",
    "connect-tcp": "tried(socket.socket().connect, ('127.0.0.1', port))",
    "refer": "tried(os.rename, here + '/file', here + '/empty/file')",
    "abstract-sockets": "tried(socket.socket(socket.AF_UNIX).connect, '\\0' + abstract)",
}
_ANSWERS = {"abstract-sockets": "EPERM"}


def _right(name: str) -> Witness:
    program = _TRY + _RIGHTS[name]

    def take(bench: Bench) -> Seen:
        folder = Path(tempfile.mkdtemp(dir=bench.canaries.folder))
        (folder / "empty").mkdir()
        (folder / "file").write_text("something")
        for path in (folder, folder / "empty", folder / "file"):
            path.chmod(0o777)
        result = bench.run(program.replace("{folder!r}", repr(str(folder))))
        bench.canaries.reached()  # the sockets are canaries of others
        right = result.ok and result.value == _ANSWERS.get(name, "EACCES")
        return (stood if right else fell)(describe_result(result))

    probe = Probe("wall", "landlock", program, take)
    doubled = "landlock(7): denied by every ruleset, handled or not" if name == "refer" else None
    return Witness(probe, _WITHOUT_NAMESPACES, (("no_filters",),), doubled=doubled)


# --- the zygote -------------------------------------------------------------------------------


def _works(bench: Bench) -> Seen:
    """What a zygote is asked for, with packages imported: guests, one after the other, that end by
    themselves or are ended.
    """
    with bench.sandbox(packages=["numpy"]) as box:
        result = box.run("import numpy\nopen('file', 'w').close()\nint(numpy.ones(3).sum())")
    stopped = bench.run(
        "while True:\n    try:\n        while True: pass\n    except: pass", {"wall": 0.1}
    )
    again = bench.run("1")
    works = result.value == 3 and stopped.limit == "wall" and again.value == 1
    return (stood if works else fell)(", ".join(map(describe_result, (result, stopped, again))))


_PACKAGE = """
import ctypes, os, signal

FORK, EXECVEAT, MADVISE = {fork}, {execveat}, {madvise}
SYSCALL = ctypes.CDLL(None).syscall

def tried(what, *given):
    try:
        what(*given)
    except OSError as error:
        return type(error).__name__

CHILD = SYSCALL(FORK, 17, 0, 0, 0, 0) or os._exit(0)
if CHILD > 0:
    os.waitpid(CHILD, 0)  # one that still runs would be what the zygote finds wrong

ANSWERS = {{
    "fork": CHILD > 0,
    "kill": tried(os.kill, os.getpid(), 0),
    "pidfd_send_signal": tried(signal.pidfd_send_signal, os.pidfd_open(os.getpid()), 0),
    "execve": tried(os.execv, "/bin/true", ["true"]),
    "execveat": SYSCALL(EXECVEAT, -100, -1, -1, -1, 0x1000),
    "madvise": SYSCALL(MADVISE, 0, 0, 25),
}}
"""


def _imports(bench: Bench) -> Seen:
    """What a package may do when it is imported, and may not, is told by one that tries."""
    numbers = find_machine(os.uname().machine).numbers
    fork = numbers.get("fork", numbers["clone"])
    source = _PACKAGE.format(fork=fork, execveat=numbers["execveat"], madvise=numbers["madvise"])
    folder = tempfile.mkdtemp(dir=bench.canaries.folder)
    python = install(Path(folder), "witness", source)
    result = run(
        "import witness\nwitness.ANSWERS",
        engine=bench.engine,
        limits=bench.limits,
        policy=Policy(walls=[bench.walls]),
        packages=["witness"],
        python=python,
    )
    return (stood if result.value == _IMPORTED else fell)(describe_result(result))


_IMPORTED = {
    "fork": True, "kill": None, "pidfd_send_signal": None,
    "execve": "PermissionError", "execveat": -1, "madvise": 0,
}  # fmt: skip


def _lists(bench: Bench) -> Seen:
    """What the folders of the module search path hold can be listed, as importlib does."""
    with bench.sandbox(packages=["numpy"]) as box:
        result = box.run(
            "import os, numpy\n'numpy' in os.listdir(os.path.dirname(os.path.dirname(numpy.__file__)))"
        )
    return (stood if result.value is True else fell)(describe_result(result))


# --- the table --------------------------------------------------------------------------------

_IMPORTS = Witness(Probe("wall", "zygote", "import a package", _imports))
_PRCTL = "import ctypes\nnumber = ctypes.c_int()\n"
_SIBLINGS = _doctor(APART, "a guest beside it left")
_NULL = Witness(Probe("apart", "null", "share the flags of the null device", _null_device))
_LISTS = _doctor(probes_of_wall("landlock"), "list /")
_KILLED = _doctor(probes_of_wall("seccomp"), "call mount")
_ANSWERS_ONE = _sees("1", 1)
_WORKS = Witness(Probe("wall", "zygote", "work", _works))

_TABLE: Mapping[str, Witness] = {
    "walls: namespaces": _doctor(probes_of_wall("namespaces"), "see other processes"),
    "walls: landlock": _LISTS,
    "walls: seccomp": _KILLED,
    "profile: read": Witness(Probe("grant", "read", "read what was granted", _grants)),
    "profile: masks": Witness(Probe("denial", "files", "see what is installed", _masks)),
    "profile: list": Witness(Probe("grant", "packages", "list the search path", _lists)),
    "profile: mounts": _sees(
        "import importlib.util\nimportlib.util.find_spec('ringfence_guest.figures') is not None",
        True,
    ),
    "profile: landlock_abi": _LISTS,
    "profile: paths": _sees("import os; os.path.exists('/box')", True),
    "profile: scratch": _sees("open('file', 'w').write('kept'); open('file').read()", "kept"),
    "profile: machine": _ANSWERS_ONE,
    "step: prctl 1": _sees(
        _PRCTL + "ctypes.CDLL(None).prctl(2, ctypes.byref(number)); number.value",
        9,
        ("no_filters",),
    ),
    "step: close 1": _NULL,
    "step: openat 1": _NULL,
    "step: dup3 1": _NULL,
    "step: dup3 2": _NULL,
    "step: unshare 1": _ANSWERS_ONE,
    "step: self/uid_map": _sees("import os; os.getuid()", 1000),
    "step: self/gid_map": _sees("import os; os.getgid()", 1000),
    "step: mount 1": _SIBLINGS,
    "step: chdir 1": _sees("import os; os.getcwd()", "/box/tmp"),
    "step: prctl 2": _sees(_PRCTL + "ctypes.CDLL(None).prctl(3)", 0, ("no_filters",)),
    "step: capset 1": _doctor(probes_of_wall("seccomp"), "seen from outside"),
    "step: landlock_restrict_self 1": _LISTS,
    "step: close_range 1": _sees(
        "import os\nfound = []\nfor fd in range(64):\n    try:\n        os.fstat(fd)\n"
        "    except OSError:\n        continue\n    found.append(fd)\nfound",
        [0, 1, 2, 3],
    ),
    "step: seccomp 1": _KILLED,
    "zygote: fork": _IMPORTS,
    "zygote: kill": _IMPORTS,
    "zygote: pidfd_send_signal": _IMPORTS,
    "zygote: execve": _IMPORTS,
    "zygote: execveat": _IMPORTS,
    "zygote: madvise": _IMPORTS,
    "zygote: tgkill": _sees(
        "import signal\nseen = []\nsignal.signal(signal.SIGUSR1, lambda *given: seen.append(1))\n"
        "signal.raise_signal(signal.SIGUSR1)\nseen",
        [1],
    ),
    "zygote: openat": _sees("1", 1, walls=_WITHOUT_NAMESPACES),
    "landlock: signals": _sees(
        _TRY.replace("{folder!r}", "''") + "tried(os.kill, 2, 0)",
        "EPERM",
        ("no_filters",),
        ("guest_namespace", 0x2000_0000),
    ),
}


def witness_of(entry: str) -> Witness | None:
    """Who notices that an entry is missing; None if nobody is known."""
    kind, _, name = entry.partition(": ")
    if entry in _TABLE:
        return _TABLE[entry]
    if kind == "limit":
        return _limit(name)
    if kind.startswith("namespace"):
        return _namespace(name, of_image="image" in kind)
    if kind == "landlock" and name in _RIGHTS:
        return _right(name)
    if kind == "zygote":
        return _WORKS
    return None
