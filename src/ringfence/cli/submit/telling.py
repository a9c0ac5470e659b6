"""What an agent does and answers, on the terminal. All of it is text of others, and is escaped."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from ringfence.agent.showing import clip, output_of
from ringfence.cli import exits
from ringfence.cli.escape import escape
from ringfence.cli.report import complain
from ringfence.model.as_json import dump

__all__ = ["exit_status", "tell_answer", "tell_step"]

_SHOWN = 4_000


def tell_step(step: Mapping[str, Any], reply: Mapping[str, Any] | None) -> None:
    """One step on standard error: what was said, run with what came of it, or refused."""
    if step["kind"] == "said":
        _indented(step["text"])
    elif step["kind"] == "refused":
        complain(f"a call of {step['tool']}: {step['reason']}", "refused")
    else:
        lines = str(step["code"]).count("\n") + 1
        complain(f"{lines} line{'s' * (lines > 1)} of Python", "ran")
        _indented(step["code"])
        if reply is not None:
            complain(str(reply["status"]), "result")
            _indented(output_of(reply, _SHOWN))


def _indented(text: str) -> None:
    for line in escape(clip(text, _SHOWN)).splitlines():
        sys.stderr.write(f"    {line}\n")
    sys.stderr.flush()


def tell_answer(answer: Mapping[str, Any], *, as_json: bool) -> int:
    """The answer on standard output, or why there is none; gives the exit status."""
    if as_json:
        sys.stdout.write(dump(answer))
    elif answer["answer"] is not None:
        text = escape(str(answer["answer"]))
        sys.stdout.write(text if text.endswith("\n") or not text else f"{text}\n")
    else:
        complain(str(answer["reason"]), str(answer["status"]))
    sys.stdout.flush()
    return exit_status(answer)


def exit_status(answer: Mapping[str, Any]) -> int:
    """Of a task for a model: whether it was answered."""
    return {"answered": exits.OK, "bounded": exits.LIMIT}.get(
        answer["status"], exits.ENGINE_FAILURE
    )
