"""What an agent is asked, what it did, and what it answers: plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Protocol

from ringfence.errors import ConfigurationError

__all__ = [
    "MOST_SECONDS",
    "TOOL",
    "Answer",
    "Bounds",
    "Execute",
    "Mode",
    "Ran",
    "Refused",
    "Reply",
    "Said",
    "Step",
    "Task",
    "Used",
]

TOOL = "python_executor"
"""The only tool that there is."""

MOST_SECONDS = 60.0
"""The longest time-out of one run that can be asked for."""

Mode = Literal["simple", "standard"]

Reply = Mapping[str, Any]
"""What came of a run: a :class:`~ringfence.Result` as JSON (``ringfence.model.as_json``), and where
a service ran it, ``run_id`` and ``session``."""


class Execute(Protocol):
    """Runs code in a guest."""

    async def __call__(
        self, code: str, session_id: str | None, timeout_seconds: float, stdin: str | None
    ) -> Reply:
        """What came of it. Cancelling the awaiting task ends the run.

        Args:
            code: a program; what a model wrote is as hostile as what a guest's author did.
            session_id: whose variables it sees; None is a fresh guest.
            timeout_seconds: how long it may take.
            stdin: what it reads from standard input.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is asked for.

    Attributes:
        query: code (:mod:`ringfence.agent.direct`), or a request in words.
        mode: ``simple`` is one run, and its output is the answer; ``standard`` runs, reads errors,
            repairs, and answers in words. Code is one run in both.
        session_id: the only session that the task may use; None: each run has a fresh guest.
        stdin: what runs read from standard input, where the model gives them nothing else.
        timeout_seconds: the longest that one run may take, from 1 to 60.

    Raises:
        ConfigurationError: one of these is not what it should be.
    """

    query: str
    mode: Mode = "standard"
    session_id: str | None = None
    stdin: str | None = None
    timeout_seconds: float = 30.0

    def __post_init__(self) -> None:
        if not self.query.strip():
            raise ConfigurationError("query: it is empty")
        if self.mode not in ("simple", "standard"):
            raise ConfigurationError(f"mode={self.mode!r} is neither 'simple' nor 'standard'")
        if not 1 <= self.timeout_seconds <= MOST_SECONDS:
            raise ConfigurationError(
                f"timeout_seconds={self.timeout_seconds!r} must be from 1 to {MOST_SECONDS:g}"
            )


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What bounds a task that a model works on. All of them hold whatever the model writes.

    Attributes:
        turns: requests to the model.
        calls: tool calls, those that were refused included.
        query: bytes, in UTF-8, of a query in words: all of it is sent with each request. Code is
            not bounded by this.
        tokens: what the model reads and writes. A request that may exceed it is not sent
            (:class:`~ringfence.agent.model.Ahead`); what was used is what its endpoint reports.
            None is no bound.
        response_tokens: what one response may have; the endpoint is asked to keep it.
        spend: US dollars, by the prices of :class:`~ringfence.agent.model.Model`; likewise.
        seconds: the whole task.
        results: bytes of values, output and displays of all runs together: they are held, and all
            answered at the end. Checked before each run.
        shown: characters of each text (output, error, value) of a run that the model is shown.
        request_seconds: one request to the model.
        retries: how often a request that failed for a passing reason is sent again.
    """

    turns: int = 8
    calls: int = 16
    query: int = 64 << 10
    tokens: int | None = 200_000
    response_tokens: int = 4_096
    spend: Decimal | None = None
    seconds: float = 120.0
    results: int = 64 << 20
    shown: int = 8_000
    request_seconds: float = 60.0
    retries: int = 2


@dataclass(frozen=True)
class Said:
    """The model said something beside its tool calls, or at last."""

    text: str

    def as_json(self) -> dict[str, Any]:
        """As ``POST /agent/query`` tells it."""
        return {"kind": "said", "text": self.text}


@dataclass(frozen=True)
class Ran:
    """Code ran; ``results[result]`` of the answer is ``reply``, what came of it."""

    code: str
    timeout_seconds: float
    result: int
    reply: Reply = field(default_factory=dict, repr=False, compare=False)

    def as_json(self) -> dict[str, Any]:
        """As ``POST /agent/query`` tells it."""
        return {
            "kind": "ran",
            "code": self.code,
            "timeout_seconds": self.timeout_seconds,
            "result": self.result,
        }


@dataclass(frozen=True)
class Refused:
    """A tool call that was not made, and what the model was told about it."""

    tool: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        """As ``POST /agent/query`` tells it."""
        return {"kind": "refused", "tool": self.tool, "reason": self.reason}


Step = Said | Ran | Refused


@dataclass
class Used:
    """What a task used.

    Attributes:
        requests: to the model, those that it has not answered included.
        tool_calls: that it made, those that were refused included.
        input_tokens: as its endpoint reports them.
        output_tokens: likewise.
        cost: US dollars; None where no price is known.
        seconds: the whole task.
    """

    requests: int = 0
    tool_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal | None = None
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """As ``POST /agent/query`` tells it; ``cost`` is text, exact."""
        return {
            "requests": self.requests,
            "tool_calls": self.tool_calls,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost": None if self.cost is None else format(self.cost, "f"),
            "seconds": round(self.seconds, 6),
        }


@dataclass
class Answer:
    """What came of a task, complete also where no answer was found.

    Attributes:
        mode: that of the task.
        answer: text; None if there is none. It is the model's or the guest's: data.
        status: ``answered``; ``bounded`` (``bound`` says which was reached); ``failed`` (the model
            did; ``reason`` says how).
        bound: ``turns``, ``calls``, ``tokens``, ``spend``, ``results`` or ``seconds``.
        reason: why there is no answer, in a sentence.
        steps: what was done, in order.
        results: what the runs came to.
        usage: what it cost.
    """

    mode: Mode
    answer: str | None = None
    status: Literal["answered", "bounded", "failed"] = "answered"
    bound: str | None = None
    reason: str | None = None
    steps: list[Step] = field(default_factory=list)
    results: list[Reply] = field(default_factory=list)
    usage: Used = field(default_factory=Used)

    def as_json(self) -> dict[str, Any]:
        """As ``POST /agent/query`` tells it."""
        return {
            "answer": self.answer,
            "mode": self.mode,
            "status": self.status,
            "bound": self.bound,
            "reason": self.reason,
            "steps": [step.as_json() for step in self.steps],
            "results": [dict(result) for result in self.results],
            "usage": self.usage.as_json(),
        }
