"""The tool ``python_executor``: what a model may ask of it, decided in one place.

What a model writes is hostile: it may repeat what a guest printed, or a text that it was given to
read. So a call is checked against the task, which no model can change: its session, its time-out.
"""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ringfence.agent.task import TOOL, Task

__all__ = ["Call", "CallRefused", "parse_call", "schema_for"]

_MOST_CODE = 1 << 20
_MOST_STDIN = 1 << 20
_MOST_TEXT = 4 << 20


class CallRefused(Exception):
    """A tool call that is not made; the text is for the model, and says what would be."""


class Call(BaseModel):
    """The arguments of ``python_executor``.

    Attributes:
        code: a program.
        session_id: the task's own, or None for it.
        timeout_seconds: at most the task's; None is the task's.
        stdin: what the program reads; None is the task's.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    code: Annotated[str, Field(min_length=1, max_length=_MOST_CODE)]
    session_id: str | None = None
    timeout_seconds: Annotated[float, Field(ge=1, allow_inf_nan=False)] | None = None
    stdin: Annotated[str, Field(max_length=_MOST_STDIN)] | None = None


def schema_for(task: Task) -> dict[str, Any]:
    """The arguments as JSON Schema, as narrow as the task: what is refused is not offered."""
    properties: dict[str, Any] = {
        "code": {"type": "string", "description": "A Python program."},
        "timeout_seconds": {
            "type": "number",
            "minimum": 1,
            "maximum": task.timeout_seconds,
            "description": "How long it may run.",
        },
        "stdin": {"type": "string", "description": "What it reads from standard input."},
    }
    if task.session_id is not None:
        properties["session_id"] = {
            "type": "string",
            "enum": [task.session_id],
            "description": "May be left out: there is one session.",
        }
    return {
        "type": "object",
        "properties": properties,
        "required": ["code"],
        "additionalProperties": False,
    }


def parse_call(tool: str, arguments: str | dict[str, Any] | None, task: Task) -> Call:
    """A tool call of a model's.

    Args:
        tool: the name that it called.
        arguments: as it wrote them.
        task: what it works on.

    Raises:
        CallRefused: another tool, arguments that are malformed, or more than the task allows.
    """
    if tool != TOOL:
        raise CallRefused(f"there is no tool {_short(tool)}; the only one is {TOOL}")
    call = _checked(_decoded(arguments))
    if call.session_id is not None and call.session_id != task.session_id:
        own = "this task has none" if task.session_id is None else f"only {task.session_id!r} is"
        raise CallRefused(f"session_id: {_short(call.session_id)} is not this task's; {own}")
    if call.timeout_seconds is not None and call.timeout_seconds > task.timeout_seconds:
        raise CallRefused(
            f"timeout_seconds: {call.timeout_seconds:g} is more than the "
            f"{task.timeout_seconds:g} that this task allows"
        )
    return call


def _decoded(arguments: str | dict[str, Any] | None) -> Any:
    if not isinstance(arguments, str):
        return arguments or {}
    if len(arguments) > _MOST_TEXT:
        raise CallRefused(f"the arguments have more than {_MOST_TEXT:,} characters")
    try:
        return json.loads(arguments or "{}")
    except ValueError as error:
        raise CallRefused(f"the arguments are not JSON: {error}") from None
    except RecursionError:
        raise CallRefused("the arguments are not JSON that can be read: too deep") from None


def _checked(arguments: Any) -> Call:
    try:
        return Call.model_validate(arguments)
    except ValidationError as error:
        wrong = [
            f"{'.'.join(map(str, one['loc'])) or 'the arguments'}: {one['msg']}"
            for one in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise CallRefused("; ".join(wrong[:5])[:1_000]) from None


def _short(text: str) -> str:
    return repr(text if len(text) <= 100 else f"{text[:100]}…")
