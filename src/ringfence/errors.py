"""Every exception that Ringfence raises.

What a *guest* did wrong is data (``Result.status``), never an exception, until the caller asks
for one with ``Result.raise_for_status()``. What the *host* did wrong, or what this machine cannot
do, is raised::

    RingfenceError
    ├── ConfigurationError (ValueError)     an argument is wrong; nothing was started
    │   ├── PackageNotAvailable             a package, or something it requires, is not there
    │   ├── BlockRejected                   a block script is not in the dialect: a Finding each
    │   ├── BlockCycle                      blocks that depend on each other in a circle
    │   ├── WheelRefused                    a file in ``packages=`` is no wheel that can be lent
    │   ├── BundleRefused                   bytes or a folder that are no plugin's bundle
    │   ├── SpecMismatch                    a plugin was written for another hook spec, or version
    │   ├── InterpreterNotUsable            ``python=`` is not a CPython that can run guests
    │   └── StateKeyNotUsable               the user's key file for saved states, see ``key=``
    ├── PolicyNotEnforceable                a limit, grant or wall cannot be honoured here
    ├── EngineNotAvailable                  no engine (or not this one) can run on this machine
    ├── ImageNotBuilt                       an image could not be built; the log says why
    ├── ImageNotUsable                      an image was not built, or is not what was built
    ├── EngineFailure                       the host ran out of processes, memory, disk, fds
    ├── SandboxClosed                       the sandbox was closed, or its guest has ended
    ├── SandboxBusy                         used from inside one of its own host functions
    ├── GuestFileError                      a file of the guest's cannot be had; the guest says why
    ├── StateRefused                        bytes that are not restored; nothing was started
    ├── ValidationFailed (TypeError)        a value does not match its annotation
    ├── WorkshopError                       of publishing, installing and loading plugins
    │   ├── WorkshopUnreachable             what was asked for did not arrive
    │   ├── NotTrusted                      it is not what the workshop signed
    │   │   └── MetadataExpired             it was signed, and for a time that is over
    │   ├── ReleaseNotFound                 no such plugin, or no such version of it
    │   ├── ReleaseRevoked                  the workshop took it back, also where it is installed
    │   ├── AlreadyPublished                a version is published once, with the same bytes
    │   ├── ConsentNeeded                   it asks for more than a person agreed to
    │   ├── WorkshopRefused                 it does not do what it was asked, and says why
    │   ├── WorkshopNotAvailable            its database does not answer, or cannot be written
    │   └── WorkshopNotUsable               a folder, a database or settings are not as they were
    ├── StoreError                          of the database of a service
    │   ├── StoreUnavailable                it does not answer, or cannot be written
    │   ├── StoreNotUsable                  it is of another version, or not as it was written
    │   ├── BlobLost                        bytes that a row points at are gone, or are others
    │   └── Fenced                          another server took the database over
    ├── ServiceError                        a service does not do what it was asked, and says why
    │   ├── ServiceUnavailable              it does not answer, or can do nothing now
    │   ├── QuotaExceeded                   a quota of the key's tenant is used up
    │   ├── NotAuthorized                   a key is missing, does not hold, or may not do this
    │   ├── SessionUnknown (LookupError)    no session of this id, or none of this tenant's
    │   ├── SessionExists                   there is one of this id already
    │   ├── SessionBusy                     it is running something, and was not to be waited for
    │   ├── SessionLost                     it cannot come back
    │   └── Interrupted                     the service ended while it ran; it is not run again
    ├── HookUnanswered                      no plugin answered a hook, and it has no default
    ├── NoModel                             an agent's task needs a language model; none is set
    ├── ModelFailed                         a language model did not answer, or not usably
    ├── GuestVisibleError                   raised BY a host function, for the guest to read
    │   └── ToolRefused                     a call of another server's tool was not made, or failed
    └── GuestFailure                        raised by ``Result.raise_for_status()``
        ├── GuestError                      status "error": the guest raised and did not catch
        ├── LimitExceeded                   status "limit"
        │   ├── TimeLimitExceeded           ``wall``, ``host_wall`` or ``cpu``
        │   ├── MemoryLimitExceeded         ``memory``
        │   └── OutputLimitExceeded         ``output``, ``display`` or ``value``
        ├── GuestCrashed                    status "crashed"
        └── GuestCancelled                  status "cancelled"

A :class:`FieldProblem` is one thing that a ``ToolRefused`` says is wrong, for a model to mend.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from ringfence.model.hooks import HookFailure
    from ringfence.model.result import Result

StateRefusal = Literal[
    "not-a-state",
    "truncated",
    "tampered",
    "foreign-key",
    "older",
    "newer",
    "context",
    "image",
    "too-large",
    "malformed",
]

WorkshopRefusal = Literal[
    "malformed",
    "not-signed-in",
    "not-allowed",
    "unknown",
    "taken",
    "confusable",
    "exists",
    "incompatible",
    "state",
    "too-large",
    "too-many",
]

ToolRefusal = Literal[
    "unknown",
    "not-allowed",
    "arguments",
    "result",
    "approval",
    "budget",
    "server",
    "timeout",
]

__all__ = [
    "AlreadyPublished",
    "BlobLost",
    "BlockCycle",
    "BlockRejected",
    "BundleRefused",
    "ConfigurationError",
    "ConsentNeeded",
    "EngineFailure",
    "EngineNotAvailable",
    "Fenced",
    "FieldProblem",
    "Finding",
    "GuestCancelled",
    "GuestCrashed",
    "GuestError",
    "GuestFailure",
    "GuestFileError",
    "GuestVisibleError",
    "HookUnanswered",
    "ImageNotBuilt",
    "ImageNotUsable",
    "InterpreterNotUsable",
    "Interrupted",
    "LimitExceeded",
    "MemoryLimitExceeded",
    "MetadataExpired",
    "NotAuthorized",
    "NotTrusted",
    "OutputLimitExceeded",
    "PackageNotAvailable",
    "PolicyNotEnforceable",
    "QuotaExceeded",
    "ReleaseNotFound",
    "ReleaseRevoked",
    "RingfenceError",
    "SandboxBusy",
    "SandboxClosed",
    "ServiceError",
    "ServiceUnavailable",
    "SessionBusy",
    "SessionExists",
    "SessionLost",
    "SessionUnknown",
    "SpecMismatch",
    "StateKeyNotUsable",
    "StateRefused",
    "StoreError",
    "StoreNotUsable",
    "StoreUnavailable",
    "TimeLimitExceeded",
    "ToolRefused",
    "ValidationFailed",
    "WheelRefused",
    "WorkshopError",
    "WorkshopNotAvailable",
    "WorkshopNotUsable",
    "WorkshopRefused",
    "WorkshopUnreachable",
]


class RingfenceError(Exception):
    """The root: ``except RingfenceError`` catches everything that this package raises."""


class ConfigurationError(RingfenceError, ValueError):
    """An argument is wrong. The message names it and says what would be right."""


class PackageNotAvailable(ConfigurationError):
    """A package in ``packages=``, or something that it requires, is neither installed nor given."""


class Finding(NamedTuple):
    """One thing that is wrong in a block script.

    Attributes:
        line: where, from 1; 0 when it is about the whole script.
        column: where in the line, in characters, from 1; 0 when it is about the whole script.
        message: what is wrong.
        remedy: what to write instead; may be empty.
    """

    line: int
    column: int
    message: str
    remedy: str


class BlockRejected(ConfigurationError):
    """A block script does not keep to the dialect. Nothing of it was run.

    It is the argument of a call that is wrong, and nothing was started; hence a
    ``ConfigurationError``.

    Attributes:
        block: the script's name.
        findings: everything that is wrong in it, by place; at most a hundred.
    """

    def __init__(self, block: str, findings: tuple[Finding, ...]) -> None:
        super().__init__(block, findings)
        self.block = block
        self.findings = findings

    def __str__(self) -> str:
        return "\n".join(
            f"{self.block}"
            + (f", line {one.line}, column {one.column}" if one.line else "")
            + f": {one.message}"
            + (f"; {one.remedy}" if one.remedy else "")
            for one in self.findings
        )


class BundleRefused(ConfigurationError):
    """Bytes or a folder are no bundle of a plugin. Nothing of it was kept, and nothing was run.

    Attributes:
        file: where in the bundle; empty when it is about the whole.
        reason: what is wrong.
    """

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(file, reason)
        self.file = file
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.file}: {self.reason}" if self.file else f"the bundle: {self.reason}"


class SpecMismatch(ConfigurationError):
    """A plugin was written for another hook spec, or for a version that this host cannot serve."""


class BlockCycle(ConfigurationError):
    """Blocks of a document depend on each other in a circle. Nothing was evaluated.

    Attributes:
        cycle: the names on the circle, in the order of dependence; the first is also the last.
    """

    def __init__(self, cycle: tuple[str, ...]) -> None:
        super().__init__(cycle)
        self.cycle = cycle

    def __str__(self) -> str:
        return "these blocks depend on each other in a circle: " + " -> ".join(self.cycle)


class WheelRefused(ConfigurationError):
    """A wheel in ``packages=`` is damaged, is not what it says, has native code, or is for another
    Python. The message names it; nothing of it was used.
    """


class InterpreterNotUsable(ConfigurationError):
    """``python=`` does not lead to a CPython (3.11 to 3.14) that runs."""


class StateKeyNotUsable(ConfigurationError):
    """The key file of this user cannot be made or read, or others could have read or written it."""


class PolicyNotEnforceable(RingfenceError):
    """A limit, a grant or a set of walls that this engine cannot enforce on this machine.

    Raised before anything starts; nothing is ever weakened instead.
    """


class EngineNotAvailable(RingfenceError):
    """No engine that was asked for can run here. The message says why, and what mends it."""


class EngineFailure(RingfenceError):
    """The host could not start or drive a guest: no memory for a fork, too many open files, …"""


class ImageNotBuilt(RingfenceError):
    """An image could not be built: a tool or a source is missing, or a step failed."""


class ImageNotUsable(RingfenceError):
    """An image was not built, is not what was built, or others could have written to it."""


class SandboxClosed(RingfenceError):
    """The sandbox was closed, its guest has ended, or it belongs to the process before a fork."""


class SandboxBusy(RingfenceError):
    """A sandbox was used from inside one of its own host functions."""


class GuestFileError(RingfenceError):
    """``box.files`` cannot do what was asked: a file that is too large, a link, a full disk, …

    A file that is not there is a ``KeyError``, as in any mapping.

    Attributes:
        name: the file's name; empty when a listing failed.
        reason: why, often in the guest's words: bounded, and escaped where it does not print.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason)
        self.name = name
        self.reason = reason

    def __str__(self) -> str:
        return f"files[{self.name!r}]: {self.reason}" if self.name else f"files: {self.reason}"


