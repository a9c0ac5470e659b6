"""Memory that a guest is lent for its one call: its arguments, and its answer."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

import ringfence
from ringfence import EngineFailure, Limits
from ringfence.plugins import Array, HookSpec, PluginHost, hook
from ringfence.plugins.guest import LoadedPlugin
from ringfence.plugins.lending import CallMemory, Needs
from ringfence.plugins.running import FreshRuns
from tests.plugins.specs import bundle

MAPS = {"spec": "tests.maps", "packages": ["numpy"]}
SECRET = 42.42


class Maps(HookSpec, name="tests.maps", version="1.0"):
    """Hooks that answer with as much as they were given."""

    @hook()
    def hide(self, x: Array[np.float64, "h w"]) -> Array[np.float64, "h w"]:
        """Is given a secret."""

    @hook()
    def look(self, x: Array[np.float64, "h w"]) -> Array[np.float64, "h w"]:
        """Looks for it."""

    @hook()
    def add(
        self, x: Array[np.float64, " n"], y: Array[np.float64, " n"]
    ) -> Array[np.float64, " m"]:
        """Of two."""


SPY = """
import numpy as np
def look(x):
    whole = x
    while isinstance(whole.base, np.ndarray):
        whole = whole.base
    given = np.frombuffer(getattr(whole.base, "obj", whole.base), "u1")
    answer = np.__builtins__["progress"].__self__._arenas.output
    found = np.zeros_like(x)
    found[0, :2] = len(given) >= x.nbytes, np.count_nonzero(given)
    if answer is not None:
        found[0, 2:4] = len(answer) >= x.nbytes, np.count_nonzero(np.frombuffer(answer, "u1"))
    return found
"""


def test_no_call_finds_what_another_was_given_or_answered() -> None:
    """A guest maps the whole memory that its arguments and its answer lie in."""
    victim = bundle("def hide(x): return x * 1.0", "victim", **MAPS)
    spy = bundle(SPY, "spy", **MAPS)
    secrets, zeros = np.full((300, 500), SECRET), np.zeros((300, 500))
    with PluginHost(Maps, [victim, spy], engine="native", packages=["numpy"], workers=1) as host:
        seen = []
        for _ in range(8):  # so that what the victim had is used again
            assert host.call("hide", x=secrets).value.min() == SECRET
            seen.append(host.call("look", x=zeros).value[0, :4].tolist())
    assert seen == [[1.0, 0.0, 0.0, 0.0]] + 7 * [[1.0, 0.0, 1.0, 0.0]]  # an answer's size is learnt


def test_an_answer_is_the_hosts_own() -> None:
    """What is answered lies in memory that other calls have later."""
    plugin = bundle("def add(x, y): return x + y", **MAPS)
    with PluginHost(Maps, [plugin], engine="native", packages=["numpy"], workers=1) as host:
        kept = []
        for number in range(8):
            x = np.full(1 << 17, float(number))
            kept.append(host.call("add", x=x, y=x).value)
        for number, value in enumerate(kept):
            assert value.min() == value.max() == 2.0 * number
            value[0] = 1.0  # may be written to


def test_calls_and_answers_of_all_sizes_in_turn() -> None:
    sizes = (1 << 17, 100, 1 << 17, 1 << 18, 1 << 17, 1 << 13)
    source = "import numpy as np\ndef add(x, y): return np.resize(x + y, int(y[0]))"
    plugin = bundle(source, **MAPS)
    with PluginHost(Maps, [plugin], engine="native", packages=["numpy"], workers=1) as host:
        for size in sizes:
            for answered in sizes:
                x, y = np.arange(float(size)), np.full(size, float(answered))
                value = host.call("add", x=x, y=y).value
                np.testing.assert_array_equal(value, np.resize(x + y, answered))


def test_what_is_larger_than_the_memory_for_it_comes_by_another_way() -> None:
    """The memory is as large as the answer before; the limit is that of any value."""
    source = "import numpy as np\ndef add(x, y): return np.full(int(x[0]), 2.5)"
    plugin = bundle(source, **MAPS)
    limits = Limits(memory="1GiB", disk=0, threads=0, value="4MiB", wall=30)
    with PluginHost(
        Maps, [plugin], engine="native", packages=["numpy"], limits=limits, workers=1
    ) as host:
        for size in (1 << 16, 1 << 18):
            x = np.full(1 << 17, float(size))
            assert host.call("add", x=x, y=x).value.sum() == size * 2.5
        x = np.full(1 << 17, float(1 << 19))
        answer = host.ask_plugins("add", x=x, y=x)
        assert answer is not None
        assert [failure.kind for failure in answer.failures] == ["limit"]


def test_how_much_is_lent_for_an_answer() -> None:
    """A guest chose how large its last one was."""
    few, many = (1 << 16) - 1, (8 << 20) + 1
    assert [Needs.of([], size).answer for size in (0, few, many, 1 << 60)] == [0, 0, 0, 0]
    assert Needs.of([], few + 1).answer == few + 1
    assert Needs.of([], many - 1).answer == many - 1


def test_a_part_of_an_arena_is_copied() -> None:
    plugin = bundle(SPY, "spy", **MAPS)
    whole = ringfence.empty((4, 256, 512))
    whole[:] = SECRET
    whole[1] = 0.0
    with PluginHost(Maps, [plugin], engine="native", packages=["numpy"], workers=1) as host:
        assert host.call("look", x=whole[1]).value[0, :2].tolist() == [1.0, 0.0]


class Lingering:
    """A guest that was lent memory, and ends when the test says so."""

    gone = closed = killed = False

    def kill(self) -> None:
        self.killed = True

    def is_gone(self) -> bool:
        return self.gone

    def close(self) -> None:
        self.closed = True


def test_memory_is_lent_again_only_when_the_guest_that_had_it_is_gone() -> None:
    """Its timing is the kernel's, so the room is asked itself."""
    memory, guest, needs = CallMemory(), Lingering(), Needs.of([np.ones(1 << 17)], 1 << 19)
    first = memory.lend(needs)
    assert (first.arguments is None, first.answer is None) == (False, False)
    for arena in first:
        assert arena is not None
        arena[:] = b"x" * len(arena)
        os.fchmod(arena.descriptor, 0o3612)  # as a guest with the rights of its owner may
        os.utime(arena.descriptor, ns=(42, 43))
    memory.give_back(first, guest)
    assert (guest.killed, guest.closed) == (True, False)
    assert memory.lend(needs).arguments is not first.arguments
    guest.gone = True
    assert memory.lend(Needs.of([np.ones(1 << 17)], 0)).arguments is not first.arguments
    again = memory.lend(needs)
    assert again is first
    for arena in again:
        assert arena is not None
        assert not any(arena[:])
        seen = os.fstat(arena.descriptor)
        assert (seen.st_mode & 0o7777, seen.st_atime_ns, seen.st_mtime_ns) == (0o777, 0, 0)
    assert (guest.gone, guest.closed) == (True, False)  # a call waits
    memory.close_gone()
    assert (guest.gone, guest.closed) == (True, True)
    last = Lingering()
    memory.give_back(first, last)
    memory.close()
    assert last.closed


