"""What a worker gives back when nobody wants anything of it, in processes of their own.

Each process does what a zygote does, and forks what would be guests.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from ringfence.images.wasi.build import CODE, find_image
from ringfence.images.wasi.recipe import worker_file

pytestmark = pytest.mark.skipif(
    worker_file() is None, reason="no code of a worker's for this machine"
)

_BEGIN = """
import ctypes, mmap, os, signal, sys, threading
from pathlib import Path
from ringfence._engines.wasi.originals import Originals
from ringfence.jail import libc

PAGE = 4096
library, code = map(Path, sys.argv[1:])
originals = Originals(library, code)
proc = os.open("/proc", os.O_PATH)
memory = mmap.mmap(-1, 64 * PAGE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
for page in range(64):
    memory[page * PAGE] = page + 1
at = ctypes.addressof(ctypes.c_char.from_buffer(memory))

def begin():
    originals.choose(proc, 0)
    kept = originals.keep()
    assert kept >= 64 * PAGE, kept
    assert originals.held == ()

def own(first=0, count=64):
    with open("/proc/self/pagemap", "rb") as file:
        file.seek((at // PAGE + first) * 8)
        flags = file.read(8 * count)[7::8]
    return [first + page for page, flag in enumerate(flags) if flag & 0x80 and not flag & 0x20]

def in_child(work):
    pid = os.fork()
    if not pid:
        try:
            libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)  # one that waits in vain ends, too
            work()
            os._exit(0)
        except BaseException:
            import traceback
            traceback.print_exc()
        finally:
            os._exit(1)
    assert os.waitpid(pid, 0)[1] == 0

def listener(times=1):
    # A pipe, and the thread that reads orders of one byte from it.
    read, write = os.pipe()
    def listen():
        for _ in range(times):
            originals.await_order(read)
            taken.append(os.read(read, 1))
    taken = []
    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    return write, taken, thread

def give_back():
    # Until the thread listens, nothing is given back. What is used up to this call is on no page
    # of `memory`.
    pagemap = os.open("/proc/self/pagemap", os.O_RDONLY)
    while not (given := originals.give_back(pagemap)):
        os.sched_yield()
    os.close(pagemap)
    return given
"""


def _run(program: str) -> None:
    folder = find_image()
    library = folder / (worker_file() or "")
    ended = subprocess.run(
        [sys.executable, "-c", _BEGIN + program, str(library), str(folder / CODE)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_what_is_as_it_was_is_given_back_and_nothing_else() -> None:
    _run("""
begin()
assert own() == []

def guest():
    listener()
    memory[3 * PAGE] = 9          # another value, and the old one again
    memory[3 * PAGE] = 4
    memory[5 * PAGE + 4095] = 1   # the last byte of a page
    memory[7 * PAGE] = 0          # the first one
    memory[60 * PAGE + 100] = 0   # written to, with what is there
    assert own() == [3, 5, 7, 60]
    assert give_back() >= 2
    assert own() == [5, 7]
    expected = bytearray(64 * PAGE)
    expected[::PAGE] = range(1, 65)
    expected[5 * PAGE + 4095], expected[7 * PAGE] = 1, 0
    assert memory[:] == bytes(expected)
    memory[3 * PAGE] = 9          # and on: it can be written to as ever
    assert (own(), memory[3 * PAGE]) == ([3, 5, 7], 9)
    memory[5 * PAGE + 4095], memory[7 * PAGE] = 0, 8
    give_back()
    assert own() == [3]

in_child(guest)
in_child(guest)                   # the one before it has changed nothing of this one's
""")


def test_nothing_is_given_back_while_the_other_thread_is_elsewhere() -> None:
    _run("""
begin()

def guest():
    pagemap = os.open("/proc/self/pagemap", os.O_RDONLY)
    memory[0] = 1
    for _ in range(100):
        assert originals.give_back(pagemap) == 0   # there is none
    write, taken, thread = listener()
    assert give_back() and own() == []
    os.write(write, b"x")
    thread.join()
    assert taken == [b"x"]
    memory[0] = 1
    for _ in range(100):
        assert originals.give_back(pagemap) == 0   # it has been given an order
    assert own() == [0]

in_child(guest)
""")


def test_who_has_an_order_waits_until_all_is_given_back() -> None:
    """The moment is held: the other thread may write to nothing but its stack."""
    _run("""
GIVING, LISTENING = 2, 1
begin()

def guest():
    write, taken, thread = listener()
    give_back()
    state = ctypes.c_uint32.from_address(originals._book)
    state.value = GIVING
    os.write(write, b"x")
    waits_for = None
    while waits_for != hex(originals._book):      # futex(2)
        assert not taken
        with open(f"/proc/self/task/{thread.native_id}/syscall") as file:
            waits_for = file.read().split()[1:2]
            waits_for = waits_for[0] if waits_for else None
    assert not taken
    state.value = LISTENING
    originals.give_back(os.open("/proc/self/pagemap", os.O_RDONLY))
    thread.join()
    assert taken == [b"x"]

in_child(guest)
""")


def test_orders_come_while_pages_are_given_back() -> None:
    """Two threads that write to what they share: nothing of it is lost, and no order either."""
    _run("""
begin()

def guest():
    times = 2_000
    write, taken, thread = listener(times)
    pagemap = os.open("/proc/self/pagemap", os.O_RDONLY)
    counts = [0] * 32

    def write_and_restore(page):
        memory[page * PAGE] = 0
        memory[page * PAGE] = page + 1

    for number in range(times):
        page = number % 32
        write_and_restore(page)
        give_back()                       # it listens
        write_and_restore(page)
        counts[page] = (counts[page] + number) % 200
        memory[(page + 32) * PAGE] = counts[page]
        os.write(write, b"x")
        originals.give_back(pagemap)      # it may be about to take an order
        assert memory[page * PAGE] == page + 1
        assert memory[(page + 32) * PAGE] == counts[page]
    thread.join()
    assert len(taken) == times
    assert list(memory[32 * PAGE :: PAGE]) == counts

in_child(guest)
""")


def test_a_stop_ends_no_wait_wrongly() -> None:
    _run("""
begin()

def guest():
    wait, begin_stopping = os.pipe()
    me, pid = os.getpid(), os.fork()
    if not pid:
        os.read(wait, 1)
        for _ in range(300):
            os.kill(me, signal.SIGSTOP)
            os.kill(me, signal.SIGCONT)
        os._exit(0)
    write, taken, thread = listener()
    pagemap = os.open("/proc/self/pagemap", os.O_RDONLY)
    give_back()
    os.write(begin_stopping, b"x")
    done = 0
    while not done:
        originals.give_back(pagemap)
        done, _ = os.waitpid(pid, os.WNOHANG)
    assert taken == []
    os.write(write, b"x")
    thread.join()
    assert taken == [b"x"]

in_child(guest)
""")


def test_a_modules_memory_has_its_originals_in_the_code() -> None:
    """But for what this process has changed of it: a frozen guest has those pages, as they are."""
    _run("""
with code.open("rb") as file:
    mapped = libc.syscall("mmap", 0, 64 * PAGE, 3, mmap.MAP_PRIVATE, file.fileno(), 0)
    file.seek(0)
    content = file.read(64 * PAGE)
module = (ctypes.c_char * (64 * PAGE)).from_address(mapped)

def change(page, restore=False):
    byte = content[page * PAGE]
    module[page * PAGE] = bytes([byte if restore else byte ^ 0xFF])

for page in (0, 20, 21, 63):
    change(page)
at = mapped
originals.choose(proc, mapped)
originals.keep()

def guest():
    pagemap = os.open("/proc/self/pagemap", os.O_RDONLY)
    for page in (1, 19, 62):
        change(page)
        change(page, restore=True)
    change(2)
    change(21, restore=True)          # the image's content, which it had not when guests began
    assert own() == [0, 1, 2, 19, 20, 21, 62, 63]
    assert originals.give_back_memory(pagemap) == 3
    assert own() == [0, 2, 20, 21, 63]
    expected = bytearray(content)
    for page in (0, 2, 20, 63):
        expected[page * PAGE] ^= 0xFF
    assert module[:] == bytes(expected)
    listener()
    change(1)
    change(1, restore=True)
    give_back()
    assert own() == [0, 2, 20, 21, 63]

in_child(guest)
""")


def test_what_the_kernel_empties_at_a_fork_stays_so() -> None:
    """The state of random numbers is in such memory: two guests must not go on from the same."""
    _run("""
secret = mmap.mmap(-1, 64 * PAGE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
secret.madvise(18)                # MADV_WIPEONFORK
secret[:] = b"s" * len(secret)
begin()
assert secret[:] == b"s" * len(secret)

def guest():
    assert secret[:] == bytes(len(secret))
    listener()
    give_back()
    assert secret[:] == bytes(len(secret))

in_child(guest)
""")


def test_a_guest_cannot_write_to_what_others_are_given() -> None:
    """One that has broken out of the module may make its originals writable: they are a copy."""
    _run("""
begin()
with open("/proc/self/maps") as file:
    lines = [line.split() for line in file if "ringfence-originals" in line]
places = [tuple(int(part, 16) for part in line[0].split("-")) for line in lines]
assert lines and {line[1] for line in lines} == {"rw-p", "r--p"}
kept = [place for place, line in zip(places, lines) if line[1] == "r--p"]

def attack():
    for begin_, end in kept:
        libc.syscall("mprotect", begin_, end - begin_, 3)
        ctypes.memset(begin_, 0x41, end - begin_)
    for name in os.listdir("/proc/self/fd"):
        try:
            assert "originals" not in os.readlink(f"/proc/self/fd/{name}")
        except FileNotFoundError:
            pass                  # of this very listing

def victim():
    listener()
    memory[0] = 1
    give_back()
    assert memory[::PAGE] == bytes(range(1, 65))

in_child(attack)
in_child(victim)
assert memory[::PAGE] == bytes(range(1, 65))
""")


def test_what_there_is_no_room_for_is_not_given_back() -> None:
    """Every second of these runs of pages cannot be written down."""
    _run("""
from ringfence._engines.wasi import originals as module
pieces = []
for number in range(3 * module._MOST // 2):
    piece = mmap.mmap(-1, 40 * PAGE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    piece[0] = piece[39 * PAGE] = 7
    pieces.append(piece)
originals.choose(proc, 0)
kept = originals.keep()
assert 0 < kept < len(pieces) * 2 * PAGE + (64 << 20)

def guest():
    listener()
    for piece in pieces:
        piece[0], piece[39 * PAGE] = 1, 7
    give_back()
    assert {(piece[0], piece[39 * PAGE]) for piece in pieces} == {(1, 7)}

in_child(guest)
""")
