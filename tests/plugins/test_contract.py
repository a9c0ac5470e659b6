"""The functional contract: with ``state="none"`` nothing of one call is there in the next.

Each plugin tries to count its calls in a place of its own. Where it can, it says how often it was
called; it has to say 1 each time.
"""

from __future__ import annotations

import pytest

from tests.plugins.conftest import MakeHost
from tests.plugins.specs import bundle

# Walks to what no import gives: the modules that are loaded in this guest.
LOADED = "import statistics\nmodules = statistics.mean.__globals__['sys'].modules\n"

PLACES = {
    "a global": """
count = 0
def probe(n):
    global count
    count += 1
    return count
""",
    "a module of its own": """
import other
def probe(n):
    other.count = getattr(other, "count", 0) + 1
    return other.count
""",
    "the view of a module": """
import math
def probe(n):
    math.count = getattr(math, "count", 0) + 1
    return math.count
""",
    "a module of the standard library": LOADED
    + """
def probe(n):
    os = modules["os"]
    os.count = getattr(os, "count", 0) + 1
    return os.count
""",
    "a class": """
class Place:
    count = 0
def probe(n):
    Place.count += 1
    return Place.count
""",
    "a class of the standard library": """
import fractions
def probe(n):
    fractions.Fraction.count = getattr(fractions.Fraction, "count", 0) + 1
    return fractions.Fraction.count
""",
    "a default argument": """
def probe(n, seen=[]):
    seen.append(n)
    return len(seen)
""",
    "a cache": """
import functools
@functools.lru_cache
def place(n):
    return []
def probe(n):
    place(n).append(1)
    return len(place(n))
""",
    "an attribute of the function": """
def probe(n):
    probe.count = getattr(probe, "count", 0) + 1
    return probe.count
""",
    "a file": LOADED
    + """
def probe(n):
    os = modules["os"]
    for path in (".", "/tmp", "/box/tmp", "/dev/shm", "/"):
        try:
            handle = os.open(path + "/count", os.O_RDWR | os.O_CREAT | os.O_APPEND)
            os.write(handle, b"1")
            return os.lseek(handle, 0, 1)
        except OSError:
            pass
    return 1
""",
    "the random numbers": """
import random
def probe(n):
    first = random.getrandbits(60)
    random.seed(first)
    return 1 if random.getstate()[1][-1] == 624 else 2
""",
    "the environment": LOADED
    + """
def probe(n):
    os = modules["os"]
    os.environ["COUNT"] = str(int(os.environ.get("COUNT", "0")) + 1)
    return int(os.environ["COUNT"])
""",
    "the builtins": """
def probe(n):
    real = print.__self__
    real.count = getattr(real, "count", 0) + 1
    return real.count
""",
    "sys.modules": LOADED
    + """
def probe(n):
    modules["count"] = modules.get("count", 0) + 1
    return modules["count"]
""",
    "the guest's own agent": LOADED
    + """
def probe(n):
    mine = modules["ringfence_guest.plugins"]
    mine.count = getattr(mine, "count", 0) + 1
    return mine.count
""",
    "an interned text": LOADED
    + """
def probe(n):
    text = modules["sys"].intern("a text for counting")
    found = [one for one in modules["gc"].get_objects() if type(one) is dict and text in one]
    found = [one for one in found if type(one.get(text)) is int]
    if found:
        found[0][text] += 1
        return found[0][text]
    globals()["kept"] = {text: 1}
    return 1
""",
    "a shared mapping made at import": LOADED
    + """
import struct
place = None
try:
    import mmap
except ImportError:
    try:
        mmap = modules["importlib"].import_module("mmap")
    except ImportError:
        mmap = None
if mmap is not None:
    try:
        place = mmap.mmap(-1, 4096)
    except OSError:
        pass
def probe(n):
    if place is None:
        return 1
    count = struct.unpack("q", place[:8])[0] + 1
    place[:8] = struct.pack("q", count)
    return count
""",
    "a patched fork": LOADED
    + """
os = modules["os"]
real = getattr(os, "fork", None)
def fork():
    os.count = getattr(os, "count", 0) + 1
    return real()
if real:
    os.fork = fork
    modules["posix"].fork = fork
def probe(n):
    return getattr(os, "count", 0) + 1
""",
    "what runs at a fork or at the end": LOADED
    + """
os = modules["os"]
def later():
    os.count = getattr(os, "count", 0) + 1
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=later, after_in_child=later, after_in_parent=later)
def probe(n):
    return getattr(os, "count", 0) + 1
""",
}


@pytest.mark.parametrize("place", PLACES)
def test_nothing_survives_a_call(host: MakeHost, place: str) -> None:
    # Where the numbers of a guest begin, asked beside it: the same for every call.
    draws = bundle("import random\ndef undecided(n):\n    return random.getrandbits(60)", "draws")
    tried = bundle(PLACES[place], files={"other.py": "count = 0\n"})
    with host(tried, draws) as made:
        for n in range(4):
            answer = made.call("probe", n=0)
            assert (answer.value, answer.plugins, answer.failures) == (1, ("counter",), ())
            assert made.call("undecided", n=n).value == made.call("undecided", n=n + 1).value


def test_with_a_world_state_is_kept(host: MakeHost) -> None:
    with host(bundle(PLACES["a global"]), state="world") as made:
        assert [made.call("probe", n=0).value for _ in range(4)] == [1, 2, 3, 4]


def test_worlds_share_nothing(host: MakeHost) -> None:
    plugin = bundle(PLACES["a module of the standard library"])
    with host(plugin, state="world") as one, host(plugin, state="world") as other:
        assert [one.call("probe", n=0).value for _ in range(3)] == [1, 2, 3]
        assert other.call("probe", n=0).value == 1