class StateRefused(RingfenceError):
    """Bytes that :meth:`Sandbox.restore` does not restore. Nothing of them was started.

    Attributes:
        reason: ``not-a-state`` (other bytes), ``truncated``, ``tampered`` (changed since),
            ``foreign-key`` (sealed with another), ``older`` or ``newer`` (a format of another
            version), ``context`` (saved for something else), ``too-large`` (for the sandbox's
            ``value`` limit), ``malformed`` (sealed with the key, but not by Ringfence).
    """

    def __init__(self, reason: StateRefusal, message: str) -> None:
        super().__init__(reason, message)
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return self.message


class ValidationFailed(RingfenceError, TypeError):
    """A value does not match its annotation.

    Attributes:
        where: the path of the value, for example ``args.limit`` or ``value[3].name``.
        expected: what the annotation asks for.
        got: a bounded description of what came instead.
    """

    def __init__(self, where: str, expected: str, got: str) -> None:
        super().__init__(where, expected, got)
        self.where = where
        self.expected = expected
        self.got = got

    def __str__(self) -> str:
        return f"{self.where}: expected {self.expected}, got {self.got}"


class WorkshopError(RingfenceError):
    """Of publishing, installing and loading plugins. What was there before is there still."""


class WorkshopUnreachable(WorkshopError):
    """What was asked for did not arrive: no connection, too slow, or a part of it only.

    What is installed goes on loading, as long as the metadata at hand has not expired.
    """


