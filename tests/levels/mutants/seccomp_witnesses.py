"""Who notices that an entry of the table of system calls is missing.

A refusal is witnessed by attacks of the corpus: those that make the call. A permission is witnessed by
a guest that makes the call as a program may.
"""

from __future__ import annotations

import platform
import re
import sys
from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from ringfence import Limits, Sandbox
from ringfence.engine import Engine
from tests.attacks.conditions import Setting
from tests.attacks.corpus import Attack, load, verdict_of
from tests.attacks.runner import expected, modules_of
from tests.levels.hosts import FULL
from tests.levels.mutants.policies import NUMBERED

__all__ = ["REPELLED", "attacks_on", "perform_attack", "use", "uses_of"]

_CALL = re.compile(r"""\bcall\(\s*["'](\w+)["']""")
_CLASSES = {
    "<any other known call>": ("kernel_calls/adjtimex", "kernel_calls/creat"),
    "<any unknown call>": ("kernel_calls/unknown_number",),
    "<any call of another architecture>": ("other_abis/",),
    "<any call of the x32 ABI>": ("other_abis/",),
}

REPELLED = "repelled"

_PLAIN = "from kernel import call\ncall({call!r}, *[-1] * 6)"
_ASK = "from kernel import call\n"
_SIGNAL = """
import signal
seen = []
signal.signal(signal.SIGUSR1, lambda *given: seen.append(given[0]))
signal.raise_signal(signal.SIGUSR1)
"came back"
"""
_PAUSE = """
import signal
from kernel import call
signal.signal(signal.SIGALRM, lambda *given: None)
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
call("pause")
"""
_THREAD = """
import threading
thread = threading.Thread(target=len, args=((),))
thread.start()
thread.join()
"""
_LOCKED = _ASK + "import fcntl, struct\nfcntl.lockf(open('file', 'w'), fcntl.LOCK_EX)"

_USES: Mapping[str, tuple[str, ...]] = {
    "rt_sigreturn": (_SIGNAL,),
    "pause": (_PAUSE,),
    "exit": (_ASK + "call('exit', 3)",),
    "exit_group": (_ASK + "call('exit_group', 3)",),
    "close_range": (_ASK + "call('close_range', 100, 200, 0)",),
    "fcntl": (_ASK + "call('fcntl', 0, 1)", _LOCKED),
    "ioctl": (_ASK + "call('ioctl', 0, 0x5421, b'\\0\\0\\0\\0')", _ASK + "call('ioctl', 0, 0x40049409, 1)"),
    "pipe2": (_ASK + "call('pipe2', -1, 0)",),
    "socketpair": (_ASK + "call('socketpair', 1, 1, 0, -1)",),
    "sendto": (_ASK + "call('sendto', -1, 0, 0, 0, 0, 0)",),
    "recvmsg": (_ASK + "call('recvmsg', 3, bytes(56), 0x40)",),
    "getsockopt": (_ASK + "call('getsockopt', 3, 1, 3, -1, -1)",),
    "mmap": (_ASK + "call('mmap', 0, 4096, 3, 0x22, -1, 0) != 'EPERM'",),
    "madvise": (_ASK + "call('madvise', 0, 0, 4)",),
    "clone": (_THREAD,),
    "futex": (_ASK + "call('futex', -1, 1, 0)",),
    "sched_getaffinity": (_ASK + "call('sched_getaffinity', 0, 128, bytes(128))",),
    "tgkill": (_ASK + "call('tgkill', 1, 1, 0)",),
    "clock_gettime": (_ASK + "call('clock_gettime', 0, -1)",),
    "clock_getres": (_ASK + "call('clock_getres', 0, -1)",),
    "clock_nanosleep": (_ASK + "call('clock_nanosleep', 0, 0, -1)",),
    "prctl": (_ASK + "call('prctl', 16, -1)",),
    "prlimit64": (_ASK + "call('prlimit64', 0, 7, 0, -1)",),
    "open": (_ASK + "call('open', -1, 0)", _ASK + "call('open', -1, 0x41)"),
    "openat": (_ASK + "call('openat', -100, -1, 0)", _ASK + "call('openat', -100, -1, 0x41)"),
}  # fmt: skip
"""Programs that make a call as it is allowed, where it is not enough that a call with arguments that
mean nothing reaches the kernel.
"""


@cache
def _by_call() -> Mapping[str, tuple[Attack, ...]]:
    found: dict[str, list[Attack]] = defaultdict(list)
    for attack in filter(_is_plain, load()):
        for call in {name for cell in attack.cells for name in _CALL.findall(cell.source)}:
            found[call].append(attack)
        for name, prefixes in _CLASSES.items():
            if attack.id.startswith(prefixes):
                found[name].append(attack)
    return {call: tuple(sorted(attacks, key=_width)) for call, attacks in found.items()}


def _is_plain(attack: Attack) -> bool:
    """Whether it is a program and nothing else, which runs here."""
    needs = {str(condition) for condition in attack.needs}
    return (
        needs <= {platform.machine(), "threads", "disk", "module:ctypes"}
        and "files" not in attack.limits
        and not (attack.functions or attack.packages or attack.twice)
        and not (attack.aims or attack.grant or attack.asks)
    )


def _width(attack: Attack) -> tuple[bool, int]:
    """Attacks that are about one call come first."""
    return attack.technique != "kernel_calls", sum(len(cell.source) for cell in attack.cells)


def attacks_on(call: str) -> tuple[Attack, ...]:
    """The attacks that make a call, or any of a class."""
    return _by_call().get(call, ())


def perform_attack(engine: Engine, attack: Attack, change: int) -> str:
    """What comes of an attack under the filters of a change; :data:`REPELLED` is what must come."""
    limits = Limits(**{"wall": 3, "cpu": 3, **attack.limits, "files": NUMBERED + change})
    modules = modules_of(attack)
    with Sandbox(engine=engine, limits=limits, modules=modules, stdin=attack.stdin) as box:
        result = box.run(attack.cells[0].source)
        for cell in attack.cells[1:]:
            result = box.run(cell.source) if result.ok else result
    abi = int(result.enforced["files"].partition("Landlock ABI ")[2].partition(" ")[0])
    setting = Setting("native", FULL, limits, abi, sys.version_info[:2])
    verdict = verdict_of(result)
    return REPELLED if expected(attack, setting).fits(verdict) else str(verdict)


def use(engine: Engine, program: str, change: int) -> str:
    """What comes of a use of a call under the filters of a change."""
    limits = Limits(wall=3, cpu=3, files=NUMBERED + change)
    with Sandbox(engine=engine, limits=limits, modules=modules_of(_anything())) as box:
        return str(verdict_of(box.run(program)))


def uses_of(call: str) -> tuple[str, ...]:
    """Programs that make the call as it is allowed."""
    return _USES.get(call, (_PLAIN.format(call=call),))


@cache
def _anything() -> Attack:
    """An attack that imports ``kernel``: what such a one may import, the uses may."""
    return next(attack for attack in load() if attack.imports("kernel"))
