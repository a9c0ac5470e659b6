"""Nothing is half published and nothing is lost: whatever goes away in the middle, and when."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from ringfence.errors import (
    AlreadyPublished,
    RingfenceError,
    WorkshopNotAvailable,
    WorkshopNotUsable,
    WorkshopRefused,
)
from ringfence.plugins import Bundle
from ringfence.workshop import Rules
from ringfence.workshop.signing import Client, Repository
from ringfence.workshop.store import Store
from tests.support.postgresql import PostgreSQL
from tests.workshop.service.scenes import House, make

ROOT = Path(__file__).resolve().parents[3]


class Interrupted:
    """The real repository, with something happening before or after it signs, once."""

    def __init__(self, repository: Repository, before: Any = None, after: Any = None) -> None:
        self._repository = repository
        self._before, self._after = before, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._repository, name)

    def _around(self, name: str, *arguments: Any) -> Any:
        before, self._before = self._before, None
        if before is not None:
            before()
        done = getattr(self._repository, name)(*arguments)
        after, self._after = self._after, None
        if after is not None:
            after()
        return done

    def publish(self, bundle: Bundle) -> Any:
        return self._around("publish", bundle)

    def revoke(self, *arguments: Any) -> Any:
        return self._around("revoke", *arguments)


def states(house: House) -> list[tuple[str, str]]:
    return [(one.version, one.state) for one in house.workshop.submissions.find(house.rob)]


# --- the signer fails --------------------------------------------------------------------------


def test_what_cannot_be_signed_is_in_review_again(database: Store, repository: Repository) -> None:
    def fail() -> None:
        raise WorkshopNotUsable("the keys are not there")

    with House(database, Interrupted(repository, before=fail)) as house:
        told = house.submitted()
        with pytest.raises(WorkshopNotUsable, match="the keys are not there"):
            house.workshop.submissions.approve(house.rob, told.id)
        told = house.workshop.submissions.get(house.ada, told.id)
        assert (told.state, told.reason) == (
            "in-review",
            "it was not signed, and is not published: the keys are not there",
        )
        assert house.workshop.releases.search() == ([], 0)
        assert house.actions()[-2:] == ["submission.publishing", "submission.undone"]
    with House(database, repository) as house:
        assert house.workshop.submissions.approve(house.rob, told.id).state == "published"


def test_a_failure_after_signing_is_no_failure(database: Store, repository: Repository) -> None:
    def fail() -> None:
        raise WorkshopNotUsable("the disk is full")

    with House(database, Interrupted(repository, after=fail)) as house:
        assert house.published().state == "published"


def test_a_version_that_is_signed_with_other_bytes_is_not_published(
    house: House, repository: Repository
) -> None:
    told = house.submitted()
    repository.publish(Bundle.unpack(make(body="ANSWER = 3\n")))
    with pytest.raises(AlreadyPublished):
        house.workshop.submissions.approve(house.rob, told.id)
    assert states(house) == [("1.0.0", "in-review")]


# --- the database goes away --------------------------------------------------------------------


def test_a_server_that_stops_in_the_middle_of_a_publication(
    postgresql: PostgreSQL, repository: Repository
) -> None:
    address = postgresql.new_database()
    with House(address, Interrupted(repository, after=postgresql.stop), patience=2) as house:
        told = house.submitted()
        with pytest.raises(WorkshopNotAvailable) as caught:
            house.workshop.submissions.approve(house.rob, told.id)
        assert "what was begun is finished or undone when it answers again" in str(caught.value)
        with pytest.raises(WorkshopNotAvailable):
            house.workshop.submissions.find(house.rob)
        assert ("adder", "1.0.0") in repository.releases()

        postgresql.start()

        # The same process goes on, without being started again.
        assert states(house) == [("1.0.0", "publishing")]
        assert house.workshop.releases.search() == ([], 0)
        assert house.workshop.submissions.waiting() == [told.id]
        house.workshop.process_all()
        assert states(house) == [("1.0.0", "published")]
        assert house.workshop.releases.search()[1] == 1
        house.workshop.verify_audit()


def test_a_server_that_stops_before_anything_is_signed(
    postgresql: PostgreSQL, repository: Repository
) -> None:
    def fail() -> None:
        postgresql.stop()
        raise WorkshopNotUsable("the machine fails")

    address = postgresql.new_database()
    with House(address, Interrupted(repository, before=fail), patience=2) as house:
        told = house.submitted()
        with pytest.raises(WorkshopNotAvailable):
            house.workshop.submissions.approve(house.rob, told.id)
        postgresql.start()
        assert repository.releases() == {}
    with House(address, repository, patience=2) as house:
        assert house.workshop.recovered == ["adder 1.0.0: it is published now"]
        assert states(house) == [("1.0.0", "published")]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """A database that somebody else does not let go of."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")