class NotTrusted(WorkshopError):
    """It is not what the workshop signed: tampered with, older than what was seen, or damaged.

    Nothing of it was kept or loaded.

    Attributes:
        what: which file, release or role.
        reason: what is wrong with it, and what to do.
    """

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(what, reason)
        self.what = what
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.what}: {self.reason}"


class MetadataExpired(NotTrusted):
    """It was signed for a time that is over: nobody can tell whether it still holds."""


class ReleaseNotFound(WorkshopError, LookupError):
    """There is no such plugin or version in the workshop, or it is not installed here."""


class ReleaseRevoked(WorkshopError):
    """The workshop took a release back: it is neither installed nor loaded.

    Attributes:
        name: of the plugin.
        version: of the release.
        reason: the workshop's.
    """

    def __init__(self, name: str, version: str, reason: str) -> None:
        super().__init__(name, version, reason)
        self.name = name
        self.version = version
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"{self.name} {self.version} was revoked by the workshop: {self.reason}; it is not "
            "loaded, also where it is installed. Install another version, or remove it"
        )


class AlreadyPublished(WorkshopError):
    """A version is published once. Other bytes need another version."""


class ConsentNeeded(WorkshopError):
    """A release asks for more packages or grants than a person agreed to, or is something else than
    what they agreed to. Nothing was installed.

    Attributes:
        name: of the plugin.
        version: of the release.
        packages: those that were not agreed to.
        grants: those that were not agreed to.
        kind: its kind, if what was agreed to was of another; empty otherwise.
        spec: the name of its spec, if what was agreed to was for another; empty otherwise.
    """

    def __init__(
        self,
        name: str,
        version: str,
        packages: tuple[str, ...],
        grants: tuple[str, ...],
        kind: str = "",
        spec: str = "",
    ) -> None:
        super().__init__(name, version, packages, grants, kind, spec)
        self.name = name
        self.version = version
        self.packages = packages
        self.grants = grants
        self.kind = kind
        self.spec = spec

    def __str__(self) -> str:
        asked = [f"to be a {self.kind} now"] if self.kind else []
        asked += [f"to be for {self.spec} now"] if self.spec else []
        asked += [f"the grant {one}" for one in self.grants]
        asked += [f"the package {one}" for one in self.packages]
        return (
            f"{self.name} {self.version} asks for what nobody agreed to: {', '.join(asked)}. "
            "Nothing was installed; agree to it (consent=), or stay with what there is"
        )


