"""A person's approval of a destructive tool, asked for by MCP elicitation."""

from __future__ import annotations

import asyncio
import json
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import mcp_types as types

from ringfence.mcp.server.asking import NotAsked

if TYPE_CHECKING:
    from ringfence.mcp.broker.calls import ApprovalRequest, Approve
    from ringfence.mcp.recording import Recorder
    from ringfence.mcp.server.asking import Conversation

__all__ = ["approving", "question_of"]

_ALLOWED = "allowed"
_LONGEST_VALUE = 300
_LONGEST = 4_000
_MOST_AT_ONCE = 4
_MOST_REFUSED = 3
_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "allow": {
            "type": "boolean",
            "title": "Allow this call",
            "description": "It may change or delete something.",
            "default": False,
        }
    },
    "required": ["allow"],
}


def approving(conversation: Conversation, recorder: Recorder) -> Approve:
    """Who asks the client of one run. Whatever is no clear yes is a no.

    A person is asked a few things at once, and nothing more once they have said no a few times: a
    guest that asks on and on wants somebody to get tired of it.

    Args:
        conversation: the run's.
        recorder: is told what was answered.
    """
    at_once = asyncio.Semaphore(_MOST_AT_ONCE)
    refused = 0

    async def ask(request: ApprovalRequest) -> str:
        nonlocal refused
        question = question_of(request)
        if question is None:
            return "not asked: its arguments are too long to be shown"
        async with at_once:
            if refused >= _MOST_REFUSED:
                return f"not asked: {refused} were refused in this run"
            try:
                reply = await conversation.ask(question)
            except NotAsked as error:
                return f"not asked: {error}"
            if (
                isinstance(reply, types.ElicitResult)
                and reply.action == "accept"
                and reply.content is not None
                and reply.content.get("allow") is True
            ):
                return _ALLOWED
            refused += 1
            return "refused"

    async def approve(request: ApprovalRequest) -> bool:
        outcome = await ask(request)
        run = request.run
        details = {"tool": request.tool.name, "outcome": outcome, "run_id": run.run_id}
        recorder.note("mcp.approval", run.client, details)
        return outcome == _ALLOWED

    return approve


def question_of(request: ApprovalRequest) -> types.ElicitRequest | None:
    """What the person is shown: the tool, and what the guest would give it, as data.

    None where that is too much to be shown: nobody agrees to what they did not see. Of a long value
    its beginning, its end and its length are shown, after all short ones.
    """
    shown = [
        f"  {_plain(name, 100)} = {_value(value)}" for name, value in request.arguments.items()
    ]
    lines = "\n".join(sorted(shown, key=len)) or "  (no arguments)"
    if len(lines) > _LONGEST:
        return None
    message = (
        f"Code that runs in the sandbox wants to call {_plain(request.tool.name, 200)}, which may "
        f"change or delete something. Its arguments:\n{lines}"
    )
    parameters = types.ElicitRequestFormParams(message=message, requested_schema=dict(_SCHEMA))
    return types.ElicitRequest(params=parameters)


def _value(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=repr)
    if len(text) <= _LONGEST_VALUE:
        return _plain(text, _LONGEST_VALUE)
    half = _LONGEST_VALUE // 2
    return f"{_plain(text[:half], half)} … {_plain(text[-half:], half)} ({len(text):,} characters)"


def _plain(text: str, most: int) -> str:
    """A text without what a terminal or a page would act on, or that turns its direction."""
    cut = text[:most] + ("…" if len(text) > most else "")
    return "".join(
        one if one == " " or unicodedata.category(one)[0] not in "CZ" else f"\\u{ord(one):04x}"
        for one in cut
    )
