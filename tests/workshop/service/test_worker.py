"""Whose turn it is: the thread that processes what was submitted shares itself out."""

from __future__ import annotations

import threading
from typing import Any

from ringfence.workshop import Rules, Worker
from ringfence.workshop.signing import Repository
from ringfence.workshop.store import Store
from tests.workshop.service.scenes import Arithmetic, House, make


class Counted(Arithmetic):
    """Notes what is tried; begins the first when it is let, and tells when so many are done."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.begun, self.go, self.ended = threading.Event(), threading.Event(), threading.Event()
        self.order: list[str] = []
        self._most = most

    def try_out(self, bundle: Any) -> Any:
        self.begun.set()
        assert self.go.wait(30)
        self.order.append(bundle.manifest.name)
        if len(self.order) == self._most:
            self.ended.set()
        return super().try_out(bundle)


def test_who_sent_much_keeps_nobody_waiting_who_sent_little(
    database: Store, repository: Repository
) -> None:
    spec = Counted(most=7)
    with House(database, repository, Rules(), specs=[spec]) as house:
        submissions = house.workshop.submissions
        for number in range(4):
            submissions.submit(house.ada, make(f"ada-{number}"))
        with Worker(house.workshop):
            assert spec.begun.wait(30)
            # Whatever comes while the first is tried, comes before the second of who sent many.
            for name in ("eve-a", "eve-b"):
                submissions.submit(house.eve, make(name))
            house.workshop.accounts.create("zoe")
            zoe = house.workshop.accounts.caller("zoe")
            submissions.submit(zoe, make("zoe-a"))
            spec.go.set()
            assert spec.ended.wait(30)
        assert [one[:3] for one in spec.order] == ["ada", "eve", "zoe", "ada", "eve", "ada", "ada"]
        assert spec.order == [
            "ada-0", "eve-a", "zoe-a", "ada-1", "eve-b", "ada-2", "ada-3",
        ]  # fmt: skip


def test_all_that_waits_is_listed_in_turns(house: House) -> None:
    submissions = house.workshop.submissions
    sent = [
        submissions.submit(by, make(name)).id
        for by, name in ((house.ada, "a"), (house.ada, "b"), (house.ada, "c"), (house.eve, "d"))
    ]
    assert submissions.queues() == {"ada": sent[:3], "eve": sent[3:]}
    assert submissions.waiting() == [sent[0], sent[3], sent[1], sent[2]]