class WorkshopRefused(WorkshopError):
    """A workshop does not do what it was asked; nothing was changed.

    Attributes:
        reason: ``malformed`` (a request that it cannot read), ``not-signed-in`` (no token, or one
            that does not hold), ``not-allowed`` (the token or the account may not),
            ``unknown`` (there is none), ``taken`` (a name that belongs to somebody), ``confusable``
            (a name that reads like one that belongs to somebody), ``exists`` (a version that is
            there or under way), ``incompatible`` (a spec that this workshop does not know so),
            ``state`` (not now), ``too-large``, ``too-many`` (wait, or end something first).
        message: what happened, and what to do.
    """

    def __init__(self, reason: WorkshopRefusal, message: str) -> None:
        super().__init__(reason, message)
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return self.message


class WorkshopNotAvailable(WorkshopError):
    """A workshop's database does not answer, is locked, or cannot be written. What was begun is
    finished or undone when it answers again.
    """


class WorkshopNotUsable(WorkshopError):
    """A folder of keys, signed metadata or plugins, or a workshop's database or settings, is not
    there, not private, damaged, or of another version.
    """


class StoreError(RingfenceError):
    """Of the database of a service, which holds its sessions, keys and audit log."""


class StoreUnavailable(StoreError):
    """A service's database does not answer, is locked, or cannot be written, as on a full disk.

    Attributes:
        kept: False where nothing of the change was kept; None where that is not known, because the
            database went away while it was asked to keep it, and did not come back in time.
    """

    def __init__(self, message: str, *, kept: bool | None = False) -> None:
        super().__init__(message)
        self.kept = kept


class StoreNotUsable(StoreError):
    """A service's database is of another version, or is not as it was written: a broken audit
    chain, bytes that belong to another database.
    """


class BlobLost(StoreError):
    """Bytes that a row of a service's database points at are gone, or are not those that were
    written, as after a loss of power with ``sync="normal"``.
    """


class Fenced(StoreError):
    """Another server was started on this one's database, which is its own from then on. Nothing of
    the change was kept.
    """


class ServiceError(RingfenceError):
    """A service does not do what it was asked.

    Attributes:
        problem: which of its problems it is, as ``not-allowed``; empty where it told none.
        detail: what happened, in its words.
        request_id: under which its log has it; empty where it told none.
    """

    def __init__(self, problem: str, detail: str, request_id: str = "") -> None:
        super().__init__(problem, detail, request_id)
        self.problem = problem
        self.detail = detail
        self.request_id = request_id

    def __str__(self) -> str:
        return f"{self.detail} (request {self.request_id})" if self.request_id else self.detail


class ServiceUnavailable(ServiceError):
    """A service cannot be reached, is overloaded or being stopped, or lacks what it needs.

    What was asked for may have happened, unless it was a run: see :class:`Interrupted`.
    """


