"""Submissions: from an upload over analysis and trial to a decision."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from weakref import WeakValueDictionary

from ringfence.errors import (
    ConfigurationError,
    RingfenceError,
    WorkshopNotAvailable,
    WorkshopRefused,
)
from ringfence.plugins import Bundle
from ringfence.workshop.members import require
from ringfence.workshop.ports import Analyze, Spec
from ringfence.workshop.records import Caller, State, Submission
from ringfence.workshop.refusing import WORKSHOP, refuse
from ringfence.workshop.releases import Releases, read_submitted
from ringfence.workshop.reports import (
    analysis_as_json,
    first_failure,
    first_finding,
    trial_as_json,
)
from ringfence.workshop.rules import Rules
from ringfence.workshop.store import Store, Work
from ringfence.workshop.texts import check_text

__all__ = ["Intake"]

_MOST_ATTEMPTS = 3
_ONE = ("kind", "spec")
"""What a bundle has one of; another than before is more than before."""
_BY_ITSELF: tuple[State, ...] = ("uploaded", "analysed", "tried", "publishing")
"""States that a submission leaves without anybody's doing."""


class Intake:
    """Takes submissions, and brings each to its end.

    Args:
        store: the database.
        releases: who publishes.
        specs: what this workshop knows.
        analyze: the static analysis.
        rules: what the operator decided.
    """

    def __init__(
        self,
        store: Store,
        releases: Releases,
        specs: Iterable[Spec],
        analyze: Analyze,
        rules: Rules,
    ) -> None:
        self._store = store
        self._releases = releases
        self._specs = tuple(specs)
        self._analyze = analyze
        self._rules = rules
        # Two threads that would make the same step would count as two attempts.
        self._one_at_a_time: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()
        self.arrived: Callable[[], object] = lambda: None
        """Called when there is something to :meth:`process`."""

    def specs(self) -> list[str]:
        """The names of the specs that this workshop knows."""
        return sorted({one.name for one in self._specs})

    # --- what people do -------------------------------------------------------------------

    def submit(self, caller: Caller, data: bytes) -> Submission:
        """Take a packed bundle. Nothing of it is run now; :meth:`process` goes on with it.

        The same bytes again, from the same account, are the same submission.

        Raises:
            BundleRefused: it is no bundle.
            WorkshopRefused: the caller may not publish, or not any more, or has too much under way;
                the name is somebody else's, or reads like another; the version is there with other
                bytes; the spec is none that this workshop knows.
        """
        require(caller, "publish")
        bundle = Bundle.unpack(data)
        manifest = bundle.manifest
        self._spec_of(bundle)
        with self._store.write() as work:
            work.accounts.check_may(caller.account.name, "publish")
            most = self._rules.most_names
            number = work.plugins.claim(manifest.name, caller.account, most=most)
            if not work.plugins.is_kept(number) and self._releases.is_signed_name(manifest.name):
                raise WorkshopRefused(
                    "taken",
                    f"the name {manifest.name} was published under before, and the database does "
                    "not know by whom; the workshop's operator has to look",
                )
            asks = _escalation(work, bundle)
            submission, new = work.submissions.add(caller.account, number, bundle, data, asks)
            if not new:
                return submission
            if work.submissions.open_of(caller.account) > self._rules.most_open:
                raise WorkshopRefused(
                    "too-many",
                    f"{self._rules.most_open} submissions of yours are under way; wait for one, or "
                    "withdraw it",
                )
            if work.submissions.versions_of(caller.account) > self._rules.most_versions:
                raise WorkshopRefused(
                    "too-many",
                    f"an account may have {self._rules.most_versions} versions, and they are there",
                )
            work.audit.add(
                caller.account.name, "submission.uploaded", submission.id,
                name=manifest.name, version=manifest.version_text, sha256=bundle.sha256,
            )  # fmt: skip
        self.arrived()
        return submission

    def get(self, caller: Caller, number: str) -> Submission:
        """A submission of the caller's, or any for a reviewer.

        Raises:
            WorkshopRefused: there is none that the caller may see.
        """
        with self._store.read() as work:
            found = work.submissions.get(number)
        if found.account != caller.account.name and "review" not in caller.scopes:
            raise WorkshopRefused("unknown", f"there is no submission {number[:40]!a}")
        return found

    def data(self, caller: Caller, number: str) -> bytes:
        """The packed bundle of a submission that is not decided, to look at.

        Raises:
            WorkshopRefused: there is none that the caller may see, or it is not kept.
        """
        self.get(caller, number)
        with self._store.read() as work:
            return work.submissions.data(number)

    def find(self, caller: Caller, *, states: Sequence[State] = ()) -> list[Submission]:
        """The caller's submissions, or everybody's for a reviewer, 200 at most: in given states the
        oldest first, since they wait; else the newest.
        """
        whose = "" if "review" in caller.scopes else caller.account.name
        with self._store.read() as work:
            return work.submissions.find(states=states, account=whose)

    def approve(self, caller: Caller, number: str) -> Submission:
        """Publish a submission that is in review; or refuse it, if who sent it may not publish.

        Raises:
            WorkshopRefused: the caller may not; it is in another state; it was not tried.
            RingfenceError: it could not be signed; it is in review again.
        """
        found = self._for_review(caller, number)
        if found.account == caller.account.name and not self._rules.review_own:
            raise WorkshopRefused("not-allowed", "somebody else has to approve what you sent")
        if found.analysis is None or found.trial is None or not found.trial["ok"]:
            raise WorkshopRefused(
                "state", "it was not analysed and tried, and cannot be approved; try it again first"
            )
        return self._releases.publish(number, ("in-review",), by=caller.account.name)

    def refuse(self, caller: Caller, number: str, reason: str) -> Submission:
        """Refuse a submission that is in review.

        Raises:
            WorkshopRefused: the caller may not; it is in another state; the reason is no text.
        """
        self._for_review(caller, number)
        check_text(reason, "a reason", longest=1000)
        return self._refuse(number, ("in-review",), reason, by=caller.account.name)

    def retry(self, caller: Caller, number: str) -> Submission:
        """Analyse and try a submission once more that is in review.

        Raises:
            WorkshopRefused: the caller may not; it is in another state.
        """
        self._for_review(caller, number)
        with self._store.write() as work:
            told = work.submissions.advance(
                number, ("in-review",), "uploaded", reason="", analysis=None, trial=None
            )
            work.audit.add(caller.account.name, "submission.retried", number)
        self.arrived()
        return told

    def withdraw(self, caller: Caller, number: str) -> Submission:
        """Take a submission of one's own back, before it is published.

        Raises:
            WorkshopRefused: it is not the caller's, or it is too late.
        """
        require(caller, "publish")
        found = self.get(caller, number)
        if found.account != caller.account.name:
            raise WorkshopRefused("not-allowed", "it is not yours; a reviewer can refuse it")
        states: tuple[State, ...] = ("uploaded", "analysed", "tried", "in-review")
        return self._refuse(number, states, "withdrawn by its author", by=caller.account.name)

    # --- what happens by itself -----------------------------------------------------------

    def queues(self) -> dict[str, list[str]]:
        """Which submissions :meth:`process` would go on with, by account, the oldest first."""
        found: dict[str, list[str]] = {}
        with self._store.read() as work:
            for number, account in work.submissions.waiting(_BY_ITSELF):
                found.setdefault(account, []).append(number)
        return found

    def waiting(self) -> list[str]:
        """The same in fair turns: of each account the oldest, then of each the next."""
        turns = itertools.zip_longest(*self.queues().values())
        return [number for turn in turns for number in turn if number is not None]

    def process(self, number: str) -> Submission:
        """Take a submission as far as it goes without a person.

        Several may be processed at once, also one of them twice: of two that reach the same step
        one goes on.

        Raises:
            RingfenceError: a step could not be made, which says nothing about the submission; it
                can be called again.
        """
        steps: dict[State, Callable[[Submission], Submission]] = {
            "uploaded": self._analyse,
            "analysed": self._try,
            "tried": self._decide,
            "publishing": lambda told: self._releases.finish(told.id),
        }
        with self._one_at_a_time.setdefault(number, threading.Lock()):
            return self._process(number, steps)

    def _process(
        self, number: str, steps: Mapping[State, Callable[[Submission], Submission]]
    ) -> Submission:
        with self._store.read() as work:
            told = work.submissions.get(number)
        while told.state in steps:
            if told.state in {"uploaded", "analysed"}:
                with self._store.write() as work:
                    attempts = work.submissions.attempt(number)
                if attempts > _MOST_ATTEMPTS:
                    return self._give_to_people(told)
            try:
                told = steps[told.state](told)
            except WorkshopRefused as error:
                if error.reason != "state":
                    raise
                with self._store.read() as work:  # somebody else made this step
                    return work.submissions.get(number)
        return told

    def _give_to_people(self, told: Submission) -> Submission:
        what = "analysed" if told.state == "uploaded" else "tried"
        reason = f"it could not be {what} in {_MOST_ATTEMPTS} attempts; the workshop's log says why"
        with self._store.write() as work:
            told = work.submissions.advance(told.id, (told.state,), "in-review", reason=reason)
            work.audit.add("workshop", "submission.in-review", told.id, reason=reason)
        return told

    def _analyse(self, told: Submission) -> Submission:
        bundle = self._bundle(told)
        report = analysis_as_json(self._analyze(bundle, lends=self._spec_of(bundle).lends))
        if report["verdict"] == "refuse":
            reason = f"the analysis refuses it: {first_finding(report)}"
            return self._refuse(told.id, ("uploaded",), reason, analysis=report)
        return self._advance(told, "analysed", analysis=report)

    def _try(self, told: Submission) -> Submission:
        bundle = self._bundle(told)
        try:
            report = trial_as_json(self._spec_of(bundle).try_out(bundle))
        except ConfigurationError as error:
            report = {"ok": False, "reason": str(error)[:500], "cases": [], "more": 0}
        if not report["ok"]:
            reason = f"it failed a test case of {told.spec}: {first_failure(report)}"
            return self._refuse(told.id, ("analysed",), reason, trial=report)
        return self._advance(told, "tried", trial=report)

    def _decide(self, told: Submission) -> Submission:
        bundle = self._bundle(told)
        with self._store.read() as work:
            asks = _escalation(work, bundle)
        assert told.analysis is not None
        reasons = []
        if told.analysis["verdict"] != "clean":
            reasons.append(f"the analysis asks for it: {first_finding(dict(told.analysis))}")
        if asks["packages"] or asks["grants"]:
            more = ", ".join([*asks["packages"], *asks["grants"]])
            reasons.append(f"it asks for more than before: {more}")
        for what in _ONE:
            reasons += [f"its {what} is another than before: {one}" for one in asks[what]]
        if not self._rules.publish_clean:
            reasons.append("everything is reviewed here")
        if not reasons:
            return self._releases.publish(told.id, ("tried",), by="workshop")
        return self._advance(told, "in-review", reason="; ".join(reasons), escalation=asks)

    # --- parts ----------------------------------------------------------------------------

    def _advance(self, told: Submission, to: State, **changes: Any) -> Submission:
        with self._store.write() as work:
            after = work.submissions.advance(told.id, (told.state,), to, **changes)
            work.audit.add("workshop", f"submission.{to}", told.id)
        return after

    def _refuse(
        self,
        number: str,
        expected: tuple[State, ...],
        reason: str,
        *,
        by: str = WORKSHOP,
        **changes: Any,
    ) -> Submission:
        with self._store.write() as work:
            return refuse(work, number, expected, reason, by=by, **changes)

    def _for_review(self, caller: Caller, number: str) -> Submission:
        require(caller, "review")
        return self.get(caller, number)

    def _bundle(self, told: Submission) -> Bundle:
        with self._store.read() as work:
            return read_submitted(told, work.submissions.data(told.id))

    def _spec_of(self, bundle: Bundle) -> Spec:
        """The spec that a bundle is written for.

        Raises:
            WorkshopRefused: this workshop knows none that it can be for.
        """
        manifest = bundle.manifest
        said = ""
        for spec in self._specs:
            if spec.name != manifest.spec.name or manifest.kind not in spec.kinds:
                continue
            try:
                spec.check(manifest)
            except WorkshopNotAvailable:
                raise
            except RingfenceError as error:
                said = str(error)
            else:
                return spec
        known = ", ".join(sorted({one.name for one in self._specs})) or "none"
        raise WorkshopRefused(
            "incompatible",
            said
            or f"{manifest} is a {manifest.kind} for {manifest.spec}; this workshop knows: {known}",
        )


def _escalation(work: Work, bundle: Bundle) -> dict[str, list[str]]:
    """What a bundle asks for beyond the release before it; of the first, its grants. And its kind
    and its spec, where they are others: a name stands for one sort of thing.
    """
    manifest = bundle.manifest
    former = work.plugins.release_before(manifest.name, manifest.version)
    # A version below all others, or after one that its author revoked, is no beginning.
    alike = former or work.plugins.highest(manifest.name)
    packages = set(manifest.packages) if alike is None else set(alike.packages)
    grants: set[str] = set() if alike is None else set(alike.grants)
    if former is None and alike is not None and alike.status == "revoked":
        packages, grants = set(), set()  # what nobody may load any more is no measure
    return {
        "packages": sorted(set(manifest.packages) - packages),
        "grants": sorted(set(manifest.grants) - grants),
        "kind": _another(manifest.kind, None if alike is None else alike.kind),
        "spec": _another(
            manifest.spec.name, None if alike is None else alike.spec.partition(" ")[0]
        ),
    }


def _another(now: str, before: str | None) -> list[str]:
    return [] if before in {None, now} else [now]
