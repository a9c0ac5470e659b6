"""Many guests: ten thousand ends that nobody hears of, a thousand lives of every kind."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.lifecycle.hosts import run_host
from tests.lifecycle.walls import WITH_NAMESPACES, WITHOUT
from tests.support.levels import weaker_options

_COUNTS = {
    "10_000": (10_000, WITHOUT),
    "1_000, each with namespaces of its own": (1_000, WITH_NAMESPACES),
}


@pytest.mark.parametrize("how_many", _COUNTS)
def test_ends_that_nobody_reads(how_many: str) -> None:
    """Nothing is read from the zygote meanwhile: neither that guests live nor that they ended. The
    zygote keeps the record of four thousand; namespaces have no part in it, and take most of the
    time of a guest.
    """
    count, walls = _COUNTS[how_many]
    said = run_host(
        f"""
count, walls, python = {count}, {walls!r}, {weaker_options(walls).get("python")!r}
"""
        """
from tests.support.leaks import await_ends, below, descriptors, outer_of
from ringfence._engines.native.engine import NativeEngine
from ringfence.engine import ImageSpec
from ringfence.jail.guest_limits import GuestLimits
from ringfence.zygote.guest import ProcessGuest

spec = ImageSpec(python=python, policy=Policy(walls=[walls]), limits=Limits(threads=0, disk=0))
zygote = NativeEngine().image(spec)._lease.zygote
numbers = GuestLimits(memory=1 << 20, disk=0, files=0, threads=0, cpu=1.0)
before = below()
guests = []
for number in range(count):
    guests.append(ProcessGuest(zygote, *zygote.spawn(numbers)))
    guests[-1].channel.close()     # the guest sees its host gone, and ends
assert not zygote._dead
tell(sum(entry.replied or entry.ended for entry in zygote._spawned.values()))
last = ProcessGuest(zygote, *zygote.spawn(numbers))
assert last.host_pid() is not None
tell([sum(entry.replied for entry in zygote._spawned.values()), zygote.guests])
tell(guests[count // 2].exit(60) is None or guests[count // 2].exit(60).message)
for guest in guests: guest.close()
tell(zygote.guests)
last.stop("kill")
tell(last.exit(60).kind)
last.close()
tell(sum("pidfd" in target for target in descriptors().values()))
tell(sorted(await_ends(below() - before)))
zygote.close()
tell(len(outer_of(os.getpid())))
"""
    )
    assert said[0] == 0
    assert said[1] == [count + 1, count + 1]
    assert said[2] in (True, "the guest process ended with exit code 0")
    assert said[3:] == [1, "SIGKILL", 0, [], 0]


_LIVES = """
import asyncio, random
from tests.support.leaks import Belongings, await_ends, below
from tests.attacks.canaries import descendants
import gc

def again() -> int:
    return 1

async def again_async() -> int:
    return 1

def leave() -> None:
    raise KeyboardInterrupt

def live(dice):
    "One life of a sandbox, ended at a random point of it."
    end = dice.randrange(14)
    tenant = dice.random() < 0.01
    box = Sandbox(
        functions=[again, again_async, leave],
        files={"a": b"b"} if dice.random() < 0.3 else None,
        policy=Policy(isolation="tenant") if tenant else Policy(),
    )
    if end == 0: return box.close()
    box.start()
    if end == 1: return None
    if end == 2: return box.close()
    if end == 3: return box._session.guest.stop("kill")
    if end == 4:
        assert box._session.guest.host_pid()
        box._session.guest.stop("kill")
        assert box.run("1").status == "crashed"
        return box.close()
    assert box.run("x = 20 + again()").status == "ok"
    if end == 5: return None
    if end == 6: return box._session.guest.stop("kill")
    if end == 7: assert box.run("import os; os._exit(0)").status == "crashed"
    if end == 8: assert box.run("while True: pass", limits=Limits(wall=0.01)).status == "limit"
    if end == 9:
        try: box.run("leave()")
        except KeyboardInterrupt: pass
        else: raise AssertionError("the interrupt was lost")
    if end == 10:
        for event in box.stream("print(1)\\nwhile True: pass"): break
    if end == 11:
        canceller = threading.Thread(target=lambda: [None for _ in iter(box.cancel, True)])
        canceller.start()
        assert box.run("while True: pass").status == "cancelled"
        canceller.join()
    if end == 12:
        assert box.run("import threading\\nthreading.Thread(target=lambda: exec('while 1: 0')).start()").status == "ok"
    if end == 13:
        assert box.run("await again_async()").value == 1
    if dice.random() < 0.7: box.close()

def work(seed):
    dice = random.Random(seed)
    for _ in range(lives):
        live(dice)

lives = 3
work(0)
gc.collect()
engine = ringfence.runtime.registry.find_engine("native")
await_ends(below() - {p for z in engine._zygotes._known.values() for p in [z._process.pid, *descendants(z._process.pid)]}, patience=30)
with Sandbox(functions=[again_async]) as box: box.run("await again_async()")
before = Belongings.now()
lives = 250
failures = []

def guarded(seed):
    try: work(seed)
    except BaseException as error:
        import traceback
        failures.append(traceback.format_exc())

threads = [threading.Thread(target=guarded, args=(seed,)) for seed in range(1, 5)]
for thread in threads: thread.start()
for thread in threads: thread.join()
tell(failures)
gc.collect()
kept = {p for z in engine._zygotes._known.values() for p in [z._process.pid]}
from tests.support.leaks import children, guests_of
new = below() - before.processes
warm = {p for p in new if p in kept or any(p in descendants(k) - guests_of(os.getpid()) for k in kept)}
await_ends(new - warm, patience=30)
now = Belongings.now()
tell([line for line in now.left_since(before)])
engine.close()
tell(sorted(below()))
tell(len([line for line in Belongings.now().descriptors]) - len(before.descriptors))
"""


def test_a_thousand_lives(tmp_path: object, nothing_left: Callable[[], list[str]]) -> None:
    """Opened, used and ended at random points, on four threads."""
    said = run_host(_LIVES, environment={"TMPDIR": str(tmp_path)})
    assert said[0] == []
    assert said[1] == []
    assert said[2] == []
    assert said[3] <= 0  # the zygote's own control socket is gone too
    assert nothing_left() == []