class QuotaExceeded(ServiceError):
    """A quota of the tenant is used up: runs at once, in a minute, or CPU seconds in a day.

    Attributes:
        retry_after: seconds after which it may go better; None where nobody knows.
    """

    def __init__(
        self, problem: str, detail: str, request_id: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(problem, detail, request_id)
        self.args = (problem, detail, request_id, retry_after)
        self.retry_after = retry_after


class NotAuthorized(ServiceError):
    """A key is needed, does not hold, or may not do this."""


class SessionUnknown(ServiceError, LookupError):
    """There is no session of this id, or it is another tenant's, which a service does not tell."""


class SessionExists(ServiceError):
    """There is a session of this id already."""


class SessionBusy(ServiceError):
    """The session is running something, and the request was not to wait for it."""


class SessionLost(ServiceError):
    """What was kept of the session cannot be brought back."""


class Interrupted(ServiceError):
    """The service ended while this ran, and what it had done to its session is gone. It is never
    run a second time by itself: whether it should run again only the caller knows.
    """


class HookUnanswered(RingfenceError):
    """No plugin answered a hook, and the spec has no answer of its own.

    Attributes:
        hook: which.
        failures: what went wrong in each plugin that was asked; texts are the plugins'.
    """

    def __init__(self, hook: str, failures: tuple[HookFailure, ...]) -> None:
        super().__init__(hook, failures)
        self.hook = hook
        self.failures = failures

    def __str__(self) -> str:
        if not self.failures:
            return f"{self.hook}: no plugin implements it, and the spec has no answer of its own"
        return f"{self.hook}: no plugin answered: " + "; ".join(map(str, self.failures))


class NoModel(RingfenceError):
    """An agent's task is for a language model, and none is configured, or not usably.

    The message names the variables to set.
    """


class ModelFailed(RingfenceError):
    """A language model did not answer an agent's task, or answered what is no answer.

    The message has nothing of what its endpoint said, which may hold a key; that is the exception's
    ``__cause__``.
    """


class GuestVisibleError(RingfenceError):
    """Raise it in a host function when the guest may read the message.

    Any other exception reaches the guest as ``HostFunctionError(name)`` and nothing else.
    """


class FieldProblem(NamedTuple):
    """One thing that is wrong in the arguments or in the result of a tool.

    Attributes:
        field: where, as ``arguments.options[3].depth``.
        expected: what its schema asks for; bounded.
        got: a bounded description of what came instead.
    """

    field: str
    expected: str
    got: str


class ToolRefused(GuestVisibleError):
    """A call of another server's tool was not made, or did not end well. The guest may read why.

    Attributes:
        code: ``unknown`` (no such tool), ``not-allowed`` (not on the operator's list, or not among
            the caller's ``allowed_tools``), ``arguments`` (they do not match the tool's schema;
            nothing was sent), ``result`` (what came back does not match it, or is too large),
            ``approval`` (it is destructive, and nobody approved it), ``budget`` (too many calls),
            ``server`` (it does not run, died, or says that the call failed), ``timeout``.
        message: what happened, and what to do about it.
        errors: what is wrong, field by field; of ``arguments`` and ``result`` only.
    """

    def __init__(
        self, code: ToolRefusal, message: str, errors: tuple[FieldProblem, ...] = ()
    ) -> None:
        super().__init__(code, message, errors)
        self.code = code
        self.message = message
        self.errors = errors

    def __str__(self) -> str:
        return self.message + "".join(
            f"\n- {one.field}: expected {one.expected}, got {one.got}" for one in self.errors
        )


class GuestFailure(RingfenceError):
    """The guest did not end with status ``ok``. ``result`` is the whole :class:`Result`."""

    def __init__(self, message: str, result: Result) -> None:
        super().__init__(message)
        self.result = result

    def __reduce__(self) -> tuple[type[GuestFailure], tuple[str, Result]]:
        return (type(self), (str(self), self.result))


class GuestError(GuestFailure):
    """The guest raised an exception and did not catch it."""


class LimitExceeded(GuestFailure):
    """The guest reached a limit; ``result.limit`` names it."""


class TimeLimitExceeded(LimitExceeded, TimeoutError):
    """``wall``, ``host_wall`` or ``cpu``."""


class MemoryLimitExceeded(LimitExceeded, MemoryError):
    """``memory``."""


class OutputLimitExceeded(LimitExceeded):
    """``output``, ``display`` or ``value``."""


class GuestCrashed(GuestFailure):
    """The guest process died, or broke the protocol. ``result.error.type`` says how."""


class GuestCancelled(GuestFailure):
    """The caller cancelled the turn."""