def test_a_file_that_is_locked_in_the_middle_of_a_publication(
    tmp_path: Path, repository: Repository
) -> None:
    path = tmp_path / "workshop.db"
    lock = locked(path)
    signer = Interrupted(repository, after=lock.__enter__)
    with House(str(path), signer, patience=0.1) as house:
        told = house.submitted()
        with pytest.raises(WorkshopNotAvailable, match="database is locked"):
            house.workshop.submissions.approve(house.rob, told.id)
        assert states(house) == [("1.0.0", "publishing")]  # which can be read
        lock.__exit__(None, None, None)
        assert house.workshop.releases.recover() == ["adder 1.0.0: it is published now"]
        assert states(house) == [("1.0.0", "published")]


def test_a_file_that_cannot_be_written(tmp_path: Path, repository: Repository) -> None:
    path = tmp_path / "workshop.db"
    with House(str(path), repository) as house:
        house.published()
    address = f"sqlite:///file:{path}?mode=ro&uri=true"
    with House(address, repository, migrating=False) as house:
        assert house.workshop.releases.search()[1] == 1
        with pytest.raises(WorkshopNotAvailable, match="attempt to write a readonly database"):
            house.workshop.submissions.submit(house.ada, make(version="1.1.0"))
        with pytest.raises(WorkshopNotAvailable, match="readonly"):
            house.workshop.releases.revoke(house.ada, "adder", "1.0.0", "wrong")
    assert repository.releases()["adder", "1.0.0"].status == "published"


# --- the process is killed -----------------------------------------------------------------------

KILLED = """
import os, signal, sys
from ringfence.workshop.signing import Repository
from tests.workshop.service.scenes import House
from tests.workshop.service.test_publishing import Interrupted

address, folder, when = sys.argv[1:]
kill = lambda: os.kill(os.getpid(), signal.SIGKILL)
repository = Interrupted(Repository.open(folder), **{when: kill})
with House(address, repository) as house:
    (told,) = house.workshop.submissions.find(house.rob)
    house.workshop.submissions.approve(house.rob, told.id)
"""


