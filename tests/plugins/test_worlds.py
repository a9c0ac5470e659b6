"""What plugins keep in a world, saved and restored with it."""

from __future__ import annotations

import pytest

from ringfence import ConfigurationError, StateRefused
from ringfence.plugins import LostState
from tests.plugins.conftest import MakeHost
from tests.plugins.specs import bundle
from tests.support.damage import damaged

KEY = b"k" * 32
SOURCE = """
import random
import other
from collections import Counter

class Seen:
    total = 0
    def __init__(self, n):
        self.n = n

seen = []
counts = Counter()
draws = random.Random(5)
work = (n for n in range(3))

def helper(n):
    return n

def probe(n):
    seen.append(Seen(helper(n)))
    counts[n] += 1
    other.notes["last"] = n
    Seen.total += 1
    return len(seen) * 1000 + counts[n] * 100 + draws.randrange(10) * 10 + other.notes["last"]
"""
KEEPS = bundle(SOURCE, files={"other.py": "notes = {}\n"})


def test_what_is_kept_goes_on_where_it_was(host: MakeHost) -> None:
    with host(KEEPS, state="world") as made, host(KEEPS, state="world") as whole:
        first = [made.call("probe", n=n).value for n in (1, 2, 1)]
        assert first == [whole.call("probe", n=n).value for n in (1, 2, 1)]
        saved = made.save(key=KEY, context={"world": "a"})
        assert sorted((one.plugin, one.name, one.type) for one in saved.lost) == [
            ("counter", "counter.Seen.total", "int"),
            ("counter", "counter.work", "generator"),
        ]
        after = [whole.call("probe", n=n).value for n in (2, 1)]
    with host(KEEPS, state="world") as later:
        assert later.restore(bytes(saved), key=KEY, context={"world": "a"}) == ()
        assert [later.call("probe", n=n).value for n in (2, 1)] == after


def test_a_world_that_never_called_a_plugin_has_nothing(host: MakeHost) -> None:
    with host(KEEPS, state="world") as made:
        saved = made.save(key=KEY)
        assert saved.lost == ()
        assert made.restore(saved, key=KEY) == ()
        assert made.call("probe", n=1).value // 1000 == 1


def test_a_save_belongs_to_its_bundles_its_key_and_its_context(host: MakeHost) -> None:
    with host(KEEPS, state="world") as made:
        made.call("probe", n=1)
        saved = made.save(key=KEY, context={"world": "a"})
        for state, key, context, reason in [
            (saved, b"j" * 32, {"world": "a"}, "foreign-key"),
            (saved, KEY, {"world": "b"}, "context"),
            (saved[:-1], KEY, {"world": "a"}, "truncated"),
            (damaged(saved), KEY, {"world": "a"}, "tampered"),
            (b"something", KEY, {"world": "a"}, "not-a-state"),
        ]:
            with pytest.raises(StateRefused) as raised:
                made.restore(state, key=key, context=context)
            assert raised.value.reason == reason
    other = bundle(SOURCE + "#", files={"other.py": "notes = {}\n"})
    with host(other, state="world") as changed, pytest.raises(StateRefused) as raised:
        changed.restore(saved, key=KEY, context={"world": "a"})
    assert "the plugin counter kept, which is another bundle here" in str(raised.value)


def test_without_a_world_there_is_nothing_to_keep(host: MakeHost) -> None:
    with host(KEEPS) as made:
        for attempt in (lambda: made.save(key=KEY), lambda: made.restore(b"", key=KEY)):
            with pytest.raises(
                ConfigurationError, match='there is nothing to keep with state="none"'
            ):
                attempt()


def test_a_guest_that_ends_is_started_anew_and_has_forgotten(host: MakeHost) -> None:
    source = (
        "import statistics\nos = statistics.mean.__globals__['sys'].modules['os']\nseen = []\n"
        "def probe(n):\n    seen.append(n)\n    if n == 9: os._exit(1)\n    return len(seen)\n"
    )
    with host(bundle(source), state="world") as made:
        assert [made.call("probe", n=n).value for n in (1, 2)] == [1, 2]
        assert made.call("probe", n=9).failures[0].kind == "crashed"
        made.release("counter")
        assert made.call("probe", n=1).value == 1


LIES = {
    "no bytes": "lambda limit: [['liar', 'no bytes', [], []]]",
    "a module that it does not have": "lambda limit: [['zzz', b'', [], []]]",
    "nothing": "lambda limit: 1 / 0",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_plugin_that_lies_about_what_it_keeps_loses_its_own_alone(
    host: MakeHost, lie: str
) -> None:
    source = (
        "import statistics\nmodules = statistics.mean.__globals__['sys'].modules\n"
        f"def probe(n):\n    modules['__main__'].save_state = {LIES[lie]}\n    return None\n"
    )
    with host(bundle(source, "liar"), KEEPS, state="world") as made:
        first = made.call("probe", n=1).value
        saved = made.save(key=KEY)
        assert LostState(
            "liar", "", "", "its guest did not say what it keeps"
        ) in saved.lost or any(
            one.plugin == "liar" and "ZeroDivision" in one.reason for one in saved.lost
        )
    with host(bundle(source, "liar"), KEEPS, state="world") as later:
        assert later.restore(saved, key=KEY) == ()
        assert later.call("probe", n=1).value // 1000 == first // 1000 + 1


def test_what_cannot_be_given_back_is_lost_alone(host: MakeHost) -> None:
    source = (
        "import statistics\nmodules = statistics.mean.__globals__['sys'].modules\n"
        "def probe(n):\n"
        "    modules['__main__'].save_state = lambda limit: [['liar', b'rubbish', [], []]]\n"
        "    return None\n"
    )
    with host(bundle(source, "liar"), KEEPS, state="world") as made:
        made.call("probe", n=1)
        saved = made.save(key=KEY)
    with host(bundle(source, "liar"), KEEPS, state="world") as later:
        (lost,) = later.restore(saved, key=KEY)
        assert (lost.plugin, lost.name) == ("liar", "")
        assert later.call("probe", n=1).value // 1000 == 2
