"""What came of a turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Literal

from ringfence import errors
from ringfence.model.usage import Usage
from ringfence_guest.protocol.report import Display
from ringfence_guest.protocol.report import ErrorInfo as GuestErrorInfo

__all__ = ["GuestErrorInfo", "Result", "Status"]

Status = Literal["ok", "error", "limit", "crashed", "cancelled"]

_LIMIT_ERRORS: Mapping[str, type[errors.LimitExceeded]] = MappingProxyType(
    {
        "wall": errors.TimeLimitExceeded,
        "host_wall": errors.TimeLimitExceeded,
        "cpu": errors.TimeLimitExceeded,
        "memory": errors.MemoryLimitExceeded,
        "output": errors.OutputLimitExceeded,
        "display": errors.OutputLimitExceeded,
        "value": errors.OutputLimitExceeded,
    }
)


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of a turn. Everything that the guest chose (value, text, error) is guest data.

    Attributes:
        status: ``ok``; ``error`` (the guest raised and did not catch); ``limit`` (it reached the
            limit that ``limit`` names); ``crashed`` (it died or broke the protocol);
            ``cancelled`` (the caller asked).
        limit: the limit reached, by its name in :class:`~ringfence.Limits`.
        value: the value of the last expression, or what a called function returned.
        stdout: what the guest printed.
        stderr: what it wrote to stderr (``logging`` and ``warnings`` go there).
        displays: what it displayed, media type -> content.
        error: type, message and traceback; None when ``ok``.
        usage: what the turn used.
        enforced: limit or grant -> the mechanism that enforced it.
        engine: the engine that ran.
        walls: the walls that stood.
        alive: whether the sandbox can take another turn.
        abandoned: threaded host functions that were still running when the turn ended.
    """

    status: Status
    limit: str | None = None
    value: Any = None
    stdout: str = ""
    stderr: str = ""
    displays: tuple[Display, ...] = ()
    error: GuestErrorInfo | None = None
    usage: Usage = field(default_factory=Usage)
    enforced: Mapping[str, str] = field(default_factory=dict, repr=False)
    engine: str = ""
    walls: frozenset[str] = frozenset()
    alive: bool = False
    abandoned: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        """Results pickle and copy: a worker process may hand them on."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        values["enforced"] = dict(self.enforced)  # an engine's is a view that does not pickle
        return _rebuild, (values,)

    @property
    def ok(self) -> bool:
        """Whether ``status`` is ``ok``."""
        return self.status == "ok"

    def raise_for_status(self) -> Result:
        """Return self if ``ok``, else raise the :class:`~ringfence.GuestFailure` that it is.

        Raises:
            GuestError: status ``error``.
            TimeLimitExceeded, MemoryLimitExceeded, OutputLimitExceeded, LimitExceeded: ``limit``.
            GuestCrashed: ``crashed``.
            GuestCancelled: ``cancelled``.
        """
        if self.status == "ok":
            return self
        kind: type[errors.GuestFailure]
        if self.status == "limit":
            kind = _LIMIT_ERRORS.get(self.limit or "", errors.LimitExceeded)
        elif self.status == "error":
            kind = errors.GuestError
        elif self.status == "crashed":
            kind = errors.GuestCrashed
        else:
            kind = errors.GuestCancelled
        raise kind(self._describe(), self)

    def _describe(self) -> str:
        if self.error is None:
            return f"the guest ended with status {self.status}"
        if self.status == "error":
            text = f"the guest raised {self.error.type}: {self.error.message}"
            return f"{text}\n\n{self.error.traceback}".rstrip()
        return self.error.message or self.error.type


def _rebuild(values: dict[str, Any]) -> Result:
    return Result(**{**values, "enforced": MappingProxyType(values["enforced"])})