@pytest.mark.parametrize(
    ("address", "when"),
    [("sqlite", "before"), ("sqlite", "after"), ("postgresql", "after")],
    indirect=["address"],
)
def test_a_process_that_is_killed_in_the_middle_of_a_publication(
    address: str, repository: Repository, tmp_path: Path, when: str
) -> None:
    with House(address, repository) as house:
        house.submitted()
    done = subprocess.run(
        [sys.executable, "-c", KILLED, address, str(tmp_path / "repository"), when],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(repository.releases()) == (when == "after")

    with House(address, repository) as house:
        assert house.workshop.recovered == ["adder 1.0.0: it is published now"]
        assert states(house) == [("1.0.0", "published")]
        assert house.actions().count("release.published") == 1
        assert house.workshop.releases.search()[1] == 1
        house.workshop.verify_audit()
    client = Client(tmp_path / "client", root=repository.root, fetch=repository.serve)
    assert client.install("adder").version == "1.0.0"


def test_of_two_reviewers_at_once_one_decides(house: House) -> None:
    told = house.submitted()
    house.workshop.accounts.create("rita", ("review",))
    rita = house.workshop.accounts.caller("rita")
    together = threading.Barrier(2)
    came: list[str] = []

    def decide(work: Callable[[], object]) -> None:
        together.wait()
        try:
            work()
            came.append("done")
        except WorkshopRefused as error:
            came.append(error.reason)

    submissions = house.workshop.submissions
    threads = [
        threading.Thread(target=decide, args=(lambda: submissions.approve(house.rob, told.id),)),
        threading.Thread(target=decide, args=(lambda: submissions.refuse(rita, told.id, "no"),)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(came) == ["done", "state"]
    decided = submissions.get(house.ada, told.id)
    published = house.workshop.releases.search()[1]
    assert (decided.state, decided.reviewer, published) in (
        ("published", "rob", 1),
        ("refused", "rita", 0),
    )


# --- withdrawing ---------------------------------------------------------------------------------


def test_yank_revoke_and_reinstate(house: House, repository: Repository, tmp_path: Path) -> None:
    house.published()
    house.published(make(version="1.1.0"))
    releases = house.workshop.releases
    client = Client(tmp_path / "client", root=repository.root, fetch=repository.serve)
    client.install("adder", "1.1.0")

    releases.yank(house.ada, "adder", "1.1.0", "too slow")
    latest = releases.plugin("adder").latest
    assert latest is not None
    assert latest.version == "1.0.0"
    assert [one.version for one in releases.search()[0]] == ["1.0.0"]
    assert client.load("adder", "1.1.0").manifest.version_text == "1.1.0"

    releases.revoke(house.ada, "adder", "1.1.0", "it is hostile")
    client.refresh()
    with pytest.raises(RingfenceError, match="it is hostile"):
        client.load("adder", "1.1.0")
    with pytest.raises(WorkshopRefused, match="only the workshop's operator can take that back"):
        releases.reinstate(house.ada, "adder", "1.1.0")
    with pytest.raises(WorkshopRefused, match="is revoked, which is stronger"):
        releases.yank(house.opal, "adder", "1.1.0", "x")

    assert releases.reinstate(house.opal, "adder", "1.1.0").status == "published"
    latest = releases.plugin("adder").latest
    assert latest is not None
    assert latest.version == "1.1.0"
    assert house.actions()[-1] == "release.reinstated"


def test_only_the_owner_and_an_operator_withdraw(house: House, repository: Repository) -> None:
    house.published()
    releases = house.workshop.releases
    for caller in (house.eve, house.rob):
        with pytest.raises(WorkshopRefused) as caught:
            releases.revoke(caller, "adder", "1.0.0", "mine now")
        assert caught.value.reason == "not-allowed"
    with pytest.raises(WorkshopRefused, match="one line"):
        releases.revoke(house.ada, "adder", "1.0.0", "a\nb")
    with pytest.raises(WorkshopRefused, match="there is no 'adder' '9.9.9'"):
        releases.revoke(house.ada, "adder", "9.9.9", "x")
    assert repository.releases()["adder", "1.0.0"].status == "published"
    assert releases.revoke(house.opal, "adder", "1.0.0", "asked for by court").status == "revoked"


def test_a_revocation_that_the_database_does_not_hear_of_holds(
    tmp_path: Path, repository: Repository
) -> None:
    path = tmp_path / "workshop.db"
    lock = locked(path)
    with House(str(path), repository) as house:
        house.published()
    with House(str(path), Interrupted(repository, after=lock.__enter__), patience=0.1) as house:
        with pytest.raises(WorkshopNotAvailable):
            house.workshop.releases.revoke(house.ada, "adder", "1.0.0", "hostile")
        assert repository.releases()["adder", "1.0.0"].status == "revoked"
        lock.__exit__(None, None, None)
    with House(str(path), repository) as house:
        assert house.workshop.recovered == ["adder 1.0.0: it is revoked now, as is signed"]
        (version,) = house.workshop.releases.versions("adder")
        assert (version.status, version.reason) == ("revoked", "hostile")


def test_an_operator_withdraws_what_an_old_backup_does_not_know(
    house: House, repository: Repository, tmp_path: Path
) -> None:
    repository.publish(Bundle.unpack(make()))  # and then an old backup of the database
    client = Client(tmp_path / "client", root=repository.root, fetch=repository.serve)
    client.install("adder")
    releases = house.workshop.releases
    for caller in (house.ada, house.rob):
        with pytest.raises(WorkshopRefused) as caught:
            releases.revoke(caller, "adder", "1.0.0", "hostile")
        assert caught.value.reason == "unknown"
    with pytest.raises(WorkshopRefused, match="there is no 'adder' '9.9.9'"):
        releases.revoke(house.opal, "adder", "9.9.9", "hostile")

    told = releases.revoke(house.opal, "adder", "1.0.0", "hostile")

    signed = repository.releases()["adder", "1.0.0"]
    assert (signed.status, signed.reason) == ("revoked", "hostile")
    assert (told.status, told.account, told.kind, told.sha256) == (
        "revoked", "", "sum", signed.sha256,
    )  # fmt: skip
    assert house.actions()[-2:] == ["release.to-be-revoked", "release.revoked"]
    client.refresh()
    with pytest.raises(RingfenceError, match="hostile"):
        client.load("adder")
    with pytest.raises(WorkshopRefused, match="is revoked, which is stronger"):
        releases.yank(house.opal, "adder", "1.0.0", "slow")
    assert releases.reinstate(house.opal, "adder", "1.0.0").status == "published"
    assert repository.releases()["adder", "1.0.0"].status == "published"


# --- the search ----------------------------------------------------------------------------------


def test_the_search(database: Store, repository: Repository) -> None:
    with House(database, repository, Rules(publish_clean=True)) as house:
        for name, title, words in (
            ("ridge", "Ridge", "Sharp crests"),
            ("ridge-noise", "More ridges", "100% sharp_crests"),
            ("caves", "Caves below a ridge", "Dark"),
        ):
            assert house.submitted(make(name, title=title, description=words)).state == "published"
        search = house.workshop.releases.search

        def names(*arguments: Any, **options: Any) -> list[str]:
            return [one.name for one in search(*arguments, **options)[0]]

        assert names("ridge") == ["ridge", "ridge-noise", "caves"]
        assert names("RIDGE sharp") == ["ridge", "ridge-noise"]
        assert names() == ["caves", "ridge", "ridge-noise"]
        assert names("%") == ["ridge-noise"]  # a character, no pattern
        assert names("_") == ["ridge-noise"]
        assert names("' OR 1=1 --") == []
        assert names("ada") == ["caves", "ridge", "ridge-noise"]
        assert names(kind="sum", spec="test.arithmetic 1.0") == names()
        assert names(kind="importer") == names(spec="test.arithmetic 2.0") == []
        assert (names(first=1, most=1), search(first=1, most=1)[1]) == (["ridge"], 3)
        for wrong in ({"query": "x" * 201}, {"query": "a " * 9}, {"most": 101}, {"first": -1}):
            with pytest.raises(WorkshopRefused) as caught:
                search(**wrong)
            assert caught.value.reason == "malformed"
        house.submitted(make("ridge", "1.10.0", title="Ridge"))
        house.submitted(make("ridge", "1.9.0", title="Ridge"))
        assert [one.version for one in search("ridge", most=1)[0]] == ["1.10.0"]
        versions = [one.version for one in house.workshop.releases.versions("ridge")]
        assert versions == ["1.10.0", "1.9.0", "1.0.0"]
