"""Both suites, and what the default says, on hosts where some wall cannot stand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.attacks.corpus import load
from tests.levels import suites
from tests.levels.hosts import FULL, HOSTS, Host
from tests.levels.selection import choose_attacks

Record = Callable[[str, object], None]

at_each_host = pytest.mark.parametrize("host", HOSTS, ids=[host.level for host in HOSTS])


@at_each_host
def test_the_default_stands_or_says_what_is_missing_and_how_to_get_it(host: Host) -> None:
    told = suites.tell(host)
    assert told["namespaces"] == ("namespaces" in host.walls)
    assert told["default"] == (sorted(FULL) if host.walls == FULL else None)
    if host.walls != FULL:
        assert told["refused"].startswith("native: no accepted set of walls stands here.\n")
        assert [text for text in host.says if text not in told["refused"]] == []
        assert told["remedy"]


@at_each_host
def test_a_weaker_set_stands_for_who_names_it(host: Host) -> None:
    told = suites.tell(host)
    assert max(map(frozenset, told["stand"]), key=len) == host.walls
    assert all(frozenset(one) <= host.walls for one in told["stand"])
    assert (told["accepted"]["value"], told["accepted"]["walls"]) == (2, sorted(host.walls))
    enforced = told["accepted"]["enforced"]
    assert ("network namespace" in enforced["network"]) == ("namespaces" in host.walls)
    assert ("Landlock ABI" in enforced["files"]) == ("landlock" in host.walls)
    if host.landlock:
        assert f"Landlock ABI {host.landlock} " in enforced["files"]


@pytest.mark.timeout(3_600)
@at_each_host
def test_attacks_are_repelled(host: Host, record_property: Record) -> None:
    attacks = choose_attacks(list(load()), host)
    count = suites.attack(host, attacks)
    record_property("attacks", str(count))
    assert not count.failed, "\n\n".join(count.failed)
    assert count.total == len(attacks)
    assert count.passed > len(attacks) // 2


@pytest.mark.timeout(3_600)
@at_each_host
def test_the_conformance_suite_passes(host: Host, record_property: Record) -> None:
    count = suites.conform(host)
    record_property("conformance", str(count))
    assert not count.failed, "\n\n".join(count.failed)
    assert count.passed > count.total // 2


def test_all_hosts_together_run_every_attack() -> None:
    attacks = list(load())
    chosen = {attack.id for host in HOSTS for attack in choose_attacks(attacks, host)}
    assert chosen == {attack.id for attack in attacks}