def test_guests_that_nobody_closes_are_closed_by_the_calls() -> None:
    memory, needs = CallMemory(), Needs.of([np.ones(1 << 17)], 0)
    guests = [Lingering() for _ in range(40)]
    for guest in guests:
        memory.give_back(memory.lend(needs), guest)
        guest.gone = True
    assert [guest.closed for guest in guests].count(False) <= 18
    memory.close()
    assert all(guest.closed for guest in guests)


def test_memory_that_is_too_much_is_not_kept() -> None:
    memory, needs = CallMemory(), Needs(arguments=1 << 26, answer=1 << 25)
    assert needs.is_much
    assert not Needs(arguments=1 << 22, answer=1 << 22).is_much
    first, second = Lingering(), Lingering()
    memory.give_back(memory.lend(needs), first)
    memory.give_back(memory.lend(needs), second)
    assert (first.closed, second.closed) == (True, False)
    memory.close()
    assert second.closed


def test_a_guest_that_could_not_rehearse_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """No memory can be lent, as where descriptors have run out: the next call tells, if it lasts."""
    made: list[LoadedPlugin] = []

    def refuse(shape: object) -> None:
        raise EngineFailure("no arena can be made")

    def rehearse(self: LoadedPlugin, *given: Any) -> None:
        if self._plugin.name == "unlucky":  # others' hosts load ahead meanwhile
            made.append(self)
        whole(self, *given)

    whole = LoadedPlugin.rehearse
    monkeypatch.setattr(LoadedPlugin, "rehearse", rehearse)
    monkeypatch.setattr("ringfence.plugins.guest.empty", refuse)
    plugin = bundle("def look(x): return x", "unlucky", **MAPS)
    with PluginHost(Maps, [plugin], engine="native", packages=["numpy"], workers=1) as host:
        runs, (ready,) = host._runs, host._plugins.values()
        assert isinstance(runs, FreshRuns)
        with pytest.raises(EngineFailure):
            runs._load_ahead(ready)
        (loaded,) = made
        assert not loaded.box.alive
        assert host.call("look", x=np.ones((2, 2))).value.tolist() == [[1.0, 1.0], [1.0, 1.0]]
