"""The way of a submission: who may send what, what is decided, and what is never decided twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ringfence.errors import (
    BundleRefused,
    EngineNotAvailable,
    RingfenceError,
    WorkshopRefused,
)
from ringfence.workshop import Rules, Submission
from ringfence.workshop.signing import Repository
from ringfence.workshop.store import Store
from tests.workshop.service.scenes import Arithmetic, House, make


def refused(reason: str, work: Callable[[], object]) -> str:
    """The message of a refusal."""
    with pytest.raises(WorkshopRefused) as caught:
        work()
    assert caught.value.reason == reason
    return caught.value.message


def test_from_an_upload_to_a_signed_release(house: House, repository: Repository) -> None:
    data = make(title="Adder", description="Adds one and two")
    told = house.workshop.submissions.submit(house.ada, data)
    assert (told.state, told.analysis, told.trial) == ("uploaded", None, None)

    told = house.workshop.submissions.process(told.id)

    assert (told.state, told.reason) == ("in-review", "everything is reviewed here")
    assert told.analysis is not None
    assert told.analysis["verdict"] == "clean"
    assert told.trial == {
        "ok": True,
        "reason": "",
        "cases": [{"hook": "answer", "title": "a sum", "ok": True, "reason": "", "seconds": 0.0}],
        "more": 0,
    }
    assert repository.releases() == {}
    assert house.workshop.releases.search() == ([], 0)
    assert house.workshop.submissions.data(house.rob, told.id) == data

    told = house.workshop.submissions.approve(house.rob, told.id)

    assert (told.state, told.reviewer) == ("published", "rob")
    signed = repository.releases()["adder", "1.0.0"]
    assert (signed.sha256, signed.status) == (told.sha256, "published")
    (found,), count = house.workshop.releases.search("adds ONE")
    assert (count, found.name, found.version, found.account) == (1, "adder", "1.0.0", "ada")
    assert house.actions()[-6:] == [
        "submission.uploaded",
        "submission.analysed",
        "submission.tried",
        "submission.in-review",
        "submission.publishing",
        "release.published",
    ]


def test_what_is_clean_is_published_at_once_where_the_rules_say_so(
    database: Store, repository: Repository
) -> None:
    with House(database, repository, Rules(publish_clean=True)) as house:
        told = house.submitted()
        assert (told.state, told.reviewer) == ("published", "")


def test_what_the_analysis_refuses_is_never_tried(house: House) -> None:
    house.spec.failure = AssertionError("it was tried")
    told = house.submitted(make(body="import os\nos.system('id')\nANSWER = 1 + 2\n"))
    assert told.state == "refused"
    assert told.reason.startswith("the analysis refuses it: main.py, line 2: ")
    assert told.trial is None


def test_what_fails_a_test_case_is_refused(house: House) -> None:
    told = house.submitted(make(body="ANSWER = 1 + 3\n"))
    assert (told.state, told.reason) == (
        "refused",
        "it failed a test case of test.arithmetic 1.0: answer, a sum: the sum is wrong",
    )


def test_what_the_analysis_wonders_about_is_reviewed_whatever_the_rules(
    database: Store, repository: Repository
) -> None:
    body = "def read(x, name):\n    return getattr(x, name)\nANSWER = 1 + 2\n"
    with House(database, repository, Rules(publish_clean=True)) as house:
        told = house.submitted(make(body=body))
        assert told.state == "in-review"
        assert told.reason.startswith(
            "the analysis asks for it: main.py, line 2: an attribute whose name is computed"
        )


def test_an_update_that_asks_for_more_is_reviewed_whatever_the_rules(
    database: Store, repository: Repository
) -> None:
    with House(database, repository, Rules(publish_clean=True)) as house:
        assert house.submitted(make(packages=["numpy"])).state == "published"
        more = house.submitted(make(version="1.1.0", packages=["numpy", "scipy"], grants=["clock"]))
        assert (more.state, more.reason) == (
            "in-review",
            "it asks for more than before: scipy, clock",
        )
        assert more.escalation == {
            "packages": ["scipy"], "grants": ["clock"], "kind": [], "spec": []
        }  # fmt: skip
        less = house.submitted(make(version="1.2.0"))
        assert less.state == "published"
        # What was given up is asked for anew.
        again = house.submitted(make(version="1.3.0", packages=["numpy"]))
        assert again.state == "in-review"


@pytest.mark.parametrize("version", ["1.0.1", "0.1.0"])
@pytest.mark.parametrize("revoked", [False, True])
def test_an_update_that_is_something_else_is_reviewed_whatever_the_rules(
    database: Store, repository: Repository, version: str, *, revoked: bool
) -> None:
    command, other = Arithmetic(), Arithmetic()
    command.kinds, other.name = frozenset({"sum", "command"}), "test.other"
    specs = [command, other]
    with House(database, repository, Rules(publish_clean=True), specs=specs) as house:
        for name in ("adder", "summer"):
            assert house.submitted(make(name)).state == "published"
            if revoked:
                house.workshop.releases.revoke(house.ada, name, "1.0.0", "to begin anew")
        told = house.submitted(make(version=version, kind="command"))
        assert (told.state, told.reason) == (
            "in-review",
            "its kind is another than before: command",
        )
        assert told.escalation == {"packages": [], "grants": [], "kind": ["command"], "spec": []}
        told = house.submitted(make("summer", version, spec="test.other"))
        assert (told.state, told.reason) == (
            "in-review",
            "its spec is another than before: test.other",
        )
        assert told.escalation == {"packages": [], "grants": [], "kind": [], "spec": ["test.other"]}


@pytest.mark.parametrize("revoked", [False, True])
def test_a_version_below_all_others_is_no_beginning(
    database: Store, repository: Repository, *, revoked: bool
) -> None:
    with House(database, repository, Rules(publish_clean=True)) as house:
        assert house.submitted(make(packages=["numpy"] if revoked else [])).state == "published"
        if revoked:
            house.workshop.releases.revoke(house.ada, "adder", "1.0.0", "to begin anew")
        told = house.submitted(make(version="0.9.0", packages=["numpy"]))
        assert (told.state, told.escalation["packages"]) == ("in-review", ["numpy"])


def test_grants_of_a_first_release_are_reviewed(database: Store, repository: Repository) -> None:
    with House(database, repository, Rules(publish_clean=True)) as house:
        assert house.submitted(make(grants=["clock"])).state == "in-review"


# --- who may -----------------------------------------------------------------------------------


def test_nobody_approves_their_own_unless_the_rules_let_them(
    database: Store, repository: Repository
) -> None:
    with House(database, repository) as house:
        house.workshop.accounts.allow("ada", ("publish", "review"))
        ada = house.workshop.accounts.caller("ada")
        told = house.submitted()
        said = refused("not-allowed", lambda: house.workshop.submissions.approve(ada, told.id))
        assert said == "somebody else has to approve what you sent"
    with House(database, repository, Rules(review_own=True)) as house:
        assert house.workshop.submissions.approve(ada, told.id).state == "published"


def test_who_does_not_review_sees_only_their_own(house: House) -> None:
    told = house.submitted()
    submissions = house.workshop.submissions
    assert [one.id for one in submissions.find(house.ada)] == [told.id]
    assert submissions.find(house.eve) == []
    assert [one.id for one in submissions.find(house.rob, states=("in-review",))] == [told.id]
    refused("unknown", lambda: submissions.get(house.eve, told.id))
    refused("unknown", lambda: submissions.data(house.eve, told.id))
    refused("not-allowed", lambda: submissions.approve(house.ada, told.id))
    refused("not-allowed", lambda: submissions.refuse(house.eve, told.id, "no"))
    refused("not-allowed", lambda: submissions.submit(house.rob, make("other")))
    assert submissions.get(house.ada, told.id).state == "in-review"


def test_a_reviewer_refuses_with_a_reason(house: House) -> None:
    told = house.submitted()
    refused("malformed", lambda: house.workshop.submissions.refuse(house.rob, told.id, "\x1b[2J"))
    told = house.workshop.submissions.refuse(house.rob, told.id, "the name says nothing")
    assert (told.state, told.reason, told.reviewer) == ("refused", "the name says nothing", "rob")
    refused("state", lambda: house.workshop.submissions.approve(house.rob, told.id))
    refused("unknown", lambda: house.workshop.submissions.data(house.rob, told.id))


def test_an_author_takes_it_back(house: House) -> None:
    told = house.submitted()
    refused("unknown", lambda: house.workshop.submissions.withdraw(house.eve, told.id))
    told = house.workshop.submissions.withdraw(house.ada, told.id)
    assert (told.state, told.reason) == ("refused", "withdrawn by its author")


def _close(house: House) -> None:
    house.workshop.accounts.close("ada")


def _take_publish_away(house: House) -> None:
    house.workshop.accounts.allow("ada", ("review",))


NO_LONGER = pytest.mark.parametrize(
    ("end", "said"),
    [
        (_close, "the account ada was closed"),
        (_take_publish_away, "the account ada may not publish any more"),
    ],
)
"""How the operator stops an account, and what its submissions say then."""


@NO_LONGER
def test_whoever_may_publish_no_more_has_nothing_under_way(
    database: Store, repository: Repository, end: Callable[[House], None], said: str
) -> None:
    with House(database, repository, Rules(publish_clean=True)) as house:
        submissions = house.workshop.submissions
        sent = submissions.submit(house.ada, make("one"))
        reviewed = house.submitted(make("two", grants=["clock"]))
        assert (sent.state, reviewed.state) == ("uploaded", "in-review")
        other = submissions.submit(house.eve, make("three"))

        end(house)

        assert [
            (told.state, told.reason, told.reviewer)
            for told in (submissions.process(one.id) for one in (sent, reviewed))
        ] == [("refused", said, "operator")] * 2
        refused("state", lambda: submissions.approve(house.rob, reviewed.id))
        refused("state", lambda: submissions.retry(house.rob, reviewed.id))
        # Nor does anything come after it, from whoever was let in before.
        refused("not-allowed", lambda: submissions.submit(house.ada, make("four")))
        assert repository.releases() == {}
        assert submissions.process(other.id).state == "published"
        assert house.actions().count("submission.refused") == 2


@NO_LONGER
def test_what_is_being_published_is_not_signed_for_whoever_may_no_more(
    database: Store, repository: Repository, end: Callable[[House], None], said: str
) -> None:
    class Killed(BaseException):
        pass

    def die(bundle: Any) -> None:
        raise Killed

    with House(database, repository) as house:
        told = house.submitted()
        with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
            patch.setattr(repository, "publish", die)
            house.workshop.submissions.approve(house.rob, told.id)
        assert house.workshop.submissions.get(house.ada, told.id).state == "publishing"
        end(house)
        assert house.workshop.releases.recover() == ["adder 1.0.0: it is refused now"]
        assert house.workshop.submissions.get(house.ada, told.id).reason == said
        assert repository.releases() == {}


def test_an_account_that_is_closed_while_it_is_tried_publishes_nothing(
    database: Store, repository: Repository
) -> None:
    with House(database, repository, Rules(publish_clean=True)) as house:
        told = house.workshop.submissions.submit(house.ada, make())

        def close(bundle: Any) -> Any:
            house.workshop.accounts.close("ada")
            return type(house.spec).try_out(house.spec, bundle)

        house.spec.try_out = close  # type: ignore[method-assign]
        assert house.workshop.submissions.process(told.id).state == "refused"
        assert repository.releases() == {}


# --- names and versions ------------------------------------------------------------------------


def test_a_name_is_never_given_to_somebody_else(house: House) -> None:
    house.published()
    house.workshop.releases.revoke(house.ada, "adder", "1.0.0", "it adds wrongly")
    house.workshop.accounts.close("ada")
    said = refused(
        "taken",
        lambda: house.workshop.submissions.submit(house.eve, make(version="2.0.0")),
    )
    assert said == (
        "the name adder belongs to ada, and is never given to anybody else; take another"
    )
    refused("not-allowed", lambda: house.workshop.accounts.caller("ada"))
    # Also for whoever was let in before.
    refused("not-allowed", lambda: house.workshop.submissions.submit(house.ada, make("other")))
    refused("taken", lambda: house.workshop.accounts.create("ada"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("lib", "l1b"),
        ("lib", "iib"),
        ("noise-map", "noisemap"),
        ("zoom", "z0om"),
        ("modern", "modem"),
    ],
)
def test_a_name_that_reads_like_another_is_refused(house: House, first: str, second: str) -> None:
    house.submitted(make(first))
    said = refused("confusable", lambda: house.workshop.submissions.submit(house.eve, make(second)))
    assert said == f"the name {second} can be taken for {first}, which is there; take another"
    # Also to whoever has the other.
    refused("confusable", lambda: house.workshop.submissions.submit(house.ada, make(second)))


def test_a_name_that_nothing_was_published_under_is_given_up(house: House) -> None:
    told = house.submitted()
    refused("taken", lambda: house.workshop.submissions.submit(house.eve, make(version="2.0.0")))
    house.workshop.submissions.refuse(house.rob, told.id, "no")
    assert house.submitted(by=house.eve).state == "in-review"
    assert house.workshop.submissions.get(house.ada, told.id).state == "refused"


def test_a_name_that_is_signed_and_unknown_to_the_database_is_nobody_s(
    house: House, repository: Repository
) -> None:
    from ringfence.plugins import Bundle

    repository.publish(Bundle.unpack(make()))  # and then an old backup of the database
    said = refused(
        "taken", lambda: house.workshop.submissions.submit(house.eve, make(body="X=1\n"))
    )
    assert "was published under before" in said
    (told,) = house.workshop.releases.recover()
    assert told.startswith("adder 1.0.0 is signed and not in the database")


def test_a_version_is_one_thing_for_ever(house: House) -> None:
    house.published()
    again = house.workshop.submissions.submit(house.ada, make())
    assert again.state == "published"  # the same bytes: what became of them
    other = make(body="ANSWER = 1 + 2 # faster\n")
    said = refused("exists", lambda: house.workshop.submissions.submit(house.ada, other))
    assert said == (
        "adder 1.0.0 is published with other files, and a version is one thing for ever; give it "
        "another number in plugin.toml"
    )
    house.workshop.releases.yank(house.ada, "adder", "1.0.0", "slow")
    refused("exists", lambda: house.workshop.submissions.submit(house.ada, other))


def test_of_two_uploads_of_one_version_at_once_one_wins(house: House) -> None:
    bodies = [make(body=f"# {number}\nANSWER = 1 + 2\n") for number in range(6)]
    together = threading.Barrier(len(bodies))
    came: list[Submission | RingfenceError] = []

    def send(data: bytes) -> None:
        together.wait()
        try:
            came.append(house.workshop.submissions.submit(house.ada, data))
        except RingfenceError as error:
            came.append(error)

    threads = [threading.Thread(target=send, args=(data,)) for data in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (won,) = [one for one in came if isinstance(one, Submission)]
    lost = [one for one in came if not isinstance(one, Submission)]
    assert {str(one) for one in lost} == {
        "adder 1.0.0 is under way with other files, and a version is one thing for ever; give it "
        "another number in plugin.toml"
    }
    assert [one.id for one in house.workshop.submissions.find(house.rob)] == [won.id]
    assert house.actions().count("submission.uploaded") == 1
    house.workshop.verify_audit()


def test_of_two_accounts_that_want_one_name_at_once_one_gets_it(house: House) -> None:
    together = threading.Barrier(2)
    came: dict[str, object] = {}

    def send(name: str, data: bytes) -> None:
        caller = house.workshop.accounts.caller(name)
        together.wait()
        try:
            came[name] = house.workshop.submissions.submit(caller, data).account
        except WorkshopRefused as error:
            came[name] = error.reason

    threads = [
        threading.Thread(target=send, args=("ada", make("l1b"))),
        threading.Thread(target=send, args=("eve", make("lib"))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert came in ({"ada": "ada", "eve": "confusable"}, {"ada": "confusable", "eve": "eve"})


# --- what cannot be taken ------------------------------------------------------------------------


def test_what_is_no_bundle_is_refused_and_leaves_nothing(house: House) -> None:
    with pytest.raises(BundleRefused):
        house.workshop.submissions.submit(house.ada, b"PK\x03\x04 no bundle")
    assert house.workshop.submissions.find(house.rob) == []
    assert "submission.uploaded" not in house.actions()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"spec": "test.poetry"},
            "adder 1.0.0 is a sum for test.poetry 1.0; this workshop knows: test.arithmetic",
        ),
        (
            {"kind": "importer"},
            "adder 1.0.0 is a importer for test.arithmetic 1.0; this workshop knows: "
            "test.arithmetic",
        ),
    ],
)
def test_what_is_for_something_else_is_refused(
    house: House, changes: dict[str, str], said: str
) -> None:
    data = make(**changes)
    assert (
        refused("incompatible", lambda: house.workshop.submissions.submit(house.ada, data)) == said
    )


def test_an_account_has_so_many_under_way(database: Store, repository: Repository) -> None:
    with House(database, repository, Rules(most_open=2, most_names=3)) as house:
        first = house.submitted(make("one"))
        house.submitted(make("two"))
        refused("too-many", lambda: house.workshop.submissions.submit(house.ada, make("three")))
        house.workshop.submissions.withdraw(house.ada, first.id)
        house.submitted(make("three"))
        assert len(house.workshop.submissions.find(house.ada)) == 3
    with House(database, repository, Rules(most_names=2)) as house:
        said = refused(
            "too-many", lambda: house.workshop.submissions.submit(house.ada, make("four"))
        )
        assert said == "an account may have 2 names"


def test_an_account_has_so_many_versions(database: Store, repository: Repository) -> None:
    with House(database, repository, Rules(publish_clean=True, most_versions=2)) as house:
        submit = house.workshop.submissions.submit
        assert house.submitted(make()).state == "published"
        house.workshop.releases.revoke(house.ada, "adder", "1.0.0", "which gives nothing back")
        assert house.submitted(make(version="1.1.0")).state == "published"
        said = refused("too-many", lambda: submit(house.ada, make(version="1.2.0")))
        assert said == "an account may have 2 versions, and they are there"
        assert submit(house.ada, make(version="1.1.0")).state == "published"  # the same again
        assert house.submitted(make("other"), by=house.eve).state == "published"


# --- what cannot be done now ---------------------------------------------------------------------


def test_a_trial_that_cannot_be_made_here_is_made_later(house: House) -> None:
    house.spec.failure = EngineNotAvailable("no engine can run here")
    told = house.workshop.submissions.submit(house.ada, make())
    with pytest.raises(EngineNotAvailable):
        house.workshop.submissions.process(told.id)
    assert house.workshop.submissions.get(house.ada, told.id).state == "analysed"
    assert house.workshop.submissions.waiting() == [told.id]
    house.spec.failure = None
    assert house.workshop.submissions.process(told.id).state == "in-review"


def test_what_cannot_be_tried_again_and_again_is_given_to_people(house: House) -> None:
    house.spec.failure = EngineNotAvailable("no engine can run here")
    told = house.workshop.submissions.submit(house.ada, make())
    for _ in range(3):
        with pytest.raises(EngineNotAvailable):
            house.workshop.submissions.process(told.id)
    told = house.workshop.submissions.process(told.id)
    assert (told.state, told.reason) == (
        "in-review",
        "it could not be tried in 3 attempts; the workshop's log says why",
    )
    said = refused("state", lambda: house.workshop.submissions.approve(house.rob, told.id))
    assert said.startswith("it was not analysed and tried, and cannot be approved")
    house.spec.failure = None
    assert house.workshop.submissions.retry(house.rob, told.id).state == "uploaded"
    house.workshop.submissions.process(told.id)
    assert house.workshop.submissions.approve(house.rob, told.id).state == "published"


def test_two_that_process_one_submission_publish_it_once(
    database: Store, repository: Repository
) -> None:
    with House(database, repository, Rules(publish_clean=True)) as house:
        told = house.workshop.submissions.submit(house.ada, make())
        together = threading.Barrier(4)
        came: list[Any] = []

        def process() -> None:
            together.wait()
            came.append(house.workshop.submissions.process(told.id).state)

        threads = [threading.Thread(target=process) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(came) == 4
        assert house.workshop.submissions.process(told.id).state == "published"
        assert house.actions().count("release.published") == 1


def test_a_bundle_that_was_changed_in_the_database_is_not_published(
    repository: Repository, tmp_path: Path
) -> None:
    import sqlite3

    with House(f"sqlite:///{tmp_path}/workshop.db", repository) as house:
        told = house.submitted()
        with sqlite3.connect(tmp_path / "workshop.db") as other:
            other.execute("UPDATE submissions SET bundle = ?", (make(body="import os\n"),))
        other.close()
        with pytest.raises(BundleRefused, match="not what was submitted"):
            house.workshop.submissions.approve(house.rob, told.id)
        assert repository.releases() == {}
