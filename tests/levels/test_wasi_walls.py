"""A handful of attacks on WebAssembly behind each of its sets of walls: what stands around the module makes
no difference to who is inside.
"""

from __future__ import annotations

import pytest

import ringfence
from ringfence._engines.wasi.engine import WASI_WALLS
from ringfence.model import Policy, WallSet
from ringfence.model.policy import describe_walls
from tests.attacks.corpus import CORPUS, parse
from tests.attacks.runner import Range, check

_CHOSEN = (
    "c_recursion/wasi_hash_of_frozensets",
    "cpu_time/wasi_interrupt_swallowed_for_ever",
    "filesystem/read_secret",
    "guest_agent_tampering/wasi_leave",
    "memory/wasi_grow_to_the_limit_and_go_on",
    "network_ipc/connect_to_the_host",
    "protocol_frames/wasi_garbage_by_the_module",
    "python_escape/wasi_overwrite_everything",
    "signals/abort",
)


@pytest.mark.parametrize("walls", WASI_WALLS, ids=describe_walls)
def test_attacks_are_repelled(walls: WallSet) -> None:
    if walls not in ringfence.engines()["wasi"].availability.walls:
        pytest.skip(f"wasi cannot stand behind {describe_walls(walls)} here")
    with Range("wasi", policy=Policy(walls=[walls])) as field:
        for name in _CHOSEN:
            attack = parse(CORPUS / f"{name}.py")
            observed = field.run(attack)
            assert observed.setting.walls == walls
            check(attack, observed)
